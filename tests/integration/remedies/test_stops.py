"""Room common/errors. What stops a whole run or command tells what to do: done in the simulators, the same thing
then goes through.

Scenarios are kept by the place in the source that makes the error, one for each error that is made there. A new one
needs a scenario, or a word here on where it is followed.
"""

from __future__ import annotations

import ast
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from upath import UPath

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.border.hosts import HOSTS_VARIABLE, check_pinned
from scoro_smartaccounts.cli import application as cli_application
from scoro_smartaccounts.common import errors
from scoro_smartaccounts.common.company import FOLDER_VARIABLE, Mode, default_folder, load_companies, load_company
from scoro_smartaccounts.plan import invoices as planning
from scoro_smartaccounts.reconcile_ids.linked_service.files import read_file, write_beside
from scoro_smartaccounts.reconcile_ids.linked_service.take import take_links
from scoro_smartaccounts.report.files import FOLDER
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient
from scoro_smartaccounts.staging import locks, quarantine
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.locks import Patience, lock_number
from scoro_smartaccounts.staging.migrate import VARIABLE, migrate
from scoro_smartaccounts.staging.schema import plan
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE
from scoro_smartaccounts_sandbox.server import serve
from tests.integration.first_day import CLIENTS, FirstDay
from tests.integration.full_disk import full_disk
from tests.integration.office import Office, open_office
from tests.integration.remedies.desk import DAY, Desk
from tests.integration.world import World

ROOT = Path(planning.__file__).parents[1]
# Those that a person has to do something about. Whatever only has to be waited for goes on by itself.
STOPPING = {
    cls.__name__: cls
    for cls in (
        errors.ConfigurationError,
        errors.BillingStopped,
        errors.LoadStopped,
        errors.LockHeld,
        quarantine.AmbiguousName,
    )
}
# Followed elsewhere: what needs Airflow around it, by place and number of errors there.
ELSEWHERE = {
    "orchestration.approval:_document_of": (1, "tests/dags/test_answers.py"),
    "orchestration.channels:_apprise": (1, "tests/dags/test_notifications.py"),
    "orchestration.channels:check_channels": (1, "tests/dags/test_notifications.py"),
    "orchestration.hooks:complete_connection": (1, "tests/dags/test_connections.py"),
    "orchestration.hooks:connection_of_type": (2, "tests/dags/test_connections.py"),
    "orchestration.hooks:SmartAccountsHook.limits": (1, "tests/dags/test_connections.py"),
    "orchestration.params:days_of": (2, "tests/dags/test_dags.py"),
    "orchestration.params:_day": (1, "tests/dags/test_dags.py"),
    "orchestration.reconcile:read_inside": (2, "tests/dags/test_reconcile_dag.py"),
    "orchestration.services:output_folder": (1, "tests/dags/test_output.py"),
}

Act = Callable[[], object]


@dataclass
class Scene:
    """A world, a place for files, and an environment that is put back."""

    world: World
    folder: Path
    environment: pytest.MonkeyPatch

    def __post_init__(self) -> None:
        self.world.checked = False
        self.desk = Desk(self.world)

    def run(self, **changes: Any) -> Act:
        """A run over the day, with something of its services changed; the same request at every try."""
        request = self.world.request(DAY, DAY)

        def act() -> None:
            services = self.world.services(request, **changes)
            for step in self.world.steps:
                step(request, services)

        return act

    def one_is_booked(self) -> None:
        assert len(self.world.invoices()) == 1

    def url(self) -> str:
        return self.world.engine.url.render_as_string(hide_password=False)


Play = Callable[[Scene], Iterator[Act]]
FOLLOWED: list[tuple[str, Play]] = []


def stop(place: str) -> Callable[[Play], Play]:
    """Registers how the remedy of an error that is made at a place is followed: the scenario yields what stops, does
    what the sentence says, and yields what now goes through."""

    def register(play: Play) -> Play:
        FOLLOWED.append((place, play))
        return play

    return register


