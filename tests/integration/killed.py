"""A child process that runs one step and kills itself at the n-th commit or write, at either side."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import event

from scoro_smartaccounts.common.run import ReconcileRequest, RunRequest, UndoRequest
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.services import Services
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient
from tests.integration.world import World

AnyRequest = TypeVar("AnyRequest", RunRequest, ReconcileRequest, UndoRequest)


def run_and_kill(world: World, request: AnyRequest, step: Callable[[AnyRequest, Services], Any], at: int) -> bool:
    """Run `step` in a child process that gets SIGKILL at its `at`-th moment: before and after every write to
    SmartAccounts and to Scoro, and before every commit. True when it was killed, False when it came to its end
    before."""
    child = os.fork()
    if child == 0:
        _child(world, request, step, at)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "the step failed in the child process"
    return False


def _child(world: World, request: AnyRequest, step: Callable[[AnyRequest, Services], Any], at: int) -> None:
    """Never returns."""
    left = at

    def moment(*_: Any) -> None:
        nonlocal left
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left -= 1

    try:
        world.engine.dispose(close=False)
        services = world.services(request)

        @event.listens_for(world.engine, "commit")
        def before_commit(_: Any) -> None:
            moment()

        def killing(send: Callable[..., Any]) -> Callable[..., Any]:
            def killing_send(*arguments: Any, **named: Any) -> Any:
                moment()
                answer = send(*arguments, **named)
                moment()
                return answer

            return killing_send

        SmartAccountsClient.write = killing(SmartAccountsClient.write)  # type: ignore[method-assign]
        ScoroClient.create = killing(ScoroClient.create)  # type: ignore[method-assign]
        ScoroClient.delete = killing(ScoroClient.delete)  # type: ignore[method-assign]
        step(request, services)
    except BaseException:  # noqa: BLE001
        os._exit(1)
    os._exit(0)
