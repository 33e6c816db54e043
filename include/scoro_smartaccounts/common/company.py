"""A company pair (one Scoro site, one SmartAccounts company) and its policies, read from one YAML file.

Secrets never stand in the file: they belong to the Airflow connections that it names.
"""

from __future__ import annotations

import os
import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.errors import ConfigurationError
from scoro_smartaccounts.common.kinds import DocumentKind
from scoro_smartaccounts.common.period_policy import PeriodPolicy, PeriodRule, PeriodRules

if TYPE_CHECKING:
    from collections.abc import Iterable

FOLDER_VARIABLE = "SCORO_SMARTACCOUNTS_COMPANIES"
DEFAULT_KEY = "default"
# In C, ten times as fast, where PyYAML was built with it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TOO_DEEP_IN_C = "while increasing flow level"
# The shipped file has 6 KB. Aliases multiply what they stand for, once more at each level: so many stay harmless.
_LARGEST_FILE = 256 * 1024
_MOST_ALIASES = 30
_MOST_LEVELS = 20
_BEGINS = (yaml.MappingStartEvent, yaml.SequenceStartEvent)
_ENDS = (yaml.MappingEndEvent, yaml.SequenceEndEvent)

Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Code = Annotated[Name, BeforeValidator(lambda value: str(value) if isinstance(value, int) else value)]
Percent = Annotated[Decimal, Field(ge=0, le=100)]


class Mode(StrEnum):
    """What a run may do: write to the books, ask the accountant first, or only say what it would write."""

    IMPORT = "import"
    APPROVE = "approve"
    PREVIEW = "preview"

    @property
    def strength(self) -> int:
        """How much of writing a run of this mode does by itself; `preview` the least."""
        return (Mode.PREVIEW, Mode.APPROVE, Mode.IMPORT).index(self)


class EntryDateRule(StrEnum):
    """Which ledger date an invoice gets."""

    DOCUMENT_DATE = "document_date"
    FIRST_OPEN_DAY = "first_open_day"


class UnsentRule(StrEnum):
    """What becomes of sales invoices that are not marked as sent in Scoro."""

    IMPORT = "import"
    WAIT = "wait"


class RateSource(StrEnum):
    """Whose exchange rate foreign documents are booked with: the official one of the day, or that of Scoro's
    document. Where there is no official one, Scoro's."""

    ECB = "ecb"
    SCORO = "scoro"


class ReverseChargeRule(StrEnum):
    """Who works out the VAT of a bill that is reverse charge throughout: SmartAccounts, by the code's percentage, or
    nobody: the paper's VAT, usually 0, is sent as of other bills."""

    COMPUTED = "computed"
    PAPER = "paper"


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Connections(_Section):
    """Ids of the Airflow connections of this company."""

    scoro: Name
    smartaccounts: Name
    staging: Name = "staging_default"


class DefaultMode(_Section):
    """The mode of runs whose parameters name none, and the strongest that a person may ask of a run by hand or a
    backfill: where the file does not say, the stronger of the two others."""

    scheduled: Mode = Mode.PREVIEW
    manual: Mode = Mode.PREVIEW
    strongest: Mode | None = None

    @property
    def by_hand(self) -> Mode:
        """The strongest mode of a run that a person starts."""
        return self.strongest or max(self.scheduled, self.manual, key=lambda mode: mode.strength)

    @model_validator(mode="after")
    def _manual_is_allowed(self) -> Self:
        if self.strongest is not None and self.manual.strength > self.strongest.strength:
            raise ValueError(f"manual: {self.manual} is more than strongest: {self.strongest}")
        return self


class ApprovalPolicy(_Section):
    """Questions to a person: who answers, by name and role in Airflow (nobody named: whoever may edit the DAG), and
    after how many hours without an answer somebody is alerted."""

    users: tuple[Name, ...] = ()
    roles: tuple[Name, ...] = ()
    alert_after_hours: Annotated[int, Field(ge=1)] = 24

    @property
    def names_somebody(self) -> bool:
        """Whether only some may answer."""
        return bool(self.users or self.roles)


class AccessPolicy(_Section):
    """Roles of Airflow that see the company's DAGs, and those that run them too: start, stop, clear, pause."""

    see: tuple[Name, ...] = ()
    run: tuple[Name, ...] = ()


