"""Whole flows. Every field of every record of both services × every nasty value: the good documents beside it are
booked, the bad one is booked right or waits with a sentence, and nobody reads what is private in it."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from types import ModuleType
from typing import Any

import pytest

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.matching.partners import partners
from scoro_smartaccounts.staging.checked import batch
from scoro_smartaccounts_sandbox.scoro.codes import registry_code
from scoro_smartaccounts_sandbox.scoro.fields import MODULES
from scoro_smartaccounts_sandbox.scoro.wire import formatter
from tests.integration.money import Money
from tests.integration.nasty import (
    CANARIES,
    NASTY,
    Case,
    Tried,
    amount,
    canaries_in,
    cases_of,
    links,
    outcomes,
    run_until_done,
    sample,
    sentences,
    told,
)
from tests.integration.remedies.unread import a_fault
from tests.integration.world import World
from tests.tiers import slow_but

DAY = date(2026, 1, 12)
SALES, PURCHASES, PAYMENTS = Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES, Flow.PAYMENTS
SERVICES = {SALES: "clientinvoices", PURCHASES: "vendorinvoices"}
SEED = 11
# How many values of each kind of record are tried each time; the long tests try all.
SAMPLE = int(os.environ.get("NASTY", "20"))


@dataclass
class Nasty:
    """A world with good documents, and some that hold one nasty value each."""

    world: World
    money: Money
    caplog: pytest.LogCaptureFixture
    bad: dict[str, Case] = field(default_factory=dict)
    good: list[str] = field(default_factory=list)
    tried: Tried = field(default_factory=Tried)
    # Which part of its cases is played, and of how many.
    part: tuple[int, int] = (0, 1)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def __post_init__(self) -> None:
        self.world.checked = True
        policy = self.world.company.ledger_check.model_copy(update={"enabled": False})
        purchases = self.world.company.purchase_invoices.model_copy(update={"expenses": True})
        self.world.company = self.world.company.model_copy(
            update={"ledger_check": policy, "purchase_invoices": purchases}
        )
        self.caplog.set_level(logging.INFO, logger="scoro_smartaccounts")

    def person(self) -> int:
        """A private person whose name must show nowhere; the contact's id."""
        first, last, code, account, email = CANARIES
        fields = {
            "name": first,
            "lastname": last,
            "contact_type": "person",
            "id_code": code,
            "bankaccount": account,
            "means_of_contact": {"email": [email]},
            "is_client": 1,
            "is_supplier": 1,
        }
        return int(self.world.site.create("contacts", fields)["contact_id"])

    def product(self, code: str) -> int:
        fields = {"name": f"Kaabel {code}", "code": code, "price": "10"}
        return int(self.world.site.create("products", fields)["product_id"])

    def served(self, module: str, record_id: int) -> Mapping[str, Any]:
        """A record as it is served in full."""
        record = self.world.site.get(module, record_id)
        return formatter(self.world.site, MODULES[module], detailed=True, basic=False)(record)

    def document(self, module: str, contact: int, product: int) -> int:
        line = {"product_id": product, "price": "12.5", "amount": "2", "vat_code_id": 9, "comment": "märkus"}
        if module == "expenses":
            line = {"product_id": 0, "description": "Takso", "quantity": "2", "price": "12.5", "tax_code_id": 9}
        fields = {
            "company_id": contact,
            "person_id": contact,
            "date": DAY.isoformat(),
            "deadline" if module != "expenses" else "due_date": "2026-01-26",
            "lines": [line],
            "description" if module != "expenses" else "comment": " ".join(CANARIES),
        }
        if module == "invoices":
            # No nasty number is another one's.
            fields["no"] = str(880_000 + next(self._numbers))
        if module == "bills":
            fields["no"] = f"T-{next(self._numbers):05}"
        if module == "expenses":
            fields["no"] = f"K-{next(self._numbers)}"
        return int(self.world.site.create(module, fields)["id"])

    def spoil(self, module: str, record_id: int, case: Case) -> None:
        self.world.scoro.spoiled.put(module, record_id, case.path, NASTY[case.value])
        # What no field takes is kept all the same, and shown to nobody.
        self.world.scoro.spoiled.put(module, record_id, ("custom_fields",), f'["{" ".join(CANARIES)}"]')

    def judge(self, flow: Flow, said: str, prefix: str, source: str) -> None:
        """Hold what became of the documents against what Scoro holds of them."""
        found, cases, linked = outcomes(self.world, flow), sentences(self.world), links(self.world, flow)
        books = {row["id"]: row for row in self.world.books.state()[SERVICES[flow]]}
        self.tried.wrong += [f"canary in what was told: {each}" for each in canaries_in(f"{said}\n{told(self.world)}")]
        for source_id in self.good:
            if found.get(source_id, ("", ""))[0] not in ("created", "already_there"):
                self.tried.wrong.append(f"the good document {source_id} was not booked: {found.get(source_id)}")
        for source_id, case in self.bad.items():
            outcome, why = found.get(source_id, (None, ""))
            sentence = cases.get((flow.value, source_id), "")
            record = self.world.site.get(source, int(source_id.removeprefix(prefix)))
            if (remote := books.get(linked.get(source_id, ""))) is not None:
                self.tried.booked += 1
                self.tried.wrong += [f"{case}: booked with {each}" for each in differences(record, remote)]
            elif case.path == ("invoiceId",) and outcome == "already_there":
                # An id like any other: nobody can tell that it is not the document's.
                self.tried.otherwise += 1
            elif outcome == "quarantined" and sentence:
                self.tried.quarantined += 1
                if "unexpected" in self._code(flow, source_id):
                    self.tried.wrong.append(f"{case}: {sentence}")
            elif outcome == "waiting" and why:
                self.tried.waiting += 1
            elif outcome == "deleted" and case.path == ("is_deleted",):
                self.tried.otherwise += 1
            elif case.path == ("date",) and source_id not in found:
                # Dated on another day, as far as Scoro says.
                self.tried.otherwise += 1
            elif case.path == ("id",) and source_id not in found and "records without an id" in said:
                self.tried.otherwise += 1
            else:
                self.tried.wrong.append(f"{case}: left as {outcome} ({why})")
        if len(books) != len(linked):
            self.tried.wrong.append(f"{len(books)} documents in the books, {len(linked)} links")

    def judge_payments(self, said: str, receipts: Mapping[str, Mapping[str, Any]]) -> None:
        """The same of receipts."""
        found, cases, linked = outcomes(self.world, PAYMENTS), sentences(self.world), links(self.world, PAYMENTS)
        books = {row["id"]: row for row in self.world.books.state()["payments"]}
        self.tried.wrong += [f"canary in what was told: {each}" for each in canaries_in(f"{said}\n{told(self.world)}")]
        for receipt, record in receipts.items():
            outcome, why = found.get(receipt, (None, ""))
            case = self.bad.get(receipt)
            remote = books.get(linked.get(receipt, ""))
            if case is None:
                if outcome != "created":
                    self.tried.wrong.append(f"the good payment {receipt} was left as {outcome} ({why})")
            elif remote is not None:
                self.tried.booked += 1
                # An id that is another invoice's, which is paid already: then it is money in advance.
                pays_another = case.path[-1] == "invoice_id" and "rows" not in remote
                is_whole = pays_another or len(remote["rows"]) == 1
                if amount(remote["amount"]) != amount(record["sum"]) or not is_whole:
                    self.tried.wrong.append(f"{case}: booked with {remote['amount']} instead of {record['sum']}")
                if remote["date"] != f"{date.fromisoformat(record['date']):%d.%m.%Y}":
                    self.tried.wrong.append(f"{case}: booked on {remote['date']}")
            elif outcome == "quarantined" and cases.get((PAYMENTS.value, receipt)):
                self.tried.quarantined += 1
            elif outcome in ("waiting", "not_ours") and why:
                self.tried.waiting += 1
            elif (
                (outcome == "deleted" and case.path == ("is_deleted",))
                or (case.path == ("date",) and receipt not in found)
                or (case.path == ("id",) and receipt not in found and "records without an id" in said)
            ):
                self.tried.otherwise += 1
            else:
                self.tried.wrong.append(f"{case}: left as {outcome} ({why})")

    def _code(self, flow: Flow, source_id: str) -> str:
        return next((code for each, doc, code in self.money.cases() if (each, doc) == (flow.value, source_id)), "")


