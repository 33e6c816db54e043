"""Judges what SmartAccounts' lists tell: how things are written, in which order, what filters and changes show."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.meeting.seen import name_of, witness
from scoro_smartaccounts.meeting.verdict import NOTHING, Example, State, Verdict, examples, judged, read_as
from scoro_smartaccounts.smartaccounts.endpoints import WAREHOUSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scoro_smartaccounts.meeting.seen import Seen

    Facts = dict[str, Any]

# A page is a hundred records; a shorter one that promises more has another size.
_PAGE = 100
# A clock that is off by less is no clock that is off.
_CLOCK = timedelta(minutes=1)
_TICK = timedelta(seconds=2)


def _answers(seen: Seen, *prefixes: str) -> Iterator[tuple[str, Facts]]:
    """Yield the answers that hold a list."""
    for name, facts in sorted(seen.answers.items()):
        if "length" in facts and name.startswith(prefixes or ("M",)):
            yield name, facts


def form(what: str, assumed: str) -> Callable[[Seen], Verdict]:
    """Return the judge of how amounts, numbers or moments are written."""

    def judge(seen: Seen) -> Verdict:
        forms = {each for _, facts in _answers(seen) for each in facts["forms"][what]}
        return read_as("+".join(sorted(forms)), assumed=assumed)

    return judge


def list_keys(seen: Seen) -> Verdict:
    """Tell what lists are called: whatever it is, it is read."""
    keys = {name.partition("/")[0]: facts["key"] for name, facts in _answers(seen, "M1/", "M3/", "M4/", "M8/")}
    named = sorted({key for key in keys.values() if key})
    if not named:
        return NOTHING
    return Verdict(State.CONFIRMED, "+".join(named), agreeing=len(named), example=Example("", ", ".join(named)))


def empty_lists(seen: Seen) -> Verdict:
    """Whether an empty list has its key."""
    keyed = {bool(facts["key"]) for _, facts in _answers(seen) if not facts["length"]}
    return read_as("+".join(sorted("key" if each else "no key" for each in keyed)), assumed="key")


def page_size(seen: Seen) -> Verdict:
    """How many records a page holds."""
    sizes = {facts["length"] for _, facts in _answers(seen) if facts["more"] and facts["length"]}
    return read_as("+".join(map(str, sorted(sizes))), assumed=str(_PAGE))


def order(seen: Seen) -> Verdict:
    """In which order documents are listed: any one is read."""
    days = [row["day"] for row in seen.answers.get("M1/first", {}).get("rows", [])]
    if len(set(days)) < 2:
        return NOTHING
    reading = "forwards" if days == sorted(days) else "backwards" if days == sorted(days, reverse=True) else "none"
    return read_as(reading, assumed="forwards", count=len(days))


def date_header(seen: Seen) -> Verdict:
    """Whether the service shows its clock."""
    shown = {facts["behind"] is not None for _, facts in _answers(seen)}
    return read_as("+".join(sorted("shown" if each else "not shown" for each in shown)), assumed="shown")


def clock(seen: Seen) -> Verdict:
    """How far the service's clock is off: it may be 15 minutes, since older requests are refused."""
    off = [abs(facts["behind"]) for _, facts in _answers(seen) if facts["behind"] is not None]
    if not off:
        return NOTHING
    least = timedelta(seconds=min(off))
    return read_as("right" if least < _CLOCK else f"{least.total_seconds() / 60:.0f} min off", assumed="right")


def last_day(seen: Seen) -> Verdict:
    """Whether `dateTo` includes its day."""
    facts = seen.answers.get("M6/day", {})
    if "length" not in facts:
        return NOTHING
    first = seen.answers["M1/first"]["rows"]
    return read_as("included" if facts["length"] else "excluded", assumed="included", of=first[0]["day"])


def part_of_number(seen: Seen) -> Verdict:
    """Whether a number is found by a part of it."""
    facts = seen.answers.get("M6/number", {})
    if "length" not in facts:
        return NOTHING
    whole = next(row for row in seen.answers["M1/first"]["rows"] if row["number"])
    found = any(row["id"] == whole["id"] for row in facts["rows"])
    return read_as("partial" if found else "exact", assumed="partial", of=whole["number"])


def changes(question: str, known: str) -> Callable[[Seen], Verdict]:
    """Return the judge of a list of changes: it must show what is known to have changed, and nothing that did not."""

    def judge(seen: Seen) -> Verdict:
        facts = seen.answers.get(question, {})
        rows = seen.answers.get(known, {}).get("rows", [])
        there = witness([row for row in rows if row.get("day")])
        if "length" not in facts or there is None:
            return NOTHING
        if any(row["id"] == there["id"] for row in facts["rows"]):
            return read_as("works", assumed="works", of=name_of(there))
        return read_as("by date" if facts["length"] else "none", assumed="works", of=name_of(there))

    return judge


