"""Room audit. Weeks of work in the books, people busy between the requests too: everything is found the night after,
nothing is told that is not so, and no night asks for more than it may."""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from statistics import median
from typing import Any

import pytest

from scoro_smartaccounts.common.run import AuditRequest
from scoro_smartaccounts.mirror.registers import sync_register, sync_settings
from scoro_smartaccounts.services import Services
from scoro_smartaccounts.staging.drifts import Drift
from scoro_smartaccounts_sandbox.smartaccounts.services import REGISTERS
from tests.integration.audit.nights import Nights
from tests.integration.audit.people import VAT_CODES, People, at_noon
from tests.integration.world import World
from tests.tiers import slow_but

START = date(2026, 1, 5)
# Requests to SmartAccounts of a night on which nothing differs, on which something does, and that reads lists whole.
QUIET, ALARMED, WHOLE_LISTS = 10, 25, 150
# What the night finds in the registers, of which it reads one in turn: it may take it so many nights.
OF_REGISTERS, NIGHTS_OF_REGISTERS = ("partner_tax_data", "article_type", "vat_code"), 4


@dataclass
class Busy(Nights):
    """Nights during which somebody works: before one request in so many."""

    people: People | None = None
    one_in: int = 0

    def services(self, request: AuditRequest) -> Services:
        services = super().services(request)
        reserve = services.budget.reserve

        def work_and_reserve(operation: str) -> None:
            people = self.people
            if people is not None and self.one_in and people.random.randrange(self.one_in) == 0:
                people.something()
                people.in_registers()
            reserve(operation)

        services.smartaccounts._before_request = work_and_reserve
        return services


@dataclass
class Figures:
    """What came of a history. `found`: by kind, after how many nights what was done before the first of them was told;
    `late`: what a night that was read in whole did not tell; `by_state`: requests to SmartAccounts and Scoro of nights
    on which nothing was told or closed and nobody worked, of those with an alarm, and of those that were not whole;
    `too_many`: what quiet nights asked that asked more than they may."""

    done: int = 0
    documents: int = 0
    found: dict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    false: list[Any] = field(default_factory=list)
    late: list[Any] = field(default_factory=list)
    unfound: list[Any] = field(default_factory=list)
    states: Counter[str] = field(default_factory=Counter)
    by_state: dict[str, list[tuple[int, int]]] = field(default_factory=lambda: defaultdict(list))
    too_many: list[Any] = field(default_factory=list)

    @property
    def requests(self) -> list[int]:
        """To SmartAccounts, of each night after the first reading."""
        return [asked for name, nights in self.by_state.items() if name != "baseline" for asked, _ in nights]

    def __str__(self) -> str:
        asked = {
            name: f"{len(some)} nights, SmartAccounts {_middle_and_most(ours)}, Scoro {_middle_and_most(theirs)}"
            for name, some in self.by_state.items()
            for ours, theirs in [zip(*some, strict=True)]
        }
        return (
            f"{self.documents} documents, {self.done} differences made; found after so many nights, by kind:"
            f" { ({kind: dict(late) for kind, late in sorted(self.found.items())}) }; late {len(self.late)}, not found"
            f" {len(self.unfound)}, false {len(self.false)}; nights {dict(self.states)}; requests: {asked}"
        )


def _middle_and_most(requests: tuple[int, ...]) -> str:
    return f"{median(requests):g} in the middle and {max(requests)} at most"