def differences(record: Mapping[str, Any], remote: Mapping[str, Any]) -> Iterator[str]:
    """In what a document in the books is not the one that Scoro holds."""
    vat = record["tax_sum"] if "tax_sum" in record else record["vat_sum"]
    if amount(remote["totalAmount"]) != record["sum"] + vat:
        yield f"a total of {remote['totalAmount']} instead of {record['sum'] + vat}"
    if amount(remote["vatAmount"]) != vat:
        yield f"VAT of {remote['vatAmount']} instead of {vat}"
    if remote["date"] != f"{date.fromisoformat(record['date']):%d.%m.%Y}":
        yield f"the date {remote['date']} instead of {record['date']}"
    if remote["currency"] != record["currency"]:
        yield f"the currency {remote['currency']}"


@pytest.fixture
def nasty(world: World, caplog: pytest.LogCaptureFixture) -> Nasty:
    return Nasty(world, Money(world), caplog)


# What stands for another record where it is a number.
_NUMBERS = ("one", "true", "minus one", "epoch", "milliseconds", "10 to the 17", "noise", "minus zero")


# Codes of settings, which a person has to be told.
_CODES = {"vat_code", "tax_code", "product_code", "finance_account_symbol", "finance_object_symbol", "currency"}
_CODES |= {"accounting_object_symbol"}


def chosen(record: Mapping[str, Any], size: int, *keys: str, shown: Sequence[str] = ("no",)) -> Sequence[Case]:
    """The cases of a record: all, or some. `keys`, its own id, never hold that of another record; `shown`, what it is
    called by in sentences, no canary."""
    cases = [
        case
        for case in cases_of(record)
        if (case.path[-1] not in keys or case.value not in _NUMBERS)
        and (case.value != "a person" or (case.path not in [(each,) for each in shown] and case.path[-1] not in _CODES))
    ]
    return sample(cases, size, SEED) if size else cases


# More than so many megabytes in one answer are refused with it.
_MOST_MEGABYTES = 4


