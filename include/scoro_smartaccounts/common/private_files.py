"""Files and folders for the pipeline's own user alone."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_ANEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it that are missing. Raises OSError."""
    for missing in reversed([each for each in folder.parents if not each.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)


def write_whole(file: Path, content: bytes) -> Path:
    """Write a file, whole or not at all, into a folder that is made where it is missing. Raises OSError."""
    make_folder(file.parent)
    new = file.with_name(f"{file.name}.new")
    try:
        # Left by a write that was killed, or put there by somebody else who may write into the folder: a link to
        # another file, or a file that is theirs.
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, _ANEW, 0o600), "wb") as target:
            target.write(content)
        return new.replace(file)
    except OSError:
        # What is there of it would only take room.
        with suppress(OSError):
            new.unlink()
        raise
