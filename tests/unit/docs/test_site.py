"""The documentation. The site is built of all pages, each in its language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from mkdocs.commands.build import build
from mkdocs.config import load_config

import scoro_smartaccounts

ROOT = Path(scoro_smartaccounts.__file__).parents[2]


@pytest.mark.slow
def test_pages_say_their_language(tmp_path: Path) -> None:
    build(load_config(str(ROOT / "mkdocs.yml"), site_dir=str(tmp_path), strict=True))
    told = {
        str(path.parent.relative_to(tmp_path)): re.findall(r'<html lang="(\w+)"', path.read_text("utf-8"))
        for path in tmp_path.rglob("index.html")
    }
    assert {page: languages for page, languages in told.items() if languages != ["en"]} == {"accountant.et": ["et"]}
    assert "accountant.en" in told
