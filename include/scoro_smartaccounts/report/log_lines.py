"""What the task log says of a list: counts, sums and numbers of documents, never a name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.money import plain
from scoro_smartaccounts.common.reasons.spoken import counted
from scoro_smartaccounts.common.visible import visible
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.report.document import ListedDocument, Verdict
from scoro_smartaccounts.report.totals import CurrencyTotal, totals
from scoro_smartaccounts.report.words import VERDICTS, word

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# So many documents are named; the files have all.
MOST_NAMED = 50
_DOCUMENTS = "document|documents"


def log_lines(documents: Sequence[ListedDocument]) -> Iterator[str]:
    """Lines for the log."""
    sums = totals(documents)
    counts = ", ".join(f"{word(VERDICTS, verdict, 'en')} {count}" for verdict, count in sums.verdicts)
    yield f"Listed {counted(len(documents), _DOCUMENTS)}: {counts or 'none'}."
    for each in sums.currencies:
        yield f"To be created in {each.currency}: {_amounts(each)} in {counted(each.documents, _DOCUMENTS)}."
    if sums.new_partners or sums.new_articles:
        partner = INVOICE_FLOWS[documents[0].flow].partner
        yield f"Created with them: {partner}s {sums.new_partners}, articles {len(sums.new_articles)}."
    named = [visible(document.number) for document in documents if document.verdict is Verdict.CREATE]
    if named:
        more = f", … and {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
        yield f"To be created: {', '.join(named[:MOST_NAMED])}{more}."


def _amounts(sums: CurrencyTotal) -> str:
    if sums.direction is not None:
        return f"{sums.direction} {plain(sums.total)}"
    rounding = f", rounding {plain(sums.rounding)}" if sums.rounding else ""
    return f"net {plain(sums.net)}, VAT {plain(sums.vat)}{rounding}, total {plain(sums.total)}"
