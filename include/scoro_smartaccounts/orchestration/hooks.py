"""Airflow hooks of both services: a connection's fields become a client, the test button asks a harmless read."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, ClassVar

from airflow.sdk import BaseHook, Connection
from airflow.sdk.exceptions import AirflowNotFoundException
from airflow.sdk.log import mask_secret

from scoro_smartaccounts.border.guard import guarded
from scoro_smartaccounts.border.hosts import check_pinned, on_this_machine
from scoro_smartaccounts.budget import Limits
from scoro_smartaccounts.common.errors import ConfigurationError, PipelineError
from scoro_smartaccounts.scoro.client import SYSTEM as SCORO
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.smartaccounts.client import SYSTEM as SMARTACCOUNTS
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient

_LIMITS = ("per_minute", "per_day")
_SYSTEMS = {"scoro": SCORO, "smartaccounts": SMARTACCOUNTS}


class ScoroHook(BaseHook):
    """A client of the Scoro site that an Airflow connection of type `scoro` names."""

    conn_name_attr: ClassVar[str] = "scoro_conn_id"
    default_conn_name: ClassVar[str] = "scoro_default"
    conn_type: ClassVar[str] = "scoro"
    hook_name: ClassVar[str] = "Scoro"

    def __init__(self, scoro_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.scoro_conn_id = scoro_conn_id

    def get_conn(self) -> ScoroClient:
        """Return the client. Raises ConfigurationError when the connection is missing, incomplete or leads
        elsewhere."""
        fields = complete_connection(connection_of_type(self.scoro_conn_id, self.conn_type))
        return ScoroClient(base_url=fields["host"], company_account_id=fields["login"], api_key=fields["password"])

    def test_connection(self) -> tuple[bool, str]:
        """Ask for the site's company accounts, and whether the connection's own is among them."""
        return _tested(lambda: self.get_conn().check_access(), "Scoro accepted the key.")


class SmartAccountsHook(BaseHook):
    """A client of the SmartAccounts company that an Airflow connection of type `smartaccounts` names."""

    conn_name_attr: ClassVar[str] = "smartaccounts_conn_id"
    default_conn_name: ClassVar[str] = "smartaccounts_default"
    conn_type: ClassVar[str] = "smartaccounts"
    hook_name: ClassVar[str] = "SmartAccounts"

    def __init__(self, smartaccounts_conn_id: str = default_conn_name) -> None:
        super().__init__()
        self.smartaccounts_conn_id = smartaccounts_conn_id

    @cached_property
    def _connection(self) -> Connection:
        return connection_of_type(self.smartaccounts_conn_id, self.conn_type)

    @property
    def limits(self) -> Limits:
        """The service's limits; those of a simulator on this machine may be others, and stand in its connection's extra
        field."""
        if on_this_machine(self._connection.host or "") is None:
            return Limits()
        named = self._connection.extra_dejson
        given = {name: named[f"requests_{name}"] for name in _LIMITS if f"requests_{name}" in named}
        for name, number in given.items():
            if type(number) is not int or number < 1:
                raise ConfigurationError(
                    f"connection {self.smartaccounts_conn_id}: requests_{name} in its extra field is no number above 0"
                )
        return Limits(**given)

    def get_conn(
        self,
        before_request: Callable[[str], None] | None = None,
        limit_reached: Callable[[int, float | None], None] | None = None,
    ) -> SmartAccountsClient:
        """Return the client; the arguments are those of `SmartAccountsClient`.

        Raises ConfigurationError when the connection is missing, incomplete or leads elsewhere.
        """
        fields = complete_connection(self._connection)
        return SmartAccountsClient(
            base_url=fields["host"],
            public_key=fields["login"],
            secret_key=fields["password"],
            before_request=before_request,
            limit_reached=limit_reached,
        )

    def test_connection(self) -> tuple[bool, str]:
        """Read one small register of settings (costs one request of the company's quota)."""
        return _tested(lambda: self.get_conn().check_access(), "SmartAccounts accepted the keys.")


def _tested(ask: Callable[[], None], success: str) -> tuple[bool, str]:
    try:
        guarded()(ask)()
    except PipelineError as problem:
        return False, str(problem)
    return True, success


def complete_connection(connection: Connection) -> dict[str, str]:
    """Host, login and password of a connection; login and password are hidden from all logs from here on.

    Raises ConfigurationError where one is missing, or where the host is none that keys may be sent to.
    """
    fields = {name: str(getattr(connection, name) or "").strip() for name in ("host", "login", "password")}
    missing = [name for name, value in fields.items() if not value]
    if missing:
        raise ConfigurationError(f"connection {connection.conn_id}: fill in {', '.join(missing)}")
    mask_secret(fields["login"])
    mask_secret(fields["password"])
    if "://" not in fields["host"]:
        fields["host"] = f"https://{fields['host']}"
    check_pinned(_SYSTEMS[str(connection.conn_type)], fields["host"])
    return fields


def connection_of_type(
    conn_id: str, conn_type: str, find: Callable[[str], Any] = BaseHook.get_connection
) -> Connection:
    """Return the Airflow connection; raises ConfigurationError when there is none of this id and type. `find`: how it
    is looked up where no task runs."""
    try:
        connection: Connection = find(conn_id)
    except AirflowNotFoundException:
        raise ConfigurationError(f"Airflow has no connection {conn_id}; create it with type {conn_type}") from None
    if connection.conn_type != conn_type:
        raise ConfigurationError(f"connection {conn_id} must have type {conn_type}, not {connection.conn_type}")
    return connection