def in_one_list(cases: Sequence[Case]) -> Sequence[Case]:
    """The cases without more long texts than one answer may hold."""
    long = [case for case in cases if case.value == "a megabyte"][_MOST_MEGABYTES:]
    return [case for case in cases if case not in long]


def in_turn(cases: Sequence[Case]) -> Sequence[Case]:
    """The cases of one field between those of others: three answers in a row that tell nothing stop a run."""
    return sorted(cases, key=lambda case: [*NASTY].index(case.value))


def try_documents(nasty: Nasty, module: str, flow: Flow, prefix: str, size: int) -> None:
    contact, product = nasty.person(), nasty.product("K-1")
    template = nasty.served(module, nasty.document(module, contact, product))
    nasty.world.site.delete(module, int(template["id"]))
    nasty.good = [f"{prefix}{nasty.document(module, contact, product)}" for _ in range(2)]
    for case in chosen(template, size, "id"):
        record_id = nasty.document(module, contact, product)
        nasty.bad[f"{prefix}{record_id}"] = case
        nasty.spoil(module, record_id, case)
    if module == "invoices":
        # Its list of all of them, as files.
        nasty.world.run(DAY, DAY, flow=flow, mode=Mode.PREVIEW)
    nasty.judge(flow, run_until_done(nasty.world, DAY, DAY, flow, nasty.caplog), prefix, module)


def try_invoices(nasty: Nasty, size: int) -> None:
    try_documents(nasty, "invoices", SALES, "", size)


def try_bills(nasty: Nasty, size: int) -> None:
    try_documents(nasty, "bills", PURCHASES, "", size)


def try_expenses(nasty: Nasty, size: int) -> None:
    try_documents(nasty, "expenses", PURCHASES, "expense-", size)


def company(nasty: Nasty, serial: int, **more: Any) -> int:
    fields = {
        "name": f"Näidis {serial} OÜ",
        "contact_type": "company",
        "id_code": registry_code(1900100 + serial),
        "addresses": [{"country": "EE", "city": "Tallinn", "street": "Pikk 1", "zipcode": "10111"}],
        "means_of_contact": {"email": [CANARIES[4]], "phone": ["5551234"]},
        "comments": " ".join(CANARIES),
        "is_client": 1,
    }
    return int(nasty.world.site.create("contacts", fields | more)["contact_id"])


def try_contacts(nasty: Nasty, size: int) -> None:
    product = nasty.product("K-1")
    nasty.good = [str(nasty.document("invoices", company(nasty, serial), product)) for serial in range(2)]
    template = nasty.served("contacts", company(nasty, 2))
    first, step = nasty.part
    cases = chosen(template, size, "contact_id", shown=("name",))[first::step]
    for serial, case in enumerate(cases, start=3):
        contact = company(nasty, serial)
        nasty.bad[str(nasty.document("invoices", contact, product))] = case
        nasty.spoil("contacts", contact, case)
    said = run_until_done(nasty.world, DAY, DAY, SALES, nasty.caplog)
    nasty.judge(SALES, said, "", "invoices")


def try_products(nasty: Nasty, size: int) -> None:
    contact = nasty.person()
    nasty.good = [str(nasty.document("invoices", contact, nasty.product(f"G-{serial}"))) for serial in range(2)]
    template = nasty.served("products", nasty.product("T-0"))
    for serial, case in enumerate(chosen(template, size, "product_id", shown=("name", "code"))):
        product = nasty.product(f"K-{serial}")
        nasty.bad[str(nasty.document("invoices", contact, product))] = case
        nasty.spoil("products", product, case)
    nasty.judge(SALES, run_until_done(nasty.world, DAY, DAY, SALES, nasty.caplog), "", "invoices")


def try_prepayments(nasty: Nasty, size: int) -> None:
    contact, product, site = nasty.person(), nasty.product("K-1"), nasty.world.site
    nasty.good = [str(nasty.document("invoices", contact, product)) for _ in range(2)]

    def drawn() -> int:
        line = {"product_id": product, "price": "5", "amount": "1", "vat_code_id": 9}
        fields = {"company_id": contact, "date": DAY.isoformat(), "lines": [line]}
        return int(site.create("prepayments", fields)["id"])

    template = nasty.served("prepayments", drawn())
    for case in chosen(template, size, "id"):
        prepayment = drawn()
        invoice = nasty.document("invoices", contact, product)
        site.modify("invoices", invoice, {"prepayment_id": [prepayment]})
        nasty.bad[str(invoice)] = case
        nasty.spoil("prepayments", prepayment, case)
    nasty.judge(SALES, run_until_done(nasty.world, DAY, DAY, SALES, nasty.caplog), "", "invoices")


def try_receipts(nasty: Nasty, size: int) -> None:
    money, site = nasty.money, nasty.world.site
    contact, product = nasty.person(), nasty.product("K-1")

    def paid() -> int:
        invoice = nasty.document("invoices", contact, product)
        return int(site.pay("invoices", {invoice: None}, day=DAY)["id"])

    template = nasty.served("receipts", paid())
    nasty.good = [str(paid()) for _ in range(2)]
    cases = {str(paid()): case for case in chosen(template, size, "id", "receipt_id")}
    nasty.world.checked = False
    run_until_done(nasty.world, DAY, DAY, SALES, nasty.caplog)
    nasty.world.checked = True
    for receipt, case in cases.items():
        nasty.bad[receipt] = case
        nasty.spoil("receipts", int(receipt), case)
    said = run_until_done(nasty.world, DAY, DAY, PAYMENTS, nasty.caplog)
    nasty.judge_payments(said, {receipt: site.get("receipts", int(receipt)) for receipt in (*nasty.good, *cases)})
    assert money.writes()[0] == nasty.tried.booked + len(nasty.good) + 1


