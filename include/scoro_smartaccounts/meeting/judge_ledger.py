"""Judges what entries of SmartAccounts' ledger tell beside their documents: rates, sides, accounts, links."""

from __future__ import annotations

import itertools
from collections import Counter
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.assumptions import EXCHANGE_RATE_IS_FOREIGN_PER_EURO
from scoro_smartaccounts.common.money import CENT, ZERO, cents, percent_of, plain
from scoro_smartaccounts.meeting.seen import EURO, Pair, known_changes, name_of, number
from scoro_smartaccounts.meeting.verdict import ENOUGH, NOTHING, Example, State, Verdict, examples, judged, read_as
from scoro_smartaccounts.smartaccounts.words import CREDIT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from scoro_smartaccounts.meeting.seen import Seen

    Facts = dict[str, Any]

FOREIGN_PER_EURO, EURO_PER_FOREIGN = "foreign_per_euro", "euro_per_foreign"
# Cents of rounding are less of an amount than this; a rate that is nearer to its own reverse tells nothing.
_NEAR = Decimal("0.005")
_TICK = timedelta(seconds=2)


def right(seen: Seen) -> Verdict:
    """Whether entries may be read."""
    states = {facts.get("refused", "") for name, facts in seen.answers.items() if name.startswith(("M8/", "M9"))}
    if not states:
        return NOTHING
    refused = "right" in states
    return read_as("refused" if refused else "granted", assumed="granted") if states <= {"", "right"} else NOTHING


def exchange_rate(seen: Seen) -> Verdict:
    """Which way round `exchangeRate` is quoted: an entry in both currencies tells the rate that was used."""
    foreign, euro = examples()
    for pair in seen.pairs:
        written = number(pair.document["rate"])
        used = _rate_used(pair)
        if not written or used is None:
            continue
        is_foreign, is_euro = _is_near(written, used), _is_near(written, 1 / used)
        if is_foreign != is_euro:
            example = Example(pair.name, plain(written), plain(used.quantize(Decimal("0.0001"))))
            (foreign if is_foreign else euro).append(example)
    assumed, other = (FOREIGN_PER_EURO, EURO_PER_FOREIGN)
    if not EXCHANGE_RATE_IS_FOREIGN_PER_EURO:
        assumed, other, foreign, euro = other, assumed, euro, foreign
    return judged(foreign, euro, assumed=assumed, other=other)


def _rate_used(pair: Pair) -> Decimal | None:
    """Return foreign units for one euro by the largest row of an entry."""
    rows = [
        (number(row[3]) or number(row[4]), number(row[1]) + number(row[2]))
        for row in pair.entry["rows"]
        if number(row[3]) or number(row[4])
    ]
    original, euros = max(rows, default=(ZERO, ZERO))
    if not euros or not original or euros == original or pair.document["currency"] == EURO:
        return None
    return abs(original) / abs(euros)


def _is_near(one: Decimal, other: Decimal) -> bool:
    return abs(one - other) <= other * _NEAR


def entry_amounts(seen: Seen) -> Verdict:
    """Whether an entry's amounts are euros: of a document in another currency they are others than its own."""
    euros, original = examples()
    for pair in seen.pairs:
        written = number(pair.document["rate"])
        rows = [row for row in pair.entry["rows"] if number(row[3]) or number(row[4])]
        if pair.document["currency"] == EURO or not rows or _is_near(written, Decimal(1)):
            continue
        is_same = all(
            (number(row[1]), number(row[2])) == (number(row[3]), number(row[4])) for row in rows if row[1] or row[2]
        )
        largest = max(rows, key=lambda row: number(row[1]) + number(row[2]))
        there, here = number(largest[1]) + number(largest[2]), number(largest[3]) + number(largest[4])
        (original if is_same else euros).append(Example(pair.name, plain(there), plain(here)))
    return judged(euros, original, assumed="euros", other="original")


def euro_originals(seen: Seen) -> Verdict:
    """Whether entries in euros have columns of an original currency too."""
    rows = [row for entry in seen.entries if entry["currency"] == EURO for row in entry["rows"]]
    shown = {bool(row[3] or row[4]) for row in rows}
    return read_as("+".join(sorted("shown" if each else "left out" for each in shown)), assumed="left out")


LINKS = ("id", "document", "number")


