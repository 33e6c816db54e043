"""Judges what Scoro's lists tell: filters, order, pages, deleted documents, signs, how things are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.assumptions import SCORO_DETAILED_PAGE_SIZE, SCORO_PAGE_SIZE
from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.money import HUNDRED
from scoro_smartaccounts.meeting.scoro_probes import day_asked
from scoro_smartaccounts.meeting.verdict import NOTHING, Example, State, Verdict, examples, judged, read_as

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    Facts = dict[str, Any]

_ONE_DAY = timedelta(days=1)
_TICK = timedelta(seconds=2)
_HORIZON = 31


@dataclass(frozen=True)
class ScoroSeen:
    """`answers` are facts by question."""

    answers: Mapping[str, Facts]

    def rows(self, *names: str) -> list[Facts]:
        """Return the records of answers, each once."""
        found: dict[str, Facts] = {}
        for name in names:
            found |= {row["id"]: row for row in self.answers.get(name, {}).get("rows", [])}
        return list(found.values())

    @cached_property
    def invoices(self) -> list[Facts]:
        """Invoices that are not deleted."""
        return self.rows("S2/invoices/1", "S2/invoices/2", "S7/invoices")

    @cached_property
    def bills(self) -> list[Facts]:
        """Bills."""
        return self.rows("S2/bills/1", "S2/bills/2", "S7/bills")

    @cached_property
    def receipts(self) -> list[Facts]:
        """Groups of receipts."""
        return self.rows("S2/receipts/1", "S2/receipts/2")

    def forms(self, what: str) -> str:
        """Return how something is written, in all the forms that occur."""
        mine = (facts for name, facts in self.answers.items() if name.startswith("S"))
        return "+".join(sorted({each for facts in mine for each in facts.get("forms", {}).get(what, ())}))


def form(what: str, assumed: str) -> Callable[[ScoroSeen], Verdict]:
    """Return the judge of how moments, empty lists or amounts are written."""
    return lambda seen: read_as(seen.forms(what), assumed=assumed)


def noise(seen: ScoroSeen) -> Verdict:
    """Whether amounts have the noise of floating numbers: one that has it tells."""
    forms = seen.forms("float")
    return read_as("noise" if "noise" in forms else forms, assumed="noise")


def date_filter(seen: ScoroSeen) -> Verdict:
    """Tell what the filter on `date` finds of the known documents of a day, asked for alone and with the next day."""
    day = day_asked(seen.answers.get("S2/invoices/1", {}))
    one, two = seen.answers.get("S3/day", {}), seen.answers.get("S3/next", {})
    if day is None or "length" not in one or "length" not in two:
        return NOTHING
    known = {row["id"] for row in seen.rows("S2/invoices/1") if row["day"] == day.isoformat()}
    days = {row["day"] for row in two["rows"]}
    return read_as(_reading_of(day, known, days, one["rows"], two["rows"]), assumed="excluded", of=day.isoformat())


def _reading_of(day: date, known: set[str], days: set[str], one: list[Facts], two: list[Facts]) -> str:
    if days - {day.isoformat(), (day + _ONE_DAY).isoformat()}:
        return "ignored" if known <= {row["id"] for row in two} else "another date"
    if not days:
        return "nothing"
    if not known <= {row["id"] for row in two}:
        return "incomplete"
    return "included" if known <= {row["id"] for row in one} else "excluded"


def moment_filter(seen: ScoroSeen) -> Verdict:
    """Whether filters on moments leave out what is of other days."""
    inside, outside = examples()
    for name, fact in (("S4/changed", "changed"), ("S4/created", "created")):
        rows = [row for row in seen.answers.get(name, {}).get("rows", []) if row[fact]]
        known = [row[fact] for row in seen.rows("S2/invoices/1") if row[fact]]
        if not rows or not known:
            continue
        asked = tallinn_day(datetime.fromisoformat(max(known)))
        for row in rows:
            is_inside = asked <= tallinn_day(datetime.fromisoformat(row[fact])) <= asked + _ONE_DAY
            (inside if is_inside else outside).append(Example(row["number"], row[fact][:10], asked.isoformat()))
    return judged(inside, outside, assumed="honoured", other="ignored")


def unknown_filter(seen: ScoroSeen) -> Verdict:
    """Whether a filter that there is not is passed over."""
    facts = seen.answers.get("S6", {})
    if not facts or not seen.invoices:
        return NOTHING
    return read_as("refused" if "refused" in facts else "passed over", assumed="passed over")


def deleted_place(seen: ScoroSeen) -> Verdict:
    """In which place deleted records are asked for."""
    there = [name for name in ("request", "top") if any(row["deleted"] for row in seen.rows(f"S5/{name}"))]
    return read_as("+".join(there), assumed="request+top")


def _deleted(seen: ScoroSeen) -> list[Facts]:
    rows = seen.rows("S5/top", "S5/request", "S5/both")
    return [row for row in rows if row["deleted"] and row["deleted_at"]]


def deleted_for(seen: ScoroSeen) -> Verdict:
    """For how long deleted documents show: nothing rests on it."""
    if not (deleted := _deleted(seen)):
        return NOTHING
    newest = max(row["changed"] or "" for row in [*seen.invoices, *deleted])
    oldest = min(row["deleted_at"] for row in deleted)
    days = (datetime.fromisoformat(newest) - datetime.fromisoformat(oldest)).days
    return read_as("30 days or less" if days <= _HORIZON else "longer", assumed="30 days or less", of=oldest[:10])


def deleted_moves(seen: ScoroSeen) -> Verdict:
    """Whether a deletion moves when its document changed."""
    moved, kept = examples()
    for row in _deleted(seen):
        if row["changed"]:
            changed, deleted = map(datetime.fromisoformat, (row["changed"], row["deleted_at"]))
            example = Example(row["number"], row["changed"][:10], row["deleted_at"][:10])
            (moved if changed >= deleted - _TICK else kept).append(example)
    return judged(kept, moved, assumed="kept", other="moved")


def receipt_moves(seen: ScoroSeen) -> Verdict:
    """Whether a receipt moves when its invoice changed."""
    invoices = {row["id"]: row for row in seen.invoices}
    moved, kept = examples()
    for group in seen.receipts:
        for key, _ in group["receipts"]:
            invoice = invoices.get(key)
            if group["type"] not in ("", "invoices") or not (invoice and invoice["changed"] and group["changed"]):
                continue
            paid_at, changed_at = map(datetime.fromisoformat, (group["changed"], invoice["changed"]))
            (moved if changed_at >= paid_at - _TICK else kept).append(Example(invoice["number"]))
    return judged(moved, kept, assumed="moved", other="kept")


def pages(seen: ScoroSeen) -> Verdict:
    """How many rows a page holds."""
    return _page_size(seen, "S2", SCORO_PAGE_SIZE, lambda name: seen.answers.get(f"{name[:-1]}2", {}).get("length", 0))


def detailed_pages(seen: ScoroSeen) -> Verdict:
    """How many rows with lines a page holds."""
    known = {"S7/invoices": len(seen.invoices), "S7/bills": len(seen.bills)}
    return _page_size(seen, "S7", SCORO_DETAILED_PAGE_SIZE, lambda name: known[name] - seen.answers[name]["length"])


def _page_size(seen: ScoroSeen, group: str, most: int, left: Callable[[str], int]) -> Verdict:
    """Only of a list that goes on the length of a page tells anything."""
    sizes = {
        facts["length"]
        for name, facts in seen.answers.items()
        if name.startswith(group) and not name.endswith("/2") and facts.get("length") and left(name) > 0
    }
    return read_as("+".join(map(str, sorted(sizes))), assumed=str(most))


def order(seen: ScoroSeen) -> Verdict:
    """In which order lists come."""
    ids = [int(row["id"]) for row in seen.answers.get("S2/invoices/1", {}).get("rows", []) if row["id"].isdecimal()]
    if len(ids) < 2:
        return NOTHING
    reading = "by id" if ids == sorted(ids) else "by id, backwards" if ids == sorted(ids, reverse=True) else "another"
    return read_as(reading, assumed="by id", count=len(ids))


def credit_sign(seen: ScoroSeen) -> Verdict:
    """Which sign credit invoices have."""
    credits = [row for row in seen.invoices if row["credits"] and Decimal(row["sum"] or 0)]
    signs = {"negative" if Decimal(row["sum"]) < 0 else "positive" for row in credits}
    return read_as(
        "+".join(sorted(signs)), assumed="negative", of=credits[0]["number"] if credits else "", count=len(credits)
    )


def receipts_of_credits(seen: ScoroSeen) -> Verdict:
    """Whether receipts of credit invoices are negative."""
    credits = {row["id"] for row in seen.invoices if row["credits"]}
    negative, positive = examples()
    for group in seen.receipts:
        for key, amount in group["receipts"]:
            if key in credits and group["type"] in ("", "invoices") and Decimal(amount or 0):
                (negative if Decimal(amount) < 0 else positive).append(Example(group["id"], amount))
    return judged(negative, positive, assumed="negative", other="positive")


def receipts_of_bills(seen: ScoroSeen) -> Verdict:
    """Whether a receipt of a bill names it by the bill's id: where all bills are known, another id tells."""
    bills = {row["id"]: row for row in seen.bills}
    is_whole = seen.answers.get("S2/bills/2", {}).get("length") == 0
    named, others = examples()
    for group in seen.receipts:
        for key, _ in group["receipts"]:
            if group["type"] == "bills" and key:
                (named if key in bills else others).append(Example(group["id"], key))
    return judged(named, others if is_whole else [], assumed="the bill's id", other="another id")


