"""Room matching/identity. Names: what is the same once form, case, diacritics, punctuation and order are gone, and
what is not."""

from __future__ import annotations

import pytest

from scoro_smartaccounts.matching.identity.names import Likeness, compare_names, forms_clash, read_name


def likeness(one: str, other: str, *, persons: bool = False) -> Likeness:
    return compare_names(read_name(one), read_name(other), persons=persons)[0]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Näidis OÜ", "OÜ Näidis"),
        ("Näidis OÜ", "NAIDIS"),
        ("Näidis OÜ", "Näidis, osaühing"),
        ("Näidis OÜ", "osaühig Näidis"),
        ("Näidis OÜ", "Näidis O.Ü."),
        ("Näidis AS", "aktsiaselts Näidis"),
        ("Näidis AS", "A/S Näidis"),
        ("Näidis MTÜ", "Mittetulundusühing Näidis"),
        ("Malli Palvelut Oy", "malli palvelut osakeyhtiö"),
        ("Paraugs SIA", "Sabiedrība ar ierobežotu atbildību Paraugs"),
        ("Beispiel GmbH", "Beispiel Gesellschaft mbH"),
        ("Kivi & Käbi OÜ", "Kivi ja Käbi"),
        ("Kivi &amp; Käbi OÜ", "Kivi and Käbi OÜ"),
        ("Põhja Ehitus OÜ", "Põhjaehitus OÜ"),
        ("Ehitus Põhja", "Põhja Ehitus OÜ"),
        ("PÃµhja Ehitus OÜ", "Põhja Ehitus OÜ"),
        ("„Näidis“ OÜ", "'Näidis' OÜ"),
        ("Eesti-Soome Kaubandus", "Eesti Soome Kaubandus"),
        ("KÜ Kuldkala tn 12", "Tallinn, Kuldkala 12 korteriühistu"),
        ("Mets, Mari-Liis", "Mari Liis Mets"),
        ("SA43 OÜ", "OÜ SA43"),
    ],
)
def test_the_same_name_however_it_is_written(one: str, other: str) -> None:
    assert likeness(one, other) is Likeness.SAME


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kuuselaane Ehitus", "Kuuselane Ehitus"),
        ("Kuuselaane Ehitus", "Kuuselaane Ehtius"),
        ("Pähklimägi", "P?hklim?gi"),
        ("Pähklimägi", "Paehklimaegi"),
    ],
)
def test_a_slip_of_the_pen(one: str, other: str) -> None:
    assert likeness(one, other) is Likeness.CLOSE


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Näidis Arendus 1 OÜ", "Näidis Arendus 2 OÜ"),
        ("Näidis Arendus I OÜ", "Näidis Arendus II OÜ"),
        ("Projekt A OÜ", "Projekt B OÜ"),
        ("Näidis Kinnisvara", "Näidis Kirjastus"),
        ("Kuldkala 12 KÜ", "Kuldkala 14 KÜ"),
    ],
)
def test_sisters_are_not_the_same(one: str, other: str) -> None:
    assert likeness(one, other) is Likeness.DIFFERENT


@pytest.mark.parametrize(
    ("one", "other"), [("Näidis", "Näidis Grupp"), ("Näidis Oy", "Näidis Oy Eesti filiaal"), ("KLM Ehitus", "KLM Eh.")]
)
def test_a_part_is_no_more_than_a_part(one: str, other: str) -> None:
    assert likeness(one, other) <= Likeness.FUZZY


def test_a_letter_in_a_short_word_makes_another_word() -> None:
    assert likeness("KLM Ehitus", "KLN Ehitus") is Likeness.FUZZY


def test_a_note_behind_the_name_makes_it_less_sure() -> None:
    assert likeness("Näidis OÜ (Tartu)", "Näidis OÜ") is Likeness.FUZZY
    assert likeness("Näidis OÜ VANA", "Näidis OÜ") is Likeness.FUZZY
    assert likeness("Näidis - Mari", "Näidis") is Likeness.FUZZY


def test_another_first_name_is_another_person() -> None:
    assert likeness("Mari Kuuselaanemägi", "Mart Kuuselaanemägi", persons=True) is not Likeness.SAME
    assert likeness("Säde Suitsupääsuke", "Sander Suitsupääsuke", persons=True) is Likeness.DIFFERENT
    assert likeness("M. Suitsupääsuke", "Mari Suitsupääsuke", persons=True) is Likeness.PART


def test_forms() -> None:
    assert forms_clash("OÜ", "AS")
    assert not forms_clash("OÜ", "")
    assert not forms_clash("OÜ", read_name("Näidis Oy").form)
    assert read_name("OÜ").words == ("ou",)
