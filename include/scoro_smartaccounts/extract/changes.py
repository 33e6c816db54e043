"""What changed in Scoro after a document was imported. It is recorded and reported, never mirrored.

What counts as changed tells `staging.changed_since_import`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from scoro_smartaccounts.scoro.modules import module_of, modules_of
from scoro_smartaccounts.scoro.wire import content_hash
from scoro_smartaccounts.staging.changed_since_import import names_of_changed, record_changes, unrecorded_changes
from scoro_smartaccounts.staging.raw_records import payloads

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest


def record_later_changes(connection: Connection, request: RunRequest) -> list[str]:
    """Record every later change once per content; the numbers of the documents that this run recorded."""
    company, flow = request.company.key, request.flow
    new = unrecorded_changes(connection, company, flow)
    imported = {item.source_id: item.imported for item in new if item.kind == "changed"}
    fields = _changed_fields(connection, request, imported)
    changes = [replace(item, fields=fields.get(item.source_id, ())) for item in new]
    record_changes(connection, company, request.run_key, changes)
    return names_of_changed(connection, company, flow, request.run_key)


def _changed_fields(connection: Connection, request: RunRequest, imported: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the top-level fields in which the newest version differs from the imported one, by source id."""
    modules = [module.name for module in modules_of(request.flow)]
    changed = {}
    for source_id, versions in payloads(connection, request.company.key, modules, imported).items():
        contents = list(map(module_of(request.flow, source_id).content, versions))
        newest = contents[-1]
        before = next((content for content in contents if content_hash(content) == imported[source_id]), None)
        if before is not None:
            changed[source_id] = [name for name in newest if newest[name] != before.get(name)]
    return changed
