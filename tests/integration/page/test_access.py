"""Room page. Who may open what: every route asks, and nothing is written for a page of somebody else."""

from __future__ import annotations

import json
import re
import shutil
from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml
from fastapi.routing import APIRoute
from sqlalchemy import Engine, make_url

from scoro_smartaccounts_demo.machine import STAGING_VARIABLE, connection_json


def routes() -> list[tuple[str, str]]:
    """Method and address of every route of the page."""
    from scoro_smartaccounts.page.app import app

    return [(method, route.path) for route in walked(app.routes) for method in sorted(route.methods or ())]


def walked(routes: Any) -> Any:
    for route in routes:
        if isinstance(route, APIRoute):
            yield route
        else:
            yield from walked(getattr(getattr(route, "original_router", None), "routes", []))


FILLED = {
    "{dag_id}": "import_sales_invoices",
    "{dag}": "import_sales_invoices",
    "{name}": "page.css",
    "{flow}": "sales_invoices",
    "{source_id:path}": "1",
    "{month}": "2026-01",
    "{drift}": "1",
    "{plan}": "1",
    "{run_id:path}": "manual__1",
}


def filled(path: str) -> str:
    for name, value in FILLED.items():
        path = path.replace(name, value)
    assert "{" not in path, path
    return path


def test_every_route_asks_who_somebody_is(page: Any) -> None:
    found = routes()
    assert len(found) > 8
    nobody = page(None)
    answers = {(method, path): nobody.ask(method, filled(path)).status_code for method, path in found}
    assert {route: status for route, status in answers.items() if status != 401} == {}
    broken = page(None)
    assert broken.ask("GET", "/", headers={"authorization": "Bearer x"}).status_code in (401, 403)