def play(world: World, days: int, seed: int, work: Callable[[People], None], *, one_in: int = 0) -> Figures:
    world.clock.set(at_noon(START))
    people = People(world, seed)
    people.use_registers()
    read_registers(world)
    # What nobody has seen yet cannot have changed.
    used, people.used = people.used, []
    nights = Busy(world, people=people, one_in=one_in)
    figures = Figures()
    # Deeds → the number of the first night that had to tell them, or to know that they were taken back.
    owed: dict[Any, int] = {}
    back: dict[Any, int] = {}
    settled: set[Any] = set()
    for number in range(days):
        world.clock.set(at_noon(START + timedelta(days=number)))
        work(people)
        # What was done before this night must be told by it.
        begun = people.truth.deeds
        there = {*people.free}
        report = nights.play(hunts=False)
        people.seen |= there
        told = {_told(each) for each in nights.open() if each.state != "suspected"}
        verdict = people.truth.judge(told, begun)
        is_whole = report.night.state == "ok"
        expected, taken_back = people.truth.expected, people.truth.taken_back
        must = {(each, when) for each, when in expected.items() if when <= begun}
        settled &= must
        # What was taken back before any night told it is owed no more.
        owed = {deed: owed.get(deed, number) for deed in must - settled}
        back = {deed: back.get(deed, number) for deed in taken_back.items() if deed[1] <= begun}
        for deed in [deed for deed in owed if deed[0] in told]:
            figures.found[deed[0][2]][number - owed.pop(deed)] += 1
            settled.add(deed)
        for each in verdict.missed:
            since = owed.get((each, expected[each]))
            if is_whole and (since is None or number - since >= nights_of(each[2])):
                figures.late.append((number, each))
        is_busy = people.truth.deeds != begun
        for each in verdict.false:
            # What somebody did between two requests and what was read before stand in one sum: the next night names it.
            if is_busy and each[2] == "ledger_differs":
                continue
            since = back.get((each, taken_back.get(each)))
            if is_whole and (since is None or number - since >= nights_of(each[2])):
                figures.false.append((number, each))
        figures.states[report.night.state] += 1
        assert is_whole or "Not clean" in "\n".join(report.lines())
        is_quiet = not (report.fresh or report.closed) and people.truth.deeds == begun
        alarm = "quiet" if is_quiet else "alarm"
        is_first = not number or report.night.state == "baseline"
        name = "baseline" if is_first else alarm if is_whole else "not whole"
        figures.by_state[name].append((nights.requests[-1], report.night.requests_scoro))
        if name == "quiet" and nights.requests[-1] > QUIET:
            asked = [call["operation"] for call in world.calls()[-nights.requests[-1] :]]
            figures.too_many.append((number, report.night.night, asked))
        people.used += used if not number else []
    figures.done, figures.documents = people.truth.done, people.number
    figures.unfound = [each for (each, _), since in owed.items() if days - since > nights_of(each[2])]
    return figures


def nights_of(kind: str) -> int:
    """How many nights may pass before the one that tells a difference."""
    return NIGHTS_OF_REGISTERS - 1 if kind in OF_REGISTERS else 0


def read_registers(world: World) -> None:
    """As the imports did that added the documents."""
    services = world.services(world.request(START, START))
    for register in REGISTERS:
        sync_register(services, world.company.key, register, max_age=None)
    sync_settings(services, world.company.key, [VAT_CODES])


def _told(each: Drift) -> tuple[str, str, str, int]:
    return each.flow, each.remote_id, each.kind, int((each.amount or 0) * 100)


def of_a_day(people: People) -> None:
    people.a_day(4, 3, 3)
    for _ in range(people.random.randrange(3)):
        people.something()
    people.in_registers()


# Days, and before one request in how many somebody works.
LENGTHS = [(10, 20), (60, 0), (60, 20)]
# Switches, and the seed of what is done.
READINGS: list[tuple[dict[str, Any], int]] = [
    ({"deleted_of_payments": False, "deleted_of_invoices": False, "deleted_of_entries": False}, 3),
    ({"entries_tell_edits": False, "sort": "backwards"}, 5),
    ({"page_size": 20}, 3),
    ({"date_to_excluded": True}, 3),
    ({"balances_sign": "debit", "balances_include_day": False, "moments": "day"}, 3),
]


@pytest.mark.parametrize(
    ("days", "one_in"), [LENGTHS[0], *(pytest.param(*each, marks=pytest.mark.long) for each in LENGTHS[1:])]
)
def test_some_weeks(world: World, days: int, one_in: int) -> None:
    figures = play(world, days, seed=one_in + 1, work=of_a_day, one_in=one_in)
    judge(figures)
    assert figures.found.keys() & {*OF_REGISTERS}
    assert figures.states["ok"] >= (days if not one_in else days * 9 // 10)
    assert median(figures.requests) <= QUIET


@pytest.mark.parametrize(("switches", "seed"), slow_but(READINGS[:1], READINGS), ids=str)
def test_a_busy_week_under_another_reading(world: World, switches: dict[str, Any], seed: int) -> None:
    """Somebody works before each fifth request."""
    world.books.switches.change(switches)
    figures = play(world, 7, seed=seed, work=of_a_day, one_in=5)
    judge(figures)


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2])
def test_a_thousand_days(world: World, seed: int) -> None:
    days = int(os.environ.get("AUDIT_DAYS", "1000"))
    judge(play(world, days, seed=seed, work=of_a_day, one_in=20))


def judge(figures: Figures) -> None:
    """All that people did was told within a day, but by nights that said that they were not whole; nothing else was
    told."""
    print(figures)
    assert (figures.late, figures.false) == ([], []), figures
    in_time = sum(
        count for kind, late in figures.found.items() for nights, count in late.items() if nights <= nights_of(kind)
    )
    after_a_hole = sum(late.total() for late in figures.found.values()) - in_time
    assert in_time
    assert after_a_hole + len(figures.unfound) == 0 or figures.by_state["not whole"]
    assert not figures.unfound or figures.states["ok"] < figures.states.total()
    assert figures.too_many == []
    assert max(asked for name in ("quiet", "alarm") for asked, _ in figures.by_state[name]) <= ALARMED
    assert max(figures.requests) <= WHOLE_LISTS
