"""What the accountant reads in a question: a table a flow, totals by currency and VAT code, in Markdown.

Names that are certainly a company's stand here, others do not: Airflow keeps the text.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.documents import Flow, payment_name
from scoro_smartaccounts.common.markdown import as_text
from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, render
from scoro_smartaccounts.common.reasons.spoken import fitting
from scoro_smartaccounts.common.visible import visible
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.matching.identity.profiles import profile_of
from scoro_smartaccounts.smartaccounts.words import CREDIT

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scoro_smartaccounts.staging.approvals import AskedDocument
    from scoro_smartaccounts.staging.scoro_registers import StagedContact

# So many documents stand in the table; the list in the output folder has all.
MOST_SHOWN = 200

_TITLES: Mapping[Flow, str] = {
    Flow.SALES_INVOICES: "Sales invoices · Müügiarved",
    Flow.PURCHASE_INVOICES: "Purchase invoices · Ostuarved",
    Flow.PAYMENTS: "Payments · Maksed",
}
_NOUNS: Mapping[Flow, str] = {
    Flow.SALES_INVOICES: "Scoro invoice",
    Flow.PURCHASE_INVOICES: "Scoro bill",
    Flow.PAYMENTS: "Scoro receipt",
}
_FLOWS: Mapping[str, Flow] = {noun: flow for flow, noun in _NOUNS.items()}
_LABEL = re.compile(rf"\(({'|'.join(_NOUNS.values())}) ([\w-]+)\)$")


@dataclass(frozen=True, slots=True)
class Asked:
    """A document that is asked about, with signed amounts in its currency; payments have a total only.

    `partner` is a company's name or a contact of Scoro, `vat_codes` VAT by SmartAccounts' code; `declared`: what the
    buyer declares of it, by code, and pays to no vendor (reverse charge).
    """

    flow: Flow
    source_id: str
    number: str
    day: date
    partner: str
    net: Decimal | None
    vat: Decimal | None
    total: Decimal
    currency: str
    vat_codes: Mapping[str, Decimal]
    declared: Mapping[str, Decimal]
    creates: tuple[Phrase, ...]
    warnings: tuple[Reason, ...]

    @property
    def label(self) -> str:
        """How the accountant picks it; one of its kind."""
        where = f"({_NOUNS[self.flow]} {self.source_id})"
        return f"{' '.join(self.number.split())}, {self.day:%d.%m.%Y}, {self.total:.2f} {self.currency} {where}"

    @classmethod
    def from_plan(cls, asked: AskedDocument, contact: StagedContact | None) -> Asked:
        """From what stands in an open question, and the document's contact."""
        plan, flow = asked.plan, asked.flow
        body = json.loads(plan["payload"])
        predicted = plan["predicted"]
        day = date.fromisoformat(plan["day"])
        sign = -1 if isinstance(body, dict) and body.get("type") == CREDIT else 1
        spec = INVOICE_FLOWS.get(flow)
        creates: list[Phrase] = []
        if spec is not None and plan["new_partner"] is not None and plan["partner_remote_id"] is None:
            creates.append(phrase(f"{spec.partner}_word"))
        creates += [phrase("article", id=item["body"]["code"]) for item in plan["new_articles"]]
        return cls(
            flow=flow,
            source_id=asked.source_id,
            number=payment_name(asked.source_id, day) if spec is None else visible(plan["number"]),
            day=day,
            partner=_partner(asked.partner_id, contact),
            net=None if spec is None else sign * Decimal(predicted["net"]),
            vat=None if spec is None else sign * Decimal(predicted["vat"]),
            total=sign * Decimal(predicted["total"]),
            currency=plan["currency"],
            vat_codes=_by_code(predicted, "vat_by_code", sign),
            declared=_by_code(predicted, "declared_by_code", sign),
            creates=tuple(creates),
            warnings=tuple(map(Reason.from_json, plan["warnings"])),
        )


@dataclass(frozen=True, slots=True)
class Sums:
    """What documents in one currency come to; payments have a total only."""

    currency: str
    documents: int
    net: Decimal | None
    vat: Decimal | None
    total: Decimal
    vat_codes: Mapping[str, Decimal]
    declared: Mapping[str, Decimal]


def sums_of(documents: Iterable[Asked]) -> list[Sums]:
    """Return what documents come to, a currency each."""
    by_currency: dict[str, list[Asked]] = defaultdict(list)
    for document in documents:
        by_currency[document.currency].append(document)
    return [
        Sums(
            currency=currency,
            documents=len(some),
            net=_sum(each.net for each in some),
            vat=_sum(each.vat for each in some),
            total=sum((each.total for each in some), ZERO),
            vat_codes=_sum_by_code(each.vat_codes for each in some),
            declared=_sum_by_code(each.declared for each in some),
        )
        for currency, some in sorted(by_currency.items())
    ]


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, ZERO) if known else None


