"""Contacts of Scoro → clients or vendors of SmartAccounts: by link, else by what is certain; never by name alone.

A contact may be both: one record of each, with a link of each kind.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, or_, select

from scoro_smartaccounts.documents import Partner
from scoro_smartaccounts.errors import DocumentProblem
from scoro_smartaccounts.flows import InvoiceFlow
from scoro_smartaccounts.reconcile.details import link_by_details
from scoro_smartaccounts.reconcile.registers import registry_key, vat_key
from scoro_smartaccounts.reconcile.undecided import Undecided, undecided_partners
from scoro_smartaccounts.staging.links import Evidence, Link, drop_links, read_links
from scoro_smartaccounts.staging.proposals import rejected_pairs


@dataclass
class Reconciled:
    """`linked`: remote ids by source id; `found`: links to store; `problems`: what a person must mend; `undecided`: of
    whom a person has still to say whether they are in SmartAccounts."""

    linked: dict[str, str] = field(default_factory=dict)
    found: list[Link] = field(default_factory=list)
    problems: dict[str, DocumentProblem] = field(default_factory=dict)
    undecided: dict[str, Undecided] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identity:
    """What is certain about who a contact is: codes without blanks, in capitals, empty where there are none."""

    source_id: str
    registry_code: str
    vat_number: str

    @classmethod
    def of(cls, partner: Partner) -> Identity:
        """The identity of a contact. A person has no registry code."""
        return cls.of_codes(partner.source_id, "" if partner.is_person else partner.registry_code, partner.vat_number)

    @classmethod
    def of_codes(cls, source_id: str, registry_code: str, vat_number: str) -> Identity:
        """The identity that two fields tell, as somebody wrote them."""
        return cls(source_id, registry_key(registry_code), vat_key(vat_number))

    @property
    def natural_key(self) -> str:
        """What two contacts share when they are the same company."""
        return self.registry_code or self.vat_number or f"contact {self.source_id}"


@dataclass(frozen=True, slots=True)
class _Candidate:
    remote_id: str
    registry_code: str
    vat_number: str
    marked_id: str


def reconcile_partners(
    connection: Connection, company: str, spec: InvoiceFlow, partners: Mapping[str, Partner]
) -> Reconciled:
    """Link what is linked or certain. Partners that are in none of `linked`, `problems` and `undecided` must be
    created."""
    result = Reconciled(linked=_living_links(connection, company, spec, partners))
    result.undecided = undecided_partners(connection, company, spec, partners)
    partners = {source_id: each for source_id, each in partners.items() if source_id not in result.undecided}
    identities = [Identity.of(partner) for source_id, partner in partners.items() if source_id not in result.linked]
    candidates = _candidates(connection, company, spec, identities)
    for identity in identities:
        try:
            found = _match(spec, identity, candidates)
        except DocumentProblem as problem:
            result.problems[identity.source_id] = problem
            continue
        if found is not None:
            result.found.append(found)
            result.linked[identity.source_id] = found.remote_id
    unknown = [p for source_id, p in partners.items() if source_id not in result.linked.keys() | result.problems.keys()]
    for found in link_by_details(connection, company, spec, unknown):
        if candidates.allows(found.source_id, found.remote_id):
            result.found.append(found)
            result.linked[found.source_id] = found.remote_id
    return result


def find_partner(connection: Connection, company: str, spec: InvoiceFlow, identity: Identity) -> Link | None:
    """The certain match of one contact in the mirror; raises DocumentProblem when it is ambiguous."""
    return _match(spec, identity, _candidates(connection, company, spec, [identity]))


class _Candidates:
    """Clients or vendors of SmartAccounts by what is certain about them. `rejected`: contacts and records of which a
    person said that they are not the same."""

    def __init__(self, candidates: Iterable[_Candidate], rejected: Collection[tuple[str, str]]) -> None:
        self._rejected = rejected
        self._by_marker: dict[str, list[_Candidate]] = {}
        self._by_code: dict[str, list[_Candidate]] = {}
        self._by_vat: dict[str, list[_Candidate]] = {}
        for candidate in candidates:
            self._by_marker.setdefault(candidate.marked_id, []).append(candidate)
            self._by_code.setdefault(candidate.registry_code, []).append(candidate)
            self._by_vat.setdefault(candidate.vat_number, []).append(candidate)

    def with_marker(self, identity: Identity) -> list[_Candidate]:
        """Those that we created for this contact."""
        return self._allowed(identity, self._by_marker, identity.source_id)

    def with_code(self, identity: Identity) -> list[_Candidate]:
        """Those with its registry code."""
        return self._allowed(identity, self._by_code, identity.registry_code)

    def with_vat_number(self, identity: Identity) -> list[_Candidate]:
        """Those with its VAT number."""
        return self._allowed(identity, self._by_vat, identity.vat_number)

    def allows(self, source_id: str, remote_id: str) -> bool:
        """Whether nobody said that they are not the same."""
        return (source_id, remote_id) not in self._rejected

    def _allowed(self, identity: Identity, by: Mapping[str, list[_Candidate]], value: str) -> list[_Candidate]:
        found = by.get(value, []) if value else []
        return [each for each in found if self.allows(identity.source_id, each.remote_id)]


def _match(spec: InvoiceFlow, identity: Identity, pool: _Candidates) -> Link | None:
    """Our own marker, else an equal and unique registry code or VAT number that nothing contradicts."""
    code, vat_number = identity.registry_code, identity.vat_number
    if marked := pool.with_marker(identity):
        return _link(spec, identity, _only(spec, identity, marked, "marker"), Evidence.MARKER, "")
    by_vat = pool.with_vat_number(identity)
    if by_code := pool.with_code(identity):
        chosen = _only(spec, identity, by_code, f"registry code {code}")
        if any(c.remote_id != chosen.remote_id for c in by_vat):
            raise _ambiguous(identity, f"its registry code and its VAT number belong to different {spec.partner}s")
        return _link(spec, identity, chosen, Evidence.REGISTRY_CODE, code)
    if by_vat:
        chosen = _only(spec, identity, by_vat, f"VAT number {vat_number}")
        if code and chosen.registry_code and chosen.registry_code != code:
            raise _ambiguous(identity, f"the {spec.partner} with its VAT number has another registry code than {code}")
        return _link(spec, identity, chosen, Evidence.VAT_NUMBER, vat_number)
    return None


def _only(spec: InvoiceFlow, identity: Identity, candidates: list[_Candidate], what: str) -> _Candidate:
    if len(candidates) > 1:
        raise _ambiguous(identity, f"{len(candidates)} {spec.partner}s have the same {what}")
    return candidates[0]


def _ambiguous(identity: Identity, why: str) -> DocumentProblem:
    return DocumentProblem(
        "partner_ambiguous",
        f"Contact {identity.source_id}: {why}. Merge or correct them in SmartAccounts, then retry.",
        field="regCode, vatNumber",
        system="SmartAccounts",
    )


def _link(spec: InvoiceFlow, identity: Identity, candidate: _Candidate, evidence: Evidence, detail: str) -> Link:
    return Link(spec.partner_kind, identity.source_id, candidate.remote_id, evidence, detail)


def _living_links(
    connection: Connection, company: str, spec: InvoiceFlow, partners: Mapping[str, Partner]
) -> dict[str, str]:
    """Links of these partners whose record still exists; links to deleted ones are dropped."""
    links = read_links(connection, company, spec.partner_kind, partners)
    register = spec.register.c
    alive = set(
        connection.execute(
            select(register.remote_id).where(register.company == company, register.remote_id.in_(links.values()))
        ).scalars()
    )
    dead = [source_id for source_id, remote_id in links.items() if remote_id not in alive]
    drop_links(connection, company, spec.partner_kind, dead)
    return {source_id: remote_id for source_id, remote_id in links.items() if remote_id in alive}


def _candidates(connection: Connection, company: str, spec: InvoiceFlow, identities: Iterable[Identity]) -> _Candidates:
    pool = list(identities)
    register = spec.register.c
    rows = connection.execute(
        select(register.remote_id, register.registry_code, register.vat_number, register.marked_id).where(
            register.company == company,
            or_(
                register.registry_code.in_([i.registry_code for i in pool if i.registry_code]),
                register.vat_number.in_([i.vat_number for i in pool if i.vat_number]),
                register.marked_id.in_([i.source_id for i in pool]),
            ),
        )
    )
    rejected = rejected_pairs(connection, company, spec.partner_kind, [i.source_id for i in pool])
    return _Candidates((_Candidate(*row) for row in rows), rejected)
