"""Reasons are codes and values instead of sentences; what was told before stays as it was told."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    for table, code, text, field, system in (
        ("quarantine", "code", "message", "field", "system"),
        ("finding", "code", "message", "field", "''"),
        ("waiting", "code", "message", "''", "''"),
    ):
        severity = "severity" if table == "finding" else "'error'" if table == "quarantine" else "'wait'"
        op.add_column(table, sa.Column("reason", _JSON))
        op.execute(f"update {table} set reason = {_as_told(code, text, field, system, severity)}")
        op.alter_column(table, "reason", nullable=False)
    for table, name in (
        *(("quarantine", name) for name in ("message", "field", "system")),
        *(("finding", name) for name in ("message", "field")),
        ("waiting", "message"),
    ):
        op.drop_column(table, name)
    op.add_column("quarantine", sa.Column("answered_at", sa.DateTime(timezone=True)))
    # Until now a person's retry answered a question of this code only; of all others it meant: try again.
    op.execute("update quarantine set answered_at = now() where state = 'released' and code = 'possible_duplicate'")
    op.execute(
        "update quarantine set answered_at = closed_at, code = 'possible_duplicate',"
        " reason = jsonb_set(reason, '{values,code}', '\"possible_duplicate\"') where code = 'not_a_duplicate'"
    )
    op.create_index(op.f("quarantine_company_flow_source_id_ix"), "quarantine", ["company", "flow", "source_id"])
    op.add_column("run_document", sa.Column("outcome_reason", _JSON))
    told = _as_told("coalesce(outcome, 'not_sent')", "outcome_note", severity="'note'")
    op.execute(f"update run_document set outcome_reason = {told} where outcome_note is not null")
    op.drop_column("run_document", "outcome_note")
    op.add_column("approval", sa.Column("reason", _JSON))
    told = _as_told("state", "note", severity="'note'")
    op.execute(f"update approval set reason = {told} where note <> ''")
    op.drop_column("approval", "note")
    told = _as_told("'unreadable'", "problem", severity="'error'", system="'Scoro'")
    op.execute(
        f"alter table document alter column problem type jsonb using case when problem is not null then {told} end"
    )
    told = _as_told("'note'", "told.warning", severity="'warning'")
    # The names of the columns are constants.
    for table, column in (("plan", "warnings"), ("approval", "plan -> 'warnings'")):
        told_all = f"(select jsonb_agg({told}) from jsonb_array_elements_text({column}) as told(warning))"
        new = f"coalesce({told_all}, '[]'::jsonb)"
        if table == "approval":
            new = f"jsonb_set(plan, '{{warnings}}', {new})"
        op.execute(f"update {table} set {column.partition(' ')[0]} = {new}")


def _as_told(code: str, text: str, field: str = "''", system: str = "''", severity: str = "''") -> str:
    """Return SQL of a reason that is told as it was; the parts are SQL too."""
    values = f"'code', {code}, 'text', {text}, 'field', {field}, 'system', {system}, 'severity', {severity}"
    return f"jsonb_build_object('key', 'as_told', 'values', jsonb_build_object({values}))"
