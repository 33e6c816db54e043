"""The words of the meeting's report, in Estonian and in English."""

from __future__ import annotations

from typing import Literal

from scoro_smartaccounts.meeting.assumption import Follows
from scoro_smartaccounts.meeting.verdict import State

Language = Literal["et", "en"]
LANGUAGES: tuple[Language, ...] = ("et", "en")

TITLE = {"et": "Teenustega tutvumine", "en": "Meeting the services"}
COLUMNS = {
    "et": ("Süsteem", "Eeldus", "Otsus", "Loetud", "Tõendid (poolt : vastu)", "Mis järgneb"),
    "en": ("System", "Assumption", "Verdict", "Read as", "Evidence (for : against)", "What follows"),
}
STATES = {
    State.CONFIRMED: {"et": "kinnitatud", "en": "confirmed"},
    State.CONTRADICTED: {"et": "ümber lükatud", "en": "contradicted"},
    State.NO_EXAMPLE: {"et": "näidet ei ole", "en": "no example"},
}
FOLLOWS = {
    Follows.EITHER: {"et": "Midagi: loetakse mõlemat pidi", "en": "Nothing: it is read either way"},
    Follows.READ_SO: {
        "et": "Edaspidi loetakse ja saadetakse nii, nagu nähti",
        "en": "Read and sent as it was seen from now on",
    },
    Follows.HELD: {
        "et": "Neid dokumente hoitakse kinni, muud lähevad",
        "en": "These documents are held, all others go on",
    },
    Follows.TOLD: {
        "et": "Iga selline dokument saab hoiatuse või põhjuse",
        "en": "Each such document gets a warning or a reason",
    },
}
NO_EXAMPLE = {
    "et": "Esimene omasugune läheb üksi ja võrreldakse",
    "en": "The first of its kind goes alone and is compared",
}
NOTHING = {"et": "Selgub esimesest näitest", "en": "The first example tells"}
SUMMARY = {
    "et": "{confirmed} kinnitatud, {contradicted} ümber lükatud, {no_example} ilma näiteta; päringuid {asked}.",
    "en": "{confirmed} confirmed, {contradicted} contradicted, {no_example} without an example; requests {asked}.",
}
OTHERS = {
    "et": "Ülejäänud eelduste kohta ei ütle lugemine midagi (docs/assumptions.md).",
    "en": "Of the other assumptions nothing that can be read tells anything (docs/assumptions.md).",
}
