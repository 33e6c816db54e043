"""The notes of a plan in Estonian. They carry numbers, amounts and places, so each is told from its English form."""

from __future__ import annotations

import re
from collections.abc import Callable

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.report.reasons import reason_in_estonian

_Match = re.Match[str]

_COUNTRIES = {"is not given in Scoro": "ei ole Scoros märgitud", "is Estonia": "on Eesti"}
_PLACES = (
    (r"line (\d+)", r"rida \1"),
    (r"contact (\S+?): (.+)", r"kontakt \1: \2"),
    (r"product (\S+?): (.+)", r"toode \1: \2"),
)
_PARTS = {
    "name": "nimi",
    "bank account": "pangakonto",
    "e-mail": "e-post",
    "phone": "telefon",
    "street": "tänav",
    "county": "maakond",
    "city": "linn",
    "postal code": "sihtnumber",
    "unit": "ühik",
    "country": "riik",
    "address1": "aadress",
    "address2": "aadressi teine rida",
    "postalCode": "sihtnumber",
}

_NOTES: tuple[tuple[str, Callable[[_Match], str]], ...] = (
    (
        r"(.+): told as one piece, since no price times its quantity comes to (\S+)",
        lambda m: f"{_place(m[1])}: kantakse ühe tükina, sest ükski hind korda kogus ei anna summat {m[2]}",
    ),
    (r"(.+): unprintable characters were dropped", lambda m: f"{_place(m[1])}: mittetrükitavad märgid jäeti välja"),
    (
        r"(.+): characters that SmartAccounts does not take were replaced by (\S+)",
        lambda m: f"{_place(m[1])}: märgid, mida SmartAccounts ei võta, asendati märgiga {m[2]}",
    ),
    (
        r"(.+: \w+) was cut to (\d+) characters",
        lambda m: f"{_place(m[1])}: lühendati {m[2]} märgini",
    ),
    (
        r"credits (\d+) invoices; SmartAccounts links one: (.+)",
        lambda m: f"krediteerib {m[1]} arvet; SmartAccounts seob ühe: {m[2]}",
    ),
    (
        r"VAT code (\S+) is reverse charge, but the vendor's country (.+)",
        lambda m: f"käibemaksukood {m[1]} on pöördmaksustamine, kuid tarnija riik {_COUNTRIES.get(m[2], m[2])}",
    ),
    (
        r"VAT code (\S+) is no reverse charge, but the vendor is in the European Union \((\w+)\)",
        lambda m: f"käibemaksukood {m[1]} ei ole pöördmaksustamine, kuid tarnija on Euroopa Liidus ({m[2]})",
    ),
    (
        r"(invoice|bill) (.+) is overpaid by (\S+), booked as a prepayment",
        lambda m: f"{_document(m)} on üle makstud {m[3]} võrra, see kantakse ettemaksuks",
    ),
    (
        r"(invoice|bill) (.+): (\S+) of cash rounding is booked with it",
        lambda m: f"{_document(m)}: koos sellega kantakse sularaha ümardus {m[3]}",
    ),
    (
        r"(\w+) has no official rate; the rate of the document was taken",
        lambda m: f"valuutal {m[1]} ei ole ametlikku kurssi; võeti arve kurss",
    ),
    (r"without its part for (.+)", lambda m: f"ilma osata, mis on nende eest: {m[1]}"),
)


def in_estonian(flow: Flow, code: str, message: str) -> str:
    """A note as an Estonian bookkeeper reads it; one of an unknown form stays English."""
    if code != "note":
        return reason_in_estonian(flow, code, message)
    return note_in_estonian(message) or message


def note_in_estonian(message: str) -> str | None:
    """The message of a note, with or without the document's name in front; None where its form is not known."""
    bare = message.rstrip(".")
    for text in (bare.partition(": ")[2], bare):
        for pattern, say in _NOTES:
            if found := re.fullmatch(pattern, text):
                said = say(found)
                return f"{said[0].upper()}{said[1:]}."
    return None


def _place(text: str) -> str:
    for pattern, estonian in _PLACES:
        if found := re.fullmatch(pattern, text):
            return ": ".join(_PARTS.get(part, part) for part in found.expand(estonian).split(": "))
    return text


def _document(found: _Match) -> str:
    return f"{'arve' if found[1] == 'invoice' else 'ostuarve'} {found[2]}"
