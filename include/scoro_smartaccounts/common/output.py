"""The folder that files for people go to, as the environment names it."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

OUTPUT_VARIABLE = "SCORO_SMARTACCOUNTS_OUTPUT"


def named_output() -> str:
    """Return what the environment names: a folder, or the address of one in any store (`s3://…`); empty: nothing."""
    return os.environ.get(OUTPUT_VARIABLE, "")


def folder_of_this_machine(named: str) -> Path | None:
    """Return the folder of that name, where it is one of this machine; without a name `output` in Airflow's home."""
    if not named:
        return home_output()
    scheme, is_address, _ = named.partition("://")
    if not is_address:
        return Path(named)
    return Path(url2pathname(urlsplit(named).path)) if scheme == "file" else None


def home_output() -> Path:
    """Return the folder `output` in Airflow's home."""
    return output_in(Path(os.environ.get("AIRFLOW_HOME", "~/airflow")).expanduser())


def output_in(home: Path) -> Path:
    """Return the folder of lists in a home of Airflow."""
    return home / "output"
