"""How people write a party's name down."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from tests.matching import words
from tests.matching.entities import STREET_KINDS, Entity
from tests.matching.typing_errors import has_dots, mojibake, spelled_dots, typo, without_dots

_SPELLED = {
    "OÜ": "osaühing",
    "AS": "aktsiaselts",
    "MTÜ": "mittetulundusühing",
    "FIE": "füüsilisest isikust ettevõtja",
    "TÜ": "täisühing",
    "UÜ": "usaldusühing",
    "SA": "sihtasutus",
    "KÜ": "korteriühistu",
    "Oy": "Osakeyhtiö",
    "AB": "Aktiebolag",
    "SIA": "Sabiedrība ar ierobežotu atbildību",
    "UAB": "Uždaroji akcinė bendrovė",
    "GmbH": "Gesellschaft mbH",
    "Ltd": "Limited",
}
_STREETS = {"tee": ("tee",), "pst": ("pst", "puiestee", "pst."), "mnt": ("mnt", "maantee", "mnt.")}
_MISSPELT = {
    "OÜ": ("OY", "0Ü", "OüÜ", "osaühig", "osaühng", "osauhing", "QÜ", "oü."),
    "AS": ("A/S", "A.S.", "AKTSIASELST", "aktsiaselt", "As."),
    "MTÜ": ("MTU", "MTÜ.", "mittetulundusühig", "M.T.Ü."),
    "FIE": ("F.I.E.", "fie", "FIE."),
    "SA": ("S.A.", "sihtasustus"),
    "KÜ": ("K/Ü", "korteriühistü", "KU"),
    "UÜ": ("UU", "usaldusühnig"),
    "TÜ": ("TU", "täisühng"),
}
_SHORT = {
    "kinnisvara": ("KV", "kinnisv."),
    "ehitus": ("eh.", "Ehit."),
    "grupp": ("Group", "Gr.", "Grp"),
    "raamatupidamine": ("RMP", "raamatup."),
    "arendus": ("arend.", "Arendused"),
    "logistika": ("Log.", "Logistics"),
    "transport": ("Transp.", "Trans"),
    "teenused": ("teen.", "Teenus"),
    "konsult": ("Consult", "Konsultatsioonid"),
    "trading": ("Trad.", "Treiding"),
    "partnerid": ("Partners", "Partn."),
    "solutions": ("Sol.", "Solution"),
}


@dataclass(frozen=True, slots=True)
class Habits:
    """How careless the writers of one system are: chances, 0-1. `no_form`: the company form left out."""

    no_form: float
    odd_form: float
    typo: float
    no_dots: float
    mojibake: float
    words: float
    extra: float


SCORO = Habits(no_form=0.3, odd_form=0.1, typo=0.07, no_dots=0.07, mojibake=0.006, words=0.07, extra=0.035)
SMARTACCOUNTS = Habits(no_form=0.06, odd_form=0.08, typo=0.025, no_dots=0.03, mojibake=0.015, words=0.03, extra=0.012)


def written_name(rng: Random, entity: Entity, habits: Habits) -> tuple[str, set[str]]:
    """The name as one record has it, and what happened to it."""
    done: set[str] = set()
    name = entity.name
    if entity.former and rng.random() < 0.5:
        name = entity.former
        done.add("old name")
    write = _persons if entity.is_person else _companys
    name = write(rng, name, entity, habits, done)
    if rng.random() < habits.typo:
        name = typo(rng, name)
        done.add("typo")
        if rng.random() < 0.2:
            name = typo(rng, name)
            done.add("two typos")
    if has_dots(name):
        draw = rng.random()
        if draw < habits.no_dots:
            name = without_dots(name)
            done.add("no dots")
        elif draw < habits.no_dots * 1.15:
            name = spelled_dots(name)
            done.add("dots spelled out")
        elif draw < habits.no_dots * 1.15 + habits.mojibake:
            name = mojibake(rng, name)
            done.add("mojibake")
    draw = rng.random()
    if draw < 0.05:
        name = name.upper()
    elif draw < 0.08:
        name = name.lower()
    if rng.random() < 0.03:
        name = rng.choice((f" {name}", f"{name} ", name.replace(" ", "  ")))
    return name, done


def _persons(rng: Random, name: str, _: Entity, habits: Habits, done: set[str]) -> str:
    first, last = name.rsplit(" ", 1)
    if "-" in first and rng.random() < 0.25:
        first = rng.choice((first.replace("-", " "), first.replace("-", "").capitalize(), first.split("-")[0]))
        done.add("double name")
    draw = rng.random()
    if draw < 0.15:
        done.add("last name first")
        return f"{last} {first}"
    if draw < 0.19:
        done.add("last name first")
        return f"{last}, {first}"
    if draw < 0.19 + habits.words * 0.3:
        done.add("initial")
        return f"{first[0]}. {last}"
    return f"{first} {last}"


def _companys(rng: Random, name: str, entity: Entity, habits: Habits, done: set[str]) -> str:
    if rng.random() < habits.words:
        name = _other_words(rng, name, done)
    if " ja " in name and rng.random() < 0.4:
        name = name.replace(" ja ", rng.choice((" & ", "&", " and ", " + ")))
        done.add("and")
    elif " & " in name and rng.random() < 0.4:
        name = name.replace(" & ", rng.choice((" ja ", "&", " and ", " ")))
        done.add("and")
    if rng.random() < 0.02:
        name = rng.choice(('"{}"', "„{}“", "'{}'")).format(name)
    name = _with_form(rng, name, entity, habits, done)
    if rng.random() < habits.extra:
        done.add("extra words")
        name += rng.choice(
            (
                " (Tallinn)",
                f" / {rng.choice(words.FIRST_NAMES)}",
                " - ostja",
                " Eesti",
                " Estonia",
                " (uus)",
                " VANA",
                "*",
            )
        )
    return name


def _other_words(rng: Random, name: str, done: set[str]) -> str:
    parts = name.split()
    lower = [part.lower() for part in parts]
    short = next((word for word in _SHORT if word in lower), None)
    if short is not None and rng.random() < 0.5:
        done.add("abbreviation")
        parts[lower.index(short)] = rng.choice(_SHORT[short])
        return " ".join(parts)
    if len(parts) == 1:
        if len(name) > 7 and rng.random() < 0.6:
            done.add("split word")
            place = next((i for i in range(3, len(name) - 3) if name.lower()[i:] in words.TRADES), len(name) // 2)
            return f"{name[:place]} {name[place:].capitalize()}"
        return name
    draw = rng.random()
    if draw < 0.4:
        done.add("joined words")
        return "".join([parts[0], *(part.lower() for part in parts[1:])])
    if draw < 0.7:
        done.add("swapped words")
        return " ".join([*parts[1:], parts[0]])
    done.add("dropped word")
    return " ".join(parts[:-1])


def _with_form(rng: Random, name: str, entity: Entity, habits: Habits, done: set[str]) -> str:
    form = entity.form
    if form == "filiaal":
        return name
    if form == "KÜ" and " " in name and rng.random() < 0.5:
        street, house = name.rsplit(" ", 1)
        bare, _, kind = street.rpartition(" ")
        if kind in STREET_KINDS:
            name = f"{bare} {rng.choice(_STREETS[kind])} {house}"
            if rng.random() < 0.08:
                name = f"{bare} {house}"
                done.add("no street kind")
        else:
            name = f"{street} {rng.choice(('tn', 'tänav'))} {house}"
        if rng.random() < 0.4:
            name = f"{entity.address.city}, {name}"
        done.add("street name")
    if rng.random() < habits.no_form:
        done.add("no form")
        return name
    if rng.random() < habits.odd_form:
        done.add("odd form")
        form = rng.choice((_SPELLED.get(form, form), *_MISSPELT.get(form, (form.lower(),))))
    before = {"FIE": 0.6, "KÜ": 0.5}.get(entity.form, 0.02 if entity.country != "EE" else 0.22)
    if rng.random() < before:
        return f"{form} {name}"
    return rng.choice((f"{name} {form}", f"{name} {form}", f"{name} {form}", f"{name}, {form}"))
