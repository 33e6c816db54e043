"""Room pipeline. A company file that names the strongest mode of a run by hand is held to in every run, also outside
Airflow."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from scoro_smartaccounts import pipeline
from scoro_smartaccounts.common.company import Company, DefaultMode, Mode, load_company
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.common.run import RunKind
from tests.integration.world import COMPANY, World

FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)


def named(**modes: str) -> Company:
    return COMPANY.model_copy(update={"mode": DefaultMode.model_validate(modes)})


@pytest.mark.parametrize("kind", [RunKind.MANUAL, RunKind.BACKFILL])
def test_a_run_that_asks_for_more_reads_and_writes_nothing(world: World, kind: RunKind) -> None:
    world.generate(FIRST, LAST, 3)
    world.company = named(scheduled="import", strongest="approve")
    request = world.request(FIRST, LAST, mode=Mode.IMPORT, kind=kind)
    services = world.services(request)
    for step in (pipeline.extract, pipeline.load, pipeline.load_until_certain, pipeline.run_all):
        with pytest.raises(ConfigurationError, match=r"mode approve at most.*mode\.strongest in default\.yaml"):
            step(request, services)
    assert world.calls() == []
    assert world.invoices() == []


def test_the_schedule_has_its_own_mode(world: World) -> None:
    world.generate(FIRST, LAST, 3)
    world.company = named(scheduled="import", strongest="preview")
    assert world.run(FIRST, LAST, kind=RunKind.SCHEDULED)["documents"]["created"] == 3


def test_a_run_that_a_program_makes_needs_no_key(world: World) -> None:
    world.generate(FIRST, LAST, 3)
    world.company = named(scheduled="preview", manual="preview")
    assert world.run(FIRST, LAST)["documents"]["created"] == 3


@pytest.mark.parametrize(
    ("section", "told"),
    [
        (
            {"mode": {"manual": "import", "strongest": "approve"}},
            "mode: manual: import is more than strongest: approve",
        ),
        ({"mode": {"strongest": "everything"}}, "mode.strongest"),
        ({"mode": {"strongst": "approve"}}, "allowed here: scheduled, manual, strongest"),
        ({"approval": {"user": ["mari"]}}, "allowed here: users, roles, alert_after_hours"),
        ({"approval": {"users": "mari"}}, "approval.users"),
        ({"approval": {"roles": [""]}}, "approval.roles.0"),
        ({"access": {"edit": ["Accountant"]}}, "allowed here: see, run"),
    ],
)
def test_a_file_that_says_it_wrongly_is_refused(section: dict[str, Any], told: str, tmp_path: Path) -> None:
    content = yaml.safe_load((Path(__file__).parents[3] / "include/companies/default.yaml").read_text("utf-8"))
    (tmp_path / "acme.yaml").write_text(yaml.safe_dump(content | section), "utf-8")
    with pytest.raises(ConfigurationError) as refused:
        load_company(tmp_path / "acme.yaml")
    assert told in str(refused.value)
