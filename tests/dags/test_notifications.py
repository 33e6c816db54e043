"""Room orchestration. Notifications to servers that only listen: mails, and what goes through Apprise; in which
language, how often, and what is told of a run that never began."""

from __future__ import annotations

import email
import json
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.header import decode_header, make_header
from email.message import Message
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Formatter
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk import DAG, Context
from sqlalchemy import Engine, insert, make_url, update

from scoro_smartaccounts.common.company import Company, NotificationPolicy, load_company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.common.run import RunKind
from scoro_smartaccounts.orchestration import channels, notifications
from scoro_smartaccounts.orchestration.notice_words import _WORDS
from scoro_smartaccounts.orchestration.notifications import (
    alert_unanswered,
    on_failed_run,
    on_new_drift,
    on_summary,
    tell_what_is_overdue,
)
from scoro_smartaccounts.page.words import said
from scoro_smartaccounts.staging.audit_nights import note_night, open_night
from scoro_smartaccounts.staging.database import make_engine
from scoro_smartaccounts.staging.intents import NewIntent, write_intent
from scoro_smartaccounts.staging.links import Kind
from scoro_smartaccounts.staging.schema import intent, run
from scoro_smartaccounts_demo.machine import STAGING_VARIABLE, connection_json
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
    policy = NotificationPolicy(to=("books@example.test",), language="en")
    return shipped.model_copy(update={"notifications": policy})


@dataclass
class Hour:
    """The clock of notifications."""

    now: datetime

    def pass_by(self, **time: int) -> None:
        self.now += timedelta(**time)


@pytest.fixture
def hour(staging_url: str, monkeypatch: pytest.MonkeyPatch) -> Hour:
    """A staging database, and a clock that the test moves."""
    monkeypatch.setenv(STAGING_VARIABLE, connection_json(make_url(staging_url)))
    clock = Hour(datetime(2026, 1, 20, 10, tzinfo=UTC))
    monkeypatch.setattr(notifications, "utc_now", lambda: clock.now)
    return clock


def context(summary: dict[str, Any] | None, run_id: str = "manual__1") -> Context:
    ti: Any = SimpleNamespace(task_id="summarize_run", xcom_pull=lambda task_ids: summary)
    return Context(dag=DAG("import_sales_invoices", schedule=None), run_id=run_id, ti=ti)


def text(mail: Message) -> str:
    bodies = [part.get_payload(decode=True) for part in mail.walk() if not part.is_multipart()]
    return "".join(body.decode() for body in bodies if isinstance(body, bytes))


def heading(mail: Message) -> str:
    return str(make_header(decode_header(mail["Subject"])))


def call(callbacks: notifications.Callbacks, given: Context) -> None:
    for callback in callbacks:
        callback(given)


def test_nobody_is_told_until_a_way_is_given() -> None:
    shipped = load_company(Path(ROOT, "include/companies/default.yaml"))
    assert on_failed_run(shipped) == on_summary(shipped) == on_new_drift(shipped) == []


def test_a_failed_run_is_one_mail_with_its_link(mail_server: MailServer, company: Company, hour: Hour) -> None:
    call(on_failed_run(company), context(None, "manual__{{ 7*7 }}\n<b>"))
    (mail,) = mail_server.mails
    assert mail["To"] == "books@example.test"
    assert heading(mail) == f"{company.name}: import_sales_invoices: a run failed"
    # The log of a process that was killed says nothing.
    assert "ends without an error" in text(mail)
    assert "{{ 7*7 }}" in text(mail)
    assert "<b>" not in text(mail)
    assert "/dags/import_sales_invoices/runs/manual__%7B%7B%207%2A7%20%7D%7D%0A%3Cb%3E" in text(mail)


def test_the_company_s_language(mail_server: MailServer, company: Company, hour: Hour) -> None:
    policy = company.notifications.model_copy(update={"language": "et"})
    company = company.model_copy(update={"notifications": policy})
    call(on_failed_run(company), context(None))
    (mail,) = mail_server.mails
    assert heading(mail) == f"{company.name}: import_sales_invoices: käivitus ebaõnnestus"
    for kind, languages in _WORDS.items():
        fields = [set(Formatter().parse(words.heading + words.text)) for words in languages.values()]
        names = [{name for _, name, _, _ in each if name} for each in fields]
        assert names[0] == names[1], kind


