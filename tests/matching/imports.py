"""What an import does on a labelled set that nobody ran reconcile_ids on: contacts come as their documents do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from scoro_smartaccounts.common.records import PartnerRecord
from scoro_smartaccounts.matching.identity.importing import decide
from scoro_smartaccounts.matching.identity.item_pairs import are_called_alike
from tests.matching.labelled import Record, labelled_parties
from tests.matching.products import labelled_items

# Contacts without a link that one import brings.
BATCH = 600


@dataclass(frozen=True, slots=True)
class ImportFigures:
    """Counts of one set. `left`: contacts left to a person, `left_with_counterpart` of them are in SmartAccounts;
    `doubled`: created although they are there."""

    contacts: int
    links: int
    wrong: int
    left: int
    left_with_counterpart: int
    created: int
    doubled: int

    @property
    def precision(self) -> float:
        """Of what is linked without asking, the share that is right."""
        return 1 - self.wrong / self.links


def measure_import(seed: int, count: int = 3000) -> ImportFigures:
    """The figures of one set; contacts of earlier imports are known, and what they created is in SmartAccounts."""
    labelled = labelled_parties(seed, count)
    entities = {record.party.id: record.entity.key for record in labelled.remotes}
    remotes = [record.party for record in labelled.remotes]
    known: list[PartnerRecord] = []
    links: dict[str, str] = {}
    left: list[str] = []
    created: list[str] = []
    for batch in _batches(labelled.sources):
        wanted = {record.party.id: _as_staged(record.party) for record in batch}
        known += wanted.values()
        decided = decide(wanted, known, remotes)
        links |= {source_id: pair.remote.id for source_id, pair in decided.certain.items()}
        left += decided.doubts
        made: list[PartnerRecord] = []
        for record in batch:
            party = wanted[record.party.id]
            if party.id in decided.certain or party.id in decided.doubts:
                continue
            # What the load step looks at before it creates a record: what was created meanwhile and has its codes.
            found = decide([party.id], [party], [other for other in made if _codes(party) & _codes(other)])
            if party.id in found.doubts:
                left.append(party.id)
            elif party.id in found.certain:
                links[party.id] = found.certain[party.id].remote.id
            else:
                created.append(party.id)
                made.append(replace(party, id=f"new-{party.id}", is_person=None, marked_id=party.id))
                entities[made[-1].id] = record.entity.key
        remotes += made
    owners = {record.party.id: record.entity.key for record in labelled.sources}
    return ImportFigures(
        contacts=len(labelled.sources),
        links=len(links),
        wrong=sum(entities[remote_id] != owners[source_id] for source_id, remote_id in links.items()),
        left=len(left),
        left_with_counterpart=_with_counterpart(left, labelled.truth),
        created=len(created),
        doubled=_with_counterpart(created, labelled.truth),
    )


def measure_import_of_items(seed: int, count: int = 1000) -> tuple[int, int]:
    """Articles that an import links by their very code, and how many of these links are wrong."""
    sources, remotes, truth = labelled_items(seed, count)
    by_code = {item.code: item for item in remotes}
    links = [
        (item.id, item.code) for item in sources if item.code in by_code and are_called_alike(item, by_code[item.code])
    ]
    return len(links), sum(truth.get(source_id) != code for source_id, code in links)


def _batches(records: tuple[Record, ...]) -> Iterator[tuple[Record, ...]]:
    for start in range(0, len(records), BATCH):
        yield records[start : start + BATCH]


def _as_staged(party: PartnerRecord) -> PartnerRecord:
    """A person's code is not kept."""
    return replace(party, registry_code="") if party.is_person else party


def _codes(party: PartnerRecord) -> set[str]:
    return {"".join(code.split()).upper() for code in (party.registry_code, party.vat_number)} - {""}


def _with_counterpart(source_ids: list[str], truth: Mapping[str, frozenset[str]]) -> int:
    return sum(source_id in truth for source_id in source_ids)
