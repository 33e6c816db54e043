"""What an earlier version stored is read by this one."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import Engine, text

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.reasons import Reason, Severity, field_of, render, severity_of, system_of
from scoro_smartaccounts.staging.database import upgrade
from scoro_smartaccounts.staging.intents import intents_of, open_intents
from scoro_smartaccounts.staging.links import Booking, Kind, booked_documents, links_of, records_created
from scoro_smartaccounts.staging.quarantine import list_cases
from scoro_smartaccounts.staging.waiting import list_waiting

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
    with empty_engine.begin() as connection:
        for statement in filter(str.strip, BEFORE.split(";\n")):
            connection.execute(text(statement))
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
    with empty_engine.begin() as connection:
        for statement in filter(str.strip, BEFORE_PARTS.split(";\n")):
            connection.exec_driver_sql(statement)
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
