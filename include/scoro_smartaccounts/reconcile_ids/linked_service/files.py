"""The user's file, which is only ever read, and the new one beside it."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import IO

from scoro_smartaccounts.common.errors import ConfigurationError

# A list of the largest company has a fifth of it.
LARGEST_FILE = 32 * 2**20


def read_file(path: Path) -> bytes:
    """Return the bytes of a file; raises ConfigurationError where it cannot be read or is too large."""
    try:
        with path.open("rb") as stream:
            return read_whole(stream, str(path))
    except OSError as problem:
        raise ConfigurationError(f"{path}: {problem.strerror}") from None


def read_whole(stream: IO[bytes], name: str) -> bytes:
    """Return what a file that a person hands in holds; raises ConfigurationError where that is more than any list."""
    content = stream.read(LARGEST_FILE + 1)
    if len(content) > LARGEST_FILE:
        raise ConfigurationError(f"{name}: larger than {LARGEST_FILE // 2**20} MB, so it is no list of ours")
    return content


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