def bill_number(seen: ScoroSeen) -> Verdict:
    """Whether a bill's number is its supplier's: numbers that follow the bills' ids are Scoro's own."""
    bills = [row for row in seen.bills if row["number"] and row["id"].isdecimal()]
    if len({row["partner"] for row in bills}) < 2:
        return NOTHING
    steps = {int(row["number"]) - int(row["id"]) if row["number"].isdecimal() else None for row in bills}
    reading = "Scoro's own" if len(steps) == 1 and None not in steps else "the supplier's"
    return read_as(reading, assumed="the supplier's", of=bills[0]["number"], count=len(bills))


def rate_side(seen: ScoroSeen) -> Verdict:
    """Whether a rate is what one foreign unit is worth in euros: of currencies that are worth far less or far more."""
    right, wrong = examples()
    for row in (*seen.invoices, *seen.bills):
        cheap = row["currency"] in ("SEK", "NOK", "DKK", "PLN", "CZK", "HUF", "RUB", "JPY", "TRY", "INR")
        if cheap and row["rate"] not in (None, "0", "1"):
            (right if Decimal(row["rate"]) < 1 else wrong).append(Example(row["number"], row["rate"], row["currency"]))
    return judged(right, wrong, assumed="euros for a unit", other="units for a euro")


def discounts(seen: ScoroSeen) -> Verdict:
    """Whether discounts of a document apply one after the other: documents with several tell."""
    one_by_one, added = examples()
    for row in (*seen.invoices, *seen.bills):
        rates = [Decimal(each) for each in row["discounts"] if each not in (None, "0")]
        if len(rates) < 2 or not row["lines"]:
            continue
        lines = sum((_net(line) for line in row["lines"]), Decimal(0))
        after = lines
        for rate in rates:
            after = after * (HUNDRED - rate) / HUNDRED
        at_once = lines * (HUNDRED - sum(rates, Decimal(0))) / HUNDRED
        shown = Decimal(row["sum"] or 0)
        if abs(abs(shown) - abs(after)) <= Decimal("0.02") * len(row["lines"]):
            one_by_one.append(Example(row["number"], str(shown)))
        elif abs(abs(shown) - abs(at_once)) <= Decimal("0.02") * len(row["lines"]):
            added.append(Example(row["number"], str(shown)))
    return judged(one_by_one, added, assumed="one after the other", other="together")