class VatRule(_Section):
    """Scoro's VAT, by code or by percentage, on documents of certain days → SmartAccounts' VAT code.

    The first rule that fits wins. A rule that names a `scoro_code` is meant for exactly that code. `reverse_charge`
    tells that the buyer declares the VAT (pöördkäibemaks); it means something for purchases only. `intra_community`
    tells of a sale of 0 % to another member state (ühendusesisene käive).
    """

    smartaccounts: Code
    scoro_code: Code | None = None
    reverse_charge: bool = False
    intra_community: bool = False
    percent: Percent | None = None
    from_day: date | None = Field(default=None, alias="from")
    to_day: date | None = Field(default=None, alias="to")

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.scoro_code is None and self.percent is None:
            raise ValueError("name a scoro_code or a percent")
        return self

    def fits(self, *, code: str | None, percent: Decimal | None, day: date) -> bool:
        """Whether the rule speaks about VAT of this code and percentage on this day."""
        return (
            (self.scoro_code is None or self.scoro_code == code)
            and (self.percent is None or self.percent == percent)
            and (self.from_day is None or self.from_day <= day)
            and (self.to_day is None or day <= self.to_day)
        )


class ArticlePolicy(_Section):
    """How lines and products become articles of SmartAccounts."""

    fallback: Code
    code_prefix: Name = "SC-"
    service_type: Name = "SERVICE"
    goods_type: Name = "PRODUCT"

    @field_validator("service_type", "goods_type")
    @classmethod
    def _known_type(cls, value: str) -> str:
        if value not in ("PRODUCT", "SERVICE"):
            raise ValueError("allowed: PRODUCT, SERVICE")
        return value


class EntryDatePolicy(_Section):
    """Days are locked up to `books_closed_until`, and up to what SmartAccounts refused as locked in the last week.

    `rule` is the older way to say `periods.….locked` of all documents of the section, where that does not say it:
    `document_date` is wait.
    """

    rule: EntryDateRule | None = None
    books_closed_until: date | None = None


class SalesPolicy(_Section):
    """Policies of the sales invoices. `unsent`: those not marked as sent in Scoro wait, or are imported too."""

    vat_codes: tuple[VatRule, ...] = Field(min_length=1)
    document_series: str = ""
    unsent: UnsentRule = UnsentRule.IMPORT
    warehouse: Name | None = None
    entry_date: EntryDatePolicy = EntryDatePolicy()
    client_vat_code: Code
    base_currency: Name = "EUR"


class PurchasePolicy(_Section):
    """Policies of the purchase invoices. `expenses`: Scoro's expenses are imported like its bills.

    `accounts` and `cost_objects` turn the symbols of Scoro's lines into SmartAccounts' accounts and objects (by code).
    """

    vat_codes: tuple[VatRule, ...] = Field(min_length=1)
    expenses: bool = False
    warehouse: Name | None = None
    entry_date: EntryDatePolicy = EntryDatePolicy()
    vendor_vat_code: Code
    reverse_charge_vat: ReverseChargeRule = ReverseChargeRule.COMPUTED
    accounts: dict[Code, Code] = {}
    cost_objects: dict[Code, Code] = {}


class ReceiptAccount(_Section):
    """A receipt account of Scoro and the bank or cash account of SmartAccounts that is the same money, by their
    names."""

    scoro: Name
    bank: Name | None = None
    cash: Name | None = None

    @model_validator(mode="after")
    def _one_account(self) -> Self:
        if (self.bank is None) == (self.cash is None):
            raise ValueError("name a bank account or a cash account of SmartAccounts")
        return self


class PaymentPolicy(_Section):
    """Policies of payments, both ways.

    `netting_account` is a bank account of SmartAccounts for netting, `netting_accounts` those of other currencies, by
    currency; `rounding_account` the ledger account that takes the cents of cash rounding. Several of Scoro's
    accounts may be one of SmartAccounts; its payments go to the first.
    """

    accounts: tuple[ReceiptAccount, ...] = ()
    netting_account: Name | None = None
    netting_accounts: dict[Name, Name] = {}
    rounding_account: Code | None = None
    prepayment_text: Name = "Ettemaks"
    rounding_text: Name = "Sularaha ümardamine"

    def netting_account_of(self, currency: str) -> str | None:
        """Return the account that documents of a currency are set off on."""
        return self.netting_accounts.get(currency, self.netting_account)

    @property
    def all_netting_accounts(self) -> frozenset[str]:
        """Every account that is named for netting."""
        return frozenset(filter(None, (self.netting_account, *self.netting_accounts.values())))

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        names = [item.scoro for item in self.accounts]
        if double := next((name for name in names if names.count(name) > 1), None):
            raise ValueError(f"scoro account {double} stands twice; each may be paired once")
        return self


