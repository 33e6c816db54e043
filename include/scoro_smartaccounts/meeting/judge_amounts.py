"""Judges what amounts of SmartAccounts' documents tell: how VAT is rounded, which sign what has, what nets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.assumptions import VAT_ROUNDING, VatRounding
from scoro_smartaccounts.common.money import ZERO, cents, percent_of, plain
from scoro_smartaccounts.meeting.seen import name_of, net_of, number
from scoro_smartaccounts.meeting.verdict import ENOUGH, NOTHING, Example, State, Verdict, examples, judged, read_as
from scoro_smartaccounts.mirror.payment_signs import Signs
from scoro_smartaccounts.smartaccounts.words import CREDIT, VENDOR

if TYPE_CHECKING:
    from decimal import Decimal

    from scoro_smartaccounts.meeting.seen import Seen

    Facts = dict[str, Any]


def vat_rounding(seen: Seen) -> Verdict:
    """Whether VAT is rounded row by row or once for a code: documents for which that makes a difference tell."""
    found: dict[VatRounding, list[Example]] = {each: [] for each in VatRounding}
    for document in (*seen.sales_with_rows, *(row for row in seen.bills if row["computed"] is True)):
        codes = {code for code, _ in seen.nets(document)}
        if not codes <= seen.vat.keys() or document["reverse"] or number(document["rounding"]):
            continue
        by_row, by_code = _vat_both_ways(seen, document)
        vat = abs(number(document["vat"]))
        for reading, here, there in (
            (VatRounding.PER_ROW, by_row, by_code),
            (VatRounding.PER_CODE, by_code, by_row),
        ):
            if here != there and vat == here:
                found[reading].append(Example(name_of(document), plain(here), plain(there)))
    other = next(each for each in VatRounding if each is not VAT_ROUNDING)
    return judged(found[VAT_ROUNDING], found[other], assumed=VAT_ROUNDING.value, other=other.value, enough=ENOUGH)


def _vat_both_ways(seen: Seen, document: Facts) -> tuple[Decimal, Decimal]:
    by_code: dict[str, Decimal] = {}
    by_row = ZERO
    for code, net in seen.nets(document):
        by_row += cents(percent_of(net, seen.vat[code].percent))
        by_code[code] = by_code.get(code, ZERO) + net
    once = sum((cents(percent_of(net, seen.vat[code].percent)) for code, net in by_code.items()), ZERO)
    return abs(by_row), abs(once)


def row_vat(seen: Seen) -> Verdict:
    """Whether `vat` of a row is an amount or a percentage."""
    amounts, rates = examples()
    for document in (*seen.sales_with_rows, *seen.bills):
        for row in document["rows"]:
            code = seen.vat.get(row[0])
            if code is None or not code.percent or not row[4]:
                continue
            vat, amount = abs(number(row[4])), abs(cents(percent_of(net_of(row), code.percent)))
            if vat in (amount, code.percent) and amount != code.percent:
                example = Example(name_of(document), plain(vat))
                (amounts if vat == amount else rates).append(example)
    return judged(amounts, rates, assumed="amount", other="percentage")


def credit_sign(seen: Seen) -> Verdict:
    """Which sign credit invoices are shown with: they are known by their type."""
    credits = [row for row in seen.sales if row["type"] == CREDIT and number(row["total"])]
    signs = {"negative" if number(row["total"]) < 0 else "positive" for row in credits}
    of = name_of(credits[0]) if credits else ""
    return read_as("+".join(sorted(signs)), assumed="negative", of=of, count=len(credits))


def declared_vat(seen: Seen) -> Verdict:
    """Whether VAT that the buyer declares is left out of a bill's VAT, where SmartAccounts works it out."""
    left, shown = examples()
    for bill in seen.bills:
        if bill["computed"] and seen.is_reverse(bill):
            vat = number(bill["vat"])
            (shown if vat else left).append(Example(name_of(bill), plain(vat), "0.00" if vat else ""))
    return judged(left, shown, assumed="left out", other="shown")


def reverse_percent(seen: Seen) -> Verdict:
    """Whether codes of reverse charge have the percentage that the buyer declares."""
    with_percent, without = examples()
    for bill in seen.bills:
        if bill["reverse"]:
            for code in {row[0] for row in bill["rows"]} & seen.vat.keys():
                percent = seen.vat[code].percent
                (with_percent if percent else without).append(Example(code, f"{percent} %"))
    return judged(with_percent, [] if with_percent else without, assumed="declared", other="0 %")


