"""Where the demo keeps its things, and the secrets it makes up for itself."""

from __future__ import annotations

import json
import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

import yaml

from scoro_smartaccounts.common.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
# Names of the databases on the embedded server.
STAGING = "staging"
METADATA = "airflow"
# Ids of the demo's Airflow connections.
CONNECTIONS = {"scoro": "scoro_default", "smartaccounts": "smartaccounts_default", "staging": "staging_default"}


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports that the demo listens on; each may be moved by a variable of the environment."""

    airflow: int
    scoro: int
    smartaccounts: int

    @classmethod
    def from_environment(cls) -> Ports:
        """Return the usual ports, unless DEMO_PORT_AIRFLOW, _SCORO or _SMARTACCOUNTS say otherwise."""
        return cls(
            airflow=int(os.environ.get("DEMO_PORT_AIRFLOW", "8080")),
            scoro=int(os.environ.get("DEMO_PORT_SCORO", "8901")),
            smartaccounts=int(os.environ.get("DEMO_PORT_SMARTACCOUNTS", "8902")),
        )


@dataclass(frozen=True, slots=True)
class Layout:
    """Files of one demo, all under one folder that may be deleted to start afresh."""

    folder: Path

    @classmethod
    def of_project(cls) -> Layout:
        """`.demo` in the project, or where DEMO_FOLDER says."""
        return cls(Path(os.environ.get("DEMO_FOLDER", ROOT / ".demo")).resolve())

    @property
    def database(self) -> Path:
        """PostgreSQL's data."""
        return self.folder / "postgresql"

    @property
    def airflow_home(self) -> Path:
        """Airflow's home: task logs, the password file, `output` with the reports."""
        return self.folder / "airflow"

    @property
    def companies(self) -> Path:
        """The demo's company files."""
        return self.folder / "companies"

    @property
    def logs(self) -> Path:
        """One log file a process."""
        return self.folder / "logs"

    @property
    def running(self) -> Path:
        """What runs at present (process ids, ports); absent when nothing does."""
        return self.folder / "running.json"

    def prepare(self) -> None:
        """Make the folders and the demo's company file: the project's own, on the demo's connections, writing
        both ways."""
        self.folder.parent.mkdir(parents=True, exist_ok=True)
        for folder in (self.folder, self.airflow_home, self.companies, self.logs):
            _make_private(folder)
        content = yaml.safe_load((ROOT / "include" / "companies" / "default.yaml").read_text("utf-8"))
        content["connections"] = CONNECTIONS
        content["mode"] = {"scheduled": "import", "manual": "import"}
        content["export_payments"] = {"enabled": True}
        text = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
        (self.companies / "default.yaml").write_text(text, encoding="utf-8")

    def secrets(self) -> dict[str, str]:
        """Return the demo's generated secrets, by name; made up once and then kept, readable by the owner only."""
        file = self.folder / "secrets.json"
        if not file.exists():
            made_up = {
                "password": secrets.token_urlsafe(12),
                "jwt": secrets.token_urlsafe(64),
                "api": secrets.token_urlsafe(32),
                "fernet": _fernet_key(),
            }
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
                json.dump(made_up, stream)
        kept: dict[str, str] = json.loads(file.read_text("utf-8"))
        return kept


def _make_private(folder: Path) -> None:
    """Make a folder that nobody else enters; an older version's was open. Raises ConfigurationError where it is not
    ours."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.stat()
    if found.st_uid != os.geteuid() or found.st_mode & stat.S_ISVTX:
        raise ConfigurationError(
            f"{folder} belongs to another account or is shared with all: name a folder of your own with DEMO_FOLDER."
        )
    folder.chmod(0o700)


def _fernet_key() -> str:
    from cryptography.fernet import Fernet

    return Fernet.generate_key().decode()
