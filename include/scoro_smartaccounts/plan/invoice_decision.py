"""Which invoices and bills cannot be booked now: what a person must decide or mend first, and what else they wait for.
That the invoice which a credit invoice credits is booked before it, the load step sees to.

Pure decisions over facts that were gathered beforehand: no database, no service, no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons import phrase, reason
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.matching.partners.undecided import waits_for_decision
from scoro_smartaccounts.plan.entry_days import EntryDay
from scoro_smartaccounts.plan.fates import Refused, Waiting

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from scoro_smartaccounts.common.company import Company
    from scoro_smartaccounts.common.documents import Document, Partner
    from scoro_smartaccounts.common.errors import DocumentProblem
    from scoro_smartaccounts.matching.partners.articles import MatchedArticles
    from scoro_smartaccounts.matching.partners.partners import MatchedPartners
    from scoro_smartaccounts.plan.entry_days import EntryDays


@dataclass(frozen=True, slots=True)
class Batch:
    """The documents to plan, without their lines, and the invoices that they credit, with theirs; by source id."""

    documents: Mapping[str, Document]
    bases: Mapping[str, Document]

    @property
    def everybody(self) -> dict[str, Document]:
        """Both."""
        return {**self.documents, **self.bases}

    def bases_of(self, document: Document) -> list[Document]:
        """Return the invoices that it credits, as far as they are staged, the newest first."""
        known = [self.bases[source_id] for source_id in document.credits if source_id in self.bases]
        return sorted(known, key=lambda base: (base.day, base.source_id), reverse=True)

    def newest_base(self, document: Document) -> Document | None:
        """Return the newest of these."""
        return next(iter(self.bases_of(document)), None)


@dataclass(frozen=True, slots=True)
class MatchedRecords:
    """Contacts as staged, by id, and who they and the articles are in SmartAccounts."""

    partners: Mapping[str, Partner]
    known: MatchedPartners
    articles: MatchedArticles


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """What decides about documents that are not in the books. By source id: `booked` are the documents and credited
    ones that are linked, `gone` those whose record was deleted in SmartAccounts, `dismissed` those that a person
    dismissed."""

    company: Company
    batch: Batch
    matched: MatchedRecords
    booked: Container[str]
    gone: Container[str]
    dismissed: Container[str]
    entry_days: EntryDays

    def hold_back(self, document: Document) -> Refused | Waiting | None:
        """Return why a document cannot be booked now; None where it can."""
        base = self.batch.newest_base(document)
        return (
            _refused(document, self.matched.known.problems, [document.partner_id or ""])
            or self._waits(document, base)
            or self._held_by_month(document, base)
            or _refused(document, self.matched.articles.problems, sorted(product_ids(document)))
            or (None if base is None else self._without_base(document, base))
        )

    def _waits(self, document: Document, base: Document | None) -> Waiting | None:
        """Whether a person has to say first who its partner is, or that of the invoice it credits where that is not
        booked yet, or what its articles are."""
        known, articles, partner_id = self.matched.known, self.matched.articles, document.partner_id or ""
        if partner_id in known.unread:
            noun = INVOICE_FLOWS[document.flow].partner
            return Waiting(known.unread[partner_id].reason_of(document.named, partner_id, noun))
        named = [document] if base is None or base.source_id in self.booked else [document, base]
        undecided = [known.undecided[each.partner_id] for each in named if each.partner_id in known.undecided]
        undecided += [articles.undecided[key] for key in sorted(product_ids(document)) if key in articles.undecided]
        return Waiting(waits_for_decision(document.named, undecided)) if undecided else None

    def _held_by_month(self, document: Document, base: Document | None) -> Refused | Waiting | None:
        """Whether the day on which it is to be entered is one that is closed, or that a person is asked about."""
        found = self.entry_days.of(document, base)
        return None if isinstance(found, EntryDay) else found

    def _without_base(self, document: Document, base: Document) -> Refused | None:
        """Refuse a credit invoice whose invoice will never come to SmartAccounts."""
        first = self.company.first_import_date
        if base.source_id in self.gone:
            why = phrase("was_deleted_there")
        elif base.source_id in self.booked:
            return None
        elif base.is_deleted:
            why = phrase("was_deleted")
        elif base.day < first:
            why = phrase("is_before_first_import", day=first)
        elif base.source_id in self.dismissed:
            why = phrase("was_dismissed")
        else:
            return None
        told = phrase("credit_invoice", number=document.number)
        return Refused(reason("base_out_of_reach", document=told, base=base.named, why=why))


def product_ids(document: Document) -> set[str]:
    """Return the products that its lines name."""
    return {line.product_id for line in document.lines if not line.is_heading and line.product_id is not None}


def _refused(document: Document, problems: Mapping[str, DocumentProblem], keys: Iterable[str]) -> Refused | None:
    """Return what the first of the problems with these keys means for a document."""
    found = next((problems[key] for key in keys if key in problems), None)
    return None if found is None else Refused(found.reason.about(document.named))
