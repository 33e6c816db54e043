"""The words of the page, in both languages, a module a screen. What documents are told with stands in the catalogue of
reasons."""

from __future__ import annotations

from scoro_smartaccounts.common.reasons.message import Language
from scoro_smartaccounts.common.reasons.spoken import said_on_page
from scoro_smartaccounts.page.words.audit import AUDIT
from scoro_smartaccounts.page.words.decisions import DECISIONS
from scoro_smartaccounts.page.words.documents import DOCUMENTS
from scoro_smartaccounts.page.words.frame import FRAME
from scoro_smartaccounts.page.words.importing import IMPORTING
from scoro_smartaccounts.page.words.overview import OVERVIEW
from scoro_smartaccounts.page.words.table import Words
from scoro_smartaccounts.page.words.undoing import UNDOING

TABLES = (FRAME, OVERVIEW, IMPORTING, DOCUMENTS, DECISIONS, AUDIT, UNDOING)
WORDS: Words = {key: words for table in TABLES for key, words in table.items()}


def said(language: Language, key: str, **values: object) -> str:
    """Return the words of a key, its placeholders filled in."""
    return said_on_page(WORDS[key][language == "en"], values, language)
