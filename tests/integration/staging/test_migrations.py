"""Room staging. What an earlier version stored is read by this one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, MetaData, insert, select, text

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.assumptions import PAYMENTS_KNOWN_BEFORE_FIRST_IMPORT
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Reason, Severity, field_of, render, severity_of, system_of
from scoro_smartaccounts.common.run import RunKind, RunRequest
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.staging import database
from scoro_smartaccounts.staging.answers import answers_to
from scoro_smartaccounts.staging.database import upgrade
from scoro_smartaccounts.staging.intents import intents_of, open_intents
from scoro_smartaccounts.staging.links import Booking, Kind, booked_documents, links_of, records_created
from scoro_smartaccounts.staging.lock_bounds import lock_bounds
from scoro_smartaccounts.staging.mirror_registers import partner_records
from scoro_smartaccounts.staging.quarantine import list_cases
from scoro_smartaccounts.staging.schema import metadata
from scoro_smartaccounts.staging.waiting import list_waiting
from tests.integration.money import Money
from tests.integration.world import COMPANY, World

DAY = date(2026, 1, 15)
PARTNERS = {Flow.SALES_INVOICES: "clients", Flow.PURCHASE_INVOICES: "vendors"}

MIGRATIONS = Path(database.__file__).parent / "migrations"
SENTENCE = "Invoice 7 has no lines with an amount. Add its lines in Scoro."
BEFORE = f"""
insert into document (company, flow, source_id, raw_version, content_hash, number, problem)
  values ('default', 'sales_invoices', '1', 1, 'h', '7', null), ('default', 'sales_invoices', '2', 1, 'h', '8', 'Bad.');
insert into quarantine (company, flow, source_id, content_hash, code, message, field, system, run_key)
  values ('default', 'sales_invoices', '1', 'h', 'no_lines', '{SENTENCE}', 'lines', 'Scoro', 'r');
insert into waiting (company, flow, source_id, code, message)
  values ('default', 'sales_invoices', '2', 'base_not_booked', 'It waits.');
insert into finding (company, run_key, flow, source_id, code, severity, message, field)
  values ('default', 'r', 'sales_invoices', '1', 'note', 'warning', 'A note.', '');
insert into run (company, run_key, flow, kind, mode, date_from, date_to)
  values ('default', 'r', 'sales_invoices', 'manual', 'import', '2026-01-01', '2026-01-01');
insert into run_document (company, run_key, flow, source_id, reason, outcome, outcome_note)
  values ('default', 'r', 'sales_invoices', '1', 'in_range', 'quarantined', '{SENTENCE}'),
         ('default', 'r', 'sales_invoices', '2', 'in_range', null, null);
insert into plan (company, flow, source_id, payload, payload_hash, content_hash, partner_source_id, predicted, warnings,
                  run_key)
  values ('default', 'sales_invoices', '1', '{{}}', 'p', 'h', '51', '{{}}', '["one", "two"]', 'r'),
         ('default', 'sales_invoices', '2', '{{}}', 'p', 'h', '51', '{{}}', '[]', 'r');
insert into approval (company, flow, source_id, plan_hash, plan, state, planned_by, note)
  values ('default', 'sales_invoices', '1', 'p', '{{"warnings": ["one"], "number": "7"}}', 'declined', 'r',
          'declined by mari');
"""


def test_sentences_of_before_are_told_as_they_were(empty_engine: Engine) -> None:
    upgrade(empty_engine, "0003")
    fill(empty_engine, BEFORE)
    upgrade(empty_engine)
    with empty_engine.connect() as connection:
        [case] = list_cases(connection, "default", ["open"])
        assert (case.reason.code, case.message) == ("no_lines", SENTENCE)
        assert render(case.reason, "et") == SENTENCE
        assert (field_of(case.reason), system_of(case.reason)) == ("lines", "Scoro")
        [wait] = list_waiting(connection, "default")
        assert (wait.reason.code, severity_of(wait.reason)) == ("base_not_booked", Severity.WAIT)
        read = {
            (table, column): [
                None if stored is None else render(Reason.from_json(stored))
                for stored in connection.scalars(text(f"select {column} from {table} order by source_id"))
            ]
            for table, column in (
                ("document", "problem"),
                ("finding", "reason"),
                ("run_document", "outcome_reason"),
                ("approval", "reason"),
                ("approval", "plan -> 'warnings' -> 0"),
            )
        }
        warnings = connection.scalars(text("select warnings from plan order by source_id")).all()
    assert read == {
        ("document", "problem"): [None, "Bad."],
        ("finding", "reason"): ["A note."],
        ("run_document", "outcome_reason"): [SENTENCE, None],
        ("approval", "reason"): ["Declined by mari"],
        ("approval", "plan -> 'warnings' -> 0"): ["One"],
    }
    assert [[render(Reason.from_json(each)) for each in some] for some in warnings] == [["One", "Two"], []]


BEFORE_ANSWERS = """
insert into document (company, flow, source_id, raw_version, content_hash, number)
  select 'default', flow, cast(id as text), 1, 'h', cast(id as text)
  from generate_series(1, 6) as id, unnest(array['payments', 'sales_invoices']) as flow;