# The load step


@stop("load.streak:Streak.stop_where_nothing_goes_through")
def the_cause_is_mended(scene: Scene) -> Iterator[Act]:
    docs = [scene.desk.enter() for _ in range(12)]
    scene.world.books.switches.change({"locked_until": "2026-12-31", "error_key_field": ""})
    run = scene.run()
    yield run
    scene.world.books.switches.change({"locked_until": ""})
    yield run
    for doc in docs:
        scene.desk.assert_booked(doc)


@stop("load.documents:_Documents._stop_where_books_are_off")
def the_vat_codes_are_compared(scene: Scene) -> Iterator[Act]:
    docs = [scene.desk.enter() for _ in range(3)]
    request = scene.world.request(DAY, DAY)
    services = scene.world.services(request)
    for step in scene.world.steps[:-1]:
        step(request, services)
    [used] = {row["vatPc"] for row in planned_rows(scene)}
    [code] = [row for row in scene.world.books.settings["vatpcs"] if row["vatPc"] == used]
    right_percent = code["pc"]
    code["pc"] = right_percent - 2
    yield lambda: pipeline.load(request, services)
    [off] = scene.world.invoices()
    code["pc"] = right_percent
    yield lambda: pipeline.load(request, services)
    for doc in docs:
        if scene.desk.remote(doc) != off["id"]:
            scene.desk.assert_booked(doc)
    # What was booked already is told until somebody has corrected it.
    assert len(pipeline.summarize(request, services)["alarms"]) == 1
    assert len(scene.world.invoices()) == len(docs)


def planned_rows(scene: Scene) -> list[dict[str, Any]]:
    with scene.world.engine.connect() as connection:
        return [row for payload in connection.scalars(select(plan.c.payload)) for row in json.loads(payload)["rows"]]


# The services


