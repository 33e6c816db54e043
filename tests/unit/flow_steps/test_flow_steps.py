"""Room flow_steps. Every flow has its steps, every kind of record one target (`outbox`)."""

from __future__ import annotations

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.flow_steps import STEPS
from scoro_smartaccounts.outbox.target import SCORO, SMARTACCOUNTS, target_of
from scoro_smartaccounts.staging.links import SENT_AS, Kind


def test_every_flow_has_steps_and_a_target_that_its_documents_do_not_come_from() -> None:
    assert set(STEPS) == set(SENT_AS) == set(Flow)
    for flow, kind in SENT_AS.items():
        assert {flow.source, target_of(kind).name} == {"Scoro", "SmartAccounts"}


def test_every_kind_is_created_in_one_system() -> None:
    assert {*SCORO.kinds, *SMARTACCOUNTS.kinds} == set(Kind)
    assert not {*SCORO.kinds} & {*SMARTACCOUNTS.kinds}
    assert all(kind in target_of(kind).kinds for kind in Kind)
