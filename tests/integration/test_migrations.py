"""What an earlier version stored is read by this one."""

from __future__ import annotations

from sqlalchemy import Engine, text

from scoro_smartaccounts.reasons import Reason, Severity, field_of, render, severity_of, system_of
from scoro_smartaccounts.staging.database import upgrade
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
