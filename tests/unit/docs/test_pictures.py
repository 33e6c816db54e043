"""The documentation. The pictures of the page are of the templates as they are, and stand in the documents."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"


def script() -> Any:
    """The script that takes them."""
    spec = importlib.util.spec_from_file_location("page_pictures", DOCS / "page_pictures.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_no_picture_is_older_than_its_template() -> None:
    pictures = script()
    known = pictures.stamped(DOCS)
    older = [screen for screen in pictures.SCREENS if known.get(screen) != pictures.stamp(screen)]
    assert older == [], f"take them again: `make demo`, then `python docs/page_pictures.py {' '.join(older)}`"


def test_every_picture_is_there_and_shown() -> None:
    pictures = script()
    texts = "".join(path.read_text("utf-8") for path in [*DOCS.glob("*.md"), ROOT / "README.md"])
    for screen in pictures.SCREENS:
        for language in pictures.LANGUAGES:
            assert (DOCS / f"{screen}.{language}.png").is_file()
            assert f"{screen}.{language}.png" in texts