insert into quarantine (company, flow, source_id, content_hash, code, message, field, system, state, run_key, closed_at)
values
  ('default', 'payments', '1', 'h', 'not_a_duplicate', 'Perhaps twice.', '', 'Scoro', 'resolved', 'r', '2026-01-02Z'),
  ('default', 'payments', '1', 'h', 'refused_by_smartaccounts', 'No.', '', 'Scoro', 'open', 'r', null),
  ('default', 'payments', '2', 'older', 'not_a_duplicate', 'Twice.', '', 'Scoro', 'resolved', 'r', '2026-01-02Z'),
  ('default', 'payments', '3', 'h', 'possible_duplicate', 'Twice.', '', 'Scoro', 'released', 'r', null),
  ('default', 'payments', '4', 'h', 'possible_duplicate', 'Twice.', '', 'Scoro', 'open', 'r', null),
  ('default', 'payments', '5', 'h', 'possible_duplicate', 'Twice.', '', 'Scoro', 'resolved', 'r', '2026-01-02Z'),
  ('default', 'payments', '6', 'h', 'document_gone', 'Gone.', '', 'Scoro', 'released', 'r', null),
  ('default', 'sales_invoices', '1', 'h', 'possible_duplicate', 'Twice.', '', 'Scoro', 'released', 'r', null),
  ('default', 'sales_invoices', '2', 'h', 'foreign_rate_of_one', 'One.', '', 'Scoro', 'released', 'r', null);
"""


def test_answers_of_before_stay_answers_and_nothing_else_becomes_one(empty_engine: Engine) -> None:
    """Until then a retry answered a question of one code only; of all others it meant: try again."""
    upgrade(empty_engine, "0003")
    fill(empty_engine, BEFORE_ANSWERS)
    upgrade(empty_engine)
    codes = ("possible_duplicate", "document_gone", "foreign_rate_of_one", "not_a_duplicate")
    with empty_engine.connect() as connection:
        said = {
            flow: set(answers_to(connection, request_of(flow), map(str, range(1, 7)), *codes).given)
            for flow in (Flow.PAYMENTS, Flow.SALES_INVOICES)
        }
        moments = connection.execute(
            text(
                "select source_id, code, state, answered_at, reason -> 'values' ->> 'code' as told from quarantine"
                " where flow = 'payments' order by id"
            )
        ).all()
    # The second document has changed since.
    assert said == {Flow.PAYMENTS: {"1", "3"}, Flow.SALES_INVOICES: {"1"}}
    assert [(row.source_id, row.code, row.state, row.answered_at is not None) for row in moments] == [
        ("1", "possible_duplicate", "resolved", True),
        ("1", "refused_by_smartaccounts", "open", False),
        ("2", "possible_duplicate", "resolved", True),
        ("3", "possible_duplicate", "released", True),
        ("4", "possible_duplicate", "open", False),
        ("5", "possible_duplicate", "resolved", False),
        ("6", "document_gone", "released", False),
    ]
    assert moments[0].answered_at.date() == date(2026, 1, 2)
    assert all(row.told == row.code for row in moments)


def request_of(flow: Flow) -> RunRequest:
    return RunRequest(
        company=COMPANY,
        flow=flow,
        run_key="r",
        kind=RunKind.MANUAL,
        mode=Mode.IMPORT,
        date_from=date(2026, 1, 1),
        date_to=date(2026, 1, 31),
    )


def fill(engine: Engine, statements: str) -> None:
    """Rows as an earlier version wrote them."""
    with engine.begin() as connection:
        for statement in filter(str.strip, statements.split(";\n")):
            connection.exec_driver_sql(statement)


BODY = (
    '{"vendorId": "v1", "currency": "USD", "exchangeRate": "1.0869", "entryDate": "03.02.2026", "invoiceNumber": "B-1"}'
)
BEFORE_PARTS = f"""
insert into link (company, kind, source_id, remote_id, evidence, content_hash, answer, run_key) values
  ('default', 'payment', '5/1', 'p1', 'created', '', '{{"payment": "x"}}', 'r'),
  ('default', 'payment', '5', 'p2/2', 'adopted', '', '{{}}', 'r'),
  ('default', 'payment', '6', 'p3/bills', 'exported', '', '{{}}', 'r'),
  ('default', 'payment', '7', 'p3/expenses', 'exported', '', '{{}}', 'r'),
  ('default', 'payment', '8', 'p3', 'exported', '', null, 'r'),
  ('default', 'article', '9', 'A/1', 'created', '', '{{}}', 'r'),
  ('default', 'purchase_invoice', '41', 'b1', 'created', 'h41', '{{"totalAmount": "-24.8"}}', 'r'),
  ('default', 'sales_invoice', '42', 's1', 'adopted', 'h42',
   '{{"invoiceNumber": "7", "totalAmount": "124", "entryDate": "2026-01-31"}}', 'r'),
  ('default', 'sales_invoice', '43', 's2', 'adopted', '', '{{"totalAmount": ""}}', 'r');
