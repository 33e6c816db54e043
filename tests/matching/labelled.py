"""The labelled set: the same parties as they stand in Scoro and in SmartAccounts, and who is who."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from random import Random

from scoro_smartaccounts.common.records import PartnerRecord
from tests.matching import words
from tests.matching.crowd import population
from tests.matching.entities import STREET_KINDS, Entity
from tests.matching.lookalikes import stand_in
from tests.matching.names import SCORO, SMARTACCOUNTS, Habits, written_name
from tests.matching.typing_errors import digit_typo, typo


@dataclass(frozen=True, slots=True)
class Chances:
    """How often a field is filled, 0-1."""

    registry_code: float
    vat_number: float
    bank_account: float
    email: float
    address: float
    country: float
    copied: float
    twice: float


_SCORO = Chances(0.66, 0.55, 0.28, 0.7, 0.62, 0.75, 0.006, 0.04)
_SMARTACCOUNTS = Chances(0.74, 0.72, 0.35, 0.55, 0.6, 0.85, 0.0025, 0.015)


@dataclass(frozen=True, slots=True)
class Record:
    """A party as one system has it. `facts`: what of it is true and unharmed; `damage`: what is not."""

    party: PartnerRecord
    entity: Entity
    facts: frozenset[tuple[str, str]]
    damage: frozenset[str]


@dataclass(frozen=True, slots=True)
class LabelledSet:
    """`truth`: remote ids by the source id that they are right for. `undecidable`: sources that share nothing with
    their remotes but a name that others have too, or not even that: a renamed company without any other data."""

    sources: tuple[Record, ...]
    remotes: tuple[Record, ...]
    truth: dict[str, frozenset[str]]
    undecidable: frozenset[str]

    def damages(self) -> dict[str, set[str]]:
        """What happened to a source's record and to its remotes', and what makes the party hard; by source id."""
        remotes = {record.party.id: record for record in self.remotes}
        found: dict[str, set[str]] = {}
        for source in self.sources:
            if own := self.truth.get(source.party.id):
                kinds = set(source.damage) | source.entity.traits
                for remote_id in own:
                    kinds |= remotes[remote_id].damage
                if len(own) > 1:
                    kinds.add("twice in SmartAccounts")
                if source.party.id in self.undecidable:
                    kinds.add("undecidable")
                if not any(source.facts & remotes[remote_id].facts for remote_id in own):
                    kinds.add("nothing but the name in common")
                found[source.party.id] = kinds
        return found


def labelled_parties(seed: int, count: int = 3000) -> LabelledSet:
    """About `count` parties, 78 % of them in both systems."""
    rng = Random(seed)
    sources: list[Record] = []
    remotes: list[Record] = []
    for entity in population(rng, count):
        draw = rng.random()
        if draw < 0.89:
            _write(rng, entity, _SCORO, SCORO, sources, "")
        if draw > 0.11:
            _write(rng, entity, _SMARTACCOUNTS, SMARTACCOUNTS, remotes, "sa-")
    rng.shuffle(sources)
    rng.shuffle(remotes)
    by_entity: defaultdict[int, list[Record]] = defaultdict(list)
    for record in remotes:
        by_entity[record.entity.key].append(record)
    truth = {
        record.party.id: frozenset(other.party.id for other in by_entity[record.entity.key])
        for record in sources
        if record.entity.key in by_entity
    }
    named_alike: defaultdict[str, set[int]] = defaultdict(set)
    for record in (*sources, *remotes):
        named_alike[record.entity.name.lower()].add(record.entity.key)
    undecidable = {
        record.party.id
        for record in sources
        if record.party.id in truth
        and not any(record.facts & other.facts for other in by_entity[record.entity.key])
        and (
            len(named_alike[record.entity.name.lower()]) > 1
            or all(("old name" in record.damage) != ("old name" in o.damage) for o in by_entity[record.entity.key])
        )
    }
    return LabelledSet(tuple(sources), tuple(remotes), truth, frozenset(undecidable))


def _write(rng: Random, entity: Entity, chances: Chances, habits: Habits, written: list[Record], prefix: str) -> None:
    for _ in range(2 if rng.random() < chances.twice else 1):
        record = _record(rng, entity, chances, habits, f"{prefix}{len(written) + 1000}", bool(prefix))
        if written and rng.random() < chances.copied:
            record = _copied(rng, record, written)
        written.append(record)


def _record(rng: Random, entity: Entity, chances: Chances, habits: Habits, own_id: str, is_remote: bool) -> Record:
    name, damage = written_name(rng, entity, habits)
    facts: set[tuple[str, str]] = set()

    def filled(kind: str, value: str, chance: float) -> str:
        if not value or rng.random() >= chance:
            return ""
        facts.add((kind, value))
        return value

    code = filled("registry code", entity.registry_code, chances.registry_code)
    vat = filled("VAT number", entity.vat_number, chances.vat_number)
    iban = filled("bank account", entity.bank_account, chances.bank_account)
    code, vat, iban = _codes(rng, code, vat, iban, facts, damage)
    code, vat = _stand_ins(rng, entity, code, vat, damage)
    if is_remote and entity.personal_code and rng.random() < 0.06:
        code = entity.personal_code
        damage.add("personal code")
    email = _email(rng, entity, is_remote, facts) if rng.random() < chances.email else ""
    city, street, postal_code = _address(rng, entity, facts, damage) if rng.random() < chances.address else ("", "", "")
    is_person = None if is_remote else entity.is_person
    if not is_remote and entity.form == "FIE" and rng.random() < 0.3:
        is_person, code = True, ""
    if not is_remote and entity.is_person and rng.random() < 0.03:
        is_person = False
    party = PartnerRecord(
        id=own_id,
        name=name,
        is_person=is_person,
        registry_code=code,
        vat_number=vat,
        bank_account=iban,
        email=email,
        country=entity.country if rng.random() < chances.country else "",
        city=city,
        street=street,
        postal_code=postal_code,
    )
    return Record(party, entity, frozenset(facts), frozenset(damage))


def _codes(
    rng: Random, code: str, vat: str, iban: str, facts: set[tuple[str, str]], damage: set[str]
) -> tuple[str, str, str]:
    def harmed(kind: str, value: str) -> str:
        facts.discard((kind, value))
        damage.add("wrong code")
        return digit_typo(rng, value)

    if code:
        draw = rng.random()
        if draw < 0.015:
            code = harmed("registry code", code)
        elif draw < 0.045:
            code = f"{code[:4]} {code[4:]}"
        elif draw < 0.05:
            code = f"EE{code}" if code.isdigit() and len(code) == 8 else code
        elif draw < 0.055 and vat:
            code = vat
            damage.add("wrong field")
    if vat:
        draw = rng.random()
        if draw < 0.015:
            vat = harmed("VAT number", vat)
        elif draw < 0.04:
            vat = rng.choice((vat.lower(), f"{vat[:2]} {vat[2:]}", vat[2:]))
    if iban:
        draw = rng.random()
        if draw < 0.01:
            iban = harmed("bank account", iban)
        elif draw < 0.2:
            iban = " ".join(iban[place : place + 4] for place in range(0, len(iban), 4))
    return code, vat, iban


def _stand_ins(rng: Random, entity: Entity, code: str, vat: str, damage: set[str]) -> tuple[str, str]:
    """Something that looks like a code where there is none."""
    chance = 0.12 if entity.country != "EE" else 0.01 if entity.is_person else 0.03
    if not code and rng.random() < chance:
        damage.add("stand-in code")
        code = stand_in(rng)
    if not vat and rng.random() < chance / 4:
        damage.add("stand-in code")
        vat = stand_in(rng, vat=True)
    return code, vat


def _email(rng: Random, entity: Entity, is_remote: bool, facts: set[tuple[str, str]]) -> str:
    emails = entity.emails
    if "bureau" in emails and rng.random() < (0.6 if is_remote else 0.35):
        return emails["bureau"]
    kinds = ("main", "invoices", "person")
    weights = (40, 50, 10) if is_remote else (45, 20, 35)
    email = emails.get(rng.choices(kinds, weights)[0], emails["main"])
    draw = rng.random()
    if draw < 0.02:
        return f"{typo(rng, email.partition('@')[0])}@{email.partition('@')[2]}"
    facts.add(("email", email))
    domain = email.partition("@")[2]
    if domain not in words.FREE_MAIL:
        facts.add(("domain", domain))
    if draw < 0.06:
        return email.capitalize()
    if draw < 0.09:
        return f"{email}; {rng.choice(tuple(emails.values()))}"
    return email


def _address(rng: Random, entity: Entity, facts: set[tuple[str, str]], damage: set[str]) -> tuple[str, str, str]:
    place = entity.address
    if rng.random() < 0.12:
        damage.add("moved")
        city, postal_code = rng.choice(words.CITIES)
        return city, f"{rng.choice(words.STREETS)} {rng.randint(1, 140)}", postal_code
    street = place.street
    if entity.country == "EE" and street.split()[-1] not in STREET_KINDS:
        street += rng.choice(("", "", " tn", " tänav", " tn."))
    house = place.house.replace("-", rng.choice(("-", "-", "/", " - ")))
    if rng.random() < 0.15:
        house = house.split("-")[0].split("/")[0].strip()
    facts.add(("address", f"{place.street} {place.house}"))
    city, text = place.city, f"{street} {house}"
    draw = rng.random()
    if draw < 0.05:
        city, text = "", f"{text}, {place.city}"
    elif draw < 0.1:
        city = f"{city}, Harju maakond" if city == "Tallinn" else city.upper()
    elif draw < 0.14:
        text = typo(rng, text)
    return city, text, place.postal_code if rng.random() < 0.8 else ""


def _copied(rng: Random, record: Record, written: list[Record]) -> Record:
    """Somebody made a new record out of another one and changed only some of it."""
    # Often of the same group: those were written down one after the other.
    other = rng.choice(written[-4:] if rng.random() < 0.3 else written[-400:])
    party = replace(record.party, registry_code=other.party.registry_code, vat_number=other.party.vat_number)
    if rng.random() < 0.4:
        party = replace(party, email=other.party.email, bank_account=other.party.bank_account)
    return replace(record, party=party, facts=frozenset(), damage=record.damage | {"copied codes"})
