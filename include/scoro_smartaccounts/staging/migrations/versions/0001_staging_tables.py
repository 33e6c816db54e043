"""Staging tables."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "article_register",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("type", sa.Text(), server_default="", nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company", "code", name=op.f("article_register_pk")),
    )
    op.create_table(
        "client_register",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("registry_code", sa.Text(), server_default="", nullable=False),
        sa.Column("vat_number", sa.Text(), server_default="", nullable=False),
        sa.Column("marked_id", sa.Text(), server_default="", nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company", "remote_id", name=op.f("client_register_pk")),
    )
    op.create_index(
        op.f("client_register_company_registry_code_ix"), "client_register", ["company", "registry_code"], unique=False
    )
    op.create_index(
        op.f("client_register_company_vat_number_ix"), "client_register", ["company", "vat_number"], unique=False
    )
    op.create_table(
        "contact",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("raw_version", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_person", sa.Boolean(), nullable=False),
        sa.Column("registry_code", sa.Text(), server_default="", nullable=False),
        sa.Column("vat_number", sa.Text(), server_default="", nullable=False),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("staged_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company", "source_id", name=op.f("contact_pk")),
    )
    op.create_table(
        "coverage",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("covered_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company", "flow", "day", name=op.f("coverage_pk")),
    )
    op.create_table(
        "document",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("raw_version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("due_day", sa.Date(), nullable=True),
        sa.Column("partner_id", sa.Text(), nullable=True),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column("currency_rate", sa.Numeric(precision=20, scale=10), nullable=True),
        sa.Column("discount_1", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("discount_2", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("discount_3", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("net", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("vat", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("vat_percent", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("vat_code", sa.Text(), nullable=True),
        sa.Column("vat_code_id", sa.Text(), nullable=True),
        sa.Column("reference_number", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "credited_ids",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("is_missing", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("staged_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company", "flow", "source_id", name=op.f("document_pk")),
    )
    op.create_index(op.f("document_company_flow_day_ix"), "document", ["company", "flow", "day"], unique=False)
    op.create_index(op.f("document_company_flow_number_ix"), "document", ["company", "flow", "number"], unique=False)
    op.create_table(
        "finding",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("severity", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), server_default="", nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("severity in ('error', 'warning')", name=op.f("finding_severity_ck")),
        sa.PrimaryKeyConstraint("company", "run_key", "flow", "source_id", "code", "position", name=op.f("finding_pk")),
    )
    op.create_table(
        "intent",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("natural_key", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("payload_hash", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=True),
        sa.Column("content_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=True),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(state = 'open') = (settled_at is null)", name=op.f("intent_settled_ck")),
        sa.CheckConstraint("state in ('open', 'done', 'refused', 'absent')", name=op.f("intent_state_ck")),
        sa.PrimaryKeyConstraint("id", name=op.f("intent_pk")),
    )
    op.create_index(
        "intent_one_open_ix",
        "intent",
        ["company", "kind", "source_id"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_index(
        "intent_one_open_key_ix",
        "intent",
        ["company", "kind", "natural_key"],
        unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "later_change",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column(
            "fields", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("kind in ('changed', 'deleted', 'missing')", name=op.f("later_change_kind_ck")),
        sa.PrimaryKeyConstraint("company", "flow", "source_id", "content_hash", "kind", name=op.f("later_change_pk")),
    )
    op.create_table(
        "link",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("content_hash", sa.Text(), server_default="", nullable=False),
        sa.Column("answer", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("linked_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company", "kind", "source_id", name=op.f("link_pk")),
    )
    op.create_index(
        "link_one_document_ix",
        "link",
        ["company", "kind", "remote_id"],
        unique=True,
        postgresql_where=sa.text("kind in ('sales_invoice', 'purchase_invoice', 'payment')"),
    )
    op.create_table(
        "plan",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("payload_hash", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("client_source_id", sa.Text(), nullable=False),
        sa.Column("new_client", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column(
            "new_articles",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("predicted", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column(
            "warnings", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False
        ),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company", "flow", "source_id", name=op.f("plan_pk")),
    )
    op.create_table(
        "product",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("raw_version", sa.Integer(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("is_stock", sa.Boolean(), nullable=False),
        sa.Column("excludes_discounts", sa.Boolean(), nullable=False),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("staged_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company", "source_id", name=op.f("product_pk")),
    )
    op.create_table(
        "quarantine",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), server_default="", nullable=False),
        sa.Column("system", sa.Text(), server_default="Scoro", nullable=False),
        sa.Column("state", sa.Text(), server_default="open", nullable=False),
        sa.Column("note", sa.Text(), server_default="", nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('open', 'released', 'dismissed', 'resolved')", name=op.f("quarantine_state_ck")),
        sa.PrimaryKeyConstraint("id", name=op.f("quarantine_pk")),
    )
    op.create_index(
        "quarantine_one_case_ix",
        "quarantine",
        ["company", "flow", "source_id"],
        unique=True,
        postgresql_where=sa.text("state in ('open', 'released', 'dismissed')"),
    )
    op.create_table(
        "raw_record",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("module", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company", "module", "source_id", "version", name=op.f("raw_record_pk")),
    )
    op.create_table(
        "register_state",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("register", sa.Text(), nullable=False),
        sa.Column("synced_to", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company", "register", name=op.f("register_state_pk")),
    )
    op.create_table(
        "remote_day",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company", "flow", "day", name=op.f("remote_day_pk")),
    )
    op.create_table(
        "remote_document",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("partner_remote_id", sa.Text(), server_default="", nullable=False),
        sa.Column("partner_name", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("total", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("is_credit", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("net", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("vat", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("rounding", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("entry_day", sa.Date(), nullable=True),
        sa.Column("marked_id", sa.Text(), server_default="", nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company", "flow", "remote_id", name=op.f("remote_document_pk")),
    )
    op.create_index(
        op.f("remote_document_company_flow_day_ix"), "remote_document", ["company", "flow", "day"], unique=False
    )
    op.create_table(
        "request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("priority", sa.SmallInteger(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("request_pk")),
    )
    op.create_index(op.f("request_company_run_key_ix"), "request", ["company", "run_key"], unique=False)
    op.create_index(op.f("request_company_sent_at_ix"), "request", ["company", "sent_at"], unique=False)
    op.create_table(
        "request_pause",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company", name=op.f("request_pause_pk")),
    )
    op.create_table(
        "run",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("mode", sa.Text(), nullable=False),
        sa.Column("date_from", sa.Date(), nullable=False),
        sa.Column("date_to", sa.Date(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("extracted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "counts", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.Column("summary", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint("kind in ('scheduled', 'backfill', 'manual')", name=op.f("run_kind_ck")),
        sa.CheckConstraint("mode in ('import', 'preview')", name=op.f("run_mode_ck")),
        sa.CheckConstraint("date_from <= date_to", name=op.f("run_days_ck")),
        sa.PrimaryKeyConstraint("company", "run_key", name=op.f("run_pk")),
    )
    op.create_table(
        "setting_register",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("payload", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("company", "service", "position", name=op.f("setting_register_pk")),
    )
    op.create_table(
        "waiting",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("not_before", sa.Date(), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("company", "flow", "source_id", name=op.f("waiting_pk")),
    )
    op.create_table(
        "watermark",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("swept_to", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company", "flow", name=op.f("watermark_pk")),
    )
    op.create_table(
        "document_line",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_heading", sa.Boolean(), nullable=False),
        sa.Column("product_id", sa.Text(), nullable=True),
        sa.Column("product_code", sa.Text(), nullable=True),
        sa.Column("description", sa.Text(), server_default="", nullable=False),
        sa.Column("quantity", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("price", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("discount", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("net", sa.Numeric(precision=20, scale=6), nullable=False),
        sa.Column("vat_percent", sa.Numeric(precision=20, scale=6), nullable=True),
        sa.Column("vat_code", sa.Text(), nullable=True),
        sa.Column("vat_code_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["company", "flow", "source_id"],
            ["document.company", "document.flow", "document.source_id"],
            name=op.f("document_line_company_flow_source_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("company", "flow", "source_id", "position", name=op.f("document_line_pk")),
    )
    op.create_table(
        "run_document",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("run_key", sa.Text(), nullable=False),
        sa.Column("flow", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_note", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome in ('created', 'adopted', 'already_there', 'quarantined', 'waiting', 'in_doubt', 'planned', 'deleted', 'dismissed', 'not_sent')",
            name=op.f("run_document_outcome_ck"),
        ),
        sa.CheckConstraint(
            "reason in ('in_range', 'late', 'unfinished', 'waiting', 'released')", name=op.f("run_document_reason_ck")
        ),
        sa.ForeignKeyConstraint(
            ["company", "flow", "source_id"],
            ["document.company", "document.flow", "document.source_id"],
            name=op.f("run_document_company_flow_source_id_fk"),
        ),
        sa.ForeignKeyConstraint(
            ["company", "run_key"],
            ["run.company", "run.run_key"],
            name=op.f("run_document_company_run_key_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("company", "run_key", "source_id", name=op.f("run_document_pk")),
    )
    op.create_index(
        op.f("run_document_company_flow_source_id_ix"), "run_document", ["company", "flow", "source_id"], unique=False
    )
