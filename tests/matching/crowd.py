"""Parties that stand in each other's way: groups, namesakes, bureaus' clients, families, owners, branches; with those
that are easily taken for each other (lookalikes.py)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

from scoro_smartaccounts_sandbox.scoro.codes import bank_account
from tests.matching import words
from tests.matching.entities import Entity, Maker
from tests.matching.lookalikes import code_twins, court_twins, street_twins, town_sisters, vat_group


def population(rng: Random, count: int) -> list[Entity]:
    """About `count` parties that stand in each other's way."""
    made: list[Entity] = []
    maker = Maker(rng)
    bureaus = [f"info@{words.slug(words.brand(rng))}raamatud.example" for _ in range(max(1, count // 250))]
    while len(made) < count:
        made.extend(_next_ones(maker, bureaus))
    return made


def _next_ones(maker: Maker, bureaus: list[str]) -> Iterator[Entity]:
    rng = maker.rng
    draw = rng.random()
    if draw < 0.16:
        yield from _people(maker)
    elif draw < 0.22:
        yield maker.foreign()
    elif draw < 0.25:
        yield from _group(maker)
    elif draw < 0.265:
        yield from _series(maker)
    elif draw < 0.285:
        yield from _same_name(maker)
    elif draw < 0.31:
        yield from _nearly_same_name(maker)
    elif draw < 0.32:
        yield from _branch(maker)
    elif draw < 0.328:
        yield from town_sisters(maker)
    elif draw < 0.333:
        yield from street_twins(maker)
    elif draw < 0.337:
        yield from vat_group(maker)
    elif draw < 0.341:
        yield from code_twins(maker)
    elif draw < 0.344:
        yield from court_twins(maker)
    else:
        company = maker.company()
        if company.form not in ("KÜ", "FIE") and rng.random() < 0.04:
            company = replace(company, former=maker.company().name, traits=frozenset({"renamed"}))
        elif rng.random() < 0.12:
            bureau = rng.choice(bureaus)
            company = replace(company, emails=company.emails | {"bureau": bureau}, traits=frozenset({"bureau"}))
        elif rng.random() < 0.01:
            company = replace(company, bank_account=_FACTORING, traits=frozenset({"factoring"}))
        yield company


_FACTORING = bank_account(22, 1_234_567_890_123)


def _people(maker: Maker) -> Iterator[Entity]:
    rng = maker.rng
    person = maker.person()
    first, last = person.name.rsplit(" ", 1)
    draw = rng.random()
    if draw < 0.05:
        namesake = maker.person(person.name)
        yield replace(person, traits=frozenset({"namesake"}))
        yield replace(namesake, traits=frozenset({"namesake"}))
    elif draw < 0.13:
        spouse = maker.person(
            f"{rng.choice([n for n in words.FIRST_NAMES if n != first])} {last}",
            emails=person.emails,
            address=person.address,
        )
        yield replace(person, traits=frozenset({"family"}))
        yield replace(spouse, traits=frozenset({"family"}))
    elif draw < 0.24:
        name = rng.choice((person.name, f"{last} {rng.choice(words.TRADES).capitalize()}", last))
        own = maker.company(
            name, rng.choice(("OÜ", "OÜ", "FIE")), emails=person.emails | {"invoices": person.emails["main"]}
        )
        if rng.random() < 0.5:
            own = replace(own, address=person.address)
        yield replace(person, traits=frozenset({"owner"}))
        yield replace(own, traits=frozenset({"owner"}))
    else:
        yield person


def _group(maker: Maker) -> Iterator[Entity]:
    """A parent and its subsidiaries: one domain, mostly one address, at times one account or one VAT number."""
    rng = maker.rng
    stem = maker.fresh_stem()
    parent = maker.company(f"{stem} Grupp", "AS")
    if rng.random() < 0.5:
        parent = replace(parent, name=stem)
    yield replace(parent, traits=frozenset({"group"}))
    one_account, one_vat, one_place = rng.random() < 0.2, rng.random() < 0.15, rng.random() < 0.7
    for trade in rng.sample(words.TRADES, rng.randint(1, 5)):
        child = maker.company(f"{stem} {trade.capitalize()}", "OÜ", emails=parent.emails)
        yield replace(
            child,
            bank_account=parent.bank_account if one_account else child.bank_account,
            vat_number=parent.vat_number if one_vat else child.vat_number,
            address=parent.address if one_place else child.address,
            traits=frozenset({"group"}),
        )


def _series(maker: Maker) -> Iterator[Entity]:
    """Companies that differ by a number, under one roof."""
    rng = maker.rng
    stem = f"{maker.fresh_stem()} {rng.choice(('Arendus', 'Invest', 'Kinnisvara'))}"
    first = maker.company(f"{stem} 1", "OÜ")
    yield replace(first, traits=frozenset({"series"}))
    for number in range(2, rng.randint(3, 6)):
        other = maker.company(f"{stem} {number}", "OÜ", emails=first.emails, address=first.address)
        yield replace(other, traits=frozenset({"series"}))


def _same_name(maker: Maker) -> Iterator[Entity]:
    """Another company of the same name: of another form, or of another town and time."""
    one = maker.company()
    other_form = maker.rng.choice([form for form in ("OÜ", "AS", "MTÜ", one.form) if form])
    other = maker.company(one.name, other_form)
    yield replace(one, traits=frozenset({"same name"}))
    yield replace(other, traits=frozenset({"same name"}))


def _nearly_same_name(maker: Maker) -> Iterator[Entity]:
    rng = maker.rng
    one = maker.company()
    place = rng.randrange(1, len(one.name))
    letter = rng.choice("aeioukltrsm")
    name = one.name[:place] + letter + one.name[place + 1 :]
    if name.lower() == one.name.lower():
        name = one.name + "a"
    yield replace(one, traits=frozenset({"near name"}))
    yield maker.company(name, one.form, traits=frozenset({"near name"}))


def _branch(maker: Maker) -> Iterator[Entity]:
    """A foreign company and its Estonian branch, which has a registry code of its own."""
    head = maker.foreign()
    yield replace(head, traits=frozenset({"foreign", "branch"}))
    yield maker.company(
        f"{head.name} {head.form} Eesti filiaal", "filiaal", emails=head.emails, traits=frozenset({"branch"})
    )