def try_receipt_accounts(nasty: Nasty, size: int) -> None:
    """Lists of settings that a run reads: what is bad in them is not what the payments need."""
    site = nasty.world.site
    contact, product = nasty.person(), nasty.product("K-1")
    invoices = [nasty.document("invoices", contact, product) for _ in range(2)]
    nasty.good = [str(site.pay("invoices", {invoice: None}, day=DAY)["id"]) for invoice in invoices]
    table = site.tables["receiptAccounts"].records
    template = dict(next(iter(table.values())))
    for number, case in enumerate(chosen(template, size, "id"), start=9000):
        table[number] = {**template, "id": number, "name": f"Konto {number}"}
        nasty.world.scoro.spoiled.put("receiptAccounts", number, case.path, NASTY[case.value])
        nasty.tried.otherwise += 1
    nasty.world.checked = False
    run_until_done(nasty.world, DAY, DAY, SALES, nasty.caplog)
    said = run_until_done(nasty.world, DAY, DAY, PAYMENTS, nasty.caplog)
    nasty.judge_payments(said, {receipt: site.get("receipts", int(receipt)) for receipt in nasty.good})


CLIENTS, ARTICLES = "purchasesales/clients", "purchasesales/articles"


def try_clients(nasty: Nasty, size: int, flow: Flow = SALES) -> None:
    """Clients of SmartAccounts that contacts are: linked, or waited for; none is created twice."""
    books, product = nasty.world.books, nasty.product("K-1")
    nasty.world.checked = False
    service = CLIENTS if flow is SALES else "purchasesales/vendors"
    module = "invoices" if flow is SALES else "bills"

    def seeded(serial: int) -> str:
        fields = {
            "name": f"Näidis {serial} OÜ",
            "regCode": registry_code(1900100 + serial),
            "vatPc": "24",
            "comment": CANARIES[0],
            "address": {"country": "EE", "city": "Tallinn", "address1": "Pikk 1"},
            "contacts": [{"type": "EMAIL", "value": CANARIES[4]}],
        }
        return str(books.seed(service, fields))

    params = {"fetchComments": "true", "fetchAddresses": "true", "fetchContacts": "true", "pageNumber": "1"}
    seeded(0)
    template = next(iter(next(rows for rows in books.get(service, params).values() if isinstance(rows, list))))
    there: dict[str, str] = {}
    for serial, case in enumerate(chosen(template, size, shown=("name",)), start=1):
        contact = company(nasty, serial, is_supplier=1)
        source_id = str(nasty.document(module, contact, product))
        there[source_id] = seeded(serial)
        nasty.bad[source_id] = case
        nasty.world.server.spoiled.put(service, there[source_id], case.path, NASTY[case.value])
    nasty.good = [
        str(nasty.document(module, company(nasty, serial, is_supplier=1), product)) for serial in (9001, 9002)
    ]
    # One of whom nothing can be read might be anybody.
    said = run_until_done(nasty.world, DAY, DAY, flow, nasty.caplog)
    nasty.judge(flow, said, "", module)
    key = "clientId" if flow is SALES else "vendorId"
    booked = {row["id"]: row[key] for row in nasty.world.books.state()[SERVICES[flow]]}
    for source_id, remote_id in links(nasty.world, flow).items():
        bad = nasty.bad.get(source_id)
        if bad is not None and booked[remote_id] != there[source_id] and not is_another_identity(bad):
            nasty.tried.wrong.append(f"{bad}: a second client was created")


def is_another_identity(case: Case) -> bool:
    """Whether the value is one that a client may have: then this one is somebody else, as far as anybody can tell."""
    raw = NASTY[case.value]
    if case.path not in (("name",), ("regCode",), ("vatNumber",), ("address", "country"), ("id",)):
        return False
    if raw is None or raw in ("null", "false", '""', '"   "', "{}", "[]"):
        return case.path != ("id",)
    return (raw.startswith('"') and len(raw) < 300) or (raw.lstrip("-").replace(".", "").isdigit() and len(raw) < 100)


def try_vendors(nasty: Nasty, size: int) -> None:
    try_clients(nasty, size, PURCHASES)


