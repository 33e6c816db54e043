"""What an entry of the ledger must hold, in euros, for a document or payment that was booked as planned.

Only what no chart of accounts can change is expected: the partner's side, the VAT accounts and the money account.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.assumptions import EXCHANGE_RATE_IS_FOREIGN_PER_EURO
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.kinds import OF_NETTING, OF_RATE, OF_REVERSE_CHARGE, OF_STOCK, DocumentKind
from scoro_smartaccounts.common.money import CENT, ZERO, cents
from scoro_smartaccounts.common.reasons import Phrase, phrase
from scoro_smartaccounts.smartaccounts.queries import sent_day
from scoro_smartaccounts.smartaccounts.words import BANK, CLIENT, CREDIT, INVOICE_TYPES

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping
    from datetime import date

    from scoro_smartaccounts.staging.ledger import Booked, Entry

# Of a foreign document the bank's rate of a neighbouring day is no difference; of a payment that of the document.
_RATE_OF_DOCUMENT, _RATE_OF_PAYMENT = Decimal("0.03"), Decimal("0.10")
# So far off the expected rate an entry is told, and proves nothing.
_RATE_FAR_OFF = Decimal("0.015")
# Of a rate that is known exactly the cents of rounding are left, of the whole and of each row.
_CENTS_OF_RATE, _HALF_CENT = 2 * CENT, CENT / 2
_UPSIDE_DOWN = Decimal("0.001")
_SIDED = (DocumentKind.CREDIT_INVOICE, DocumentKind.SUPPLIER_CREDIT, DocumentKind.UNION_SALE)


@dataclass(frozen=True, slots=True)
class Chart:
    """Accounts of SmartAccounts: those of VAT by code (of sales, of purchases), and that of each bank and cash account
    by kind and name. `halved` are the VAT codes of which a half is not deducted; `debts` the accounts that were seen to
    hold debts, by type of entry; `rate_is_foreign_per_euro`: which way round rates are quoted."""

    vat: Mapping[str, tuple[str, str]]
    halved: frozenset[str]
    money: Mapping[tuple[str, str], str]
    debts: Mapping[str, frozenset[str]]
    rate_is_foreign_per_euro: bool = EXCHANGE_RATE_IS_FOREIGN_PER_EURO


@dataclass(frozen=True, slots=True)
class Expected:
    """What the entry of a booked document holds. `doc_type` and `day` are the entry's; `number` and `paper` what it may
    be known by; `currency` the document's.

    `partner` is the debt, debit positive, on one of `debts` where the entry has one. `vat` is the balance of
    `vat_accounts`, `vat_parts` that of groups of them. `declared` stands as a debit on `declared_on`, beside
    `vat_there` of other codes, and as a credit on `declared_from`; `declared_at_once` is the same, rounded once for all
    rows; `is_turned_in_part`: some rows take off what others give. `moved` is the balance of `money_account`, and where
    it is nothing, of all of `money_accounts`, while `settled` stands on both sides of `debts`; `extras` is that part of
    it which is rounding. None is not compared; `vat_is_unseen`: there is VAT, and it is not compared. `share` is how
    far amounts may be off where a rate is not known exactly, `slack` that in euros where it is, `rate` euros for a
    foreign unit. `is_credit`: the document gives back. `settles` is the type of the entries whose debts a payment
    settles, where it does nothing else.
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
    declared_at_once: Decimal = ZERO
    declared_on: frozenset[str] = frozenset()
    declared_from: frozenset[str] = frozenset()
    vat_there: Decimal = ZERO
    vat_is_unseen: bool = False
    is_turned_in_part: bool = False
    moved: Decimal | None = None
    settled: Decimal = ZERO
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
        return self.partner == ZERO and not self.vat and not self.declared and not self.vat_is_unseen

    @property
    def is_comparable(self) -> bool:
        """Whether an entry can be held against it at all."""
        has_vat = bool(self.vat and self.vat_accounts)
        return bool(self.partner) or has_vat or (self.moved is not None and self.money_account != "")

    def proves(self, kind: DocumentKind, entry: Entry | None) -> bool:
        """Whether an entry that is as expected proves how a kind is booked."""
        if entry is None or not self.is_comparable or kind in OF_STOCK or rate_is_far_off(self, entry):
            return False
        if kind in OF_REVERSE_CHARGE:
            # Beside other VAT on one account for both sides nothing tells what is declared.
            is_told = self.has_two_sides or not self.vat
            return bool(self.declared and self.declared_from) and self.vat is not None and is_told
        if kind in _SIDED:
            # Without VAT the other side of the entry has the same amount: only the account tells the sides apart.
            return bool(self.vat or self.debts)
        if kind in OF_RATE:
            # A rate near 1 gives about the same either way.
            here = self.partner or self.moved or ZERO
            return not self.equals(here / self.rate**2, here)
        if kind in OF_NETTING:
            debit, credit = _turnover(entry, self.debts)
            return bool(self.settled) and self.equals(debit, self.settled) and self.equals(credit, self.settled)
        return True

    @property
    def has_two_sides(self) -> bool:
        """Whether what the buyer declares stands on accounts of its own on either side."""
        return bool(self.declared_on and self.declared_from) and not self.declared_on & self.declared_from

    def is_declared(self, there: Decimal) -> bool:
        """Whether an amount is the VAT that the buyer declares, rounded row by row or once for all rows."""
        return any(
            abs(there - here) <= CENT or self.equals(there, here) for here in (self.declared, self.declared_at_once)
        )

    def could_prove(self, kind: DocumentKind) -> bool:
        """Whether another document of a kind that this one does not prove may prove it: not where SmartAccounts'
        settings name no account that its entry could be compared by, nor where no entry tells anything of it, as of
        stock: its account and its cost are in none."""
        if kind in OF_STOCK:
            return False
        if kind in OF_REVERSE_CHARGE:
            return bool(self.declared_on and self.declared_from)
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
    rate = _rate_of(body, booked.rate, chart) if is_foreign else Decimal(1)
    is_credit = body.get("type") == CREDIT or Decimal(predicted.get("total", "0")) < 0
    codes = {row["vatPc"] for row in body["rows"]}
    share, slack = _how_exact(body, _RATE_OF_DOCUMENT, is_foreign=is_foreign)
    vat = _vat_of(flow, body, predicted, chart)
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
        vat=None if not vat.is_seen or rate is None else -way * euros_of(predicted, "vat", rate),
        debts=chart.debts.get(INVOICE_TYPES[flow], frozenset()) - vat_accounts,
        vat_accounts=vat_accounts,
        vat_parts=_vat_parts(vat.by_code, chart, -way * rate) if vat.is_seen and rate is not None else (),
        declared=euros_of(predicted, "declared", rate or ZERO) if vat.is_seen else ZERO,
        declared_at_once=sum(vat.declared.values(), ZERO) * (rate or ZERO),
        declared_on=vat.declared_on,
        declared_from=vat.declared_from,
        vat_there=-way * vat.on_same_accounts(chart) * (rate or ZERO),
        vat_is_unseen=not vat.is_seen and vat.is_any,
        is_turned_in_part=len({row.get("quantity", "1").startswith("-") for row in body["rows"]}) > 1,
        share=share,
        slack=slack,
        rate=rate or Decimal(1),
        is_credit=is_credit,
    )


