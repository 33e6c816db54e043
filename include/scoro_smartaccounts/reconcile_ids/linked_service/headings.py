"""The headings of SmartAccounts' lists that mean something here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from scoro_smartaccounts.common.assumptions import CSV_SERVICE_COLUMN, CSV_SERVICE_ID_COLUMN
from scoro_smartaccounts.reconcile_ids.linked_service.wrong_file import Fault, WrongFile
from scoro_smartaccounts.staging.links import Kind

CODE = "Kood"
NAME = "Nimi"
REGISTRY_CODE = "Registrikood"
VAT_NUMBER = "KMKR number"

# Places of the headings in a row, by their names as written here.
Columns = Mapping[str, int]

_LINKS = (CSV_SERVICE_COLUMN, CSV_SERVICE_ID_COLUMN)
# By what a list is found and told apart: the first is what each row of it must have.
_ARTICLES = (CODE, "Kirjeldus", "Tüüp", "Ühik", "KM", "Hind", "Ostuhind")
_PARTNERS = (NAME, REGISTRY_CODE, VAT_NUMBER, "Aadress", "Kontaktandmed")
_KNOWN = (*_LINKS, *_ARTICLES, *_PARTNERS)


def count_known(headings: Iterable[str]) -> int:
    """How many different known headings a row holds."""
    return len({_plain(name) for name in _KNOWN} & set(map(_plain, headings)))


def columns_of(headings: Sequence[str], line: int, kind: Kind) -> Columns:
    """Return the places of the known headings; raises WrongFile where those that `kind` needs are not there just
    once."""
    places: dict[str, list[int]] = {}
    for place, heading in enumerate(headings):
        places.setdefault(_plain(heading), []).append(place)
    used = (*_LINKS, CODE) if kind is Kind.ARTICLE else (*_LINKS, NAME, REGISTRY_CODE, VAT_NUMBER)
    needed = (*_LINKS, _ARTICLES[0] if kind is Kind.ARTICLE else _PARTNERS[0])
    faults = [
        Fault(line, name, "the column stands twice; remove one of them")
        for name in used
        if len(places.get(_plain(name), [])) > 1
    ]
    if needed[-1] != CODE and _plain(NAME) not in places and _plain(CODE) in places:
        faults.append(Fault(line, NAME, f"this is a list of articles, not of {kind}s"))
    elif needed[-1] == CODE and _plain(CODE) not in places and _plain(NAME) in places:
        faults.append(Fault(line, CODE, "this is a list of clients or vendors, not of articles"))
    else:
        faults += [
            Fault(line, name, "the column is missing; export the list from SmartAccounts with this column")
            for name in needed
            if _plain(name) not in places
        ]
    if faults:
        raise WrongFile(faults)
    return {name: places[_plain(name)][0] for name in used if _plain(name) in places}


def _plain(heading: str) -> str:
    return " ".join(heading.strip().strip('"').split()).casefold()
