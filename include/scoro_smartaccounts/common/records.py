"""What is compared to tell who is who: one record of either system's register, as that system holds it; and how sure
the answer is."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class PartnerRecord:
    """A contact of Scoro, or a client or vendor of SmartAccounts; empty text where a thing is not known.

    Codes, account and address stand as the systems have them: blanks and case do not matter. `is_person` is None where
    the system does not say (SmartAccounts). `name` is the whole name, a person's with the last name. `marked_id`: the
    Scoro id that our own marker in SmartAccounts' comment names; empty for contacts. `is_left_out`: of the annex of VAT
    returns, in SmartAccounts; None where nobody knows.
    """

    id: str
    name: str = field(repr=False)
    is_person: bool | None = None
    registry_code: str = field(default="", repr=False)
    vat_number: str = field(default="", repr=False)
    bank_account: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    country: str = field(default="", repr=False)
    city: str = field(default="", repr=False)
    street: str = field(default="", repr=False)
    postal_code: str = field(default="", repr=False)
    marked_id: str = ""
    is_left_out: bool | None = None


@dataclass(frozen=True, slots=True)
class ItemRecord:
    """A product of Scoro (`id` is its id, `code` may be empty) or an article of SmartAccounts (`id` is its code)."""

    id: str
    code: str
    name: str
    is_stock: bool | None = None


class Confidence(StrEnum):
    """CERTAIN may be linked without asking; LIKELY waits for a person's yes; CONFLICTING for a person's choice."""

    CERTAIN = "certain"
    LIKELY = "likely"
    CONFLICTING = "conflicting"
