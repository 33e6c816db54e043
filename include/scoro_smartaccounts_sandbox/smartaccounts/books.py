"""The books of one company, locked: reads see whole writes, writes come one after another, all or nothing."""

import threading
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from scoro_smartaccounts_sandbox.clock import Clock
from scoro_smartaccounts_sandbox.smartaccounts import stock
from scoro_smartaccounts_sandbox.smartaccounts.articles import write_article
from scoro_smartaccounts_sandbox.smartaccounts.balances import read_balances
from scoro_smartaccounts_sandbox.smartaccounts.entries import (
    all_entries,
    book_wages,
    delete_entry,
    read_entries,
    write_entry,
)
from scoro_smartaccounts_sandbox.smartaccounts.files import FILES_KEY, add_file, delete_file, file_details, list_files
from scoro_smartaccounts_sandbox.smartaccounts.invoices import change_faults, left_to_pay, write_invoice
from scoro_smartaccounts_sandbox.smartaccounts.ledger import Ledger, Record
from scoro_smartaccounts_sandbox.smartaccounts.partners import write_partner
from scoro_smartaccounts_sandbox.smartaccounts.payments import (
    payment_change_faults,
    payment_delete_faults,
    take_back_payment,
    write_payment,
)
from scoro_smartaccounts_sandbox.smartaccounts.pdf import one_page
from scoro_smartaccounts_sandbox.smartaccounts.reading import FETCHES, read_page, show, wire
from scoro_smartaccounts_sandbox.smartaccounts.refusal import Fault, basic, refuse_if
from scoro_smartaccounts_sandbox.smartaccounts.services import (
    ARTICLES,
    CLIENTS,
    ENTRIES,
    ENTRIES_KEY,
    FILES,
    INVOICES,
    KEPT,
    PARTNERS,
    PAYMENTS,
    PURCHASES,
    SALES,
    VENDORS,
    key_of,
    noun,
)
from scoro_smartaccounts_sandbox.smartaccounts.setting_rows import (
    delete_setting,
    find_setting,
    shown_settings,
    write_setting,
)
from scoro_smartaccounts_sandbox.smartaccounts.settings import SETTINGS
from scoro_smartaccounts_sandbox.smartaccounts.switches import Switches
from scoro_smartaccounts_sandbox.smartaccounts.values import required_text, show_day
from scoro_smartaccounts_sandbox.smartaccounts.vat_returns import delete_return, payment_of_return, save_return

Params = Mapping[str, str]
Body = Mapping[str, Any]