def changes_of_registers(seen: Seen) -> Verdict:
    """Whether clients that changed show in the list of changes."""
    first, changed = seen.answers.get("M14/first", {}), seen.answers.get("M14/changed", {})
    if "length" not in first or not seen.sales:
        return NOTHING
    if not first["length"]:
        return read_as("none", assumed="works")
    if "length" not in changed:
        return NOTHING
    last = max(first["rows"], key=lambda row: row["changed"] or "")
    return read_as("works" if last in changed["rows"] else "none", assumed="works", of=last["id"])


def tells_changes(seen: Seen) -> Verdict:
    """Whether payments tell when they changed."""
    told = [row["changed"] is not None for row in seen.payments]
    if not told:
        return NOTHING
    return read_as("told" if any(told) else "not told", assumed="told", count=len(told))


def tells_deleted(*questions: str) -> Callable[[Seen], Verdict]:
    """Return the judge of lists of changes that name what was deleted."""

    def judge(seen: Seen) -> Verdict:
        told = {facts["deleted"] for name in questions if "length" in (facts := seen.answers.get(name, {}))}
        if not told:
            return NOTHING
        return read_as("shown" if any(told) else "not shown", assumed="shown")

    return judge


def payment_moves_invoice(seen: Seen) -> Verdict:
    """Whether a payment moves when its document changed."""
    moved, left = examples()
    for payment in seen.payments:
        for row in payment["rows"]:
            document = seen.documents.get(row[1])
            if document is None or not (document["changed"] and payment["created"]):
                continue
            paid_at, changed_at = map(datetime.fromisoformat, (payment["created"], document["changed"]))
            (moved if changed_at >= paid_at - _TICK else left).append(Example(name_of(document)))
    return judged(moved, left, assumed="moved", other="not moved")


def sales_numbers(seen: Seen) -> Verdict:
    """Whether two sales invoices may have one number."""
    return _doubles([(row["number"], "", row["type"]) for row in seen.sales if row["number"]], assumed="once")


def bill_numbers(seen: Seen) -> Verdict:
    """Whether two bills of a vendor may have one number: that they may is assumed, and proved by two that do."""
    twice = _doubles([(row["number"], row["partner"], "") for row in seen.bills if row["number"]], assumed="once")
    if twice.state is not State.CONTRADICTED:
        return NOTHING
    return Verdict(State.CONFIRMED, "twice", agreeing=twice.against, example=twice.example)


def _doubles(keys: list[tuple[str, str, str]], *, assumed: str) -> Verdict:
    doubles = sorted({key[0] for key in keys if keys.count(key) > 1})
    if not doubles:
        return NOTHING
    return Verdict(State.CONTRADICTED, "twice", against=len(doubles), example=Example(doubles[0], "2", assumed))


def warehouse_ids(seen: Seen) -> Verdict:
    """Whether warehouses have ids."""
    facts = seen.answers.get(f"M12/{WAREHOUSES}", {})
    if not facts.get("warehouses"):
        return NOTHING
    return read_as("ids" if facts["ids"] else "names", assumed="ids", count=facts["warehouses"])


def movements(seen: Seen) -> Verdict:
    """Whether movements that SmartAccounts made show where nobody asked for them."""
    facts = seen.answers.get("M16", {})
    if "length" not in facts:
        return NOTHING
    documents = {row["number"] for row in seen.documents.values()} - {""}
    if not documents:
        return NOTHING
    shown = sorted({row["document"] for row in facts["rows"]} & documents)
    return read_as("shown" if shown else "not shown", assumed="not shown", of=next(iter(shown), ""))


def comments(seen: Seen) -> Verdict:
    """Whether long comments come back: one of their length was not cut."""
    return _longest([(row["comment"], name_of(row)) for row in seen.documents.values()], 100)


def prices(seen: Seen) -> Verdict:
    """How many decimals prices have: many were not cut."""
    rows = [(row[1], document) for document in seen.documents.values() for row in document["rows"]]
    return _longest([(_decimals(price), name_of(document)) for price, document in rows], 5)


def rates(seen: Seen) -> Verdict:
    """How many decimals exchange rates have."""
    rows = [row for row in (*seen.documents.values(), *seen.payments) if row["rate"]]
    return _longest([(_decimals(row["rate"]), name_of(row)) for row in rows], 5)


def _decimals(written: str | None) -> int:
    return len((written or "").partition(".")[2].rstrip("0"))


def _longest(found: list[tuple[int, str]], enough: int) -> Verdict:
    length, of = max(found, default=(0, ""))
    if length < enough:
        return NOTHING
    return Verdict(State.CONFIRMED, str(length), agreeing=1, example=Example(of, str(length)))


def vendor_field(seen: Seen) -> Verdict:
    """By which field bills name their vendor: both are read."""
    named = sorted({name for row in seen.bills for name in row["by_vendor"]})
    return Verdict(State.CONFIRMED, "+".join(named), agreeing=len(seen.bills)) if named else NOTHING


def sent(seen: Seen) -> Verdict:
    """By which fields documents tell that they were sent."""
    found = [row for row in seen.sales if row["sent"]]
    if not found:
        return NOTHING
    named = "+".join(sorted({name for row in found for name in row["sent"]}))
    return Verdict(State.CONFIRMED, named, agreeing=len(found), example=Example(name_of(found[0]), named))
