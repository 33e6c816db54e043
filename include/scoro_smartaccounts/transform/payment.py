"""A receipt group of Scoro → the exact bodies of `payments:add`, and what will come of them.

SmartAccounts counts rows by magnitude: what a document is decides which way the money goes. Credit invoices and
negative bills are settled by a payment of their own on a netting account, which must add up to nothing; what is left
moves as money.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.assumptions import EXCHANGE_RATE_IS_FOREIGN_PER_EURO
from scoro_smartaccounts.common.documents import Flow, Receipt, ReceiptGroup
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import ZERO, plain
from scoro_smartaccounts.common.reasons import Phrase, Reason, reason
from scoro_smartaccounts.smartaccounts.words import CASH, CLIENT, INVOICE_TYPES, VENDOR
from scoro_smartaccounts.transform.cash_rounding import is_cash_rounding
from scoro_smartaccounts.transform.kinds import kinds_of_payment
from scoro_smartaccounts.transform.rates import has_official_rate

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from scoro_smartaccounts.common.kinds import DocumentKind


@dataclass(frozen=True, slots=True)
class MoneyAccount:
    """A bank or cash account of SmartAccounts, by its name there."""

    type: str
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class PaidDocument:
    """A document in the books that money is for, as sentences name it. `exchange_rate` is the one that it was booked
    with, as SmartAccounts takes rates; `outstanding` is what is not settled of it yet, as a magnitude; `is_credit`
    tells that it pays instead of being paid."""

    named: Phrase
    remote_id: str
    partner_remote_id: str
    currency: str
    exchange_rate: Decimal
    outstanding: Decimal
    is_credit: bool


@dataclass(frozen=True, slots=True)
class PaymentTerms:
    """What the company file and the registers say about this payment. `account` may be the reason why there is none:
    netting alone needs none. `rate_is_foreign_per_euro`: which way round SmartAccounts quotes rates."""

    account: MoneyAccount | DocumentProblem
    netting_account: MoneyAccount | None
    rounding_account: str | None
    prepayment_text: str
    rounding_text: str
    base_currency: str
    marker: str
    rate_is_foreign_per_euro: bool = EXCHANGE_RATE_IS_FOREIGN_PER_EURO


@dataclass(frozen=True, slots=True)
class PlannedPayment:
    """`bodies` to send in this order; `total` moves as money. `outstanding` is what the plan supposed of each document,
    and `left` what it leaves, both by remote id. `moved` is what each body moves, money in positive; `rate` that of
    the documents, as SmartAccounts takes rates, None where they tell none or several."""

    bodies: tuple[dict[str, Any], ...]
    total: Decimal
    outstanding: Mapping[str, Decimal]
    left: Mapping[str, Decimal]
    warnings: tuple[Reason, ...]
    kinds: tuple[DocumentKind, ...] = ()
    moved: tuple[Decimal, ...] = ()
    rate: Decimal | None = None


def plan_payment(
    group: ReceiptGroup,
    rows: Sequence[tuple[Receipt, PaidDocument | None]],
    *,
    partner_remote_id: str,
    terms: PaymentTerms,
) -> PlannedPayment:
    """`rows` are the receipts to book, each with its document; None: money against a prepayment invoice.

    Raises DocumentProblem for everything that a bookkeeper must decide.
    """
    return _Plan(group, rows, partner_remote_id, terms).made()


@dataclass
class _Plan:
    group: ReceiptGroup
    rows: Sequence[tuple[Receipt, PaidDocument | None]]
    partner: str
    terms: PaymentTerms
    warnings: list[Reason] = field(default_factory=list)

    def made(self) -> PlannedPayment:
        self._refuse_other_partners_and_currencies()
        documents = {document.remote_id: document for _, document in self.rows if document is not None}
        wanted = self._wanted()
        left = {remote_id: document.outstanding for remote_id, document in documents.items()}
        prepayment = sum((receipt.amount for receipt, document in self.rows if document is None), ZERO)
        debts = {remote_id: amount for remote_id, amount in wanted.items() if not documents[remote_id].is_credit}
        credits = {remote_id: amount for remote_id, amount in wanted.items() if documents[remote_id].is_credit}
        bodies: list[dict[str, Any]] = []
        moved: list[Decimal] = []
        way = Decimal(-1 if self.group.is_purchase else 1)
        netted = min(sum(debts.values(), ZERO), sum(credits.values(), ZERO))
        if netted:
            bodies.append(self._netting(documents, debts, credits, left, netted))
            moved.append(ZERO)
        is_refund = any(credits.values())
        if is_refund:
            if prepayment:
                raise self._problem("mixed_refund")
            bodies.append(self._money(documents, credits, left, ZERO))
            moved.append(-way * body_total(bodies[-1]))
        elif any(debts.values()) or prepayment:
            bodies.append(self._money(documents, debts, left, prepayment))
            moved.append(way * body_total(bodies[-1]))
        total = self.group.total if len(self.rows) == len(self.group.rows) else self._included()
        return PlannedPayment(
            tuple(bodies),
            abs(total),
            {remote_id: document.outstanding for remote_id, document in documents.items()},
            left,
            tuple(dict.fromkeys(self.warnings)),
            kinds_of_payment(
                bodies,
                of_supplier=self.group.is_purchase,
                is_netted=bool(netted),
                is_refund=is_refund,
                is_foreign=self.group.currency != self.terms.base_currency,
            ),
            tuple(moved),
            self._mean_rate(documents, wanted),
        )

    def _included(self) -> Decimal:
        return sum((receipt.amount for receipt, _ in self.rows), ZERO)

    def _wanted(self) -> dict[str, Decimal]:
        """Return what the group settles of each document, as a magnitude."""
        wanted: dict[str, Decimal] = {}
        for receipt, document in self.rows:
            if document is None:
                if receipt.amount <= 0:
                    raise self._problem("negative_receipt.prepayment")
                continue
            amount = abs(receipt.amount) if document.is_credit else receipt.amount
            if amount <= 0:
                raise self._problem("negative_receipt", amount=receipt.amount, paid=document.named)
            wanted[document.remote_id] = wanted.get(document.remote_id, ZERO) + amount
        return wanted

    def _netting(
        self,
        documents: Mapping[str, PaidDocument],
        debts: dict[str, Decimal],
        credits: dict[str, Decimal],
        left: dict[str, Decimal],
        netted: Decimal,
    ) -> dict[str, Any]:
        """Return the body that settles documents by each other; what it takes is taken from what is wanted of them."""
        account = self.terms.netting_account
        if account is None:
            raise self._problem("netting_account_not_named")
        rows = []
        for side in (debts, credits):
            rest = netted
            for remote_id in side:
                amount = min(rest, side[remote_id])
                if not amount:
                    continue
                if amount > left[remote_id]:
                    raise self._problem(
                        "nothing_to_net", amount=amount, paid=documents[remote_id].named, left=left[remote_id]
                    )
                rest -= amount
                side[remote_id] -= amount
                left[remote_id] -= amount
                rows.append(self._row(remote_id, amount))
        return {**self._header(account, documents), "rows": rows}

    def _money(
        self,
        documents: Mapping[str, PaidDocument],
        wanted: Mapping[str, Decimal],
        left: dict[str, Decimal],
        prepayment: Decimal,
    ) -> dict[str, Any]:
        account = self._account()
        rows: list[dict[str, Any]] = []
        rounding = ZERO
        for remote_id, amount in wanted.items():
            if not amount:
                continue
            document = documents[remote_id]
            settled, over = min(amount, left[remote_id]), max(amount - left[remote_id], ZERO)
            # Where nothing is open, no row would tell whether the cents came or went.
            if left[remote_id] and self._is_rounding(account, left[remote_id] - amount):
                settled, over = left[remote_id], ZERO
                rounding += amount - settled
                self._explain_rounding(document, amount - settled)
            if over and document.is_credit:
                raise self._problem("refund_too_large", amount=amount, paid=document.named, left=left[remote_id])
            if over:
                self.warnings.append(reason("overpaid", paid=document.named, amount=over))
            prepayment += over
            left[remote_id] -= settled
            if settled:
                rows.append(self._row(remote_id, settled))
        body: dict[str, Any] = {**self._header(account, documents), "rows": rows}
        if prepayment:
            body["prepayment"] = {"amount": plain(prepayment), "description": self.terms.prepayment_text}
        if rounding:
            body["extras"] = [
                {
                    "price": plain(rounding),
                    "quantity": "1",
                    "description": self.terms.rounding_text,
                    "account": self._rounding_account(),
                }
            ]
        return body

    def _account(self) -> MoneyAccount:
        if isinstance(self.terms.account, DocumentProblem):
            raise self.terms.account
        return self.terms.account

    def _is_rounding(self, account: MoneyAccount, missing: Decimal) -> bool:
        """Whether a difference is what rounding cash to five cents leaves."""
        is_cash = account.type == CASH and self.group.currency == self.terms.base_currency
        return is_cash and is_cash_rounding(missing)

    def _explain_rounding(self, document: PaidDocument, rounding: Decimal) -> None:
        self.warnings.append(reason("cash_rounding", paid=document.named, amount=rounding))

    def _rounding_account(self) -> str:
        if self.terms.rounding_account is None:
            raise self._problem("rounding_account_not_named")
        return self.terms.rounding_account

    def _row(self, remote_id: str, amount: Decimal) -> dict[str, Any]:
        flow = Flow.PURCHASE_INVOICES if self.group.is_purchase else Flow.SALES_INVOICES
        return {"amount": plain(amount), "type": INVOICE_TYPES[flow], "id": remote_id}

    @property
    def _partner_type(self) -> str:
        return VENDOR if self.group.is_purchase else CLIENT

    def _header(self, account: MoneyAccount, documents: Mapping[str, PaidDocument]) -> dict[str, Any]:
        group = self.group
        if account.currency not in (group.currency, self.terms.base_currency):
            raise self._problem(
                "account_currency", currency=group.currency, account=account.name, held=account.currency
            )
        header: dict[str, Any] = {
            "date": f"{group.day:%d.%m.%Y}",
            "document": self.terms.marker,
            "partnerType": self._partner_type,
            "vendorId" if group.is_purchase else "clientId": self.partner,
            "accountType": account.type,
            "accountName": account.name,
            "currency": group.currency,
        }
        base = self.terms.base_currency
        if group.currency != base and not has_official_rate(group.currency, group.day, base):
            header["exchangeRate"] = plain(self._rate(documents))
        return header

    def _mean_rate(self, documents: Mapping[str, PaidDocument], wanted: Mapping[str, Decimal]) -> Decimal | None:
        """Return what all of the money would be worth at the rates of its documents; None where one has none."""
        rates = [(wanted[key], documents[key].exchange_rate) for key in documents if wanted.get(key)]
        if not rates or any(rate <= 0 for _, rate in rates):
            return None
        total = sum((amount for amount, _ in rates), ZERO)
        if not self.terms.rate_is_foreign_per_euro:
            return sum((amount * rate for amount, rate in rates), ZERO) / total
        return total / sum((amount / rate for amount, rate in rates), ZERO)

    def _rate_of(self, documents: Mapping[str, PaidDocument]) -> Decimal | None:
        """Return the one rate of the documents; None where they have several or none."""
        rates = {document.exchange_rate for document in documents.values() if document.exchange_rate > 0}
        return rates.pop() if len(rates) == 1 else None

    def _rate(self, documents: Mapping[str, PaidDocument]) -> Decimal:
        """Return the rate of the document, where the European Central Bank has none for the day of the payment."""
        rate = self._rate_of(documents)
        if rate is None:
            raise self._problem("currency_rate.payment", currency=self.group.currency)
        self.warnings.append(reason("rate_of_document", currency=self.group.currency))
        return rate

    def _refuse_other_partners_and_currencies(self) -> None:
        for _, document in self.rows:
            if document is None:
                continue
            if document.currency != self.group.currency:
                raise self._problem(
                    "currency_differs", currency=self.group.currency, paid=document.named, other=document.currency
                )
            if document.partner_remote_id != self.partner:
                raise self._problem("partners_differ", paid=document.named)

    def _problem(self, key: str, **values: object) -> DocumentProblem:
        return DocumentProblem(reason(key, document=self.group.named, **values))


def body_total(body: Mapping[str, Any]) -> Decimal:
    """Return what SmartAccounts counts as the payment's amount: rows, prepayment and extras as they are written."""
    total = sum((Decimal(row["amount"]) for row in body["rows"]), ZERO)
    total += Decimal((body.get("prepayment") or {}).get("amount", "0"))
    return total + sum((Decimal(extra["price"]) * Decimal(extra["quantity"]) for extra in body.get("extras", ())), ZERO)


def settled_by(bodies: Sequence[Mapping[str, Any]]) -> dict[str, Decimal]:
    """Return what bodies settle of each document, by remote id, as a magnitude."""
    settled: dict[str, Decimal] = {}
    for body in bodies:
        for row in body["rows"]:
            settled[row["id"]] = settled.get(row["id"], ZERO) + Decimal(row["amount"])
    return settled
