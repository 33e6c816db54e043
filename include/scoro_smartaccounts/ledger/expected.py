"""What an entry of the ledger must hold, in euros, for a document or payment that was booked as planned.

Only what no chart of accounts can change is expected: the partner's side, the VAT accounts and the money account.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.money import CENT, ZERO
from scoro_smartaccounts.reasons import Phrase, phrase
from scoro_smartaccounts.staging.ledger import Booked, Entry
from scoro_smartaccounts.transform.payment import BANK
from scoro_smartaccounts.transform.sales_invoice import CREDIT

# Of a foreign document the bank's rate of a neighbouring day is no difference; of a payment that of the document.
_RATE_OF_DOCUMENT, _RATE_OF_PAYMENT = Decimal("0.03"), Decimal("0.10")
_TYPES = {Flow.SALES_INVOICES: "CLIENT_INVOICE", Flow.PURCHASE_INVOICES: "VENDOR_INVOICE"}


@dataclass(frozen=True, slots=True)
class Chart:
    """Accounts of SmartAccounts: those of VAT by code, and that of each bank and cash account by kind and name.
    `halved` are the VAT codes of which a half is not deducted."""

    vat: Mapping[str, frozenset[str]]
    halved: frozenset[str]
    money: Mapping[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the entry of a booked document holds. `doc_type` and `day` are the entry's; `number` and `paper` what it may
    be known by; `currency` the document's.

    `partner` is the debt, debit positive; `vat` the balance of `vat_accounts`; `declared` stands on both sides of
    these, `cents` more or less by rounding; `moved` is the balance of `money_account`. None is not compared. `extras`
    is that part of `moved` which is rounding, `share` how far amounts may be off where a rate is not known exactly,
    `rate` euros for a foreign unit.
    """

    doc_type: str
    day: date
    number: str
    paper: str
    currency: str
    partner: Decimal | None = None
    vat: Decimal | None = None
    vat_accounts: frozenset[str] = frozenset()
    declared: Decimal = ZERO
    cents: Decimal = ZERO
    moved: Decimal | None = None
    money_account: str = ""
    extras: Decimal = ZERO
    share: Decimal = ZERO
    rate: Decimal = Decimal(1)

    @property
    def is_nothing(self) -> bool:
        """Whether the document moves nothing in the ledger."""
        return self.partner == ZERO and not self.vat and not self.declared

    def equals(self, there: Decimal, here: Decimal) -> bool:
        """Whether an amount of the entry is the expected one, as exactly as can be known."""
        return abs(there - here) <= max(abs(here) * self.share, CENT * 2 if self.share else ZERO)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an entry is not as expected: what it is, in words, the two amounts, and what it may mean (the form of the
    reason; "" where nothing is known)."""

    what: Phrase
    there: Decimal
    here: Decimal
    cause: str = ""


def expected_of(flow: Flow, booked: Booked, chart: Chart, base_currency: str) -> Expected:
    """What the ledger must hold of a document that was booked."""
    if flow is Flow.PAYMENTS:
        return _of_payment(booked, chart, base_currency)
    return _of_invoice(flow, booked, chart, base_currency)


def _of_invoice(flow: Flow, booked: Booked, chart: Chart, base_currency: str) -> Expected:
    body: dict[str, Any] = _json(booked.payload)
    predicted = booked.predicted
    is_foreign = body["currency"] != base_currency
    rate = booked.rate if is_foreign else Decimal(1)
    # Debts of clients are debits; a credit invoice is booked the other way round.
    way = (1 if flow is Flow.SALES_INVOICES else -1) * (-1 if body.get("type") == CREDIT else 1)

    def euros(name: str) -> Decimal:
        return Decimal(predicted.get(name, "0")) * rate

    return Expected(
        doc_type=_TYPES[flow],
        day=_day(body["entryDate"]),
        number=str(booked.answer.get("number") or ""),
        paper=str(booked.answer.get("invoiceNumber") or body["invoiceNumber"]),
        currency=body["currency"],
        partner=way * euros("total"),
        vat=None if {row["vatPc"] for row in body["rows"]} & chart.halved else -way * euros("vat"),
        vat_accounts=frozenset().union(*(chart.vat.get(row["vatPc"], frozenset()) for row in body["rows"])),
        declared=abs(euros("declared")),
        cents=CENT * len(body["rows"]),
        share=_RATE_OF_DOCUMENT if is_foreign else ZERO,
        rate=rate,
    )


def _of_payment(booked: Booked, chart: Chart, base_currency: str) -> Expected:
    bodies: list[dict[str, Any]] = _json(booked.payload)
    # The last body has no part of its own.
    place = booked.part - 1 if booked.part else len(bodies) - 1
    body = bodies[place]
    moved = booked.predicted.get("moved")
    told = booked.predicted.get("rate")
    is_foreign = body["currency"] != base_currency
    rate = 1 / Decimal(told) if is_foreign and told else Decimal(1)
    is_known = moved is not None and place < len(moved) and (not is_foreign or told)
    extras = sum((Decimal(extra["price"]) * Decimal(extra["quantity"]) for extra in body.get("extras", ())), ZERO)
    return Expected(
        doc_type=f"{body['accountType']}_PAYMENT",
        day=_day(body["date"]),
        number=str(booked.answer.get("number") or ""),
        paper=str(body["document"]),
        currency=body["currency"],
        moved=Decimal(moved[place]) * rate if is_known and moved is not None else None,
        money_account=chart.money.get((body["accountType"] or BANK, body["accountName"]), ""),
        extras=extras * rate,
        share=_RATE_OF_PAYMENT if is_foreign else ZERO,
        rate=rate,
    )


def differences(expected: Expected, entry: Entry) -> list[Difference]:
    """Where an entry is not as expected."""
    found: list[Difference] = []
    if expected.partner is not None:
        found += _of_partner(expected, expected.partner, entry)
    if expected.vat is not None and expected.vat_accounts:
        found += _of_vat(expected, expected.vat, entry)
    if expected.moved is not None and expected.money_account:
        found += _of_money(expected, expected.moved, entry)
    return found


def _of_partner(expected: Expected, here: Decimal, entry: Entry) -> list[Difference]:
    """Some account holds the debt; which one, only the chart of accounts tells."""
    others = [amount for account, amount in entry.balances.items() if account not in expected.vat_accounts]
    if not here or any(expected.equals(amount, here) for amount in others):
        return []
    there = min(others, key=lambda amount: abs(amount - here), default=ZERO)
    return [Difference(phrase("posting_debt"), there, here, _cause_of_rate(expected, others, here))]


def _cause_of_rate(expected: Expected, amounts: list[Decimal], here: Decimal) -> str:
    """`rate` where an amount is what the rate gives the other way round."""
    upside_down = here / expected.rate**2
    is_it = expected.rate != 1 and any(
        abs(amount - upside_down) <= abs(upside_down) * expected.share for amount in amounts
    )
    return "rate" if is_it else ""


def _of_vat(expected: Expected, here: Decimal, entry: Entry) -> Iterator[Difference]:
    accounts = [account for account in expected.vat_accounts if account in entry.balances]
    there = sum((entry.balances[account] for account in accounts), ZERO)
    if not expected.equals(there, here):
        yield Difference(phrase("posting_vat"), there, here, _cause_of_rate(expected, [there], here) if here else "")
    debit = sum((entry.debits[account] for account in accounts), ZERO) - max(here, ZERO)
    # SmartAccounts may round what is declared once for all rows.
    is_enough = debit >= expected.declared - expected.cents or expected.equals(debit, expected.declared)
    if expected.declared and not is_enough:
        yield Difference(phrase("posting_declared"), debit, expected.declared, "reverse_charge")


def _of_money(expected: Expected, here: Decimal, entry: Entry) -> Iterator[Difference]:
    there = entry.balances.get(expected.money_account, ZERO)
    if expected.equals(there, here):
        return
    cause = ""
    if here and expected.equals(there, -here):
        cause = "side"
    elif expected.extras and abs(abs(there - here) - 2 * abs(expected.extras)) <= CENT:
        cause = "rounding"
    elif here:
        cause = _cause_of_rate(expected, [there], here)
    yield Difference(phrase("posting_money"), there, here, cause)


def _json(payload: str) -> Any:
    return json.loads(payload)


def _day(text: str) -> date:
    return datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007 a day has no zone
