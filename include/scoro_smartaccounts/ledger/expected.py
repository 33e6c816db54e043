"""What an entry of the ledger must hold, in euros, for a document or payment that was booked as planned.

Only what no chart of accounts can change is expected: the partner's side, the VAT accounts and the money account.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.assumptions import EXCHANGE_RATE_IS_FOREIGN_PER_EURO
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.kinds import OF_RATE, OF_REVERSE_CHARGE, DocumentKind
from scoro_smartaccounts.common.money import CENT, ZERO, cents
from scoro_smartaccounts.common.reasons import Phrase, phrase
from scoro_smartaccounts.smartaccounts.queries import sent_day
from scoro_smartaccounts.smartaccounts.words import BANK, CLIENT, CREDIT, INVOICE_TYPES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from scoro_smartaccounts.staging.ledger import Booked, Entry

# Of a foreign document the bank's rate of a neighbouring day is no difference; of a payment that of the document.
_RATE_OF_DOCUMENT, _RATE_OF_PAYMENT = Decimal("0.03"), Decimal("0.10")
# A rate that was sent is known exactly: what is left are the cents of rounding, of the whole and of each row.
_CENTS_OF_RATE = 2 * CENT
_UPSIDE_DOWN = Decimal("0.001")
_SIDED = (DocumentKind.CREDIT_INVOICE, DocumentKind.SUPPLIER_CREDIT, DocumentKind.UNION_SALE)


@dataclass(frozen=True, slots=True)
class Chart:
    """Accounts of SmartAccounts: those of VAT by code (of sales, of purchases), and that of each bank and cash account
    by kind and name. `halved` are the VAT codes of which a half is not deducted; `debts` the accounts that were seen to
    hold debts, by type of entry."""

    vat: Mapping[str, tuple[str, str]]
    halved: frozenset[str]
    money: Mapping[tuple[str, str], str]
    debts: Mapping[str, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the entry of a booked document holds. `doc_type` and `day` are the entry's; `number` and `paper` what it may
    be known by; `currency` the document's.

    `partner` is the debt, debit positive, on one of `debts` where the entry has one. `vat` is the balance of
    `vat_accounts`, `vat_parts` that of groups of them; `declared` stands on both sides of these, as a debit on
    `declared_on`, `cents` more or less by rounding. `moved` is the balance of `money_account`, and where it is nothing,
    of all of `money_accounts`; `extras` is that part of it which is rounding. None is not compared. `share` is how far
    amounts may be off where a rate is not known exactly, `slack` that in euros where it is, `rate` euros for a foreign
    unit. `is_credit`: the document gives back. `settles` is the type of the entries whose debts a payment settles,
    where it does nothing else.
    """

    doc_type: str
    day: date
    number: str
    paper: str
    currency: str
    partner: Decimal | None = None
    vat: Decimal | None = None
    debts: frozenset[str] = frozenset()
    vat_accounts: frozenset[str] = frozenset()
    vat_parts: tuple[tuple[frozenset[str], Decimal], ...] = ()
    declared: Decimal = ZERO
    declared_on: frozenset[str] = frozenset()
    cents: Decimal = ZERO
    moved: Decimal | None = None
    money_account: str = ""
    money_accounts: frozenset[str] = frozenset()
    extras: Decimal = ZERO
    share: Decimal = ZERO
    slack: Decimal = ZERO
    rate: Decimal = Decimal(1)
    is_credit: bool = False
    settles: str = ""

    @property
    def is_nothing(self) -> bool:
        """Whether the document moves nothing in the ledger."""
        return self.partner == ZERO and not self.vat and not self.declared

    @property
    def is_comparable(self) -> bool:
        """Whether an entry can be held against it at all."""
        has_vat = bool(self.vat and self.vat_accounts)
        return bool(self.partner) or has_vat or (self.moved is not None and self.money_account != "")

    def proves(self, kind: DocumentKind) -> bool:
        """Whether an entry that is as expected proves how a kind is booked."""
        if kind in OF_REVERSE_CHARGE:
            return bool(self.declared and self.vat_accounts) and self.vat is not None
        if kind in _SIDED:
            # Without VAT the other side of the entry has the same amount: only the account tells the sides apart.
            return self.is_comparable and bool(self.vat or self.debts)
        if kind in OF_RATE:
            # A rate near 1 gives about the same either way.
            here = self.partner or self.moved or ZERO
            return self.is_comparable and not self.equals(here / self.rate**2, here)
        return self.is_comparable

    def could_prove(self, kind: DocumentKind) -> bool:
        """Whether another document of a kind that this one does not prove may prove it: not where SmartAccounts'
        settings name no account that its entry could be compared by."""
        if kind in OF_REVERSE_CHARGE:
            return bool(self.vat_accounts)
        return not self.doc_type.endswith("_PAYMENT") or bool(self.money_accounts)

    def equals(self, there: Decimal, here: Decimal) -> bool:
        """Whether an amount of the entry is the expected one, as exactly as can be known. The other side never is,
        however small the amount."""
        return there * here >= 0 and abs(there - here) <= max(abs(here) * self.share, self.slack)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an entry is not as expected: what it is, in words, the two amounts, and what it may mean (the form of the
    reason; "" where nothing is known)."""

    what: Phrase
    there: Decimal
    here: Decimal
    cause: str = ""


def expected_of(flow: Flow, booked: Booked, chart: Chart, base_currency: str) -> Expected:
    """Return what the ledger must hold of a document that was booked."""
    if flow is Flow.PAYMENTS:
        return _of_payment(booked, chart, base_currency)
    return _of_invoice(flow, booked, chart, base_currency)


def _of_invoice(flow: Flow, booked: Booked, chart: Chart, base_currency: str) -> Expected:
    body: dict[str, Any] = _json(booked.payload)
    predicted = booked.predicted
    is_foreign = body["currency"] != base_currency
    rate = _rate_of(body, booked.rate) if is_foreign else Decimal(1)
    is_credit = body.get("type") == CREDIT or Decimal(predicted.get("total", "0")) < 0
    codes = {row["vatPc"] for row in body["rows"]}
    share, slack = _how_exact(body, _RATE_OF_DOCUMENT, is_foreign=is_foreign)
    is_halved = bool(codes & chart.halved)
    declared = euros_of(predicted, "declared", rate or ZERO)
    # Debts of clients are debits; a credit invoice is booked the other way round.
    way = (1 if flow is Flow.SALES_INVOICES else -1) * (-1 if body.get("type") == CREDIT else 1)
    vat_accounts = frozenset(account for code in codes for account in chart.vat.get(code, ()) if account)
    return Expected(
        doc_type=INVOICE_TYPES[flow],
        day=sent_day(body["entryDate"]),
        number=str(booked.answer.get("number") or ""),
        paper=str(booked.answer.get("invoiceNumber") or body["invoiceNumber"]),
        currency=body["currency"],
        partner=None if rate is None else way * euros_of(predicted, "total", rate),
        vat=None if is_halved or rate is None else -way * euros_of(predicted, "vat", rate),
        debts=chart.debts.get(INVOICE_TYPES[flow], frozenset()) - vat_accounts,
        vat_accounts=vat_accounts,
        vat_parts=() if is_halved or rate is None else _vat_parts(predicted.get("vat_by_code", {}), chart, -way * rate),
        declared=ZERO if is_halved else declared,
        declared_on=frozenset(chart.vat[code][1] for code in codes if code in chart.vat and chart.vat[code][1]),
        cents=CENT * len(body["rows"]),
        share=share,
        slack=slack,
        rate=rate or Decimal(1),
        is_credit=is_credit,
    )


def _rate_of(body: Mapping[str, Any], told: Decimal | None) -> Decimal | None:
    """Return what a foreign unit is worth in euros: as it was sent, else as is told; None where that is nothing, or the
    1 of a rate that nobody entered."""
    if sent := Decimal(body.get("exchangeRate", "0")):
        return 1 / sent if EXCHANGE_RATE_IS_FOREIGN_PER_EURO else sent
    return told if told and told != 1 else None


def _how_exact(body: Mapping[str, Any], share: Decimal, *, is_foreign: bool) -> tuple[Decimal, Decimal]:
    """How far amounts in euros may be off: by which share, and by how much."""
    if not is_foreign:
        return ZERO, ZERO
    if "exchangeRate" in body:
        return ZERO, _CENTS_OF_RATE + CENT * len(body["rows"])
    return share, _CENTS_OF_RATE


def euros_of(predicted: Mapping[str, Any], name: str, rate: Decimal) -> Decimal:
    """Return an amount of a plan in euros."""
    return Decimal(predicted.get(name, "0")) * rate


def _vat_parts(by_code: Mapping[str, str], chart: Chart, factor: Decimal) -> tuple[tuple[frozenset[str], Decimal], ...]:
    """Return what must stand on accounts of VAT; codes that share an account count together."""
    parts: list[tuple[frozenset[str], Decimal]] = []
    for code, amount in by_code.items():
        accounts, total = frozenset(filter(None, chart.vat.get(code, ()))), Decimal(amount) * factor
        for part in [part for part in parts if part[0] & accounts]:
            parts.remove(part)
            accounts, total = accounts | part[0], total + part[1]
        parts.append((accounts, total))
    return tuple(part for part in parts if part[0])


def _of_payment(booked: Booked, chart: Chart, base_currency: str) -> Expected:
    bodies: list[dict[str, Any]] = _json(booked.payload)
    # The last body has no part of its own.
    place = booked.part - 1 if booked.part else len(bodies) - 1
    body = bodies[place]
    moved: list[str] = booked.predicted.get("moved") or []
    told = booked.predicted.get("rate")
    is_foreign = body["currency"] != base_currency
    rate = _rate_of(body, 1 / Decimal(told) if told else None) if is_foreign else Decimal(1)
    extras = sum((Decimal(extra["price"]) * Decimal(extra["quantity"]) for extra in body.get("extras", ())), ZERO)
    share, slack = _how_exact(body, _RATE_OF_PAYMENT, is_foreign=is_foreign)
    settles = INVOICE_TYPES[Flow.SALES_INVOICES if body["partnerType"] == CLIENT else Flow.PURCHASE_INVOICES]
    return Expected(
        doc_type=f"{body['accountType']}_PAYMENT",
        day=sent_day(body["date"]),
        number=str(booked.answer.get("number") or ""),
        paper=str(body["document"]),
        currency=body["currency"],
        debts=chart.debts.get(settles, frozenset()),
        settles="" if body.get("prepayment") or body.get("extras") else settles,
        moved=Decimal(moved[place]) * rate if place < len(moved) and rate is not None else None,
        money_account=chart.money.get((body["accountType"] or BANK, body["accountName"]), ""),
        money_accounts=frozenset(chart.money.values()),
        extras=extras * (rate or ZERO),
        share=share,
        slack=slack,
        rate=rate or Decimal(1),
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
    """Return some account holds the debt; which one, only the chart of accounts tells."""
    debts = expected.debts & entry.balances.keys()
    if debts:
        others = [sum((entry.balances[account] for account in debts), ZERO)]
    else:
        others = [amount for account, amount in entry.balances.items() if account not in expected.vat_accounts]
    if not here or any(expected.equals(amount, here) for amount in others):
        return []
    upside_down = _upside_down(expected, others, here)
    if expected.is_credit and (turned := [amount for amount in others if expected.equals(amount, -here)]):
        return [Difference(phrase("posting_debt"), turned[0], cents(here), "credit")]
    there = min(others, key=lambda amount: abs(amount - here), default=ZERO) if upside_down is None else upside_down
    cause = "" if upside_down is None else "rate"
    return [Difference(phrase("posting_debt"), there, cents(here), cause)]


def debt_account_of(expected: Expected, entry: Entry) -> str | None:
    """Return the account that holds the debt of a document, or that of what is paid, where it is booked as expected and
    only one account can be it."""
    if expected.settles and expected.moved:
        paid = entry.balances.keys() - expected.money_accounts
        return next(iter(paid)) if len(paid) == 1 else None
    if not expected.partner or not expected.vat:
        return None
    fits = [
        account
        for account, amount in entry.balances.items()
        if account not in expected.vat_accounts and expected.equals(amount, expected.partner)
    ]
    return fits[0] if len(fits) == 1 else None


def _upside_down(expected: Expected, amounts: list[Decimal], here: Decimal) -> Decimal | None:
    """Return the amount that is what the rate gives the other way round."""
    wrong = here / expected.rate**2
    far = max(abs(wrong) * max(expected.share, _UPSIDE_DOWN), expected.slack)
    fits = [amount for amount in amounts if abs(amount - wrong) <= far]
    return fits[0] if fits and expected.rate != 1 else None


def _cause_of_rate(expected: Expected, amounts: list[Decimal], here: Decimal) -> str:
    return "" if _upside_down(expected, amounts, here) is None else "rate"


def _of_vat(expected: Expected, here: Decimal, entry: Entry) -> Iterator[Difference]:
    accounts = [account for account in expected.vat_accounts if account in entry.balances]
    there = sum((entry.balances[account] for account in accounts), ZERO)
    if not expected.equals(there, here):
        cause = _cause_of_rate(expected, [there], here) if here else ""
        if here and expected.is_credit and expected.equals(there, -here):
            cause = "credit"
        yield Difference(phrase("posting_vat"), there, cents(here), cause)
    else:
        yield from _of_vat_parts(expected, entry)
    yield from _of_declared(expected, here, entry, accounts)


def _of_vat_parts(expected: Expected, entry: Entry) -> Iterator[Difference]:
    """VAT on the right accounts, where several codes have several."""
    if len(expected.vat_parts) < 2:
        return
    for part, here in expected.vat_parts:
        there = sum((entry.balances.get(account, ZERO) for account in part), ZERO)
        if abs(there - here) > expected.cents and not expected.equals(there, here):
            yield Difference(phrase("posting_vat"), there, cents(here))


def _of_declared(expected: Expected, here: Decimal, entry: Entry, accounts: list[str]) -> Iterator[Difference]:
    """Yield what the buyer declares stands on both sides."""
    if not expected.declared:
        return
    declared = abs(expected.declared)
    debit = sum((entry.debits[account] for account in accounts), ZERO) - max(here, ZERO)
    # SmartAccounts may round what is declared once for all rows.
    is_right = debit >= declared - expected.cents or expected.equals(debit, declared)
    if not here:
        # Nothing else stands there: neither more, nor both sides on one account.
        is_right = abs(debit - declared) <= expected.cents or expected.equals(debit, declared)
        ours = expected.declared_on
        if is_right and ours and ours != expected.vat_accounts:
            balance = sum((entry.balances.get(account, ZERO) for account in ours), ZERO)
            is_right = abs(balance - expected.declared) <= expected.cents or expected.equals(balance, expected.declared)
    if not is_right:
        yield Difference(phrase("posting_declared"), debit, cents(declared), "reverse_charge")


def _of_money(expected: Expected, here: Decimal, entry: Entry) -> Iterator[Difference]:
    there = entry.balances.get(expected.money_account, ZERO)
    if not here:
        # Netting moves money nowhere.
        there = next(filter(None, (entry.balances.get(account) for account in expected.money_accounts)), ZERO)
    if expected.equals(there, here):
        return
    cause = ""
    if here and expected.equals(there, -here):
        cause = "side"
    elif expected.extras and abs(abs(there - here) - 2 * abs(expected.extras)) <= CENT:
        cause = "rounding"
    elif here:
        cause = _cause_of_rate(expected, [there], here)
    yield Difference(phrase("posting_money"), there, cents(here), cause)


def distance(expected: Expected, entry: Entry) -> Decimal:
    """How far the amount of an entry is from the expected one, in euros: of several entries the nearest is meant."""
    if expected.moved is not None:
        return abs(entry.balances.get(expected.money_account, ZERO) - expected.moved)
    debts = expected.debts & entry.balances.keys()
    amounts = (amount for account, amount in entry.balances.items() if not debts or account in debts)
    return min((abs(amount - (expected.partner or ZERO)) for amount in amounts), default=ZERO)


def parts_sent(payload: str) -> int:
    """Of how many parts, each with an entry of its own, a document was sent."""
    sent = _json(payload)
    return len(sent) if isinstance(sent, list) else 1


def _json(payload: str) -> Any:
    return json.loads(payload)
