"""Invented clients and suppliers."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import cycle
from random import Random
from typing import Any

from scoro_smartaccounts_sandbox.generator import words
from scoro_smartaccounts_sandbox.generator.features import Feature
from scoro_smartaccounts_sandbox.scoro.codes import bank_account, personal_code, registry_code, vat_number
from scoro_smartaccounts_sandbox.scoro.fields import Record

# Registry codes and VAT numbers are taken from blocks that have not been given out.
_REGISTRY_BLOCK = 1900100
_VAT_BLOCK = 10910000
# Name, country as Scoro has it, city, VAT number; the numbers pass their countries' checks.
_FOREIGN: tuple[tuple[str, str, str, str], ...] = (
    ("Esimerkki Oy", "fin", "Helsinki", "FI99999992"),
    ("Paraugs SIA", "lva", "Rīga", "LV49999999903"),
    ("Beispiel GmbH", "deu", "Berlin", "DE999999995"),
    ("Example Widgets Inc.", "usa", "Springfield", ""),
    ("Malli Palvelut Oy", "fin", "Oulu", "FI99999984"),
    ("Exempel Handels AB", "Sweden", "Stockholm", ""),
)
_FOREIGN_SUPPLIERS: tuple[tuple[str, str, str, str], ...] = (
    ("Tukkumalli Oy", "fin", "Turku", "FI99999909"),
    ("Piemērs SIA", "lva", "Liepāja", "LV49999999918"),
    ("Muster Lieferung GmbH", "deu", "Hamburg", "DE999999903"),
    ("Sample Cloud Inc.", "usa", "Springfield", ""),
)


def quota(rng: Random, population: int, share: float) -> set[int]:
    """Which of ``population`` places have a trait: the share of them, and at least one."""
    if not population:
        return set()
    return set(rng.sample(range(population), min(population, max(1, round(share * population)))))


def partners(
    rng: Random, count: int, before: datetime, features: frozenset[Feature], *, suppliers: bool
) -> Iterator[Record]:
    """``count`` contacts created before a moment: clients, or suppliers."""

    def chosen(feature: Feature, share: float) -> set[int]:
        return quota(rng, count, share) if feature in features else set()

    foreign = chosen(Feature.FOREIGN_CLIENTS, 0.12)
    persons = set() if suppliers else chosen(Feature.PRIVATE_PERSONS, 0.1) - foreign
    if Feature.FOREIGN_CLIENTS in features:
        foreign |= set(range(min(count // 2, len(_FOREIGN)))) - persons
    no_country = chosen(Feature.FOREIGN_CLIENTS, 0.03) - foreign
    no_code = chosen(Feature.MISSING_ID_CODE, 0.08) - persons
    odd = chosen(Feature.ODD_LETTERS, 0.04) - foreign - persons
    escaped = chosen(Feature.ESCAPED_TEXT, 0.04) - foreign - persons - odd
    long = chosen(Feature.LONG_ADDRESSES, 0.04) - foreign
    taken: set[str] = set()
    odd_names, escaped_names = cycle(words.ODD_NAMES), cycle(words.ESCAPED_NAMES)
    for place in range(count):
        moment = before - timedelta(days=rng.randint(10, 900), seconds=rng.randint(0, 80_000))
        serial = place + (50_000 if suppliers else 0)
        if place in foreign:
            contact = _foreign_company(serial, place, _FOREIGN_SUPPLIERS if suppliers else _FOREIGN)
        elif place in persons:
            contact = _person(rng, place)
        else:
            contact = _company(rng, serial, taken)
        if place in odd:
            contact["name"] = f"{next(odd_names)} {serial}"
        if place in escaped:
            contact["name"] = f"{next(escaped_names)} {serial}"
            contact["addresses"][0]["street"] += "\r\nII korrus"
        if place in no_code:
            contact["id_code"] = ""
        if place in no_country:
            contact["addresses"][0]["country"] = ""
        if place in long:
            contact["addresses"][0].update(street=words.LONG_STREET, city=words.LONG_CITY)
        _finish(rng, contact, moment, suppliers=suppliers)
        yield contact


def _company(rng: Random, serial: int, taken: set[str]) -> Record:
    # A name that was used gets a number: real registers do not hold the same name twice either.
    stem = rng.choice(words.COMPANY_FIRST) + rng.choice(words.COMPANY_SECOND)
    name = stem if stem not in taken else f"{stem} {serial}"
    taken.add(name)
    return {
        "name": rng.choice(words.COMPANY_FORMS).format(name),
        "contact_type": "company",
        "id_code": registry_code(_REGISTRY_BLOCK + serial),
        "vatno": vat_number(_VAT_BLOCK + serial) if rng.random() < 0.8 else "",
        "bankaccount": bank_account(rng.choice((22, 10, 77, 42)), rng.randrange(10**10)),
        "addresses": [_estonian_address(rng)],
    }


def _person(rng: Random, serial: int) -> Record:
    born = f"{rng.randint(60, 99)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
    return {
        "name": rng.choice(words.FIRST_NAMES),
        "lastname": rng.choice(words.LAST_NAMES),
        "contact_type": "person",
        "id_code": personal_code(f"{rng.choice('34')}{born}{serial % 1000:03d}"),
        "addresses": [_estonian_address(rng)],
    }


def _foreign_company(serial: int, place: int, models: tuple[tuple[str, str, str, str], ...]) -> Record:
    name, country, city, vatno = models[place % len(models)]
    again = place // len(models)
    return {
        "name": f"{name} {again}" if again else name,
        "contact_type": "company",
        "id_code": f"F{serial + 1000}",
        # Only the first of a kind has the VAT number: the same one twice would be another matter.
        "vatno": "" if again else vatno,
        "addresses": [_address(country, "", city, f"Example Street {serial + 1}", "00100")],
    }


def _estonian_address(rng: Random) -> dict[str, str]:
    city, county, zipcode = rng.choice(words.CITIES)
    return _address("est", county, city, f"{rng.choice(words.STREETS)} {rng.randint(1, 99)}", zipcode)


def _address(country: str, county: str, city: str, street: str, zipcode: str) -> dict[str, str]:
    return {
        "country": country,
        "county": county,
        "municipality": "",
        "city": city,
        "street": street,
        "zipcode": zipcode,
    }


def _finish(rng: Random, contact: dict[str, Any], moment: datetime, *, suppliers: bool) -> None:
    for address in contact["addresses"]:
        parts = (address["street"], f"{address['zipcode']} {address['city']}")
        address["full_address"] = ", ".join(parts)
    contact.update(
        is_client=int(not suppliers),
        is_supplier=int(suppliers),
        client_profile_id=4 if rng.random() < 0.9 else 5,
        means_of_contact={"email": ["arved@klient.example"]} if rng.random() < 0.8 else None,
        tags=["VIP"] if rng.random() < 0.1 else None,
        created_date=moment,
        modified_date=moment,
    )


def deadline_days(contact: Record) -> int:
    """Payment term of a generated contact."""
    return 30 if contact["client_profile_id"] == 5 else 14


def is_abroad(contact: Record) -> bool:
    """Has an address whose country is given and is not Estonia."""
    return contact["addresses"][0]["country"] not in ("", "est")


def in_union(contact: Record) -> bool:
    """A company with a VAT number of another member state."""
    return is_abroad(contact) and bool(contact.get("vatno"))


def discount_of(rng: Random) -> Decimal:
    """A usual discount percent."""
    return Decimal(rng.choice(("5", "10", "12.5", "25", "33.333333")))
