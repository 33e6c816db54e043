"""Rows of a list → records of SmartAccounts' mirrored registers: by code, else by the exact name; one or none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from scoro_smartaccounts.common.codes import registry_code, vat_number
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.reconcile_ids.linked_service.headings import CODE, NAME, REGISTRY_CODE, VAT_NUMBER
from scoro_smartaccounts.smartaccounts.endpoints import ARTICLES
from scoro_smartaccounts.staging.mirror_registers import article_records, partner_records, synced_to

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from scoro_smartaccounts.staging.links import Kind

Texts = Mapping[str, str]


class NoRecord(Exception):
    """A row that stands for no record, or for several. `column` decided; `what` says it, with the remedy."""

    def __init__(self, column: str, what: str) -> None:
        super().__init__(what)
        self.column = column
        self.what = what


class Records(Protocol):
    """The records of one register. `identity` names the columns that tell them apart."""

    identity: tuple[str, ...]

    def find(self, texts: Texts) -> str:
        """Return the remote id of the one record that a row (its texts by heading) stands for. Raises NoRecord."""

    def contradiction(self, remote_id: str, registry_code: str, vat_number: str) -> str | None:
        """Return the column in which a record contradicts a company with these codes."""

    def keys(self, remote_id: str) -> set[str]:
        """By what an import that is creating the record would know it."""

    def marked_id(self, remote_id: str) -> str:
        """For which contact of Scoro an import created the record, as its comment says; empty: for none."""


def read_records(connection: Connection, company: str, kind: Kind) -> Records:
    """Return the mirror of a register; raises ConfigurationError where it was never read."""
    flow = next((each for each in INVOICE_FLOWS.values() if each.partner_kind is kind), None)
    register = ARTICLES if flow is None else flow.partners
    if synced_to(connection, company, register) is None:
        raise ConfigurationError(
            f"SmartAccounts' {kind}s were never read. Run reconcile_ids, or an import in mode preview, and try again."
        )
    if flow is None:
        return _Articles(article_records(connection, company))
    partners = partner_records(connection, company, kind).values()
    return _Partners(
        kind,
        (_Partner(each.id, _plain(each.name), each.registry_code, each.vat_number, each.country) for each in partners),
        {each.id: each.marked_id for each in partners},
    )


class _Articles:
    identity: tuple[str, ...] = (CODE,)

    def __init__(self, codes: Iterable[str]) -> None:
        self._codes = frozenset(codes)

    def find(self, texts: Texts) -> str:
        code = texts[CODE]
        if not code:
            raise NoRecord(CODE, "the article has no code")
        if code not in self._codes:
            raise NoRecord(CODE, "SmartAccounts has no article of this code; export the list again")
        return code

    def contradiction(self, remote_id: str, registry_code: str, vat_number: str) -> str | None:
        return None

    def keys(self, remote_id: str) -> set[str]:
        return {remote_id}

    def marked_id(self, remote_id: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class _Partner:
    remote_id: str
    name: str
    registry_code: str
    vat_number: str
    country: str

    def told_by(self, texts: Texts) -> _Partner:
        """Return the same record, were it as a row tells. The list names no country: codes are read as those of its
        own."""
        return replace(
            self,
            name=_plain(texts[NAME]),
            registry_code=registry_code(texts[REGISTRY_CODE], self.country),
            vat_number=vat_number(texts[VAT_NUMBER], self.country),
        )

    @property
    def texts(self) -> dict[str, str]:
        """By heading."""
        return {NAME: self.name, REGISTRY_CODE: self.registry_code, VAT_NUMBER: self.vat_number}


class _Partners:
    identity: tuple[str, ...] = (NAME, REGISTRY_CODE, VAT_NUMBER)

    def __init__(self, kind: Kind, partners: Iterable[_Partner], markers: Mapping[str, str]) -> None:
        self._kind = kind
        self._markers = markers
        self._by_id: dict[str, _Partner] = {}
        self._by_text: dict[tuple[str, str], list[_Partner]] = {}
        self._countries = {""}
        for each in partners:
            self._by_id[each.remote_id] = each
            self._countries.add(each.country)
            for column, value in each.texts.items():
                if value:
                    self._by_text.setdefault((column, value), []).append(each)

    def find(self, texts: Texts) -> str:
        column, found = self._like(texts)
        if len(found) > 1:
            # Equal in all that the row tells, blanks included.
            found = [each for each in found if each == each.told_by(texts)] or found
        if not found:
            raise NoRecord(column, f"SmartAccounts has no {self._kind} like this one; export the list again")
        if len(found) > 1:
            raise NoRecord(
                column,
                f"SmartAccounts has {len(found)} {self._kind}s like this one; merge them there, or tell them apart by a"
                " registry code, and export the list again",
            )
        wanted = found[0].told_by(texts)
        if other := self.contradiction(found[0].remote_id, wanted.registry_code, wanted.vat_number):
            raise NoRecord(other, f"the {self._kind} like this one has another in SmartAccounts; export the list again")
        return found[0].remote_id

    def _like(self, texts: Texts) -> tuple[str, list[_Partner]]:
        """Return the column that decides, and the records that are equal in it."""
        readings = [_Partner("", "", "", "", country).told_by(texts) for country in self._countries]
        column = next(
            (name for name in (REGISTRY_CODE, VAT_NUMBER) if any(each.texts[name] for each in readings)), NAME
        )
        values = {each.texts[column] for each in readings}
        near = [each for value in values for each in self._by_text.get((column, value), [])]
        return column, [each for each in near if each.texts[column] == each.told_by(texts).texts[column]]

    def contradiction(self, remote_id: str, registry_code: str, vat_number: str) -> str | None:
        each = self._by_id[remote_id]
        if registry_code and each.registry_code and registry_code != each.registry_code:
            return REGISTRY_CODE
        if vat_number and each.vat_number and vat_number != each.vat_number:
            return VAT_NUMBER
        return None

    def keys(self, remote_id: str) -> set[str]:
        each = self._by_id[remote_id]
        return {each.registry_code, each.vat_number} - {""}

    def marked_id(self, remote_id: str) -> str:
        return self._markers[remote_id]


def _plain(name: str) -> str:
    return " ".join(name.split()).casefold()
