"""Workbooks that others may have written: packed files, which may unpack to more than this machine holds."""

from __future__ import annotations

import zlib
from zipfile import BadZipFile, ZipFile

# What reading a packed file raises that is damaged, or that Python cannot open: RuntimeError for parts that are
# encrypted or packed in a way that it does not know.
UNREADABLE = (BadZipFile, zlib.error, EOFError, RuntimeError)
# What a workbook unpacks to, by what its parts say of themselves (more is not unpacked), beyond which nothing is read.
LARGEST_UNPACKED = 64 * 2**20
_MOST_PARTS = 1000


def unpacks_to_too_much(workbook: ZipFile, most: int = LARGEST_UNPACKED) -> bool:
    """Whether a workbook unpacks to more than `most` bytes, or to parts without end."""
    parts = workbook.infolist()
    return len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > most
