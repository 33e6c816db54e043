"""The registers of SmartAccounts that the mirror holds: imports bring them up to date; where one was not read for a
day, the night reads it."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from scoro_smartaccounts.audit.asking import NoRequestsLeft
from scoro_smartaccounts.common.clock import tallinn_day
from scoro_smartaccounts.common.errors import BillingStopped, ConfigurationError, RequestRefused
from scoro_smartaccounts.mirror.registers import sync_register, sync_settings
from scoro_smartaccounts.smartaccounts.endpoints import ARTICLES, CLIENTS, VAT_CODES, VENDORS
from scoro_smartaccounts.staging.audit_nights import Mark, known_mark, store_mark
from scoro_smartaccounts.staging.mirror_registers import synced_to
from scoro_smartaccounts.staging.used_records import Used, records_in_use

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Connection

    from scoro_smartaccounts.audit.reader import Reader

log = logging.getLogger(__name__)

REGISTERS: Mapping[Used, str] = {
    Used.CLIENT: CLIENTS,
    Used.VENDOR: VENDORS,
    Used.ARTICLE: ARTICLES,
    Used.VAT_CODE: VAT_CODES,
}
_A_DAY = timedelta(hours=24)
# Requests to read one: its changes; where they are not believed, all of it, if that is not long.
_MOST = 3
_NEVER = datetime.min.replace(tzinfo=UTC)
# The night that tried last to read each register.
_TRIED = "registers"


def bring_forward(reader: Reader, most: int) -> dict[str, Any]:
    """Read one of the registers that imported documents use, where one was not read for a day: the one that was read,
    or tried, longest ago; by its changes, which is one request as a rule. Until the night has sent `most`."""
    now, tonight = reader.services.clock(), reader.request.night.isoformat()
    with reader.services.engine.begin() as connection:
        read_at = _read_at(connection, reader.company)
        tried = known_mark(connection, reader.company, _TRIED).detail
        old = _old(connection, reader.company, read_at, now)
        had_turn = [each for each, night in tried.items() if night == tonight]
        # One a night, also where it is told again.
        is_done = bool(had_turn) and not any(each.value in had_turn for each in old)
        if not old or is_done or reader.asking.used >= most:
            return {"register": ""}
        # A step that was killed tries the same one again.
        turns = {each: night for each, night in tried.items() if night != tonight}
        of = min(old, key=lambda each: max(turns.get(each, ""), read_at.get(each, _NEVER).isoformat()))
        store_mark(connection, reader.company, Mark(_TRIED, detail={**tried, of.value: tonight}))
    services = reader.asking.within(min(most, reader.asking.used + _MOST))
    try:
        if of is Used.VAT_CODE:
            sync_settings(services, reader.company, [VAT_CODES], max_age=_A_DAY)
        else:
            sync_register(services, reader.company, REGISTERS[of], max_age=_A_DAY)
    except NoRequestsLeft:
        log.info("%s: more than is left of tonight's requests.", REGISTERS[of])
    except BillingStopped:
        raise
    except (ConfigurationError, RequestRefused) as refusal:
        log.warning("SmartAccounts does not let %s be read: %s", REGISTERS[of], refusal)
    return {"register": of.value}


def old_registers(connection: Connection, company: str, now: datetime) -> dict[str, str]:
    """Return those of the registers in use that were not read for a day, and the day on which each was; empty where it
    never was."""
    read_at = _read_at(connection, company)
    old = _old(connection, company, read_at, now)
    return {each.value: tallinn_day(read_at[each]).isoformat() if each in read_at else "" for each in old}


def _old(connection: Connection, company: str, read_at: Mapping[Used, datetime], now: datetime) -> list[Used]:
    in_use = sorted({kind for kind, _ in records_in_use(connection, company)})
    return [each for each in in_use if now - read_at.get(each, _NEVER) > _A_DAY]


def _read_at(connection: Connection, company: str) -> dict[Used, datetime]:
    states = {each: synced_to(connection, company, service) for each, service in REGISTERS.items()}
    return {each: state.read_at for each, state in states.items() if state is not None}
