"""Room forget. Persons, and what is old, are forgotten in every column of the schema; books, proofs and the pipeline
stay."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from scoro_smartaccounts.common.clock import TALLINN
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import WrongUsage
from scoro_smartaccounts.common.kinds import DocumentKind
from scoro_smartaccounts.forget.command import day_of_age, forget
from scoro_smartaccounts.forget.forget import Forgotten, NobodyMeant, Person, forget_older_than, forget_person
from scoro_smartaccounts.staging.forget import Open, note
from scoro_smartaccounts.staging.personal import RULES
from scoro_smartaccounts.staging.schema import (
    control_cause,
    control_page,
    drift,
    finding,
    first_of_kind,
    forgotten,
    link,
    link_proposal,
    period,
    quarantine,
    raw_record,
    undo_plan,
    undo_step,
)
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration import canaries
from tests.integration.canaries import canaries_in, dump, kept
from tests.integration.first_day import FirstDay
from tests.integration.money import Money
from tests.integration.office import Office
from tests.integration.world import World

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
PAID = date(2026, 1, 25)
FLOWS = (Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS)
# A document that waits is open, and what is open keeps what it needs: its row is gone when it has gone on.
MONTH, MONTH_END = date(2026, 1, 1), datetime(2026, 1, 31, tzinfo=UTC)
ONLY_OF_OPEN = {("waiting", "reason")}


@dataclass
class Month:
    """A month of both bookkeepers, with two persons in it."""

    world: World
    money: Money
    mari: canaries.Person
    jaan: canaries.Person
    invoices: dict[str, int]
    # Clients of SmartAccounts that bear her name and are linked with nobody.
    namesakes: tuple[str, ...] = ()

    @property
    def her(self) -> Person:
        return Person(contacts=(str(self.mari.contact),), clients=self.namesakes)

    def by_id(self, **more: Any) -> Forgotten:
        return self.forget(self.her, **more)

    def forget(self, person: Person, *, is_wanted: bool = True) -> Forgotten:
        return forget_person(
            self.world.engine,
            self.world.company,
            person,
            by="andmekaitse",
            now=self.world.clock.now(),
            outputs=[self.world.output],
            is_wanted=is_wanted,
        )

    def run(self, first: date = FIRST, last: date = LAST) -> dict[Flow, dict[str, Any]]:
        return {flow: self.world.run(first, last, flow=flow) for flow in FLOWS}

    def told(self, person: canaries.Person) -> list[str]:
        return canaries.told(dump(self.world.engine), person)


@pytest.fixture
def month(world: World) -> Month:
    money = Money(world)
    world.checked = True
    world.generate(FIRST, LAST, 20)
    mari = canaries.Person(money, "Mari-Liis", "Kanaarilind", "49001010009", "EE382200221020145685")
    jaan = canaries.Person(money, "Jaan", "Papagoi", "38001010000", "EE471000001020145685")
    money.take_expenses()
    money.switch_export(on=True)
    invoices = {}
    for person in (mari, jaan):
        name = person.last
        invoices[f"{name}/booked"] = person.invoice(date(2026, 1, 12), "100")
        invoices[f"{name}/exported"] = person.invoice(date(2026, 1, 13), "200")
        invoices[f"{name}/unpaid"] = person.invoice(date(2026, 1, 14), "300")
        invoices[f"{name}/approved"] = person.invoice(date(2026, 1, 15), "400")
        person.bill(date(2026, 1, 16), "500")
        person.bill(date(2026, 1, 17), "600")
        person.expense(date(2026, 1, 18), "70")
    # Somebody else's invoice that names her in passing.
    passing = f"Koolitus: KANAARILIND, mari-liis (isikukood 490-0101-0009), {mari.email}"
    other = mari.line("50") | {"product_name": "Koolitus", "comment": passing, "comment2": f"{mari.account}: ei"}
    invoices["mention"] = money.enter(date(2026, 1, 19), "50", lines=[other], description=f"Arve {mari.name}")
    world.clock.advance(timedelta(days=1))
    return Month(world, money, mari, jaan, invoices)


@pytest.fixture
def played(month: Month) -> Month:
    """The month has gone through all flows: proposals, questions, refusals, payments both ways; then a canary stands in
    everything about Mari that is not kept."""
    world, money, mari = month.world, month.money, month.mari
    first = FirstDay(world)
    known = [
        first.known(name=person.name, contacts=[{"type": "EMAIL", "value": f"vana.{person.email}"}])
        for person in (mari, month.jaan)
    ]
    month.namesakes = (known[0],)
    first.run()
    office = Office(world, money)
    month.run(date(2026, 1, 15), date(2026, 1, 15))
    decide_all(month)
    world.server.faults.add(Fault(FaultKind.STATUS, where="clientinvoices:add", status=400))
    office.plan(date(2026, 1, 15), date(2026, 1, 15))
    office.approve()
    decide_all(month)
    month.run()
    decide_all(month)
    # Documents keyed in later: what SmartAccounts holds of these days is read.
    money.enter(date(2026, 1, 12), "11")
    money.enter(date(2026, 1, 16), "12", flow=Flow.PURCHASE_INVOICES, no="B-1")
    month.run()
    for person in (mari, month.jaan):
        money.receive("invoices", {month.invoices[f"{person.last}/booked"]: None}, PAID)
        money.pay({money.remote(month.invoices[f"{person.last}/exported"]): None}, PAID)
    month.run()
    world.clock.advance(timedelta(minutes=5))
    money.export(PAID, PAID)
    month.run()
    stage_what_is_rare(month)
    return month


def decide_all(month: Month) -> None:
    """Persons are the clients that reconcile_ids proposes: they are not the same, says the accountant."""
    with month.world.engine.begin() as connection:
        connection.execute(text("update link_proposal set decision = 'rejected' where decision = 'open'"))
        names = connection.scalars(text("select source_id from quarantine where state = 'open'")).all()
    for source_id in names:
        month.money.retry(source_id)


def stage_what_is_rare(month: Month) -> None:
    """Rows of kinds that this month has none of, about an invoice of each person."""
    with month.world.engine.begin() as connection:
        page = {"month": MONTH, "night": MONTH, "state": "ok", "is_clean": True, "content_hash": "h", "hash": "h"}
        connection.execute(
            insert(control_page).values(company="default", **page, reviewed_by="Kati", written_at=MONTH_END)
        )
        said = {"company": "default", "month": MONTH, "said": "reopened", "said_at": MONTH_END, "said_by": "Kati"}
        connection.execute(insert(period).values(**said))
        connection.execute(
            text(
                "insert into used_record (company, kind, record_id, basis) select distinct company, kind, remote_id,"
                """ '{"vat_number": ""}'::jsonb from link where kind in ('client', 'vendor')"""
            )
        )
        for person, kind_of_document in ((month.mari, DocumentKind.REFUND), (month.jaan, DocumentKind.NETTING)):
            own = {
                "company": "default",
                "flow": "sales_invoices",
                "source_id": str(month.invoices[f"{person.last}/booked"]),
                "reason": {"key": "created", "values": {}},
            }
            case = {**own, "content_hash": "h", "code": "no_lines", "run_key": "r", "closed_at": datetime.now(UTC)}
            connection.execute(insert(quarantine).values(**case, state="resolved"))
            connection.execute(insert(finding).values(**own, run_key="r", code="some", severity="warning"))
            connection.execute(insert(first_of_kind).values(**own, kind=kind_of_document.value, state="proved"))
            about = {name: own[name] for name in ("company", "flow", "source_id")}
            told = {"system": "scoro", "kind": "source_amount", "case_key": str(person.contact), "state": "accepted"}
            connection.execute(
                insert(drift).values(**about, **told, reason=own["reason"], accepted_by="Kati", note="right")
            )
            connection.execute(
                insert(control_cause).values(
                    **about, month=MONTH, position=person.contact, bridge="documents", currency="EUR", vat_code="",
                    measure="net", cause="only_in_scoro", amount=1, words=own["reason"],
                )
            )  # fmt: skip
            plan = connection.scalar(
                insert(undo_plan)
                .values(
                    company="default",
                    run_key=str(person.contact),
                    plan_hash="h",
                    state="done",
                    approved_by="Kati",
                    done_at=MONTH_END,
                )
                .returning(undo_plan.c.id)
            )
            step = {"position": 1, "kind": "sales_invoice", "remote_id": "1", "undo_class": "U1", "state": "undone"}
            connection.execute(insert(undo_step).values(**about, **step, plan_id=plan, why=own["reason"]))
            for kind in ("client", "vendor"):
                pair = {"company": "default", "kind": kind, "source_id": str(person.contact), "remote_id": "999"}
                connection.execute(
                    insert(link_proposal).values(
                        **pair, confidence="likely", score=50, evidence=[], decision="rejected", run_key="r"
                    )
                )


def test_no_canary_is_left_and_all_proofs_are(played: Month) -> None:
    planted = played.mari.plant(played.world.engine)
    other = played.jaan.plant(played.world.engine)
    personal = {(table, name) for table, rules in RULES.items() for name, rule in rules.items() if not rule.is_kept}
    assert {where for where, rows in planted.items() if not rows} == ONLY_OF_OPEN
    assert planted.keys() == personal
    before = dump(played.world.engine)
    proofs = kept(played.world.engine)
    files = sorted(path for path in played.world.output.rglob("*") if path.is_file())
    hits = canaries_in(before, played.mari)
    assert hits > 500

    # First it is shown, and nothing is changed.
    shown = played.by_id(is_wanted=False)
    assert dump(played.world.engine) == before
    assert sorted(path for path in played.world.output.rglob("*") if path.is_file()) == files

    done = played.by_id()
    assert (done.counts, done.files, done.documents) == (shown.counts, shown.files, shown.documents)
    assert done.is_done, done.kept_back
    assert played.told(played.mari) == []
    # Of others nothing goes, but for the lines that name her.
    others = canaries_in(before, played.jaan)
    assert canaries_in(dump(played.world.engine), played.jaan) == others
    assert sum(other.values()) > 0
    assert kept(played.world.engine) == proofs
    print(f"canaries: {hits} before, 0 after; columns planted: {len(planted)}; files: {len(done.files)}")

    # Again, there is nothing left to forget.
    assert played.by_id().counts == {}


@pytest.mark.slow
def test_files_that_name_her_are_removed(played: Month) -> None:
    folder = played.world.output / "lists"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "payments_2026-01-01_2026-01-31_x_1.et.csv").write_text("Klient;Kanaarilind Mari-Liis\n", "utf-8")
    (folder / "payments_2026-01-01_2026-01-31_y_1.et.csv").write_text("Klient;Jaan Papagoi\n", "utf-8")
    named = {path.suffix for path in played.by_id(is_wanted=False).files}
    assert {".xlsx", ".csv"} <= named
    played.by_id()
    assert not (folder / "payments_2026-01-01_2026-01-31_x_1.et.csv").exists()
    assert (folder / "payments_2026-01-01_2026-01-31_y_1.et.csv").exists()
    assert played.by_id(is_wanted=False).files == ()


@pytest.mark.slow
def test_the_pipeline_goes_on_with_what_is_left(played: Month) -> None:
    world, money = played.world, played.money
    known = {flow: summary["documents"] for flow, summary in played.run().items()}
    played.mari.plant(world.engine)
    assert played.by_id().is_done
    books = world.invoices(), world.bills(), money.payments(), money.groups()

    # The same days again: all is known, nothing is sent, nothing of her comes back.
    world.server.calls.clear()
    for flow, summary in played.run().items():
        assert summary["documents"] == known[flow]
        assert known[flow]["already_there"] > 0
        assert summary["later_changes"] == []
    assert world.writes() == []
    assert (world.invoices(), world.bills(), money.payments(), money.groups()) == books
    assert played.told(played.mari) == []

    # Her invoice is paid: the payment finds it. She is in Scoro, so the payment brings her name again.
    unpaid = played.invoices["Kanaarilind/unpaid"]
    money.receive("invoices", {unpaid: None}, date(2026, 1, 28))
    assert world.run(FIRST, LAST, flow=Flow.PAYMENTS)["documents"]["created"] == 1
    assert money.open_in_books()[money.remote(unpaid)] == 0
    # So does a payment entered in SmartAccounts.
    money.pay({money.remote(played.invoices["Kanaarilind/approved"]): None}, date(2026, 1, 29))
    world.clock.advance(timedelta(minutes=5))
    groups = len(money.groups())
    money.export(date(2026, 1, 29), date(2026, 1, 29))
    assert len(money.groups()) == groups + 1

    # And a credit invoice of one that was forgotten finds it.
    credit = played.mari.invoice(date(2026, 1, 29), "-100", credited_invoices=[played.invoices["Kanaarilind/booked"]])
    clients = len(world.books.state()["clients"])
    new = played.mari.invoice(date(2026, 1, 30), "900")
    summary = world.run(date(2026, 1, 29), date(2026, 1, 30))
    assert {money.documents().get(str(each)) is not None for each in (credit, new)} == {True}, summary
    # She is the client that she was.
    assert len(world.books.state()["clients"]) == clients
    assert played.told(played.mari) != []
    assert played.by_id().is_done
    assert played.told(played.mari) == []


@pytest.mark.slow
def test_what_was_forgotten_comes_back_whole_where_it_is_needed(played: Month) -> None:
    """Her invoice was deleted in SmartAccounts, and a person says that it is booked again: it has its texts."""
    world, money = played.world, played.money
    assert played.by_id().is_done
    unpaid = played.invoices["Kanaarilind/unpaid"]
    old = money.remote(unpaid)
    texts = [row["rows"][0]["description"] for row in world.invoices() if row["id"] == old]
    world.books.delete("purchasesales/clientinvoices", {"id": old})
    with world.engine.begin() as connection:
        connection.execute(link.update().where(link.c.remote_id == old).values(gone_at=world.clock.now()))
    world.run(FIRST, LAST)
    assert ("sales_invoices", str(unpaid), "document_gone") in money.cases()
    # What is open keeps what it needs.
    left = played.by_id()
    assert [(document.source_id, why) for document, why in left.kept_back] == [(str(unpaid), Open.QUARANTINE)]
    money.retry(unpaid)
    world.run(FIRST, LAST)
    new = money.remote(unpaid)
    assert new != old
    assert [row["rows"][0]["description"] for row in world.invoices() if row["id"] == new] == texts


@pytest.mark.slow
def test_what_is_open_is_named_and_keeps_what_it_needs(played: Month) -> None:
    world = played.world
    bad = played.mari.invoice(date(2026, 1, 20), "100", lines=[])
    world.run(FIRST, LAST)
    her: Any = {"contacts": played.her.contacts, "clients": played.her.clients, "by": "me", "is_wanted": True}
    told = forget(world.engine, world.company, **her)
    assert told.code == 1
    [document] = told.data["kept_back"]
    assert (document["id"], document["why"]) == (str(bad), "quarantine")
    assert any("Kept back, it is in quarantine; mend it, or dismiss it" in line for line in told.lines)
    # The documents that are done with are forgotten; who she is, the open one needs.
    tables = {line.partition(":")[0] for line in played.told(played.mari)}
    assert "document_line" not in tables
    assert {"contact", "client_register"} <= tables
    played.money.dismiss(bad)
    done = forget(world.engine, world.company, **her)
    assert done.code == 0
    assert played.told(played.mari) == []


@pytest.mark.parametrize(
    "typed", ["Mari-Liis Kanaarilind", "kanaarilind, mari-liis", "KANAARILIND@post.example", "490 0101 0009"]
)
def test_she_is_found_by_what_is_typed(month: Month, typed: str) -> None:
    month.run()
    by_id = month.by_id(is_wanted=False)
    assert by_id.counts["raw_record"] > 0
    told = forget(month.world.engine, month.world.company, typed=typed)
    assert told.data["contacts"] == [str(month.mari.contact)]
    assert told.data["rows"] == by_id.counts
    assert "Nothing was changed. Run it with --yes to clear this." in told.lines
    assert not any(month.mari.is_told_in(line) for line in told.lines)


@pytest.mark.slow
def test_namesakes_are_told_apart_by_their_ids(played: Month) -> None:
    twin = played.world.site.create(
        "contacts", {"name": "Mari-Liis", "lastname": "Kanaarilind", "contact_type": "person", "is_client": 1}
    )["contact_id"]
    played.mari.money.enter(date(2026, 1, 21), "10", company_id=twin)
    played.run()
    with pytest.raises(NobodyMeant) as raised:
        forget(played.world.engine, played.world.company, typed=played.mari.name)
    assert f"contact {twin}" in str(raised.value)
    assert "Kanaarilind" not in str(raised.value)
    played.by_id()
    with played.world.engine.connect() as connection:
        rows = connection.execute(text("select source_id, name from contact")).all()
        names = {row.source_id: row.name for row in rows}
    assert names[str(played.mari.contact)] == ""
    assert names[str(twin)] == "Mari-Liis Kanaarilind"


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({}, "say whom to forget"),
        ({"typed": "Mari Mets", "older_than": "7y"}, "one of the two"),
        ({"contacts": ["424242"]}, "not known here"),
        ({"typed": "Mari"}, "too short"),
        ({"older_than": "7 aastat"}, "a number of years, such as 7y"),
        ({"older_than": "2099-01-01"}, "a day that is over"),
        ({"older_than": "7y", "is_wanted": True}, "say who forgets"),
    ],
)
def test_what_is_not_understood_changes_nothing(world: World, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(WrongUsage, match=said):
        forget(world.engine, world.company, **asked)


def test_an_age_is_counted_from_the_end_of_the_financial_year() -> None:
    """Source documents are kept for seven years from the end of the financial year."""
    assert day_of_age("7y", date(2026, 12, 31)) == date(2019, 1, 1)
    assert day_of_age("7y", date(2027, 1, 1)) == date(2020, 1, 1)
    assert day_of_age("2019-07-01", date(2026, 12, 31)) == date(2019, 7, 1)


@pytest.mark.slow
def test_what_is_old_is_forgotten_and_what_is_newer_is_not(played: Month) -> None:
    world = played.world
    for person in (played.mari, played.jaan):
        person.plant(world.engine)
    proofs = kept(world.engine)
    # Jaan has bought something since.
    new = played.jaan.invoice(date(2026, 2, 3), "40")
    world.clock.set(datetime(2026, 2, 10, 9, tzinfo=TALLINN).astimezone(UTC))
    world.run(date(2026, 2, 3), date(2026, 2, 3))
    with world.engine.connect() as connection:
        companies = connection.execute(text("select * from contact where not is_person order by source_id")).all()
    shown = older(played, is_wanted=False)
    done = older(played)
    # A payment of others waits for what is never imported.
    assert {why for _, why in done.kept_back} == {Open.WAITING}
    assert done.counts == shown.counts
    # A client whom nobody linked stands in the mirror as SmartAccounts has it.
    assert [line.split(",")[1] for line in played.told(played.mari)] == list(played.namesakes)
    told = {line.partition(":")[0] for line in played.told(played.jaan)}
    assert {"contact", "client_register", "document_line"} <= told
    assert canaries_in([line for line in dump(world.engine) if "sales_invoices" in line], played.jaan) > 0
    with world.engine.connect() as connection:
        lines = connection.execute(
            text("select source_id, description from document_line where description <> ''")
        ).all()
        assert {row.source_id for row in lines} == {str(new)}
        after = connection.execute(text("select * from contact where not is_person order by source_id")).all()
    # Companies are no persons: they stay known.
    assert after == companies
    assert all(set(rows) <= set(kept(world.engine)[table]) for table, rows in proofs.items() if table == "document")
    assert older(played).counts == {}
    # And the old days again: nothing is sent, nothing comes back.
    world.server.calls.clear()
    played.run()
    assert world.writes() == []
    assert [line.split(",")[1] for line in played.told(played.mari)] == list(played.namesakes)


def older(month: Month, *, is_wanted: bool = True) -> Forgotten:
    return forget_older_than(
        month.world.engine,
        month.world.company,
        date(2026, 2, 1),
        by="andmekaitse",
        now=month.world.clock.now(),
        outputs=[month.world.output],
        is_wanted=is_wanted,
    )


@pytest.mark.slow
def test_what_is_forgotten_stands_in_the_ledger(played: Month) -> None:
    played.by_id()
    older(played)
    with played.world.engine.connect() as connection:
        person, age = connection.execute(select(forgotten).order_by(forgotten.c.id)).all()
    assert (person.contact_ids, person.before, person.forgotten_by) == ([str(played.mari.contact)], None, "andmekaitse")
    assert (age.contact_ids, age.before) == ([], date(2026, 2, 1))
    assert person.counts["raw_record"] > 0
    assert person.finished_at is not None


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.slow
def test_killed_at_any_batch_it_is_run_again(month: Month, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever was named by a name is found by it until all is done."""
    from scoro_smartaccounts.forget import forget as room

    month.run()
    monkeypatch.setattr(room, "BATCH", 2)
    moment = 0
    while True:
        left = moment

        def dying(*arguments: Any) -> None:
            nonlocal left
            note(*arguments)
            left -= 1
            if left < 0:
                raise Killed

        monkeypatch.setattr(room, "note", dying)
        try:
            done = month.forget(Person(typed=(month.mari.name,)))
        except Killed:
            moment += 3
            continue
        break
    assert moment > 3
    assert done.is_done
    assert month.told(month.mari) == []


