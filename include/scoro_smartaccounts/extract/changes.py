"""What changed in Scoro after a document was imported. It is recorded and reported, never mirrored."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Text, case, cast, func, or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from scoro_smartaccounts.scoro.wire import content_hash
from scoro_smartaccounts.staging.bulk import any_of, upsert
from scoro_smartaccounts.staging.documents import as_sent, module_of, modules_of
from scoro_smartaccounts.staging.links import KIND_OF, link_view
from scoro_smartaccounts.staging.schema import document, later_change, raw_record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from scoro_smartaccounts.common.run import RunRequest


def record_later_changes(connection: Connection, request: RunRequest) -> list[str]:
    """Record every later change once per content; the numbers of the documents that this run recorded."""
    company, flow = request.company.key, request.flow.value
    # A receipt group that is in the books in part has links of its parts only.
    link = link_view()
    kind = case((document.c.is_missing, "missing"), (document.c.is_deleted, "deleted"), else_="changed")
    seen = (
        select(later_change.c.source_id)
        .where(
            later_change.c.company == company,
            later_change.c.flow == flow,
            later_change.c.source_id == document.c.source_id,
            later_change.c.content_hash == document.c.content_hash,
            later_change.c.kind == kind,
        )
        .exists()
    )
    new = connection.execute(
        select(
            document.c.source_id,
            document.c.raw_version,
            document.c.content_hash,
            link.imported_hash.label("imported"),
            kind.label("kind"),
        )
        .ext(distinct_on(document.c.source_id))
        .join(link.rows, (link.company == document.c.company) & (link.source_id == document.c.source_id))
        .where(
            document.c.company == company,
            document.c.flow == flow,
            link.kind == KIND_OF[request.flow].value,
            # What SmartAccounts deleted too has nothing to be corrected: whether it is booked again is asked.
            link.gone_at.is_(None),
            # A link that was given from outside does not know what was imported.
            or_(
                (link.imported_hash != "") & (link.imported_hash != document.c.content_hash),
                document.c.is_deleted,
                document.c.is_missing,
            ),
            ~seen,
        )
        .order_by(document.c.source_id, link.source_part)
    ).all()
    fields = _changed_fields(connection, request, {row.source_id: row.imported for row in new if row.kind == "changed"})
    upsert(
        connection,
        later_change,
        (
            {
                "company": company,
                "flow": flow,
                "source_id": row.source_id,
                "content_hash": row.content_hash,
                "kind": row.kind,
                "fields": fields.get(row.source_id, []),
                "run_key": request.run_key,
            }
            for row in new
        ),
        update=(),
    )
    return list(
        connection.scalars(
            select(func.coalesce(func.nullif(document.c.number, ""), document.c.source_id))
            .join(
                later_change,
                (later_change.c.company == document.c.company)
                & (later_change.c.flow == document.c.flow)
                & (later_change.c.source_id == document.c.source_id),
            )
            .where(
                later_change.c.company == company,
                later_change.c.flow == flow,
                later_change.c.run_key == request.run_key,
            )
            .order_by(document.c.day, document.c.number)
        )
    )


def _changed_fields(connection: Connection, request: RunRequest, imported: dict[str, str]) -> dict[str, list[str]]:
    """Return the top-level fields in which the newest version differs from the imported one, by source id."""
    contents: dict[str, list[tuple[str, dict[str, Any]]]] = {}
    for source_id, payload in _versions(connection, request, imported):
        content = module_of(request.flow, source_id).content(as_sent(payload))
        contents.setdefault(source_id, []).append((content_hash(content), content))
    changed = {}
    for source_id, versions in contents.items():
        newest = versions[-1][1]
        before = next((content for hashed, content in versions if hashed == imported[source_id]), None)
        if before is not None:
            changed[source_id] = [name for name in newest if newest[name] != before.get(name)]
    return changed


def _versions(connection: Connection, request: RunRequest, ids: Iterable[str]) -> list[tuple[str, str]]:
    rows = connection.execute(
        select(raw_record.c.source_id, cast(raw_record.c.payload, Text))
        .where(
            raw_record.c.company == request.company.key,
            raw_record.c.module.in_([module.name for module in modules_of(request.flow)]),
            raw_record.c.source_id == any_of(ids),
        )
        .order_by(raw_record.c.source_id, raw_record.c.version)
    )
    return [(source_id, payload) for source_id, payload in rows]
