"""Templates → answers: what every screen is given, in the visitor's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from babel import negotiate_locale
from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import Phrase, Reason, render
from scoro_smartaccounts.common.reasons.message import Language
from scoro_smartaccounts.orchestration.params import PREFIX
from scoro_smartaccounts.page import formats
from scoro_smartaccounts.page.access import Visitor
from scoro_smartaccounts.page.words import said

LANGUAGE = "scoro_language"
_ROOM = Path(__file__).parent
STATIC = _ROOM / "static"
# Where Airflow shows the page in a frame.
FRAME = "/plugin/scoro"

# What the steps of an import are called in other DAGs.
_TASKS = {
    "approve_plans": dict.fromkeys(("extract_documents", "reconcile_and_plan", "load_documents"), "load_approved"),
    "export_payments": {
        "extract_documents": "read_payments",
        "reconcile_and_plan": "plan_receipts",
        "load_documents": "send_receipts",
    },
}

_templates = Environment(
    loader=FileSystemLoader(_ROOM / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


# What begins a cell or a line begins with a capital letter.
_templates.filters["whole"] = lambda text: text[:1].upper() + text[1:]


def language_of(request: Request) -> Language:
    """Return the visitor's choice, else what the browser asks for, else Estonian."""
    chosen = request.cookies.get(LANGUAGE)
    if chosen in ("et", "en"):
        return "et" if chosen == "et" else "en"
    asked = [each.partition(";")[0].strip() for each in request.headers.get("accept-language", "").split(",")]
    return "en" if negotiate_locale(asked, ["et", "en"], sep="-") == "en" else "et"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page stands: addresses of its own, and of Airflow's pages beside it."""

    root: str
    company: str = ""

    @classmethod
    def of(cls, request: Request, visitor: Visitor | None = None) -> Place:
        """Return the place of a request. Where there is one company only, addresses go without its key: others may see
        others, and an address means the same to all."""
        key = "" if visitor is None or visitor.is_only else visitor.company.key
        return cls(str(request.scope.get("root_path", "")), key)

    def url(self, path: str, **query: object) -> str:
        """Return an address of this page."""
        named = {name: value for name, value in query.items() if value not in ("", None, [])}
        if self.company:
            named.setdefault("company", self.company)
        return f"{self.root}{quote(path, safe='/')}" + (f"?{urlencode(named, doseq=True)}" if named else "")

    def airflow(self, path: str = "/") -> str:
        """Return an address of Airflow's own."""
        return self.root.removesuffix(PREFIX) + quote(path, safe="/")

    def form(self, request: Request) -> str:
        """Return where a request was asked for: its own address, of what was sent that of the form."""
        if request.method == "GET":
            return f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path
        # What was sent is not sent again.
        sent_from = urlsplit(request.headers.get("referer", ""))
        is_own = sent_from.path.startswith(f"{self.root}/")
        return f"{sent_from.path}?{sent_from.query}".removesuffix("?") if is_own else self.url("/")

    def login(self, request: Request) -> str:
        """Return where Airflow asks who somebody is, and leads back from."""
        back = self.form(request)
        airflow = self.root.removesuffix(PREFIX)
        if request.headers.get("sec-fetch-dest") == "iframe":
            back = f"{airflow}{FRAME}{back.removeprefix(airflow)}"
        return f"{airflow}/api/v2/auth/login?{urlencode({'next': back})}"

    def run(self, run_key: str, task_id: str = "") -> str:
        """Return where Airflow shows a run, or the log of a task of it; empty for what is no run of Airflow."""
        dag_id, _, run_id = run_key.partition("/")
        if not run_id:
            return ""
        # What approves, adds the flow.
        run_id = run_id.partition("/")[0] if dag_id.startswith("approve_plans") else run_id
        own = _TASKS.get(dag_id.partition("__")[0], {}).get(task_id, task_id)
        task = f"/tasks/{own}" if own else ""
        return self.root.removesuffix(PREFIX) + f"/dags/{quote(dag_id)}/runs/{quote(run_id, safe='')}{task}"

    def result(self, run_key: str) -> str:
        """Return where the page shows what came of a run of a flow; empty for what is none, or no run of Airflow."""
        dag_id, _, run_id = run_key.partition("/")
        name = dag_id.partition("__")[0]
        if name == "approve_plans":
            # What approves, adds the flow.
            run_id, _, of = run_id.rpartition("/")
            flow, approved = next((each for each in Flow if each.value == of), None), "yes"
        else:
            flow, approved = next((each for each in Flow if each.dag_id == name), None), ""
        if flow is None or not run_id:
            return ""
        return self.url("/import/run", flow=flow.value, run=run_id, approved=approved)


def shown(
    request: Request, template: str, visitor: Visitor | None = None, *, status: int = 200, **content: Any
) -> HTMLResponse:
    """Return a screen, or a part of one."""
    language = language_of(request)
    place = Place.of(request, visitor)
    given: dict[str, Any] = {"place": place, **content}
    text = _templates.get_template(template).render(
        lang=language,
        t=partial(said, language),
        money=partial(formats.money, language=language),
        number=partial(formats.number, language=language),
        quantity=partial(formats.quantity, language=language),
        price=partial(formats.price, language=language),
        day=formats.day,
        full_day=partial(formats.full_day, language=language),
        weekdays=formats.weekdays(language),
        month_name=partial(formats.month, language=language),
        days=formats.days,
        moment=formats.moment,
        sentence=partial(_sentence, language),
        once=_once(language),
        visitor=visitor,
        path=request.url.path.removeprefix(place.root) or "/",
        here=f"{request.url.path}?{request.url.query}",
        form=place.form(request),
        login=place.login(request),
        **given,
    )
    return HTMLResponse(text, status)


def go_to(request: Request, visitor: Visitor, path: str, **query: object) -> RedirectResponse:
    """Return what a form is answered with once it is done: look there."""
    return RedirectResponse(Place.of(request, visitor).url(path, **query), 303)


def _once(language: Language) -> Callable[[Phrase | None], str]:
    """Return what says a sentence where it stands first on a page, and nothing where it would stand again, be it with
    the document before it."""
    said_before = {""}

    def say(reason: Phrase | None) -> str:
        bare = _sentence(language, reason.bare() if isinstance(reason, Reason) else reason)
        if bare in said_before:
            return ""
        said_before.add(bare)
        return _sentence(language, reason)

    return say


def _sentence(language: Language, reason: Phrase | None) -> str:
    return "" if reason is None else render(reason, language, on_page=True)
