"""The labelled set of products and articles."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from scoro_smartaccounts.common.records import ItemRecord
from tests.matching.typing_errors import has_dots, typo, without_dots
from tests.matching.words import split

_THINGS = split(
    "Kaabel Kruvi Laud Tool Lamp Kandik Raamat Kott Kast Riiul Värv Lauaplaat Toru Liist Klamber Lüliti Pistik "
    "Filter Pump Andur Ekraan Klaviatuur Hiir Printer Tindikassett Pesuvahend Kindad Kiiver Vest Redel"
)
_KINDS = split("must valge väike suur pikk lühike kerge tugev sinine roheline hall kollane")
_SERVICES = split(
    "Konsultatsioon Projektijuhtimine Veebiarendus Disainitöö Hooldus Paigaldus Koolitus Transport "
    "Raamatupidamine Turundusteenus Tõlge Koristus Montaaž Mõõdistamine Programmeerimine Fotograafia Analüüs "
    "Nõustamine"
)
_DETAILS = split("tunnitöö päevatöö kuutasu lisatöö väljakutse ekspress eripakkumine nädalavahetusel garantiiga")

_PATTERNS: tuple[Callable[[int, str], str], ...] = (
    lambda serial, name: f"{serial + 1:05d}",
    lambda serial, name: str(serial + 1),
    lambda serial, name: f"{name[:3].upper()}-{serial + 100}",
    lambda serial, name: f"T{serial:04d}",
    lambda serial, name: f"ab.{serial}",
    lambda serial, name: f"ART{serial:03d}",
    lambda serial, name: str(serial + 100_000),
    lambda serial, name: f"TEEN-{serial + 1000}",
    lambda serial, name: f"4740{serial * 7919 % 10**9:09d}",
)


def labelled_items(seed: int, count: int = 1000) -> tuple[list[ItemRecord], list[ItemRecord], dict[str, str]]:
    """Products, articles, and the article's id by the product's where there is one.

    Codes: as they are, with other case, punctuation or zeros, missing in Scoro, numbered anew in SmartAccounts; short
    codes, and longer ones of one pattern, that both systems gave to different things.
    """
    rng = Random(seed)
    sources: list[ItemRecord] = []
    remotes: list[ItemRecord] = []
    truth: dict[str, str] = {}
    names: set[str] = set()
    taken: set[str] = set()
    for serial in range(count):
        is_stock = rng.random() < 0.4
        name = _name(rng, is_stock)
        while name in names:
            name = _name(rng, is_stock)
        names.add(name)
        pattern = rng.choice(_PATTERNS)
        code = pattern(serial, name)
        draw = rng.random()
        source_id = str(7000 + serial)
        if draw < 0.88:
            shown = "" if rng.random() < 0.12 else code
            sources.append(ItemRecord(source_id, shown, _written(rng, name), is_stock))
        if draw > 0.12:
            # At times the pattern goes on in SmartAccounts, with other things.
            goes_on = rng.random() < 0.02
            theirs = pattern(rng.randrange(count), name) if goes_on else _code(rng, code, serial)
            if theirs in taken:
                continue
            taken.add(theirs)
            kind = is_stock if rng.random() < 0.97 else not is_stock
            remotes.append(ItemRecord(theirs, theirs, _written(rng, name), kind))
            if draw < 0.88:
                truth[source_id] = theirs
    rng.shuffle(sources)
    rng.shuffle(remotes)
    return sources, remotes, truth


def _name(rng: Random, is_stock: bool) -> str:
    if is_stock:
        size = rng.choice(("", f" {rng.randint(1, 60)} mm", f" {rng.randint(1, 9)}x{rng.randint(10, 99)}"))
        return f"{rng.choice(_THINGS)} {rng.choice(_KINDS)}{size}"
    name = f"{rng.choice(_SERVICES)} {rng.choice(('', *_DETAILS))}".strip()
    return f"{name} {rng.choice(('', '', f'paket {rng.randint(1, 40)}', f'({rng.choice(_SERVICES).lower()})'))}".strip()


def _code(rng: Random, code: str, serial: int) -> str:
    """As SmartAccounts has it."""
    draw = rng.random()
    if draw < 0.72:
        return code
    if draw < 0.78:
        return code.lower() if code != code.lower() else code.upper()
    if draw < 0.84:
        return code.replace("-", "").replace(".", " ").lstrip("0")
    # Numbered anew: at times with a number that Scoro has for something else.
    return str(rng.randint(1, 2 * serial + 50)) if draw < 0.9 else f"A{rng.randint(10_000, 99_999)}"


def _written(rng: Random, name: str) -> str:
    draw = rng.random()
    if draw < 0.06:
        name = typo(rng, name)
    elif draw < 0.1 and has_dots(name):
        name = without_dots(name)
    elif draw < 0.14:
        name = name.upper()
    elif draw < 0.17:
        name = " ".join(reversed(name.split()))
    elif draw < 0.19:
        name = f"{name} (uus)"
    return name
