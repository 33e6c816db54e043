"""Room transform. Receipt groups become payments and payments become receipt groups, to the cent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoro_smartaccounts.common.documents import Flow, Receipt, ReceiptGroup, payment_name
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.common.reasons import phrase, reason
from scoro_smartaccounts.transform.cash_rounding import MOST_CASH_ROUNDING
from scoro_smartaccounts.transform.payment import (
    MoneyAccount,
    PaidDocument,
    PaymentTerms,
    PlannedPayment,
    plan_payment,
    settled_by,
)
from scoro_smartaccounts.transform.rates import rate_sent
from scoro_smartaccounts.transform.receipt import BookedPayment, PaidInScoro, equal_content, plan_receipt_group
from tests.told import told

DAY = date(2026, 1, 20)
LHV = MoneyAccount("BANK", "LHV", "EUR")
TILL = MoneyAccount("CASH", "Kassa", "EUR")
DOLLARS = MoneyAccount("BANK", "SEB USD", "USD")
NETTING = MoneyAccount("BANK", "Tasaarveldus", "EUR")
TERMS = PaymentTerms(LHV, NETTING, "8600", "Ettemaks", "Sularaha ümardamine", "EUR", "scoro:demoou:receipts/7")

Row = tuple[Receipt, PaidDocument | None]


def paid(
    remote_id: str,
    amount: str | Decimal,
    outstanding: str | Decimal | None = None,
    *,
    credit: bool = False,
    partner: str = "c-1",
    currency: str = "EUR",
    rate: str = "1",
) -> Row:
    """A receipt and its document; nothing else is open of it unless said."""
    value = Decimal(amount)
    return (
        Receipt("1", Flow.SALES_INVOICES, remote_id, None, value),
        PaidDocument(
            named=phrase("invoice", number=remote_id),
            remote_id=remote_id,
            partner_remote_id=partner,
            currency=currency,
            exchange_rate=rate_sent(Decimal(rate)),
            outstanding=abs(value) if outstanding is None else Decimal(outstanding),
            is_credit=credit,
        ),
    )


def prepaid(amount: str | Decimal) -> Row:
    return Receipt("2", None, None, "31", Decimal(amount)), None


def group(rows: Sequence[Row], *, currency: str = "EUR", purchase: bool = False) -> ReceiptGroup:
    receipts = tuple(receipt for receipt, _ in rows)
    return ReceiptGroup(
        source_id="7",
        day=DAY,
        partner_id="51",
        currency=currency,
        total=sum((receipt.amount for receipt in receipts), ZERO),
        account_id="2",
        is_purchase=purchase,
        is_deleted=False,
        modified_at=None,
        rows=receipts,
    )


def plan(*rows: Row, terms: PaymentTerms = TERMS, currency: str = "EUR", purchase: bool = False) -> PlannedPayment:
    whole = group(rows, currency=currency, purchase=purchase)
    return plan_payment(whole, rows, partner_remote_id="c-1", terms=terms)


def code_of(*rows: Row, **named: Any) -> tuple[str, str, str]:
    with pytest.raises(DocumentProblem) as caught:
        plan(*rows, **named)
    assert group(rows).called in str(caught.value)
    return caught.value.code, caught.value.field, caught.value.system


@pytest.mark.parametrize(
    ("name", "day", "called"),
    [
        ("901", DAY, "Payment 901 of 20.01.2026"),
        ("receipt-901", DAY, "Payment 901 of 20.01.2026"),
        ("payment-MK-12", DAY, "Payment MK-12 of 20.01.2026"),
        ("receipt-901", None, "Payment 901"),
    ],
)
def test_a_payment_has_one_name(name: str, day: date | None, called: str) -> None:
    assert payment_name(name, day) == called


def moved(body: dict[str, Any]) -> Decimal:
    """What a body comes to: rows, prepayment, extras."""
    total = sum((Decimal(row["amount"]) for row in body.get("rows", ())), ZERO)
    total += Decimal(body.get("prepayment", {}).get("amount", "0"))
    return total + sum((Decimal(item["price"]) * Decimal(item["quantity"]) for item in body.get("extras", ())), ZERO)


# One by one


def test_the_exact_body() -> None:
    planned = plan(paid("d-1", "61.60"))
    assert planned.bodies == (
        {
            "date": "20.01.2026",
            "document": "scoro:demoou:receipts/7",
            "partnerType": "CLIENT",
            "clientId": "c-1",
            "accountType": "BANK",
            "accountName": "LHV",
            "currency": "EUR",
            "rows": [{"amount": "61.60", "type": "CLIENT_INVOICE", "id": "d-1"}],
        },
    )
    assert planned.total == Decimal("61.60")
    assert planned.left == {"d-1": ZERO}
    assert planned.warnings == ()


def test_a_purchase_names_the_vendor() -> None:
    [body] = plan(paid("d-1", "61.60"), purchase=True).bodies
    assert (body["partnerType"], body["vendorId"], body["rows"][0]["type"]) == ("VENDOR", "c-1", "VENDOR_INVOICE")
    assert "clientId" not in body


def test_several_documents_are_several_rows_and_one_document_twice_is_one() -> None:
    [body] = plan(paid("d-1", "10"), paid("d-2", "20", "50"), paid("d-1", "5", "15")).bodies
    assert [(row["id"], row["amount"]) for row in body["rows"]] == [("d-1", "15.00"), ("d-2", "20.00")]


@pytest.mark.parametrize(
    ("amount", "outstanding", "rows", "prepayment"),
    [("24", "100", ["24.00"], None), ("130", "124", ["124.00"], "6.00"), ("50", "0", [], "50.00")],
    ids=["partial", "overpaid", "paid before"],
)
def test_what_is_open_is_paid_and_the_rest_is_a_prepayment(
    amount: str, outstanding: str, rows: list[str], prepayment: str | None
) -> None:
    planned = plan(paid("d-1", amount, outstanding))
    [body] = planned.bodies
    assert [row["amount"] for row in body["rows"]] == rows
    assert body.get("prepayment", {}).get("amount") == prepayment
    assert bool(planned.warnings) is (prepayment is not None)


def test_money_against_a_prepayment_invoice_beside_a_document() -> None:
    [body] = plan(paid("d-1", "10"), prepaid("40")).bodies
    assert body["prepayment"] == {"amount": "40.00", "description": "Ettemaks"}
    assert moved(body) == 50
    [alone] = plan(prepaid("40")).bodies
    assert alone["rows"] == []
    assert moved(alone) == 40


@pytest.mark.parametrize("cents", [-2, -1, 1, 2])
def test_rounded_cash_is_explained(cents: int) -> None:
    amount = 100 + Decimal(cents) / 100
    planned = plan(paid("d-1", amount, "100"), terms=replace(TERMS, account=TILL))
    [body] = planned.bodies
    assert body["rows"][0]["amount"] == "100.00"
    [extra] = body["extras"]
    assert (Decimal(extra["price"]), extra["account"]) == (Decimal(cents) / 100, "8600")
    assert moved(body) == amount
    assert "rounding" in told(planned.warnings[0])


@pytest.mark.parametrize(
    ("account", "amount", "currency"), [(LHV, "99.99", "EUR"), (TILL, "99.97", "EUR"), (TILL, "99.99", "USD")]
)
def test_what_is_no_rounding_of_cash_stays_open(account: MoneyAccount, amount: str, currency: str) -> None:
    planned = plan(
        paid("d-1", amount, "100", currency=currency), terms=replace(TERMS, account=account), currency=currency
    )
    assert "extras" not in planned.bodies[0]
    assert planned.left["d-1"] == 100 - Decimal(amount)


def test_rounded_cash_needs_an_account() -> None:
    terms = replace(TERMS, account=TILL, rounding_account=None)
    assert code_of(paid("d-1", "99.99", "100"), terms=terms) == (
        "rounding_account_not_named",
        "payments.rounding_account",
        "company file",
    )


def test_a_refund_pays_a_credit_invoice_with_a_positive_row() -> None:
    for amount in ("-24.80", "24.80"):
        [body] = plan(paid("k-1", amount, "24.80", credit=True)).bodies
        assert body["rows"] == [{"amount": "24.80", "type": "CLIENT_INVOICE", "id": "k-1"}]
        assert body["accountName"] == "LHV"


def test_netting_comes_first_and_the_rest_moves_as_money() -> None:
    planned = plan(paid("d-1", "124"), paid("k-1", "-24.80", credit=True))
    netting, money = planned.bodies
    assert netting["accountName"] == "Tasaarveldus"
    assert {row["id"]: row["amount"] for row in netting["rows"]} == {"d-1": "24.80", "k-1": "24.80"}
    assert (money["accountName"], [row["amount"] for row in money["rows"]]) == ("LHV", ["99.20"])
    assert planned.total == Decimal("99.20")
    assert settled_by(planned.bodies) == {"d-1": Decimal(124), "k-1": Decimal("24.80")}


def test_netting_alone_needs_no_receipt_account() -> None:
    nowhere = DocumentProblem(reason("account_not_named", document=group([]).named))
    terms = replace(TERMS, account=nowhere)
    [body] = plan(paid("d-1", "10"), paid("k-1", "-10", credit=True), terms=terms).bodies
    assert body["accountName"] == "Tasaarveldus"
    assert code_of(paid("d-1", "10"), terms=terms)[0] == "account_not_named"


def test_the_rest_of_a_larger_credit_is_given_back() -> None:
    netting, money = plan(paid("d-1", "10"), paid("k-1", "-30", credit=True)).bodies
    assert moved(netting) == 20
    assert money["rows"] == [{"amount": "20.00", "type": "CLIENT_INVOICE", "id": "k-1"}]


@pytest.mark.parametrize(
    ("rows", "terms", "expected"),
    [
        ([paid("d-1", "-5")], TERMS, "negative_receipt"),
        ([paid("d-1", "0")], TERMS, "negative_receipt"),
        ([prepaid("-5")], TERMS, "negative_receipt"),
        ([paid("k-1", "-9", credit=True), prepaid("5")], TERMS, "mixed_refund"),
        ([paid("k-1", "-9", "8", credit=True)], TERMS, "refund_too_large"),
        ([paid("d-1", "10", "5"), paid("k-1", "-10", credit=True)], TERMS, "nothing_to_net"),
        ([paid("d-1", "10"), paid("k-1", "-10", "0", credit=True)], TERMS, "nothing_to_net"),
        ([paid("d-1", "5", partner="c-2")], TERMS, "partners_differ"),
        ([paid("d-1", "5", currency="USD")], TERMS, "currency_differs"),
        (
            [paid("d-1", "10"), paid("k-1", "-10", credit=True)],
            replace(TERMS, netting_account=None),
            "netting_account_not_named",
        ),
        ([paid("d-1", "10")], replace(TERMS, account=DOLLARS), "account_currency"),
    ],
)
def test_what_a_person_must_decide(rows: list[Row], terms: PaymentTerms, expected: str) -> None:
    code, field, system = code_of(*rows, terms=terms)
    assert code == expected
    assert field in ("receipts", "payments.netting_account", "payments.accounts")
    assert system == ("Scoro" if field == "receipts" else "company file")


@pytest.mark.parametrize("account", [LHV, DOLLARS])
def test_dollars_go_to_either_account_at_the_banks_own_rate(account: MoneyAccount) -> None:
    [body] = plan(paid("d-1", "50", currency="USD"), terms=replace(TERMS, account=account), currency="USD").bodies
    assert (body["currency"], body["accountName"]) == ("USD", account.name)
    assert "exchangeRate" not in body
    assert "eurAmount" not in body


def test_a_currency_without_an_official_rate_takes_the_documents() -> None:
    planned = plan(paid("d-1", "50", currency="UAH", rate="0.02"), currency="UAH")
    assert planned.bodies[0]["exchangeRate"] == "50.00"
    assert "no official rate" in told(planned.warnings[0])
    two_rates = [paid("d-1", "50", currency="UAH", rate="0.02"), paid("d-2", "5", currency="UAH", rate="0.03")]
    assert code_of(*two_rates, currency="UAH")[0] == "currency_rate"
    assert code_of(paid("d-1", "50", currency="UAH", rate="0"), currency="UAH")[0] == "currency_rate"
    assert code_of(prepaid("50"), currency="UAH")[0] == "currency_rate"


def test_the_total_without_what_is_left_out() -> None:
    rows = [paid("d-1", "10"), paid("d-2", "30")]
    planned = plan_payment(group(rows), rows[:1], partner_remote_id="c-1", terms=TERMS)
    assert planned.total == 10


# Whatever comes

money = st.integers(1, 100_000).map(lambda number: Decimal(number) / 100)


@st.composite
def groups(draw: st.DrawFn, *, credits: bool) -> list[Row]:
    rows = [
        paid(f"d-{place}", draw(money), draw(st.one_of(money, st.just(ZERO), money)))
        for place in range(draw(st.integers(1, 4)))
    ]
    if draw(st.booleans()):
        # Cash is rounded.
        receipt, document = rows[0]
        assert document is not None
        open_still = max(receipt.amount + draw(st.integers(-3, 3)) * Decimal("0.01"), ZERO)
        rows[0] = receipt, replace(document, outstanding=open_still)
    if credits:
        rows += [
            paid(f"k-{place}", -draw(money), draw(st.one_of(money, money)), credit=True)
            for place in range(draw(st.integers(1, 2)))
        ]
    if draw(st.booleans()):
        rows.append(prepaid(draw(money)))
    return draw(st.permutations(rows))


@given(groups(credits=False), st.sampled_from([LHV, TILL]))
def test_money_adds_up_and_never_pays_more_than_is_open(rows: list[Row], account: MoneyAccount) -> None:
    planned = plan(*rows, terms=replace(TERMS, account=account))
    [body] = planned.bodies
    assert moved(body) == group(rows).total == planned.total
    _no_row_too_large(rows, planned)
    for item in body.get("extras", ()):
        assert abs(Decimal(item["price"])) <= MOST_CASH_ROUNDING * len(rows)
    if account is LHV:
        assert "extras" not in body


def test_a_cent_of_a_credit_invoice_that_is_used_up_is_no_cash_rounding() -> None:
    """A payment without rows would take the cent in that was given back."""
    invoice, credit = (
        PaidDocument(
            named=phrase("invoice", number=number),
            remote_id=number,
            partner_remote_id="c-1",
            currency="EUR",
            exchange_rate=Decimal(1),
            outstanding=Decimal("0.01"),
            is_credit=is_credit,
        )
        for number, is_credit in (("1", False), ("K1", True))
    )
    rows = [
        (Receipt("1", Flow.SALES_INVOICES, document.remote_id, None, Decimal(amount)), document)
        for document, amount in ((invoice, "0.01"), (credit, "-0.02"))
    ]
    with pytest.raises(DocumentProblem) as refused:
        plan(*rows, terms=replace(TERMS, account=TILL))
    assert refused.value.code == "refund_too_large"


@given(groups(credits=True), st.sampled_from([LHV, TILL]))
def test_netting_is_balanced_and_keeps_the_total(rows: list[Row], account: MoneyAccount) -> None:
    try:
        planned = plan(*rows, terms=replace(TERMS, account=account))
    except DocumentProblem as problem:
        assert problem.code in ("nothing_to_net", "refund_too_large", "mixed_refund")  # noqa: PT017
        return
    _no_row_too_large(rows, planned)
    credit_ids = {document.remote_id for _, document in rows if document is not None and document.is_credit}
    signed = ZERO
    for body in planned.bodies:
        sides = [
            sum((Decimal(row["amount"]) for row in body["rows"] if (row["id"] in credit_ids) is side), ZERO)
            for side in (True, False)
        ]
        if body["accountName"] == NETTING.name:
            assert sides[0] == sides[1] > 0
            assert not body.get("prepayment")
            assert not body.get("extras")
        else:
            assert ZERO in sides
            signed += moved(body) * (-1 if sides[0] else 1)
    assert signed == group(rows).total
    assert planned.total == abs(signed)


def _no_row_too_large(rows: list[Row], planned: PlannedPayment) -> None:
    outstanding = {document.remote_id: document.outstanding for _, document in rows if document is not None}
    settled = settled_by(planned.bodies)
    for remote_id, amount in settled.items():
        assert 0 < amount <= outstanding[remote_id]
    for body in planned.bodies:
        ids = [row["id"] for row in body["rows"]]
        assert len(ids) == len(set(ids))
    assert planned.outstanding == outstanding
    for remote_id, left in planned.left.items():
        assert left == outstanding[remote_id] - settled.get(remote_id, ZERO) >= 0


# The other way

PAYMENT = BookedPayment("p-1", "17", DAY, "LHV", "EUR")


def row(record_id: str, amount: str, *, negative: bool = False, partner: str = "51", module: str = "invoices") -> Any:
    return PaidInScoro(module, record_id, f"no {record_id}", partner, Decimal(amount), negative)


def test_the_exact_request() -> None:
    assert plan_receipt_group(PAYMENT, [row("5", "10"), row("6", "20.5"), row("5", "1")], account_id="2") == {
        "date": "2026-01-20",
        "contact_id": 51,
        "sum": "31.50",
        "currency": "EUR",
        "sales_doc_type": "invoices",
        "receipt_account_id": 2,
        "receipts": [{"invoice_id": 5, "sum": "11.00"}, {"invoice_id": 6, "sum": "20.50"}],
    }


def test_netting_names_no_receipt_account_and_adds_up_to_nothing() -> None:
    request = plan_receipt_group(PAYMENT, [row("5", "10"), row("6", "10", negative=True)], account_id=None)
    assert "receipt_account_id" not in request
    assert request["sum"] == "0.00"
    assert [item["sum"] for item in request["receipts"]] == ["10.00", "-10.00"]


def test_rows_of_several_contacts_are_refused() -> None:
    with pytest.raises(DocumentProblem) as caught:
        plan_receipt_group(PAYMENT, [row("5", "10"), row("6", "10", partner="52")], account_id="2")
    assert caught.value.code == "partners_differ"
    assert "17" in str(caught.value)


def test_equal_content_knows_no_order_and_no_way_of_writing_amounts() -> None:
    ours = plan_receipt_group(PAYMENT, [row("5", "10"), row("6", "20")], account_id="2")
    theirs = {**ours, "receipts": [{"invoice_id": "6", "sum": "20"}, {"invoice_id": "5", "sum": "10.0"}]}
    assert equal_content(ours) == equal_content(theirs)
    for change in (
        {"date": "2026-01-21"},
        {"currency": "USD"},
        {"sales_doc_type": "bills"},
        {"receipts": ours["receipts"][:1]},
    ):
        assert equal_content(ours) != equal_content({**ours, **change})


@given(st.lists(st.tuples(st.sampled_from("123"), money, st.booleans()), min_size=1, max_size=8))
def test_the_sum_is_that_of_the_receipts(items: list[tuple[str, Decimal, bool]]) -> None:
    negative = {record_id: is_negative for record_id, _, is_negative in items}
    rows = [row(record_id, str(amount), negative=negative[record_id]) for record_id, amount, _ in items]
    request = plan_receipt_group(PAYMENT, rows, account_id="2")
    assert Decimal(request["sum"]) == sum((Decimal(item["sum"]) for item in request["receipts"]), ZERO)
    assert len({item["invoice_id"] for item in request["receipts"]}) == len(request["receipts"])