insert into intent (company, kind, source_id, natural_key, operation, payload, payload_hash, signed_at, state,
                    remote_id, run_key, settled_at) values
  ('default', 'payment', '5/2', '5/2', 'o', '[]', 'x', now(), 'open', null, 'r', null),
  ('default', 'payment', '5', '5', 'o', '[]', 'x', now(), 'open', null, 'r', null),
  ('default', 'receipt', 'p3/bills', 'p3/bills', 'o', '[]', 'x', now(), 'done', '6', 'r', now()),
  ('default', 'purchase_invoice', '41', 'v1/b-1', 'o', '{BODY}', 'x', now(), 'done', 'b1', 'r', now());
insert into remote_document (company, flow, remote_id, number, day, partner_remote_id, currency, total, entry_day)
  values ('default', 'sales_invoices', 's1', '7', '2026-01-15', 'c1', 'EUR', 124, '2026-01-31');
insert into plan (company, flow, source_id, payload, payload_hash, content_hash, partner_source_id, predicted, run_key)
  values ('default', 'purchase_invoices', '41', '{{}}', 'p', 'h41', '51', '{{}}', 'r');
insert into document (company, flow, source_id, raw_version, content_hash, number, partner_id) values
  ('default', 'sales_invoices', '42', 1, 'h42', '7', '52'),
  ('default', 'sales_invoices', '43', 1, 'h43', '8', '53');
