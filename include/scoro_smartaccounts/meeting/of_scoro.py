"""The assumptions about Scoro that its own records can tell about. Their rows stand in docs/assumptions.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.meeting import judge_scoro as judge
from scoro_smartaccounts.meeting.assumption import Assumption, Follows

if TYPE_CHECKING:
    from scoro_smartaccounts.meeting.judge_scoro import ScoroSeen

TOLD = Follows.TOLD
_Row: type[Assumption[ScoroSeen]] = Assumption

ASSUMPTIONS: tuple[Assumption[ScoroSeen], ...] = (
    _Row(
        "date_filter",
        "Kuupäeva filter töötab, viimase päevata",
        "The date filter works, without its last day",
        judge.date_filter,
    ),
    _Row(
        "moment_filter",
        "Muutmise ja loomise aja filter töötab",
        "Filters on when records changed or were made work",
        judge.moment_filter,
        TOLD,
    ),
    _Row("unknown_filter", "Tundmatu filter jäetakse vahele", "An unknown filter is passed over", judge.unknown_filter),
    _Row("scoro_pages", "Lehel on 100 rida", "Pages hold 100 rows", judge.pages),
    _Row("scoro_detailed_pages", "Ridadega lehel on 25 dokumenti", "Pages with lines hold 25", judge.detailed_pages),
    _Row("scoro_order", "Nimekiri on id järjekorras", "Lists come in the order of ids", judge.order),
    _Row(
        "deleted_place",
        "Kustutatuid saab küsida kummaski kohas",
        "Deleted records show where they are asked for in either place",
        judge.deleted_place,
    ),
    _Row(
        "deleted_for",
        "Kustutatud dokumendid on näha 30 päeva",
        "Deleted documents stay visible for 30 days",
        judge.deleted_for,
    ),
    _Row(
        "deleted_moves",
        "Kustutamine ei muuda muutmise aega",
        "A deleted document keeps its time of modification",
        judge.deleted_moves,
    ),
    _Row(
        "receipt_moves",
        "Laekumine muudab arve muutmise aega",
        "A receipt moves when its invoice changed",
        judge.receipt_moves,
    ),
    _Row("scoro_credit_sign", "Kreeditarve on miinusega", "Credit invoices are negative", judge.credit_sign),
    _Row(
        "receipts_of_credits",
        "Kreeditarve laekumine on miinusega",
        "A receipt of a credit invoice is negative",
        judge.receipts_of_credits,
        TOLD,
    ),
    _Row(
        "receipts_of_bills",
        "Ostuarve makse nimetab ostuarve id",
        "A receipt of a bill names the bill's id",
        judge.receipts_of_bills,
        TOLD,
    ),
    _Row("bill_number", "Ostuarve number on hankija oma", "A bill's number is the supplier's", judge.bill_number, TOLD),
    _Row(
        "scoro_rate",
        "Kurss on ühe välisvaluuta ühiku hind eurodes",
        "The rate is that of one foreign unit in euros",
        judge.rate_side,
        TOLD,
    ),
    _Row(
        "discounts",
        "Dokumendi allahindlused rakenduvad üksteise järel",
        "Discounts of a document apply one after the other",
        judge.discounts,
        TOLD,
    ),
    _Row("receivable", "receivable_sum on tasumata summa", "receivable_sum is what is open", judge.receivable),
    _Row(
        "html",
        "Tekstid on HTML-i jaoks varjestatud kuni korra",
        "Texts are escaped once or not at all",
        judge.texts,
        TOLD,
    ),
    _Row("tags", "Toodete nimekiri näitab silte", "Lists of products show tags", judge.tags),
    _Row("scoro_moments", "Ajahetkel on ajavöönd", "Moments have a time zone", judge.form("moment", "zone")),
    _Row("scoro_empty", "Tühi nimekiri on null", "An empty list is null", judge.form("empty", "null")),
    _Row(
        "floats",
        "Summades on ujukomaarvude viga",
        "Amounts come with the noise of floating numbers",
        judge.noise,
    ),
)
