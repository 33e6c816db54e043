"""Room orchestration. Mails about failed runs and new quarantine, sent to a mail server that only listens."""

from __future__ import annotations

import email
import json
import socketserver
import threading
from collections.abc import Iterator
from email.message import Message
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG, Context

from scoro_smartaccounts.common.company import Company, NotificationPolicy, load_company
from scoro_smartaccounts.orchestration.notifications import on_failed_run, on_new_quarantine
from tests.dags.conftest import ROOT


class MailServer(socketserver.ThreadingTCPServer):
    """Takes every mail and keeps it."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[Message] = []


class _Session(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline():
            command = line.strip().upper()
            if command == b"DATA":
                self._say("354 go on")
                body = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.mails.append(email.message_from_bytes(body))  # type: ignore[attr-defined]
            self._say("221 bye" if command == b"QUIT" else "250 fine")

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def mail_server(monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    with MailServer() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        connection = {
            "conn_type": "smtp",
            "host": "127.0.0.1",
            "port": server.server_address[1],
            "extra": {"disable_ssl": True, "disable_tls": True, "from_email": "airflow@example.test"},
        }
        monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps(connection))
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def company() -> Company:
    shipped = load_company(Path(ROOT, "include/companies/default.yaml"))
    return shipped.model_copy(update={"notifications": NotificationPolicy(to=("books@example.test",))})


def context(summary: dict[str, Any] | None) -> Context:
    ti: Any = SimpleNamespace(task_id="summarize_run", xcom_pull=lambda task_ids: summary)
    return Context(dag=DAG("import_sales_invoices", schedule=None), run_id="manual__1", ti=ti)


def text(mail: Message) -> str:
    bodies = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
    return "".join(body.decode() for body in bodies if isinstance(body, bytes))


def test_nobody_is_told_until_addresses_are_given() -> None:
    shipped = load_company(Path(ROOT, "include/companies/default.yaml"))
    assert on_failed_run(shipped) == []
    assert on_new_quarantine(shipped) == []


def test_a_failed_run_is_one_mail(mail_server: MailServer, company: Company) -> None:
    for callback in on_failed_run(company):
        callback(context(None))
    (mail,) = mail_server.mails
    assert mail["To"] == "books@example.test"
    assert mail["Subject"] == "import_sales_invoices: run manual__1 failed"
    # The log of a process that was killed says nothing.
    assert "ends without an error" in text(mail)
    assert "clear the task" in text(mail)


@pytest.mark.parametrize("summary", [None, {}, {"quarantined_new": 0}])
def test_no_new_quarantine_is_no_mail(
    mail_server: MailServer, company: Company, summary: dict[str, Any] | None
) -> None:
    for callback in on_new_quarantine(company):
        callback(context(summary))
    assert mail_server.mails == []


def test_new_quarantine_is_a_mail_with_its_number(mail_server: MailServer, company: Company) -> None:
    for callback in on_new_quarantine(company):
        callback(context({"quarantined_new": 3}))
    (mail,) = mail_server.mails
    assert "quarantine" in mail["Subject"]
    assert "3 document(s)" in text(mail)
