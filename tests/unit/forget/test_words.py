"""Room forget. A person is found however a name is written: as one sees it, not as its signs are stored."""

from __future__ import annotations

import unicodedata

import pytest

from scoro_smartaccounts.forget.words import words_typed

NAME = "Mõmmi-Õie Žäšk"


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("typed", ["NFC", "NFD"])
def test_letters_may_be_one_sign_or_two(form: str, typed: str) -> None:
    words = words_typed([unicodedata.normalize(typed, NAME)])  # type: ignore[arg-type]
    for text in (NAME, NAME.upper(), "žäšk, mõmmi-õie"):
        assert words.found_in(f"Arve: {unicodedata.normalize(form, text)} eest")  # type: ignore[arg-type]
    assert not words.found_in(unicodedata.normalize(form, "Mommi-Oie Žäšk"))  # type: ignore[arg-type]
    assert not words.found_in(unicodedata.normalize(form, f"{NAME}ä"))  # type: ignore[arg-type]


@pytest.mark.parametrize("sign", ["\u200b", "\u00ad", "\ufeff", "\u2060", "\u200d"])
def test_signs_that_nobody_sees_hide_nobody(sign: str) -> None:
    words = words_typed([NAME, "490-0101-0009"])
    assert words.found_in(f"Mõm{sign}mi-Õie {sign}Žäšk")
    assert words.found_in(f"490{sign}0101{sign}0009")
    assert words_typed([f"Mõm{sign}mi-Õie Žäšk", f"490{sign}01010009"]) == words