class ExportPolicy(_Section):
    """Whether payments of SmartAccounts go back to Scoro. Switching it on starts from that moment."""

    enabled: bool = False


class NotificationPolicy(_Section):
    """Who is told of what needs somebody, and in which language; nobody until one of the ways is given. `to`: addresses
    of mails, by the connection `smtp_default`; `apprise`: a connection of Apprise, which knows Slack, Teams and
    others."""

    language: Literal["et", "en"] = "et"
    to: tuple[Name, ...] = ()
    apprise: Name | None = None

    @property
    def is_wanted(self) -> bool:
        """Whether anybody is told."""
        return bool(self.to or self.apprise)


class LedgerPolicy(_Section):
    """Whether what was booked is held against SmartAccounts' ledger, in euros. Kinds of documents whose postings an
    accountant has found right are `trusted`: their first document does not go alone."""

    enabled: bool = True
    trusted: tuple[DocumentKind, ...] = ()


class Company(_Section):
    """One company pair. `key` is the file's name without its ending and part of every key and lock."""

    key: Name
    name: Name
    connections: Connections
    first_import_date: date
    settle_days: int = Field(default=0, ge=0, le=365)
    mode: DefaultMode = DefaultMode()
    exchange_rate: RateSource = RateSource.ECB
    articles: ArticlePolicy
    sales_invoices: SalesPolicy
    purchase_invoices: PurchasePolicy
    payments: PaymentPolicy = PaymentPolicy()
    export_payments: ExportPolicy = ExportPolicy()
    periods: PeriodPolicy = PeriodPolicy()
    approval: ApprovalPolicy = ApprovalPolicy()
    access: AccessPolicy | None = None
    ledger_check: LedgerPolicy = LedgerPolicy()
    notifications: NotificationPolicy = NotificationPolicy()

    @property
    def dag_suffix(self) -> str:
        """What follows a DAG's name: nothing for the default company, `__<key>` for others."""
        return "" if self.key == DEFAULT_KEY else f"__{self.key}"

    @property
    def base_currency(self) -> str:
        """The books' own currency, in every flow."""
        return self.sales_invoices.base_currency

    def entry_date(self, flow: Flow) -> EntryDatePolicy:
        """Return what the file says of closed books; of payments the days that are closed for both kinds of
        documents."""
        of_both = self.sales_invoices.entry_date, self.purchase_invoices.entry_date
        if flow is Flow.SALES_INVOICES:
            return of_both[0]
        if flow is Flow.PURCHASE_INVOICES:
            return of_both[1]
        days = [each.books_closed_until for each in of_both]
        return EntryDatePolicy(books_closed_until=min(filter(None, days)) if all(days) else None)

    def period_rules(self, flow: Flow, *, is_credit: bool = False) -> PeriodRules:
        """Return what becomes of documents of a flow that are late for their month."""
        kind = self.periods.kind_of(flow, is_credit=is_credit)
        rules: PeriodRules = getattr(self.periods, kind)
        if rules.locked is not None:
            return rules
        match self.entry_date(flow).rule:
            case None:
                locked = PeriodRule.WAIT if kind == "sales" else PeriodRule.FIRST_OPEN_DAY
            case EntryDateRule.DOCUMENT_DATE:
                locked = PeriodRule.WAIT
            case EntryDateRule.FIRST_OPEN_DAY:
                locked = PeriodRule.FIRST_OPEN_DAY
        return rules.model_copy(update={"locked": locked})


def default_folder() -> Path:
    """Return the folder of company files: the variable's, else `include/companies` beside the package."""
    named = os.environ.get(FOLDER_VARIABLE)
    return Path(named) if named else Path(__file__).resolve().parents[2] / "companies"