"""


def test_parts_and_bookings_of_before(empty_engine: Engine) -> None:
    upgrade(empty_engine, "0004")
    fill(empty_engine, BEFORE_PARTS)
    upgrade(empty_engine)
    with empty_engine.connect() as connection:
        links = links_of(connection, "default", Kind.PAYMENT)
        [article] = links_of(connection, "default", Kind.ARTICLE)
        sent = open_intents(connection, "default", Kind.PAYMENT)
        [receipt] = intents_of(connection, "default", Kind.RECEIPT, "p3")
        sales, purchases = Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES
        booked = booked_documents(connection, "default", [(purchases, "41"), (sales, "42"), (sales, "43")])
    assert [(item.source_id, item.source_part, item.remote_id, item.remote_part) for item in links] == [
        ("5", 0, "p2", 2),
        ("5", 1, "p1", 0),
        ("6", 0, "p3", 1),
        ("7", 0, "p3", 2),
        ("8", 0, "p3", 0),
    ]
    assert (article.remote_id, article.remote_part) == ("A/1", 0)
    assert [(item.source_id, item.part, item.natural_key) for item in sent] == [("5", 2, "5/2"), ("5", 0, "5")]
    assert receipt.part == 1
    assert {source_id: item.booking for (_, source_id), item in booked.items()} == {
        "41": Booking("B-1", "51", "v1", "USD", Decimal("1.0869"), Decimal("-24.8"), date(2026, 2, 3)),
        "42": Booking("7", "52", "c1", "EUR", None, Decimal(124), date(2026, 1, 31)),
        "43": Booking(),
    }


def test_links_that_were_found_after_a_lost_answer_say_so(empty_engine: Engine) -> None:
    upgrade(empty_engine, "0007")
    with empty_engine.begin() as connection:
        connection.exec_driver_sql(
            "insert into link (company, kind, source_id, remote_id, evidence, detail, answer, run_key) values"
            " ('default', 'article', '1', 'A', 'article_code', 'after a lost answer', '{}', 'r'),"
            " ('default', 'client', '2', 'c', 'marker', 'after a lost answer', '{}', 'r'),"
            " ('default', 'client', '3', 'd', 'marker', '', '{}', 'r')"
        )
    upgrade(empty_engine)
    with empty_engine.connect() as connection:
        created = records_created(connection, "default", "r")
        [article] = links_of(connection, "default", Kind.ARTICLE)
    assert created == {Kind.ARTICLE: 1, Kind.CLIENT: 1}
    assert (article.evidence, article.detail) == ("found_later", "")


def test_a_part_that_is_not_understood_stops_no_upgrade(empty_engine: Engine, caplog: pytest.LogCaptureFixture) -> None:
    """Its record counts as known in part, so that nobody sends it again."""
    upgrade(empty_engine, "0004")
    fill(
        empty_engine,
        """
insert into link (company, kind, source_id, remote_id, evidence, run_key) values
  ('default', 'payment', '5/1', 'p1', 'created', 'r'), ('default', 'payment', '5/x', 'p2', 'created', 'r'),
  ('default', 'payment', '5/2/3', 'p3', 'created', 'r'), ('default', 'payment', '5/99999999999', 'p4', 'created', 'r'),
  ('default', 'payment', '6', 'p5/1', 'adopted', 'r'), ('default', 'payment', '7', 'p5/bills', 'exported', 'r'),
  ('default', 'payment', '8', 'p5/orders', 'exported', 'r'), ('default', 'payment', '/y', 'p6', 'created', 'r');
insert into intent (company, kind, source_id, natural_key, operation, payload, payload_hash, signed_at, state,
                    run_key, settled_at)
values ('default', 'receipt', 'p7/', 'p7/', 'o', '{}', 'x', now(), 'open', 'r', null),
       ('default', 'receipt', 'p7/1', 'p7/1', 'o', '{}', 'x', now(), 'refused', 'r', now()),
       ('default', 'receipt', 'p7/1', 'p7/1', 'o', '{}', 'x', now(), 'open', 'r', null)
