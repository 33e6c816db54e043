"""Room matching/partners. Who is created is looked for once more before: the answer is that of a comparison with all
that are like it, and what shares only what many share is compared with nobody."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Engine

from scoro_smartaccounts.common.documents import Address, Flow, Partner
from scoro_smartaccounts.common.errors import DocumentProblem
from scoro_smartaccounts.common.records import PartnerRecord
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.matching.identity.profile_index import MOST_SHARING
from scoro_smartaccounts.matching.partners import partners
from scoro_smartaccounts.matching.partners.partners import compare
from scoro_smartaccounts.matching.partners.proofs import can_be_proved
from scoro_smartaccounts.scoro.modules import CONTACTS
from scoro_smartaccounts.staging.mirror_registers import store_partners
from scoro_smartaccounts.staging.scoro_registers import StagedRecord, store_records
from scoro_smartaccounts_sandbox.scoro.codes import bank_account, registry_code, vat_number
from tests.integration.world import World
from tests.matching.labelled import labelled_parties

DAY = date(2026, 1, 15)
COMPANY, SPEC = "demo", INVOICE_FLOWS[Flow.SALES_INVOICES]
BUREAU, GROUP = "arved@byroo.example", bank_account(22, 7_654_321)
OTHERS = MOST_SHARING + 4


def stage(connection: Connection, contacts: Iterable[PartnerRecord], clients: Iterable[PartnerRecord]) -> None:
    staged = [StagedRecord(each.id, 1, _partner(each)) for each in contacts]
    store_records(connection, COMPANY, CONTACTS, staged)
    assert not store_partners(connection, COMPANY, SPEC.partner_kind, clients, read_at=datetime(2026, 3, 1, tzinfo=UTC))


def _partner(record: PartnerRecord) -> Partner:
    return Partner(
        source_id=record.id,
        name=record.name,
        is_person=bool(record.is_person),
        registry_code=record.registry_code,
        vat_number=record.vat_number,
        bank_account=record.bank_account,
        reference_number="",
        email=record.email,
        phone="",
        address=Address(record.country, "", record.city, record.street, record.postal_code),
        is_client=True,
        is_supplier=False,
        is_deleted=False,
    )


def answer(connection: Connection, record: PartnerRecord) -> str:
    """What a comparison with all that are like it says."""
    try:
        found = compare(connection, COMPANY, SPEC, record)
    except DocumentProblem:
        return "a person decides"
    return "" if found is None else found.evidence.value


@pytest.mark.parametrize("seed", [11, 12])
def test_what_is_not_compared_would_have_been_nobody(engine: Engine, seed: int) -> None:
    rng = Random(seed)
    labelled = labelled_parties(seed, 200)
    contacts = [_of_bureau(rng, record.party) for record in labelled.sources]
    clients = [_of_bureau(rng, record.party) for record in labelled.remotes]
    # What this import created of the others, some of them entered twice.
    clients += [
        replace(
            each, id=f"new-{each.id}", is_person=None, marked_id=f"{each.id}-twin" if rng.random() < 0.8 else each.id
        )
        for each in contacts
        if each.id not in labelled.truth
    ]
    with engine.begin() as connection:
        stage(connection, contacts, clients)
        said: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
        for each in contacts:
            is_compared = can_be_proved(connection, COMPANY, SPEC.partner_kind, each)
            said[is_compared][answer(connection, each)] += 1
    assert set(said[False]) == {""}
    assert said[False][""] >= 40
    assert {"a person decides", "registry_code", "vat_number", "email"} <= set(said[True])


def _of_bureau(rng: Random, record: PartnerRecord) -> PartnerRecord:
    return replace(record, email=BUREAU) if rng.random() < 0.3 else record


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"vat_number": "EL094014201"}, {"vat_number": "GR 094 014 201", "email": BUREAU}),
        ({"vat_number": "DE136695976"}, {"vat_number": "136695976", "country": "DE", "email": BUREAU}),
        (
            {"registry_code": "Berlin HRB 74811 B", "country": "DE"},
            {"registry_code": "berlin hrb74811b", "country": "DE"},
        ),
        ({"registry_code": registry_code(1900100)}, {"vat_number": f"EE{registry_code(1900100)}"}),
        ({"vat_number": vat_number(10900100)}, {"registry_code": vat_number(10900100)[2:]}),
        ({"email": "<INFO@naidis.example>"}, {"email": "arved@x.example; info@Naidis.example", "marked_id": "7"}),
        ({"bank_account": f" {GROUP[:4]} {GROUP[4:]}"}, {"bank_account": GROUP.lower(), "marked_id": "7"}),
        ({}, {"marked_id": "1"}),
    ],
)
def test_whatever_way_a_proof_is_written_it_is_compared(
    engine: Engine, ours: dict[str, Any], theirs: dict[str, Any]
) -> None:
    fields: dict[str, Any] = {"email": BUREAU, "is_person": False} | ours
    record = PartnerRecord("1", "Näidis OÜ", **fields)
    with engine.begin() as connection:
        stage(connection, [record, *_many(email=BUREAU)], [PartnerRecord("client", "Näidis OÜ", **theirs)])
        assert answer(connection, record)
        assert can_be_proved(connection, COMPANY, SPEC.partner_kind, record)


def _many(**shared: Any) -> list[PartnerRecord]:
    return [PartnerRecord(f"many-{place}", f"Firma {place} OÜ", **shared) for place in range(OTHERS)]


@pytest.mark.parametrize("shared", [{"email": BUREAU}, {"bank_account": GROUP}])
@pytest.mark.parametrize("of_many", ["contacts", "clients"])
def test_what_many_share_is_compared_with_nobody(engine: Engine, shared: dict[str, Any], of_many: str) -> None:
    many = _many(**shared)
    one = replace(many[0], id="created", marked_id="7")
    record = PartnerRecord("1", "Näidis OÜ", is_person=False, registry_code=registry_code(1900100), **shared)
    with engine.begin() as connection:
        stage(connection, [record, *(many if of_many == "contacts" else [])], [one])
        assert can_be_proved(connection, COMPANY, SPEC.partner_kind, record) is (of_many == "clients")
        stage(connection, [], [one, *(many if of_many == "clients" else [])])
        assert not can_be_proved(connection, COMPANY, SPEC.partner_kind, record)
        assert answer(connection, record) == ""


def test_an_import_compares_what_it_creates_with_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.checked = False
    for place in range(OTHERS):
        fields = {"name": f"Firma {place} OÜ", "contact_type": "company", "id_code": registry_code(1900100 + place)}
        company = world.site.create("contacts", fields | {"means_of_contact": {"email": [BUREAU]}})["contact_id"]
        lines = [{"product_id": 0, "product_name": "Töö", "price": "10", "amount": "2", "vat_code_id": 9}]
        when = DAY.isoformat()
        world.site.create("invoices", {"company_id": company, "date": when, "deadline": when, "lines": lines})
    compared: list[str] = []
    monkeypatch.setattr(partners, "compare", lambda *given: compared.append(given[-1].id))
    world.run(DAY, DAY)
    assert len(world.writes("clients")) == OTHERS
    assert compared == []
