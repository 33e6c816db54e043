"""Makes a believable Estonian company of any size from a seed. Every name and number is invented."""

from scoro_smartaccounts_sandbox.generator.company import (
    Generated,
    Planted,
    PlantedBill,
    fill,
    generate,
    keyed_in_until,
    populate,
)
from scoro_smartaccounts_sandbox.generator.features import ALL_FEATURES, BadBill, BadReason, Feature

__all__ = [
    "ALL_FEATURES",
    "BadBill",
    "BadReason",
    "Feature",
    "Generated",
    "Planted",
    "PlantedBill",
    "fill",
    "generate",
    "keyed_in_until",
    "populate",
]