class Books:
    """One company. `keys` are its secrets by public key; `writes` counts what changed the books."""

    def __init__(self, *, clock: Clock | None = None, switches: Switches | None = None, seed: int = 1) -> None:
        self.lock = threading.RLock()
        self.clock = clock or Clock()
        self.switches = switches or Switches()
        self.keys = {"testkey": "test-secret"}
        self.writes = 0
        self._seed = seed
        self._ledger = Ledger(self.clock, self.switches, seed)

    def reset(self) -> None:
        """A fresh company under the same keys, clock and switches."""
        with self.lock:
            self._ledger = Ledger(self.clock, self.switches, self._seed)
            self.writes += 1

    def now(self) -> datetime:
        """The present, as the service has it."""
        return self._ledger.now()

    # --- the API's methods -------------------------------------------------------------------------------------

    def get(self, service: str, params: Params) -> dict[str, Any]:
        """The answer to `service:get`. Raises Refusal."""
        with self.lock:
            if service in SETTINGS:
                rows = [wire(row) for row in shown_settings(self._ledger, service)]
                return self._envelope(service, SETTINGS[service].list_key, rows)
            if service == FILES:
                return self._envelope(service, FILES_KEY, list_files(self._ledger, params))
            if service == self.switches.balances_service:
                return self._envelope(service, "accountBalances", read_balances(self._ledger, params))
            if service == ENTRIES:
                rows, has_more, deleted = read_entries(self._ledger, params)
            else:
                rows, has_more, deleted = read_page(self._ledger, service, params)
            answer = self._envelope(service, KEPT.get(service, ENTRIES_KEY), rows)
            answer["hasMoreEntries"] = has_more
            return answer if deleted is None else {**answer, "deleted": deleted}

    def add(self, service: str, body: Body) -> dict[str, Any]:
        """The answer to `service:add`. Raises Refusal."""
        with self.lock:
            body = self._ledger.shortened(body)
            refuse_if(self._ledger.long_texts(body))
            if service in SETTINGS:
                answer = write_setting(self._ledger, service, body, edit=False)
            elif service == FILES:
                answer = add_file(self._ledger, body)
            elif service == ENTRIES:
                answer = write_entry(self._ledger, body, edit=False)
            else:
                answer = self._write(service, body, None)
            self.writes += 1
            return answer

    def edit(self, service: str, body: Body) -> dict[str, Any]:
        """The answer to `service:edit`: the whole record is replaced. Raises Refusal."""
        with self.lock:
            body = self._ledger.shortened(body)
            refuse_if(self._ledger.long_texts(body))
            if service in SETTINGS:
                answer = write_setting(self._ledger, service, body, edit=True)
            elif service == ENTRIES:
                answer = write_entry(self._ledger, body, edit=True)
            else:
                old = self._find(service, required_text(body, key_of(service)))
                if service in INVOICES:
                    refuse_if(change_faults(self._ledger, old))
                if service == PAYMENTS:
                    refuse_if(payment_change_faults(self._ledger, old))
                answer = self._write(service, body, old)
            self.writes += 1
            return answer

    def delete(self, service: str, params: Params) -> dict[str, Any]:
        """The answer to `service:delete`; the key stands in the query. Raises Refusal."""
        with self.lock:
            if service in SETTINGS:
                delete_setting(self._ledger, service, params)
            elif service == FILES:
                delete_file(self._ledger, params)
            elif service == ENTRIES:
                delete_entry(self._ledger, params)
            else:
                self._delete(service, self._find(service, params.get(key_of(service), "")))
            self.writes += 1
            return {}

    def quantities(self, params: Params) -> dict[str, Any]:
        """The answer to `articles:getwarehousequantities`. Raises Refusal."""
        with self.lock:
            return stock.quantities(self._ledger, params)

    def file(self, params: Params) -> dict[str, Any]:
        """The answer to `files:getDetails`. Raises Refusal."""
        with self.lock:
            return file_details(self._ledger, params)

    def pdf(self, service: str, params: Params) -> bytes:
        """The document that `service:getpdf` answers with. Raises Refusal."""
        with self.lock:
            return one_page(f"Invoice {self._find(service, params.get('id', ''))['invoiceNumber']}")

    # --- for tests and the demo --------------------------------------------------------------------------------

    @property
    def records(self) -> dict[str, dict[str, Record]]:
        """Services, their records by id or code, as they are kept."""
        return self._ledger.records

    @property
    def settings(self) -> dict[str, list[Record]]:
        """The rows of settings by the last part of their service, as they are kept."""
        return {service.rpartition("/")[2]: rows for service, rows in self._ledger.settings.items()}

    def seed(self, service: str, body: Body) -> str:
        """Add a record past signature and limits, as somebody who works in the books would; its id or code."""
        answer = self.add(service, body)
        names = ("invoiceId", "paymentId", "clientId", "vendorId", "fileId", *(row.key for row in SETTINGS.values()))
        return str(next(answer[key] for key in names if key in answer))

    def pay(
        self,
        documents: str | Mapping[str, Decimal | int | str | None],
        *,
        day: date | None = None,
        account: str = "LHV",
        **fields: Any,
    ) -> str:
        """Enter a payment of sales or purchase invoices as a bank import would; its id.

        ``documents``: an invoice's id, or amounts by id (None: what is left to pay). ``account`` is the name of a
        bank or cash account. Raises Refusal.
        """
        wanted = {documents: None} if isinstance(documents, str) else documents
        with self.lock:
            rows, invoice = [], Record()
            for key, amount in wanted.items():
                service = SALES if key in self.records[SALES] else PURCHASES
                invoice = self._find(service, key)
                kind = "CLIENT_INVOICE" if service == SALES else "VENDOR_INVOICE"
                rows.append({"type": kind, "id": key, "amount": left_to_pay(invoice) if amount is None else amount})
            partner = "client" if "clientId" in invoice else "vendor"
            cash = self._ledger.money_account("CASH", account) is not None
            basis = {
                "date": show_day(day or self._ledger.today()),
                "partnerType": partner.upper(),
                f"{partner}Id": invoice.get(f"{partner}Id"),
                "accountType": "CASH" if cash else "BANK",
                "accountName": account,
                "currency": invoice.get("currency"),
                "rows": rows,
            }
            return self.seed(PAYMENTS, {**basis, **fields})

    def save_return(self, month: date) -> str:
        """Save the VAT return of a month, or calculate again the one that is there; its id. Raises Refusal."""
        with self.lock:
            self.writes += 1
            return save_return(self._ledger, month)

    def delete_return(self, key: str) -> None:
        """Delete a VAT return. Raises Refusal."""
        with self.lock:
            self.writes += 1
            delete_return(self._ledger, key)

    def pay_return(self, key: str, *, day: date | None = None, account: str = "LHV") -> str:
        """Enter a payment of all that is due of a VAT return; the payment's id. Raises Refusal."""
        with self.lock:
            what = payment_of_return(self._ledger, key)
            paid = {"date": show_day(day or self._ledger.today()), "accountType": "BANK", "accountName": account}
            return self.seed(PAYMENTS, {**what, **paid})

    def change(self, service: str, key: str, **fields: Any) -> None:
        """Edit a record as somebody who works in the books would: other fields stay as they are. Raises Refusal.

        Totals of an invoice are computed again; days are dd.MM.yyyy. An automatic entry of the general ledger may be
        changed too.
        """
        with self.lock:
            if service == ENTRIES:
                entry = next(row for row in self.entries() if row["id"] == key)
                self.edit(service, {**entry, **fields})
                return
            if service in SETTINGS:
                self.edit(service, {**wire(find_setting(self._ledger, service, key)), **fields})
                return
            kept = self._find(service, key)
            body = {name: wire(value) for name, value in kept.items() if not name.startswith("_") and value is not None}
            if service in INVOICES:
                del body["totalAmount"]
            self.edit(service, {**body, **fields})

    def remove(self, service: str, key: str) -> None:
        """Delete a record by its id or code as somebody who works in the books would. Raises Refusal."""
        self.delete(service, {SETTINGS[service].key if service in SETTINGS else key_of(service): key})

    def book_wages(self, day: date, amounts: Mapping[str, Decimal], description: str = "") -> str:
        """Book somebody's wages, of amounts by account (debit positive); the id of the entry. Raises Refusal."""
        with self.lock:
            return book_wages(self._ledger, day, amounts, description)

    def recalculate_stock(self, invoice_id: str, cost: Decimal) -> None:
        """Let the cost of what a sales invoice sold be another one, as a recalculation of stock does: its entry
        changes, the invoice does not."""
        with self.lock:
            invoice = self._find(SALES, invoice_id)
            invoice |= {"_cost": cost, "_saved": self._ledger.now()}

    def state(self) -> dict[str, list[Record]]:
        """All records by the last part of their service, with everything that can be shown."""
        everything = dict.fromkeys(FETCHES, "true")
        with self.lock:
            return {
                service.rpartition("/")[2]: [show(self._ledger, service, row, everything) for row in rows.values()]
                for service, rows in self._ledger.records.items()
            }

    def entries(self) -> list[Record]:
        """The general ledger: all entries with their rows, whatever rights and pages are set."""
        with self.lock:
            return all_entries(self._ledger)

    def save(self, path: Path) -> None:
        """Write the records to a file."""
        with self.lock:
            self._ledger.save(path)

    def load(self, path: Path) -> None:
        """Read back what `save` wrote."""
        with self.lock:
            self._ledger.load(path)

    # --- inside ------------------------------------------------------------------------------------------------

    def _envelope(self, service: str, usual_key: str, rows: list[Record]) -> dict[str, Any]:
        key = self.switches.list_keys.get(service, usual_key)
        return {} if not rows and self.switches.omit_empty_list else {key: rows}

    def _find(self, service: str, key: str) -> Record:
        row = self._ledger.records[service].get(key)
        if row is None:
            raise basic("NOT-FOUND", f"{noun(service)} by {key_of(service)} not found")
        return row

    def _write(self, service: str, body: Body, old: Record | None) -> dict[str, Any]:
        if service in PARTNERS:
            return write_partner(self._ledger, service, body, old)
        if service == ARTICLES:
            return write_article(self._ledger, body, old)
        if service in INVOICES:
            return write_invoice(self._ledger, service, body, old)
        return write_payment(self._ledger, body, old)

    def _delete(self, service: str, row: Record) -> None:
        ledger = self._ledger
        refuse_if(self._delete_faults(service, row))
        if service == PAYMENTS:
            take_back_payment(ledger, row)
        if service in INVOICES:
            stock.take_back(ledger, row)
        ledger.remove(service, row)

    def _delete_faults(self, service: str, row: Record) -> Iterator[Fault]:
        if service in INVOICES:
            yield from change_faults(self._ledger, row)
        if service == PAYMENTS:
            yield from payment_delete_faults(self._ledger, row)
        if row.get("_builtin"):
            yield ("SYSTEM-VALUE", "This vendor cannot be deleted", "Seda hankijat ei saa kustutada")
        if self.switches.delete_used == "refuse" and self._is_used(service, row):
            yield ("IN-USE", f"{noun(service)} is in use", "Kirje on kasutusel")

    def _is_used(self, service: str, row: Record) -> bool:
        records = self._ledger.records
        if service in PARTNERS:
            field = {CLIENTS: "clientId", VENDORS: "vendorId"}[service]
            documents = (document for name in (*INVOICES, PAYMENTS) for document in records[name].values())
            return any(document.get(field) == row["id"] for document in documents)
        if service == ARTICLES:
            invoices = (invoice for name in INVOICES for invoice in records[name].values())
            return any(line["code"] == row["code"] for invoice in invoices for line in invoice["rows"])
        return False
