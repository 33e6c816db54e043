"""Where the VAT code of a line and the partner do not go together. Never an error: a person decides."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.codes import HOME, UNION
from scoro_smartaccounts.common.reasons import Reason, phrase, reason

if TYPE_CHECKING:
    from decimal import Decimal

    from scoro_smartaccounts.common.company import VatRule
    from scoro_smartaccounts.common.documents import Partner
    from scoro_smartaccounts.transform.text import Say

_OTHERS = UNION - {HOME}


@dataclass(frozen=True, slots=True)
class PartnerInBooks:
    """What SmartAccounts holds of a client, as far as the VAT return goes by it; "" where it holds nothing."""

    country: str
    vat_number: str


def doubt_reverse_charge(rule: VatRule, percent: Decimal, vendor: Partner | None, say: Say) -> None:
    """Tell where VAT code and country of the vendor do not go together."""
    country = _country(vendor)
    if rule.reverse_charge and country in ("", HOME):
        key = "reverse_charge_doubtful" if country else "reverse_charge_doubtful.no_country"
        say(reason(key, vat_code=rule.smartaccounts))
    if not rule.reverse_charge and percent == 0 and country in _OTHERS:
        say(reason("reverse_charge_missing", vat_code=rule.smartaccounts, country=country))


def doubt_zero_rate_sale(
    rule: VatRule, percent: Decimal, client: Partner | None, in_books: PartnerInBooks | None, say: Say
) -> None:
    """Tell where a sale of 0 % and the client do not go together: the VAT return takes intra-Community sales by the
    client's country and VAT number in SmartAccounts. `in_books` is None of a client that is still to be created: it
    will hold there what Scoro has."""
    here = _country(client)
    there = here if in_books is None else in_books.country
    if not rule.intra_community:
        if percent == 0 and not _OTHERS.isdisjoint((here, there)):
            country = here if here in _OTHERS else there
            say(reason("union_sale_missing", vat_code=rule.smartaccounts, country=country))
        return
    if there not in _OTHERS:
        say(_doubtful_country(rule, here, there))
    key = "union_sale_doubtful"
    if client is not None and client.is_person:
        say(reason(f"{key}.person", vat_code=rule.smartaccounts))
    elif in_books is not None and not in_books.vat_number:
        say(reason(f"{key}.no_vat_number_in_books", vat_code=rule.smartaccounts))
    elif in_books is None and client is not None and not client.vat_number:
        say(reason(f"{key}.no_vat_number", vat_code=rule.smartaccounts))


def _doubtful_country(rule: VatRule, here: str, there: str) -> Reason:
    """Why the country that SmartAccounts holds is no other member state; "" where there is none."""
    key, country = "union_sale_doubtful", there or here
    if here in _OTHERS:
        shown = there or phrase("none")
        return reason(f"{key}.country_in_books", vat_code=rule.smartaccounts, country=here, there=shown)
    if not country:
        return reason(f"{key}.no_country", vat_code=rule.smartaccounts)
    if country == HOME:
        return reason(key, vat_code=rule.smartaccounts)
    return reason(f"{key}.outside", vat_code=rule.smartaccounts, country=country)


def _country(partner: Partner | None) -> str:
    return partner.address.country if partner is not None and partner.address is not None else ""