def _net(line: list[str | None]) -> Decimal:
    price, amount, discount, *_ = (Decimal(each or 0) for each in line)
    return price * amount * (HUNDRED - discount) / HUNDRED


def receivable(seen: ScoroSeen) -> Verdict:
    """Whether `receivable_sum` is what is open: nothing rests on it."""
    left, whole = examples()
    for row in seen.invoices:
        if row["receivable"] is None or not Decimal(row["paid"] or 0) or row["credits"]:
            continue
        total, open_sum = Decimal(row["sum"] or 0) + Decimal(row["vat"] or 0), Decimal(row["receivable"])
        if abs(open_sum - total) < Decimal("0.01"):
            whole.append(Example(row["number"], row["receivable"]))
        else:
            left.append(Example(row["number"], row["receivable"]))
    return judged(left, whole, assumed="what is open", other="all of it")


def texts(seen: ScoroSeen) -> Verdict:
    """Whether texts are escaped for HTML once, or not at all: twice is once too much."""
    forms = seen.forms("text")
    if not forms:
        return NOTHING
    if "twice" in forms:
        return Verdict(State.CONTRADICTED, forms, against=1, example=Example("", forms, "once"))
    return Verdict(State.CONFIRMED, forms, agreeing=1)


def tags(seen: ScoroSeen) -> Verdict:
    """Whether lists of products show tags, and how they are written."""
    facts = seen.answers.get("S9/products", {})
    if not facts.get("length"):
        return NOTHING
    shown = "+".join(facts.get("tags", ())) or ("shown empty" if facts.get("keys") else "not shown")
    return Verdict(
        State.CONTRADICTED if shown == "not shown" else State.CONFIRMED,
        shown,
        agreeing=int(shown != "not shown"),
        against=int(shown == "not shown"),
    )