""",
    )
    upgrade(empty_engine)
    with empty_engine.connect() as connection:
        links = links_of(connection, "default", Kind.PAYMENT)
        sent = intents_of(connection, "default", Kind.RECEIPT, "p7")
    assert sorted((item.source_id, item.source_part, item.remote_id, item.remote_part) for item in links) == [
        ("/y", 0, "p6", 0),
        ("5", 1, "p1", 0),
        ("5", 1001, "p3", 0),
        ("5", 1002, "p4", 0),
        ("5", 1003, "p2", 0),
        ("6", 0, "p5", 1),
        ("7", 0, "p5", 1001),
        ("8", 0, "p5", 1002),
    ]
    assert [(item.part, item.natural_key) for item in sent] == [(1001, "p7/"), (1, "p7/1"), (1, "p7/1")]
    for name in ("5/x", "5/2/3", "5/99999999999", "p5/bills", "p5/orders", "p7/"):
        assert f"{name} of company default" in caplog.text
    assert "5/1 " not in caplog.text


def as_of(engine: Engine, version: str, empty: Engine) -> None:
    """What `engine` holds, in a database of an earlier version: what that one had no column for is left out."""
    upgrade(empty, version)
    with engine.connect() as source, empty.begin() as target:
        older = MetaData()
        older.reflect(target)
        for table in older.sorted_tables:
            if table.name not in metadata.tables:
                continue
            newer = metadata.tables[table.name]
            # Ids that PostgreSQL gives are given anew, in the same order.
            given = {column.name for column in table.columns if column.identity}
            names = [column.name for column in table.columns]
            columns = [newer.c[name] for name in names if name in newer.c and name not in given]
            statement = select(*columns).order_by(*(newer.c[name] for name in given))
            if rows := [dict(row) for row in source.execute(statement).mappings()]:
                target.execute(insert(table), rows)


def numbered(flow: Flow, number: str) -> dict[str, str]:
    """Scoro numbers its own invoices."""
    return {"no": number} if flow is Flow.PURCHASE_INVOICES else {}


@pytest.mark.parametrize("flow", [Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES])
def test_registers_that_are_read_anew_lose_and_double_nothing(world: World, empty_engine: Engine, flow: Flow) -> None:
    """The older release read codes and countries as they stood there, and knows neither what changed nor what went."""
    spec = INVOICE_FLOWS[flow]
    money = Money(world)
    strangers = len(world.books.state()[PARTNERS[flow]])
    people = [money.partner(code) for code in ("19000022", "19000036", "19000042")]
    for number, partner in enumerate(people):
        money.enter(DAY, "100", flow=flow, partner=partner, **numbered(flow, f"A-{number}"))
    world.run(DAY, DAY, flow=flow)
    before = {row["id"]: row["name"] for row in world.books.state()[PARTNERS[flow]]}
    assert len(before) == len(people) + strangers
    as_of(world.engine, "0005", empty_engine)
    name = f"{spec.partner}_register"
    with empty_engine.begin() as old:
        old.exec_driver_sql(f"update {name} set registry_code = ' ' || registry_code || ' ', country = 'Eesti'")
        old.exec_driver_sql(f"insert into {name} (company, remote_id, name) values ('default', 'gone', 'Läinud OÜ')")
    upgrade(empty_engine)
    world.engine = empty_engine
    for number, partner in enumerate([*people, money.partner("19000050")]):
        money.enter(DAY + timedelta(days=1), "50", flow=flow, partner=partner, **numbered(flow, f"B-{number}"))
    summary = world.run(DAY, DAY + timedelta(days=1), flow=flow)
    assert summary["documents"]["created"] == 4
    after = {row["id"]: row["name"] for row in world.books.state()[PARTNERS[flow]]}
    assert before.items() <= after.items()
    assert len(after) == len(set(after.values())) == len(before) + 1
    assert len(world.invoices() if flow is Flow.SALES_INVOICES else world.bills()) == 7
    with empty_engine.connect() as connection:
        mirrored = partner_records(connection, "default", spec.partner_kind)
        linked = links_of(connection, "default", spec.partner_kind)
    assert mirrored.keys() == set(after)
    assert all(each.registry_code == each.registry_code.strip() for each in mirrored.values())
    assert len({item.remote_id for item in linked}) == len(linked) == 4


BEFORE_BOOKINGS = """
insert into link (company, kind, source_id, remote_id, evidence, content_hash, answer, run_key) values
  ('default', 'sales_invoice', '1', 's1', 'adopted', 'h', '{"invoiceNumber": "7", "totalAmount": "124"}', 'r'),
  ('default', 'sales_invoice', '2', 's2', 'adopted', 'h', '{"invoiceNumber": "8", "totalAmount": "124"}', 'r'),
  ('default', 'sales_invoice', '3', 's3', 'adopted', 'h', '{}', 'r'),
  ('default', 'sales_invoice', '4', 's4', 'adopted', 'h', null, 'r'),
  ('default', 'sales_invoice', '5', 's5', 'created', 'h', '{"entryDate": "soon", "totalAmount": "1e400"}', 'r');
insert into remote_document (company, flow, remote_id, number, day, partner_remote_id, currency, total) values
  ('default', 'sales_invoices', 's1', '7', '2026-01-15', 'c1', 'EUR', 100),
  ('default', 'sales_invoices', 's2', '8', '2026-01-15', 'c1', 'EUR', 124),
  ('default', 'sales_invoices', 's3', '9', '2026-01-15', 'c1', 'EUR', 124);
insert into later_change (company, flow, source_id, content_hash, kind, run_key) values
  ('default', 'sales_invoices', '3', '', 'booking_changed', 'r'),
  ('default', 'sales_invoices', '2', '', 'changed', 'r');
