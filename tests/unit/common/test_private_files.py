"""Room common. Files for the pipeline's own user alone, in a folder that others may write to as well."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from scoro_smartaccounts.common.private_files import write_whole


def test_a_file_is_written_whole_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = write_whole(tmp_path / "of" / "2026" / "list.csv", b"new")
    assert file.read_bytes() == b"new"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_link_that_waits_in_the_folder_leads_nowhere(tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"kept")
    (tmp_path / "list.csv.new").symlink_to(other)
    write_whole(tmp_path / "list.csv", b"new")
    assert other.read_bytes() == b"kept"
    assert (tmp_path / "list.csv").read_bytes() == b"new"
    assert not (tmp_path / "list.csv").is_symlink()


def test_a_file_that_others_may_read_does_not_become_the_list(tmp_path: Path) -> None:
    left = tmp_path / "list.csv.new"
    left.write_bytes(b"theirs")
    left.chmod(0o666)
    file = write_whole(tmp_path / "list.csv", b"new")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert not left.exists()


def test_nothing_is_left_of_a_file_that_could_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "list.csv").mkdir()
    with pytest.raises(OSError, match="directory"):
        write_whole(tmp_path / "list.csv", b"new")
    assert [each.name for each in tmp_path.iterdir()] == ["list.csv"]
