"""A disk on which no file finds room: what is opened to be written below a folder is the system's full device."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch


@contextmanager
def full_disk(folder: Path) -> Iterator[None]:
    """Let every write below the folder fail as on a full disk, while the block runs."""
    opened = os.open

    def without_room(path: Any, flags: int, *rest: Any, **named: Any) -> int:
        file = opened(path, flags, *rest, **named)
        if not flags & (os.O_WRONLY | os.O_RDWR) or folder not in Path(os.fsdecode(path)).parents:
            return file
        os.close(file)
        return opened("/dev/full", os.O_WRONLY)

    with patch.object(os, "open", without_room):
        yield
