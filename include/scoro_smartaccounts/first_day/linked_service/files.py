"""The user's file, which is only ever read, and the new one beside it."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile

from scoro_smartaccounts.errors import ConfigurationError


def read_file(path: Path) -> bytes:
    """The bytes of a file; raises ConfigurationError where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as problem:
        raise ConfigurationError(f"{path}: {problem.strerror}") from None


def write_beside(source: Path, target: Path, content: bytes) -> None:
    """Write a new file, whole or not at all, that the same people may read as `source`.

    Raises ConfigurationError where something else stands there, so that the user's file is never written over.
    """
    try:
        if target.exists():
            if target.samefile(source) or target.read_bytes() != content:
                raise ConfigurationError(f"{target}: there is such a file already; give the new one another name")
            return
        with NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}.", delete=False) as part:
            part.write(content)
        shutil.copymode(source, part.name)
        Path(part.name).rename(target)
    except OSError as problem:
        raise ConfigurationError(f"{target}: {problem.strerror}") from None
