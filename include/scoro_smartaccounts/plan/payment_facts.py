"""What decides about payments of Scoro: gathered from staging, from SmartAccounts' mirrors, and where these may be
outdated from SmartAccounts itself."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.company import Mode
from scoro_smartaccounts.common.documents import Document, Flow, ReceiptGroup
from scoro_smartaccounts.common.money import ZERO
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.matching.documents.adoption import POSSIBLE_DUPLICATE
from scoro_smartaccounts.matching.partners.undecided import undecided_partners
from scoro_smartaccounts.matching.payments.orphans import orphans
from scoro_smartaccounts.matching.payments.partly_booked import booked_parts
from scoro_smartaccounts.matching.payments.prepayments import unlinked_prepayments
from scoro_smartaccounts.mirror.documents import read_days
from scoro_smartaccounts.mirror.payments import unread_payments
from scoro_smartaccounts.mirror.registers import FRESH, SETTINGS_FRESH, money_accounts, sync_register, sync_settings
from scoro_smartaccounts.outbox.doubt import records_in_doubt
from scoro_smartaccounts.outbox.settle_receipts import given_up_on
from scoro_smartaccounts.plan.payment_decision import PaymentFacts, keys_of
from scoro_smartaccounts.scoro.modules import RECEIPT_ACCOUNTS
from scoro_smartaccounts.scoro.values import clean, record_id
from scoro_smartaccounts.smartaccounts.endpoints import BANK_ACCOUNTS, CASH_ACCOUNTS
from scoro_smartaccounts.smartaccounts.words import BANK, CASH
from scoro_smartaccounts.staging.answers import answers_to
from scoro_smartaccounts.staging.cases import OWN_CASES, DocumentState, document_states, open_with
from scoro_smartaccounts.staging.documents import load_documents
from scoro_smartaccounts.staging.intents import open_intents
from scoro_smartaccounts.staging.links import BookedDocument, Key, Kind, booked_documents, links_of, read_links
from scoro_smartaccounts.staging.mirror_documents import bookings_shown, days_of
from scoro_smartaccounts.staging.mirror_payments import (
    living_payments,
    settled_amounts,
    settled_lines,
    unlinked_payments_on,
)
from scoro_smartaccounts.staging.mirror_registers import living_partners
from scoro_smartaccounts.staging.readings import rate_is_foreign_per_euro
from scoro_smartaccounts.transform.payment import MoneyAccount

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from decimal import Decimal

    from sqlalchemy import Connection

    from scoro_smartaccounts.common.run import RunRequest
    from scoro_smartaccounts.matching.payments.matching import Matches
    from scoro_smartaccounts.services import Services

_MISS_AGE = timedelta(minutes=10)


def gather_facts(
    connection: Connection, request: RunRequest, services: Services, groups: Sequence[ReceiptGroup], matches: Matches
) -> PaymentFacts:
    """Gather what decides about groups that are not in the books."""
    company = request.company.key
    accounts, names = _accounts(connection, request, services), receipt_accounts(services)
    ids = [group.source_id for group in groups]
    keys = {key for group in groups for key in keys_of(group)}
    with connection.begin():
        documents, states = _documents(connection, company, keys)
        links = booked_documents(connection, company, keys)
        remote_ids = [booked.remote_id for booked in links.values()]
        settled = settled_amounts(connection, company, remote_ids)
        contacts = {item.partner_id for item in documents.values() if item.partner_id}
        contacts |= {group.partner_id for group in groups if group.partner_id}
        partners = {kind: read_links(connection, company, kind, contacts) for kind in (Kind.CLIENT, Kind.VENDOR)}
        known = {remote_id for linked in partners.values() for remote_id in linked.values()}
        facts = PaymentFacts(
            request=request,
            site=services.scoro.company_account_id,
            accounts=accounts,
            receipt_accounts=names,
            documents=documents,
            states=states,
            links=links,
            strangers=unlinked_payments_on(connection, company, remote_ids),
            orphans=orphans(connection, company),
            unread=unread_payments(connection, company),
            partners=partners,
            undecided={
                spec.partner_kind: undecided_partners(connection, company, spec, contacts)
                for spec in INVOICE_FLOWS.values()
            },
            prepaid=unlinked_prepayments(connection, company, known),
            answers=answers_to(connection, request, ids, POSSIBLE_DUPLICATE),
            refused=open_with(connection, company, Flow.PAYMENTS, ids, OWN_CASES),
            exports=_exports_in_doubt(connection, company),
            # A run that books nothing waits for nothing.
            in_doubt=records_in_doubt(connection, company, keys, contacts) if request.mode is Mode.IMPORT else set(),
            given_up=given_up_on(connection, company, groups),
            parts=_parts_booked(connection, company, ids),
            booked=booked_parts(connection, company),
            matches=matches,
            rate_is_foreign_per_euro=rate_is_foreign_per_euro(connection, company),
        )
    facts.links = _as_they_are_now(connection, services, company, documents, links)
    facts.merged = _merged_partners(connection, services, facts)
    for key, booked in facts.links.items():
        item, total = documents.get(key), booked.booking.total
        if total is None:
            total = ZERO if item is None else item.gross
        facts.totals[booked.remote_id] = abs(total)
        facts.outstanding[booked.remote_id] = abs(total) - settled.get(booked.remote_id, ZERO)
    return facts


def receipt_accounts(services: Services) -> dict[str, str]:
    """Return the names of Scoro's receipt accounts by id."""
    rows = services.scoro.list(RECEIPT_ACCOUNTS)
    return {record_id(row.get("id")) or "": clean(row.get("name")) for row in rows}


