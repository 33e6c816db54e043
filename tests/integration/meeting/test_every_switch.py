"""Room meeting. Every switch of both simulators in its other positions, over a company that works already: what is read
tells that the service is another one than assumed, or the switch stands here with the reason why nothing can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from scoro_smartaccounts.common.run import ReconcileRequest
from scoro_smartaccounts.meeting.asking import MOST_OF_SCORO, MOST_OF_SMARTACCOUNTS
from scoro_smartaccounts.meeting.meet import meet
from scoro_smartaccounts.staging.database import make_engine
from tests.integration.conftest import Databases
from tests.integration.meeting.filled import fill_books, fill_scoro
from tests.integration.switches import OF_SCORO, OF_SMARTACCOUNTS
from tests.integration.world import World, open_world
from tests.tiers import slow_but

KEY = "meet/test"

# The switch, and the assumption whose verdict or reading it turns.
TOLD_OF_SMARTACCOUNTS = {
    "vat_per_code": "vat_rounding",
    "exchange_rate_is_euro_per_foreign": "exchange_rate",
    "payments_shown": "payment_signs",
    "row_vat_is_rate": "row_vat",
    "credits_shown_negative": "credit_sign",
    "reverse_vat_shown": "declared_vat",
    "netting_must_balance": "netting_balance",
    "mixed_rows": "mixed_rows",
    "entries_right": "entries_right",
    "entry_link": "entry_link",
    "entry_amounts": "entry_amounts",
    "entry_euro_originals": "entry_euro_originals",
    "entries_changed": "entries_changed",
    "deleted_of_entries": "deleted_of_entries",
    "credit_sides": "credit_sides",
    "supplier_payment_side": "supplier_payment_side",
    "refund_side": "refund_side",
    "extras_sign": "rounding_side",
    "reverse_charge_posted": "reverse_charge_computed reverse_charge_on_paper",
    "date_to_excluded": "last_day",
    "deleted_of_invoices": "deleted_of_invoices",
    "changes_of_payments": "changes_of_payments",
    "payments_tell_changes": "payments_tell_changes",
    "changes_of_registers": "changes_of_registers",
    "deleted_of_registers": "deleted_of_registers",
    "payment_moves_invoice": "payment_moves_invoice",
    "invoice_number_filter": "number_filter",
    "duplicate_sales_number": "sales_numbers",
    "list_keys": "list_keys",
    "omit_empty_list": "empty_lists",
    "page_size": "page_size",
    "sort": "order",
    "amounts_as_text": "amount_form",
    "number_as_number": "number_form",
    "moments": "moment_form",
    "show_date": "date_header",
    "minutes_behind": "clock",
    "warehouse_ids": "warehouse_ids",
    "automatic_movements": "movements",
}
_WRITTEN = "only a write is answered by it; its first one is refused with a reason, or told"
_CUT = "what was entered may be short by itself; the first document of ours raises the alarm, or is found otherwise"
NOTHING_TELLS_OF_SMARTACCOUNTS = {
    "error_key_field": _WRITTEN,
    "empty_post": "no read is posted",
    "payments_need_date_from": "every question about payments that is asked names a day or a change",
    "pdf": "nothing rests on it, and it costs a request",
    "partner_vat_required": _WRITTEN,
    "duplicate_partner": _WRITTEN,
    "duplicate_article": _WRITTEN,
    "duplicate_purchase_number": "that none stands twice does not tell that none may",
    "article_active": _WRITTEN,
    "delete_used": _WRITTEN,
    "four_byte": _WRITTEN,
    "text_lengths": _WRITTEN,
    "text_too_long": _WRITTEN,
    "comment_length": _CUT,
    "payment_document": _CUT,
    "price_decimals": _CUT,
    "discount_decimals": _CUT,
    "exchange_rate_decimals": _CUT,
    "add_answer_signed": _WRITTEN,
    "due_date": _WRITTEN,
    "calculate_vat": _WRITTEN,
    "entry_date_today": _WRITTEN,
    "edit_paid": _WRITTEN,
    "stock_needs_warehouse": _WRITTEN,
    "locked_until": "no service shows a lock; refused, the documents wait",
    "ecb_rates": "a currency that nobody used is none that has no rate",
    "ecb_until": "the last day of a quote shows in no document",
    "entry_numbers": "with the usual link an entry shows the number of its document",
    "netting_of_currency": "that nobody netted in another currency does not tell that nobody may",
    "negative_row_is_too_large": _WRITTEN,
    "eur_amount_elsewhere": _WRITTEN,
}

TOLD_OF_SCORO = {
    "page_cap": "scoro_pages",
    "detailed_cap": "scoro_detailed_pages",
    "sort_order": "scoro_order",
    "date_filter": "date_filter",
    "datetime_filter": "moment_filter",
    "unknown_filter": "unknown_filter",
    "include_deleted_placement": "deleted_place",
    "delete_bumps_modified": "deleted_moves",
    "receipt_bumps_modified": "receipt_moves",
    "credit_sign": "scoro_credit_sign",
    "receivable": "receivable",
    "bill_number": "bill_number",
    "html_entities": "html",
    "float_noise": "floats",
    "naive_datetimes": "scoro_moments",
    "empty_list": "scoro_empty",
    "product_tag_form": "tags",
    "product_tag_key": "tags",
    "product_tag_in_list": "tags",
}
_ENVELOPE = "the client reads either way and keeps neither"
NOTHING_TELLS_OF_SCORO = {
    "default_per_page": "every question names how many rows it wants",
    "deletion_horizon_days": "documents that were deleted longer ago than that show in no answer; nothing rests on it",
    "status_code_type": _ENVELOPE,
    "validation_http": _ENVELOPE,
    "auth_http": "a wrong key is never tried",
    "not_found_code": _ENVELOPE,
    "cloudflare": "the client names itself as it must",
    "credit_shows_in_paid_sum": "nothing rests on it",
    "prepayment_in_paid_sum": "nothing rests on it",
    "receipts_view": "it is not relied on",
    "receipt_overpays": _WRITTEN,
    "receipt_of_other_contact": _WRITTEN,
    "receipt_in_other_currency": _WRITTEN,
    "receipt_sum_differs": _WRITTEN,
    "delete_received": _WRITTEN,
}
# Under these nobody could have entered what stands there: they came later.
_LATER = {"locked_until", "ecb_rates", "ecb_until", "text_lengths", "text_too_long"}
# Positions of a switch that is told in others, and why these look like the assumed one.
LIKE_THE_ASSUMED: Mapping[tuple[str, str], str] = {
    ("ecb", ""): "",
}
QUICK = [("books", "vat_per_code", True), ("books", "credit_sides", "of_an_invoice"), ("site", "date_filter", "empty")]


def positions() -> list[tuple[str, str, Any]]:
    """Side, switch and value of all that something tells."""
    books = [("books", name, value) for name in TOLD_OF_SMARTACCOUNTS for value in OF_SMARTACCOUNTS[name]]
    return books + [("site", name, value) for name in TOLD_OF_SCORO for value in OF_SCORO[name]]


@contextmanager
def filled(databases: Databases, folder: Path, side: str, switches: Mapping[str, Any]) -> Iterator[World]:
    """A company of which one side is filled, under these switches of that side."""
    engine = make_engine(databases.new())
    try:
        with open_world(engine, folder) as world:
            if side == "books":
                later = {name: value for name, value in switches.items() if name in _LATER}
                world.books.switches.change({name: switches[name] for name in switches.keys() - later.keys()})
                fill_books(world)
                world.books.switches.change(later)
            else:
                world.site.switches = world.site.switches.changed(switches)
                fill_scoro(world)
            yield world
    finally:
        engine.dispose()


def verdicts(world: World) -> dict[str, tuple[str, str]]:
    """Verdict and reading of each assumption. Whatever it is, nothing is written, and no more is asked than may be."""
    found = meet(world.company, world.services(ReconcileRequest(world.company, KEY)), KEY)
    assert world.calls("write") == []
    assert {call["action"] for call in world.scoro.calls} <= {"list"}
    assert len(world.calls()) <= MOST_OF_SMARTACCOUNTS
    assert len(world.scoro.calls) <= MOST_OF_SCORO
    return {row.assumption.key: (row.verdict.state.value, row.verdict.reading) for row in found.rows}


@cache
def _usual() -> dict[str, dict[str, tuple[str, str]]]:
    return {}


@pytest.fixture
def usual(databases: Databases, tmp_path: Path, request: pytest.FixtureRequest) -> dict[str, tuple[str, str]]:
    """The verdicts in the usual positions, played once for each side."""
    side = request.node.callspec.params["side"]
    if side not in _usual():
        with filled(databases, tmp_path, side, {}) as world:
            _usual()[side] = verdicts(world)
    return _usual()[side]


@pytest.mark.parametrize(("side", "name", "value"), slow_but(QUICK, positions()), ids=lambda part: str(part)[:30])
def test_another_position_is_told(
    databases: Databases, tmp_path: Path, usual: dict[str, tuple[str, str]], side: str, name: str, value: Any
) -> None:
    with filled(databases, tmp_path, side, {name: value}) as world:
        found = verdicts(world)
    keys = (TOLD_OF_SMARTACCOUNTS if side == "books" else TOLD_OF_SCORO)[name].split()
    turned = [key for key in keys if found[key] != usual[key]]
    assert turned, {key: found[key] for key in keys}
    # What nothing tells any more is no verdict.
    assert any(found[key][0] != "no_example" for key in turned)
    # And what is held because of it is about nothing else.
    others = {key for key in found if found[key][0] == "contradicted" and usual[key][0] == "confirmed"} - set(keys)
    print(name, value, {key: found[key] for key in keys}, "OTHERS", others)


def test_every_switch_is_told_or_has_a_reason() -> None:
    for told, nothing, all_of in (
        (TOLD_OF_SMARTACCOUNTS, NOTHING_TELLS_OF_SMARTACCOUNTS, OF_SMARTACCOUNTS),
        (TOLD_OF_SCORO, NOTHING_TELLS_OF_SCORO, OF_SCORO),
    ):
        assert told.keys() | nothing.keys() == all_of.keys()
        assert told.keys() & nothing.keys() == set()