@pytest.mark.slow
def test_another_company_keeps_what_it_has(played: Month) -> None:
    """All tables hold the same rows for a second company."""
    engine = played.world.engine
    with engine.begin() as connection:
        for name in ("raw_record", "document", "document_line", "contact", "client_register", "run", "plan"):
            columns = ", ".join(
                connection.scalars(
                    text(
                        "select column_name from information_schema.columns where table_name = :t"
                        " and column_name <> 'company'"
                    ),
                    {"t": name},
                )
            )
            connection.execute(text(f"insert into {name} (company, {columns}) select 'acme', {columns} from {name}"))

    def acme() -> list[str]:
        return [line for line in dump(engine) if ": (acme," in line]

    before = acme()
    assert canaries_in(before, played.mari) > 0
    played.by_id()
    older(played)
    assert acme() == before
    assert all(": (acme," in line for line in played.told(played.mari))


@pytest.mark.slow
def test_hashes_that_could_be_tried_out_go_and_those_of_documents_stay(played: Month) -> None:
    """What a contact's copy or a client's body is a hash of is little else than its name, code and address."""
    with played.world.engine.connect() as connection:
        before = connection.execute(select(raw_record).where(raw_record.c.module != "contacts")).all()
    played.by_id()
    own = {"id": str(played.mari.contact)}
    with played.world.engine.connect() as connection:
        prints = text("select fingerprint from raw_record where module = 'contacts' and source_id = :id")
        assert set(connection.scalars(prints, own)) == {""}
        rows = connection.execute(
            text("select natural_key, payload_hash from intent where kind in ('client', 'vendor') and source_id = :id"),
            own,
        ).all()
        assert set(rows) == {("", "")}
        after = connection.execute(select(raw_record).where(raw_record.c.module != "contacts")).all()
    assert {(row.source_id, row.fingerprint) for row in after} == {(row.source_id, row.fingerprint) for row in before}


def test_the_output_folder_is_that_of_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from scoro_smartaccounts.forget.command import own_outputs
    from tests.integration.world import COMPANY

    (tmp_path / "default").mkdir()
    (tmp_path / "demo" / "default").mkdir(parents=True)
    monkeypatch.setenv("SCORO_SMARTACCOUNTS_OUTPUT", str(tmp_path))
    assert own_outputs(COMPANY, tmp_path / "demo") == [tmp_path / "default"]
    monkeypatch.setenv("SCORO_SMARTACCOUNTS_OUTPUT", f"file://{tmp_path}")
    assert own_outputs(COMPANY) == [tmp_path / "default"]
    monkeypatch.setenv("SCORO_SMARTACCOUNTS_OUTPUT", "s3://bucket/folder")
    assert own_outputs(COMPANY, tmp_path / "demo") == []
    monkeypatch.delenv("SCORO_SMARTACCOUNTS_OUTPUT")
    monkeypatch.setenv("AIRFLOW_HOME", str(tmp_path / "airflow"))
    assert own_outputs(COMPANY, tmp_path / "demo") == [tmp_path / "demo" / "default"]
