"""What Scoro's API v2 answers to one request body. Knows nothing of sockets."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from scoro_smartaccounts_sandbox.scoro.fields import MODULES, SITE_ZONE, Module, Record
from scoro_smartaccounts_sandbox.scoro.filters import compile_filter
from scoro_smartaccounts_sandbox.scoro.site import RefusedError, Site
from scoro_smartaccounts_sandbox.scoro.wire import formatter, in_full, moment_text

# Modules that exist at Scoro and hold nothing here: their lists are empty.
_EMPTY_MODULES = frozenset(
    (
        "activities",
        "addresses",
        "bookmarks",
        "calendar",
        "categories",
        "comments",
        "customFields",
        "customModules",
        "eventsResources",
        "files",
        "localPriceLists",
        "notifications",
        "orders",
        "pdfTemplates",
        "priceLists",
        "projectPhases",
        "projects",
        "purchaseOrders",
        "quotes",
        "relationTypes",
        "relations",
        "rolesPrices",
        "scheduledInvoices",
        "search",
        "sendLog",
        "statuses",
        "tasks",
        "timeEntries",
        "triggers",
        "userGroups",
        "userRoles",
        "usersLaborCost",
        "webhooks",
    )
)
_NEEDS_USER_TOKEN = frozenset({"bookmarks"})
_STRING_CODE = frozenset({("users", "list")})
_KEPT_LISTINGS = 64


@dataclass(frozen=True, slots=True)
class Call:
    """One request: where it went and what its JSON body was (any JSON value)."""

    module: str
    action: str
    record_id: int | None
    body: Any


@dataclass(frozen=True, slots=True)
class Answer:
    """HTTP status and JSON object of one answer."""

    http: int
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PageShift:
    """A change of a listing that happens right after its page ``after_page`` was read."""

    module: str
    after_page: int
    change: Literal["delete", "insert"]


class Api:
    """The API of one site."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.page_shifts: list[PageShift] = []
        self._listings: dict[tuple[Any, ...], list[int]] = {}
        self._shuffle = random.Random(0)

    def answer(self, call: Call) -> Answer:
        """Authenticate and carry out. Never raises for what a client may send."""
        with self.site.lock:
            try:
                body = call.body
                if not isinstance(body, Mapping):
                    raise RefusedError(400, "Malformed request")
                self._authenticate(call, body)
                payload = self._dispatch(call, body)
            except RefusedError as error:
                return self.refusal(error.code, error.message, call)
            return Answer(200, self._envelope("OK", 200, None, payload, call))

    def refusal(self, code: int, message: str, call: Call | None = None) -> Answer:
        """The answer to a request that is not carried out."""
        switches = self.site.switches
        in_body_only = switches.validation_http if code in (400, 404) else switches.auth_http
        always_real = code not in (400, 401, 403, 404)
        http = code if always_real or in_body_only == "real" else 200
        payload = {"data": None}
        return Answer(http, self._envelope("ERROR", code, {"error": [message]}, payload, call))

    def _envelope(
        self, status: str, code: int, messages: Any, payload: Mapping[str, Any], call: Call | None
    ) -> dict[str, Any]:
        kind = self.site.switches.status_code_type
        mixed = call is not None and (call.action == "delete" or (call.module, call.action) in _STRING_CODE)
        as_text = kind == "string" or (kind == "mixed" and mixed)
        status_code = str(code) if as_text else code
        return {"status": status, "statusCode": status_code, "messages": messages, **payload}

    def _authenticate(self, call: Call, body: Mapping[str, Any]) -> None:
        key, token = body.get("apiKey"), body.get("user_token")
        if not key and not token:
            raise RefusedError(401, "No API key")
        if token:
            if token != self.site.user_token:
                raise RefusedError(403, "Invalid user token")
        elif key != self.site.api_key:
            raise RefusedError(403, "Invalid API key")
        elif call.module in _NEEDS_USER_TOKEN or body.get("bookmark"):
            raise RefusedError(403, "A user token is required")
        account = body.get("company_account_id")
        if not account:
            raise RefusedError(400, "Field company_account_id is required")
        if account != self.site.account_id:
            raise RefusedError(self.site.switches.unknown_account_code, "Unknown company account")

    def _dispatch(self, call: Call, body: Mapping[str, Any]) -> dict[str, Any]:
        if call.module == "companyAccount" and call.action == "list":
            return {"data": [self._company_account()]}
        if call.module == "users" and call.action == "list":
            return {"data": [{"id": 3, "full_name": "Demo Kasutaja", "email": "a@demo.example", "is_active": 1}]}
        if call.module in _EMPTY_MODULES and call.action == "list":
            return {"data": []}
        module = MODULES.get("contacts" if call.module == "companies" else call.module)
        if module is None or call.action not in module.actions:
            raise RefusedError(self.site.switches.unknown_module_code, "Unknown module or action")
        if call.action == "list":
            return {"data": self._list(call, module, body)}
        if call.action == "modify":
            return self._modify(call, module, body)
        if call.record_id is None:
            raise RefusedError(400, "An id is required")
        if call.action == "delete":
            self.site.delete(module.name, call.record_id)
            return {}
        if call.action == "pdf":
            return {"data": self._pdf(module, call.record_id)}
        if module.name == "receipts" and not self.site.switches.receipts_view:
            raise RefusedError(self.site.switches.unknown_module_code, "Unknown module or action")
        return {"data": self._view(module, call.record_id)}

    def _company_account(self) -> Record:
        return {
            **self.site.company,
            "active_entities": [{"entity_id": self.site.account_id, "entity_name": self.site.company["company_name"]}],
        }

    def _pdf(self, module: Module, record_id: int) -> Record:
        self.site.get(module.name, record_id)
        return {
            "template_id": 1,
            "datetime_created": moment_text(self.site.clock.now()),
            "pdf_link": f"https://scoro.example/{module.name}/{record_id}.pdf",
        }

    def _view(self, module: Module, record_id: int) -> Record:
        record = self.site.get(module.name, record_id)
        return in_full(self.site, module, record)

    def _modify(self, call: Call, module: Module, body: Mapping[str, Any]) -> dict[str, Any]:
        request = body.get("request")
        fields = request if isinstance(request, Mapping) else {}
        if request not in (None, []) and not isinstance(request, Mapping):
            raise RefusedError(400, "Malformed request")
        if not fields:
            raise RefusedError(400, "Field request is required")
        record_id = call.record_id or _positive(fields.get(module.id_key))
        if record_id:
            fields = self._held_sign(module, fields, self.site.get(module.name, record_id))
            record = self.site.modify(module.name, record_id, fields)
        else:
            record = self.site.create(module.name, self._held_sign(module, fields, fields))
        if body.get("return_data") in (False, 0, "0"):
            return {}
        return {"data": self._view(module, record[module.id_key])}

    def _held_sign(self, module: Module, fields: Mapping[str, Any], document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Credit invoices are held negative, also on a site where they go over the wire positive."""
        lines = fields.get("lines")
        positive = self.site.switches.credit_sign == "positive" and document.get("credited_invoices")
        if not positive or module.name != "invoices" or not isinstance(lines, list):
            return fields
        turned = [
            {**line, "amount": _negated(line["amount"])} if isinstance(line, Mapping) and "amount" in line else line
            for line in lines
        ]
        return {**fields, "lines": turned}

    # Lists

    def _list(self, call: Call, module: Module, body: Mapping[str, Any]) -> list[Record]:
        switches = self.site.switches
        detailed = body.get("detailed_response") in (True, 1, "1", "true")
        page = max(_positive(body.get("page")), 1)
        size = _positive(body.get("per_page")) or switches.default_per_page
        size = min(size, switches.detailed_cap if detailed else switches.page_cap)
        ids = self._listing(call, module, body)
        if switches.sort_order == "unstable":
            ids = self._shuffle.sample(ids, len(ids))
        chosen = ids[(page - 1) * size : page * size]
        if switches.sort_order == "shuffled_page":
            self._shuffle.shuffle(chosen)
        basic = body.get("basic_data") in (True, 1, "1", "true")
        row = formatter(self.site, module, detailed=detailed, basic=basic)
        records = self.site.records(module.name)
        rows = [row(records[record_id]) for record_id in chosen]
        self._shift(module, page, chosen)
        return rows

    def _listing(self, call: Call, module: Module, body: Mapping[str, Any]) -> list[int]:
        """Ids that match, in order. Kept while nothing changes, so that a page costs no pass over all rows."""
        switches, table = self.site.switches, self.site.tables[module.name]
        with_deleted = self._with_deleted(body)
        oldest = self.site.today() - timedelta(days=switches.deletion_horizon_days or 0)
        # The version of contacts counts because names of partners can be filtered on.
        versions = (table.version, self.site.tables["contacts"].version)
        key = (call.module, repr(body.get("filter")), with_deleted, oldest, switches, versions)
        if key in self._listings:
            return self._listings[key]
        test = compile_filter(self.site, module, body.get("filter"))
        ids = []
        for record_id, record in table.records.items():
            if record.get("is_deleted"):
                if not with_deleted:
                    continue
                if (
                    switches.deletion_horizon_days is not None
                    and record["deleted_date"].astimezone(SITE_ZONE).date() < oldest
                ):
                    continue
            if call.module == "companies" and record["contact_type"] != "company":
                continue
            if test(record):
                ids.append(record_id)
        ids.sort(reverse=switches.sort_order == "id_desc")
        if switches.sort_order == "modified_desc" and "modified_date" in module.fields:
            ids.sort(key=lambda record_id: table.records[record_id]["modified_date"], reverse=True)
        if len(self._listings) >= _KEPT_LISTINGS:
            self._listings.clear()
        self._listings[key] = ids
        return ids

    def _with_deleted(self, body: Mapping[str, Any]) -> bool:
        request = body.get("request")
        places: dict[str, Any] = {
            "top": body.get("include_deleted"),
            "request": request.get("include_deleted") if isinstance(request, Mapping) else None,
        }
        placement = self.site.switches.include_deleted_placement
        asked = places.values() if placement == "either" else [places[placement]]
        return any(value in (True, 1, "1", "true") for value in asked)

    def _shift(self, module: Module, page: int, shown: list[int]) -> None:
        for shift in self.page_shifts:
            if shift.module == module.name and shift.after_page == page and shown:
                self.page_shifts.remove(shift)
                if shift.change == "delete":
                    self.site.delete(module.name, min(shown))
                else:
                    self._insert_before(module, min(shown))
                return

    def _insert_before(self, module: Module, record_id: int) -> None:
        """Put a copy of a record under a free lower id, where it comes earlier in the listing."""
        records = self.site.records(module.name)
        free = next((key for key in range(record_id - 1, 0, -1) if key not in records), None)
        if free is None:
            raise RefusedError(400, "page_shift: there is no free lower id to insert at")
        copy = {**records[record_id], module.id_key: free, "created_date": None, "modified_date": None}
        if "no" in copy:
            copy["no"] = str(max(int(row["no"]) for row in records.values() if row["no"].isdigit()) + 1)
        if module.line_fields is not None:
            copy[module.lines_key] = [{**line, "id": 0, "receipt_id": 0} for line in copy[module.lines_key]]
        self.site.put(module.name, copy)


def _positive(value: Any) -> int:
    """A number of one or more; anything else gives 0."""
    try:
        return max(int(value), 0)
    except (TypeError, ValueError):
        return 0


def _negated(value: Any) -> Any:
    text = str(value)
    return text[1:] if text.startswith("-") else f"-{text}"
