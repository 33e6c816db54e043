"""Persons whose every detail is a canary, planted in Scoro, in SmartAccounts and in every column that may hold one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import count
from typing import Any

from sqlalchemy import Column, Connection, Engine, Table, and_, or_, select, text, true, update

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.staging.links import KIND_OF
from scoro_smartaccounts.staging.personal import RULES
from scoro_smartaccounts.staging.schema import metadata
from tests.integration.money import Money

MODULES = {
    Flow.SALES_INVOICES: ("invoices",),
    Flow.PURCHASE_INVOICES: ("bills", "expenses"),
    Flow.PAYMENTS: ("receipts",),
}


@dataclass
class Person:
    """Somebody with a canary in every field. `words` stand in no other record."""

    money: Money
    first: str
    last: str
    code: str
    account: str
    contact: int = 0

    def __post_init__(self) -> None:
        self._numbers = count(1)
        tag = self.last.lower()
        self.email, self.phone = f"{tag}@post.example", f"5{len(tag):02d}{sum(map(ord, tag)) % 100000:05d}"
        fields = {
            "name": self.first,
            "lastname": self.last,
            "contact_type": "person",
            "id_code": self.code,
            "bankaccount": self.account,
            "birthday": "1990-01-01",
            "position": self.canary("amet"),
            "comments": self.canary("markus"),
            "tags": [self.canary("silt")],
            "custom_fields": {"c_lemmikloom": self.canary("koer")},
            "is_client": 1,
            "is_supplier": 1,
            "means_of_contact": {
                "email": [self.email],
                "phone": [f"+372 {self.phone}"],
                "mobile": [self.canary("mobiil")],
                "website": [self.canary("leht")],
            },
            "addresses": [
                {
                    "country": "est",
                    "county": self.canary("maakond"),
                    "municipality": self.canary("vald"),
                    "city": self.canary("linn"),
                    "street": self.canary("tänav"),
                    "zipcode": "10111",
                    "full_address": self.canary("aadress"),
                }
            ],
        }
        self.contact = int(self.money.world.site.create("contacts", fields)["contact_id"])

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    def canary(self, what: str) -> str:
        """A text that tells this person and stands nowhere else."""
        return f"{what}-{self.last.lower()}-{next(self._numbers)}"

    def is_told_in(self, line: str) -> bool:
        folded = line.casefold()
        digits = "".join(char for char in folded if char.isalnum())
        return self.last.casefold() in folded or any(each.casefold() in digits for each in (self.code, self.account))

    def texts(self) -> dict[str, Any]:
        """What a person writes into a document about this one."""
        return {"description": self.canary("kirjeldus"), "custom_fields": {"c_x": self.canary("väli")}}

    def line(self, price: str) -> dict[str, Any]:
        return {
            "product_id": 0,
            "product_name": self.canary("töö"),
            "comment": self.canary("rida"),
            "comment2": self.canary("rida2"),
            "price": price.lstrip("-"),
            "amount": "-1" if price.startswith("-") else "1",
            "vat_code_id": 9,
        }

    def invoice(self, day: date, net: str, **more: Any) -> int:
        fields = {"company_id": self.contact, "lines": [self.line(net)], **self.texts(), **more}
        return self.money.enter(day, net, **fields)

    def bill(self, day: date, net: str, **more: Any) -> int:
        return self.invoice(day, net, flow=Flow.PURCHASE_INVOICES, **{"no": f"A-{next(self._numbers)}", **more})

    def expense(self, day: date, net: str) -> int:
        line = {
            "product_id": 0,
            "description": self.canary("takso"),
            "additional_description": self.canary("kuhu"),
            "quantity": "1",
            "price": net,
            "tax_code_id": 9,
        }
        fields = {"no": f"K-{self.contact}", "company_id": self.contact, "date": day.isoformat()}
        more = {"comment": self.canary("kulu"), "lines": [line], "custom_fields": {"c_x": self.canary("väli")}}
        return int(self.money.world.site.create("expenses", fields | more)["id"])

    # Where the person stands in staging, as the test knows it and not as the product says

    def documents(self) -> dict[Flow, list[str]]:
        site = self.money.world.site
        found: dict[Flow, list[str]] = {}
        for flow, modules in MODULES.items():
            prefix = {"expenses": "expense-"}
            found[flow] = [
                f"{prefix.get(module, '')}{key}"
                for module in modules
                for key, row in site.records(module).items()
                if self.contact in (row.get("person_id"), row.get("company_id"), row.get("contact_id"))
            ]
        return found

    def rows_of(self, connection: Connection, table: Table) -> Any:
        """A condition: the rows of a table that are about this person."""
        documents = self.documents()
        contact = str(self.contact)
        linked = connection.execute(
            text("select kind, remote_id from link where kind in ('client', 'vendor') and source_id = :id"),
            {"id": contact},
        ).all()
        remote = {kind: [row.remote_id for row in linked if row.kind == kind] for kind in ("client", "vendor")}
        c = table.c
        match table.name:
            case "raw_record":
                wanted = [and_(c.module == "contacts", c.source_id == contact)]
                wanted += [and_(c.module.in_(MODULES[flow]), c.source_id.in_(ids)) for flow, ids in documents.items()]
                return or_(*wanted)
            case "contact":
                return c.source_id == contact
            case "client_register" | "vendor_register":
                return c.remote_id.in_(remote[table.name.partition("_")[0]])
            case "remote_document":
                sold = and_(c.flow == Flow.SALES_INVOICES.value, c.partner_remote_id.in_(remote["client"]))
                return or_(sold, and_(c.flow != Flow.SALES_INVOICES.value, c.partner_remote_id.in_(remote["vendor"])))
            case "link" | "intent" | "link_proposal":
                wanted = [and_(c.kind.in_(("client", "vendor")), c.source_id == contact)]
                wanted += [and_(c.kind == KIND_OF[flow].value, c.source_id.in_(ids)) for flow, ids in documents.items()]
                return or_(*wanted)
            case "used_record":
                return or_(*(and_(c.kind == kind, c.record_id.in_(ids)) for kind, ids in remote.items()))
            case "run" | "question" | "control_page" | "period" | "undo_plan":
                return true()
        return or_(*(and_(c.flow == flow.value, c.source_id.in_(ids)) for flow, ids in documents.items()))

    def plant(self, engine: Engine) -> dict[tuple[str, str], int]:
        """A canary in every text and every JSON value of every column that may hold something personal, in the rows
        that are about this person; how many rows, by table and column."""
        planted: dict[tuple[str, str], int] = {}
        with engine.begin() as connection:
            for table in metadata.sorted_tables:
                for name, rule in RULES[table.name].items():
                    if not rule.is_kept:
                        planted[table.name, name] = self._plant(connection, table, table.c[name])
        return planted

    def _plant(self, connection: Connection, table: Table, column: Column[Any]) -> int:
        key = list(table.primary_key.columns)
        if column.name in ("payload_hash", "natural_key", "fingerprint", "after_hash"):
            # Hashes and keys: that of a contact, of a client and of a vendor is to go, those of documents stay.
            return 1
        rows = connection.execute(
            select(*key, column.label("value")).where(self.rows_of(connection, table), table.c.company == "default")
        ).all()
        found = 0
        for row in rows:
            value = self._with_canaries(table.name, column, row.value)
            if value is None:
                continue
            is_one = [each == getattr(row, each.name) for each in key]
            connection.execute(update(table).where(*is_one).values({column.name: value}))
            found += 1
        return found

    def _with_canaries(self, table: str, column: Column[Any], value: Any) -> Any:
        name = column.name
        if table == "run":
            return None if value is None else {**value, "warnings": [*value["warnings"], f"{self.name} 1"]}
        if table in ("question", "control_page", "period", "undo_plan"):
            return self.name
        if type(column.type).__name__ != "JSONB":
            if name == "payload" and value:
                return json.dumps(self._in_bodies(json.loads(value)), ensure_ascii=False)
            return self.canary(f"{table}.{name}")
        if name in ("problem", "reason", "outcome_reason"):
            return self._reason()
        if name == "warnings":
            return [*(value or ()), self._reason()]
        if name == "evidence":
            return [{"kind": "name", "score": 1, "detail": self.canary("detail"), "detail_et": self.canary("põhjus")}]
        if table == "approval" and name == "plan":
            shown = {**value, "warnings": [self._reason()], "new_partner": self._in_bodies(value["new_partner"] or {})}
            return {**shown, "payload": json.dumps(self._in_bodies(json.loads(value["payload"])), ensure_ascii=False)}
        return self._in_bodies(value if value is not None else {})

    def _reason(self) -> dict[str, Any]:
        """A reason with a canary in each value that is no fact, and in the phrases within."""
        named = {"key": "client_named", "values": {"id": "17", "name": self.canary("nimi")}}
        told = {
            name: self.canary(name) for name in ("said", "text", "note", "before", "after", "ours", "theirs", "new")
        }
        return {"key": "as_told", "values": {**told, "code": "some_code", "records": [named], "record": named}}

    def _in_bodies(self, value: Any) -> Any:
        """A canary in every object of a JSON value, also under names that nobody knows."""
        if isinstance(value, list):
            return [self._in_bodies(item) for item in value] or [{"uus": self.canary("uus")}]
        if isinstance(value, dict):
            inner = {name: self._in_bodies(item) for name, item in value.items() if isinstance(item, dict | list)}
            more = {"uus": self.canary("uus"), "name": self.canary("nimi"), "description": self.canary("kirjeldus")}
            return {**value, **inner, **more, "uued": [{"sees": {"veel": self.canary("sügaval")}}]}
        return value


def dump(engine: Engine) -> list[str]:
    """Every row of every table of the database, as text."""
    with engine.connect() as connection:
        tables = connection.scalars(text("select tablename from pg_tables where schemaname = 'public'")).all()
        return [
            f"{table}: {row}"
            for table in sorted(tables)
            for row in connection.scalars(text(f'select t::text from "{table}" t'))
        ]


def told(lines: Iterable[str], person: Person) -> list[str]:
    """The rows that tell something of a person."""
    return [line for line in lines if person.is_told_in(line)]


def canaries_in(lines: Iterable[str], person: Person) -> int:
    """How often something of a person stands there."""
    return sum(line.casefold().count(person.last.casefold()) for line in lines)


def kept(engine: Engine, but: Mapping[str, frozenset[str]] | None = None) -> dict[str, list[Any]]:
    """What the books and proofs are: all columns that are never forgotten."""
    leave_out = {"raw_record": frozenset({"forgotten_at"}), **(but or {})}
    found: dict[str, list[Any]] = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            if table.name == "forgotten":
                continue
            names = [
                name
                for name, rule in RULES[table.name].items()
                if rule.is_kept and name not in leave_out.get(table.name, ())
            ]
            found[table.name] = sorted(map(repr, connection.execute(select(*(table.c[name] for name in names)))))
    return found


def ids(people: Iterable[Person]) -> Iterator[int]:
    return (person.contact for person in people)
