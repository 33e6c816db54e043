"""Words of names and addresses that tell where: towns, and what kind of street."""

from __future__ import annotations

# Folded; what is not Estonian here is where Estonian companies have sisters. Genitives are those of the register.
TOWNS: dict[str, str] = {
    name: name
    for name in (
        *("abja", "antsla", "elva", "haapsalu", "johvi", "jogeva", "kallaste", "karksi", "kardla", "kehra", "keila"),
        *("kilinginomme", "kivioli", "kohtlajarve", "kunda", "kuressaare", "lihula", "loksa", "maardu"),
        *("moisakula", "mustvee", "narva", "narvajoesuu", "otepaa", "paide", "paldiski", "parnu", "poltsamaa", "polva"),
        *("pussi", "rakvere", "rapla", "rapina", "saue", "sillamae", "sindi", "tallinn", "tamsalu", "tapa", "tartu"),
        *("torva", "turi", "valga", "viljandi", "vohma", "voru", "valka", "riga", "vilnius", "helsinki", "stockholm"),
    )
} | {"tallinna": "tallinn", "riia": "riga", "helsingi": "helsinki"}

# A street of no kind that is told is mostly a street.
STREET = "tn"
STREET_KINDS: dict[str, str] = {
    "tn": STREET,
    "tanav": STREET,
    "mnt": "mnt",
    "maantee": "mnt",
    "pst": "pst",
    "puiestee": "pst",
    "tee": "tee",
}


def are_other_streets(kind: str, other: str) -> bool:
    """Are two kinds, both told, those of different streets?"""
    return bool(kind and other and kind != other)