def try_articles(nasty: Nasty, size: int) -> None:
    """Articles of SmartAccounts that products are."""
    books, contact = nasty.world.books, nasty.person()
    nasty.world.checked = False
    books.seed(ARTICLES, {"code": "T-0", "description": "Kaabel T-0", "type": "PRODUCT", "unit": "tk", "vatPc": "24"})
    template = next(iter(next(v for v in books.get(ARTICLES, {"pageNumber": "1"}).values() if isinstance(v, list))))
    for serial, case in enumerate(chosen(template, size, shown=("code", "description"))):
        code = f"K-{serial}"
        books.seed(ARTICLES, {"code": code, "description": f"Kaabel {code}", "type": "PRODUCT", "vatPc": "24"})
        nasty.bad[str(nasty.document("invoices", contact, nasty.product(code)))] = case
        nasty.world.server.spoiled.put(ARTICLES, code, case.path, NASTY[case.value])
    nasty.good = [str(nasty.document("invoices", contact, nasty.product(f"G-{serial}"))) for serial in range(2)]
    nasty.judge(SALES, run_until_done(nasty.world, DAY, DAY, SALES, nasty.caplog), "", "invoices")


def try_settings(nasty: Nasty, size: int) -> None:
    """VAT codes, warehouses, accounts, objects, bank and cash accounts that nobody needs, and the documents beside."""
    site = nasty.world.site
    contact, product = nasty.person(), nasty.product("K-1")
    settings = nasty.world.books.settings
    keys = {
        "vatpcs": "vatPc",
        "warehouses": "name",
        "accounts": "code",
        "objects": "code",
        "bankaccounts": "name",
        "cashaccounts": "name",
    }
    settings["objects"].append({"id": "o-1", "code": "PROJ", "name": "Projekt", "active": True})
    for name, key in keys.items():
        template = dict(settings[name][0])
        for number, case in enumerate(in_one_list(chosen(template, size, key))):
            row = {**template, key: f"X{number}"} | ({"id": f"{name}-{number}"} if "id" in template else {})
            settings[name].append(row)
            nasty.world.server.spoiled.put(f"settings/{name}", row.get("id", row[key]), case.path, NASTY[case.value])
            nasty.tried.otherwise += 1
    nasty.world.checked = False
    bills = [nasty.document("bills", contact, product) for _ in range(2)]
    receipts = [str(site.pay("bills", {bill: None}, day=DAY)["id"]) for bill in bills]
    nasty.good = [str(bill) for bill in bills]
    nasty.judge(PURCHASES, run_until_done(nasty.world, DAY, DAY, PURCHASES, nasty.caplog), "", "bills")
    nasty.good = receipts
    said = run_until_done(nasty.world, DAY, DAY, PAYMENTS, nasty.caplog)
    nasty.judge_payments(said, {receipt: site.get("receipts", int(receipt)) for receipt in receipts})


SALES_SERVICE, PAYMENT_SERVICE = "purchasesales/clientinvoices", "purchasesales/payments"


def try_documents_there(nasty: Nasty, size: int) -> None:
    """Invoices that somebody entered in SmartAccounts by hand: linked, asked about, never booked a second time."""
    books, site = nasty.world.books, nasty.world.site
    nasty.world.checked = False
    product = nasty.product("K-1")
    contact = company(nasty, 0)
    client = str(books.seed(CLIENTS, {"name": "Näidis 0 OÜ", "regCode": registry_code(1900100), "vatPc": "24"}))

    def entered(invoice: int, day: date) -> str:
        row = {"code": "K-1", "description": "Kaabel", "price": "12.5", "quantity": "2", "vatPc": "24"}
        number = str(site.get("invoices", invoice)["no"])
        body = {"clientId": client, "date": f"{day:%d.%m.%Y}", "currency": "EUR", "invoiceNumber": number}
        return str(books.seed(SALES_SERVICE, body | {"totalAmount": "31.00", "comment": CANARIES[0], "rows": [row]}))

    books.seed(ARTICLES, {"code": "K-1", "description": "Kaabel K-1", "type": "PRODUCT", "vatPc": "24"})
    first = nasty.document("invoices", contact, product)
    template_id = entered(first, DAY)
    period = {"dateFrom": "01.01.2026", "dateTo": "31.03.2026", "pageNumber": "1"}
    shown = books.get(SALES_SERVICE, {**period, "fetchComments": "true"})
    template = next(iter(next(rows for rows in shown.values() if isinstance(rows, list))))
    books.remove(SALES_SERVICE, template_id)
    # Each on a day of its own, as far as there are days: equal documents of one day would be several.
    cases = chosen(template, size, shown=("invoiceNumber", "currency"))
    days = [DAY + timedelta(days=number % 60) for number in range(len(cases))]
    for number, (case, day) in enumerate(zip(cases, days, strict=True)):
        invoice = nasty.document("invoices", contact, product)
        line = {"product_id": product, "price": "12.5", "amount": "2", "vat_code_id": 9}
        site.modify("invoices", invoice, {"date": day.isoformat(), "no": str(70_000 + number), "lines": [line]})
        remote_id = entered(invoice, day)
        nasty.bad[str(invoice)] = case
        nasty.world.server.spoiled.put(SALES_SERVICE, remote_id, case.path, NASTY[case.value])
    before = len(nasty.world.invoices())
    said = run_until_done(nasty.world, DAY, DAY + timedelta(days=60), SALES, nasty.caplog)
    created = [source_id for source_id, (outcome, _) in outcomes(nasty.world, SALES).items() if outcome == "created"]
    nasty.tried.wrong += [f"{nasty.bad[source_id]}: booked twice" for source_id in created if source_id in nasty.bad]
    nasty.tried.wrong += canaries_in(f"{said}\n{told(nasty.world)}")
    assert len(nasty.world.invoices()) == before + len(created)
    for source_id in nasty.bad:
        outcome, why = outcomes(nasty.world, SALES).get(source_id, (None, ""))
        nasty.tried.count(outcome)
        if outcome not in ("adopted", "quarantined", "waiting") or (outcome != "adopted" and not why):
            nasty.tried.wrong.append(f"{nasty.bad[source_id]}: left as {outcome} ({why})")