def test_the_same_is_not_told_again_for_hours_and_then_with_what_was_held_back(
    mail_server: MailServer, company: Company, hour: Hour
) -> None:
    for number in range(5):
        call(on_failed_run(company), context(None, f"scheduled__{number}"))
        hour.pass_by(hours=1)
    assert len(mail_server.mails) == 1
    assert tell_what_is_overdue(company, context(None)) == {"overdue": 0, "held_back": 0}
    hour.pass_by(hours=2)
    assert tell_what_is_overdue(company, context(None)) == {"overdue": 0, "held_back": 1}
    assert "happened 4 more times" in text(mail_server.mails[1])
    assert "scheduled__4" in text(mail_server.mails[1])
    assert tell_what_is_overdue(company, context(None)) == {"overdue": 0, "held_back": 0}
    hour.pass_by(hours=7)
    call(on_failed_run(company), context(None))
    assert len(mail_server.mails) == 3
    assert "more time" not in text(mail_server.mails[2])
    # What was held back is told by the next one too, whoever comes first.
    hour.pass_by(hours=1)
    call(on_failed_run(company), context(None))
    hour.pass_by(hours=6)
    call(on_failed_run(company), context(None))
    assert len(mail_server.mails) == 4
    assert "happened 1 more time " in text(mail_server.mails[3])


