"""Nasty values of every kind, and what must hold of documents that have one: booked right, or in quarantine with a
sentence; never wrong in silence, and never the end of the others."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import LoadStopped
from scoro_smartaccounts.common.reasons import Reason, render
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.report.summary import render_summary
from scoro_smartaccounts.staging import schema
from scoro_smartaccounts.staging.links import KIND_OF
from tests.integration.world import World

CANARIES = ("Kanaarilind", "Salanimi", "39001010001", "EE471000001020145685", "kanaar@lind.example")
Path = tuple[str | int, ...]


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)


def _nested(depth: int) -> str:
    return "[" * depth + "]" * depth


# By what they are called in failures: raw JSON, or what services write for it; None: the field is missing.
NASTY: Mapping[str, str | None] = {
    "missing": None,
    "null": "null",
    "empty": '""',
    "spaces": '"   "',
    "6,000 letters": _text("A" * 6000),
    "300 letters": _text("B" * 300),
    "a megabyte": _text("C" * 1_000_000),
    "NUL": r'"A\u0000B"',
    "control characters": r'"A\u0001\u0008\u001bB"',
    "newline": r'"A\nB\r\nC"',
    "bidi": _text("A\u202eB\u2066C"),
    "zero width": _text("A\u200bB\ufeff"),
    "emoji": _text("🧾👩‍👩‍👧"),
    "combining": _text("Z" + "\u0301" * 50),
    "right to left": _text("حساب 5"),
    "half a pair": r'"A\ud800B"',
    "other half": r'"\udc00"',
    "HTML": _text("<script>alert(1)</script>&amp;<b>x</b>"),
    "SQL": _text("'; drop table document; --"),
    "formula": _text('=cmd|"/C calc"!A1'),
    "path": _text("../../../etc/passwd"),
    "percent format": _text("%s %(x)s %n"),
    "brace format": _text("{0} {x.__class__} {document}"),
    "shell": _text("`id` $(id) ; id"),
    "zero": "0",
    "minus zero": "-0.0",
    "minus one": "-1",
    "one": "1",
    "1e400": "1E+400",
    "1e200000": "1E+200000",
    "1e999999999999999999999": "1E+999999999999999999999",
    "1e-400": "1E-400",
    "NaN": "NaN",
    "Infinity": "-Infinity",
    "NaN as text": '"NaN"',
    "sNaN as text": '"sNaN"',
    "1e9999999 as text": '"1E+9999999"',
    "10 to the 30": "1" + "0" * 30,
    "10 to the 17": "1" + "0" * 17,
    "5,000 digits": "9" * 5000,
    "noise": "0.1000000000000000055511151231257827021181583404541015625",
    "comma": '"100,00"',
    "thousands": '"1 000.00"',
    "apostrophe": '"1\'000"',
    "hex": '"0x1F"',
    "exponent text": '"1e3"',
    "full width": _text("１２"),
    "underscore": '"1_000"',
    "true": "true",
    "false": "false",
    "day zero": '"0000-00-00"',
    "last day": '"9999-12-31"',
    "first day": '"0001-01-01"',
    "1900": '"1900-01-01"',
    "31 February": '"2026-02-31"',
    "31.02.": '"31.02.2026"',
    "with zone": '"2026-01-12T23:59:59+14:00"',
    "edge of time": '"9999-12-31T23:59:59-12:00"',
    "epoch": "1768176000",
    "milliseconds": "1768176000000",
    "object": "{}",
    "list": "[]",
    "full object": '{"a": {"b": 1}}',
    "full list": '["x", 1, null, {"y": 2}]',
    "list of null": "[null]",
    "nested 40": _nested(40),
    "nested 400": _nested(400),
    "a person": _text(" ".join(CANARIES)),
}


@dataclass(frozen=True)
class Case:
    """One value in one field of one record."""

    path: Path
    value: str

    def __str__(self) -> str:
        return f"{'.'.join(map(str, self.path))} × {self.value}"


def paths_of(record: Mapping[str, Any], *, within: Path = ()) -> list[Path]:
    """All fields of a record as it is served, those of its first rows and parts too."""
    found: list[Path] = []
    for key, value in record.items():
        found.append((*within, key))
        part = value[0] if isinstance(value, list) and value and isinstance(value[0], Mapping) else value
        if isinstance(part, Mapping):
            inside = (*within, key, 0) if isinstance(value, list) else (*within, key)
            if isinstance(value, list):
                found.append(inside)
            found += paths_of(part, within=inside)
    return found


def cases_of(record: Mapping[str, Any]) -> list[Case]:
    """Every field × every value."""
    return [Case(path, value) for path in paths_of(record) for value in NASTY]


def sample(cases: Sequence[Case], size: int, seed: int) -> list[Case]:
    """Some of them, the same for the same seed."""
    shuffled = list(cases)
    random.Random(seed).shuffle(shuffled)
    return shuffled[:size]


@dataclass
class Tried:
    """What became of documents with a nasty value. `wrong`: what must not be, with field and value."""

    booked: int = 0
    quarantined: int = 0
    waiting: int = 0
    otherwise: int = 0
    wrong: list[str] = field(default_factory=list)

    def count(self, outcome: str | None) -> None:
        """One more that a run left so."""
        match outcome:
            case "created" | "adopted":
                self.booked += 1
            case "quarantined":
                self.quarantined += 1
            case "waiting":
                self.waiting += 1
            case _:
                self.otherwise += 1

    @property
    def all(self) -> int:
        return self.booked + self.quarantined + self.waiting + self.otherwise


def run_until_done(world: World, first: date, last: date, flow: Flow, caplog: pytest.LogCaptureFixture) -> str:
    """Runs of a flow until nothing is left to send; what they said, logs included. One that stops because so much is
    refused goes on with the next one."""
    said = []
    for _ in range(60):
        request = world.request(first, last, flow=flow, kind=RunKind.SCHEDULED)
        services = world.services(request)
        try:
            for step in world.steps:
                step(request, services)
        except LoadStopped as stopped:
            said.append(str(stopped))
            continue
        finally:
            said.append(caplog.text)
            caplog.clear()
        said.append(render_summary(pipeline.summarize(request, services)))
        break
    else:
        raise AssertionError("runs do not come to an end")
    return "\n".join(said)


def outcomes(world: World, flow: Flow) -> dict[str, tuple[str | None, str]]:
    """The newest outcome of each document, and the sentence that tells it."""
    newest: dict[str, tuple[str | None, str]] = {}
    with world.engine.connect() as connection:
        rows = connection.execute(
            select(schema.run_document, schema.run.c.started_at)
            .join(
                schema.run,
                (schema.run.c.company == schema.run_document.c.company)
                & (schema.run.c.run_key == schema.run_document.c.run_key),
            )
            .where(schema.run_document.c.flow == flow.value)
            .order_by(schema.run.c.started_at, schema.run.c.run_key)
        )
        for row in rows:
            why = "" if row.outcome_reason is None else render(Reason.from_json(row.outcome_reason))
            newest[row.source_id] = (row.outcome, why)
    return newest


def sentences(world: World) -> dict[tuple[str, str], str]:
    """Sentences of open cases, by flow and document."""
    with world.engine.connect() as connection:
        rows = connection.execute(select(schema.quarantine).where(schema.quarantine.c.state == "open"))
        return {(row.flow, row.source_id): render(Reason.from_json(row.reason)) for row in rows}


def told(world: World) -> str:
    """Everything that staging tells people of documents, in both languages."""
    found = []
    with world.engine.connect() as connection:
        for table in (schema.quarantine, schema.waiting, schema.finding, schema.run_document):
            column = table.c.outcome_reason if table is schema.run_document else table.c.reason
            for stored in connection.scalars(select(column).where(column.is_not(None)).distinct()):
                why = Reason.from_json(stored)
                found += [render(why, "et"), render(why, "en")]
        found += [str(summary) for summary in connection.scalars(select(schema.run.c.summary))]
    return "\n".join(found)


def links(world: World, flow: Flow) -> dict[str, str]:
    """SmartAccounts' ids by Scoro's."""
    with world.engine.connect() as connection:
        rows = connection.execute(select(schema.link).where(schema.link.c.kind == KIND_OF[flow].value))
        return {row.source_id: row.remote_id for row in rows}


def canaries_in(text: str) -> list[str]:
    """Canaries that stand in a text, with what stands around them."""
    found = []
    for canary in CANARIES:
        if (place := text.find(canary)) >= 0:
            found.append(f"{canary}: …{text[max(0, place - 200) : place + 60]}…")
    return found


def amount(value: object) -> Decimal:
    return Decimal(str(value))