def try_payments_there(nasty: Nasty, size: int) -> None:
    """Payments of SmartAccounts' bank import that Scoro has too: linked or asked about, never booked a second time."""
    site, books = nasty.world.site, nasty.world.books
    contact, product = nasty.person(), nasty.product("K-1")
    nasty.world.checked = False
    first = nasty.document("invoices", contact, product)
    nasty.good = [str(nasty.document("invoices", contact, product)) for _ in range(2)]
    run_until_done(nasty.world, DAY, DAY, SALES, nasty.caplog)
    books.pay({nasty.money.remote(first): None}, day=DAY)
    params = {"dateType": "modifydate", "fetchRows": "true", "pageNumber": "1", "dateFrom": "01.12.2025_00:00:00"}
    shown = books.get(PAYMENT_SERVICE, params)
    template = next(iter(next(rows for rows in shown.values() if isinstance(rows, list))))
    cases = chosen(template, size, shown=("number", "accountName"))
    invoices = [nasty.document("invoices", contact, product) for _ in cases]
    run_until_done(nasty.world, DAY, DAY, SALES, nasty.caplog)
    receipts = {}
    for case, invoice in zip(cases, invoices, strict=True):
        payment = books.pay({nasty.money.remote(invoice): None}, day=DAY)
        receipts[str(site.pay("invoices", {invoice: None}, day=DAY)["id"])] = case
        nasty.world.server.spoiled.put(PAYMENT_SERVICE, payment, case.path, NASTY[case.value])
    good = [str(site.pay("invoices", {int(invoice): "30.5"}, day=DAY)["id"]) for invoice in nasty.good]
    said = run_until_done(nasty.world, DAY, DAY, PAYMENTS, nasty.caplog)
    nasty.tried.wrong += canaries_in(f"{said}\n{told(nasty.world)}")
    found = outcomes(nasty.world, PAYMENTS)
    for receipt in good:
        if found[receipt][0] != "created":
            nasty.tried.wrong.append(f"the good payment {receipt} was left as {found[receipt]}")
    for receipt, case in receipts.items():
        outcome, why = found.get(receipt, (None, ""))
        nasty.tried.count(outcome)
        if outcome not in ("adopted", "quarantined", "waiting") or (outcome != "adopted" and not why):
            nasty.tried.wrong.append(f"{case}: left as {outcome} ({why})")


def try_exported_payments(nasty: Nasty, size: int) -> None:
    """Payments on their way to Scoro: there with the right amount and day, or not at all."""
    site, books = nasty.world.site, nasty.world.books
    contact, product = nasty.person(), nasty.product("K-1")
    nasty.world.checked = False
    invoices = [nasty.document("invoices", contact, product) for _ in range(3)]
    run_until_done(nasty.world, DAY, DAY, SALES, nasty.caplog)
    nasty.money.switch_export(on=True)
    nasty.money.export()
    books.pay({nasty.money.remote(invoices[0]): None}, day=DAY)
    params = {"dateType": "modifydate", "fetchRows": "true", "pageNumber": "1", "dateFrom": "01.12.2025_00:00:00"}
    template = next(iter(next(v for v in books.get(PAYMENT_SERVICE, params).values() if isinstance(v, list))))
    cases = chosen(template, size, shown=("number", "accountName"))
    bad = [nasty.document("invoices", contact, product) for _ in cases]
    run_until_done(nasty.world, DAY, DAY, SALES, nasty.caplog)
    for case, invoice in zip(cases, bad, strict=True):
        payment = books.pay({nasty.money.remote(invoice): None}, day=DAY)
        nasty.world.server.spoiled.put(PAYMENT_SERVICE, payment, case.path, NASTY[case.value])
    for invoice in invoices[1:]:
        books.pay({nasty.money.remote(invoice): None}, day=DAY)
    nasty.world.clock.advance(timedelta(hours=1))
    today = site.today()
    said = run_until_done(nasty.world, today, today, Flow.EXPORT_PAYMENTS, nasty.caplog)
    nasty.tried.wrong += canaries_in(f"{said}\n{told(nasty.world)}")
    sums: dict[int, list[Any]] = {}
    for group in nasty.money.groups():
        for row in group["receipts"]:
            sums.setdefault(row["invoice_id"], []).append((group["date"], row["sum"]))
    for invoice in invoices:
        if [amount(each) for _, each in sums.get(invoice, [])] != [amount("31.00")]:
            nasty.tried.wrong.append(f"the payment of the good invoice {invoice} is in Scoro as {sums.get(invoice)}")
    for case, invoice in zip(cases, bad, strict=True):
        there = sums.get(invoice, [])
        nasty.tried.count("created" if there else "left")
        # A number is a number, whoever wrote it.
        is_amount = case.path[-1] == "amount" and NASTY[case.value] is not None
        if len(there) > 1 or (not is_amount and any(amount(each) != amount("31.00") for _, each in there)):
            nasty.tried.wrong.append(f"{case}: in Scoro as {there}")
        if there and there[0][0] != DAY.isoformat() and case.path != ("date",):
            nasty.tried.wrong.append(f"{case}: in Scoro on {there[0][0]}")