def negative_bills(seen: Seen) -> Verdict:
    """Whether what a supplier takes back is a bill with a negative total."""
    found = [row for row in seen.bills if number(row["total"]) < 0]
    if not found:
        return NOTHING
    example = Example(name_of(found[0]), plain(number(found[0]["total"])))
    return Verdict(State.CONFIRMED, "negative", agreeing=len(found), example=example)


def own_codes(seen: Seen) -> Verdict:
    """Whether documents use VAT codes that the company made itself, which no VAT return takes."""
    system, own = examples()
    for document in (*seen.sales_with_rows, *seen.bills):
        for code in {row[0] for row in document["rows"]} & seen.vat.keys():
            (own if seen.vat[code].is_own else system).append(Example(name_of(document), code))
    if own:
        return Verdict(State.CONTRADICTED, "own codes in use", len(system), len(own), own[0])
    return judged(system, own, assumed="system codes", other="", enough=ENOUGH)


def payment_signs(seen: Seen) -> Verdict:
    """How amounts of payments are shown: as they are written, or with the sign of the money; of their rows, or of
    their sums alone."""
    counted = counted_signs(seen)
    if not counted["positive"] and not counted["negative"]:
        return NOTHING
    more = {name: str(count) for name, count in counted.items()}
    signed = counted["negative"] > counted["positive"]
    sums = [number(row["amount"]) for row in seen.payments if row["partner_type"] == VENDOR]
    reading = Signs.SIGNED.value if signed else Signs.MAGNITUDES.value
    if not signed and any(amount < 0 for amount in sums):
        reading = "signed sums"
    verdict = read_as(reading, assumed=Signs.MAGNITUDES.value, count=max(counted.values()))
    return Verdict(verdict.state, reading, verdict.agreeing, verdict.against, verdict.example, more)


def counted_signs(seen: Seen) -> dict[str, int]:
    """Return how many rows take money out of the company, by the sign they are shown with."""
    counted = {"positive": 0, "negative": 0}
    for payment in seen.payments:
        for row in payment["rows"]:
            out = seen.way(row) * (1 if payment["partner_type"] == VENDOR else -1)
            if out > 0 and number(row[2]):
                counted["positive" if number(row[2]) > 0 else "negative"] += 1
    return counted


def netting_balance(seen: Seen) -> Verdict:
    """Whether what is settled on an account for netting adds up to nothing."""
    even, odd = examples()
    for payment in seen.payments:
        ways = [seen.way(row) for row in payment["rows"]]
        if not seen.is_netting(payment) or not ways or 0 in ways:
            continue
        settled = (way * abs(number(row[2])) for way, row in zip(ways, payment["rows"], strict=True))
        left = sum(settled, ZERO) + number(payment["prepayment"]) + number(payment["extras"])
        (odd if left else even).append(Example(name_of(payment), plain(left)))
    # One that was taken tells that it may be, however many others add up.
    return judged([] if odd else even, odd, assumed="nothing is left", other="something is left")


def mixed_rows(seen: Seen) -> Verdict:
    """Whether one payment of an ordinary account both pays and takes: one that does tells that it may."""
    mixed = [
        payment
        for payment in seen.payments
        if not seen.is_netting(payment) and {seen.way(row) for row in payment["rows"]} >= {1, -1}
    ]
    if not mixed:
        return NOTHING
    return Verdict(State.CONTRADICTED, "taken", against=len(mixed), example=Example(name_of(mixed[0])))


def netting_currency(seen: Seen) -> Verdict:
    """Whether one account for netting takes documents of any currency."""
    found = []
    for payment in seen.payments:
        account = seen.money.get((payment["account_type"], payment["account"]))
        if account is not None and account.for_netting and account.currency != payment["currency"]:
            found.append(Example(name_of(payment), payment["currency"], account.currency))
    if not found:
        return NOTHING
    return Verdict(State.CONFIRMED, "any currency", agreeing=len(found), example=found[0])


def open_sums(seen: Seen) -> Verdict:
    """Whether payments lower what is open of a document. Where less is open than the payments that were read leave,
    others were not read."""
    settled: dict[str, Decimal] = {}
    for payment in seen.payments:
        for row in payment["rows"]:
            settled[row[1]] = settled.get(row[1], ZERO) + abs(number(row[2]))
    lowered, untouched = examples()
    for document in seen.documents.values():
        if document["id"] not in settled or document["unpaid"] is None:
            continue
        there, left = abs(number(document["unpaid"])), abs(number(document["total"])) - settled[document["id"]]
        if there >= left:
            (lowered if there == left else untouched).append(Example(name_of(document), plain(there), plain(left)))
    return judged(lowered, untouched, assumed="lowered", other="untouched")