@dataclass(frozen=True, slots=True)
class _Vat:
    """The VAT of a plan in the document's currency: what stands in the total, and what the buyer declares, by code.
    `is_seen`: SmartAccounts' settings name all accounts of it, and all of it is deducted."""

    by_code: Mapping[str, Decimal]
    declared: Mapping[str, Decimal]
    declared_on: frozenset[str]
    declared_from: frozenset[str]
    is_seen: bool

    @property
    def is_any(self) -> bool:
        return any(self.by_code.values()) or any(self.declared.values())

    def on_same_accounts(self, chart: Chart) -> Decimal:
        """Return the VAT of the total that stands where the declared one is deducted."""
        those = (amount for code, amount in self.by_code.items() if _account(chart, code, 1) in self.declared_on)
        return sum(those, ZERO)


def _vat_of(flow: Flow, body: Mapping[str, Any], predicted: Mapping[str, Any], chart: Chart) -> _Vat:
    codes = {row["vatPc"] for row in body["rows"]}
    by_code = {code: Decimal(amount) for code, amount in predicted.get("vat_by_code", {}).items()}
    declared = {code: Decimal(amount) for code, amount in predicted.get("declared_by_code", {}).items()}
    if not declared and (told := Decimal(predicted.get("declared", "0"))):
        # A plan of an earlier version does not tell of which codes it is.
        declared = {min((code for code in codes if not by_code.get(code)), default=min(codes)): told}
    side = 0 if flow is Flow.SALES_INVOICES else 1
    is_named = all(_account(chart, code, side) for code in by_code if by_code[code])
    is_declared_named = all(_account(chart, code, each) for code in declared for each in (0, 1))
    return _Vat(
        by_code,
        declared,
        declared_on=frozenset(filter(None, (_account(chart, code, 1) for code in declared))),
        declared_from=frozenset(filter(None, (_account(chart, code, 0) for code in declared))),
        is_seen=is_named and is_declared_named and not codes & chart.halved,
    )


