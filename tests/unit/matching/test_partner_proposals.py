"""Room matching/identity. Who is who among partners: what is certain, what waits for a yes, what is a person's
choice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.common.records import Confidence, PartnerRecord
from scoro_smartaccounts.matching.identity.candidates import candidate_pairs
from scoro_smartaccounts.matching.identity.partner_proposals import propose_partners
from scoro_smartaccounts.matching.identity.profile_index import ProfileIndex
from scoro_smartaccounts.matching.identity.profiles import profile_of
from scoro_smartaccounts.matching.identity.proposals import EvidenceKind, Proposal
from scoro_smartaccounts_sandbox.scoro.codes import bank_account, personal_code, registry_code, vat_number

CODE, OTHER_CODE = registry_code(1900100), registry_code(1900101)
VAT, OTHER_VAT = vat_number(10900100), vat_number(10900101)
IBAN = bank_account(22, 1_234_567)
EMAIL = "info@naidis.example"
CERTAIN, LIKELY, CONFLICTING = Confidence.CERTAIN, Confidence.LIKELY, Confidence.CONFLICTING


def scoro(id_: str = "s1", name: str = "Näidis OÜ", **fields: Any) -> PartnerRecord:
    return PartnerRecord(id_, name, **({"is_person": False} | fields))


def books(id_: str = "r1", name: str = "Näidis OÜ", **fields: Any) -> PartnerRecord:
    return PartnerRecord(id_, name, **fields)


def outcome(sources: list[PartnerRecord], remotes: list[PartnerRecord]) -> list[tuple[str, str, Confidence]]:
    return [(p.source_id, p.remote_id, p.confidence) for p in propose_partners(sources, remotes)]


def kinds(found: tuple[Proposal, ...]) -> set[EvidenceKind]:
    return {evidence.kind for proposal in found for evidence in proposal.evidence}


@pytest.mark.parametrize(
    "shared",
    [
        {"registry_code": CODE},
        {"vat_number": VAT},
        {"bank_account": IBAN},
        {"email": EMAIL},
    ],
)
def test_one_thing_that_only_these_two_have_is_certain_with_the_name(shared: dict[str, str]) -> None:
    assert outcome([scoro(**shared)], [books(**shared)]) == [("s1", "r1", CERTAIN)]


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ({"registry_code": CODE}, {"registry_code": f"{CODE[:4]} {CODE[4:]}"}),
        ({"registry_code": CODE}, {"vat_number": f"EE{CODE}"}),
        ({"registry_code": VAT}, {"vat_number": VAT}),
        ({"vat_number": VAT}, {"vat_number": VAT[2:]}),
        ({"bank_account": IBAN}, {"bank_account": f"{IBAN[:4]} {IBAN[4:]}"}),
        ({"email": EMAIL}, {"email": "Mari@naidis.example; Info@Naidis.example"}),
    ],
)
def test_codes_are_read_however_they_are_written(ours: dict[str, str], theirs: dict[str, str]) -> None:
    assert outcome([scoro(**ours)], [books(**theirs)]) == [("s1", "r1", CERTAIN)]


def test_a_latvian_vat_number_tells_the_registry_code() -> None:
    ours = scoro(name="Paraugs SIA", country="LV", registry_code="49999999903")
    assert outcome([ours], [books(name="SIA Paraugs", vat_number="LV49999999903")]) == [("s1", "r1", CERTAIN)]


def test_an_old_name_with_the_same_code_waits_for_a_yes() -> None:
    found = propose_partners([scoro(registry_code=CODE)], [books(name="Hoopis Muu AS", registry_code=CODE)])
    assert [p.confidence for p in found] == [LIKELY]
    assert EvidenceKind.OTHER_NAME in kinds(found)


def test_an_old_name_waits_for_a_yes_whatever_was_copied_with_the_code() -> None:
    both = {"registry_code": CODE, "vat_number": VAT, "bank_account": IBAN, "email": EMAIL}
    assert outcome([scoro(**both)], [books(name="Hoopis Muu AS", **both)]) == [("s1", "r1", LIKELY)]


def test_a_vat_number_needs_the_very_name() -> None:
    found = outcome(
        [scoro(name="Kuuselaane Ehitus OÜ", vat_number=VAT)], [books(name="Kuuselane Ehitus OÜ", vat_number=VAT)]
    )
    assert found == [("s1", "r1", LIKELY)]


def test_a_vat_group_of_one_name_is_told_apart_by_form() -> None:
    assert outcome([scoro(vat_number=VAT)], [books(name="Näidis AS", vat_number=VAT)]) == [("s1", "r1", LIKELY)]


class TestLookalikes:
    @pytest.mark.parametrize("cities", [("Tartu", "Tallinn"), ("", ""), ("Tartu", "")])
    @pytest.mark.parametrize("shared", [{"email": EMAIL}, {"bank_account": IBAN}, {"registry_code": CODE}])
    def test_sisters_called_after_their_towns(self, shared: dict[str, str], cities: tuple[str, str]) -> None:
        ours = scoro(name="Autokeskus Tartu OÜ", city=cities[0], **shared)
        found = outcome([ours], [books(name="Autokeskus Tallinn OÜ", city=cities[1], **shared)])
        assert CERTAIN not in [confidence for _, _, confidence in found]

    def test_towns_a_letter_apart(self) -> None:
        ours = scoro(name="Autokeskus Valga OÜ", email=EMAIL)
        found = outcome([ours], [books(name="Autokeskus Valka OÜ", email=EMAIL)])
        assert CERTAIN not in [confidence for _, _, confidence in found]

    def test_its_own_town_before_or_behind(self) -> None:
        ours = scoro(name="Tartu Autokeskus OÜ", city="Tartu", email=EMAIL)
        assert outcome([ours], [books(name="Autokeskus Tartu", email=EMAIL)]) == [("s1", "r1", CERTAIN)]

    @pytest.mark.parametrize(
        ("one", "other"), [("tn", "tee"), ("tn", "pst"), ("tee", "puiestee"), ("mnt", "tänav"), ("", "pst")]
    )
    def test_housing_associations_of_two_streets(self, one: str, other: str) -> None:
        ours = scoro(name=f"KÜ Kuldkala {one} 12", email=EMAIL)
        found = outcome([ours], [books(name=f"Kuldkala {other} 12 korteriühistu", email=EMAIL)])
        assert CERTAIN not in [confidence for _, _, confidence in found]

    @pytest.mark.parametrize(("one", "other"), [("tn", ""), ("", "tänav"), ("pst", "puiestee"), ("mnt", "maantee")])
    def test_one_street_however_it_is_written(self, one: str, other: str) -> None:
        ours = scoro(name=f"KÜ Kuldkala {one} 12", email=EMAIL)
        found = outcome([ours], [books(name=f"Kuldkala {other} 12 KÜ", email=EMAIL)])
        assert found == [("s1", "r1", CERTAIN)]

    @pytest.mark.parametrize("country", ["", "EE"])
    def test_a_code_of_another_country(self, country: str) -> None:
        ours = scoro(name="Falcon Trading Ltd", country="GB", registry_code=CODE)
        found = outcome([ours], [books(name="Falcon Trading OÜ", country=country, registry_code=CODE)])
        assert CERTAIN not in [confidence for _, _, confidence in found]

    @pytest.mark.parametrize("code", ["00000000", "12345678", "0", "-", "n/a", "11111111", "00000001", "1234567890"])
    @pytest.mark.parametrize("country", ["DE", "SE", "EE", ""])
    def test_what_stands_in_for_a_code(self, code: str, country: str) -> None:
        ours = scoro(name="Näidis Grupp", country=country, registry_code=code, vat_number=code)
        found = outcome([ours], [books(name="Hoopis Muu", country=country, registry_code=code, vat_number=code)])
        assert found == []

    def test_a_number_without_its_court(self) -> None:
        ours = scoro(name="Beispiel Handel GmbH", country="DE", registry_code="HRB 12375")
        found = outcome([ours], [books(name="Beispiel GmbH", country="DE", registry_code="HRB 12375")])
        assert CERTAIN not in [confidence for _, _, confidence in found]

    def test_a_german_vat_number_is_one(self) -> None:
        shared = {"country": "DE", "vat_number": "DE 136695976"}
        assert (
            outcome([scoro(name="Beispiel GmbH", **shared)], [books(name="GmbH Beispiel", **shared)])[0][2] is CERTAIN
        )

    def test_a_number_with_its_court(self) -> None:
        code = {"country": "DE", "registry_code": "Amtsgericht Köln HRB 12375"}
        found = outcome([scoro(name="Beispiel Handel GmbH", **code)], [books(name="Beispiel GmbH", **code)])
        assert found == [("s1", "r1", CERTAIN)]

    @pytest.mark.parametrize(
        "shared", [{"registry_code": "309000012"}, {"vat_number": "US 20-4456321"}, {"registry_code": "19000022"}]
    )
    def test_a_code_that_cannot_be_checked_is_certain_with_the_very_name_only(self, shared: dict[str, str]) -> None:
        assert outcome([scoro(**shared)], [books(**shared)]) == [("s1", "r1", CERTAIN)]
        assert CERTAIN not in [
            each for _, _, each in outcome([scoro(**shared)], [books(name="Näidis Muu OÜ", **shared)])
        ]

    def test_an_owner_and_the_company_of_that_name(self) -> None:
        sources = [
            scoro(name="Mari Kuuselaane", is_person=True, email=EMAIL),
            scoro("s2", "Mari Kuuselaane", email=EMAIL),
        ]
        found = outcome(sources, [books(name="Mari Kuuselaane", email=EMAIL)])
        assert CERTAIN not in [confidence for _, _, confidence in found]

    def test_the_first_of_two_names(self) -> None:
        ours = scoro(name="Mari Kuuselaane", is_person=True, email=EMAIL)
        assert outcome([ours], [books(name="Kuuselaane, Mari-Liis", email=EMAIL)]) == [("s1", "r1", LIKELY)]


@pytest.mark.parametrize(
    ("ours", "theirs", "why"),
    [
        ({"registry_code": CODE}, {"registry_code": OTHER_CODE}, EvidenceKind.OTHER_REGISTRY_CODE),
        ({"registry_code": CODE, "email": EMAIL}, {"registry_code": OTHER_CODE, "email": EMAIL}, None),
        ({"registry_code": CODE, "vat_number": VAT}, {"registry_code": OTHER_CODE, "vat_number": VAT}, None),
        ({"registry_code": CODE, "vat_number": VAT}, {"registry_code": CODE, "vat_number": OTHER_VAT}, None),
    ],
)
def test_what_contradicts_is_a_persons_choice(
    ours: dict[str, str], theirs: dict[str, str], why: EvidenceKind | None
) -> None:
    found = propose_partners([scoro(**ours)], [books(**theirs)])
    assert [p.confidence for p in found] == [CONFLICTING]
    assert kinds(found) & ({why} if why else {EvidenceKind.OTHER_REGISTRY_CODE, EvidenceKind.OTHER_VAT_NUMBER})


def test_a_code_that_fails_its_check_is_no_evidence_and_no_contradiction() -> None:
    wrong = str(int(CODE) + 1)
    # An import leaves what has such a code in common to a person: it can be answered.
    other_name = outcome([scoro(registry_code=wrong)], [books(name="Hoopis Muu", registry_code=wrong)])
    assert other_name == [("s1", "r1", Confidence.CONFLICTING)]
    found = propose_partners([scoro(registry_code=wrong, email=EMAIL)], [books(registry_code=CODE, email=EMAIL)])
    assert [p.confidence for p in found] == [CERTAIN]
    assert EvidenceKind.MISTYPED_CODE in kinds(found)


def test_another_code_makes_it_doubtful_even_if_it_fails_its_check() -> None:
    found = propose_partners([scoro(registry_code="19000033", email=EMAIL)], [books(registry_code=CODE, email=EMAIL)])
    assert [p.confidence for p in found] == [LIKELY]
    assert EvidenceKind.OTHER_REGISTRY_CODE in kinds(found)


def test_a_name_alone_is_never_certain() -> None:
    assert outcome([scoro()], [books()]) == [("s1", "r1", LIKELY)]
    assert outcome([scoro()], [books(), books("r2")]) == [("s1", "r1", CONFLICTING), ("s1", "r2", CONFLICTING)]


@pytest.mark.parametrize("shared", [{"email": "mari@naidis.example"}, {"street": "Näidise tn 5-3", "city": "Tallinn"}])
def test_a_similar_name_with_domain_or_address_is_likely(shared: dict[str, str]) -> None:
    theirs = {"email": EMAIL} if "email" in shared else {"street": "Näidise 5/3"}
    found = propose_partners([scoro(name="Näidis Grupp", **shared)], [books(**theirs)])
    assert [p.confidence for p in found] == [LIKELY]
    assert kinds(found) & {EvidenceKind.DOMAIN, EvidenceKind.ADDRESS}


def test_a_free_mail_domain_proves_nothing() -> None:
    found = propose_partners([scoro(email="a@gmail.com")], [books(name="Näidis Ehitus", email="b@gmail.com")])
    assert EvidenceKind.DOMAIN not in kinds(found)


def test_two_clients_with_one_code_are_both_named() -> None:
    found = propose_partners([scoro(registry_code=CODE)], [books(registry_code=CODE), books("r2", registry_code=CODE)])
    assert [(p.remote_id, p.confidence) for p in found] == [("r1", CONFLICTING), ("r2", CONFLICTING)]
    assert all(any(e.kind is EvidenceKind.OTHER_CANDIDATE for e in p.evidence) for p in found)


def test_a_code_and_a_vat_number_of_different_clients_are_both_named() -> None:
    remotes = [books(registry_code=CODE), books("r2", vat_number=VAT)]
    found = outcome([scoro(registry_code=CODE, vat_number=VAT)], remotes)
    assert sorted(found) == [("s1", "r1", CONFLICTING), ("s1", "r2", CONFLICTING)]


def test_a_contact_entered_twice_stands_for_one_client_twice() -> None:
    found = outcome([scoro(registry_code=CODE), scoro("s2", "NÄIDIS", registry_code=CODE)], [books(registry_code=CODE)])
    assert found == [("s1", "r1", CERTAIN), ("s2", "r1", CERTAIN)]


def test_a_copied_contact_with_another_name_does_not_take_the_client() -> None:
    copied = scoro("s2", "Hoopis Muu AS", registry_code=CODE)
    found = outcome([scoro(registry_code=CODE), copied], [books(registry_code=CODE)])
    assert found == [("s1", "r1", CERTAIN), ("s2", "r1", CONFLICTING)]


def test_a_bureaus_address_links_nobody() -> None:
    bureau = "info@raamatud.example"
    sources = [scoro(f"s{n}", f"{name} OÜ", email=bureau) for n, name in enumerate(("Kivirähn", "Põdrakivi"))]
    remotes = [books(f"r{n}", f"{name} OÜ", email=bureau) for n, name in enumerate(("Murakas", "Kullerkupp"))]
    assert outcome(sources, remotes) == []


def test_a_bureaus_address_makes_nothing_certain() -> None:
    bureau = "info@raamatud.example"
    sources = [scoro(email=bureau), scoro("s2", "Põdrakivi OÜ", email=bureau)]
    assert outcome(sources, [books(email=bureau)]) == [("s1", "r1", LIKELY)]


@pytest.mark.parametrize("shared", [{"email": EMAIL}, {"bank_account": IBAN}, {"vat_number": VAT}])
def test_a_subsidiary_is_not_its_parent(shared: dict[str, str]) -> None:
    parent = books(name="Näidis Grupp AS", street="Näidise 5", **shared)
    found = outcome([scoro(name="Näidis Ehitus OÜ", street="Näidise 5", **shared)], [parent])
    assert CERTAIN not in [confidence for _, _, confidence in found]


def test_the_same_name_of_another_form_is_not_certain_by_e_mail() -> None:
    assert outcome([scoro(email=EMAIL)], [books(name="Näidis AS", email=EMAIL)]) == [("s1", "r1", LIKELY)]


def test_a_branch_is_not_its_company() -> None:
    ours = scoro(name="Malli Oy", country="FI", email=EMAIL)
    found = outcome([ours], [books(name="Malli Oy Eesti filiaal", country="EE", email=EMAIL)])
    assert CERTAIN not in [confidence for _, _, confidence in found]


def test_sisters_go_each_to_its_own_by_name() -> None:
    sources = [scoro(f"s{n}", f"Näidis {word} OÜ", email=EMAIL) for n, word in enumerate(("Vara", "Ehitus", "Vedu"))]
    remotes = [books(f"r{n}", f"OÜ Näidis {word}", email=EMAIL) for n, word in enumerate(("Vara", "Ehitus", "Vedu"))]
    assert outcome(sources, remotes) == [(f"s{n}", f"r{n}", LIKELY) for n in range(3)]


class TestPersons:
    MAIL = "mari@kirjakast.example"

    def person(self, name: str = "Mari Kuuselaane", **fields: Any) -> PartnerRecord:
        return scoro(name=name, is_person=True, **fields)

    @pytest.mark.parametrize("shared", [{"email": MAIL}, {"bank_account": IBAN}])
    def test_account_or_e_mail_with_the_same_name_is_certain(self, shared: dict[str, str]) -> None:
        found = outcome([self.person(**shared)], [books(name="Kuuselaane, Mari", **shared)])
        assert found == [("s1", "r1", CERTAIN)]

    @pytest.mark.parametrize("name", ["Jüri Kuuselaane", "Marika Kuuselaane"])
    def test_a_family_shares_an_address(self, name: str) -> None:
        found = outcome([self.person(email=self.MAIL)], [books(name=name, email=self.MAIL)])
        assert CERTAIN not in [confidence for _, _, confidence in found]

    def test_namesakes_are_a_persons_choice(self) -> None:
        namesakes = [self.person(), replace(self.person(), id="s2")]
        found = outcome(namesakes, [books(name="Mari Kuuselaane")])
        assert found == [("s1", "r1", CONFLICTING), ("s2", "r1", CONFLICTING)]

    @pytest.mark.parametrize("form", ["OÜ", "FIE"])
    def test_a_persons_company_is_not_the_person(self, form: str) -> None:
        theirs = books(name=f"Mari Kuuselaane {form}", registry_code=CODE, email=self.MAIL)
        found = outcome([self.person(email=self.MAIL)], [theirs])
        assert CERTAIN not in [confidence for _, _, confidence in found]

    def test_a_company_is_not_its_owner(self) -> None:
        ours = scoro(name="Mari Kuuselaane OÜ", email=self.MAIL)
        found = outcome([ours], [books(name="Mari Kuuselaane", email=self.MAIL)])
        assert CERTAIN not in [confidence for _, _, confidence in found]

    def test_a_personal_code_is_never_used(self) -> None:
        code = personal_code("1500101001")
        found = propose_partners([self.person(registry_code=code)], [books(name="Kuuselaane Mari", registry_code=code)])
        assert [p.confidence for p in found] == [LIKELY]
        assert code not in repr(found)
        assert all(code not in render(evidence.words) for p in found for evidence in p.evidence)


class TestMarker:
    def test_our_own_marker_is_certain_whatever_the_name(self) -> None:
        remotes = [books(name="Hoopis Muu", marked_id="s1"), books("r2", registry_code=CODE)]
        assert outcome([scoro(registry_code=CODE)], remotes) == [("s1", "r1", CERTAIN)]

    def test_a_marker_beside_another_registry_code_is_a_persons_choice(self) -> None:
        remote = books(registry_code=OTHER_CODE, marked_id="s1")
        assert outcome([scoro(registry_code=CODE)], [remote]) == [("s1", "r1", CONFLICTING)]

    def test_two_records_with_one_marker_are_both_named(self) -> None:
        found = outcome([scoro()], [books(marked_id="s1"), books("r2", marked_id="s1")])
        assert found == [("s1", "r1", CONFLICTING), ("s1", "r2", CONFLICTING)]


def test_nothing_on_a_side_is_nothing_proposed() -> None:
    assert propose_partners([], [books()]) == propose_partners([scoro()], []) == ()


def test_the_order_of_the_records_changes_nothing() -> None:
    sources = [scoro(registry_code=CODE), scoro("s2", "Põdrakivi AS", email=EMAIL), scoro("s3", "Põdrakivi")]
    remotes = [books(registry_code=CODE), books("r2", "Põdrakivi", email=EMAIL), books("r3", "AS Põdrakivi")]
    straight = propose_partners(sources, remotes)
    turned = propose_partners(sources[::-1], remotes[::-1])
    assert {(p.source_id, p.remote_id, p.confidence) for p in straight} == {
        (p.source_id, p.remote_id, p.confidence) for p in turned
    }


def test_records_show_no_names_where_they_are_printed() -> None:
    found = propose_partners([scoro(name="Kanaarilind OÜ")], [books(name="Kanaarilind OÜ")])
    assert "Kanaarilind" not in repr(found)
    assert "Kanaarilind" not in repr(scoro(name="Kanaarilind OÜ"))


def test_hundreds_of_one_name_are_not_all_compared_with_each_other() -> None:
    sources = [profile_of(scoro(f"s{number}")) for number in range(120)]
    remotes = [profile_of(books(f"r{number}")) for number in range(120)]
    pairs = candidate_pairs(sources, ProfileIndex(remotes))
    assert len(pairs) == 120 * 50
    # What has a thing of its own in common is found among them all the same.
    ours, theirs = scoro("own", bank_account=IBAN), books("theirs", bank_account=IBAN)
    found = candidate_pairs([*sources, profile_of(ours)], ProfileIndex([*remotes, profile_of(theirs)]))
    assert ("own", "theirs") in {(one.id, other.id) for one, other in found}