def test_who_may_only_look_changes_nothing(page: Any) -> None:
    viewer = page("viewer")
    own = {("POST", "/language")}
    answers = {
        (method, path): viewer.post(filled(path)).status_code
        for method, path in routes()
        if method == "POST" and (method, path) not in own
    }
    assert {route: status for route, status in answers.items() if status != 403} == {}
    assert "You may look." in viewer.get("/").text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://testserver:9000"},
        {"origin": "http://attacker.example"},
        {"origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused(page: Any, headers: dict[str, str]) -> None:
    admin = page("admin")
    answers = {
        path: admin.post(filled(path), headers=headers).status_code for method, path in routes() if method == "POST"
    }
    assert len(answers) > 0
    assert {path: status for path, status in answers.items() if status != 403} == {}


@pytest.mark.parametrize("headers", [{"sec-fetch-site": "same-origin"}, {"origin": "http://testserver"}])
def test_the_page_s_own_form_is_taken(page: Any, headers: dict[str, str]) -> None:
    data = {"to": "en", "back": "/scoro-smartaccounts/documents"}
    answer = page("viewer").post("/language", data, headers=headers)
    assert (answer.status_code, answer.headers["location"]) == (303, "/scoro-smartaccounts/documents")
    assert "scoro_language=en" in answer.headers["set-cookie"]
    elsewhere = page("viewer").post("/language", {**data, "back": "//evil.example/"}, headers=headers)
    assert elsewhere.headers["location"] == "/scoro-smartaccounts/"


def test_what_every_answer_says(page: Any) -> None:
    for answer in (page("viewer").get("/"), page("viewer").get("/static/page.css"), page(None).get("/")):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'self'" in policy
        assert "unsafe" not in policy
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_who_is_not_logged_in_gets_all_of_the_page_in_one_answer(page: Any) -> None:
    """No file is given without a login: style and script stand in the page, and the policy allows just these."""
    nobody = page(None).get("/")
    assert re.findall(r"(?:<link|src=)[^>]*", nobody.text) == []
    policy = dict(part.split(" ", 1) for part in nobody.headers["content-security-policy"].split("; "))
    for tag in ("style", "script"):
        (inside,) = re.findall(f"<{tag}>(.*?)</{tag}>", nobody.text, re.DOTALL)
        assert policy[f"{tag}-src"] == f"'self' 'sha256-{b64encode(sha256(inside.encode()).digest()).decode()}'"


def test_the_login_leads_back(page: Any) -> None:
    """From where a mail led to, in Airflow's frame or not; what was sent is not sent again."""
    nobody = page(None)

    def led(answer: Any) -> str:
        return unquote(re.findall(r'data-leave href="/api/v2/auth/login\?next=([^"]+)">Log in again', answer.text)[0])

    where = "/decisions?company=acme"
    assert led(nobody.get(where)) == f"/scoro-smartaccounts{where}"
    framed = nobody.get(where, headers={"sec-fetch-dest": "iframe"})
    assert led(framed) == f"/plugin/scoro/scoro-smartaccounts{where}"
    sent = nobody.post(
        "/decisions/cases", headers={"referer": "http://testserver/scoro-smartaccounts/decisions/cases?code=x"}
    )
    assert led(sent) == "/scoro-smartaccounts/decisions/cases?code=x"
    elsewhere = nobody.post("/decisions/cases", headers={"referer": "http://evil.example/x"})
    assert led(elsewhere) == "/scoro-smartaccounts/"


def test_the_language_is_the_visitor_s(page: Any) -> None:
    assert '<html lang="en">' in page("viewer", language="en-GB,en;q=0.8").get("/").text
    assert '<html lang="et">' in page("viewer", language="de").get("/").text
    assert '<html lang="et">' in page("viewer", language="et-EE").get("/").text
    chosen = page("viewer").get("/", headers={"cookie": "scoro_language=et"})
    assert '<html lang="et">' in chosen.text


def test_a_company_is_chosen_by_its_key(page: Any, folder: Path) -> None:
    shutil.copy(folder / "default.yaml", folder / "acme.yaml")
    content = yaml.safe_load((folder / "acme.yaml").read_text("utf-8"))
    content |= {"name": "Acme OÜ", "connections": {"scoro": "scoro_acme", "smartaccounts": "smartaccounts_acme"}}
    (folder / "acme.yaml").write_text(yaml.safe_dump(content), "utf-8")
    viewer = page("viewer")
    assert "· Acme OÜ</title>" in viewer.get("/").text
    other = viewer.get("/?company=default").text
    assert "· Näidis OÜ</title>" in other
    assert "/documents?company=default" in other
    assert viewer.get("/?company=nobody").status_code == 403
    led = viewer.get("/dag/import_payments")
    assert led.headers["location"] == "/scoro-smartaccounts/import?flow=payments&company=default"
    assert viewer.get("/dag/approve_plans__acme").headers["location"].startswith("/scoro-smartaccounts/decisions")
    assert viewer.get("/dag/undo_import").headers["location"] == "/scoro-smartaccounts/audit?company=default"
    assert viewer.get("/dag/watch_runs").headers["location"] == "/scoro-smartaccounts/?company=default"
    assert viewer.get("/dag/watch_runs__acme").headers["location"] == "/scoro-smartaccounts/?company=acme"
    assert viewer.get("/dag/somebody_elses").headers["location"] == "/scoro-smartaccounts/?company=acme"


def test_a_database_that_is_old_or_away_is_told(
    page: Any, empty_engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(STAGING_VARIABLE, connection_json(empty_engine.url))
    screens = ("/", "/import", "/documents", "/documents.csv", "/decisions", "/audit")
    old = {each: page("viewer").get(each) for each in screens}
    assert {each for each, answer in old.items() if answer.status_code != 503} == set()
    assert {
        each for each, answer in old.items() if "scoro_smartaccounts.orchestration.migrate" not in answer.text
    } == set()
    monkeypatch.setenv(STAGING_VARIABLE, AWAY)
    for gone in map(page("viewer").get, screens):
        assert (gone.status_code, "The database cannot be read." in gone.text) == (503, True)
        assert make_url(str(empty_engine.url)).database not in gone.text


AWAY = json.dumps({"conn_type": "postgres", "host": "127.0.0.1", "port": 1, "login": "x", "schema": "x"})


def test_without_the_database_the_rest_of_the_first_screen_stays(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STAGING_VARIABLE, AWAY)
    shown = page("viewer", language="et").get("/")
    assert shown.status_code == 503
    assert "Andmebaasi ei saa lugeda." in shown.text
    assert 'href="https://naidis.scoro.com/"' in shown.text
    for flow in ("Müügiarved", "Ostuarved", "Maksed Scorost", "Maksed Scorosse"):
        assert f"<h2>{flow}</h2>" in shown.text
    assert 'href="/scoro-smartaccounts/decisions"' in shown.text


def test_what_was_sent_in_vain_is_tried_again_at_its_form(page: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(STAGING_VARIABLE, AWAY)
    where = "/scoro-smartaccounts/decisions/cases?flow=sales_invoices"
    answer = {"flow": "sales_invoices", "choice": "retry", "ids": ["1"]}
    for sent_from, form in ((where, where), ("/elsewhere", "/scoro-smartaccounts/")):
        headers = {"sec-fetch-site": "same-origin", "referer": f"http://testserver{sent_from}"}
        gone = page("user").post("/decisions/cases", answer, headers=headers)
        assert gone.status_code == 503
        assert f'<a class="button" href="{form}">Try again' in gone.text


def test_who_is_refused_is_told_why_and_where_to_go(page: Any, folder: Path) -> None:
    """In their language; where they were goes with it, and Airflow's front page, where they are logged in, does not."""
    content = yaml.safe_load((folder / "default.yaml").read_text("utf-8"))
    own = {"scoro": "scoro_acme", "smartaccounts": "smartaccounts_acme"}
    (folder / "acme.yaml").write_text(yaml.safe_dump(content | {"name": "Acme OÜ", "connections": own}), "utf-8")
    viewer = page("viewer", language="et")
    refused = viewer.post("/decisions/cases?company=default", {"flow": "sales_invoices", "choice": "retry"})
    assert refused.status_code == 403
    assert "tohid vaadata, kuid mitte muuta" in refused.text
    assert "You may look" not in refused.text
    assert 'data-leave href="/api/v2/auth/logout"' in refused.text
    assert 'href="/scoro-smartaccounts/?company=default">Ülevaade' in refused.text
    other = viewer.get("/?company=nobody")
    assert "Seda ettevõtet sa näha ei tohi." in other.text
    assert 'href="/scoro-smartaccounts/">Ülevaade' in other.text
    for path, status in (("/documents?company=default&state=none", 422), ("/nowhere?company=default", 404)):
        wrong = viewer.get(path)
        assert wrong.status_code == status
        assert 'href="/scoro-smartaccounts/?company=default">Ülevaade' in wrong.text
    assert "ei tulnud sellelt lehelt" in viewer.post("/import/start", headers={}).text
