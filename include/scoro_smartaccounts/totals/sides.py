"""A document as Scoro has it, as it was planned, and as SmartAccounts has it → its amounts by VAT code. Pure."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.money import CENT, HUNDRED, ZERO, cents, percent_of
from scoro_smartaccounts.smartaccounts.words import CREDIT
from scoro_smartaccounts.totals.sheet import Amounts, Measure, Part

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from scoro_smartaccounts.common.company import VatRule
    from scoro_smartaccounts.common.documents import Flow
    from scoro_smartaccounts.staging.facts import BooksFacts, SourceFacts, SourceLine

_WHOLE = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the company file and SmartAccounts' settings say of VAT: rules by flow, percentages of codes, codes of which
    the buyer declares the VAT, and of which a half is not deducted; accounts of VAT by code, and of money; `stock`:
    articles of the warehouse."""

    rules: Mapping[Flow, Sequence[VatRule]]
    percents: Mapping[str, Decimal] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()
    halved: frozenset[str] = frozenset()
    own_codes: frozenset[str] = frozenset()
    vat_accounts: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    money_accounts: frozenset[str] = frozenset()
    stock: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Planned:
    """What a document was booked by: its amounts, the cents that SmartAccounts was told to book as rounding, and how
    many rows it has."""

    amounts: Amounts
    rounding: Decimal
    rows: int


def planned_of(source: SourceFacts) -> Planned | None:
    """Return what the document was booked by, where that is known. Plans of credit invoices have positive amounts."""
    if source.predicted is None or not source.body:
        return None
    body = json.loads(source.body)
    sign = -1 if body.get("type") == CREDIT else 1
    nets: dict[str, Decimal] = defaultdict(Decimal)
    for row in body["rows"]:
        discount = Decimal(row.get("discount", "0"))
        nets[row["vatPc"]] += cents(Decimal(row["price"]) * Decimal(row["quantity"]) * (HUNDRED - discount) / HUNDRED)
    told = source.predicted
    vats = {code: Decimal(told.get("vat_by_code", {}).get(code, "0")) for code in nets}
    rounding = Decimal(told["rounding"])
    amounts = _amounts(nets, vats, Decimal(told["net"]), Decimal(told["vat"]), Decimal(told["total"]), rounding)
    turned = {part: amount if part[0] is Measure.COUNT else amount * sign for part, amount in amounts.items()}
    return Planned(turned, rounding * sign, len(body["rows"]))


def source_of(
    source: SourceFacts, planned: Planned | None, lines: Sequence[SourceLine], settings: Settings
) -> dict[Part, Decimal]:
    """Return what Scoro says today. Of which codes it is, the plan tells, else the rules of the company file."""
    net, vat = signed(source)
    if planned is not None and not source.is_changed:
        nets = {code: amount for (measure, code), amount in planned.amounts.items() if measure is Measure.NET}
        vats = {code: amount for (measure, code), amount in planned.amounts.items() if measure is Measure.VAT}
    else:
        nets, vats = _by_rules(source, net, lines, settings)
    found = _amounts(nets, vats, net, vat, net + vat, ZERO)
    return {part: amount for part, amount in found.items() if part[0] is not Measure.ROUNDING}


def books_of(books: BooksFacts, settings: Settings) -> dict[Part, Decimal]:
    """Return what SmartAccounts says. What its rows do not explain goes to the code that has most."""
    nets: dict[str, Decimal] = defaultdict(Decimal)
    vats: dict[str, Decimal] = defaultdict(Decimal)
    turn = line_sign(books)
    for line in books.lines:
        nets[line.vat_code] += turn * line.net
        if line.vat_code not in settings.declared:
            vats[line.vat_code] += ZERO if line.vat is None else turn * line.vat
    if any(line.vat is None for line in books.lines):
        for code, net in nets.items():
            percent = ZERO if code in settings.declared else settings.percents.get(code, ZERO)
            vats[code] = cents(percent_of(net, percent))
    net = sum(nets.values(), ZERO) if books.net is None else books.net
    vat = sum(vats.values(), ZERO) if books.vat is None else books.vat
    return _amounts(nets, vats, net, vat, books.total, books.rounding or ZERO)


def line_sign(books: BooksFacts) -> int:
    """Return -1 where rows of a credit invoice are shown with positive amounts below a negative sum."""
    return -1 if sum((line.net for line in books.lines), ZERO) * books.total < 0 else 1


def signed(source: SourceFacts) -> tuple[Decimal, Decimal]:
    """Return net and VAT as they count: those of a credit invoice are negative, whatever sign Scoro shows. What a list
    shows that is as new as the staged record is what Scoro says."""
    net = source.net if source.listed_net is None else source.listed_net
    vat = source.vat if source.listed_vat is None else source.listed_vat
    turn = sign_of(source)
    return cents(net) * turn, cents(vat) * turn


def sign_of(source: SourceFacts) -> int:
    """Return -1 where Scoro shows a credit invoice with positive amounts."""
    is_positive = source.net > 0 or (not source.net and source.vat > 0)
    return -1 if source.is_credit and is_positive else 1


def rounding_allowed(rows: int) -> Decimal:
    """Return how many cents rounding may explain."""
    return CENT * max(rows, 1)


def _by_rules(
    source: SourceFacts, net: Decimal, lines: Sequence[SourceLine], settings: Settings
) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
    raw: dict[str, Decimal] = defaultdict(Decimal)
    percents: dict[str, Decimal] = {}
    for line in lines:
        code = code_of(source, line, settings)
        raw[code] += line.net
        percents[code] = line.vat_percent or ZERO
    in_all = sum(raw.values(), ZERO)
    # Discounts of the document lie on all lines alike.
    nets = {code: cents(amount * net / in_all) if in_all else ZERO for code, amount in raw.items()}
    return nets, {code: cents(percent_of(amount, percents[code])) for code, amount in nets.items()}


def code_of(source: SourceFacts, line: SourceLine, settings: Settings) -> str:
    """Return the VAT code that the company file has for a line; its percentage where it has none."""
    rules = settings.rules.get(source.flow, ())
    percent = line.vat_percent
    found = next((rule for rule in rules if rule.fits(code=line.vat_code, percent=percent, day=source.day)), None)
    if found is not None:
        return found.smartaccounts
    return "" if percent is None else f"{percent.normalize():f} %"


def _amounts(
    nets: Mapping[str, Decimal],
    vats: Mapping[str, Decimal],
    net: Decimal,
    vat: Decimal,
    total: Decimal,
    rounding: Decimal,
) -> dict[Part, Decimal]:
    """`net` and `vat` are the document's: what codes miss of them goes to the one that has most."""
    found: dict[Part, Decimal] = {(Measure.COUNT, _WHOLE): Decimal(1)}
    found |= {(Measure.NET, code): amount for code, amount in _adding_up(nets, nets, net)}
    found |= {(Measure.VAT, code): amount for code, amount in _adding_up(vats, nets, vat)}
    found[Measure.ROUNDING, _WHOLE] = rounding
    found[Measure.TOTAL, _WHOLE] = total
    return found


def _adding_up(
    by_code: Mapping[str, Decimal], nets: Mapping[str, Decimal], whole: Decimal
) -> Iterable[tuple[str, Decimal]]:
    codes = sorted(by_code, key=lambda code: (-abs(by_code[code]), -abs(nets.get(code, ZERO)), code))
    missing = whole - sum(by_code.values(), ZERO)
    if not codes:
        return [(_WHOLE, whole)] if whole else []
    return [(code, by_code[code] + (missing if code == codes[0] else ZERO)) for code in codes]