def _accounts(connection: Connection, request: RunRequest, services: Services) -> dict[tuple[str, str], MoneyAccount]:
    """SmartAccounts' bank and cash accounts; read anew where the company file names one that is not known."""
    policy, company = request.company.payments, request.company.key
    wanted = [(BANK, item.bank) if item.bank is not None else (CASH, item.cash or "") for item in policy.accounts]
    wanted += [(BANK, name) for name in policy.all_netting_accounts]
    for max_age in (SETTINGS_FRESH, _MISS_AGE):
        sync_settings(services, company, (BANK_ACCOUNTS, CASH_ACCOUNTS), max_age=max_age)
        with connection.begin():
            known = money_accounts(connection, company)
        if all(key in known for key in wanted):
            break
    base = request.company.base_currency
    return {(kind, name): MoneyAccount(kind, name, row.currency or base) for (kind, name), row in known.items()}


def _documents(
    connection: Connection, company: str, keys: Collection[Key]
) -> tuple[dict[Key, Document], dict[Key, DocumentState]]:
    documents: dict[Key, Document] = {}
    states: dict[Key, DocumentState] = {}
    for flow in {flow for flow, _ in keys}:
        ids = [source_id for other, source_id in keys if other is flow]
        documents |= {(flow, key): item for key, item in load_documents(connection, company, flow, ids).items()}
        states |= {(flow, key): state for key, state in document_states(connection, company, flow, ids).items()}
    return documents, states


def _exports_in_doubt(connection: Connection, company: str) -> set[tuple[str, str]]:
    """Documents, as module and Scoro's id, of which Scoro may hold a receipt that we sent and do not know of."""
    found = set()
    for row in open_intents(connection, company, Kind.RECEIPT):
        body = json.loads(row.payload)
        found |= {(str(body["sales_doc_type"]), str(item["invoice_id"])) for item in body["receipts"]}
    return found


def _parts_booked(connection: Connection, company: str, source_ids: Iterable[str]) -> dict[str, dict[str, Decimal]]:
    """Return what groups without a link of their own settle of documents by the parts of them that are linked."""
    groups: dict[str, list[str]] = defaultdict(list)
    for item in links_of(connection, company, Kind.PAYMENT, source_ids):
        groups[item.remote_id].append(item.source_id)
    found: dict[str, dict[str, Decimal]] = {}
    for line in settled_lines(connection, company, living_payments(connection, company, groups)):
        for group_id in groups[line.payment_id]:
            amounts = found.setdefault(group_id, {})
            amounts[line.document_remote_id] = amounts.get(line.document_remote_id, ZERO) + line.amount
    return found


def _as_they_are_now(
    connection: Connection,
    services: Services,
    company: str,
    documents: Mapping[Key, Document],
    links: Mapping[Key, BookedDocument],
) -> dict[Key, BookedDocument]:
    """Documents that were changed in Scoro after their import come to what SmartAccounts shows now: the report asks
    for the same change there. What they were booked with, where that is not known, is what it shows too: Scoro
    tells something else by now. One request a day of such documents that are paid."""
    found = dict(links)
    for spec in INVOICE_FLOWS.values():
        changed = {
            key: booked
            for key, booked in links.items()
            if key[0] is spec.flow and key in documents and booked.gone_at is None
            if booked.content_hash != documents[key].content_hash
            if booked.content_hash or not booked.booking.is_known
        }
        if not changed:
            continue
        remote_ids = [booked.remote_id for booked in changed.values()]
        with connection.begin():
            days = days_of(connection, company, spec.flow, remote_ids)
        read_days(services, company, spec, days | {documents[key].day for key in changed})
        with connection.begin():
            shown = bookings_shown(connection, company, spec.flow, remote_ids)
        for key, booked in changed.items():
            if (now := shown.get(booked.remote_id)) is not None:
                found[key] = replace(booked, booking=replace(booked.booking.completed(now), total=now.total))
    return found


def _merged_partners(connection: Connection, services: Services, facts: PaymentFacts) -> set[str]:
    """Clients and vendors that SmartAccounts does not have any more, of documents that are another contact's by now
    than they were booked on: somebody merged them there too. Asked for where there are such documents only."""
    company = facts.request.company.key
    found: set[str] = set()
    for spec in INVOICE_FLOWS.values():
        partners = facts.partners[spec.partner_kind]
        others = {
            client
            for (flow, source_id), booked in facts.links.items()
            if flow is spec.flow and (flow, source_id) in facts.documents
            if (client := booked.booking.partner_remote_id)
            if partners.get(facts.documents[flow, source_id].partner_id or "", client) != client
        }
        if others:
            sync_register(services, company, spec.partners, max_age=FRESH)
            with connection.begin():
                found |= others - living_partners(connection, company, spec.partner_kind, others)
    return found
