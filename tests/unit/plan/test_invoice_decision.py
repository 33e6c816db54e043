"""Room plan. What holds an invoice back, and which of several obstacles counts; the fates of a planning."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scoro_smartaccounts.common.company import load_company
from scoro_smartaccounts.common.documents import Document, Flow, Line
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.periods import Periods
from scoro_smartaccounts.common.reasons import reason
from scoro_smartaccounts.matching.partners.articles import MatchedArticles
from scoro_smartaccounts.matching.partners.partners import MatchedPartners
from scoro_smartaccounts.matching.partners.undecided import Undecided
from scoro_smartaccounts.plan.entry_days import EntryDays
from scoro_smartaccounts.plan.fates import Booked, Fates, Planned, Refused, Waiting, fates_of_links
from scoro_smartaccounts.plan.invoice_decision import Batch, InvoiceFacts, MatchedRecords
from scoro_smartaccounts.staging.links import Kind

COMPANY = load_company(Path(__file__).parents[3] / "include/companies/default.yaml")
DAY = COMPANY.first_import_date
PROBLEM = DocumentProblem(reason("account_not_named", document="x"))
LINE = Line(
    position=1,
    source_id="1",
    product_id="7",
    product_code=None,
    product_name="Kaabel",
    description="",
    unit="tk",
    quantity=Decimal(1),
    price=Decimal(100),
    discount=Decimal(0),
    net=Decimal(100),
    is_heading=False,
    vat_percent=Decimal(24),
    vat_code=None,
    vat_code_id=None,
    account=None,
    cost_object=None,
)
INVOICE = Document(
    flow=Flow.SALES_INVOICES,
    source_id="1",
    number="2026041",
    day=DAY,
    due_day=None,
    partner_id="51",
    currency="EUR",
    currency_rate=Decimal(1),
    discounts=(),
    net=Decimal(100),
    vat=Decimal(24),
    vat_percent=None,
    vat_code=None,
    vat_code_id=None,
    reference_number="",
    description="",
    credits=(),
    prepayments=(),
    prepayment_sum=Decimal(0),
    is_deleted=False,
    created_at=None,
    modified_at=None,
    lines=(LINE,),
)
CREDIT = replace(INVOICE, source_id="2", number="2026042", credits=("1",))


def held_back(document: Document, base: Document | None = None, **facts: Any) -> tuple[type, str] | None:
    """Kind and code of what holds a document back; `known` and `articles` are of its partners and products."""
    known, articles = facts.pop("known", MatchedPartners()), facts.pop("articles", MatchedArticles())
    told = InvoiceFacts(
        company=COMPANY,
        batch=Batch({document.source_id: document}, {} if base is None else {base.source_id: base}),
        matched=MatchedRecords({}, known, articles),
        **{"booked": (), "gone": (), "dismissed": (), "entry_days": EntryDays(COMPANY, Periods(DAY)), **facts},
    )
    fate = told.hold_back(document)
    return None if fate is None else (type(fate), fate.why.key)


def undecided(kind: Kind, source_id: str) -> dict[str, Undecided]:
    return {source_id: Undecided(kind, source_id, ("a",))}


def test_nothing_holds_an_invoice_back() -> None:
    assert held_back(INVOICE) is None
    assert held_back(CREDIT, INVOICE) is None  # the load step sees to its order


def test_the_partner_comes_before_the_articles() -> None:
    partner = MatchedPartners(problems={"51": PROBLEM})
    articles = MatchedArticles(problems={"7": PROBLEM}, undecided=undecided(Kind.ARTICLE, "7"))
    assert held_back(INVOICE, known=partner, articles=articles) == (Refused, "account_not_named")
    assert held_back(INVOICE, articles=articles) == (Waiting, "article_undecided")
    assert held_back(INVOICE, articles=MatchedArticles(problems={"7": PROBLEM})) == (Refused, "account_not_named")


def test_a_credit_invoice_waits_for_the_partner_of_its_invoice() -> None:
    other = replace(INVOICE, partner_id="52")
    known = MatchedPartners(undecided=undecided(Kind.CLIENT, "52"))
    assert held_back(CREDIT, other, known=known) == (Waiting, "partner_undecided")
    assert held_back(CREDIT, other, known=known, booked={"1"}) is None


@pytest.mark.parametrize(
    ("base", "facts"),
    [
        (INVOICE, {"gone": {"1"}, "booked": {"1"}}),
        (replace(INVOICE, is_deleted=True), {}),
        (replace(INVOICE, day=date(DAY.year - 1, 12, 31)), {}),
        (INVOICE, {"dismissed": {"1"}}),
    ],
)
def test_a_credit_invoice_without_its_invoice_is_refused(base: Document, facts: dict[str, Any]) -> None:
    assert held_back(CREDIT, base, **facts) == (Refused, "base_out_of_reach")


def test_what_is_booked_may_be_anything_in_scoro() -> None:
    assert held_back(CREDIT, replace(INVOICE, is_deleted=True), booked={"1"}, dismissed={"1"}) is None


def test_the_fate_of_a_document_is_the_first_one() -> None:
    fates: Fates[str] = Fates({"1": Booked()})
    fates.update(fates_of_links("in_smartaccounts", found={"2"}, linked={"2", "3"}))
    documents = dict.fromkeys("12345", INVOICE)
    assert list(fates.open_among(documents)) == ["4", "5"]
    with fates.refusing("4"):
        fates["4"] = Planned("body")
    with fates.refusing("5"):
        raise PROBLEM
    assert fates.planned() == {"4": "body"}
    assert {key: outcome for key, (outcome, _) in fates.outcomes().items()} == {
        "1": "already_there",
        "2": "created",
        "3": "adopted",
        "5": "quarantined",
    }
    assert (fates.count(Refused), list(fates.reasons(Refused))) == (1, ["5"])