@stop("border.http:unpaid_bill")
def it_is_paid(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    scene.world.books.switches.change({"billing": True})
    run = scene.run()
    yield run
    scene.world.books.switches.change({"billing": False})
    yield run
    scene.one_is_booked()


def smartaccounts(scene: Scene, *, url: str = "", public: str = "testkey", secret: str = "test-secret") -> Act:
    def act() -> None:
        client = SmartAccountsClient(
            url or f"{scene.world.smartaccounts_url}/en/api/", public, secret, clock=scene.world.clock.now
        )
        scene.run(smartaccounts=client)()

    return act


def scoro(scene: Scene, *, url: str = "", account: str = "demoou", key: str = "ScoroAPI_000000000000000") -> Act:
    def act() -> None:
        client = ScoroClient(url or scene.world.scoro_url, account, key, clock=scene.world.clock.now)
        client.check_access()
        scene.run(scoro=client)()

    return act


def answering(response: Response) -> Starlette:
    """A service that always answers the same."""
    return Starlette(routes=[Route("/{path:path}", lambda _: response, methods=["GET", "POST"])])


@stop("border.http:refuse_redirect")
def the_services_own_url_is_given(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    with serve(answering(RedirectResponse(f"{scene.world.smartaccounts_url}/en/api/"))) as elsewhere:
        yield smartaccounts(scene, url=f"{elsewhere}/en/api/")
    yield smartaccounts(scene)
    scene.one_is_booked()


@stop("border.hosts:read_address")
def a_base_url_is_given(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    yield smartaccounts(scene, url="sa.smartaccounts.eu")
    yield smartaccounts(scene)
    scene.one_is_booked()


@stop("border.hosts:read_address")
def https_is_given(scene: Scene) -> Iterator[Act]:
    yield lambda: ScoroClient("http://demo.scoro.com", "demoou", "ScoroAPI_0")
    yield lambda: ScoroClient("https://demo.scoro.com", "demoou", "ScoroAPI_0")


@stop("border.hosts:check_pinned")
def the_host_is_named_in_the_environment(scene: Scene) -> Iterator[Act]:
    yield lambda: check_pinned("Scoro", "https://scoro.example.com", {})
    yield lambda: check_pinned("Scoro", "https://scoro.example.com", {HOSTS_VARIABLE: "scoro.example.com"})


@stop("smartaccounts.client:SmartAccountsClient.__init__")
def both_keys_are_filled_in(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    yield smartaccounts(scene, secret="")
    yield smartaccounts(scene)
    scene.one_is_booked()


@stop("smartaccounts.client:SmartAccountsClient._refusal")
def the_keys_are_corrected(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    yield smartaccounts(scene, secret="mistyped")
    yield smartaccounts(scene)
    scene.one_is_booked()


@stop("scoro.client:ScoroClient.__init__")
def account_and_key_are_filled_in(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    yield scoro(scene, account="")
    yield scoro(scene)
    scene.one_is_booked()


@stop("scoro.client:_refused_key")
def the_key_is_corrected(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    yield scoro(scene, key="ScoroAPI_mistyped")
    yield scoro(scene)
    scene.one_is_booked()


@stop("scoro.client:_refused_key")
def the_firewall_lets_it_through(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    with serve(answering(PlainTextResponse("error code: 1010", status_code=403))) as closed:
        yield scoro(scene, url=closed)
    yield scoro(scene)
    scene.one_is_booked()


@stop("scoro.client:ScoroClient.check_access")
def the_account_is_one_of_those_named(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    # A site of several companies that takes a name of one that is gone.
    answer = {"status": "OK", "statusCode": 200, "data": [{"active_entities": [{"entity_id": "demoou"}]}]}
    with serve(answering(JSONResponse(answer))) as site:
        yield scoro(scene, url=site, account="gone")
    yield scoro(scene)
    scene.one_is_booked()


# The staging database


@stop("staging.database:make_engine")
def a_postgres_database_is_named(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    yield lambda: make_engine("sqlite:///staging.db")
    yield lambda: replace(scene.world, engine=make_engine(scene.url())).run(DAY, DAY)
    scene.one_is_booked()


@stop("staging.database:_old_schema")
def it_is_migrated(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    with scene.world.engine.begin() as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
    run = scene.run()
    yield run
    migrate({VARIABLE: scene.url()})
    yield run
    scene.one_is_booked()


@stop("staging.database:_outage")
def the_connection_is_corrected(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    right = scene.world.engine.url
    wrong = make_engine(right.set(database="mistyped"))
    yield lambda: replace(scene.world, engine=wrong).run(DAY, DAY)
    yield lambda: replace(scene.world, engine=make_engine(right)).run(DAY, DAY)
    scene.one_is_booked()


@stop("staging.migrate:migrate")
def the_variable_is_set(scene: Scene) -> Iterator[Act]:
    yield lambda: migrate({})
    yield lambda: migrate({VARIABLE: scene.url()})


@stop("staging.locks:_take")
def the_process_is_ended(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    short = Patience(timedelta(milliseconds=50), timedelta(milliseconds=100))
    for name in ("transaction_lock", "session_lock"):
        take = getattr(locks, name)
        keywords = getattr(take, "__wrapped__", take).__kwdefaults__
        scene.environment.setitem(keywords, "patience", short)
    holder = make_engine(scene.url(), name="a process that hangs").connect()
    number = lock_number(scene.world.company.key, "register", CLIENTS)
    holder.execute(text("select pg_advisory_lock(:number)"), {"number": number})
    pid = holder.execute(text("select pg_backend_pid()")).scalar_one()
    run = scene.run()
    yield run
    with scene.world.engine.connect() as connection:
        connection.execute(text("select pg_terminate_backend(:pid)"), {"pid": pid})
    holder.invalidate()
    yield run
    scene.one_is_booked()


@stop("staging.quarantine:_refuse_ambiguous")
def it_is_said_which(scene: Scene) -> Iterator[Act]:
    docs = [scene.desk.enter(no="77") for _ in range(2)]
    for doc in docs:
        scene.desk.spoil(doc, company_id=0)
    scene.run()()

    def dismiss(name: str) -> None:
        with scene.world.engine.begin() as connection:
            assert quarantine.dismiss(connection, scene.world.company.key, [name], "twice")

    yield lambda: dismiss("77")
    yield lambda: dismiss(f"id:{docs[0].id}")
    scene.desk.assert_gone(docs[0])


# Files


@stop("report.files:write_file")
def room_is_made(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    request = scene.world.request(DAY, DAY, mode=Mode.PREVIEW)
    services = scene.world.services(request)
    for step in scene.world.steps[:-1]:
        step(request, services)
    folder = scene.world.output / FOLDER
    with full_disk(folder):
        yield lambda: pipeline.load(request, services)
    yield lambda: pipeline.load(request, services)
    assert sorted(path.suffix for path in folder.iterdir()) == [".csv", ".csv", ".xlsx"]


@stop("services:Services.local_folder")
def a_folder_of_this_machine_is_named(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    scene.world.checked = True
    store = UPath("memory://of-the-stops")
    yield scene.run(output_folder=store)
    yield scene.run(output_folder=store, pages_folder=scene.folder)
    scene.one_is_booked()


@stop("reconcile_ids.linked_service.files:read_file")
def the_right_path_is_given(scene: Scene) -> Iterator[Act]:
    there = scene.folder / "kliendid.csv"
    there.write_bytes(b"Kood")
    yield lambda: read_file(scene.folder / "klendid.csv")
    yield lambda: read_file(there)


@stop("reconcile_ids.linked_service.files:read_whole")
def a_list_is_given(scene: Scene) -> Iterator[Act]:
    there = scene.folder / "kliendid.csv"
    there.write_bytes(b"Kood")
    yield lambda: read_file(Path("/dev/zero"))
    yield lambda: read_file(there)


@stop("reconcile_ids.linked_service.files:write_beside")
def another_name_is_given(scene: Scene) -> Iterator[Act]:
    source, taken = scene.folder / "kliendid.csv", scene.folder / "uus.csv"
    for file in (source, taken):
        file.write_bytes(b"Kood")
    yield lambda: write_beside(source, taken, b"Kood;")
    yield lambda: write_beside(source, scene.folder / "uuem.csv", b"Kood;")
    assert (source.read_bytes(), taken.read_bytes()) == (b"Kood", b"Kood")


@stop("reconcile_ids.linked_service.files:write_beside")
def the_folder_is_made(scene: Scene) -> Iterator[Act]:
    source, target = scene.folder / "kliendid.csv", scene.folder / "uued" / "kliendid.csv"
    source.write_bytes(b"Kood")
    yield lambda: write_beside(source, target, b"Kood;")
    target.parent.mkdir()
    yield lambda: write_beside(source, target, b"Kood;")
    assert target.read_bytes() == b"Kood;"


@stop("reconcile_ids.linked_service.records:read_records")
def reconcile_ids_is_run(scene: Scene) -> Iterator[Act]:
    world = scene.world
    rows = b"Kood;Liidetud teenus;Liidetud teenuse ID\r\n"

    def take() -> object:
        return take_links(world.engine, world.company, Kind.ARTICLE, rows, run_key="by hand", clock=world.clock.now)

    yield take
    FirstDay(world).run()
    yield take


# The accountant


@stop("approval.questions:_refuse_unknown")
def the_question_is_asked_again(scene: Scene) -> Iterator[Act]:
    office: Office = open_office(scene.world)
    office.money.enter(DAY, "100")
    office.plan(DAY, DAY)
    key = office.ask()
    stranger = replace(office.seen[key][0], number="2026999", source_id="999")
    yield lambda: office.answer(key, but=("2026999",), picked=[stranger])
    again = office.ask(take_over=True)
    yield lambda: office.answer(again)
    office.release(again)
    scene.one_is_booked()


# Company files and the command line


def company_file(scene: Scene, content: str, name: str = "acme.yaml") -> Act:
    def act() -> None:
        file = scene.folder / name
        file.write_text(content, encoding="utf-8")
        scene.world.company = load_company(file)
        scene.world.run(DAY, DAY)

    return act


def right(*more: str) -> str:
    return "\n".join([(default_folder() / "default.yaml").read_text(encoding="utf-8"), *more])


@stop("common.company:load_company")
def it_is_named_as_allowed(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    yield company_file(scene, right(), "Acme OÜ.yaml")
    yield company_file(scene, right())
    scene.one_is_booked()


@stop("common.company:load_company")
def it_is_yaml(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    yield company_file(scene, right("x: [1"))
    yield company_file(scene, right())
    scene.one_is_booked()


@stop("common.company:load_company")
def it_is_short(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    yield company_file(scene, right("#" * 300_000))
    yield company_file(scene, right())
    scene.one_is_booked()


@stop("common.company:load_company")
def the_values_are_written_out(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    yield company_file(scene, right("x: &x 1", *(f"x{number}: *x" for number in range(40))))
    yield company_file(scene, right())
    scene.one_is_booked()


@stop("common.company:load_company")
def it_holds_settings(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    yield company_file(scene, "import")
    yield company_file(scene, right())
    scene.one_is_booked()


@stop("common.company:load_company")
def the_key_is_removed(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    yield company_file(scene, right("key: acme"))
    yield company_file(scene, right())
    scene.one_is_booked()


@stop("common.company:load_company")
def a_setting_that_is_allowed_stands_there(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    yield company_file(scene, right("mood: import"))
    yield company_file(scene, right())
    scene.one_is_booked()


@stop("common.company:load_companies")
def a_company_file_is_there(scene: Scene) -> Iterator[Act]:
    yield lambda: load_companies(scene.folder)
    (scene.folder / "acme.yaml").write_text(right(), encoding="utf-8")
    yield lambda: load_companies(scene.folder)


@stop("common.company:_refuse_shared_connections")
def each_has_its_own_connections(scene: Scene) -> Iterator[Act]:
    for name in ("acme", "beta"):
        (scene.folder / f"{name}.yaml").write_text(right(), encoding="utf-8")
    yield lambda: load_companies(scene.folder)
    own = ["connections:", "  scoro: scoro_beta", "  smartaccounts: smartaccounts_beta"]
    without = [line for line in right().splitlines() if "_default" not in line and not line.startswith("connections:")]
    (scene.folder / "beta.yaml").write_text("\n".join([*without, *own]), encoding="utf-8")
    yield lambda: load_companies(scene.folder)


def command(scene: Scene, *arguments: str) -> None:
    """One command line: what is printed and ends it with 2 is the error."""
    assert cli_application.run(arguments) in (0, 1)


@stop("cli.place:_company")
def a_company_that_there_is_is_named(scene: Scene) -> Iterator[Act]:
    scene.environment.setenv(STAGING_VARIABLE, scene.url())
    yield lambda: command(scene, "--company", "acme", "quarantine")
    yield lambda: command(scene, "--company", "default", "quarantine")


@stop("cli.place:_staging")
def the_staging_database_is_named(scene: Scene) -> Iterator[Act]:
    scene.environment.delenv(STAGING_VARIABLE, raising=False)
    scene.environment.setattr("scoro_smartaccounts.cli.beside.demo", lambda: None)
    yield lambda: command(scene, "quarantine")
    scene.environment.setenv(STAGING_VARIABLE, scene.url())
    yield lambda: command(scene, "quarantine")


@stop("staging.database:airflow_url")
def the_connection_of_the_environment_is_mended(scene: Scene) -> Iterator[Act]:
    scene.environment.setenv(STAGING_VARIABLE, '{"conn_type": "postgres", "host": ')
    yield lambda: command(scene, "quarantine")
    scene.environment.setenv(STAGING_VARIABLE, scene.url())
    yield lambda: command(scene, "quarantine")


@stop("common.run:refuse_stronger")
def the_strongest_mode_of_a_run_by_hand_is_changed(scene: Scene) -> Iterator[Act]:
    scene.desk.enter()
    company = scene.world.company
    held = company.model_copy(update={"mode": company.mode.model_copy(update={"strongest": Mode.PREVIEW})})
    yield lambda: replace(scene.world, company=held).run(DAY, DAY)
    yield lambda: replace(scene.world, company=company).run(DAY, DAY)
    scene.one_is_booked()


# The rule


@dataclass(frozen=True)
class Site:
    """Where the source makes an error."""

    place: str
    error: str


def sites() -> list[Site]:
    found: list[Site] = []
    for file in sorted(ROOT.rglob("*.py")):
        parts = file.relative_to(ROOT).with_suffix("").parts
        found += _sites_in(ast.parse(file.read_text(encoding="utf-8")), f"{'.'.join(parts)}:")
    return found


def _sites_in(node: ast.AST, place: str) -> Iterator[Site]:
    for child in ast.iter_child_nodes(node):
        inner = place
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            inner = f"{place}{'' if place.endswith(':') else '.'}{child.name}"
        elif isinstance(child, ast.Call) and (name := getattr(child.func, "id", "")) in STOPPING:
            yield Site(place, name)
        yield from _sites_in(child, inner)


SITES = sites()


def places_of_errors(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The places where the errors that stop are made from here on."""
    made: list[str] = []

    def noted(cls: type[Exception]) -> Callable[..., None]:
        init = cls.__init__

        def note(self: Exception, *arguments: object, **more: object) -> None:
            code = sys._getframe(1).f_code
            if Path(code.co_filename).is_relative_to(ROOT):
                parts = Path(code.co_filename).relative_to(ROOT).with_suffix("").parts
                made.append(f"{'.'.join(parts)}:{code.co_qualname}")
            init(self, *arguments, **more)

        return note

    for cls in STOPPING.values():
        monkeypatch.setattr(cls, "__init__", noted(cls))
    return made


@pytest.mark.parametrize(
    ("place", "play"), [pytest.param(place, play, id=f"{place} {play.__name__}") for place, play in FOLLOWED]
)
def test_what_stops_goes_through_after_its_remedy(
    world: World,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    play: Play,
) -> None:
    monkeypatch.delenv(FOLDER_VARIABLE, raising=False)
    scene = play(Scene(world, tmp_path_factory.mktemp("files"), monkeypatch))
    stops = next(scene)
    made = places_of_errors(monkeypatch)
    with pytest.raises(tuple({STOPPING[site.error] for site in SITES if site.place == place})):
        stops()
    assert place in made
    goes_through = next(scene)
    goes_through()
    assert next(scene, None) is None


def test_every_error_that_stops_is_followed() -> None:
    followed = Counter(place for place, _ in FOLLOWED)
    elsewhere = Counter({place: number for place, (number, _) in ELSEWHERE.items()})
    assert followed + elsewhere == Counter(site.place for site in SITES)
    assert all((Path(__file__).parents[3] / file).is_file() for _, file in ELSEWHERE.values())


def test_every_error_of_a_kind_that_stops_is_looked_for() -> None:
    """Those that the tree of errors gains."""
    kinds = {cls.__name__ for cls in vars(errors).values() if isinstance(cls, type) and _stops(cls)}
    assert kinds <= STOPPING.keys()


def _stops(cls: type) -> bool:
    return issubclass(cls, errors.ConfigurationError | errors.LoadStopped | errors.LockHeld)
