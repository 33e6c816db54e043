"""What a person is asked about a document that may be in SmartAccounts already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Document, Flow
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason

if TYPE_CHECKING:
    from scoro_smartaccounts.flows import InvoiceFlow
    from scoro_smartaccounts.matching.documents.candidate import Candidate
    from scoro_smartaccounts.matching.documents.left import LeftBehind
    from scoro_smartaccounts.staging.mirror_documents import MirroredDocument


def partial_match(document: Document, differences: list[Phrase]) -> DocumentProblem:
    """Return that SmartAccounts has a document of the same number that is not equal."""
    said = differences or phrase("several_equal")
    return DocumentProblem(reason("partial_match", document=document.named, kind=_kind_of(document), differences=said))


def may_be_unread(document: Document, there: MirroredDocument) -> Reason:
    """Ask about a document of SmartAccounts that cannot be read."""
    return reason(
        "possible_duplicate.unread",
        document=document.named,
        kind=_kind_of(document),
        day=there.day,
        record=there.remote_id,
        field=there.partner_name,
        retried=document.number,
    )


def may_be_twin(spec: InvoiceFlow, candidate: Candidate, there: MirroredDocument) -> Reason:
    """Ask about one that is equal but for its number."""
    document = candidate.document
    return reason(
        "possible_duplicate",
        document=document.named,
        twin=phrase(spec.noun, number=there.number),
        kind=phrase(f"{spec.partner}_word"),
        total=abs(there.total),
        number=candidate.number,
        retried=document.number,
    )


def may_be_of_other_year(
    spec: InvoiceFlow, document: Document, there: MirroredDocument, differences: list[Phrase]
) -> Reason:
    """Ask about one of the same number and total in another year."""
    return reason(
        "possible_duplicate.other_year",
        document=phrase("of_day", document=document.named, day=document.day),
        twin=phrase("of_day", document=phrase(spec.noun, number=there.number), day=there.day),
        differences=differences,
        retried=document.number,
    )


def may_be_left_behind(spec: InvoiceFlow, candidate: Candidate, left: LeftBehind, differences: list[Phrase]) -> Reason:
    """Ask about one whose document is gone in Scoro."""
    document, there = candidate.document, left.there
    if spec.same_number(there.number) != spec.same_number(candidate.number):
        differences = [phrase("number_instead", there=there.number, here=candidate.number), *differences]
    return reason(
        "possible_duplicate.left_behind",
        document=document.named,
        id=document.source_id,
        other=left.named,
        twin=phrase(spec.noun, number=there.number),
        differences=differences or phrase("several_equal"),
    )


def _kind_of(document: Document) -> Phrase:
    return phrase("a_bill" if document.flow is Flow.PURCHASE_INVOICES else "an_invoice")
