"""A stored key stays with the place it was entered for: looked at in Airflow's API server, before its own routes.

Whoever may edit a connection does not see its key. They must not read it either by giving the connection another type,
whose test sends it anywhere: so a request that leads one of our connections elsewhere brings the key itself.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from scoro_smartaccounts.common.company import load_companies
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.orchestration.answer_gate import asking_user

log = logging.getLogger(__name__)

_ROUTES = "/api/v2/connections"
_OUR_TYPES = ("scoro", "smartaccounts")
# The request's names of what says where a key goes, and the stored connection's; Airflow takes `schema` by both.
_PLACE = {"conn_type": "conn_type", "host": "host", "port": "port", "schema": "schema", "schema_": "schema"}
# What Airflow shows in place of a secret, and takes for "as it was".
_MASKED = "***"


class ConnectionGate:
    """ASGI middleware of the API server."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Hand a request on, or answer it with a refusal."""
        is_ours = scope["type"] == "http" and _ROUTES in scope["path"]
        if not is_ours or scope["method"] not in ("PATCH", "PUT", "POST"):
            await self.app(scope, receive, send)
            return
        from fastapi import HTTPException
        from fastapi.responses import JSONResponse
        from starlette.concurrency import run_in_threadpool
        from starlette.requests import Request

        request = Request(scope, receive)
        try:
            await asking_user(request)
        except HTTPException as refused:
            await JSONResponse({"detail": str(refused.detail)}, refused.status_code)(scope, receive, send)
            return
        body = await request.body()
        mask = request.query_params.getlist("update_mask")
        if (refusal := await run_in_threadpool(_refusal, body, mask, is_test=scope["method"] == "POST")) is not None:
            await JSONResponse({"detail": refusal}, 403)(scope, receive, send)
            return
        await self.app(scope, _again(body, receive), send)


def _again(body: bytes, receive: Any) -> Any:
    """Return what is received, once more from the beginning of the body."""
    left = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Any:
        return left.pop() if left else await receive()

    return receive_again


def _refusal(body: bytes, mask: list[str], *, is_test: bool) -> str | None:
    """Why a request about connections is not handed on. `is_test`: it may use a key of the environment."""
    if not body:
        # Airflow's routes change nothing by a request without a body.
        return None
    try:
        wanted = list(_wanted(json.loads(body), mask))
        elsewhere = [
            conn_id
            for conn_id, fields, has_key in wanted
            if not has_key and _leads_elsewhere(conn_id, fields, is_test=is_test)
        ]
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return "What this request does to connections cannot be read, so nothing was done."
    if not elsewhere:
        return None
    return (
        f"{', '.join(elsewhere)}: the stored key stays with the type, host, port, schema and extra that it was entered"
        " for. Nothing was done: enter the key (the password) again in the same request, or leave these fields as they"
        " are."
    )


def _wanted(request: Any, mask: list[str]) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
    """Of each connection that a request writes or tests: its id, the fields, and whether they bring a new key.

    Raises what a request of another shape than Airflow's raises.
    """
    if "actions" not in request:
        yield request["connection_id"], request, _brings_key(request, mask)
        return
    for action in request["actions"]:
        if action["action"] != "delete":
            for entity in action["entities"]:
                yield entity["connection_id"], entity, _brings_key(entity, action.get("update_mask") or [])


def _brings_key(fields: Mapping[str, Any], mask: list[str]) -> bool:
    """Airflow keeps the stored key where the new one is empty or masked, or is not among the fields to be changed."""
    key = fields.get("password")
    return isinstance(key, str) and key not in ("", _MASKED) and (not mask or "password" in mask)


def _leads_elsewhere(conn_id: str, fields: Mapping[str, Any], *, is_test: bool) -> bool:
    """Whether the fields give a connection of ours, of which a key is stored, another place than it has."""
    is_named = _is_named(conn_id)
    return any(
        (is_named or stored.conn_type in _OUR_TYPES)
        and bool(stored.password)
        and (
            any(_plain(fields[name]) != _plain(getattr(stored, own)) for name, own in _PLACE.items() if name in fields)
            or ("extra" in fields and not _is_same_extra(fields["extra"], stored.extra))
        )
        for stored in _stored(conn_id, is_test=is_test)
    )


def _is_named(conn_id: str) -> bool:
    """Whether a company file names the connection; any may be one that is named where the files cannot be read."""
    try:
        companies = load_companies()
    except ConfigurationError as problem:
        log.warning("Which connections are ours cannot be told: %s", problem)
        return True
    ids = (list(company.connections.model_dump().values()) for company in companies)
    # Variables of the environment have their names in capitals, so Airflow finds what these hold by any spelling.
    return conn_id.upper() in {each.upper() for named in ids for each in named}


def _stored(conn_id: str, *, is_test: bool) -> Iterable[Any]:
    """Return what Airflow has under an id: the row that changes change, and what a test takes."""
    from airflow.models.connection import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        found = list(session.scalars(select(Connection).where(Connection.conn_id == conn_id)))
        session.expunge_all()
    if not is_test:
        return found
    with suppress(AirflowNotFoundException):
        found.append(Connection.get_connection_from_secrets(conn_id, Connection.get_team_name(conn_id)))
    return found


def _plain(value: Any) -> str:
    """Return a field as text; the form sends an empty text for what is not set."""
    return "" if value is None else str(value)


def _is_same_extra(wanted: str | None, stored: str | None) -> bool:
    """Whether two extras hold the same; what Airflow shows masked counts as unchanged."""
    from airflow._shared.secrets_masker import redact

    new, old = json.loads(wanted or "{}"), json.loads(stored or "{}")
    return new in (old, redact(old))
