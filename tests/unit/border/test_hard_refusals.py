"""Room border. Whatever a refusal says: the work on it does not grow beyond its length, and little of it is kept."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scoro_smartaccounts.border.http import Reply
from scoro_smartaccounts.border.redaction import redact
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import DocumentProblem, RequestRefused
from scoro_smartaccounts.common.reasons import phrase, render
from scoro_smartaccounts.load.sending import refused
from scoro_smartaccounts.outbox.protocol import _reasons
from scoro_smartaccounts.outbox.target import SCORO, SMARTACCOUNTS
from scoro_smartaccounts.scoro.client import ScoroClient
from scoro_smartaccounts.smartaccounts.client import SmartAccountsClient
from tests.tiers import slow_but
from tests.unit.local_server import as_json, serving
from tests.unit.smartaccounts.test_client import NOW

SECRET = "c4n4ry/secret-k\u00e4y+0123456789"
REFUSES: dict[str, Callable[[str], object]] = {
    "Scoro": lambda url: ScoroClient(url, "acme", "ScoroAPI_c4n4ry0123456789", sleep=lambda _: None).create(
        "receipts", {"sum": 1}
    ),
    "SmartAccounts": lambda url: SmartAccountsClient(
        url, "c4n4ry-public-key", "c4n4ry-secret-key", sleep=lambda _: None
    ).write("purchasesales/clientinvoices:add", b"{}", signed_at=NOW),
}


def refusal(system: str, errors: object) -> RequestRefused:
    answer = as_json({"errors": errors}, 400)
    with serving(lambda _: answer) as server, pytest.raises(RequestRefused) as told:
        REFUSES[system](server.url)
    return told.value


@pytest.mark.parametrize("system", REFUSES)
def test_of_many_reasons_the_first_are_kept_and_the_others_counted(system: str) -> None:
    said = refusal(system, [{"message": f"error {number} {'x' * 30}"} for number in range(20_000)])
    assert said.reasons[0][1].startswith("error 0")
    assert said.reasons[-1] == ("", "… +19980")
    assert len(said.reasons) == 21
    assert_little_is_kept(system, said)


@pytest.mark.parametrize("system", REFUSES)
def test_of_long_reasons_the_beginnings_are_kept(system: str) -> None:
    said = refusal(system, [{"message": f"error {number} {'long ' * 2_000}"} for number in range(100)])
    assert said.reasons[0][1].startswith("error 0")
    assert said.reasons[-1][1] == f"… +{100 - len(said.reasons) + 1}"
    assert_little_is_kept(system, said)


def assert_little_is_kept(system: str, said: RequestRefused) -> None:
    target = {each.name: each for each in (SCORO, SMARTACCOUNTS)}[system]
    case: DocumentProblem = refused(target, phrase(Flow.SALES_INVOICES.noun, number="7"), said.reasons)
    assert len(render(case.reason)) < 3_000
    assert len(str(case.reason.to_json())) < 4_000
    assert len(_reasons(said)) < 3_000
    assert len(str(said)) <= 4_000


@given(st.integers(0, 3_000), st.integers(1, 400), st.sampled_from([" ", ",", "", "\n"]))
def test_no_half_of_a_secret_is_left_where_a_text_is_cut(before: int, times: int, between: str) -> None:
    reply = Reply(400, {}, b"", (SECRET,))
    ((_, shown),) = reply.reasons([("", "-" * before + f"{SECRET}{between}" * times)])
    assert not any(SECRET[start : start + 4] in shown for start in range(len(SECRET) - 3))


def test_a_short_reason_stays_whole() -> None:
    reply = Reply(400, {}, b"", (SECRET,), ("Mari Maasikas",))
    assert reply.reasons([("code", f"Mari Maasikas owes {SECRET}")]) == (("code", "*** owes ***"),)


def test_a_secret_in_json_that_breaks_off_behind_a_backslash_is_hidden() -> None:
    assert redact('{"apiKey": "half of it\\') == '{"apiKey": "***"'


HARD = {
    "backslashes in a log": "redact(chr(92) * 3_000_000)",
    "backslashes before a quote": "redact((chr(92) * 3_000_000) + chr(34))",
    "backslashes in a reason": "Reply(400, {}, b'').reasons([('', chr(92) * 3_000_000)] * 20)",
    "backslashes in an answer": "[Reply(500, {}, chr(92).encode() * 100_000).description for _ in range(50)]",
    "angles in a title": "[reason_in(b'<title>' + b'<' * 99_000 + b'</title>', is_success=False) for _ in range(50)]",
    "titles without end": "[reason_in(b'<title>' * 14_000, is_success=False) for _ in range(20)]",
    "a title whose tag does not end": "[reason_in(b'<title ' * 14_000, is_success=False) for _ in range(50)]",
    "blanks where a title ends": "[reason_in(b'<h1>a</h1' + b' ' * 99_000, is_success=False) for _ in range(50)]",
    "a page of tags": "plain_page('<p>' * 600_000)",
}


@pytest.mark.parametrize("kind", slow_but(["backslashes in a reason", "angles in a title"], HARD))
def test_the_work_does_not_grow_beyond_the_length(kind: str) -> None:
    """Most of these took hours."""
    program = (
        "from scoro_smartaccounts.border.answer_text import reason_in\n"
        "from scoro_smartaccounts.border.http import Reply\n"
        "from scoro_smartaccounts.quality.pages import plain_page\n"
        "from scoro_smartaccounts.border.redaction import redact\n"
        f"{HARD[kind]}\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