def test_what_could_not_be_sent_is_told_the_next_time(
    mail_server: MailServer, company: Company, hour: Hour, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as gone:
        gone.setenv("AIRFLOW_CONN_SMTP_DEFAULT", json.dumps({"conn_type": "smtp", "host": "127.0.0.1", "port": 1}))
        with pytest.raises(Exception, match=r"Error"):
            call(on_failed_run(company), context(None))
    call(on_failed_run(company), context(None))
    assert len(mail_server.mails) == 1


def test_it_is_told_where_staging_is_away(
    mail_server: MailServer, company: Company, hour: Hour, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = {"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "x", "schema": "x"}
    monkeypatch.setenv(STAGING_VARIABLE, json.dumps(away))
    call(on_failed_run(company), context(None))
    assert len(mail_server.mails) == 1


@pytest.mark.parametrize("summary", [None, {}, {"quarantined_new": 0}])
def test_no_new_quarantine_is_no_mail(
    mail_server: MailServer, company: Company, hour: Hour, summary: dict[str, Any] | None
) -> None:
    call(on_summary(company), context(summary))
    assert mail_server.mails == []


def test_new_quarantine_leads_to_the_page(mail_server: MailServer, company: Company, hour: Hour) -> None:
    call(on_summary(company), context({"quarantined_new": 3}))
    (mail,) = mail_server.mails
    assert "quarantine" in heading(mail)
    assert "3 documents" in text(mail)
    assert "/scoro-smartaccounts/decisions?company=default" in text(mail)


def test_new_quarantine_of_what_was_approved(mail_server: MailServer, company: Company, hour: Hour) -> None:
    """Its summary is one a flow."""
    summaries = {"sales_invoices": {"quarantined_new": 2}, "payments": {"quarantined_new": 1}, "purchase_invoices": {}}
    call(on_summary(company), context(summaries))
    (mail,) = mail_server.mails
    assert "3 documents" in text(mail)


def test_what_was_booked_differently_is_told_and_leads_to_the_differences(
    mail_server: MailServer, company: Company, hour: Hour
) -> None:
    call(on_summary(company), context({"booked_differently": 2}))
    (mail,) = mail_server.mails
    assert heading(mail).endswith("import_sales_invoices: booked differently than planned")
    assert "2 documents" in text(mail)
    assert "/scoro-smartaccounts/audit?company=default" in text(mail)
    # By flow, where they were approved; and not again within the hour.
    hour.pass_by(minutes=50)
    call(on_summary(company), context({"payments": {"booked_differently": 1}, "sales_invoices": {}}))
    assert len(mail_server.mails) == 1
    hour.pass_by(minutes=20)
    call(on_summary(company), context({"payments": {"booked_differently": 1}, "sales_invoices": {}}))
    assert "1 more time " in text(mail_server.mails[-1])


def test_a_night_that_differs_and_one_that_is_blind(mail_server: MailServer, company: Company, hour: Hour) -> None:
    call(on_new_drift(company), context({"new": 0, "blind_nights": 1}))
    assert mail_server.mails == []
    call(on_new_drift(company), context({"new": 2, "blind_nights": 2}))
    assert [heading(mail).rpartition(": ")[2] for mail in mail_server.mails] == [
        "the books differ",
        "the books cannot be compared",
    ]
    for mail in mail_server.mails:
        assert "on the page Audit" in " ".join(text(mail).split())
        assert "/scoro-smartaccounts/audit?company=default" in text(mail)


def test_what_the_page_shows_is_read_there_and_in_no_log() -> None:
    """Its screens are named as its menu has them."""
    screens = {"alarm": "audit", "drift": "audit", "blind": "audit", "quarantine": "decisions"}
    for kind, screen in screens.items():
        assert f"„{said('et', screen)}“" in _WORDS[kind]["et"].text
        assert f"on the page {said('en', screen)}" in " ".join(_WORDS[kind]["en"].text.split())


def test_an_unanswered_question(mail_server: MailServer, company: Company, hour: Hour) -> None:
    alert_unanswered(company, context(None), documents=4, hours=24)
    (mail,) = mail_server.mails
    assert "4 documents have waited" in text(mail)


def test_a_run_that_did_not_start(mail_server: MailServer, company: Company, hour: Hour, engine_here: Engine) -> None:
    """Of a flow that runs by its schedule: told in the morning, once a day, for a week; then it is not meant to run."""
    world_day = date(2026, 1, 18)
    with engine_here.begin() as connection:
        for flow, key in ((Flow.SALES_INVOICES, "a"), (Flow.PAYMENTS, "b")):
            day = world_day if flow is Flow.SALES_INVOICES else date(2026, 1, 19)
            connection.execute(
                insert(run).values(
                    company=company.key,
                    run_key=key,
                    flow=flow,
                    kind=RunKind.SCHEDULED,
                    mode="import",
                    date_from=day,
                    date_to=day,
                    started_at=hour.now - timedelta(hours=34),
                )
            )
    assert tell_what_is_overdue(company, context(None))["overdue"] == 1
    (mail,) = mail_server.mails
    assert heading(mail).endswith("import_sales_invoices: a run did not start")
    assert "of 18.01.2026" in text(mail)
    hour.pass_by(hours=1)
    tell_what_is_overdue(company, context(None))
    assert len(mail_server.mails) == 1
    hour.pass_by(days=10)
    assert tell_what_is_overdue(company, context(None))["overdue"] == 0


def test_what_is_in_doubt_for_an_hour(
    mail_server: MailServer, company: Company, hour: Hour, engine_here: Engine
) -> None:
    new = NewIntent(Kind.SALES_INVOICE, "5", "2026001", "clientinvoices:add", "{}", "hash", hour.now)
    with engine_here.begin() as connection:
        write_intent(connection, company.key, "run", new)
        connection.execute(update(intent).values(written_at=hour.now - timedelta(minutes=50)))
    assert tell_what_is_overdue(company, context(None))["overdue"] == 0
    hour.pass_by(minutes=20)
    assert tell_what_is_overdue(company, context(None))["overdue"] == 1
    (mail,) = mail_server.mails
    assert "In doubt for over an hour: 1 record" in heading(mail)
    assert "/scoro-smartaccounts/documents?company=default&state=in_doubt" in unescape(text(mail))


def test_a_night_that_is_missing(mail_server: MailServer, company: Company, hour: Hour, engine_here: Engine) -> None:
    with engine_here.begin() as connection:
        open_night(connection, company.key, date(2026, 1, 19), hour.now)
        note_night(connection, company.key, date(2026, 1, 19), reported_at=hour.now)
    assert tell_what_is_overdue(company, context(None))["overdue"] == 1
    assert "audit_books: a run did not start" in heading(mail_server.mails[0])


class _Posted(BaseHTTPRequestHandler):
    server: Any

    def do_POST(self) -> None:
        self.server.posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def posts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Slack's, Teams' and others' addresses are Apprise's business; here it posts to a server of JSON."""
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Posted)
    server.posted, server.status = [], 200
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = {"path": f"json://127.0.0.1:{server.server_address[1]}/"}
    connection = {"conn_type": "apprise", "extra": {"config": json.dumps(address)}}
    monkeypatch.setenv("AIRFLOW_CONN_APPRISE_DEFAULT", json.dumps(connection))
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def told_by(company: Company, **ways: Any) -> Company:
    return company.model_copy(update={"notifications": NotificationPolicy(**ways)})


def test_apprise_speaks_to_other_services(company: Company, hour: Hour, posts: Any) -> None:
    company = told_by(company, apprise="apprise_default", language="et")
    call(on_summary(company), context({"quarantined_new": 3}))
    [posted] = posts.posted
    assert posted["title"] == f"{company.name}: import_sales_invoices: dokumendid ootavad otsust"
    assert "3 dokumenti" in posted["message"]
    assert "/scoro-smartaccounts/decisions" in posted["message"]


def test_a_message_that_nobody_took_is_no_message(company: Company, hour: Hour, posts: Any) -> None:
    company = told_by(company, apprise="apprise_default")
    posts.status = 403
    with pytest.raises(ConfigurationError, match="apprise_default took the message"):
        call(on_failed_run(company), context(None))
    posts.status, posts.posted = 200, []
    call(on_failed_run(company), context(None))
    call(on_failed_run(company), context(None))
    assert len(posts.posted) == 1


def test_one_way_that_is_broken_is_no_storm_in_the_other(mail_server: MailServer, company: Company, hour: Hour) -> None:
    company = told_by(company, to=("books@example.test",), apprise="of_nobody")
    for _ in range(3):
        call(on_failed_run(company), context(None))
    assert len(mail_server.mails) == 1


def test_apprise_that_is_not_installed_is_told_at_once(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "find_spec", lambda name: None)
    policy = NotificationPolicy(apprise="apprise_default")
    with pytest.raises(ConfigurationError, match="install apache-airflow-providers-apprise"):
        on_failed_run(company.model_copy(update={"notifications": policy}))


@pytest.fixture
def engine_here(staging_url: str) -> Iterator[Engine]:
    engine = make_engine(staging_url)
    yield engine
    engine.dispose()