insert into document (company, flow, source_id, raw_version, content_hash, number, partner_id)
  select 'default', 'sales_invoices', cast(id as text), 1, case when id = 1 then 'h' else 'changed' end, '', '51'
  from generate_series(1, 5) as id;
insert into intent (company, kind, source_id, natural_key, operation, payload, payload_hash, signed_at, state,
                    remote_id, run_key, settled_at) values
  ('default', 'sales_invoice', '5', '5', 'o', '{"clientId": "c5", "exchangeRate": "", "entryDate": "2026-02-03"}', 'x',
   now(), 'done', 's5', 'r', now()),
  ('default', 'sales_invoice', '4', '4', 'o', '{"clientId": "c4"}', 'x', now(), 'done', 'another', 'r', now());
"""


def test_what_a_changed_document_was_booked_with_is_not_guessed(empty_engine: Engine) -> None:
    upgrade(empty_engine, "0004")
    fill(empty_engine, BEFORE_BOOKINGS)
    upgrade(empty_engine)
    keys = [(Flow.SALES_INVOICES, str(number)) for number in range(1, 6)]
    with empty_engine.connect() as connection:
        booked = booked_documents(connection, "default", keys)
    assert {source_id: item.booking for (_, source_id), item in booked.items()} == {
        # The mirror shows another total than was booked: somebody changed it, perhaps the client too.
        "1": Booking("7", "51", total=Decimal(124)),
        # The document in Scoro is another by now: it does not tell whom it was booked on.
        "2": Booking("8", "", "c1", "EUR", None, Decimal(124)),
        # Known to be changed in the books since, and nothing else tells.
        "3": Booking(),
        "4": Booking(),
        "5": Booking(partner_remote_id="c5"),
    }


CASES = """
insert into quarantine (company, flow, source_id, content_hash, code, reason, state, run_key, closed_at) values
  ('default', 'sales_invoices', '901', 'h', 'no_lines', '{"key": "no_lines", "values": {"document": "7"}}', 'open', 'r',
   null),
  ('default', 'payments', '902', 'h', 'possible_duplicate', '{"key": "possible_duplicate"}', 'released', 'r', null)
