"""A list of SmartAccounts that names ids of Scoro is a person's word: against proposals, reports, running imports."""

from __future__ import annotations

import pytest

from scoro_smartaccounts.first_day.linked_service.take import Taken, take_links
from scoro_smartaccounts.first_day.linked_service.wrong_file import WrongFile
from scoro_smartaccounts.staging.links import Kind
from tests.integration.first_day import FirstDay, fill_in, likely_pair
from tests.integration.world import World


@pytest.fixture
def day(world: World) -> FirstDay:
    world.checked = False
    return FirstDay(world)


def take(day: FirstDay, source: str) -> Taken:
    """Take a list of SmartAccounts that gives the client the id."""
    text = f"Nimi;Registrikood;Liidetud teenus;Liidetud teenuse ID\r\nOÜ Põhjatäht;;SC;{source}\r\n"
    world = day.world
    return take_links(
        world.engine, world.company, Kind.CLIENT, text.encode(), run_key="links-in", clock=world.clock.now
    )


def test_a_list_of_smartaccounts_overrules_a_no(day: FirstDay) -> None:
    source, remote = likely_pair(day, "Põhjatäht")
    report = day.file(day.run())
    no = fill_in(report, lambda row: "ei")
    day.hand_back(no)
    assert take(day, source).overruled == (source,)
    assert day.links() == {source: (remote, "linked_service")}
    # The file that said no is handed back again: somebody spoke since.
    assert day.hand_back(no).counts["skipped"] == 1
    assert day.links() == {source: (remote, "linked_service")}
    assert take(day, source).overruled == ()


def test_a_list_of_smartaccounts_takes_no_id_that_scoro_deleted(day: FirstDay) -> None:
    source, _ = likely_pair(day, "Põhjatäht")
    day.world.site.delete("contacts", int(source))
    day.run()
    with pytest.raises(WrongFile, match=f"row 2, column Liidetud teenuse ID: {source} is deleted in Scoro"):
        take(day, source)
    assert day.links() == {}


def test_a_list_of_smartaccounts_does_not_cross_an_import(day: FirstDay) -> None:
    source, _ = likely_pair(day, "Põhjatäht")
    day.run()
    day.creating(source)
    with pytest.raises(WrongFile, match="an import is creating this record at this moment"):
        take(day, source)
    assert day.links() == {}


def test_a_list_of_smartaccounts_tells_of_records_that_are_linked_to_others(day: FirstDay) -> None:
    source, remote = likely_pair(day, "Põhjatäht")
    day.hand_back(fill_in(day.file(day.run()), lambda row: "jah"))
    other = day.contact(name="Põhjatäht uus")
    assert take(day, other).beside == (other,)
    assert day.links() == {source: (remote, "decided"), other: (remote, "linked_service")}
