"""Everything but VAT that documents use and that the company file does not map to something SmartAccounts has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from scoro_smartaccounts.common.company import Company, ReceiptAccount
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import phrase
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.mapping.gap import Gap, PairAccount, SetValue, first_of
from scoro_smartaccounts.mapping.suggestions import Suggestion, by_code_or_name, same_name
from scoro_smartaccounts.mapping.vat_gaps import vat_gaps
from scoro_smartaccounts.smartaccounts.words import BANK, CASH
from scoro_smartaccounts.transform.article import STOCK

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scoro_smartaccounts.mapping.books import Books
    from scoro_smartaccounts.mapping.used import Sighting, Used

_PURCHASES = Flow.PURCHASE_INVOICES.value
MoneyKey = tuple[str, str]


class ScoroNames(Protocol):
    """What Scoro calls the values of its registers; a register is read when it is asked for."""

    def vat_codes(self) -> Mapping[str, str]:
        """Names by code."""

    def finance_accounts(self) -> Mapping[str, str]:
        """Names by symbol."""

    def finance_objects(self) -> Mapping[str, str]:
        """Names by symbol."""

    def receipt_accounts(self) -> Mapping[str, str]:
        """Names by id."""


def find_gaps(used: Used, books: Books, company: Company, names: ScoroNames) -> list[Gap]:
    """All gaps, in the order of the company file."""
    policy = company.purchase_invoices
    symbols = (
        ("finance account", "accounts", used.accounts, policy.accounts, books.accounts, names.finance_accounts),
        ("cost object", "cost_objects", used.cost_objects, policy.cost_objects, books.objects, names.finance_objects),
    )
    gaps = [
        *_article_gaps(used, books, company),
        *vat_gaps(used, books, company, names.vat_codes),
        *_warehouse_gaps(used, books, company),
    ]
    for kind, setting, uses, mapped, there, called in symbols:
        missing = {symbol: seen for symbol, seen in uses.items() if mapped.get(symbol) not in there}
        names_of = called() if missing else {}
        gaps += (
            _symbol_gap(kind, setting, symbol, seen, mapped.get(symbol), there, names_of.get(symbol, ""))
            for symbol, seen in missing.items()
        )
    return [
        *gaps,
        *_receipt_gaps(used, books, company, names),
        *_netting_gaps(used, books, company),
        *_currency_gaps(used, books, company),
    ]


def _article_gaps(used: Used, books: Books, company: Company) -> Iterator[Gap]:
    if used.without_product and books.fallback_type == STOCK:
        yield Gap(
            kind="fallback article",
            setting="articles.fallback",
            scoro_value="lines without a product",
            used_by=first_of(used.without_product),
            count=len(used.without_product),
            problem=phrase("gap_stock_fallback", article=company.articles.fallback),
        )


def _warehouse_gaps(used: Used, books: Books, company: Company) -> Iterator[Gap]:
    for flow, seen in used.stock.items():
        named = INVOICE_FLOWS[flow].policy(company).warehouse
        if named in books.warehouses:
            continue
        problem = phrase("gap_no_warehouse") if named is None else phrase("gap_warehouse", warehouse=named)
        suggestion = None
        if len(books.warehouses) == 1:
            suggestion = Suggestion(books.warehouses[0], phrase("meant_only_warehouse"))
        elif (found := same_name(named or "", {name: name for name in books.warehouses})) is not None:
            suggestion = Suggestion(found, phrase("meant_like_name"))
        else:
            problem = phrase("gap_it_has", why=problem, there=list(books.warehouses) or phrase("none"))
        yield Gap(
            kind="warehouse",
            setting=f"{flow}.warehouse",
            scoro_value="stock articles",
            used_by=first_of(seen),
            count=len(seen),
            problem=problem,
            suggestion=suggestion,
            fix=SetValue((flow.value, "warehouse"), suggestion.value) if suggestion is not None else None,
        )


def _symbol_gap(
    kind: str,
    setting: str,
    symbol: str,
    seen: Sequence[Sighting],
    target: str | None,
    there: Mapping[str, str],
    name: str,
) -> Gap:
    suggestion = by_code_or_name(symbol, name, there)
    problem = phrase("gap_not_mapped") if target is None else phrase("gap_mapped_to", there=target)
    return Gap(
        kind=kind,
        setting=f"{_PURCHASES}.{setting}",
        scoro_value=f"{symbol} {name}".strip(),
        used_by=first_of(seen),
        count=len(seen),
        problem=problem,
        suggestion=suggestion,
        fix=SetValue((_PURCHASES, setting, symbol), suggestion.value) if suggestion is not None else None,
    )


def _receipt_gaps(used: Used, books: Books, company: Company, names: ScoroNames) -> Iterator[Gap]:
    called = names.receipt_accounts() if used.receipt_accounts else {}
    pairs = {pair.scoro: pair for pair in company.payments.accounts}
    by_account: dict[str, dict[str, Sequence[Sighting]]] = {}
    for (account, currency), seen in used.receipt_accounts.items():
        by_account.setdefault(account, {})[currency] = seen
    for account, currencies in by_account.items():
        name = called.get(account)
        pair = None if name is None else pairs.get(name)
        found = None if pair is None else books.money.get(_key(pair))
        wrong = {
            currency: seen
            for currency, seen in currencies.items()
            if found is None or not _takes(found.currency, currency, company)
        }
        if not wrong:
            continue
        yield _receipt_gap(account, name, pair, wrong, books, company, is_known=found is not None)


def _takes(held: str, currency: str, company: Company) -> bool:
    """Whether an account that holds a currency takes payments in another: euros are changed, others are not."""
    return (held or company.base_currency) in (currency, company.base_currency)


def _receipt_gap(
    account: str,
    name: str | None,
    pair: ReceiptAccount | None,
    uses: Mapping[str, Sequence[Sighting]],
    books: Books,
    company: Company,
    *,
    is_known: bool,
) -> Gap:
    fitting = {
        key: row.name
        for key, row in books.money.items()
        if all(_takes(row.currency, currency, company) for currency in uses)
    }
    chosen = same_name(name or "", fitting)
    if is_known:
        problem = phrase("gap_other_currency", currency=sorted(uses))
    elif pair is None:
        problem = phrase("gap_not_paired")
    else:
        problem = phrase("gap_paired_with", there=" ".join(_key(pair)))
    if chosen is None:
        there = sorted(" ".join(key) for key in fitting) or phrase("none")
        problem = phrase("gap_accounts_there", why=problem, there=there)
    suggestion, fix = None, None
    if chosen is not None and name is not None:
        kind, target = chosen
        suggestion = Suggestion(f"{kind} {target}", phrase("meant_like_name"))
        fix = PairAccount(ReceiptAccount.model_validate({"scoro": name, kind.lower(): target}))
    seen = sorted((each for sightings in uses.values() for each in sightings), key=lambda each: each.day)
    return Gap(
        kind="receipt account",
        setting="payments.accounts",
        scoro_value=name or f"id {account}",
        used_by=first_of(seen),
        count=len(seen),
        problem=problem,
        suggestion=suggestion,
        fix=fix,
    )


def _key(pair: ReceiptAccount) -> MoneyKey:
    return (BANK, pair.bank) if pair.bank is not None else (CASH, pair.cash or "")


def _netting_gaps(used: Used, books: Books, company: Company) -> Iterator[Gap]:
    named = company.payments.netting_account
    there = None if named is None else books.money.get((BANK, named))
    if not used.netting or (there is not None and there.for_netting):
        return
    if named is None:
        problem = phrase("gap_no_netting_account")
    elif there is None:
        problem = phrase("gap_no_bank_account", account=named)
    else:
        problem = phrase("gap_not_for_netting", account=named)
    meant = [name for (_, name), row in books.money.items() if row.for_netting]
    suggestion = Suggestion(meant[0], phrase("meant_only_netting")) if len(meant) == 1 else None
    yield Gap(
        kind="netting account",
        setting="payments.netting_account",
        scoro_value="payments that set documents off",
        used_by=first_of(used.netting),
        count=len(used.netting),
        problem=problem,
        suggestion=suggestion,
        fix=SetValue(("payments", "netting_account"), suggestion.value) if suggestion is not None else None,
    )


def _currency_gaps(used: Used, books: Books, company: Company) -> Iterator[Gap]:
    held = {row.currency for row in books.money.values()}
    for currency, seen in used.unrated(company.base_currency).items():
        if currency in held:
            continue
        yield Gap(
            kind="currency",
            setting="SmartAccounts",
            scoro_value=currency or "(none)",
            used_by=first_of(seen),
            count=len(seen),
            problem=phrase("gap_currency"),
        )