def link(seen: Seen) -> Verdict:
    """Tell what in an entry names its document."""
    count = Counter(name for pair in seen.pairs for name in LINKS if _names(pair, name))
    most = len(seen.pairs)
    if most < ENOUGH:
        return NOTHING
    for name in LINKS:
        if count[name] == most:
            return Verdict(State.CONFIRMED, name, agreeing=most, example=Example(seen.pairs[0].name))
    return Verdict(State.CONTRADICTED, "none", against=most, example=Example(seen.pairs[0].name))


def _names(pair: Pair, name: str) -> bool:
    document, entry = pair.document, pair.entry
    match name:
        case "id":
            return bool(document["id"] == entry["id"])
        case "document":
            return bool(entry["mark"]) and document["mark"] == entry["mark"]
    return bool(entry["own_number"]) and document["own_number"] == entry["own_number"]


def numbers(seen: Seen) -> Verdict:
    """Whether entries' own numbers follow their days."""
    shown = sorted(
        (entry["day"], int(entry["own_number"])) for entry in seen.entries if entry["own_number"].isdecimal()
    )
    # Where the number is the document's, each kind of document has its own order.
    if len(shown) < ENOUGH or link(seen).reading == "number":
        return NOTHING
    values = [value for _, value in shown]
    falls = sum(later < earlier for earlier, later in itertools.pairwise(values))
    return read_as("shuffled" if falls > len(values) // 4 else "in order", assumed="in order", count=len(values))


def by_day(seen: Seen) -> Verdict:
    """Whether a list of entries holds those of its days only."""
    inside, outside = examples()
    for name, facts in seen.answers.items():
        if not name.startswith("M8/") or name == "M8/changed" or not facts.get("rows"):
            continue
        days = sorted({row["day"] for row in facts["rows"]})
        first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
        (inside if last - first <= timedelta(days=1) else outside).append(Example("", days[0], days[-1]))
    return judged(inside, outside, assumed="by day", other="ignored")


def changed(seen: Seen) -> Verdict:
    """Whether a list of changed entries shows those that were made since, and no others."""
    facts, changes = seen.answers.get("M8/changed", {}), known_changes(seen.answers)
    if "length" not in facts or not changes:
        return NOTHING
    if not facts["length"]:
        return read_as("none", assumed="since", of=changes[-1])
    since = datetime.fromisoformat(changes[-1]) - _TICK
    shown = {row["id"] for row in facts["rows"]}
    before = [
        pair
        for pair in seen.pairs
        if pair.entry["id"] in shown
        and pair.document["changed"]
        and datetime.fromisoformat(pair.document["changed"]) < since
    ]
    return read_as("all" if before else "since", assumed="since", of=before[0].name if before else changes[-1])


def debts(seen: Seen, rows: Iterable[Facts]) -> frozenset[str]:
    """Return the accounts on which the debts of some documents stand: ordinary ones with VAT tell."""
    found: set[str] = set()
    for pair in seen.of(rows):
        document = pair.document
        if document["type"] == CREDIT or not number(document["vat"]) or document["currency"] != EURO:
            continue
        accounts = {row[0] for row in pair.entry["rows"]}
        total = abs(number(document["total"]))
        fits = [account for account in accounts if abs(pair.balance(account)) == total]
        if len(fits) == 1:
            found.add(fits[0])
    return frozenset(found)


def posted_vat(seen: Seen) -> Verdict:
    """Whether an invoice makes a row for its VAT on the account of its code."""
    there, missing = examples()
    for pair in seen.of(seen.sales_with_rows):
        document, codes = pair.document, {row[0] for row in pair.document["rows"]}
        accounts = {seen.vat[code].sales for code in codes & seen.vat.keys()} - {""}
        vat = abs(number(document["vat"]))
        if (
            document["currency"] == EURO
            and document["type"] != CREDIT
            and vat
            and codes <= seen.vat.keys()
            and accounts
        ):
            posted = -pair.balance(*accounts)
            (there if posted == vat else missing).append(Example(pair.name, plain(posted), plain(vat)))
    return judged(there, missing, assumed="on the code's account", other="elsewhere", enough=1)


def credit_sides(seen: Seen) -> Verdict:
    """Whether a credit invoice is booked with both sides of an invoice swapped."""
    accounts = debts(seen, seen.sales_with_rows)
    swapped, same = examples()
    for pair in seen.of(row for row in seen.sales_with_rows if row["type"] == CREDIT):
        if balance := pair.balance(*accounts):
            total = abs(number(pair.document["total"]))
            (swapped if balance < 0 else same).append(Example(pair.name, plain(balance), plain(-total)))
    return judged(swapped, same, assumed="swapped", other="as an invoice")


def supplier_payments(seen: Seen) -> Verdict:
    """Whether a payment to a supplier is a credit on the money account."""
    return _money_side(seen, seen.supplier_payments)


def refunds(seen: Seen) -> Verdict:
    """Whether money that a client gets back is a credit on the money account."""
    return _money_side(seen, seen.refunds)


def _money_side(seen: Seen, payments: Iterable[Facts]) -> Verdict:
    out, into = examples()
    for pair in seen.of(payments):
        if moved := seen.money_of(pair):
            (out if moved < 0 else into).append(Example(pair.name, plain(moved), plain(-abs(moved))))
    return judged(out, into, assumed="credit", other="debit")


def rounding_side(seen: Seen) -> Verdict:
    """Whether positive rounding of cash is more money."""
    with_rows, against = examples()
    for pair in seen.of(row for row in seen.payments if number(row["extras"]) and row["rows"]):
        moved, extras = seen.money_of(pair), number(pair.document["extras"])
        settled = sum((abs(number(row[2])) for row in pair.document["rows"]), ZERO)
        if moved and pair.document["currency"] == EURO:
            example = Example(pair.name, plain(abs(moved)), plain(settled + extras))
            if abs(moved) == settled + extras:
                with_rows.append(example)
            elif abs(moved) == settled - extras:
                against.append(example)
    return judged(with_rows, against, assumed="with the rows", other="against the rows")


def reverse_charge(*, computed: bool) -> Callable[[Seen], Verdict]:
    """Return the judge of bills whose VAT the buyer declares, computed or by the paper: it stands on both accounts of
    its code."""

    def judge(seen: Seen) -> Verdict:
        both, missing = examples()
        for pair, code, declared in _declared(seen, computed=computed):
            on, off = pair.balance(code[0]), -pair.balance(code[1])
            is_there = abs(on - declared) <= CENT and abs(off - declared) <= CENT
            (both if is_there else missing).append(Example(pair.name, plain(on), plain(declared)))
        return judged(both, missing, assumed="on both accounts", other="not on both accounts")

    return judge


def _declared(seen: Seen, *, computed: bool) -> Iterator[tuple[Pair, tuple[str, str], Decimal]]:
    """Yield bills of one code of reverse charge with accounts of its own, and the VAT that the buyer declares."""
    for pair in seen.of(row for row in seen.bills if row["computed"] is computed and seen.is_reverse(row)):
        codes = {row[0] for row in pair.document["rows"]}
        code = seen.vat[next(iter(codes))]
        if len(codes) > 1 or pair.document["currency"] != EURO or not (code.purchases and code.sales):
            continue
        if code.purchases != code.sales:
            net = sum((amount for _, amount in seen.nets(pair.document)), ZERO)
            yield pair, (code.purchases, code.sales), cents(percent_of(net, code.percent))


def named_accounts(seen: Seen) -> Verdict:
    """Whether settings name the accounts of VAT codes, bank and cash accounts."""
    used = {row[0] for row in (*seen.sales_with_rows, *seen.bills) for row in row["rows"]}
    codes = {code: each for code, each in seen.vat.items() if each.percent and (code in used or not used)}
    named = [Example(code) for code, each in codes.items() if each.sales or each.purchases]
    named += [Example(name) for (_, name), each in seen.money.items() if each.account]
    without = [Example(code) for code, each in codes.items() if not (each.sales or each.purchases)]
    without += [Example(name) for (_, name), each in seen.money.items() if not each.account]
    return judged(named, without, assumed="named", other="not all named")


def returns(seen: Seen) -> Verdict:
    """Whether saved VAT returns show as entries."""
    facts = seen.answers.get("M9", {})
    if not facts.get("length"):
        return NOTHING
    return Verdict(State.CONFIRMED, "shown", agreeing=facts["length"])


def balances(seen: Seen) -> Verdict:
    """Whether account balances can be read, and at which of the likely addresses."""
    for name in ("M10/1", "M10/2", "M10/3"):
        facts = seen.answers.get(name, {})
        if facts.get("length"):
            return Verdict(State.CONFIRMED, name, agreeing=facts["length"])
    return NOTHING


def unpaid(seen: Seen) -> Verdict:
    """Whether unpaid invoices can be asked for without days, and are unpaid."""
    rows = seen.answers.get("M13", {}).get("rows", [])
    right_ones = [Example(name_of(row)) for row in rows if number(row["unpaid"])]
    wrong = [Example(name_of(row), "0.00") for row in rows if not number(row["unpaid"])]
    return judged(right_ones, wrong, assumed="unpaid", other="any", enough=1)
