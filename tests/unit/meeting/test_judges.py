"""Room meeting. Judges of what was read: pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from scoro_smartaccounts.meeting import of_scoro, of_smartaccounts
from scoro_smartaccounts.meeting.assumption import Assumption, Follows
from scoro_smartaccounts.meeting.judge_amounts import open_sums, payment_signs, vat_rounding
from scoro_smartaccounts.meeting.judge_ledger import exchange_rate
from scoro_smartaccounts.meeting.judge_lists import sent
from scoro_smartaccounts.meeting.meet import judge
from scoro_smartaccounts.meeting.seen import Seen
from scoro_smartaccounts.meeting.verdict import ENOUGH, Example, State, judged, read_as

ONE, OTHER = Example("1"), Example("2")
HEAD: dict[str, Any] = {
    "own_number": "",
    "mark": "",
    "partner": "",
    "day": "2025-12-01",
    "entry_day": "2025-12-01",
    "type": "",
    "currency": "EUR",
    "rate": None,
    "rounding": None,
    "computed": None,
    "reverse": False,
    "unpaid": None,
    "changed": None,
    "created": None,
    "comment": 0,
    "sent": [],
    "by_vendor": [],
}
CODES = {"M12/settings/vatpcs": {"codes": [["24", "24", False, "2310", "1510"]]}}


def answers(**questions: list[dict[str, Any]]) -> dict[str, Any]:
    return CODES | {name.replace("_", "/"): {"rows": rows} for name, rows in questions.items()}


def invoice(key: str, vat: str, price: str = "10.02", **fields: Any) -> dict[str, Any]:
    """Three rows of one price."""
    rows = [["24", price, "1.00", "0.00", None, None]] * 3
    net = 3 * Decimal(price)
    sums = {"net": str(net), "vat": vat, "total": str(net + Decimal(vat)), "rows": rows}
    return HEAD | {"id": key, "number": key} | sums | fields


@pytest.mark.parametrize(
    ("agreeing", "against", "state"),
    [
        (3, 0, "confirmed"),
        (2, 0, "no_example"),
        (0, 3, "contradicted"),
        (0, 2, "no_example"),
        (2, 3, "contradicted"),
        (3, 1, "no_example"),
        (3, 3, "no_example"),
        (0, 0, "no_example"),
    ],
)
def test_what_may_be_a_chance_needs_three(agreeing: int, against: int, state: str) -> None:
    found = judged([ONE] * agreeing, [OTHER] * against, assumed="a", other="b", enough=ENOUGH)
    assert (found.state, found.agreeing, found.against) == (state, agreeing, against)
    assert found.reading == {"confirmed": "a", "contradicted": "b", "no_example": ""}[state]


def test_one_exact_example_is_enough() -> None:
    assert judged([], [OTHER], assumed="a", other="b").state is State.CONTRADICTED
    assert judged([ONE], [], assumed="a", other="b").state is State.CONFIRMED
    assert read_as("", assumed="a").state is State.NO_EXAMPLE


# By row 2.4048 is 2.40, three of them 7.20; by code 7.2144 is 7.21.
@pytest.mark.parametrize(
    ("vats", "state", "reading"),
    [
        (["7.20"] * 3, "confirmed", "per_row"),
        (["7.21"] * 3, "contradicted", "per_code"),
        (["7.21"] * 2, "no_example", ""),
        (["7.20", "7.21", "7.21"], "no_example", ""),
        (["7.22"] * 3, "no_example", ""),
    ],
)
def test_vat_is_rounded_by_row_or_by_code(vats: list[str], state: str, reading: str) -> None:
    rows = [invoice(str(place), vat) for place, vat in enumerate(vats)]
    found = vat_rounding(Seen(answers(M1_first=rows)))
    assert (found.state, found.reading) == (state, reading)


def test_what_was_rounded_by_hand_tells_nothing_of_vat() -> None:
    rows = [invoice(str(place), "7.21", rounding="0.01") for place in range(3)]
    assert vat_rounding(Seen(answers(M1_first=rows))).state is State.NO_EXAMPLE


def entry(euros: str, original: str) -> dict[str, Any]:
    rows = [["1200", euros, "0.00", original, None], ["3010", "0.00", euros, None, original]]
    head = {"type": "CLIENT_INVOICE", "day": "2025-12-01", "own_number": "", "mark": ""}
    return head | {"id": "e", "currency": "USD", "rows": rows}


@pytest.mark.parametrize(
    ("rate", "euros", "state", "reading"),
    [
        ("1.25", "24.05", "confirmed", "foreign_per_euro"),
        ("0.80", "24.05", "contradicted", "euro_per_foreign"),
        # Nearly at par both ways round are near.
        ("1.001", "30.03", "no_example", ""),
        ("3.00", "24.05", "no_example", ""),
    ],
)
def test_a_rate_is_told_by_an_entry_in_both_currencies(rate: str, euros: str, state: str, reading: str) -> None:
    sold = invoice("1", "0", currency="USD", rate=rate)
    sold |= {"total": "30.06"}
    found = exchange_rate(Seen(answers(M1_first=[sold], M8_1=[entry(euros, "30.06")])))
    assert (found.state, found.reading) == (state, reading)


def test_two_documents_of_one_sum_have_no_entry_of_their_own() -> None:
    sold = [invoice(key, "0", currency="USD", rate="1.25") | {"total": "30.06"} for key in ("1", "2")]
    assert Seen(answers(M1_first=sold, M8_1=[entry("24.05", "30.06")])).pairs == []


def payment(amount: str, document: str = "b") -> dict[str, Any]:
    head: dict[str, Any] = {"id": amount, "own_number": "1", "mark": "", "day": "2025-12-02", "entry_day": "2025-12-02"}
    head |= {"partner_type": "VENDOR", "account_type": "BANK", "account": "LHV", "currency": "EUR", "rate": None}
    head |= {"amount": amount, "prepayment": None, "extras": None, "changed": None, "created": None}
    return head | {"rows": [["VENDOR_INVOICE", document, amount]]}


def test_a_row_of_an_unknown_document_tells_no_sign() -> None:
    """It may be a credit."""
    bill = invoice("b", "7.20")
    assert payment_signs(Seen(answers(M3_first=[bill], M4_suppliers=[payment("-5.00")]))).reading == "signed"
    assert payment_signs(Seen(answers(M4_suppliers=[payment("-5.00")]))).state is State.NO_EXAMPLE


@pytest.mark.parametrize(
    ("unpaid", "paid", "state"),
    [
        ("32.26", ["-5.00"], "confirmed"),
        ("0.00", ["30.00", "7.26"], "confirmed"),
        ("37.26", ["5.00"], "contradicted"),
        # Another payment was not read.
        ("12.26", ["5.00"], "no_example"),
        ("37.26", [], "no_example"),
        (None, ["5.00"], "no_example"),
    ],
)
def test_payments_lower_what_is_open(unpaid: str | None, paid: list[str], state: str) -> None:
    bill = invoice("b", "7.20", unpaid=unpaid)
    seen = Seen(answers(M3_first=[bill], M4_suppliers=[payment(amount) for amount in paid]))
    assert open_sums(seen).state == state


def test_a_document_that_names_when_it_was_sent_tells_how() -> None:
    rows = [invoice("1", "7.20"), invoice("2", "7.20", sent=["emailLastSentDate"])]
    found = sent(Seen(answers(M1_first=rows)))
    assert (found.state, found.reading, found.agreeing) == (State.CONFIRMED, "emailLastSentDate", 1)
    assert sent(Seen(answers(M1_first=rows[:1]))).state is State.NO_EXAMPLE


def test_every_assumption_has_a_key_both_sentences_and_what_follows() -> None:
    rows: tuple[Assumption[Any], ...] = (*of_smartaccounts.ASSUMPTIONS, *of_scoro.ASSUMPTIONS)
    assert len({row.key for row in rows}) == len(rows)
    assert all(row.et and row.en and row.et != row.en for row in rows)
    assert all(bool(row.kinds) == (row.follows is Follows.HELD) for row in rows)


def test_nothing_read_tells_nothing() -> None:
    assert {row.verdict.state for row in judge({})} == {State.NO_EXAMPLE}
