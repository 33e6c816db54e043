"""Parties that are easily taken for each other: by town, by street, by a number that means something else elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from tests.matching import words
from tests.matching.entities import STREET_KINDS, Entity, Maker, court

_TOWNS = tuple({city: (city, postal_code) for city, postal_code in words.CITIES if " " not in city}.values())
_FOREIGN_FORMS = {"GB": "Ltd", "DK": "ApS", "CZ": "s.r.o."}


def town_sisters(maker: Maker) -> Iterator[Entity]:
    """Companies of one owner that are called after their towns: mostly one mailbox, at times one account."""
    rng = maker.rng
    stem = maker.fresh_stem()
    if rng.random() < 0.6:
        stem = f"{stem} {rng.choice(words.TRADES).capitalize()}"
    town_first, one_mailbox, one_account = rng.random() < 0.3, rng.random() < 0.7, rng.random() < 0.2
    first: Entity | None = None
    for city, postal_code in rng.sample(_TOWNS, rng.randint(2, 4)):
        one = maker.company(f"{city} {stem}" if town_first else f"{stem} {city}", "OÜ")
        first = first or one
        yield replace(
            one,
            emails=first.emails if one_mailbox else one.emails,
            bank_account=first.bank_account if one_account else one.bank_account,
            address=replace(one.address, city=city, postal_code=postal_code),
            traits=frozenset({"town sisters"}),
        )


def street_twins(maker: Maker) -> Iterator[Entity]:
    """Housing associations of a street and a road or avenue of the same name, at times with one manager's mailbox."""
    rng = maker.rng
    street, house = rng.choice(words.STREETS), rng.randint(1, 140)
    one_mailbox = rng.random() < 0.5
    first: Entity | None = None
    for kind in rng.sample(("", *STREET_KINDS), rng.choice((2, 2, 3))):
        one = maker.company(" ".join(filter(None, (street, kind, str(house)))), "KÜ")
        first = first or one
        place = replace(one.address, street=f"{street} {kind}".strip(), house=str(house))
        yield replace(
            one,
            emails=first.emails if one_mailbox else one.emails,
            address=place,
            traits=frozenset({"street twins"}),
        )


def vat_group(maker: Maker) -> Iterator[Entity]:
    """Companies that are one taxable person: one VAT number, registry codes of their own, names of any kind."""
    rng = maker.rng
    head = maker.company(maker.fresh_stem(), "AS")
    number = head.vat_number or maker.vat_number()
    yield replace(head, vat_number=number, traits=frozenset({"VAT group"}))
    for _ in range(rng.randint(1, 4)):
        draw = rng.random()
        if draw < 0.4:
            name, form = f"{head.name} {rng.choice(words.TRADES).capitalize()}", "OÜ"
        elif draw < 0.5:
            name, form = head.name, "OÜ"
        else:
            name, form = "", rng.choice(("OÜ", "OÜ", "AS"))
        member = maker.company(name, form)
        yield replace(
            member,
            vat_number=number,
            emails=head.emails if rng.random() < 0.3 else member.emails,
            traits=frozenset({"VAT group"}),
        )


def code_twins(maker: Maker) -> Iterator[Entity]:
    """An Estonian company, and a foreign one that has the same eight digits in its own country's register."""
    rng = maker.rng
    one = maker.company(form="OÜ")
    country = rng.choice(tuple(_FOREIGN_FORMS))
    other = replace(
        maker.foreign(), country=country, form=_FOREIGN_FORMS[country], vat_number="", registry_code=one.registry_code
    )
    if rng.random() < 0.3:
        other = replace(other, name=one.name)
    yield replace(one, traits=frozenset({"code twins"}))
    yield replace(other, traits=frozenset({"code twins", "foreign"}))


def court_twins(maker: Maker) -> Iterator[Entity]:
    """Two German companies with one number in the registers of two courts."""
    rng = maker.rng
    number = f"HRB {rng.randint(1_000, 250_000)}"
    for name_of_court in rng.sample(words.COURTS, 2):
        yield replace(
            maker.foreign(),
            country="DE",
            form="GmbH",
            vat_number="",
            registry_code=court(rng, name_of_court, number),
            traits=frozenset({"court twins", "foreign"}),
        )


def stand_in(rng: Random, *, vat: bool = False) -> str:
    """What people write where a field must not stay empty."""
    if vat:
        return rng.choice(("-", "0", "ei ole", "n/a", "EE000000000", "EE123456789", "EE999999999", "000000000"))
    return rng.choice(
        (
            *("0", "-", "puudub", "n/a", "1", "000", "xxx", "00000000", "11111111", "99999999", "12345678", "87654321"),
            *("00000001", "123456789", "1234567890", "0000000000", "12345"),
        )
    )