def try_entries(nasty: Nasty, size: int) -> None:
    """Entries of the general ledger: documents whose entry cannot be read are not proved, the others are."""
    books = nasty.world.books
    policy = nasty.world.company.ledger_check.model_copy(update={"enabled": True})
    nasty.world.company = nasty.world.company.model_copy(update={"ledger_check": policy})
    nasty.world.checked = False
    contact, product = nasty.person(), nasty.product("K-1")
    nasty.good = [str(nasty.document("invoices", contact, product)) for _ in range(2)]
    run_until_done(nasty.world, DAY, DAY, SALES, nasty.caplog)
    template = books.entries()[0]
    for case in chosen(template, size):
        row = {"code": "K-1", "description": "Kaabel", "price": "1", "quantity": "1", "vatPc": "24"}
        client = nasty.world.books.state()["clients"][0]["id"]
        number = f"H{nasty.tried.otherwise}"
        body = {"clientId": client, "date": f"{DAY:%d.%m.%Y}", "currency": "EUR", "invoiceNumber": number}
        before = {each["id"] for each in books.entries()}
        books.seed(SALES_SERVICE, body | {"totalAmount": "1.24", "rows": [row]})
        entry = next(each for each in books.entries() if each["id"] not in before)
        nasty.world.server.spoiled.put("general/entries", entry["id"], case.path, NASTY[case.value])
        nasty.tried.otherwise += 1
    more = [str(nasty.document("invoices", contact, product)) for _ in range(2)]
    nasty.good += more
    said = run_until_done(nasty.world, DAY, DAY, SALES, nasty.caplog)
    nasty.tried.wrong += canaries_in(f"{said}\n{told(nasty.world)}")
    found = outcomes(nasty.world, SALES)
    for each in nasty.good:
        if found[each][0] not in ("created", "already_there"):
            nasty.tried.wrong.append(f"{each} was left as {found[each]}")


def try_answers(nasty: Nasty, size: int, module: str = "invoices") -> None:
    """What SmartAccounts answers when a document is booked: it is linked as it stands there, or in doubt until it is
    found."""
    contact, product = nasty.person(), nasty.product("K-1")
    nasty.world.checked = False
    flow = SALES if module == "invoices" else PURCHASES
    partner = "clientId" if flow is SALES else "vendorId"
    answer = ("invoiceId", partner, "invoiceNumber", "referenceNumber", "amount", "vatAmount", "totalAmount")
    template = dict.fromkeys((*answer, "roundAmount"), "1")
    service = f"purchasesales/{SERVICES[flow]}:add"
    for case in in_turn(chosen(template, size, shown=("invoiceNumber",))):
        document = nasty.document(module, contact, product)
        nasty.bad[str(document)] = case
        number = str(nasty.world.site.get(module, document)["no"])
        nasty.world.server.spoiled.put(service, number, case.path, NASTY[case.value])
    nasty.good = [str(nasty.document(module, contact, product)) for _ in range(2)]
    said = run_until_done(nasty.world, DAY, DAY, flow, nasty.caplog)
    for _ in range(3):
        nasty.world.clock.advance(timedelta(hours=1))
        said += run_until_done(nasty.world, DAY, DAY, flow, nasty.caplog)
    nasty.judge(flow, said, "", module)


def try_answers_to_bills(nasty: Nasty, size: int) -> None:
    try_answers(nasty, size, "bills")


TRIALS = {
    function.__name__.removeprefix("try_"): function
    for function in (
        try_invoices,
        try_bills,
        try_expenses,
        try_contacts,
        try_products,
        try_prepayments,
        try_receipts,
        try_receipt_accounts,
        try_clients,
        try_vendors,
        try_articles,
        try_settings,
        try_documents_there,
        try_payments_there,
        try_exported_payments,
        try_entries,
        try_answers,
        try_answers_to_bills,
    )
}


def told_of(name: str, tried: Tried) -> None:
    print(tried.wrong)
    print(
        f"{name}: {tried.all} values, {tried.booked} booked, {tried.quarantined} in quarantine, {tried.waiting} wait,"
        f" {tried.otherwise} otherwise"
    )


@pytest.mark.parametrize("name", slow_but(["receipts", "clients", "answers"], TRIALS))
def test_some_nasty_values(nasty: Nasty, name: str) -> None:
    TRIALS[name](nasty, SAMPLE)
    told_of(name, nasty.tried)
    assert nasty.tried.wrong == []


