"""What becomes of documents whose month is declared or locked: the section `periods` of the company file."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, field_validator

from scoro_smartaccounts.common.documents import Flow


class PeriodRule(StrEnum):
    """What becomes of a document whose month has a VAT return, or is locked: it is booked into that month, waits until
    the month is open, is entered on the first open day, or a person is asked for each."""

    BOOK = "book"
    WAIT = "wait"
    FIRST_OPEN_DAY = "first_open_day"
    ASK = "ask"


_LOCKED = (PeriodRule.WAIT, PeriodRule.FIRST_OPEN_DAY, PeriodRule.ASK)
_OF_PAYMENTS = (PeriodRule.BOOK, PeriodRule.WAIT)


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PeriodRules(_Section):
    """What becomes of late documents of a kind, by the state of their month: its VAT return is `saved` in
    SmartAccounts, or `filed`; the month is `locked`."""

    saved: PeriodRule
    filed: PeriodRule
    locked: PeriodRule | None = None

    @field_validator("locked")
    @classmethod
    def _is_locked(cls, value: PeriodRule | None) -> PeriodRule | None:
        if value is not None and value not in _LOCKED:
            raise ValueError(f"allowed: {', '.join(_LOCKED)}: nothing is booked into a locked month")
        return value


class SalesPeriods(PeriodRules):
    """Of sales invoices: their VAT belongs to their month."""

    saved: PeriodRule = PeriodRule.ASK
    filed: PeriodRule = PeriodRule.ASK


class CreditPeriods(PeriodRules):
    """Of credit invoices."""

    saved: PeriodRule = PeriodRule.FIRST_OPEN_DAY
    filed: PeriodRule = PeriodRule.FIRST_OPEN_DAY


class BillPeriods(PeriodRules):
    """Of bills: what is deducted may be deducted later."""

    saved: PeriodRule = PeriodRule.ASK
    filed: PeriodRule = PeriodRule.FIRST_OPEN_DAY


class PaymentPeriods(PeriodRules):
    """Of payments: they have no VAT, and the day of money is the bank's."""

    saved: PeriodRule = PeriodRule.BOOK
    filed: PeriodRule = PeriodRule.BOOK
    locked: PeriodRule | None = PeriodRule.WAIT

    @field_validator("saved", "filed", "locked")
    @classmethod
    def _keeps_its_day(cls, value: PeriodRule | None) -> PeriodRule | None:
        if value not in _OF_PAYMENTS:
            raise ValueError(f"allowed: {', '.join(_OF_PAYMENTS)}: the day of money is never moved")
        return value


class PeriodPolicy(_Section):
    """What becomes of documents of months that are declared or locked. Which of these ways is right is a matter of tax
    law: the company decides."""

    sales: SalesPeriods = SalesPeriods()
    credits: CreditPeriods = CreditPeriods()
    bills: BillPeriods = BillPeriods()
    payments: PaymentPeriods = PaymentPeriods()

    @staticmethod
    def kind_of(flow: Flow, *, is_credit: bool = False) -> str:
        """Return the name of the section that documents of a flow belong to."""
        if flow is Flow.SALES_INVOICES:
            return "credits" if is_credit else "sales"
        return "bills" if flow is Flow.PURCHASE_INVOICES else "payments"
