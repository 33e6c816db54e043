"""Contacts of Scoro → clients of SmartAccounts: by link, else by what is certain; never by name alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, or_, select

from scoro_smartaccounts.documents import Partner
from scoro_smartaccounts.errors import DocumentProblem
from scoro_smartaccounts.reconcile.registers import normal_code
from scoro_smartaccounts.staging.links import Evidence, Kind, Link, drop_links, read_links
from scoro_smartaccounts.staging.schema import client_register


@dataclass
class Reconciled:
    """`linked`: remote ids by source id; `found`: links to store; `problems`: what a person must decide."""

    linked: dict[str, str] = field(default_factory=dict)
    found: list[Link] = field(default_factory=list)
    problems: dict[str, DocumentProblem] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Candidate:
    remote_id: str
    registry_code: str
    vat_number: str
    marked_id: str


def reconcile_clients(connection: Connection, company: str, partners: Mapping[str, Partner]) -> Reconciled:
    """Link what is linked or certain. Partners that are in neither `linked` nor `problems` must be created."""
    result = Reconciled(linked=_living_links(connection, company, partners))
    open_ids = [source_id for source_id in partners if source_id not in result.linked]
    candidates = _candidates(connection, company, [partners[source_id] for source_id in open_ids])
    for source_id in open_ids:
        try:
            found = match_client(partners[source_id], candidates)
        except DocumentProblem as problem:
            result.problems[source_id] = problem
            continue
        if found is not None:
            result.found.append(found)
            result.linked[source_id] = found.remote_id
    return result


def find_client(connection: Connection, company: str, partner: Partner) -> Link | None:
    """The certain match of one partner in the mirror; raises DocumentProblem when it is ambiguous."""
    return match_client(partner, _candidates(connection, company, [partner]))


def match_client(partner: Partner, candidates: Iterable[_Candidate]) -> Link | None:
    """Our own marker, else an equal and unique registry code or VAT number that nothing contradicts."""
    registry_code = "" if partner.is_person else normal_code(partner.registry_code)
    vat_number = normal_code(partner.vat_number)
    pool = list(candidates)
    if marked := [c for c in pool if c.marked_id == partner.source_id]:
        return _link(partner, _only(partner, marked, "marker"), Evidence.MARKER, "")
    by_code = [c for c in pool if registry_code and c.registry_code == registry_code]
    by_vat = [c for c in pool if vat_number and c.vat_number == vat_number]
    if by_code:
        chosen = _only(partner, by_code, f"registry code {registry_code}")
        if any(c.remote_id != chosen.remote_id for c in by_vat):
            raise _ambiguous(partner, "its registry code and its VAT number belong to different clients")
        return _link(partner, chosen, Evidence.REGISTRY_CODE, registry_code)
    if by_vat:
        chosen = _only(partner, by_vat, f"VAT number {vat_number}")
        if registry_code and chosen.registry_code and chosen.registry_code != registry_code:
            raise _ambiguous(partner, f"the client with its VAT number has another registry code than {registry_code}")
        return _link(partner, chosen, Evidence.VAT_NUMBER, vat_number)
    return None


def _only(partner: Partner, candidates: list[_Candidate], what: str) -> _Candidate:
    if len(candidates) > 1:
        raise _ambiguous(partner, f"{len(candidates)} clients have the same {what}")
    return candidates[0]


def _ambiguous(partner: Partner, why: str) -> DocumentProblem:
    return DocumentProblem(
        "partner_ambiguous",
        f"Contact {partner.source_id}: {why}. Merge or correct them in SmartAccounts, then retry.",
        field="regCode, vatNumber",
        system="SmartAccounts",
    )


def _link(partner: Partner, candidate: _Candidate, evidence: Evidence, detail: str) -> Link:
    return Link(Kind.CLIENT, partner.source_id, candidate.remote_id, evidence, detail)


def _living_links(connection: Connection, company: str, partners: Mapping[str, Partner]) -> dict[str, str]:
    """Links of these partners whose client still exists; links to deleted clients are dropped."""
    links = read_links(connection, company, Kind.CLIENT, partners)
    alive = set(
        connection.execute(
            select(client_register.c.remote_id).where(
                client_register.c.company == company, client_register.c.remote_id.in_(links.values())
            )
        ).scalars()
    )
    dead = [source_id for source_id, remote_id in links.items() if remote_id not in alive]
    drop_links(connection, company, Kind.CLIENT, dead)
    return {source_id: remote_id for source_id, remote_id in links.items() if remote_id in alive}


def _candidates(connection: Connection, company: str, partners: Iterable[Partner]) -> list[_Candidate]:
    pool = list(partners)
    codes = [normal_code(p.registry_code) for p in pool if p.registry_code and not p.is_person]
    vat_numbers = [normal_code(p.vat_number) for p in pool if p.vat_number]
    rows = connection.execute(
        select(
            client_register.c.remote_id,
            client_register.c.registry_code,
            client_register.c.vat_number,
            client_register.c.marked_id,
        ).where(
            client_register.c.company == company,
            or_(
                client_register.c.registry_code.in_(codes),
                client_register.c.vat_number.in_(vat_numbers),
                client_register.c.marked_id.in_([p.source_id for p in pool]),
            ),
        )
    )
    return [_Candidate(*row) for row in rows]