def _account(chart: Chart, code: str, side: int) -> str:
    """Return the account of a VAT code for sales (0) or purchases (1); "" where the settings name none."""
    return chart.vat.get(code, ("", ""))[side]


def _rate_of(body: Mapping[str, Any], told: Decimal | None, chart: Chart) -> Decimal | None:
    """Return what a foreign unit is worth in euros: as it was sent, else as is told; None where that is nothing, or the
    1 of a rate that nobody entered."""
    if sent := Decimal(body.get("exchangeRate", "0")):
        return _as_euros(sent, chart)
    return told if told and told != 1 else None


def _as_euros(rate: Decimal, chart: Chart) -> Decimal:
    """Return what a foreign unit is worth in euros by a rate as SmartAccounts takes it."""
    return 1 / rate if chart.rate_is_foreign_per_euro else rate


def _how_exact(body: Mapping[str, Any], share: Decimal, *, is_foreign: bool) -> tuple[Decimal, Decimal]:
    """How far amounts in euros may be off: by which share, and by how much."""
    if not is_foreign:
        return ZERO, ZERO
    if "exchangeRate" in body:
        return ZERO, _CENTS_OF_RATE + _HALF_CENT * len(body["rows"])
    return share, _CENTS_OF_RATE + _HALF_CENT * len(body["rows"])


def euros_of(predicted: Mapping[str, Any], name: str, rate: Decimal) -> Decimal:
    """Return an amount of a plan in euros."""
    return Decimal(predicted.get(name, "0")) * rate


def _vat_parts(
    by_code: Mapping[str, Decimal], chart: Chart, factor: Decimal
) -> tuple[tuple[frozenset[str], Decimal], ...]:
    """Return what must stand on accounts of VAT; codes that share an account count together."""
    parts: list[tuple[frozenset[str], Decimal]] = []
    for code, amount in by_code.items():
        accounts, total = frozenset(filter(None, chart.vat.get(code, ()))), amount * factor
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
    mean = _as_euros(Decimal(told), chart) if told else None
    rate = _rate_of(body, mean, chart) if is_foreign else Decimal(1)
    extras = sum((Decimal(extra["price"]) * Decimal(extra["quantity"]) for extra in body.get("extras", ())), ZERO)
    share, slack = _how_exact(body, _RATE_OF_PAYMENT, is_foreign=is_foreign)
    settles = INVOICE_TYPES[Flow.SALES_INVOICES if body["partnerType"] == CLIENT else Flow.PURCHASE_INVOICES]
    # What nets settles as much on one side as on the other.
    settled = sum((Decimal(row["amount"]) for row in body["rows"]), ZERO) / 2
    return Expected(
        doc_type=f"{body['accountType']}_PAYMENT",
        day=sent_day(body["date"]),
        number=str(booked.answer.get("number") or ""),
        paper=str(body["document"]),
        currency=body["currency"],
        debts=chart.debts.get(settles, frozenset()),
        settles="" if body.get("prepayment") or body.get("extras") else settles,
        moved=Decimal(moved[place]) * rate if place < len(moved) and rate is not None else None,
        settled=settled * (rate or ZERO) if place < len(moved) and not Decimal(moved[place]) else ZERO,
        money_account=chart.money.get((body["accountType"] or BANK, body["accountName"]), ""),
        money_accounts=frozenset(chart.money.values()),
        extras=extras * (rate or ZERO),
        share=share,
        slack=slack,
        rate=rate or Decimal(1),
    )