def _sum_by_code(shares: Iterable[Mapping[str, Decimal]]) -> Mapping[str, Decimal]:
    sums: dict[str, Decimal] = defaultdict(lambda: ZERO)
    for share in shares:
        for code, amount in share.items():
            sums[code] += amount
    return dict(sorted(sums.items()))


def _by_code(predicted: Mapping[str, Any], name: str, sign: int) -> Mapping[str, Decimal]:
    # What an earlier version planned may not tell.
    return {code: sign * Decimal(amount) for code, amount in (predicted.get(name) or {}).items()}


def _partner(contact_id: str | None, contact: StagedContact | None) -> str:
    # As the page calls it, which shows these too.
    name = "" if contact is None else visible(profile_of(contact.record).public_name)
    return name or f"Scoro kontakt {contact_id or '?'}"


def document_of(label: str) -> tuple[Flow, str] | None:
    """Return the document that a label means; None for a text that is none."""
    match = _LABEL.search(label.strip())
    return (_FLOWS[match[1]], match[2]) if match else None


def subject(company: str, documents: Sequence[Asked]) -> str:
    """Return the question's heading."""
    count = str(len(documents))
    english, estonian = fitting(count, "document|documents"), fitting(count, "dokument|dokumenti")
    return f"{company}: {count} {english} to approve · kinnitamist ootab {count} {estonian}"


def body(documents: Sequence[Asked], files: Sequence[str] = ()) -> str:
    """Return the question in full; `files`: where the lists of its documents lie."""
    parts = [
        "**Approve** books the documents below in SmartAccounts exactly as they stand here, but for those that you"
        " dismiss. **Reject** books none of them. Without an answer nothing is booked.",
        "**Approve** (kinnita): allolevad dokumendid kantakse SmartAccountsi täpselt sellisena, välja arvatud need,"
        " mille jätad kõrvale (*Dismiss*). **Reject** (lükka tagasi): midagi ei kanta. Vastuseta ei kanta midagi.",
    ]
    if files:
        parts.append("With every line · Kõigi ridadega: " + ", ".join(f"`{name}`" for name in files))
    for flow, title in _TITLES.items():
        rows = [document for document in documents if document.flow is flow]
        if rows:
            parts += [f"### {title}: {len(rows)}", _totals(rows), _table(rows), *_warnings(rows)]
    return "\n\n".join(parts)


def _table(documents: Sequence[Asked]) -> str:
    has_net = documents[0].net is not None
    amounts = ["Net · KM-ta", "VAT · KM", "VAT code · KM kood"] if has_net else []
    heads = [
        "No · Nr",
        "Date · Kuupäev",
        "Partner",
        *amounts,
        "Total · Kokku",
        "Currency · Valuuta",
        "Creates · Luuakse",
    ]
    lines = [_row(heads), _row(["---"] * len(heads))]
    lines += [
        _row(
            [
                document.number,
                f"{document.day:%d.%m.%Y}",
                document.partner,
                *([f"{document.net:.2f}", f"{document.vat:.2f}", _vat_codes(document)] if has_net else []),
                f"{document.total:.2f}",
                document.currency,
                ", ".join(map(_bilingual, document.creates)),
            ]
        )
        for document in documents[:MOST_SHOWN]
    ]
    if len(documents) > MOST_SHOWN:
        lines.append(f"\n… and {len(documents) - MOST_SHOWN} more, in the list.")
    return "\n".join(lines)


def _vat_codes(document: Asked) -> str:
    """Return the VAT codes of a document: with amounts where there are several, and what the buyer declares."""
    is_one = len(document.vat_codes) == 1
    return ", ".join(
        f"{code}: {_declared(document.declared[code])}"
        if code in document.declared
        else code
        if is_one
        else f"{code}: {amount:.2f}"
        for code, amount in document.vat_codes.items()
    )


def _declared(amount: Decimal) -> str:
    return f"reverse charge · pöördmaksustamine {amount:.2f}"


def _warnings(documents: Sequence[Asked]) -> list[str]:
    lines = [
        f"- {as_text(document.number)}: {as_text(' '.join(map(_bilingual, document.warnings)))}"
        for document in documents
        if document.warnings
    ][:MOST_SHOWN]
    return ["\n".join(["Worth a look · Vaata üle:", "", *lines])] if lines else []


def _bilingual(message: Phrase) -> str:
    english, estonian = render(message), render(message, "et")
    return english if english == estonian else f"{english} · {estonian}"


def _totals(documents: Iterable[Asked]) -> str:
    lines = []
    for of in sums_of(documents):
        named = (("net · KM-ta", of.net), ("VAT · KM", of.vat), ("total · kokku", of.total))
        amounts = ", ".join(f"{name} {amount:.2f}" for name, amount in named if amount is not None)
        lines.append(f"- **{as_text(of.currency)}**: {amounts}")
        for code, amount in of.vat_codes.items():
            line = f"- VAT code · KM kood {as_text(code)}: {amount:.2f} {as_text(of.currency)}"
            lines.append(f"{line}, {_declared(of.declared[code])}" if code in of.declared else line)
    return "\n".join(lines)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(as_text(cell) for cell in cells)} |"
