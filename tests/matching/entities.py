"""The parties themselves, before anybody wrote them down."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from random import Random

from stdnum.fi import ytunnus
from stdnum.lv import pvn

from scoro_smartaccounts_sandbox.scoro.codes import bank_account, personal_code, registry_code, vat_number
from tests.matching import words

FORMS = ("OÜ",) * 72 + ("AS",) * 7 + ("MTÜ",) * 6 + ("FIE",) * 5 + ("SA",) * 2 + ("UÜ",) * 2 + ("TÜ",) + ("KÜ",) * 5
# Blocks that have not been given out, by the first digits that the kind of company has.
_BLOCKS = {"MTÜ": 8_900_000, "KÜ": 8_950_000, "SA": 9_900_000}
_BLOCK, _VAT_BLOCK = 1_900_000, 10_900_000
# A street without one of these is a street; those are other streets of the same name.
STREET_KINDS = ("tee", "pst", "mnt")


@dataclass(frozen=True, slots=True)
class Address:
    """Where it is: `house` with the flat, as `12-3`."""

    street: str
    house: str
    city: str
    postal_code: str


@dataclass(frozen=True, slots=True)
class Entity:
    """A party as it is. `former`: an older name that one system may still have. `emails`: by what they are for
    (`main`, `invoices`, `person`, `bureau`). `traits`: what makes it hard, for the report."""

    key: int
    name: str
    form: str
    country: str
    registry_code: str
    vat_number: str
    bank_account: str
    emails: dict[str, str]
    address: Address
    is_person: bool = False
    former: str = ""
    personal_code: str = ""
    traits: frozenset[str] = field(default_factory=frozenset)


class Maker:
    """Makes parties with names and codes that nobody else of the set has, unless that is the point."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        self._made = 0
        self._names: set[str] = set()
        self._addresses: set[str] = set()
        self._serial = rng.randrange(20_000)

    def company(self, name: str = "", form: str = "", **given: object) -> Entity:
        """An Estonian company; what is given is taken as it is."""
        rng = self.rng
        form = form or rng.choice(FORMS)
        name = name or self._name(form)
        key, serial = self._next()
        liable = rng.random() < {"KÜ": 0.05, "MTÜ": 0.2, "FIE": 0.3}.get(form, 0.68)
        entity = Entity(
            key=key,
            name=name,
            form=form,
            country="EE",
            registry_code=registry_code(_BLOCKS.get(form, _BLOCK) + serial),
            vat_number=vat_number(_VAT_BLOCK + serial) if liable else "",
            bank_account=self.iban(),
            emails=self.emails(name),
            address=self.address(),
        )
        return replace(entity, **given)  # type: ignore[arg-type]

    def person(self, name: str = "", **given: object) -> Entity:
        """A private person with an old-fashioned personal code."""
        rng = self.rng
        name = name or self._fresh(lambda: f"{rng.choice(words.FIRST_NAMES)} {rng.choice(words.LAST_NAMES)}")
        key, _ = self._next()
        born = f"{rng.randint(40, 99)}{rng.randint(1, 12):02d}{rng.randint(1, 28):02d}"
        local = words.slug(name.split()[0]) + rng.choice((".", "", "_")) + words.slug(name.split()[-1])
        mail = self._first_come(local, f"{local}{rng.randint(1, 999)}", f"@{rng.choice(words.FREE_MAIL)}")
        entity = Entity(
            key=key,
            name=name,
            form="",
            country="EE",
            registry_code="",
            vat_number="",
            bank_account=self.iban(),
            emails={"main": mail},
            address=self.address(),
            is_person=True,
            personal_code=personal_code(f"{rng.choice('12')}{born}{rng.randrange(1000):03d}"),
        )
        return replace(entity, **given)  # type: ignore[arg-type]

    def foreign(self) -> Entity:
        """A Latvian, Finnish or other company."""
        rng = self.rng
        key, serial = self._next()
        name = self._fresh(lambda: f"{words.brand(rng)} {rng.choice(('', *words.ENGLISH_TRADES))}".strip())
        country, form, city = rng.choice(
            (
                ("LV", "SIA", "Rīga"),
                ("LV", "SIA", "Valka"),
                ("FI", "Oy", "Helsinki"),
                ("FI", "Oy", "Oulu"),
                ("LT", "UAB", "Vilnius"),
                ("SE", "AB", "Stockholm"),
                ("DE", "GmbH", "Berlin"),
                ("GB", "Ltd", "London"),
            )
        )
        code, vat = "", ""
        if country == "LV":
            code = _latvian(4_990_000_000 + serial)
            vat = f"LV{code}"
        elif country == "FI":
            code = _finnish(9_900_000 + serial)
            vat = f"FI{code.replace('-', '')}"
        elif rng.random() < 0.6:
            code = _foreign_code(rng, country, serial)
        house = str(rng.randint(1, 200))
        return Entity(
            key=key,
            name=name,
            form=form,
            country=country,
            registry_code=code,
            vat_number=vat if rng.random() < 0.8 else "",
            bank_account="",
            emails=self.emails(name),
            address=Address(f"{words.brand(rng)} iela", house, city, str(rng.randint(10_000, 99_999))),
            traits=frozenset({"foreign"}),
        )

    def emails(self, name: str) -> dict[str, str]:
        """The addresses of one company: at its own domain, or at a free one."""
        rng = self.rng
        person = f"{words.slug(rng.choice(words.FIRST_NAMES))}.{words.slug(rng.choice(words.LAST_NAMES))}"
        if rng.random() < 0.22:
            free = rng.choice(words.FREE_MAIL)
            local = rng.choice((words.slug(name)[:18], person))
            mail = self._first_come(local, f"{local}{rng.randint(1, 999)}", f"@{free}")
            return {"main": mail, "invoices": mail, "person": mail}
        label = words.slug(name)[:24] if rng.random() < 0.75 else words.slug(words.brand(rng) + words.brand(rng))
        domain = self._first_come(label, f"{label}{rng.randint(1, 99)}", ".example")
        invoices = rng.choice(("arved", "arve", "raamatupidaja", "invoices"))
        return {
            "main": f"{rng.choice(('info', 'info', 'kontor', 'post'))}@{domain}",
            "invoices": f"{invoices}@{domain}",
            "person": f"{person}@{domain}",
        }

    def _first_come(self, wanted: str, otherwise: str, behind: str) -> str:
        """A mailbox or a domain has one owner."""
        while wanted + behind in self._addresses:
            wanted, otherwise = otherwise, f"{otherwise}{self.rng.randint(0, 9)}"
        self._addresses.add(wanted + behind)
        return wanted + behind

    def iban(self) -> str:
        """An account of its own."""
        return bank_account(self.rng.choice((22, 10, 77, 42)), self.rng.randrange(10**13))

    def vat_number(self) -> str:
        """A VAT number of its own."""
        return vat_number(_VAT_BLOCK + self._next()[1])

    def address(self) -> Address:
        """A place of its own."""
        rng = self.rng
        city, postal_code = rng.choice(words.CITIES)
        house = f"{rng.randint(1, 140)}{rng.choice(('', '', '', 'a', 'b'))}"
        flat = f"-{rng.randint(1, 90)}" if rng.random() < 0.5 else ""
        return Address(rng.choice(words.STREETS), house + flat, city, postal_code)

    def _next(self) -> tuple[int, int]:
        self._made += 1
        self._serial += self.rng.randint(1, 3)
        return self._made, self._serial

    def _fresh(self, draw: object) -> str:
        while True:
            name: str = draw()  # type: ignore[operator]
            if name.lower() not in self._names:
                self._names.add(name.lower())
                return name

    def fresh_stem(self) -> str:
        """A name for a family of companies."""
        rng = self.rng
        return self._fresh(lambda: words.brand(rng) if rng.random() < 0.6 else rng.choice(words.LAST_NAMES))

    def _name(self, form: str) -> str:
        rng = self.rng

        def draw() -> str:
            if form == "KÜ":
                kind = f" {rng.choice(STREET_KINDS)}" if rng.random() < 0.25 else ""
                return f"{rng.choice(words.STREETS)}{kind} {rng.randint(1, 140)}"
            if form == "FIE":
                return f"{rng.choice(words.FIRST_NAMES)} {rng.choice(words.LAST_NAMES)}"
            place, trade = rng.choice(words.PLACES), rng.choice(words.TRADES)
            surname = rng.choice(words.LAST_NAMES)
            return rng.choice(
                (
                    place + trade,
                    place + trade,
                    f"{place} {trade.capitalize()}",
                    f"{place}{rng.choice(words.TRADES)} {trade.capitalize()}",
                    f"{surname} {trade.capitalize()}",
                    f"{surname} ja {rng.choice(('Pojad', 'Ko', surname[:5] + 'maa', 'Partnerid'))}",
                    f"{surname} & {rng.choice(words.LAST_NAMES)}",
                    words.brand(rng),
                    words.brand(rng),
                    f"{words.brand(rng)} {trade.capitalize()}",
                    f"{words.brand(rng)} Eesti",
                    f"{words.letters(rng, 3)} {trade.capitalize()}",
                    f"{words.letters(rng, 2)}{rng.choice(('', ' '))}{rng.randint(2, 99)}",
                    f"{rng.choice(words.ENGLISH)} {rng.choice(words.ENGLISH_TRADES)}",
                    f"{rng.choice(words.ENGLISH)} {rng.choice(words.ENGLISH)} {rng.choice(words.ENGLISH_TRADES)}",
                )
            )

        return self._fresh(draw)


def court(rng: Random, name_of_court: str, number: str) -> str:
    """A number of a German register as people write it: mostly without the court that gave it."""
    return number if rng.random() < 0.7 else f"{name_of_court} {number}"


def _foreign_code(rng: Random, country: str, serial: int) -> str:
    if country == "DE":
        return court(rng, rng.choice(words.COURTS), f"HRB {serial + 70_000}")
    if country == "SE":
        return f"559{serial // 100 % 1000:03d}-{serial % 100:02d}{rng.randrange(100):02d}"
    return str(309_000_000 + serial) if country == "LT" else f"{serial + 9_000_000:08d}"


def _latvian(ten_digits: int) -> str:
    """Some first ten digits have no check digit: then the next ones."""
    while True:
        for digit in range(10):
            if pvn.is_valid(f"{ten_digits}{digit}"):
                return f"{ten_digits}{digit}"
        ten_digits += 1_000_003


def _finnish(seven_digits: int) -> str:
    while True:
        for digit in range(10):
            if ytunnus.is_valid(f"{seven_digits}{digit}"):
                return f"{seven_digits:07d}-{digit}"
        seven_digits -= 50_001
