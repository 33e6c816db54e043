"""What both sides and the ledger hold → control totals of all months. Reads staging; asks no service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.mirror.registers import money_accounts, own_vat_codes, vat_codes
from scoro_smartaccounts.smartaccounts.wire import text
from scoro_smartaccounts.staging.mirror_registers import article_records
from scoro_smartaccounts.staging.totals_facts import FLOWS, documents_as_sent, read_facts
from scoro_smartaccounts.totals.computed import Totals
from scoro_smartaccounts.totals.consistency import check_records
from scoro_smartaccounts.totals.declaring import declared_of
from scoro_smartaccounts.totals.ledger import compare_ledger
from scoro_smartaccounts.totals.open_balances import compare_open
from scoro_smartaccounts.totals.pairs import compare_documents
from scoro_smartaccounts.totals.sheet import Sheet
from scoro_smartaccounts.totals.sides import Settings
from scoro_smartaccounts.totals.stock import compare_stock

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.company import Company, VatRule

# The type of an article of the warehouse.
_STOCK = "WH"


def compute(connection: Connection, company: Company) -> Totals:
    """Return the control totals of a company, of all that is known by now."""
    expenses = company.purchase_invoices.expenses
    facts = read_facts(connection, company.key, company.first_import_date, expenses=expenses)
    settings = settings_of(connection, company)
    sheet = Sheet()
    compare_documents(sheet, facts, settings)
    compare_open(sheet, facts)
    compare_stock(sheet, facts, settings)
    compare_ledger(sheet, facts, settings)
    check_records(sheet, facts, documents_as_sent(connection, company.key))
    return Totals(facts, settings, sheet.cells(), sheet.causes, declared_of(facts, settings))


def settings_of(connection: Connection, company: Company) -> Settings:
    """Return what company file and SmartAccounts' settings say of VAT and money, as far as they were read."""
    codes = vat_codes(connection, company.key)
    rules: Mapping[Flow, Sequence[VatRule]] = {
        Flow.SALES_INVOICES: company.sales_invoices.vat_codes,
        Flow.PURCHASE_INVOICES: company.purchase_invoices.vat_codes,
    }
    articles = article_records(connection, company.key)
    money = (text(row.raw.get("account")) for row in money_accounts(connection, company.key).values())
    return Settings(
        rules=rules,
        percents={row.vat_pc: row.pc for row in codes},
        declared=frozenset(rule.smartaccounts for flow in FLOWS for rule in rules[flow] if rule.reverse_charge),
        halved=frozenset(row.vat_pc for row in codes if "50%" in f"{row.vat_pc} {row.description}"),
        own_codes=own_vat_codes(connection, company.key),
        vat_accounts={
            row.vat_pc: (text(row.raw.get("accountSales")), text(row.raw.get("accountPurchase"))) for row in codes
        },
        money_accounts=frozenset(filter(None, money)),
        stock=frozenset(code for code, each in articles.items() if each.type == _STOCK),
    )
