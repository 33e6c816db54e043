"""Child processes of the demo: started together, watched, and stopped together."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from scoro_smartaccounts.common.errors import PipelineError, WrongUsage
from scoro_smartaccounts.common.visible import visible_lines
from scoro_smartaccounts_demo.layout import HOST

STOP_SECONDS = 15


class DemoError(PipelineError):
    """Something that the person at the terminal can read and mend; it may hold the end of a log."""

    def shown(self, message: str) -> str:
        """Line by line."""
        return visible_lines(message)


class WrongDemoUsage(DemoError, WrongUsage):
    """What was asked for, or what the environment says, cannot be: nothing was started."""


@dataclass(slots=True)
class Processes:
    """The children by name, each writing to its own log file."""

    logs: Path
    children: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start one child in its own process group, out of reach of the terminal's Ctrl-C."""
        with (self.logs / f"{name}.log").open("wb") as log:
            self.children[name] = subprocess.Popen(  # noqa: S603 - fixed commands of this package
                command,
                env=dict(environment),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o077,
            )

    def check(self) -> None:
        """Raise DemoError with the end of its log when a child has ended."""
        for name, child in self.children.items():
            if child.poll() is not None:
                raise DemoError(f"{name} ended (code {child.returncode}). {self.end_of_log(name)}")

    def end_of_log(self, name: str, lines: int = 15) -> str:
        """Where the log is, and its last lines."""
        file = self.logs / f"{name}.log"
        tail = file.read_text("utf-8", errors="replace").splitlines()[-lines:]
        return "\n".join([f"The end of {file}:", *(f"    {line}" for line in tail)])

    def stop(self) -> None:
        """Ask the children to end, the last one first; what is left of one's group after a while is killed.

        One after the other: the scheduler's workers still report to the API server while they end.
        """
        for child in reversed(self.children.values()):
            child.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(STOP_SECONDS)
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()
        self.children.clear()


def require_free(ports: Mapping[str, int]) -> None:
    """Raise DemoError that names every port something else listens on."""
    taken = [f"{port} (for {name})" for name, port in ports.items() if not _is_free(port)]
    if taken:
        raise WrongDemoUsage(
            f"Taken by another program: port {', port '.join(taken)}. Stop that program, or choose other ports "
            "with DEMO_PORT_AIRFLOW, DEMO_PORT_SCORO, DEMO_PORT_SMARTACCOUNTS."
        )


def free_port() -> int:
    """Return a port that nothing listens on at the moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def is_alive(pid: int, started: float) -> bool:
    """Whether the process with this id still is the one that was started at that time."""
    try:
        process = psutil.Process(pid)
        return abs(process.create_time() - started) < 1 and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True
