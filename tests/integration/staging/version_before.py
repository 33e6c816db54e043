"""A company in the middle of its work, as a version leaves it behind: open plans, requests in doubt, questions that are
asked and answered, quarantine, links; with what stands in both services.

`leave_behind` is played by the version that is about to be replaced, and its file is what the next version starts from.
"""

from __future__ import annotations

import json
import zipfile
from datetime import date
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.office import DAY, NEXT, Office

if TYPE_CHECKING:
    from pathlib import Path

    from tests.integration.world import World

BILLS = Flow.PURCHASE_INVOICES
OTHER = date(2026, 1, 13)


def leave_behind(office: Office, folder: Path) -> Path:
    """Work until everything is open, and write it all to a file."""
    world, money = office.world, office.money
    paid = [money.enter(DAY, net) for net in ("100", "200", "300")]
    world.run(DAY, DAY)
    # One request arrived and its answer did not, one never arrived.
    money.enter(DAY, "410")
    money.enter(DAY, "420")
    for kind in (FaultKind.DROP_AFTER, FaultKind.DROP_BEFORE):
        world.server.faults.add(Fault(kind, where="clientinvoices:add"))
    request = world.request(DAY, DAY)
    services = world.services(request)
    for step in world.steps:
        step(request, services)
    # Bills of one day are asked about, those of the other are approved and not booked yet; one has a broken number.
    for number, day in (("A-1", DAY), ("A-2", DAY), ("A-3", NEXT), ("A-4\nB", DAY)):
        money.enter(day, "50", flow=BILLS, no=number)
    office.plan(NEXT, NEXT, flow=BILLS)
    office.answer(office.ask())
    office.plan(DAY, DAY, flow=BILLS)
    office.ask()
    # A payment that is planned and not sent, and one whose invoice is in doubt.
    money.receive("invoices", {paid[0]: None}, DAY)
    shown = world.request(DAY, DAY, flow=Flow.PAYMENTS, mode=Mode.PREVIEW)
    for step in (pipeline.extract, pipeline.reconcile_and_plan, pipeline.load):
        step(shown, world.services(shown))
    return _pack(world, folder)


def _pack(world: World, folder: Path) -> Path:
    world.books.save(folder / "books.json")
    world.site.save(folder / "site.json")
    with world.engine.connect() as connection:
        rows = {name: _rows(connection, name) for name in inspect(connection).get_table_names()}
    (folder / "staging.json").write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    packed = folder / "version_before.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("books.json", "site.json", "staging.json"):
            archive.write(folder / name, name)
    return packed


def _rows(connection: Connection, table: str) -> list[str]:
    return list(connection.scalars(text(f'select row_to_json(t)::text from "{table}" t')))


def unpack(packed: Path, world: World, folder: Path, engine: Engine) -> None:
    """Put what was left behind into both services and a database at the version of the file."""
    with zipfile.ZipFile(packed) as archive:
        archive.extractall(folder)
    world.books.load(folder / "books.json")
    world.site.load(json.loads((folder / "site.json").read_text(encoding="utf-8")))
    kept = json.loads((folder / "staging.json").read_text(encoding="utf-8"))
    with engine.begin() as connection:
        # Foreign keys are the order that nobody has to know here.
        connection.execute(text("set session_replication_role = replica"))
        for table, rows in kept.items():
            connection.execute(text(f'delete from "{table}"'))
            for row in rows:
                connection.execute(text(_INSERT.format(table=table)), {"row": row})
        for table, column in connection.execute(text(_SEQUENCES)).all():
            connection.execute(text(_NEXT.format(table=table, column=column)))
        connection.execute(text("set session_replication_role = origin"))


_INSERT = """
insert into "{table}" overriding system value select * from json_populate_record(null::"{table}", cast(:row as json))
"""
_NEXT = """
select setval(
    pg_get_serial_sequence('"{table}"', '{column}'), (select coalesce(max("{column}"), 0) + 1 from "{table}"), false
)
"""
_SEQUENCES = """
select table_name, column_name from information_schema.columns
where table_schema = 'public' and pg_get_serial_sequence(format('%I', table_name), column_name) is not null
"""
