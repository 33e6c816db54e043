"""What the daily audit knows: SmartAccounts' documents, payments and ledger since the first import day, Scoro's plain lists,
balances, how far each list is known, what each night found, and what differs between the systems."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0015"
down_revision: str | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def _text(name: str, *, may_be_empty: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), server_default=sa.text("''") if may_be_empty else None, nullable=False)


def _amount(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.Numeric(20, 6), nullable=nullable)


def _now(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False)


def upgrade() -> None:
    op.create_table(
        "books_document",
        _text("company"),
        _text("flow"),
        _text("remote_id"),
        _text("number", may_be_empty=True),
        _text("accounting_number", may_be_empty=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("due_day", sa.Date(), nullable=True),
        sa.Column("entry_day", sa.Date(), nullable=False),
        _text("partner_remote_id", may_be_empty=True),
        sa.Column("is_credit", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _text("currency"),
        sa.Column("currency_rate", sa.Numeric(precision=20, scale=10), nullable=True),
        _amount("net"),
        _amount("vat"),
        _amount("rounding"),
        _amount("total", nullable=False),
        _amount("outstanding"),
        _text("account_unpaid", may_be_empty=True),
        _text("marked_id", may_be_empty=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("declared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content", JSONB(), nullable=False),
        _text("fingerprint"),
        sa.Column("basis", JSONB(), nullable=True),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _now("seen_at"),
        sa.PrimaryKeyConstraint("company", "flow", "remote_id", name=op.f("books_document_pk")),
    )
    op.create_index(
        op.f("books_document_company_flow_day_ix"), "books_document", ["company", "flow", "day"], unique=False
    )
    op.create_index(
        op.f("books_document_company_flow_entry_day_ix"),
        "books_document",
        ["company", "flow", "entry_day"],
        unique=False,
    )
    op.create_table(
        "books_document_line",
        _text("company"),
        _text("flow"),
        _text("remote_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("article_code", may_be_empty=True),
        _text("vat_code", may_be_empty=True),
        sa.Column("quantity", sa.Numeric(), nullable=False),
        _amount("net", nullable=False),
        _amount("vat"),
        _text("account", may_be_empty=True),
        sa.ForeignKeyConstraint(
            ["company", "flow", "remote_id"],
            ["books_document.company", "books_document.flow", "books_document.remote_id"],
            name=op.f("books_document_line_company_flow_remote_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("company", "flow", "remote_id", "position", name=op.f("books_document_line_pk")),
    )
    op.create_table(
        "books_payment",
        _text("company"),
        _text("remote_id"),
        _text("number", may_be_empty=True),
        sa.Column("day", sa.Date(), nullable=False),
        _text("partner_type", may_be_empty=True),
        _text("partner_remote_id", may_be_empty=True),
        _text("account_type", may_be_empty=True),
        _text("account_name", may_be_empty=True),
        _text("currency"),
        sa.Column("currency_rate", sa.Numeric(precision=20, scale=10), nullable=True),
        _amount("amount", nullable=False),
        _amount("eur_amount"),
        sa.Column("prepayment", sa.Numeric(precision=20, scale=6), server_default=sa.text("0"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content", JSONB(), nullable=False),
        _text("fingerprint"),
        sa.Column("basis", JSONB(), nullable=True),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _now("seen_at"),
        sa.PrimaryKeyConstraint("company", "remote_id", name=op.f("books_payment_pk")),
    )
    op.create_index(op.f("books_payment_company_day_ix"), "books_payment", ["company", "day"], unique=False)
    op.create_table(
        "books_payment_row",
        _text("company"),
        _text("remote_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("type"),
        _text("document_remote_id", may_be_empty=True),
        _amount("amount", nullable=False),
        sa.ForeignKeyConstraint(
            ["company", "remote_id"],
            ["books_payment.company", "books_payment.remote_id"],
            name=op.f("books_payment_row_company_remote_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("company", "remote_id", "position", name=op.f("books_payment_row_pk")),
    )
    op.create_index(
        op.f("books_payment_row_company_document_remote_id_ix"),
        "books_payment_row",
        ["company", "document_remote_id"],
        unique=False,
    )
    op.create_table(
        "books_entry",
        _text("company"),
        _text("entry_id"),
        _text("doc_type"),
        sa.Column("day", sa.Date(), nullable=False),
        _text("number", may_be_empty=True),
        _text("document", may_be_empty=True),
        _text("currency", may_be_empty=True),
        _amount("amount"),
        sa.Column("content", JSONB(), nullable=False),
        _text("fingerprint"),
        sa.Column("basis", JSONB(), nullable=True),
        _text("document_flow", may_be_empty=True),
        _text("document_remote_id", may_be_empty=True),
        _text("document_fingerprint", may_be_empty=True),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _now("seen_at"),
        sa.PrimaryKeyConstraint("company", "entry_id", name=op.f("books_entry_pk")),
    )
    op.create_index(
        op.f("books_entry_company_doc_type_day_ix"), "books_entry", ["company", "doc_type", "day"], unique=False
    )
    op.create_index(
        op.f("books_entry_company_document_flow_document_remote_id_ix"),
        "books_entry",
        ["company", "document_flow", "document_remote_id"],
        unique=False,
    )
    op.create_table(
        "books_entry_row",
        _text("company"),
        _text("entry_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        _text("account"),
        _amount("debit", nullable=False),
        _amount("credit", nullable=False),
        _amount("debit_original"),
        _amount("credit_original"),
        sa.ForeignKeyConstraint(
            ["company", "entry_id"],
            ["books_entry.company", "books_entry.entry_id"],
            name=op.f("books_entry_row_company_entry_id_fk"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("company", "entry_id", "position", name=op.f("books_entry_row_pk")),
    )
    op.create_table(
        "source_listing",
        _text("company"),
        _text("module"),
        _text("source_id"),
        _text("number", may_be_empty=True),
        sa.Column("day", sa.Date(), nullable=True),
        _text("currency", may_be_empty=True),
        sa.Column("currency_rate", sa.Numeric(precision=20, scale=10), nullable=True),
        sa.Column("net", sa.Numeric(), nullable=True),
        sa.Column("vat", sa.Numeric(), nullable=True),
        sa.Column("paid", sa.Numeric(), nullable=True),
        _text("partner_id", may_be_empty=True),
        sa.Column(
            "credited_ids",
            JSONB(),
            server_default=sa.text("'[]'::jsonb"),
            nullable=False,
        ),
        sa.Column("settles", JSONB(), server_default=sa.text("'[]'::jsonb"), nullable=False),
        sa.Column("modified_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("content", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        _text("fingerprint"),
        sa.Column("basis", JSONB(), nullable=True),
        sa.Column("is_deleted", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _now("seen_at"),
        sa.PrimaryKeyConstraint("company", "module", "source_id", name=op.f("source_listing_pk")),
    )
    op.create_index(
        op.f("source_listing_company_module_day_ix"), "source_listing", ["company", "module", "day"], unique=False
    )
    op.create_table(
        "ledger_base",
        _text("company"),
        _text("account"),
        _text("reading"),
        _amount("base", nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("is_guarded", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        _now("taken_at"),
        sa.PrimaryKeyConstraint("company", "account", "reading", name=op.f("ledger_base_pk")),
    )
    op.create_table(
        "ledger_balance",
        _text("company"),
        sa.Column("asked_day", sa.Date(), nullable=False),
        _text("account"),
        _amount("balance", nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("company", "asked_day", "account", name=op.f("ledger_balance_pk")),
    )
    op.create_table(
        "audit_mark",
        _text("company"),
        _text("list"),
        sa.Column("read_to", sa.Date(), nullable=True),
        sa.Column("is_whole", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("known_to", sa.DateTime(timezone=True), nullable=True),
        _text("canary_id", may_be_empty=True),
        sa.Column("canary_updated", sa.DateTime(timezone=True), nullable=True),
        sa.Column("slice", sa.Integer(), nullable=True),
        sa.Column("sweep_cursor", sa.Date(), nullable=True),
        sa.Column("detail", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        _now("changed_at"),
        sa.PrimaryKeyConstraint("company", "list", name=op.f("audit_mark_pk")),
    )
    op.create_table(
        "audit_night",
        _text("company"),
        sa.Column("night", sa.Date(), nullable=False),
        _text("state"),
        _text("scoro_state", may_be_empty=True),
        sa.Column("requests_smartaccounts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("requests_scoro", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("known_to", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("evidence", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        _text("previous_hash", may_be_empty=True),
        _text("hash", may_be_empty=True),
        _now("opened_at"),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('open', 'ok', 'incomplete', 'blind', 'no_balances', 'baseline')",
            name=op.f("audit_night_state_ck"),
        ),
        sa.PrimaryKeyConstraint("company", "night", name=op.f("audit_night_pk")),
    )
    op.create_table(
        "hunt",
        _text("company"),
        _text("list"),
        _text("kind"),
        sa.Column("lo", sa.Date(), nullable=False),
        sa.Column("hi", sa.Date(), nullable=False),
        sa.Column("difference", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        _now("opened_at"),
        sa.CheckConstraint("kind in ('balance', 'count')", name=op.f("hunt_kind_ck")),
        sa.PrimaryKeyConstraint("company", "list", "kind", name=op.f("hunt_pk")),
    )
    op.create_table(
        "drift",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        _text("company"),
        _text("system"),
        _text("kind"),
        _text("flow", may_be_empty=True),
        _text("source_id", may_be_empty=True),
        _text("remote_id", may_be_empty=True),
        sa.Column("before", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        sa.Column("after", JSONB(), server_default=sa.text("'{}'::jsonb"), nullable=False),
        _text("after_hash", may_be_empty=True),
        _amount("amount"),
        _text("currency", may_be_empty=True),
        _text("evidence", may_be_empty=True),
        _text("case_key"),
        _text("state"),
        sa.Column("reason", JSONB(), nullable=False),
        _now("first_seen"),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        _text("accepted_by", may_be_empty=True),
        _text("note", may_be_empty=True),
        sa.CheckConstraint(
            "state in ('suspected', 'confirmed', 'told', 'accepted', 'mended', 'gone_both')",
            name=op.f("drift_state_ck"),
        ),
        sa.CheckConstraint("system in ('books', 'scoro')", name=op.f("drift_system_ck")),
        sa.PrimaryKeyConstraint("id", name=op.f("drift_pk")),
    )
    op.create_index(op.f("drift_company_case_key_ix"), "drift", ["company", "case_key"], unique=False)
    op.create_index(
        "drift_one_open_ix",
        "drift",
        ["company", "system", "kind", "flow", "source_id", "remote_id"],
        unique=True,
        postgresql_where=sa.text("state in ('suspected', 'confirmed', 'told')"),
    )


def downgrade() -> None:
    for table in (
        "drift",
        "hunt",
        "audit_night",
        "audit_mark",
        "ledger_balance",
        "ledger_base",
        "source_listing",
        "books_entry_row",
        "books_entry",
        "books_payment_row",
        "books_payment",
        "books_document_line",
        "books_document",
    ):
        op.drop_table(table)
