"""Makes a believable Estonian company of any size from a seed. Every name and number is invented."""

from scoro_smartaccounts.sandbox.generator.company import (
    Generated,
    Planted,
    generate,
    keyed_in_until,
    populate,
)
from scoro_smartaccounts.sandbox.generator.features import ALL_FEATURES, BadReason, Feature

__all__ = [
    "ALL_FEATURES",
    "BadReason",
    "Feature",
    "Generated",
    "Planted",
    "generate",
    "keyed_in_until",
    "populate",
]
