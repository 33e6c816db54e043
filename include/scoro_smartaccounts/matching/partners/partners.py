"""Contacts of Scoro → clients or vendors of SmartAccounts: by link, else by what is certain; never by name alone.

A contact may be both: one record of each, with a link of each kind.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.common.codes import party_key, read_codes, read_iban, written_codes
from scoro_smartaccounts.common.reasons import Phrase, Reason, phrase, reason
from scoro_smartaccounts.matching.identity.emails import read_emails
from scoro_smartaccounts.matching.identity.importing import decide
from scoro_smartaccounts.matching.identity.names import Likeness, compare_names
from scoro_smartaccounts.matching.identity.profiles import Profile, profile_of
from scoro_smartaccounts.matching.identity.proposals import EvidenceKind
from scoro_smartaccounts.matching.partners.doubts import problem_of
from scoro_smartaccounts.matching.partners.proofs import can_be_proved
from scoro_smartaccounts.matching.partners.records import record_of, traits_of
from scoro_smartaccounts.matching.partners.undecided import Undecided, undecided_partners
from scoro_smartaccounts.smartaccounts.wire import STAND_IN
from scoro_smartaccounts.staging.documents import load_partners
from scoro_smartaccounts.staging.intents import open_intents
from scoro_smartaccounts.staging.links import Evidence, Link, drop_links, read_links
from scoro_smartaccounts.staging.mirror_registers import living_partners, partner_records, partner_records_like
from scoro_smartaccounts.staging.proposals import rejected_pairs
from scoro_smartaccounts.staging.scoro_registers import contact_records, contact_records_like

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.documents import Partner
    from scoro_smartaccounts.common.errors import DocumentProblem
    from scoro_smartaccounts.common.records import PartnerRecord
    from scoro_smartaccounts.flows import InvoiceFlow
    from scoro_smartaccounts.matching.identity.partner_pairs import PartnerPair

_EVIDENCE = {
    EvidenceKind.MARKER: Evidence.MARKER,
    EvidenceKind.REGISTRY_CODE: Evidence.REGISTRY_CODE,
    EvidenceKind.VAT_NUMBER: Evidence.VAT_NUMBER,
    EvidenceKind.BANK_ACCOUNT: Evidence.BANK_ACCOUNT,
    EvidenceKind.EMAIL: Evidence.EMAIL,
}
_CODES = frozenset({EvidenceKind.MARKER, EvidenceKind.REGISTRY_CODE, EvidenceKind.VAT_NUMBER})


@dataclass(frozen=True, slots=True)
class Unread:
    """A client or vendor of SmartAccounts whose `field` cannot be read; `id` is empty where that is the id."""

    id: str
    field: str

    def reason_of(self, document: Phrase, contact_id: str, noun: str) -> Reason:
        """Why a document waits whose contact may be this one."""
        return reason(
            "partner_unread",
            document=document,
            contact=phrase("contact", id=contact_id),
            record=phrase(noun, id=self.id or phrase("without_an_id")),
            field=self.field,
        )


@dataclass
class MatchedPartners:
    """`linked`: remote ids by source id; `found`: links to store; `problems`: what a person must mend; `undecided`: of
    whom a person has still to say whether they are in SmartAccounts; `unread`: who may be a record there that cannot be
    read."""

    linked: dict[str, str] = field(default_factory=dict)
    found: list[Link] = field(default_factory=list)
    problems: dict[str, DocumentProblem] = field(default_factory=dict)
    undecided: dict[str, Undecided] = field(default_factory=dict)
    unread: dict[str, Unread] = field(default_factory=dict)


def natural_key_of(record: PartnerRecord) -> str:
    """Return what an import that creates a contact's record locks: what two contacts share when they are the same
    company."""
    registry_code = "" if record.is_person else record.registry_code
    return party_key(registry_code, record.vat_number, record.country) or f"contact {record.id}"


def natural_key_of_body(source_id: str, body: Mapping[str, Any]) -> str:
    """`natural_key_of` a contact, from the body that its record is created by."""
    return party_key(*_codes_of_body(body)) or f"contact {source_id}"


def match_partners(
    connection: Connection, company: str, spec: InvoiceFlow, partners: Mapping[str, Partner]
) -> MatchedPartners:
    """Link what is linked or certain. Partners that are in none of `linked`, `problems` and `undecided` must be
    created.

    The rules are those of `reconcile_ids` (matching/identity). Scoro's contacts are known as far as documents or
    reconcile_ids brought them.
    """
    result = MatchedPartners(linked=_living_links(connection, company, spec, partners))
    result.undecided = undecided_partners(connection, company, spec, partners)
    wanted = {
        source_id: record_of(partner)
        for source_id, partner in partners.items()
        if source_id not in result.linked and source_id not in result.undecided
    }
    if not wanted:
        return result
    others = [each for each in contact_records(connection, company).values() if each.id not in wanted]
    records = list(partner_records(connection, company, spec.partner_kind).values())
    decided = decide(
        wanted,
        [*wanted.values(), *others],
        records,
        rejected_pairs(connection, company, spec.partner_kind, wanted),
    )
    for source_id, pair in decided.certain.items():
        if pair.remote.id.startswith(STAND_IN):
            result.unread[source_id] = _unread(pair.remote)
            continue
        result.found.append(_link(spec, pair))
        result.linked[source_id] = pair.remote.id
    for source_id, doubt in decided.doubts.items():
        nameless = next((pair.remote for pair in doubt.pairs if pair.remote.id.startswith(STAND_IN)), None)
        if nameless is None:
            result.problems[source_id] = problem_of(doubt, spec.partner)
        else:
            result.unread[source_id] = _unread(nameless)
    unread = [record for record in records if record.marked_id.startswith(STAND_IN)]
    for source_id, record in wanted.items() if unread else ():
        if source_id not in decided.certain and source_id not in decided.doubts:
            may_be = next((other for other in unread if _may_be(record, other)), None)
            if may_be is not None:
                result.unread[source_id] = _unread(profile_of(may_be))
    return result


def _unread(record: Profile) -> Unread:
    has_id = not record.id.startswith(STAND_IN)
    return Unread(record.id if has_id else "", record.marked_id.removeprefix(STAND_IN) or "id")


def _may_be(record: PartnerRecord, unread: PartnerRecord) -> bool:
    """May a record of which only a part can be read be the contact's, although what can be read did not tell? It is
    another one where its codes, or its name, are another's."""
    ours, theirs = profile_of(record), profile_of(unread)
    if theirs.registry_code and ours.registry_code and theirs.registry_code != ours.registry_code:
        return False
    return not unread.name or compare_names(ours.name, theirs.name)[0] >= Likeness.CLOSE


