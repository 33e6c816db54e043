"""Payments of SmartAccounts that may be in Scoro already: a person is asked before they are carried over."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Document, named_payment
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.common.reasons import Phrase, Reason, reason
from scoro_smartaccounts.matching.documents.adoption import POSSIBLE_DUPLICATE
from scoro_smartaccounts.matching.payments.unreadable import UnreadableReceipt, unreadable_receipts
from scoro_smartaccounts.staging.answers import Answers, answers_to
from scoro_smartaccounts.staging.payment_rows import PaidByReceipt, receipts_of
from scoro_smartaccounts.staging.payments_and_receipts import orphaned_receipts

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from decimal import Decimal

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.matching.payments.matching import Matches
    from scoro_smartaccounts.outbox.settle import Settled as SettledIntents
    from scoro_smartaccounts.staging.links import Key
    from scoro_smartaccounts.staging.mirror_payments import MirroredPayment

_IN_SCORO = f"{POSSIBLE_DUPLICATE}.in_scoro"


@dataclass(frozen=True, slots=True)
class Paid:
    """What a payment settles of a document from Scoro, as a magnitude."""

    amount: Decimal
    document: Document

    @property
    def key(self) -> Key:
        """The document's own."""
        return self.document.flow, self.document.source_id


@dataclass(slots=True)
class Settled:
    """What a payment settles: documents from Scoro, and the names of those that cannot be read there by now."""

    paid: list[Paid] = field(default_factory=list)
    unreadable: list[Phrase] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Doubts:
    """What may be the same money in Scoro: by payment, by document, and receipts that cannot be read. `received` is
    what the receipts in staging pay of documents."""

    matches: Matches
    settled: SettledIntents
    answers: Answers
    received: Mapping[Key, Sequence[PaidByReceipt]]
    orphaned: Mapping[Key, list[Phrase]]
    unreadable: Sequence[UnreadableReceipt]

    def refuse(self, payment: MirroredPayment, settles: Settled) -> None:
        """Raise DocumentProblem where a person must decide."""
        if settles.unreadable:
            documents = list(dict.fromkeys(settles.unreadable))
            raise DocumentProblem(reason("paid_unreadable", document=payment.named, documents=documents))
        if groups := self.settled.unclear.get(payment.remote_id):
            raise DocumentProblem(reason("receipt_in_doubt", document=payment.named, groups=groups))
        self._refuse_there(payment, self.matches.payment_doubts.get(payment.remote_id, ()))
        self._refuse_there(payment, self._entered_again(payment, [item.key for item in settles.paid]))
        for item in settles.paid:
            self._refuse_overpayment(payment, item)

    def _refuse_there(self, payment: MirroredPayment, there: Sequence[Phrase]) -> None:
        if there:
            self._ask(payment, reason(_IN_SCORO, document=payment.named, payments=there))

    def _entered_again(self, payment: MirroredPayment, keys: Collection[Key]) -> list[Phrase]:
        """Scoro has a receipt of these documents whose payment is gone in SmartAccounts, or that cannot be read: it may
        be the same money."""
        there = [named for key in keys for named in self.orphaned.get(key, ())]
        there += [receipt.named for receipt in self.unreadable if receipt.may_pay(keys, payment.day)]
        return list(dict.fromkeys(there))

    def _refuse_overpayment(self, payment: MirroredPayment, item: Paid) -> None:
        """Refuse a document that Scoro's receipts have paid already: it takes no more without a person's word: the
        money may be there, dated or divided otherwise. Receipts that a person said to be other money are no reason."""
        receipts = self.received.get(item.key, ())
        there, gross = abs(sum((each.amount for each in receipts), ZERO)), abs(item.document.gross)
        if there and there + item.amount > gross:
            asked = reason(
                "possible_duplicate.covered",
                document=payment.named,
                amount=item.amount,
                paid=item.document.named,
                there=there,
                gross=gross,
                payments=[named_payment(each.number, each.day) for each in receipts],
            )
            self._ask(payment, asked, or_in=(_IN_SCORO,))

    def _ask(self, payment: MirroredPayment, asked: Reason, *, or_in: Collection[str] = ()) -> None:
        """Ask a person, unless the question was answered."""
        if (left := self.answers.left(payment.remote_id, asked, or_in=or_in)) is not None:
            raise DocumentProblem(left)


def gather_doubts(
    connection: Connection,
    request: RunRequest,
    settles: Mapping[str, Settled],
    matches: Matches,
    settled: SettledIntents,
) -> Doubts:
    """Gather what may be the money of payments, by what they settle. Within the caller's transaction."""
    company = request.company.key
    keys = {item.key for each in settles.values() for item in each.paid}
    received: dict[Key, list[PaidByReceipt]] = defaultdict(list)
    for row in receipts_of(connection, company, {source_id for _, source_id in keys}):
        received[row.key].append(row)
    return Doubts(
        matches=matches,
        settled=settled,
        answers=answers_to(connection, request, settles, POSSIBLE_DUPLICATE),
        received=received,
        orphaned=orphaned_receipts(connection, company, keys),
        unreadable=unreadable_receipts(connection, company),
    )
