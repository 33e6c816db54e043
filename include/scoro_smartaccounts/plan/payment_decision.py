"""What becomes of a payment of Scoro: booked, waiting, not ours, or a question for a person.

Pure decisions over facts that were gathered beforehand: no database, no service, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.assumptions import EXCHANGE_RATE_IS_FOREIGN_PER_EURO
from scoro_smartaccounts.common.documents import Document, Flow, Receipt, ReceiptGroup, named_payment
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.matching.documents.gone import DOCUMENT_GONE
from scoro_smartaccounts.matching.partners.undecided import Undecided, waits_for_decision
from scoro_smartaccounts.matching.payments.partly_booked import BookedPart, payments_of
from scoro_smartaccounts.plan.fates import Fate, InDoubt, NotOurs, Planned, Waiting
from scoro_smartaccounts.scoro.modules import EXPENSES, RECEIPTS, module_of
from scoro_smartaccounts.smartaccounts.marker import marker
from scoro_smartaccounts.smartaccounts.words import BANK, CASH
from scoro_smartaccounts.staging.links import KIND_OF, BookedDocument, Key, Kind
from scoro_smartaccounts.transform.payment import (
    MoneyAccount,
    PaidDocument,
    PaymentTerms,
    PlannedPayment,
    plan_payment,
    settled_by,
)
from scoro_smartaccounts.transform.rates import rate_sent

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import date

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.matching.payments.matching import Matches
    from scoro_smartaccounts.matching.payments.orphans import Orphan
    from scoro_smartaccounts.matching.payments.prepayments import BookedPrepayment
    from scoro_smartaccounts.mirror.payments import UnreadPayment
    from scoro_smartaccounts.staging.answers import Answers
    from scoro_smartaccounts.staging.cases import DocumentState


@dataclass(slots=True)
class PaymentFacts:
    """All that decides about the groups of a batch. `parts` is what groups that are in the books in part have settled
    of documents, `booked` by which payments; `merged` are clients and vendors that are gone because SmartAccounts has
    them as others now. `totals` of documents are magnitudes; `outstanding` goes down with every group that is
    planned."""

    request: RunRequest
    site: str
    accounts: Mapping[tuple[str, str], MoneyAccount]
    receipt_accounts: Mapping[str, str]
    documents: Mapping[Key, Document]
    states: Mapping[Key, DocumentState]
    links: Mapping[Key, BookedDocument]
    strangers: Mapping[str, list[Phrase]]
    orphans: Sequence[Orphan]
    unread: Sequence[UnreadPayment]
    partners: Mapping[Kind, Mapping[str, str]]
    undecided: Mapping[Kind, Mapping[str, Undecided]]
    prepaid: Sequence[BookedPrepayment]
    answers: Answers
    refused: set[str]
    exports: set[tuple[str, str]]
    in_doubt: set[tuple[Kind, str]]
    given_up: Mapping[str, Phrase]
    parts: Mapping[str, Mapping[str, Decimal]]
    booked: Mapping[str, Sequence[BookedPart]]
    matches: Matches
    merged: set[str] = field(default_factory=set)
    totals: dict[str, Decimal] = field(default_factory=dict)
    outstanding: dict[str, Decimal] = field(default_factory=dict)
    rate_is_foreign_per_euro: bool = EXCHANGE_RATE_IS_FOREIGN_PER_EURO

    def decide(self, group: ReceiptGroup) -> Fate[PlannedPayment]:
        """Return what becomes of a group. Raises DocumentProblem for what a person must decide."""
        if any(part.is_outdated for part in self.booked.get(group.source_id, ())):
            raise self._booked_otherwise(group)
        keys = keys_of(group)
        if any((module_of(*key).name, module_of(*key).record_id(key[1])) in self.exports for key in keys):
            return Waiting(reason("export_in_doubt", document=group.named))
        if unreadable := [self._named(key) for key in keys if self._cannot_be_read(key)]:
            raise DocumentProblem(reason("paid_unreadable", document=group.named, documents=unreadable))
        absent = [key for key in keys if key not in self.links or key not in self.documents]
        never = {key: why for key in absent if (why := self._never(key)) is not None}
        if early := [key for key in absent if key not in never]:
            return self._too_early(group, early)
        if gone := [self._named(key) for key in keys if key in self.links and self.links[key].gone_at is not None]:
            raise DocumentProblem(reason(DOCUMENT_GONE, document=group.named, documents=gone))
        rows = [row for row in group.rows if key_of(row) not in never]
        if not rows:
            what = [phrase("document_which", document=self._named(key), why=why) for key, why in never.items()]
            return NotOurs(reason("not_ours.documents", document=group.named, documents=what))
        return self._plan(group, rows, never)

    def _too_early(self, group: ReceiptGroup, early: list[Key]) -> Waiting | InDoubt:
        """Return what a group waits for that pays documents which may still come."""
        undecided = [found for key in early if (found := self._undecided(key)) is not None]
        if undecided:
            return Waiting(waits_for_decision(group.named, undecided))
        documents = [self._named(key) for key in early]
        if all((KIND_OF[flow], source_id) in self.in_doubt for flow, source_id in early):
            return InDoubt(reason("in_doubt.needs", what=documents).about(group.named))
        days = self._days(early)
        return Waiting(reason("document_not_booked", document=group.named, documents=documents, days=days))

    def _plan(self, group: ReceiptGroup, rows: list[Receipt], never: Mapping[Key, Phrase]) -> Fate[PlannedPayment]:
        kind = Kind.VENDOR if group.is_purchase else Kind.CLIENT
        keys = [key for row in rows if (key := key_of(row)) is not None]
        contact = self.documents[keys[0]].partner_id if keys else group.partner_id
        partner = self._partner_of(keys[0], kind) if keys else self.partners[kind].get(contact or "")
        if partner is None:
            return self._without_partner(group, kind, contact or "")
        # A group that is in the books in part is planned as before it: the load step knows which parts are there.
        parts, as_it_is = self.parts.get(group.source_id, {}), dict(self.outstanding)
        for remote_id, amount in parts.items():
            self.outstanding[remote_id] = self.outstanding.get(remote_id, ZERO) + amount
        try:
            planned = self._planned(group, rows, kind, partner)
            if parts and settled_by(planned.bodies[:-1]) != parts:
                raise self._booked_otherwise(group)
        except DocumentProblem:
            self.outstanding = as_it_is
            raise
        self.outstanding.update(planned.left)
        warnings = [*planned.warnings, *self._other_partners(keys, kind)]
        if never:
            left_out = [phrase("document_because", document=self._named(key), why=why) for key, why in never.items()]
            warnings.append(reason("parts_left_out", documents=left_out))
        return Planned(replace(planned, warnings=tuple(dict.fromkeys(warnings))))

    def _without_partner(self, group: ReceiptGroup, kind: Kind, contact: str) -> Waiting | InDoubt:
        """Return what a group waits for whose contact is no client or vendor yet."""
        if (undecided := self.undecided[kind].get(contact)) is not None:
            return Waiting(waits_for_decision(group.named, [undecided]))
        if (kind, contact) in self.in_doubt:
            what = phrase(f"{kind.value}_of_contact", id=contact)
            return InDoubt(reason("in_doubt.needs", what=what).about(group.named))
        told = phrase(f"{kind.value}_kind")
        return Waiting(reason("partner_not_booked", document=group.named, contact=contact or "–", kind=told))

    def _partner_of(self, key: Key, kind: Kind) -> str | None:
        """Return the client or vendor that a document was booked on; where that is not known, or was merged into
        another in SmartAccounts, that of its contact today."""
        booked = self.links[key].booking.partner_remote_id
        if booked and booked not in self.merged:
            return booked
        return self.partners[kind].get(self.documents[key].partner_id or "")

    def _other_partners(self, keys: Iterable[Key], kind: Kind) -> Iterator[Reason]:
        """Documents that are of another contact by now than they were booked on."""
        for key in keys:
            contact, booked = self.documents[key].partner_id or "", self._partner_of(key, kind)
            if booked and self.partners[kind].get(contact) != booked:
                yield reason(
                    "booked_on_another",
                    paid=self._named(key),
                    kind=phrase(f"{kind.value}_kind"),
                    contact=phrase("contact", id=contact or "–"),
                )

    def _planned(self, group: ReceiptGroup, rows: list[Receipt], kind: Kind, partner: str) -> PlannedPayment:
        paid = [(row, self._paid(row, kind)) for row in rows]
        self._refuse_possible_duplicate(group, paid, partner)
        account: MoneyAccount | DocumentProblem
        try:
            account = self._account(group)
        except DocumentProblem as problem:
            account = problem
        planned = plan_payment(
            group,
            paid,
            partner_remote_id=partner,
            terms=PaymentTerms(
                account=account,
                netting_account=self._netting_account(group.currency),
                rounding_account=self.request.company.payments.rounding_account,
                prepayment_text=self.request.company.payments.prepayment_text,
                rounding_text=self.request.company.payments.rounding_text,
                base_currency=self.request.company.base_currency,
                marker=marker(self.site, RECEIPTS.name, group.source_id),
                rate_is_foreign_per_euro=self.rate_is_foreign_per_euro,
            ),
        )
        self._refuse_prepayment_in_books(group, partner, planned)
        return planned

    def _booked_otherwise(self, group: ReceiptGroup) -> DocumentProblem:
        there = payments_of(self.booked.get(group.source_id, ()))
        return DocumentProblem(reason("booked_in_part", document=group.named, payments=there))

    def _paid(self, row: Receipt, kind: Kind) -> PaidDocument | None:
        key = key_of(row)
        if key is None:
            return None
        item, remote_id, booking = self.documents[key], self.links[key].remote_id, self.links[key].booking
        return PaidDocument(
            named=self._named(key),
            remote_id=remote_id,
            partner_remote_id=self._partner_of(key, kind) or "",
            currency=booking.currency or item.currency,
            exchange_rate=booking.currency_rate or self._rate_sent(item),
            outstanding=self.outstanding[remote_id],
            is_credit=item.is_credit or item.gross < 0,
        )

    def _rate_sent(self, document: Document) -> Decimal:
        return rate_sent(document.currency_rate, is_foreign_per_euro=self.rate_is_foreign_per_euro)

    def _refuse_possible_duplicate(
        self, group: ReceiptGroup, paid: Sequence[tuple[Receipt, PaidDocument | None]], partner: str
    ) -> None:
        """Refuse a payment that looks like one in SmartAccounts, or has no room there because of one that nobody
        linked."""
        if (sent := self.given_up.get(group.source_id)) is not None:
            self._ask("sent", group, payment=sent)
        there = list(self.matches.group_doubts.get(group.source_id, ()))
        wanted: dict[str, Decimal] = {}
        for row, item in paid:
            if item is None:
                continue
            wanted[item.remote_id] = wanted.get(item.remote_id, ZERO) + abs(row.amount)
            if wanted[item.remote_id] > item.outstanding:
                there += self.strangers.get(item.remote_id, ())
        if there:
            self._ask("payment", group, payments=list(dict.fromkeys(there)))
        documents = {item.remote_id for _, item in paid if item is not None}
        settled = {item.remote_id for _, item in paid if item is not None}
        unread = [one for one in self.unread if one.may_settle(settled, group.day, group.total)]
        if unread:
            fields = sorted({one.field for one in unread})
            self._ask("unread_payment", group, payments=[one.id for one in unread], fields=fields)
        orphans = [one.named for one in self.orphans if one.may_be(group, partner_id=partner, documents=documents)]
        if orphans:
            self._ask("orphan", group, payments=orphans)

    def _refuse_prepayment_in_books(self, group: ReceiptGroup, partner: str, planned: PlannedPayment) -> None:
        """Refuse a prepayment that looks like one in SmartAccounts which nobody linked."""
        amount = sum((Decimal(body["prepayment"]["amount"]) for body in planned.bodies if "prepayment" in body), ZERO)
        if not amount:
            return
        there = [
            named_payment(item.number, item.day)
            for item in self.prepaid
            if item.may_be(partner_id=partner, currency=group.currency, amounts={amount, planned.total})
        ]
        if there:
            # A dismissed payment pays no document either.
            form = "overpaid" if any(body["rows"] for body in planned.bodies) else "prepayment"
            self._ask(form, group, payments=there)

    def _ask(self, form: str, group: ReceiptGroup, **values: object) -> None:
        """Ask a person, unless the question was answered."""
        asked = reason(
            f"possible_duplicate.{form}",
            document=group.named,
            amount=group.total,
            currency=group.currency,
            **values,
        )
        if (left := self.answers.left(group.source_id, asked)) is not None:
            raise DocumentProblem(left)

    def _account(self, group: ReceiptGroup) -> MoneyAccount:
        if group.account_id is None:
            raise DocumentProblem(reason("account_not_named", document=group.named))
        name = self.receipt_accounts.get(group.account_id)
        pair = next((item for item in self.request.company.payments.accounts if item.scoro == name), None)
        if pair is None:
            called = name or phrase("account_by_id", id=group.account_id)
            raise DocumentProblem(reason("account_not_mapped.receipts", document=group.named, account=called))
        key = (BANK, pair.bank) if pair.bank is not None else (CASH, pair.cash or "")
        if key not in self.accounts:
            raise DocumentProblem(
                reason(
                    "account_unknown.receipts",
                    document=group.named,
                    receipt_account=name,
                    kind=phrase("bank_account_kind" if key[0] == BANK else "cash_account_kind"),
                    account=key[1],
                    known=sorted(other for kind, other in self.accounts if kind == key[0]) or phrase("none"),
                )
            )
        return self.accounts[key]

    def _netting_account(self, currency: str) -> MoneyAccount | None:
        name = self.request.company.payments.netting_account_of(currency)
        return None if name is None else self.accounts.get((BANK, name))

    def _undecided(self, key: Key) -> Undecided | None:
        """Return the partner of a document that is not booked, where a person has still to say who that is."""
        item = self.documents.get(key)
        return None if item is None else self.undecided[INVOICE_FLOWS[key[0]].partner_kind].get(item.partner_id or "")

    def _cannot_be_read(self, key: Key) -> bool:
        """Whether a document is in SmartAccounts and Scoro shows it in a way that says nothing."""
        return key in self.links and key in self.states and key not in self.documents

    def _never(self, key: Key) -> Phrase | None:
        """Why a document will never be in SmartAccounts; None: it may come."""
        source_id = key[1]
        if source_id.startswith(EXPENSES.prefix) and not self.request.company.purchase_invoices.expenses:
            return phrase("is_expense")
        state = self.states.get(key)
        if state is None:
            return phrase("is_not_in_scoro")
        if state.is_gone:
            return phrase("was_deleted")
        first = self.request.company.first_import_date
        if state.day is not None and state.day < first:
            return phrase("is_before_first_import", day=first)
        if state.is_dismissed:
            return phrase("was_dismissed")
        return None

    def _days(self, keys: Iterable[Key]) -> list[date] | Phrase:
        """Return the days of documents, as far as staging knows them."""
        days = {state.day for key in keys if (state := self.states.get(key)) is not None and state.day}
        return sorted(days) or phrase("its_day")

    def _named(self, key: Key) -> Phrase:
        return named_document(*key, self.states.get(key))


def named_document(flow: Flow, source_id: str, state: DocumentState | None) -> Phrase:
    """Return an invoice or bill as sentences about payments name it."""
    if state is not None and state.number:
        return phrase(flow.noun, number=state.number)
    return phrase(f"{flow.noun}_by_id", id=source_id)


def key_of(row: Receipt) -> Key | None:
    """Return the document that a row pays; None where it names none."""
    return (row.flow, row.document_id) if row.flow is not None and row.document_id is not None else None


def keys_of(group: ReceiptGroup) -> list[Key]:
    """Return the documents that a group pays, row by row."""
    return [key for row in group.rows if (key := key_of(row)) is not None]