def differences(expected: Expected, entry: Entry) -> list[Difference]:
    """Where an entry is not as expected. Of a rate that nobody sent, all amounts must have the entry's own."""
    tried = [_differences(each, entry) for each in _at_rates_of(expected, entry)]
    return min(tried, key=len) if tried else _differences(expected, entry)


def _at_rates_of(expected: Expected, entry: Entry) -> Iterator[Expected]:
    """Yield what is expected at the rates that the debt of an entry may have been booked at, as far as they may be off
    the expected one."""
    if not expected.share or not expected.partner:
        return
    for amount in _debts(expected, entry):
        if expected.equals(amount, expected.partner):
            factor = amount / expected.partner
            yield replace(
                expected,
                partner=amount,
                vat=None if expected.vat is None else expected.vat * factor,
                vat_parts=tuple((accounts, part * factor) for accounts, part in expected.vat_parts),
                declared=expected.declared * factor,
                declared_at_once=expected.declared_at_once * factor,
                vat_there=expected.vat_there * factor,
                rate=expected.rate * factor,
                share=ZERO,
            )


def rate_is_far_off(expected: Expected, entry: Entry) -> bool:
    """Whether the rate of an entry, of a document without a rate that was sent, is farther from the expected one than
    the rates of neighbouring days are."""
    return _how_far_off(expected, entry) > _RATE_FAR_OFF


def at_expected_rate(expected: Expected, entry: Entry) -> tuple[Decimal, Decimal]:
    """Return the debt or the money in euros at the expected rate, and the nearest of the entry."""
    here = expected.partner or expected.moved or ZERO
    there = [entry.balances.get(expected.money_account, ZERO)] if expected.partner is None else _debts(expected, entry)
    fits = (amount for amount in there if expected.equals(amount, here))
    return cents(here), min(fits, key=lambda amount: abs(amount - here), default=here)


def _how_far_off(expected: Expected, entry: Entry) -> Decimal:
    """By which share the euros of an entry are off, cents of rounding left aside."""
    here, there = at_expected_rate(expected, entry)
    return max(abs(there - here) - _CENTS_OF_RATE, ZERO) / abs(here) if expected.share and here else ZERO


def _differences(expected: Expected, entry: Entry) -> list[Difference]:
    found: list[Difference] = []
    if expected.partner is not None:
        found += _of_partner(expected, expected.partner, entry)
    if expected.vat is not None and expected.vat_accounts:
        found += _of_vat(expected, expected.vat, entry)
    if expected.moved is not None and expected.money_account:
        found += _of_money(expected, expected.moved, entry)
    if not found and expected.slack and entry.originals and entry.currency == expected.currency:
        found += _of_originals(expected, entry)
    return found


def _of_originals(expected: Expected, entry: Entry) -> Iterator[Difference]:
    """Yield where the amounts in the document's own currency are others than were sent, to the cent, or where not all
    rows of an invoice have one rate."""
    if expected.moved:
        here, shown = expected.moved / expected.rate, [expected.money_account]
    elif expected.partner:
        here = expected.partner / expected.rate
        shown = [account for account, amount in entry.balances.items() if expected.equals(amount, expected.partner)]
    else:
        return
    there = [entry.originals[account] for account in shown if account in entry.originals]
    # An account in euros may show these as its own currency.
    is_euros = expected.moved and any(entry.originals.get(account) == entry.balances[account] for account in shown)
    if there and not is_euros and all(abs(amount - here) > _HALF_CENT for amount in there):
        yield Difference(phrase("posting_original", currency=expected.currency), there[0], cents(here))
    elif expected.partner:
        for account, amount in entry.originals.items():
            if amount and not expected.equals(entry.balances[account], amount * expected.rate):
                yield Difference(phrase("posting_row"), entry.balances[account], cents(amount * expected.rate))