"""
PAID = date(2026, 1, 20)
OPEN = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS)


def test_what_was_booked_before_the_ledger_was_read_is_left_alone(world: World, empty_engine: Engine) -> None:
    """Every row stays as it is to the byte, open plans too, and they are sent as they stand."""
    money = booked_and_paid(world)
    planned = plan_only(money)
    keys = {"keys": [request.run_key for request in planned]}
    as_of(world.engine, "0009", empty_engine)
    fill(empty_engine, CASES)
    with empty_engine.begin() as old:
        # The older release did not know kinds.
        assert old.exec_driver_sql("update plan set predicted = predicted - 'kinds' where predicted ? 'kinds'").rowcount
    columns = every_column(empty_engine)
    # Bounds of locks took its place.
    del columns["locked_period"]
    before = every_row(empty_engine, columns)
    assert {"link", "plan", "quarantine", "register_state", "remote_payment"} <= {
        name for name in before if before[name]
    }
    # Clients and vendors are read anew.
    anew = ("(default,purchasesales/clients,", "(default,purchasesales/vendors,")
    before["register_state"] = [row for row in before["register_state"] if not row.startswith(anew)]
    upgrade(empty_engine)
    assert every_row(empty_engine, columns) == before
    with empty_engine.connect() as connection:
        kinds = ("sales_invoice", "purchase_invoice", "payment")
        booked = {(kind, item.remote_id) for kind in kinds for item in links_of(connection, "default", Kind(kind))}
        checks = connection.execute(text("select kind, remote_id, verdict, entry_id, run_key from ledger_check")).all()
        payloads = sorted(connection.scalars(text("select payload from plan where run_key = any(:keys)"), keys))
    assert sorted(map(tuple, checks)) == sorted((*each, "before", "", "") for each in booked)
    assert {kind for kind, _ in booked} == set(kinds)
    world.engine = empty_engine
    for request in planned:
        pipeline.load(request, world.services(request))
        assert pipeline.summarize(request, world.services(request))["documents"]["created"] == 1
    with empty_engine.connect() as connection:
        sent = sorted(connection.scalars(text("select payload from intent where run_key = any(:keys)"), keys))
    # Ids of partners are known when it is sent; the plan of a receipt group is a list of payments, of one here.
    assert len(sent) == len(payloads) == len(OPEN)
    bodies = [without_partner(json.loads(body)) for body in sent]
    for each in map(json.loads, payloads):
        [wanted] = each if isinstance(each, list) else [each]
        assert without_partner(wanted) in bodies


def without_partner(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in ("clientId", "vendorId")}


def test_payments_of_before_are_read_again_in_whole_once(world: World, empty_engine: Engine) -> None:
    """What an earlier version read as it was shown may have been read the wrong way round."""
    money = booked_and_paid(world)
    as_of(world.engine, "0009", empty_engine)
    upgrade(empty_engine)
    world.engine = empty_engine
    pairs, written = money.pairs(), money.writes()
    first = f"{COMPANY.first_import_date - PAYMENTS_KNOWN_BEFORE_FIRST_IMPORT:%d.%m.%Y}"
    whole = []
    for _ in range(2):
        world.clock.advance(timedelta(hours=1))
        seen = len(world.calls("read"))
        summary = money.import_payments(PAID, PAID)
        read = [call for call in world.calls("read")[seen:] if "payments:get" in call["operation"]]
        whole.append(sum(call["params"]["dateFrom"].startswith(first) for call in read))
        assert (summary["alarms"], summary["documents"]["created"]) == ([], 0)
    # The mirror, and once more all days, since no change has shown yet that changes are told.
    assert whole == [2, 0]
    assert (money.pairs(), money.writes(), money.reported()) == (pairs, written, set())


def booked_and_paid(world: World) -> Money:
    """An invoice whose payment the pipeline booked, and a bill whose payment the bank import booked."""
    money = Money(world)
    invoice = money.enter(DAY, "100")
    bill = money.enter(DAY, "100", flow=Flow.PURCHASE_INVOICES, no="A-1")
    for flow in INVOICE_FLOWS:
        money.import_documents(DAY, DAY, flow)
    money.pay({money.remote(bill, Flow.PURCHASE_INVOICES): "60"}, PAID)
    money.receive("bills", {bill: "60"}, PAID)
    money.receive("invoices", {invoice: "60"}, PAID)
    documents = money.import_payments(PAID, PAID)["documents"]
    assert (documents["created"], documents["adopted"]) == (1, 1)
    return money


def plan_only(money: Money) -> list[RunRequest]:
    """One more document of each flow, planned and not sent."""
    invoice = money.enter(DAY, "50")
    money.import_documents(DAY, DAY)
    day = DAY + timedelta(days=1)
    money.enter(day, "70")
    money.enter(day, "70", flow=Flow.PURCHASE_INVOICES, no="A-2")
    money.receive("invoices", {invoice: None}, day)
    requests = [money.world.request(day, day, flow=flow) for flow in OPEN]
    for request in requests:
        services = money.world.services(request)
        pipeline.extract(request, services)
        pipeline.reconcile_and_plan(request, services)
    return requests


def every_column(engine: Engine) -> dict[str, list[str]]:
    """The columns of every table but the version."""
    with engine.connect() as connection:
        tables = MetaData()
        tables.reflect(connection)
        return {
            name: [column.name for column in table.columns]
            for name, table in tables.tables.items()
            if name != "scoro_smartaccounts_version"
        }


def every_row(engine: Engine, columns: dict[str, list[str]]) -> dict[str, list[str]]:
    """The rows of tables in these columns, as PostgreSQL writes them."""
    listed = {name: ", ".join(f"each.{column}" for column in wanted) for name, wanted in columns.items()}
    with engine.connect() as connection:
        return {
            name: sorted(connection.scalars(text(f'select cast(row({wanted}) as text) from "{name}" as each')))
            for name, wanted in listed.items()
        }


def test_an_upgrade_that_is_killed_is_run_again(empty_engine: Engine) -> None:
    """SIGKILL in the middle: the database is what it was before, rows and version."""
    upgrade(empty_engine, "0003")
    fill(empty_engine, BEFORE)
    url = empty_engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with empty_engine.begin() as holding:
        # 0004 does not touch links; 0005 waits here.
        holding.exec_driver_sql("lock table link in access exclusive mode")
        upgrading = subprocess.Popen(
            [sys.executable, "-m", "scoro_smartaccounts.staging.migrate"],
            env={**os.environ, "AIRFLOW_CONN_STAGING_DEFAULT": url, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        waits = text("select count(*) from pg_locks where not granted and relation = 'link'::regclass")
        deadline = time.monotonic() + 60
        while not holding.execute(waits).scalar_one():
            assert upgrading.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.1)
        upgrading.send_signal(signal.SIGKILL)
        upgrading.wait()
    with empty_engine.connect() as connection:
        assert version_of(empty_engine) == "0003"
        assert connection.scalar(text("select message from quarantine where code = 'no_lines'")) == SENTENCE
    upgrade(empty_engine)
    upgrade(empty_engine)
    with empty_engine.connect() as connection:
        assert [case.message for case in list_cases(connection, "default", ["open"])] == [SENTENCE]


LINKED = """
insert into link (company, kind, source_id, remote_id, evidence, run_key, gone_at) values
  ('default', 'sales_invoice', '1', 'r1', 'created', 'a', null),
  ('default', 'sales_invoice', '2', 'r2', 'created', 'a', '2026-01-20 09:00+00');
