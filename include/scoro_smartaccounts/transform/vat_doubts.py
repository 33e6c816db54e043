"""Where the VAT code of a line and the partner do not go together. Never an error: a person decides."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from scoro_smartaccounts.codes import HOME, UNION
from scoro_smartaccounts.company import VatRule
from scoro_smartaccounts.documents import Partner
from scoro_smartaccounts.reasons import phrase, reason
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
    client's country and VAT number in SmartAccounts. `in_books` is None of a client that is still to be created."""
    country = _country(client)
    if not rule.intra_community:
        if percent == 0 and country in _OTHERS:
            say(reason("union_sale_missing", vat_code=rule.smartaccounts, country=country))
        return
    key = "union_sale_doubtful"
    if not country:
        say(reason(f"{key}.no_country", vat_code=rule.smartaccounts))
    elif country == HOME:
        say(reason("union_sale_doubtful", vat_code=rule.smartaccounts))
    elif country not in _OTHERS:
        say(reason(f"{key}.outside", vat_code=rule.smartaccounts, country=country))
    if client is not None and client.is_person:
        say(reason(f"{key}.person", vat_code=rule.smartaccounts))
    elif client is not None and not client.vat_number:
        say(reason(f"{key}.no_vat_number", vat_code=rule.smartaccounts))
    elif in_books is not None and country in _OTHERS and in_books.country not in _OTHERS:
        there = in_books.country or phrase("none")
        say(reason(f"{key}.country_in_books", vat_code=rule.smartaccounts, country=country, there=there))
    elif in_books is not None and country in _OTHERS and not in_books.vat_number:
        say(reason(f"{key}.no_vat_number_in_books", vat_code=rule.smartaccounts))


def _country(partner: Partner | None) -> str:
    return partner.address.country if partner is not None and partner.address is not None else ""