def _of_partner(expected: Expected, here: Decimal, entry: Entry) -> list[Difference]:
    """Return some account holds the debt; which one, only the chart of accounts tells."""
    others = _debts(expected, entry)
    if not here or any(expected.equals(amount, here) for amount in others):
        return []
    upside_down = _upside_down(expected, others, here)
    if expected.is_credit and (turned := [amount for amount in others if expected.equals(amount, -here)]):
        return [Difference(phrase("posting_debt"), turned[0], cents(here), "credit")]
    there = min(others, key=lambda amount: abs(amount - here), default=ZERO) if upside_down is None else upside_down
    cause = "" if upside_down is None else "rate"
    return [Difference(phrase("posting_debt"), there, cents(here), cause)]


def _debts(expected: Expected, entry: Entry) -> list[Decimal]:
    """Return the balances that the debt may be: that of the accounts of debts, where the entry has one."""
    if debts := expected.debts & entry.balances.keys():
        return [sum((entry.balances[account] for account in debts), ZERO)]
    return [amount for account, amount in entry.balances.items() if account not in expected.vat_accounts]


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
        if abs(there - here) > CENT and not expected.equals(there, here):
            yield Difference(phrase("posting_vat"), there, cents(here))


def _of_declared(expected: Expected, here: Decimal, entry: Entry, accounts: list[str]) -> Iterator[Difference]:
    """Yield where what the buyer declares does not stand on both sides: neither more nor less, each on its own
    accounts."""
    if not expected.declared:
        return
    if expected.has_two_sides:
        on, off = (
            sum((entry.balances.get(account, ZERO) for account in those), ZERO)
            for those in (expected.declared_on, expected.declared_from)
        )
        there = [on - expected.vat_there, -off]
    else:
        # Both sides stand on one account: where some rows take VAT off, only a missing side shows.
        turnover = zip(_turnover(entry, accounts), (max(here, ZERO), max(-here, ZERO)), strict=True)
        there = [(amount - other).copy_sign(expected.declared) for amount, other in turnover]
        if expected.is_turned_in_part:
            there = [min(there, key=abs)] if abs(min(there, key=abs)) < abs(expected.declared) else []
    for amount in there:
        if not expected.is_declared(amount):
            yield Difference(phrase("posting_declared"), amount, cents(expected.declared), "reverse_charge")
            return


def _of_money(expected: Expected, here: Decimal, entry: Entry) -> Iterator[Difference]:
    there = entry.balances.get(expected.money_account, ZERO)
    if not here:
        # Netting moves money nowhere.
        there = next(filter(None, (entry.balances.get(account) for account in expected.money_accounts)), ZERO)
    if expected.equals(there, here):
        if not here:
            yield from _of_netting(expected, entry)
        return
    cause = ""
    if here and expected.equals(there, -here):
        cause = "side"
    elif expected.extras and abs(abs(there - here) - 2 * abs(expected.extras)) <= CENT:
        cause = "rounding"
    elif here:
        cause = _cause_of_rate(expected, [there], here)
    yield Difference(phrase("posting_money"), there, cents(here), cause)


def _of_netting(expected: Expected, entry: Entry) -> Iterator[Difference]:
    """Yield where something else is set off. An entry that shows no turnover tells nothing."""
    debit, credit = _turnover(entry, entry.balances.keys() - expected.money_accounts)
    wrong = [amount for amount in (debit, credit) if not expected.equals(amount, expected.settled)]
    if expected.settled and (debit or credit) and wrong:
        yield Difference(phrase("posting_netted"), wrong[0], cents(expected.settled))


def _turnover(entry: Entry, accounts: Collection[str]) -> tuple[Decimal, Decimal]:
    """Return what stands on the debit and the credit side of accounts."""
    debit = sum((entry.debits.get(account, ZERO) for account in accounts), ZERO)
    return debit, debit - sum((entry.balances.get(account, ZERO) for account in accounts), ZERO)


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