# Contacts that are alike in all but one field are compared each with each, so a part of them at a time is played.
PARTS = {"contacts": 8}


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "part"),
    [(name, (part, parts)) for name in TRIALS for parts in [PARTS.get(name, 1)] for part in range(parts)],
)
def test_all_nasty_values(nasty: Nasty, name: str, part: tuple[int, int]) -> None:
    nasty.part = part
    TRIALS[name](nasty, 0)
    told_of(name, nasty.tried)
    assert nasty.tried.wrong == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("no",), "6,000 letters"),
        (("sum",), "1e400"),
        (("lines", 0, "price"), "NaN"),
        (("lines", 0, "vat_code_id"), "1e200000"),
        (("currency_rate",), "5,000 digits"),
        (("description",), "a megabyte"),
        (("company_id",), "full object"),
        (("lines",), "nested 400"),
        (("deadline",), "last day"),
    ],
)
def test_two_good_ones_are_booked_beside_a_bad_one(nasty: Nasty, path: tuple[str | int, ...], value: str) -> None:
    nasty.world.checked = value == "6,000 letters"
    contact, product = nasty.person(), nasty.product("K-1")
    first, bad, last = (nasty.document("invoices", contact, product) for _ in range(3))
    nasty.good, nasty.bad = [str(first), str(last)], {str(bad): Case(path, value)}
    nasty.spoil("invoices", bad, Case(path, value))
    nasty.judge(SALES, run_until_done(nasty.world, DAY, DAY, SALES, nasty.caplog), "", "invoices")
    assert nasty.tried.wrong == []
    in_books = len(nasty.world.invoices())
    if nasty.world.checked:
        assert (in_books, nasty.tried.quarantined) == (2, 1)
        assert "holds a text of 6000 letters where at most 255 letters is expected" in told(nasty.world)
    else:
        # The checks put it into quarantine; without them it is not planned either.
        assert in_books == 2


@pytest.mark.parametrize("value", ["NaN as text", "sNaN as text", "1e9999999 as text", "a person"])
@pytest.mark.parametrize("module", ["invoices", "bills"])
@pytest.mark.parametrize("name", ["amount", "roundAmount", "totalAmount"])
def test_an_answer_whose_sums_are_no_numbers_is_an_alarm(nasty: Nasty, module: str, name: str, value: str) -> None:
    nasty.world.checked = False
    document = nasty.document(module, nasty.person(), nasty.product("K-1"))
    flow = SALES if module == "invoices" else PURCHASES
    number = str(nasty.world.site.get(module, document)["no"])
    nasty.world.server.spoiled.put(f"purchasesales/{SERVICES[flow]}:add", number, (name,), NASTY[value])
    nasty.world.run(DAY, DAY, flow=flow)
    assert outcomes(nasty.world, flow)[str(document)][0] == "created"
    assert len(links(nasty.world, flow)) == 1
    assert "? instead of" in nasty.caplog.text
    assert canaries_in(nasty.caplog.text) == []


@pytest.mark.parametrize("value", ["NaN", "sNaN", "1E+9999999", {"a": 1}, " ".join(CANARIES)])
def test_an_answer_to_a_payment_whose_sum_is_no_number_is_an_alarm(nasty: Nasty, value: Any) -> None:
    world, books = nasty.world, nasty.world.books
    world.checked = False
    invoice = nasty.document("invoices", nasty.person(), nasty.product("K-1"))
    group = str(world.site.pay("invoices", {invoice: None}, day=DAY)["id"])
    world.run(DAY, DAY)
    add: Any = books.add

    def answered(service: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = dict(add(service, body))
        return answer | {"amount": value} if service == PAYMENT_SERVICE else answer

    vars(books)["add"] = answered
    summary = world.run(DAY, DAY, flow=PAYMENTS)
    assert outcomes(world, PAYMENTS)[group][0] == "created"
    [alarm] = summary["alarms"]
    assert "not as predicted: ? instead of 31" in alarm
    assert canaries_in(nasty.caplog.text) == []


@pytest.mark.parametrize(
    ("value", "booked"), [("list of null", 3), ("minus one", 3), ("full list", 2), ("full object", 2)]
)
def test_prepayments_without_an_id_are_not_asked_for(nasty: Nasty, value: str, booked: int) -> None:
    nasty.world.checked = False
    contact, product = nasty.person(), nasty.product("K-1")
    numbers = [nasty.document("invoices", contact, product) for _ in range(3)]
    nasty.spoil("invoices", numbers[1], Case(("prepayment_id",), value))
    nasty.world.run(DAY, DAY)
    assert len(nasty.world.invoices()) == booked


@pytest.mark.parametrize(
    ("module", "name", "step"),
    [(partners, "record_of", "unexpected_when_planned"), (batch, "is_registry_code", "unexpected")],
)
def test_what_brings_a_whole_step_down_is_found_by_halving(
    nasty: Nasty, module: ModuleType, name: str, step: str
) -> None:
    nasty.world.checked = step == "unexpected"
    product = nasty.product("K-1")
    documents = [nasty.document("invoices", company(nasty, serial), product) for serial in range(9)]
    odd = registry_code(1900104)
    with a_fault(module, name, lambda given, *_: odd in (given, getattr(given, "registry_code", ""))):
        said = run_until_done(nasty.world, DAY, DAY, SALES, nasty.caplog)
    found = outcomes(nasty.world, SALES)
    assert [found[str(each)][0] for each in documents] == ["created"] * 4 + ["quarantined"] + ["created"] * 4
    assert [(source_id, code) for _, source_id, code in nasty.money.cases()] == [(str(documents[4]), step)]
    assert "ZeroDivisionError in " in told(nasty.world)
    assert "secret" not in said + told(nasty.world)
