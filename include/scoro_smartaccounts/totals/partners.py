"""Partners of a month: who belongs into the annex of the VAT return, who bought from another member state, and what
both sides say of each. Pure.

The annex (KMD INF, Value-Added Tax Act § 27) takes partners whose invoices of a month with a rate above 0 come to 1,000
euros or more without VAT, issued and received apart; private persons are left out. SmartAccounts counts invoices and
credit invoices apart, takes partners of Estonia or without a country and without the mark that leaves them out, and
says "over 1,000": at exactly 1,000.00 the two differ.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.codes import UNION, registry_code
from scoro_smartaccounts.common.countries import country_code
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.money import ZERO, cents
from scoro_smartaccounts.totals.ledger import in_euros
from scoro_smartaccounts.totals.sides import line_sign

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scoro_smartaccounts.common.records import PartnerRecord
    from scoro_smartaccounts.staging.facts import Contacts
    from scoro_smartaccounts.totals.computed import Totals
    from scoro_smartaccounts.totals.declared import Declared, Registers
    from scoro_smartaccounts.totals.sides import Settings

INF_THRESHOLD = Decimal(1000)
_HOME = "EE"
_KINDS = {Flow.SALES_INVOICES: "client", Flow.PURCHASE_INVOICES: "vendor"}
_SERVICE = "SERVICE"


@dataclass(frozen=True, slots=True)
class AnnexPartner:
    """A partner of the annex: invoices and credit invoices of the month without VAT."""

    remote_id: str
    name: str
    registry_code: str
    invoices: Decimal
    credits: Decimal
    by_law: bool
    by_smartaccounts: bool

    @property
    def is_doubtful(self) -> bool:
        """Whether the two rules differ, or the registry code is missing."""
        return self.by_law != self.by_smartaccounts or not self.registry_code


@dataclass(frozen=True, slots=True)
class UnionPartner:
    """Sales of 0 % to one VAT number of another member state, goods and services. `is_valid`: SmartAccounts holds a VAT
    number and a country of the Union for each."""

    vat_number: str
    name: str
    goods: Decimal
    services: Decimal
    is_valid: bool


def annex(
    documents: Iterable[Declared],
    registers: Registers,
    settings: Settings,
    contacts: Mapping[tuple[str, str], Contacts],
) -> list[AnnexPartner]:
    """Return the partners of documents of one flow and month that either rule takes, and the law does not leave out."""
    sums: dict[str, list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    records = {}
    for each in documents:
        record = registers.partner(each)
        if not any(settings.percents.get(code, ZERO) > 0 for code in each.bases):
            continue
        if record is not None and country_of(record.country) not in ("", _HOME):
            continue
        if _is_private(record, contacts.get((_KINDS[each.books.flow], each.books.partner_id))):
            continue
        records[each.books.partner_id] = record
        sums[each.books.partner_id][each.base < 0] += each.base
    found = []
    for partner_id, (invoices, credits) in sums.items():
        amounts = invoices, -credits
        record = records[partner_id]
        is_left_out = record is not None and bool(record.is_left_out)
        by_law, by_smartaccounts = max(amounts) >= INF_THRESHOLD, max(amounts) > INF_THRESHOLD and not is_left_out
        if by_law or by_smartaccounts:
            name, code = ("", "") if record is None else (record.name, record.registry_code)
            found.append(AnnexPartner(partner_id, name, code, invoices, credits, by_law, by_smartaccounts))
    return sorted(found, key=lambda each: (each.name, each.remote_id))


def _is_private(record: PartnerRecord | None, contacts: Contacts | None) -> bool:
    """Whether a partner is a person without a registry code: SmartAccounts does not say who is one, Scoro does."""
    has_code = record is not None and bool(registry_code(record.registry_code, record.country))
    return contacts is not None and contacts.are_persons and not has_code


def union_sales(documents: Iterable[Declared], registers: Registers, settings: Settings) -> list[UnionPartner]:
    """Return what was sold at 0 % to other member states, by VAT number."""
    codes = {rule.smartaccounts for rule in settings.rules.get(Flow.SALES_INVOICES, ()) if rule.intra_community}
    sums: dict[tuple[str, str, bool], list[Decimal]] = defaultdict(lambda: [ZERO, ZERO])
    for each in documents:
        if not codes & each.bases.keys():
            continue
        record = registers.partner(each)
        number = "" if record is None else record.vat_number.replace(" ", "").upper()
        country = "" if record is None else country_of(record.country)
        is_valid = bool(number) and country in UNION and country != _HOME
        key = number, "" if number and record is None else (record.name if record is not None else ""), is_valid
        for line in each.books.lines:
            if line.vat_code in codes:
                is_service = registers.article_types.get(line.article_code, _SERVICE) == _SERVICE
                sums[key][is_service] += line_sign(each.books) * cents(in_euros(each.books, line.net))
    return [
        UnionPartner(number, name, goods, services, is_valid)
        for (number, name, is_valid), (goods, services) in sorted(sums.items())
    ]


@dataclass(frozen=True, slots=True)
class PartnerSums:
    """What both sides say of a partner in a month and currency, without VAT and the VAT: Scoro's documents of the month
    that are linked, and SmartAccounts'. `contacts`: of Scoro, how many are this partner."""

    flow: Flow
    currency: str
    name: str
    contacts: Sequence[str]
    scoro_net: Decimal
    scoro_vat: Decimal
    books_net: Decimal
    books_vat: Decimal


def partner_sums(totals: Totals, registers: Registers, month_documents: Iterable[Declared]) -> list[PartnerSums]:
    """Return the partners of documents of one month, by flow and currency."""
    sums: dict[tuple[Flow, str, str], list[Decimal]] = defaultdict(lambda: [ZERO] * 4)
    for each in month_documents:
        found = sums[each.books.flow, each.books.currency, each.books.partner_id]
        found[2] += each.books.total - (each.books.vat or ZERO)
        found[3] += each.books.vat or ZERO
        if each.source is not None and not each.source.is_gone:
            sign = -1 if each.source.is_credit and each.source.net > 0 else 1
            found[0] += sign * each.source.net
            found[1] += sign * each.source.vat
    rows = []
    for (flow, currency, partner_id), amounts in sums.items():
        record = registers.partners.get(flow, {}).get(partner_id)
        found_contacts = totals.facts.contacts.get((_KINDS[flow], partner_id))
        contacts = () if found_contacts is None else found_contacts.ids
        rows.append(PartnerSums(flow, currency, record.name if record is not None else partner_id, contacts, *amounts))
    return sorted(rows, key=lambda each: (each.flow, each.currency, each.name))


def country_of(written: str) -> str:
    """Return a country's two letters; what cannot be read stays as it is."""
    return country_code(written) or written.strip().upper()