def load_company(path: Path) -> Company:
    """Read one company file; raises ConfigurationError that names file, key and what is allowed there."""
    key = path.stem
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", key):
        raise ConfigurationError(f"{path.name}: a company file is named with small letters, digits and _")
    try:
        if path.stat().st_size > _LARGEST_FILE:
            raise ConfigurationError(f"{path.name}: larger than {_LARGEST_FILE // 1024} KB, so it is no company file")
        text = path.read_text(encoding="utf-8")
        if _is_a_bomb(text):
            raise ConfigurationError(
                f"{path.name}: more than {_MOST_ALIASES} aliases (*name), or {_MOST_LEVELS} levels; "
                f"write the values out"
            )
        content = yaml.load(text, _Loader)  # noqa: S506 - it is a safe one
    except (OSError, yaml.YAMLError, ValueError, RecursionError) as problem:
        raise ConfigurationError(f"{path.name}: not readable as YAML: {_short(problem)}") from None
    if not isinstance(content, dict):
        raise ConfigurationError(f"{path.name}: expected a mapping of settings")
    if "key" in content:
        raise ConfigurationError(f"{path.name}: key: the file's name is the company's key; remove it")
    try:
        return Company.model_validate({**content, "key": key})
    except ValidationError as problem:
        raise ConfigurationError(_explain(path, problem)) from None


def _is_a_bomb(text: str) -> bool:
    """Whether a short text would become a large or deep thing. Raises YAMLError where it is no YAML so far."""
    aliases = levels = 0
    try:
        for event in yaml.parse(text, _Loader):
            aliases += isinstance(event, yaml.AliasEvent)
            levels += isinstance(event, _BEGINS) - isinstance(event, _ENDS)
            if aliases > _MOST_ALIASES or levels > _MOST_LEVELS:
                return True
    except yaml.MarkedYAMLError as problem:
        if problem.context == _TOO_DEEP_IN_C:
            return True
        raise
    return False


def load_companies(folder: Path | None = None) -> list[Company]:
    """All companies of a folder, by key. Two companies may not share a connection to either service."""
    folder = folder or default_folder()
    companies = [load_company(path) for path in sorted(folder.glob("*.yaml"))]
    if not companies:
        raise ConfigurationError(f"no company file (*.yaml) in {folder.name}/: {FOLDER_VARIABLE} names their folder")
    _refuse_shared_connections(companies)
    return companies


def load_one(key: str) -> Company | None:
    """Return one company of the usual folder; None where it has no file. Of the others only those are read that may
    share a connection with it, which none may."""
    path = default_folder() / f"{key}.yaml"
    if not path.is_file():
        return None
    company = load_company(path)
    own = (company.connections.scoro, company.connections.smartaccounts)
    others = [other for other in path.parent.glob("*.yaml") if other != path and _names_any(other, own)]
    _refuse_shared_connections([company, *map(load_company, others)])
    return company


def _names_any(path: Path, names: Iterable[str]) -> bool:
    try:
        content = path.read_bytes()
    except OSError:
        return False
    return any(name.encode() in content for name in names)


def _refuse_shared_connections(companies: Iterable[Company]) -> None:
    taken: dict[str, str] = {}
    for company in companies:
        for connection in (company.connections.scoro, company.connections.smartaccounts):
            if connection in taken:
                raise ConfigurationError(
                    f"{company.key}.yaml: connections: {connection} belongs to {taken[connection]}.yaml already"
                )
            taken[connection] = company.key


def _explain(path: Path, problem: ValidationError) -> str:
    return "; ".join(_one(path, error) for error in problem.errors(include_url=False))


def _one(path: Path, error: Any) -> str:
    where = ".".join(str(part) for part in error["loc"]) or "(file)"
    message = str(error["msg"]).removeprefix("Value error, ")
    if error["type"] == "extra_forbidden":
        message = f"unknown setting; allowed here: {', '.join(_allowed(error['loc'][:-1]))}"
    elif error["type"] == "missing":
        message = "required"
    return f"{path.name}: {where}: {message}"


def _allowed(location: Iterable[int | str]) -> list[str]:
    model: type[BaseModel] = Company
    for part in location:
        if isinstance(part, int):
            continue
        annotation = model.model_fields[part].annotation
        candidates = [annotation, *getattr(annotation, "__args__", ())]
        model = next(c for c in candidates if isinstance(c, type) and issubclass(c, BaseModel))
    return [field.alias or name for name, field in model.model_fields.items() if name != "key"]


def _short(problem: Exception) -> str:
    return str(problem).splitlines()[0] if str(problem) else type(problem).__name__
