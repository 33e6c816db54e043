"""Remedies of payments that are entered in SmartAccounts, on their way to Scoro."""

from __future__ import annotations

from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts_sandbox.faults import Fault, FaultKind
from tests.integration.remedies.cashier import PAYMENTS, CashierDesk
from tests.integration.remedies.desk import Doc
from tests.integration.remedies.payments import LATER, MONEY
from tests.integration.remedies.play import BOTH, Part, Place, Scenario, green, remedy, stuck

WRITE = "receipts/modify"
IN_DOUBT = Place("money, in doubt", desk=CashierDesk)
LATE = Place("money, late", desk=CashierDesk)
LATE_TOO = Place("money, late and other money", desk=CashierDesk)
REFUSED = Place("money, refused", desk=CashierDesk)


def exported(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, Doc, Doc]]:
    """A document, a payment of half of it that went to Scoro, and its payment there."""
    doc = desk.invoice(flow)
    yield None
    payment = desk.pay({doc: str(desk.total(doc) / 2)})
    yield None
    return doc, payment, Doc(PAYMENTS, desk.links(payment)[0])


def entered_again(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, Doc, list[Doc]]]:
    """An exported payment is deleted in SmartAccounts, and entered there again as two."""
    doc, payment, group = yield from exported(desk, flow)
    desk.delete_payment(payment.id)
    quarter = str(desk.total(doc) / 4)
    return doc, group, [desk.pay({doc: quarter}) for _ in range(2)]


@remedy("possible_duplicate.in_scoro", "if it is the same money dismiss it", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, _, halves = yield from entered_again(desk, flow)
    yield stuck(*halves)
    for each in halves:
        desk.dismiss(each)
    yield green(doc, gone=halves)


@remedy("possible_duplicate.in_scoro", "if not retry it", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, group, halves = yield from entered_again(desk, flow)
    yield stuck(*halves)
    for each in halves:
        desk.retry(each)
    # As the report of the deleted one says.
    desk.world.site.delete("receipts", int(group.id))
    yield green(doc, *halves)


@remedy("account_not_mapped.payments", "add it under payments.accounts", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, name = desk.invoice(flow), f"Uus pank {flow}"
    desk.bank_account(name)
    yield None
    payment = desk.pay({doc: None}, account=name)
    yield stuck(payment)
    desk.receipt_account(name)
    desk.pair(name, name)
    yield green(doc, payment)


@remedy("partners_differ.in_scoro", "enter it there by hand and dismiss it here", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    """Two contacts of Scoro are one client of SmartAccounts."""
    first = desk.invoice(flow)
    code = desk.world.site.get("contacts", desk.get(first)["company_id"])
    second = desk.invoice(flow, company_id=desk.contact(name=code["name"], id_code=code["id_code"]))
    yield None
    payment = desk.pay({first: None, second: None})
    yield stuck(payment)
    desk.dismiss(payment)
    groups = [desk.receive({doc: None}) for doc in (first, second)]
    yield green(first, second, *groups)


# Answers that were lost


def twice(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, Doc, Doc, Doc]]:
    """The answer to a payment was lost, and somebody enters it in Scoro by hand meanwhile."""
    doc = desk.invoice(flow)
    yield None
    payment = desk.pay({doc: "24"})
    desk.world.scoro.faults.add(Fault(FaultKind.DROP_AFTER, where=WRITE))
    yield None
    by_hand = desk.receive({doc: "24"})
    sent = next(
        Doc(PAYMENTS, str(group["id"]))
        for group in desk.world.site.live("receipts")
        if str(group["id"]) != by_hand.id and any(str(row["invoice_id"]) == doc.id for row in group["receipts"])
    )
    return doc, payment, sent, by_hand


@remedy("receipt_in_doubt", "delete those in Scoro that are too many", IN_DOUBT)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment, _, by_hand = yield from twice(desk, flow)
    yield stuck(payment)
    desk.world.site.delete("receipts", int(by_hand.id))
    yield green(doc, payment, gone=[by_hand])


@remedy("export_in_doubt", "it waits until that is known", IN_DOUBT)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment, sent, by_hand = yield from twice(desk, flow)
    yield stuck(sent, by_hand)
    desk.world.site.delete("receipts", int(by_hand.id))
    yield green(doc, payment, sent, gone=[by_hand])


def late(desk: CashierDesk, flow: Flow) -> Part[tuple[Doc, Doc]]:
    """Scoro shows a payment only after it was sent again."""
    doc = desk.invoice(flow)
    yield None
    payment = desk.pay({doc: "24"})
    desk.world.scoro.faults.add(Fault(FaultKind.LATE, where=WRITE))
    yield None
    assert not desk.links(payment)
    desk.export()
    [first] = desk.links(payment)
    yield None
    desk.world.scoro.apply_late()
    second = next(
        Doc(PAYMENTS, str(group["id"]))
        for group in desk.world.site.live("receipts")
        if str(group["id"]) != first and any(str(row["invoice_id"]) == doc.id for row in group["receipts"])
    )
    return doc, second


@remedy("possible_duplicate.sent", "if it is the same money delete it in Scoro", LATE)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, second = yield from late(desk, flow)
    yield stuck(second)
    desk.world.site.delete("receipts", int(second.id))
    yield green(doc, gone=[second])


@remedy("possible_duplicate.sent", "if not retry it", LATE_TOO)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, second = yield from late(desk, flow)
    yield stuck(second)
    desk.retry(second)
    yield green(doc, second)


@remedy("refused_by_scoro", "mend the cause", REFUSED, *BOTH)
@remedy("refused_by_scoro", "retry", REFUSED, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    """Scoro does not take a currency that was switched off there meanwhile."""
    doc = desk.invoice(flow, currency="SEK", currency_rate="0.09")
    active = desk.world.site.company["active_currencies"]
    yield None
    desk.world.site.company["active_currencies"] = ["EUR"]
    payment = desk.pay({doc: None})
    yield stuck(payment)
    desk.world.site.company["active_currencies"] = active
    desk.retry(payment)
    yield green(doc, payment)


# What happened later in SmartAccounts


@remedy("later_change.exported_changed", "change {payments:and} in Scoro in the same way", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment, group = yield from exported(desk, flow)
    desk.change_rows(payment.id, {doc: "30"}, date=f"{LATER:%d.%m.%Y}")
    yield stuck(payment)
    desk.rewrite(group, {doc: "30"}, date=LATER.isoformat())
    yield green(doc, payment, group)
    assert desk.told(group) <= {"later_change.agree"}


@remedy("later_change.exported_changed", "undo it in SmartAccounts", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment, group = yield from exported(desk, flow)
    half = str(desk.total(doc) / 2)
    desk.change_rows(payment.id, {doc: "30"})
    yield stuck(payment)
    desk.change_rows(payment.id, {doc: half})
    yield green(doc, payment, group)


@remedy("later_change.exported_deleted", "delete {payments:and} in Scoro too", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment, group = yield from exported(desk, flow)
    desk.delete_payment(payment.id)
    yield stuck(payment)
    desk.world.site.delete("receipts", int(group.id))
    yield green(doc)


@remedy("later_change.exported_deleted", "enter it again in SmartAccounts", MONEY, *BOTH)
def _(desk: CashierDesk, flow: Flow) -> Scenario:
    doc, payment, group = yield from exported(desk, flow)
    desk.delete_payment(payment.id)
    yield stuck(payment)
    again = desk.pay({doc: str(desk.total(doc) / 2)})
    yield green(doc, again, group)