def find_partner(connection: Connection, company: str, spec: InvoiceFlow, source_id: str) -> Link | None:
    """Return the certain match of one contact among what has its codes, account, e-mail address or marker now. By
    account or address alone only what we created: the rest was weighed when it was planned.

    Raises DocumentProblem where a person must decide.
    """
    partner = load_partners(connection, company, [source_id]).get(source_id)
    if partner is None:
        return None
    record = record_of(partner)
    if not can_be_proved(connection, company, spec.partner_kind, record):
        return None
    return compare(connection, company, spec, record)


def compare(connection: Connection, company: str, spec: InvoiceFlow, record: PartnerRecord) -> Link | None:
    """Return what `find_partner` does, of a contact that may have one: compares it with all that are like it."""
    traits = traits_of(record)
    others = [each for each in contact_records_like(connection, company, traits).values() if each.id != record.id]
    decided = decide(
        [record.id],
        [record, *others],
        list(partner_records_like(connection, company, spec.partner_kind, traits).values()),
        rejected_pairs(connection, company, spec.partner_kind, [record.id]),
    )
    if record.id in decided.doubts:
        raise problem_of(decided.doubts[record.id], spec.partner)
    pair = decided.certain.get(record.id)
    if pair is None or (pair.proof not in _CODES and not pair.remote.marked_id):
        return None
    return _link(spec, pair)


def keys_of_body(body: Mapping[str, Any]) -> frozenset[str]:
    """Return what tells who a new client or vendor is, from its body: codes, account and e-mail addresses, as they are
    compared."""
    written = _codes_of_body(body)
    codes = read_codes(*written)
    keys = {codes.registry_code, codes.vat_number, *written_codes(*written)}
    keys.add(read_iban(body.get("bankAccount", "")))
    for means in body.get("contacts", ()):
        keys |= read_emails(means["value"]) if means["type"] == "EMAIL" else set()
    return frozenset(keys - {""})


def _codes_of_body(body: Mapping[str, Any]) -> tuple[str, str, str]:
    """Registry code, VAT number and country."""
    return body.get("regCode", ""), body.get("vatNumber", ""), (body.get("address") or {}).get("country", "")


def is_being_created(connection: Connection, company: str, spec: InvoiceFlow, body: Mapping[str, Any]) -> bool:
    """Whether a request without an answer may have made, for another contact, a client or vendor that has one of its
    codes, its account or its e-mail address."""
    wanted = keys_of_body(body)
    sent = open_intents(connection, company, spec.partner_kind)
    return any(wanted & keys_of_body(json.loads(item.payload)) for item in sent)


def _link(spec: InvoiceFlow, pair: PartnerPair) -> Link:
    """Return an account or an address may be a person's: the link does not repeat it."""
    assert pair.proof is not None, "only what has a proof is certain"
    detail = {EvidenceKind.REGISTRY_CODE: pair.source.written_code, EvidenceKind.VAT_NUMBER: pair.source.vat_number}
    return Link(spec.partner_kind, *pair.ids, _EVIDENCE[pair.proof], detail.get(pair.proof, ""))


def _living_links(
    connection: Connection, company: str, spec: InvoiceFlow, partners: Mapping[str, Partner]
) -> dict[str, str]:
    """Links of these partners whose record still exists; links to deleted ones are dropped."""
    links = read_links(connection, company, spec.partner_kind, partners)
    alive = living_partners(connection, company, spec.partner_kind, links.values())
    dead = [source_id for source_id, remote_id in links.items() if remote_id not in alive]
    drop_links(connection, company, spec.partner_kind, dead)
    return {source_id: remote_id for source_id, remote_id in links.items() if remote_id in alive}
