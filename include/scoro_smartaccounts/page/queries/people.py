"""Whom documents are with, as the page may name them: a company by its name, a private person as a contact of Scoro."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.visible import visible
from scoro_smartaccounts.matching.identity.profiles import profile_of
from scoro_smartaccounts.staging.scoro_registers import staged_contacts

if TYPE_CHECKING:
    from sqlalchemy import Connection


def names_of(connection: Connection, company: str, contact_ids: Iterable[str | None]) -> dict[str, str]:
    """Return what each contact is called, by its id."""
    wanted = {contact_id for contact_id in contact_ids if contact_id}
    staged = staged_contacts(connection, company, wanted)
    names = {contact_id: profile_of(each.record).public_name for contact_id, each in staged.items()}
    return {contact_id: visible(names.get(contact_id, "")) or f"Scoro kontakt {contact_id}" for contact_id in wanted}
