"""The tables of the staging database. Migrations create them; this module is what queries are built from.

Every table has the company in its key. Moments are UTC with zone, days are Tallinn days, amounts are NUMERIC.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "uq": "%(table_name)s_%(column_0_N_name)s_uq",
        "ix": "%(table_name)s_%(column_0_N_name)s_ix",
        "ck": "%(table_name)s_%(constraint_name)s_ck",
        "fk": "%(table_name)s_%(column_0_N_name)s_fk",
    }
)

# Columns of JSONB that are called `reason`, `outcome_reason`, `problem` or `warnings` hold reasons of the catalogue.
MOMENT = DateTime(timezone=True)
AMOUNT = Numeric(20, 6)
# Amounts, quantities, prices and percentages of documents: with the decimals that they were read with.
AS_SENT = Numeric


def _company() -> Column[str]:
    return Column("company", Text, nullable=False)


def _address() -> tuple[Column[str], ...]:
    names = ("country", "city", "street", "postal_code")
    return tuple(Column(name, Text, nullable=False, server_default="") for name in names)


def _now(name: str) -> Column[object]:
    return Column(name, MOMENT, nullable=False, server_default=func.now())


# What Scoro sent, as it sent it. A record whose content changes gets the next version; a row is changed once only, when
# what is personal of it is forgotten (`forgotten_at`).
raw_record = Table(
    "raw_record",
    metadata,
    _company(),
    Column("module", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("payload", JSONB, nullable=False),
    _now("first_seen_at"),
    Column("run_key", Text, nullable=False),
    Column("forgotten_at", MOMENT),
    PrimaryKeyConstraint("company", "module", "source_id", "version"),
)

# The newest version of every document, in typed columns. `problem` is the reason why a document could not be read.
document = Table(
    "document",
    metadata,
    _company(),
    Column("flow", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("raw_version", Integer, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("day", Date),
    Column("due_day", Date),
    Column("partner_id", Text),
    Column("currency", Text, nullable=False, server_default=""),
    Column("currency_rate", Numeric(20, 10)),
    Column("discount_1", AS_SENT),
    Column("discount_2", AS_SENT),
    Column("discount_3", AS_SENT),
    Column("net", AS_SENT),
    Column("vat", AS_SENT),
    Column("vat_percent", AS_SENT),
    Column("vat_code", Text),
    Column("vat_code_id", Text),
    Column("reference_number", Text, nullable=False, server_default=""),
    Column("description", Text, nullable=False, server_default=""),
    Column("prepayment_ids", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("prepayment_sum", AS_SENT, nullable=False, server_default="0"),
    Column("credited_ids", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("is_deleted", Boolean, nullable=False, server_default=text("false")),
    Column("is_missing", Boolean, nullable=False, server_default=text("false")),
    Column("is_sent", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", MOMENT),
    Column("modified_at", MOMENT),
    Column("problem", JSONB),
    # The version of this program whose reading of the record these columns and the lines hold.
    Column("read_by", Text),
    _now("staged_at"),
    PrimaryKeyConstraint("company", "flow", "source_id"),
    Index(None, "company", "flow", "day"),
    Index(None, "company", "flow", "number"),
    # Credit invoices are few, and looked for beside each other.
    Index("document_credits_ix", "company", "flow", postgresql_where=text("credited_ids <> '[]'::jsonb")),
)

document_line = Table(
    "document_line",
    metadata,
    _company(),
    Column("flow", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("is_heading", Boolean, nullable=False),
    Column("product_id", Text),
    Column("product_code", Text),
    Column("description", Text, nullable=False, server_default=""),
    Column("quantity", AS_SENT, nullable=False),
    Column("price", AS_SENT, nullable=False),
    Column("discount", AS_SENT, nullable=False),
    Column("net", AS_SENT, nullable=False),
    Column("vat_percent", AS_SENT),
    Column("vat_code", Text),
    Column("vat_code_id", Text),
    Column("line_id", Text, nullable=False, server_default=""),
    Column("product_name", Text, nullable=False, server_default=""),
    Column("unit", Text, nullable=False, server_default=""),
    Column("account", Text),
    Column("cost_object", Text),
    PrimaryKeyConstraint("company", "flow", "source_id", "position"),
    ForeignKeyConstraint(
        ["company", "flow", "source_id"],
        ["document.company", "document.flow", "document.source_id"],
        ondelete="CASCADE",
    ),
)

# What a receipt group of Scoro pays: the document in staging, or a prepayment invoice.
payment_row = Table(
    "payment_row",
    metadata,
    _company(),
    Column("flow", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("document_flow", Text),
    Column("document_id", Text),
    Column("prepayment_id", Text),
    Column("amount", AMOUNT, nullable=False),
    PrimaryKeyConstraint("company", "flow", "source_id", "position"),
    ForeignKeyConstraint(
        ["company", "flow", "source_id"],
        ["document.company", "document.flow", "document.source_id"],
        ondelete="CASCADE",
    ),
    Index(None, "company", "document_flow", "document_id"),
)

# The contacts and products that documents name. Names of persons stand here and in raw_record only.
contact = Table(
    "contact",
    metadata,
    _company(),
    Column("source_id", Text, nullable=False),
    Column("raw_version", Integer, nullable=False),
    Column("name", Text, nullable=False),
    Column("is_person", Boolean, nullable=False),
    Column("registry_code", Text, nullable=False, server_default=""),
    Column("vat_number", Text, nullable=False, server_default=""),
    Column("bank_account", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
    *_address(),
    Column("is_client", Boolean, nullable=False, server_default=text("false")),
    Column("is_supplier", Boolean, nullable=False, server_default=text("false")),
    Column("is_deleted", Boolean, nullable=False, server_default=text("false")),
    _now("staged_at"),
    PrimaryKeyConstraint("company", "source_id"),
)

product = Table(
    "product",
    metadata,
    _company(),
    Column("source_id", Text, nullable=False),
    Column("raw_version", Integer, nullable=False),
    Column("code", Text, nullable=False, server_default=""),
    Column("name", Text, nullable=False),
    Column("is_stock", Boolean, nullable=False),
    Column("excludes_discounts", Boolean, nullable=False),
    Column("is_deleted", Boolean, nullable=False, server_default=text("false")),
    _now("staged_at"),
    PrimaryKeyConstraint("company", "source_id"),
)

# The run ledger: one row a DAG run, with its summary.
run = Table(
    "run",
    metadata,
    _company(),
    Column("run_key", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("mode", Text, nullable=False),
    Column("date_from", Date, nullable=False),
    Column("date_to", Date, nullable=False),
    _now("started_at"),
    Column("extracted_at", MOMENT),
    Column("checked_at", MOMENT),
    Column("planned_at", MOMENT),
    Column("loaded_at", MOMENT),
    Column("finished_at", MOMENT),
    Column("counts", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("summary", JSONB),
    PrimaryKeyConstraint("company", "run_key"),
    CheckConstraint("kind in ('scheduled', 'backfill', 'manual')", name="kind"),
    CheckConstraint("mode in ('import', 'approve', 'preview')", name="mode"),
    CheckConstraint("date_from <= date_to", name="days"),
)

# Which documents a run is about, why it took each, and how each left it.
run_document = Table(
    "run_document",
    metadata,
    _company(),
    Column("run_key", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("outcome", Text),
    Column("outcome_reason", JSONB),
    PrimaryKeyConstraint("company", "run_key", "source_id"),
    ForeignKeyConstraint(["company", "run_key"], ["run.company", "run.run_key"], ondelete="CASCADE"),
    ForeignKeyConstraint(["company", "flow", "source_id"], ["document.company", "document.flow", "document.source_id"]),
    CheckConstraint("reason in ('in_range', 'late', 'unfinished', 'waiting', 'released', 'changed')", name="reason"),
    CheckConstraint(
        "outcome in ('created', 'adopted', 'already_there', 'quarantined', 'waiting', 'in_doubt', 'planned',"
        " 'deleted', 'dismissed', 'not_sent', 'not_ours', 'declined', 'plan_changed')",
        name="outcome",
    ),
    Index(None, "company", "flow", "source_id"),
)

# Findings of the quality checks, warnings included.
finding = Table(
    "finding",
    metadata,
    _company(),
    Column("run_key", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("position", Integer, nullable=False, server_default=text("0")),
    Column("code", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("reason", JSONB, nullable=False),
    _now("found_at"),
    PrimaryKeyConstraint("company", "run_key", "flow", "source_id", "code", "position"),
    CheckConstraint("severity in ('error', 'warning')", name="severity"),
)

# Documents that wait for a person. At most one open case a document; a mended document closes it.
quarantine = Table(
    "quarantine",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    _company(),
    Column("flow", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("reason", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("note", Text, nullable=False, server_default=""),
    # What a person chose who answered a question with several answers.
    Column("choice", Text, nullable=False, server_default=""),
    Column("run_key", Text, nullable=False),
    _now("opened_at"),
    # When a person answered the case with `retry`: it is not asked again for the same content.
    Column("answered_at", MOMENT),
    Column("closed_at", MOMENT),
    PrimaryKeyConstraint("id"),
    CheckConstraint("state in ('open', 'released', 'dismissed', 'resolved')", name="state"),
    Index(None, "company", "flow", "source_id"),
    Index(
        "quarantine_one_case_ix",
        "company",
        "flow",
        "source_id",
        unique=True,
        postgresql_where=text("state in ('open', 'released', 'dismissed')"),
    ),
)

# Documents that will go on by themselves: not settled yet, a credit invoice whose base is not booked, a payment whose
# document or partner is not, one that may be our own export, or one whose partner or article somebody has to decide
# about.
waiting = Table(
    "waiting",
    metadata,
    _company(),
    Column("flow", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("reason", JSONB, nullable=False),
    Column("not_before", Date),
    _now("since"),
    PrimaryKeyConstraint("company", "flow", "source_id"),
)

# Who is who: a record of Scoro and the one record of SmartAccounts that stands for it, with the evidence; its keeper is
# `staging.links`. A SmartAccounts document stands for one Scoro document only; partners and articles may stand for
# several. A receipt group may stand for several payments and the other way round: one link has the part 0 of either,
# which tells that all of it is linked; every further one has another part. Documents: `content_hash` is that of the
# document as imported, `answer` what SmartAccounts said; number, partner, currency, rate, total (signed as it was
# answered) and entry day are those that it was booked with, as far as they are known. `gone_at`: since when the record
# is known to be deleted in SmartAccounts; `undone_at`: since when, where the pipeline deleted it itself.
link = Table(
    "link",
    metadata,
    _company(),
    Column("kind", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("source_part", Integer, nullable=False, server_default=text("0")),
    Column("remote_id", Text, nullable=False),
    Column("remote_part", Integer, nullable=False, server_default=text("0")),
    Column("evidence", Text, nullable=False),
    Column("detail", Text, nullable=False, server_default=""),
    Column("content_hash", Text, nullable=False, server_default=""),
    Column("answer", JSONB),
    Column("number", Text, nullable=False, server_default=""),
    Column("partner_source_id", Text, nullable=False, server_default=""),
    Column("partner_remote_id", Text, nullable=False, server_default=""),
    Column("currency", Text, nullable=False, server_default=""),
    Column("currency_rate", Numeric(20, 10)),
    Column("total", AMOUNT),
    Column("entry_day", Date),
    Column("run_key", Text, nullable=False),
    _now("linked_at"),
    Column("gone_at", MOMENT),
    Column("undone_at", MOMENT),
    PrimaryKeyConstraint("company", "kind", "source_id", "source_part"),
    Index(
        "link_one_document_ix",
        "company",
        "kind",
        "remote_id",
        "remote_part",
        unique=True,
        postgresql_where=text("kind in ('sales_invoice', 'purchase_invoice', 'payment')"),
    ),
)

# The plan of a document: exactly what will be sent, what the target will make of it, and the client or vendor and the
# articles that must be created first (as bodies to send).
plan = Table(
    "plan",
    metadata,
    _company(),
    Column("flow", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("payload_hash", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("partner_source_id", Text, nullable=False),
    Column("new_partner", JSONB),
    Column("new_articles", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("predicted", JSONB, nullable=False),
    Column("warnings", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("run_key", Text, nullable=False),
    _now("planned_at"),
    PrimaryKeyConstraint("company", "flow", "source_id"),
)

# Questions to the accountant: the plans of a flow that wait for approval. `run_key`: the run that asks.
question = Table(
    "question",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    _company(),
    Column("flow", Text, nullable=False),
    Column("run_key", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("answered_by", Text, nullable=False, server_default=""),
    _now("asked_at"),
    Column("alerted_at", MOMENT),
    Column("answered_at", MOMENT),
    PrimaryKeyConstraint("company", "id"),
    UniqueConstraint("company", "run_key", "flow"),
    CheckConstraint("state in ('open', 'answered', 'superseded')", name="state"),
)

# A document that needs approval: the plan as it was shown. At most one row a document counts: the newest.
# `planned` waits to be asked about; `asked` stands in an open question; `approved` may be sent, exactly as it stands
# here; `declined` is not asked about again while its plan stays the same.
approval = Table(
    "approval",
    metadata,
    _company(),
    Column("flow", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("plan_hash", Text, nullable=False),
    Column("plan", JSONB, nullable=False),
    Column("state", Text, nullable=False, server_default="planned"),
    Column("question_id", BigInteger),
    Column("planned_by", Text, nullable=False),
    Column("reason", JSONB),
    _now("planned_at"),
    # Since when the accountant has been asked about the document, whatever questions followed.
    Column("asked_at", MOMENT),
    Column("decided_at", MOMENT),
    PrimaryKeyConstraint("company", "flow", "source_id"),
    ForeignKeyConstraint(["company", "question_id"], ["question.company", "question.id"]),
    CheckConstraint("state in ('planned', 'asked', 'approved', 'declined', 'changed', 'done')", name="state"),
    Index(None, "company", "question_id"),
)

# Links between contacts or products and SmartAccounts' records that reconcile_ids proposes. `certain` ones are stored
# as links at once; `likely` ones wait for a person (`decision`); `conflicting` ones contradict each other.
link_proposal = Table(
    "link_proposal",
    metadata,
    _company(),
    Column("kind", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("confidence", Text, nullable=False),
    Column("score", Numeric(5, 2), nullable=False),
    Column("evidence", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("decision", Text, nullable=False, server_default="open"),
    Column("run_key", Text, nullable=False),
    _now("proposed_at"),
    Column("decided_at", MOMENT),
    Column("decided_by", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("company", "kind", "source_id", "remote_id"),
    CheckConstraint("confidence in ('certain', 'likely', 'conflicting')", name="confidence"),
    CheckConstraint("decision in ('open', 'accepted', 'rejected')", name="decision"),
)

# The outbox: one row an attempt to create a record, written before the request leaves; its keeper is
# `staging.intents`. `signed_at` is the only timestamp the payload may ever be signed with. `part`: which part of a
# receipt group (of a payment) the request makes, as in the link that will stand for it.
intent = Table(
    "intent",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    _company(),
    Column("kind", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("part", Integer, nullable=False, server_default=text("0")),
    Column("natural_key", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("payload_hash", Text, nullable=False),
    Column("day", Date),
    Column("content_hash", Text, nullable=False, server_default=""),
    Column("signed_at", MOMENT, nullable=False),
    Column("state", Text, nullable=False, server_default="open"),
    Column("remote_id", Text),
    # Receipt groups that Scoro had of the documents when the intent was written: Scoro keeps no marker.
    Column("known_ids", JSONB),
    Column("note", Text, nullable=False, server_default=""),
    Column("run_key", Text, nullable=False),
    _now("written_at"),
    Column("settled_at", MOMENT),
    PrimaryKeyConstraint("id"),
    CheckConstraint("state in ('open', 'done', 'refused', 'absent')", name="state"),
    CheckConstraint("(state = 'open') = (settled_at is null)", name="settled"),
    Index(
        "intent_one_open_ix",
        "company",
        "kind",
        "source_id",
        "part",
        unique=True,
        postgresql_where=text("state = 'open'"),
    ),
    Index(
        "intent_one_open_key_ix",
        "company",
        "kind",
        "natural_key",
        unique=True,
        postgresql_where=text("state = 'open'"),
    ),
)


def _partner_register(name: str) -> Table:
    return Table(
        name,
        metadata,
        _company(),
        Column("remote_id", Text, nullable=False),
        Column("name", Text, nullable=False),
        Column("registry_code", Text, nullable=False, server_default=""),
        Column("vat_number", Text, nullable=False, server_default=""),
        Column("bank_account", Text, nullable=False, server_default=""),
        Column("email", Text, nullable=False, server_default=""),
        *_address(),
        Column("marked_id", Text, nullable=False, server_default=""),
        # Whether the annex of VAT returns is to leave it out; null until it is read.
        Column("is_left_out", Boolean),
        _now("read_at"),
        PrimaryKeyConstraint("company", "remote_id"),
        Index(None, "company", "registry_code"),
        Index(None, "company", "vat_number"),
    )


# Registers of SmartAccounts, mirrored by change queries.
client_register = _partner_register("client_register")
vendor_register = _partner_register("vendor_register")

article_register = Table(
    "article_register",
    metadata,
    _company(),
    Column("code", Text, nullable=False),
    Column("description", Text, nullable=False, server_default=""),
    Column("type", Text, nullable=False, server_default=""),
    _now("read_at"),
    PrimaryKeyConstraint("company", "code"),
)

# Settings of SmartAccounts: VAT codes, warehouses; read whole, once a day or on a miss.
setting_register = Table(
    "setting_register",
    metadata,
    _company(),
    Column("service", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("payload", JSONB, nullable=False),
    PrimaryKeyConstraint("company", "service", "position"),
)

# Up to when a register is known. `synced_to` is in the service's own clock where it shows one.
register_state = Table(
    "register_state",
    metadata,
    _company(),
    Column("register", Text, nullable=False),
    Column("synced_to", MOMENT, nullable=False),
    Column("read_at", MOMENT, nullable=False),
    PrimaryKeyConstraint("company", "register"),
)

# Documents that SmartAccounts held on the days of a run, as read before the first send of these days.
remote_document = Table(
    "remote_document",
    metadata,
    _company(),
    Column("flow", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("partner_remote_id", Text, nullable=False, server_default=""),
    Column("partner_name", Text, nullable=False, server_default=""),
    Column("currency", Text, nullable=False),
    Column("total", AMOUNT, nullable=False),
    Column("is_credit", Boolean, nullable=False, server_default=text("false")),
    Column("net", AMOUNT),
    Column("vat", AMOUNT),
    Column("rounding", AMOUNT),
    Column("currency_rate", Numeric(20, 10)),
    Column("entry_day", Date),
    Column("marked_id", Text, nullable=False, server_default=""),
    _now("read_at"),
    PrimaryKeyConstraint("company", "flow", "remote_id"),
    Index(None, "company", "flow", "day"),
)

# Payments of SmartAccounts, mirrored by change queries. `marked_id` is the receipt group that the payment's document
# number names; `is_changed` marks those that were added or changed since the export was switched on.
remote_payment = Table(
    "remote_payment",
    metadata,
    _company(),
    Column("remote_id", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("partner_type", Text, nullable=False),
    Column("partner_remote_id", Text, nullable=False, server_default=""),
    Column("account_type", Text, nullable=False, server_default=""),
    Column("account_name", Text, nullable=False, server_default=""),
    Column("currency", Text, nullable=False),
    Column("amount", AMOUNT, nullable=False),
    Column("prepayment", AMOUNT, nullable=False, server_default=text("0")),
    Column("marked_id", Text, nullable=False, server_default=""),
    Column("content_hash", Text, nullable=False),
    Column("is_changed", Boolean, nullable=False, server_default=text("false")),
    Column("is_deleted", Boolean, nullable=False, server_default=text("false")),
    _now("read_at"),
    PrimaryKeyConstraint("company", "remote_id"),
)

# What a payment of SmartAccounts settles: its rows.
remote_payment_row = Table(
    "remote_payment_row",
    metadata,
    _company(),
    Column("remote_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("document_remote_id", Text, nullable=False),
    Column("amount", AMOUNT, nullable=False),
    PrimaryKeyConstraint("company", "remote_id", "position"),
    ForeignKeyConstraint(
        ["company", "remote_id"], ["remote_payment.company", "remote_payment.remote_id"], ondelete="CASCADE"
    ),
    Index(None, "company", "document_remote_id"),
)

# What changed in Scoro after the import, and which payments changed in SmartAccounts after they were linked
# (`booking_…`). Never mirrored: a person decides.
later_change = Table(
    "later_change",
    metadata,
    _company(),
    Column("flow", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("fields", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("run_key", Text, nullable=False),
    _now("seen_at"),
    PrimaryKeyConstraint("company", "flow", "source_id", "content_hash", "kind"),
    CheckConstraint(
        "kind in ('changed', 'deleted', 'missing', 'booking_changed', 'booking_deleted')",
        name="kind",
    ),
)

# Months and their VAT returns: the entry that saving a return makes, when it was seen first and seen changed, when its
# payment was seen, and what a person said of the month, when, and who: empty where nobody knows. Its keeper is
# `staging.periods`.
period = Table(
    "period",
    metadata,
    _company(),
    # Its first day.
    Column("month", Date, nullable=False),
    Column("return_entry_id", Text, nullable=False, server_default=""),
    Column("return_hash", Text, nullable=False, server_default=""),
    Column("return_seen_at", MOMENT),
    Column("return_changed_at", MOMENT),
    Column("paid_seen_at", MOMENT),
    Column("said", Text, nullable=False, server_default=""),
    Column("said_at", MOMENT),
    Column("said_by", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("company", "month"),
    CheckConstraint("said in ('', 'filed', 'reopened')", name="said"),
)

# What is known of SmartAccounts' lock, which it shows nowhere: when dates up to `locked_through` were refused, and when
# something dated `open_from` was entered, before which the lock must have been. Its keeper is `staging.lock_bounds`.
lock_bound = Table(
    "lock_bound",
    metadata,
    _company(),
    Column("locked_through", Date),
    Column("refused_at", MOMENT),
    Column("open_from", Date),
    Column("open_seen_at", MOMENT),
    PrimaryKeyConstraint("company"),
)

# How a service is read where no source tells it and its records do: a reading by what it is about, with what was seen.
# Its keeper is `staging.assumption_states`.
assumption_state = Table(
    "assumption_state",
    metadata,
    _company(),
    Column("key", Text, nullable=False),
    Column("reading", Text, nullable=False),
    Column("evidence", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    _now("seen_at"),
    PrimaryKeyConstraint("company", "key"),
)

# Kinds of documents that an example proves: the first one that went to SmartAccounts, and what came of it. Its keeper
# is `staging.kinds`.
first_of_kind = Table(
    "first_of_kind",
    metadata,
    _company(),
    Column("kind", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", JSONB),
    _now("changed_at"),
    PrimaryKeyConstraint("company", "kind"),
    CheckConstraint("state in ('sent', 'unproved', 'proved', 'held')", name="state"),
)

# Entries of SmartAccounts' ledger for documents and payments, in euros, as they were read. The keeper of this and the
# next two tables is `staging.ledger`.
ledger_entry = Table(
    "ledger_entry",
    metadata,
    _company(),
    Column("entry_id", Text, nullable=False),
    Column("doc_type", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("number", Text, nullable=False, server_default=""),
    Column("document", Text, nullable=False, server_default=""),
    Column("currency", Text, nullable=False, server_default=""),
    _now("read_at"),
    PrimaryKeyConstraint("company", "entry_id"),
    Index(None, "company", "doc_type", "day"),
)

# The rows of an entry, without their texts.
ledger_row = Table(
    "ledger_row",
    metadata,
    _company(),
    Column("entry_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("debit", AMOUNT, nullable=False),
    Column("credit", AMOUNT, nullable=False),
    # In the document's currency, where SmartAccounts shows them.
    Column("debit_original", AMOUNT),
    Column("credit_original", AMOUNT),
    PrimaryKeyConstraint("company", "entry_id", "position"),
    ForeignKeyConstraint(
        ["company", "entry_id"], ["ledger_entry.company", "ledger_entry.entry_id"], ondelete="CASCADE"
    ),
)

# Documents and payments that were booked, held against their entries. `before`: booked before that was done.
ledger_check = Table(
    "ledger_check",
    metadata,
    _company(),
    Column("kind", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("entry_id", Text, nullable=False, server_default=""),
    # What the entry held then: its day, and euros by account; and whether it names the document: others are found by
    # their sums.
    Column("posted", JSONB),
    Column("is_named", Boolean, nullable=False, server_default=text("false")),
    Column("run_key", Text, nullable=False, server_default=""),
    _now("checked_at"),
    PrimaryKeyConstraint("company", "kind", "remote_id"),
    Index(None, "company", "entry_id"),
    CheckConstraint("verdict in ('equal', 'differs', 'not_found', 'not_compared', 'before')", name="verdict"),
)

# Up to when changes are known: Scoro's, of `export_payments` those of SmartAccounts. Its keeper is
# `staging.watermarks`.
watermark = Table(
    "watermark",
    metadata,
    _company(),
    Column("flow", Text, nullable=False),
    Column("swept_to", MOMENT, nullable=False),
    PrimaryKeyConstraint("company", "flow"),
)

# Days whose documents were imported, by run: holes are the days without a row.
coverage = Table(
    "coverage",
    metadata,
    _company(),
    Column("flow", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("run_key", Text, nullable=False),
    _now("covered_at"),
    PrimaryKeyConstraint("company", "flow", "day"),
)

# Every request to SmartAccounts of the last day: both windows of its limit are counted from here.
request = Table(
    "request",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    _company(),
    Column("sent_at", MOMENT, nullable=False),
    Column("operation", Text, nullable=False),
    Column("priority", SmallInteger, nullable=False),
    Column("run_key", Text, nullable=False),
    PrimaryKeyConstraint("id"),
    Index(None, "company", "sent_at"),
    Index(None, "company", "run_key"),
)

# A pause that the service itself asked for by refusing.
request_pause = Table(
    "request_pause",
    metadata,
    _company(),
    Column("until", MOMENT, nullable=False),
    PrimaryKeyConstraint("company"),
)

# --- The daily audit. What SmartAccounts holds since the first import day, kept by the audit alone: `remote_document`
# and `ledger_entry` hold what runs read, and are replaced by days.

# Invoices and bills, linked or not, as they stand in SmartAccounts; the keeper of all `books_…` tables is
# `staging.audit_books`. Sums are signed as in `remote_document` (credit invoices negative). `outstanding` and
# `accounting_number` are no content. `fingerprint` is a hash of `content` (fields by name, as texts), that of rows
# included; `basis` is the content that is held for right where a drift is open, else null.
books_document = Table(
    "books_document",
    metadata,
    _company(),
    Column("flow", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("number", Text, nullable=False, server_default=""),
    Column("accounting_number", Text, nullable=False, server_default=""),
    Column("day", Date, nullable=False),
    Column("due_day", Date),
    Column("entry_day", Date, nullable=False),
    Column("partner_remote_id", Text, nullable=False, server_default=""),
    Column("is_credit", Boolean, nullable=False, server_default=text("false")),
    Column("currency", Text, nullable=False),
    Column("currency_rate", Numeric(20, 10)),
    Column("net", AMOUNT),
    Column("vat", AMOUNT),
    Column("rounding", AMOUNT),
    Column("total", AMOUNT, nullable=False),
    Column("outstanding", AMOUNT),
    Column("account_unpaid", Text, nullable=False, server_default=""),
    Column("marked_id", Text, nullable=False, server_default=""),
    Column("created_at", MOMENT),
    Column("updated_at", MOMENT),
    # When what a VAT return takes of it changed last, as far as is known: payments do not change that.
    Column("declared_at", MOMENT),
    Column("content", JSONB, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("basis", JSONB),
    Column("is_deleted", Boolean, nullable=False, server_default=text("false")),
    _now("seen_at"),
    PrimaryKeyConstraint("company", "flow", "remote_id"),
    Index(None, "company", "flow", "day"),
    Index(None, "company", "flow", "entry_day"),
)

# Their rows. `net` is quantity × price less the discount, to the cent; `vat` is null where the service shows a
# percentage in its place. Signed like the document.
books_document_line = Table(
    "books_document_line",
    metadata,
    _company(),
    Column("flow", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("article_code", Text, nullable=False, server_default=""),
    Column("vat_code", Text, nullable=False, server_default=""),
    Column("quantity", AS_SENT, nullable=False),
    Column("net", AMOUNT, nullable=False),
    Column("vat", AMOUNT),
    Column("account", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("company", "flow", "remote_id", "position"),
    ForeignKeyConstraint(
        ["company", "flow", "remote_id"],
        ["books_document.company", "books_document.flow", "books_document.remote_id"],
        ondelete="CASCADE",
    ),
)

# Payments, with amounts as they are shown.
books_payment = Table(
    "books_payment",
    metadata,
    _company(),
    Column("remote_id", Text, nullable=False),
    Column("number", Text, nullable=False, server_default=""),
    Column("day", Date, nullable=False),
    Column("partner_type", Text, nullable=False, server_default=""),
    Column("partner_remote_id", Text, nullable=False, server_default=""),
    Column("account_type", Text, nullable=False, server_default=""),
    Column("account_name", Text, nullable=False, server_default=""),
    Column("currency", Text, nullable=False),
    Column("currency_rate", Numeric(20, 10)),
    Column("amount", AMOUNT, nullable=False),
    Column("eur_amount", AMOUNT),
    Column("prepayment", AMOUNT, nullable=False, server_default=text("0")),
    Column("created_at", MOMENT),
    Column("updated_at", MOMENT),
    Column("content", JSONB, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("basis", JSONB),
    Column("is_deleted", Boolean, nullable=False, server_default=text("false")),
    _now("seen_at"),
    PrimaryKeyConstraint("company", "remote_id"),
    Index(None, "company", "day"),
)

books_payment_row = Table(
    "books_payment_row",
    metadata,
    _company(),
    Column("remote_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("type", Text, nullable=False),
    Column("document_remote_id", Text, nullable=False, server_default=""),
    Column("amount", AMOUNT, nullable=False),
    PrimaryKeyConstraint("company", "remote_id", "position"),
    ForeignKeyConstraint(
        ["company", "remote_id"], ["books_payment.company", "books_payment.remote_id"], ondelete="CASCADE"
    ),
    Index(None, "company", "document_remote_id"),
)

# Entries of the general ledger, of all kinds. Of wages the rows stand in one entry a day, `wages <day>`, summed by
# account: entries of single wages have no rows and no amount. `document_flow` and `document_remote_id` name the
# invoice, bill or payment (`payments`) that it was made for, where known.
books_entry = Table(
    "books_entry",
    metadata,
    _company(),
    Column("entry_id", Text, nullable=False),
    Column("doc_type", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("number", Text, nullable=False, server_default=""),
    Column("document", Text, nullable=False, server_default=""),
    Column("currency", Text, nullable=False, server_default=""),
    Column("amount", AMOUNT),
    Column("content", JSONB, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("basis", JSONB),
    Column("document_flow", Text, nullable=False, server_default=""),
    Column("document_remote_id", Text, nullable=False, server_default=""),
    # That of the document when the entry was seen last: another one explains another entry.
    Column("document_fingerprint", Text, nullable=False, server_default=""),
    Column("is_deleted", Boolean, nullable=False, server_default=text("false")),
    _now("seen_at"),
    PrimaryKeyConstraint("company", "entry_id"),
    Index(None, "company", "doc_type", "day"),
    Index(None, "company", "document_flow", "document_remote_id"),
)

# Their rows in euros, without texts, one an account and side of the entry as it is shown.
books_entry_row = Table(
    "books_entry_row",
    metadata,
    _company(),
    Column("entry_id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("account", Text, nullable=False),
    Column("debit", AMOUNT, nullable=False),
    Column("credit", AMOUNT, nullable=False),
    Column("debit_original", AMOUNT),
    Column("credit_original", AMOUNT),
    PrimaryKeyConstraint("company", "entry_id", "position"),
    ForeignKeyConstraint(["company", "entry_id"], ["books_entry.company", "books_entry.entry_id"], ondelete="CASCADE"),
)

# Scoro's plain lists, 100 rows a request, of all days since the first import day: also of days that no run read.
# `settles`: ids of the documents that a receipt group is of. Its keeper is `staging.source_listings`.
source_listing = Table(
    "source_listing",
    metadata,
    _company(),
    Column("module", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("number", Text, nullable=False, server_default=""),
    Column("day", Date),
    Column("currency", Text, nullable=False, server_default=""),
    Column("currency_rate", Numeric(20, 10)),
    Column("net", AS_SENT),
    Column("vat", AS_SENT),
    Column("paid", AS_SENT),
    Column("partner_id", Text, nullable=False, server_default=""),
    Column("credited_ids", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("settles", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("modified_at", MOMENT),
    Column("content", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("fingerprint", Text, nullable=False),
    Column("basis", JSONB),
    Column("is_deleted", Boolean, nullable=False, server_default=text("false")),
    _now("seen_at"),
    PrimaryKeyConstraint("company", "module", "source_id"),
    Index(None, "company", "module", "day"),
)

# What an account's balance is beyond the entries that are known: balance = base ± entries, for each way to read a
# balance that fits so far (`reading`). `is_guarded`: its differences count. Keeper of this and the next table:
# `staging.audit_balances`.
ledger_base = Table(
    "ledger_base",
    metadata,
    _company(),
    Column("account", Text, nullable=False),
    Column("reading", Text, nullable=False),
    Column("base", AMOUNT, nullable=False),
    Column("year", Integer, nullable=False),
    Column("is_guarded", Boolean, nullable=False, server_default=text("false")),
    _now("taken_at"),
    PrimaryKeyConstraint("company", "account", "reading"),
)

# Balances as they were read last, by the day that was asked for.
ledger_balance = Table(
    "ledger_balance",
    metadata,
    _company(),
    Column("asked_day", Date, nullable=False),
    Column("account", Text, nullable=False),
    Column("balance", AMOUNT, nullable=False),
    Column("read_at", MOMENT, nullable=False),
    PrimaryKeyConstraint("company", "asked_day", "account"),
)

# How far each list of the audit is known: a service of SmartAccounts, or `scoro/<module>`. `read_to`: of the first
# reading, the day up to which it came; `is_whole`: that ended. `known_to`: changes are known up to this moment of the
# service's clock; a change query has to show the canary, which changed at `canary_updated`. `slice`: seconds of
# changes that a request takes. Of `ledger`, `read_to` is the night on which the last hunt ended. The keeper of this and
# the next tables is `staging.audit_nights`.
audit_mark = Table(
    "audit_mark",
    metadata,
    _company(),
    Column("list", Text, nullable=False),
    Column("read_to", Date),
    Column("is_whole", Boolean, nullable=False, server_default=text("false")),
    Column("known_to", MOMENT),
    Column("canary_id", Text, nullable=False, server_default=""),
    Column("canary_updated", MOMENT),
    Column("slice", Integer),
    Column("sweep_cursor", Date),
    Column("detail", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    _now("changed_at"),
    PrimaryKeyConstraint("company", "list"),
)

# Each night's result. `hash` is over everything that the night's report tells, and `previous_hash`.
audit_night = Table(
    "audit_night",
    metadata,
    _company(),
    Column("night", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("scoro_state", Text, nullable=False, server_default=""),
    Column("requests_smartaccounts", Integer, nullable=False, server_default=text("0")),
    Column("requests_scoro", Integer, nullable=False, server_default=text("0")),
    Column("known_to", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("evidence", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("previous_hash", Text, nullable=False, server_default=""),
    Column("hash", Text, nullable=False, server_default=""),
    _now("opened_at"),
    Column("reported_at", MOMENT),
    PrimaryKeyConstraint("company", "night"),
    CheckConstraint(
        "state in ('open', 'ok', 'incomplete', 'blind', 'no_balances', 'baseline')",
        name="state",
    ),
)

# What imported documents use: clients, vendors, articles, VAT codes, each with the `basis`: what of it is held for
# right, as the mirror showed it when the record was first seen to be used, or as a person accepted it; empty where it
# is accepted that the record is gone. Its keeper is `staging.used_records`.
used_record = Table(
    "used_record",
    metadata,
    _company(),
    Column("kind", Text, nullable=False),
    Column("record_id", Text, nullable=False),
    Column("basis", JSONB, nullable=False),
    _now("held_since"),
    PrimaryKeyConstraint("company", "kind", "record_id"),
    CheckConstraint("kind in ('client', 'vendor', 'article', 'vat_code')", name="kind"),
)

# What is known to be wrong and not named yet: a difference of balances, or a list that is too short, and the days
# between which it lies.
hunt = Table(
    "hunt",
    metadata,
    _company(),
    Column("list", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("lo", Date, nullable=False),
    Column("hi", Date, nullable=False),
    Column("difference", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    _now("opened_at"),
    PrimaryKeyConstraint("company", "list", "kind"),
    CheckConstraint("kind in ('balance', 'count')", name="kind"),
)

# What differs between the systems since the import: a lasting state, until both sides agree again or a person takes it
# as it is. `before` and `after` are the fields that changed, as texts, never names; `amount` is in `currency`. Drifts
# of one `case_key` are one case, accepted as one. `reason`: the sentence, with its remedy. Its keeper is
# `staging.drifts`.
drift = Table(
    "drift",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    _company(),
    Column("system", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("flow", Text, nullable=False, server_default=""),
    Column("source_id", Text, nullable=False, server_default=""),
    Column("remote_id", Text, nullable=False, server_default=""),
    Column("before", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("after", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("after_hash", Text, nullable=False, server_default=""),
    Column("amount", AMOUNT),
    Column("currency", Text, nullable=False, server_default=""),
    Column("evidence", Text, nullable=False, server_default=""),
    Column("case_key", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", JSONB, nullable=False),
    _now("first_seen"),
    Column("confirmed_at", MOMENT),
    Column("told_at", MOMENT),
    Column("closed_at", MOMENT),
    Column("accepted_by", Text, nullable=False, server_default=""),
    Column("note", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("id"),
    CheckConstraint("system in ('books', 'scoro')", name="system"),
    CheckConstraint(
        "state in ('suspected', 'confirmed', 'told', 'accepted', 'mended', 'gone_both')",
        name="state",
    ),
    Index(
        "drift_one_open_ix",
        "company",
        "system",
        "kind",
        "flow",
        "source_id",
        "remote_id",
        unique=True,
        postgresql_where=text("state in ('suspected', 'confirmed', 'told')"),
    ),
    Index(None, "company", "case_key"),
)

# Control totals of a month as they were computed last: Scoro, the documents in SmartAccounts and its ledger side by
# side, never added. `bridge`: `documents` (Scoro and the documents, in `currency`) or `ledger` (the documents and the
# ledger, in euros). `unexplained` is what no cause names. Keeper of this and the next two tables:
# `staging.control_totals`.
control_total = Table(
    "control_total",
    metadata,
    _company(),
    Column("month", Date, nullable=False),
    Column("bridge", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("vat_code", Text, nullable=False),
    Column("measure", Text, nullable=False),
    Column("night", Date, nullable=False),
    Column("scoro", AMOUNT),
    Column("books", AMOUNT, nullable=False),
    Column("ledger", AMOUNT),
    Column("causes", AMOUNT, nullable=False),
    Column("unexplained", AMOUNT, nullable=False),
    PrimaryKeyConstraint("company", "month", "bridge", "flow", "currency", "vat_code", "measure"),
    CheckConstraint("bridge in ('documents', 'ledger')", name="bridge"),
)

# What makes the sides of a total differ: a document and an amount each. `words`: why, as a phrase of the catalogue.
control_cause = Table(
    "control_cause",
    metadata,
    _company(),
    Column("month", Date, nullable=False),
    Column("position", Integer, nullable=False),
    Column("bridge", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("vat_code", Text, nullable=False),
    Column("measure", Text, nullable=False),
    Column("cause", Text, nullable=False),
    Column("source_id", Text, nullable=False, server_default=""),
    Column("remote_id", Text, nullable=False, server_default=""),
    Column("number", Text, nullable=False, server_default=""),
    Column("amount", AMOUNT, nullable=False),
    Column("words", JSONB, nullable=False),
    PrimaryKeyConstraint("company", "month", "position"),
)

# Each page that was written of a month: the files with their SHA-256, chained to the page before. `content_hash` is of
# what it tells: another one means another page; `figures_hash` is of that without the night. A person looked at it:
# `reviewed_by`.
control_page = Table(
    "control_page",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    _company(),
    Column("month", Date, nullable=False),
    Column("night", Date, nullable=False),
    Column("state", Text, nullable=False),
    Column("is_clean", Boolean, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("figures_hash", Text, nullable=False, server_default=""),
    Column("files", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("previous_hash", Text, nullable=False, server_default=""),
    Column("hash", Text, nullable=False),
    _now("written_at"),
    Column("reviewed_at", MOMENT),
    Column("reviewed_by", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("id"),
    Index(None, "company", "month"),
)

# How a run is taken back: its plan, under the hash by which a person approves it. `run_key`: the run that is undone.
undo_plan = Table(
    "undo_plan",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    _company(),
    Column("run_key", Text, nullable=False),
    Column("plan_hash", Text, nullable=False),
    Column("state", Text, nullable=False, server_default="shown"),
    Column("approved_by", Text, nullable=False, server_default=""),
    _now("planned_at"),
    Column("approved_at", MOMENT),
    Column("done_at", MOMENT),
    PrimaryKeyConstraint("company", "id"),
    CheckConstraint("state in ('shown', 'approved', 'done')", name="state"),
    Index("undo_plan_one_open_ix", "company", "run_key", unique=True, postgresql_where=text("state <> 'done'")),
)

# The records of an undo plan in their order, and what became of each. `undo_class`: U1 to U4; `after`: the positions of
# those that must be gone before; `fingerprint`: of what it was booked with; `why`: the sentence. A step that is `sent`
# is a delete request that left, or was about to, at `signed_at`, and whose answer nobody knows. Its keeper is
# `staging.undo_plans`.
undo_step = Table(
    "undo_step",
    metadata,
    _company(),
    Column("plan_id", BigInteger, nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("flow", Text, nullable=False),
    Column("source_id", Text, nullable=False),
    Column("remote_id", Text, nullable=False),
    Column("fingerprint", Text, nullable=False, server_default=""),
    Column("undo_class", Text, nullable=False),
    Column("after", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("state", Text, nullable=False),
    Column("why", JSONB, nullable=False),
    Column("signed_at", MOMENT),
    Column("settled_at", MOMENT),
    PrimaryKeyConstraint("company", "plan_id", "position"),
    CheckConstraint("undo_class in ('U1', 'U2', 'U3', 'U4')", name="undo_class"),
    CheckConstraint("state in ('listed', 'planned', 'sent', 'undone', 'refused')", name="state"),
)

# What people were told of, so that nothing is told again and again: `about` is a DAG or a flow, `held_back` how often
# it happened since without a word. `words` are counts and names of DAGs and runs. Its keeper is `staging.notices`.
notice = Table(
    "notice",
    metadata,
    _company(),
    Column("kind", Text, nullable=False),
    Column("about", Text, nullable=False),
    Column("told_at", MOMENT, nullable=False),
    Column("held_back", Integer, nullable=False, server_default=text("0")),
    Column("words", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("path", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("company", "kind", "about"),
)

# What was forgotten: of whom (ids, which tell nothing once their records are gone) or of what was dated before a day,
# by whom, and how many rows of each table lost something. `finished_at` is empty where it was broken off, or where
# open documents keep something back (`kept_back`: how many). Its keeper is `staging.forget`.
forgotten = Table(
    "forgotten",
    metadata,
    Column("id", BigInteger, Identity(always=True), nullable=False),
    _company(),
    Column("before", Date),
    Column("contact_ids", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("client_ids", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("vendor_ids", JSONB, nullable=False, server_default=text("'[]'::jsonb")),
    Column("counts", JSONB, nullable=False, server_default=text("'{}'::jsonb")),
    Column("kept_back", Integer, nullable=False, server_default=text("0")),
    Column("forgotten_by", Text, nullable=False),
    _now("started_at"),
    Column("finished_at", MOMENT),
    PrimaryKeyConstraint("id"),
    Index(None, "company", "started_at"),
)