"""


def test_nothing_of_before_counts_as_undone(empty_engine: Engine) -> None:
    upgrade(empty_engine, "0017")
    fill(empty_engine, LINKED)
    upgrade(empty_engine)
    with empty_engine.connect() as connection:
        rows = connection.execute(text("select source_id, gone_at is null, undone_at from link order by source_id"))
        assert [tuple(row) for row in rows] == [("1", True, None), ("2", False, None)]
        assert connection.scalar(text("select count(*) from undo_plan")) == 0


def test_clients_and_vendors_are_read_anew_for_the_mark_that_leaves_them_out(empty_engine: Engine) -> None:
    upgrade(empty_engine, "0020")
    fill(empty_engine, REGISTERED)
    upgrade(empty_engine)
    with empty_engine.connect() as connection:
        assert connection.scalars(text("select register from register_state")).all() == ["purchasesales/articles"]
        assert connection.execute(text("select name, is_left_out from client_register")).all() == [("Näidis OÜ", None)]
        assert connection.scalar(text("select count(*) from used_record")) == 0


REGISTERED = """
insert into register_state (company, register, synced_to, read_at) values
  ('default', 'purchasesales/clients', '2026-01-20 09:00+00', '2026-01-20 09:00+00'),
  ('default', 'purchasesales/articles', '2026-01-20 09:00+00', '2026-01-20 09:00+00');
insert into client_register (company, remote_id, name) values ('default', 'K1', 'Näidis OÜ');
"""


def test_the_way_back_ends_where_sentences_were_given_up(empty_engine: Engine) -> None:
    """What the newest versions added can be taken back, and comes again; what the older ones threw away cannot."""
    upgrade(empty_engine)
    downgrade(empty_engine, "0006")
    assert version_of(empty_engine) == "0006"
    upgrade(empty_engine)
    head = version_of(empty_engine)
    with pytest.raises(Exception, match="downgrade"):
        downgrade(empty_engine, "0003")
    assert version_of(empty_engine) == head


def version_of(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(text("select version_num from scoro_smartaccounts_version")))


def downgrade(engine: Engine, version: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, version)


LOCKED = """
insert into locked_period (company, flow, day, refused_at) values
  ('default', 'sales_invoices', '2026-01-12', '2026-02-10 09:00+00'),
  ('default', 'payments', '2026-01-20', '2026-02-09 09:00+00'),
  ('acme', 'payments', '2026-01-05', '2026-02-08 09:00+00');
"""


def test_the_highest_date_that_was_refused_stays_known(empty_engine: Engine) -> None:
    upgrade(empty_engine, "0014")
    fill(empty_engine, LOCKED)
    upgrade(empty_engine)
    with empty_engine.connect() as connection:
        known = lock_bounds(connection, "default")
        assert (known.locked_through, known.open_from) == (date(2026, 1, 20), None)
        assert known.refused_at == datetime(2026, 2, 9, 9, tzinfo=UTC)
        assert lock_bounds(connection, "acme").locked_through == date(2026, 1, 5)
    downgrade(empty_engine, "0014")
    with empty_engine.connect() as connection:
        rows = connection.execute(text("select company, day from locked_period order by company")).all()
    assert [tuple(row) for row in rows] == [("acme", date(2026, 1, 5)), ("default", date(2026, 1, 20))]
