"""The demo. `demo down` waits for the demo's process, also where whoever started it never asks for its end."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from scoro_smartaccounts.common.errors import TransientError
from scoro_smartaccounts_demo import standing
from scoro_smartaccounts_demo.layout import Layout

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Layout:
    made = Layout(tmp_path)
    monkeypatch.setattr(Layout, "of_project", lambda: made)
    return made


def note(layout: Layout, pid: int) -> None:
    state = {"pid": pid, "started": psutil.Process(pid).create_time(), "airflow": 1}
    layout.running.parent.mkdir(parents=True, exist_ok=True)
    layout.running.write_text(json.dumps(state), "utf-8")


def test_a_process_that_nobody_waits_for_is_down(layout: Layout) -> None:
    with subprocess.Popen(["sleep", "60"]) as child:
        note(layout, child.pid)
        assert standing.down().shape == {"stopped": True}
        assert psutil.Process(child.pid).status() == psutil.STATUS_ZOMBIE


def test_one_that_does_not_stop_is_told(layout: Layout, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(standing, "_LONGEST_STOP", 0.5)
    with subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        child.stdout.readline()
        note(layout, child.pid)
        try:
            with pytest.raises(TransientError, match=f"process {child.pid} goes on.*kill {child.pid}"):
                standing.down()
        finally:
            child.kill()
