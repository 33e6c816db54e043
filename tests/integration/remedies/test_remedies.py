"""Room common/reasons. Every remedy that a sentence offers works: each is followed in the simulators, and the
document is done with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from scoro_smartaccounts.common.company import LedgerPolicy
from scoro_smartaccounts.common.kinds import DocumentKind
from scoro_smartaccounts.staging.database import make_engine
from tests.integration.conftest import Databases
from tests.integration.remedies import (
    checks,
    exports,
    later,
    ledger,
    months,
    partners,
    payments,
    plans,
    receipts,
    sending,
    unread,
    warnings,
)
from tests.integration.remedies.play import FOLLOWED, Followed, Place, play_all
from tests.integration.world import open_world
from tests.remedies import REMEDIES
from tests.tiers import slow_but

# They register their scenarios.
SCENARIOS = (checks, plans, partners, sending, payments, exports, later, receipts, warnings, ledger, unread, months)

# Where documents, and where money: a few scenarios of each.
QUICK_PLACES = (plans.WAREHOUSE, payments.PARTS)

Played = Callable[[Place], dict[Followed, str]]


@pytest.fixture(scope="module")
def played(server_uri: str, template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Played]:
    """What came of the scenarios of a place, which are played once."""
    databases = Databases(server_uri, template)
    results: dict[Place, dict[Followed, str]] = {}

    def play(place: Place) -> dict[Followed, str]:
        if place not in results:
            results[place] = in_a_world(place, databases.new(), tmp_path_factory.mktemp("output"))
        return results[place]

    yield play
    databases.drop()


def in_a_world(place: Place, url: str, output: Path) -> dict[Followed, str]:
    engine = make_engine(url)
    try:
        with open_world(engine, output) as world:
            world.checked = place.checked
            desk = place.desk(world, place.first, place.last)
            desk.company(first_import_date=place.first_import)
            if place.trusting:
                desk.company(ledger_check=LedgerPolicy(trusted=tuple(DocumentKind)))
            return play_all(desk, [each for each in FOLLOWED if each.place == place])
    finally:
        engine.dispose()


@pytest.mark.parametrize(
    "followed", slow_but([each for each in FOLLOWED if each.place in QUICK_PLACES], FOLLOWED), ids=str
)
def test_the_remedy_works(followed: Followed, played: Played) -> None:
    went_wrong = played(followed.place)[followed]
    if went_wrong:
        pytest.fail(went_wrong, pytrace=False)


def test_every_remedy_is_followed() -> None:
    offered = {(key, remedy) for key, remedies in REMEDIES.items() for remedy in remedies}
    assert {(each.key, each.remedy) for each in FOLLOWED} == offered
