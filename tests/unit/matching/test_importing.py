"""Room matching/identity. What an import may do with a contact: link it, leave it to a person, create it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import pytest

from scoro_smartaccounts.common.records import PartnerRecord
from scoro_smartaccounts.matching.identity.importing import Decided, decide
from scoro_smartaccounts.matching.partners.doubts import problem_of
from scoro_smartaccounts_sandbox.scoro.codes import bank_account, registry_code, vat_number

CODE, OTHER_CODE = registry_code(1900100), registry_code(1900101)
VAT, OTHER_VAT = vat_number(10900100), vat_number(10900101)
EMAIL, IBAN = "info@naidis.example", bank_account(22, 1_234_567)


def scoro(id_: str = "s1", name: str = "Näidis OÜ", **fields: Any) -> PartnerRecord:
    return PartnerRecord(id_, name, **({"is_person": False} | fields))


def books(id_: str = "r1", name: str = "Näidis OÜ", **fields: Any) -> PartnerRecord:
    return PartnerRecord(id_, name, **fields)


def decided(
    sources: list[PartnerRecord], remotes: list[PartnerRecord], *, wanted: Collection[str] = ("s1",), rejected: Any = ()
) -> Decided:
    return decide(wanted, sources, remotes, rejected)


def sentence(found: Decided, source_id: str = "s1") -> tuple[str, str]:
    problem = problem_of(found.doubts[source_id], "client")
    return problem.code, problem.message


def outcome(found: Decided) -> tuple[dict[str, str], set[str]]:
    return {source_id: pair.remote.id for source_id, pair in found.certain.items()}, set(found.doubts)


@pytest.mark.parametrize(
    "shared", [{"registry_code": CODE}, {"vat_number": VAT}, {"bank_account": IBAN}, {"email": EMAIL}]
)
def test_what_reconcile_ids_calls_certain_is_linked(shared: dict[str, str]) -> None:
    assert outcome(decided([scoro(**shared)], [books(**shared)])) == ({"s1": "r1"}, set())


def test_an_equal_code_of_quite_another_name_is_a_persons() -> None:
    found = decided([scoro(registry_code=CODE)], [books(name="Hoopis Muu AS", registry_code=CODE)])
    assert outcome(found) == ({}, {"s1"})
    code, message = sentence(found)
    assert code == "partner_differs"
    assert message == (
        f"Contact s1 (Näidis OÜ): client r1 (Hoopis Muu AS) has the same registry code {CODE}, but quite another name,"
        " another company form. Where they are two, correct the code in Scoro or in SmartAccounts; where they are one,"
        " correct the name, or say so in the report of reconcile_ids; then retry."
    )


def test_all_that_is_copied_with_a_code_proves_nothing() -> None:
    copied = {"registry_code": CODE, "vat_number": VAT, "bank_account": IBAN, "email": EMAIL}
    assert outcome(decided([scoro(**copied)], [books(name="Hoopis Muu AS", **copied)])) == ({}, {"s1"})


def test_a_code_that_fails_its_check_is_a_persons_too() -> None:
    shared = {"registry_code": "19000022"}
    assert outcome(decided([scoro(**shared)], [books(name="Hoopis Muu", **shared)])) == ({}, {"s1"})


def test_a_sister_in_a_vat_group_is_new() -> None:
    ours = scoro(registry_code=CODE, vat_number=VAT)
    sister = books(name="Näidis Vara OÜ", registry_code=OTHER_CODE, vat_number=VAT)
    assert outcome(decided([ours], [sister])) == ({}, set())


def test_one_name_with_two_codes_is_no_sister() -> None:
    ours = scoro(registry_code=CODE, vat_number=VAT)
    found = decided([ours], [books(registry_code=OTHER_CODE, vat_number=VAT)])
    assert outcome(found) == ({}, {"s1"})
    assert f"the registry code {OTHER_CODE}, not {CODE}" in sentence(found)[1]


def test_a_sister_whose_own_code_is_not_told_is_a_persons() -> None:
    found = decided([scoro(vat_number=VAT)], [books(name="Näidis Vara OÜ", registry_code=OTHER_CODE, vat_number=VAT)])
    assert outcome(found) == ({}, {"s1"})


def test_the_same_digits_in_another_countrys_register_are_no_ones() -> None:
    ours = scoro(name="Falcon Ltd", country="GB", registry_code=CODE)
    assert outcome(decided([ours], [books(country="EE", registry_code=CODE)])) == ({}, set())


@pytest.mark.parametrize("code", ["00000000", "12345678", "0", "-", "n/a"])
def test_what_stands_in_for_a_code_is_nobodys(code: str) -> None:
    shared = {"registry_code": code, "vat_number": code, "country": "SE"}
    assert outcome(decided([scoro(**shared)], [books(name="Hoopis Muu", **shared)])) == ({}, set())


def test_a_name_alone_is_new() -> None:
    assert outcome(decided([scoro()], [books()])) == ({}, set())


def test_two_records_with_the_code_are_both_named() -> None:
    found = decided([scoro(registry_code=CODE)], [books(registry_code=CODE), books("r2", registry_code=CODE)])
    code, message = sentence(found)
    assert (code, f"2 clients have the same registry code {CODE}: r1 (Näidis OÜ), r2 (Näidis OÜ)" in message) == (
        "partner_ambiguous",
        True,
    )


def test_a_record_of_which_a_person_said_no_is_no_doubt() -> None:
    remote = books(name="Hoopis Muu AS", registry_code=CODE)
    assert outcome(decided([scoro(registry_code=CODE)], [remote], rejected={("s1", "r1")})) == ({}, set())


class TestContactsOfOneCode:
    COPY = scoro("s2", "Hoopis Muu AS", registry_code=CODE)

    def test_the_copy_does_not_take_the_client(self) -> None:
        found = decided([scoro(registry_code=CODE), self.COPY], [books(registry_code=CODE)], wanted=("s1", "s2"))
        assert outcome(found) == ({"s1": "r1"}, {"s2"})
        assert "contact s1 (Näidis OÜ) of Scoro has that code too" in sentence(found, "s2")[1]

    def test_neither_is_created_while_both_are_new(self) -> None:
        found = decided([scoro(registry_code=CODE), self.COPY], [], wanted=("s1", "s2"))
        assert outcome(found) == ({}, {"s1", "s2"})
        code, message = sentence(found)
        assert (code, "contact s2 (Hoopis Muu AS) of Scoro has the same registry code" in message) == (
            "partner_differs",
            True,
        )

    def test_a_company_entered_twice_is_created(self) -> None:
        twice = [scoro(registry_code=CODE), scoro("s2", "NÄIDIS", registry_code=CODE)]
        assert outcome(decided(twice, [], wanted=("s1", "s2"))) == ({}, set())

    def test_a_vat_group_is_created(self) -> None:
        group = [
            scoro(registry_code=CODE, vat_number=VAT),
            scoro("s2", "Näidis Vara OÜ", registry_code=OTHER_CODE, vat_number=VAT),
        ]
        assert outcome(decided(group, [], wanted=("s1", "s2"))) == ({}, set())


def test_only_companies_are_named_in_sentences() -> None:
    found = decided(
        [scoro(name="Mari Kanaarilind", vat_number=VAT)], [books(name="Jüri Kanaarilind FIE", vat_number=VAT)]
    )
    assert "Kanaarilind" not in sentence(found)[1]
