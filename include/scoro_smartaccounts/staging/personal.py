"""What of each column of the staging database is personal, and what is left of it when a person is forgotten.

Every column has a rule: it is kept (ids, numbers, days, amounts, states, hashes: the books and their proofs), it is
personal and emptied, or a part of it stays. Of JSON only that stays which is named here: what a service adds is
forgotten without anybody having thought of it. `docs/decisions/personal_data.md` says why.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from scoro_smartaccounts.smartaccounts.marker import markers_of

# What stands in a sentence where something personal stood.
GONE = "…"

# Whether a text is to go. None: whatever is personal goes.
Hit = Callable[[str], bool] | None
Clear = Callable[[Any, Hit], Any]


@dataclass(frozen=True, slots=True)
class Rule:
    """What stays of a column's value: all of it (`clear` is None), or what `clear` leaves. `of_partners`: personal
    in rows of contacts, clients and vendors only."""

    clear: Clear | None = None
    of_partners: bool = False

    @property
    def is_kept(self) -> bool:
        """Is nothing of it ever forgotten?"""
        return self.clear is None


def _is_hit(value: str, hit: Hit) -> bool:
    return hit is None or hit(value)


def _text(value: Any, hit: Hit) -> Any:
    return "" if value is not None and _is_hit(str(value), hit) else value


def _set(names: str) -> frozenset[str]:
    return frozenset(names.split())


# JSON: records of both services, bodies that were sent, answers

# Fields of which everything stays. Whatever else a record has is personal, or nobody's proof.
_FACTS = _set(
    # Who and what, by id and state.
    "id contact_id contact_type company_id person_id client_profile_id is_client is_supplier is_deleted deleted_date"
    " created_date modified_date account_id status is_sent payment_type generation_type"
    # Scoro's documents.
    " no date deadline due_date recognition_date dateofpayment reference_no currency currency_rate discount discount2"
    " discount3 vat vat_code vat_code_id vat_sum sum tax_percentage tax_code tax_code_id tax_sum credited_invoices"
    " prepayment_id prepayment_sum prepayment_percent paid_sum"
    # Their lines.
    " lines product_id product_code price amount amount2 quantity additional_quantity unit finance_account_id"
    " finance_account_symbol finance_object_id finance_object_symbol accounting_object_id accounting_object_symbol"
    # Receipts.
    " receipts receipt_id invoice_id receipt_account_id sales_doc_type"
    # Bodies and answers of SmartAccounts.
    " number invoiceNumber invoiceId clientId vendorId paymentId date dueDate entryDate referenceNumber exchangeRate"
    " totalAmount vatAmount roundAmount type rows code vatPc accountSales accountPurchase account objectId warehouseId"
    " isCalculateVat baseForCreditInvoiceId document partnerType accountType accountName extras prepayment"
    " activeSales activePurchase priceSales pricePurchase"
    # What a link knows of its payment and of its predecessors, and the requests of a payment to Scoro.
    " payment replaced part request"
)
# Of these only what is within stays, never a text.
_CONTAINERS = frozenset({"lines", "rows", "receipts", "extras", "request"})
_COMMENT = "comment"


def _books(value: Any, hit: Hit) -> Any:
    if isinstance(value, list):
        return [_books(item, hit) for item in value]
    if not isinstance(value, Mapping):
        return value
    found = {}
    for name, item in value.items():
        if name == _COMMENT and isinstance(item, str) and _is_hit(item, hit):
            # Our marker tells a record's id; what else stands there is somebody's words.
            if hit is not None or markers_of(item):
                found[name] = markers_of(item)
        elif name in _FACTS and not (name in _CONTAINERS and isinstance(item, str)):
            found[name] = _books(item, hit)
        elif hit is not None:
            found[name] = _without(item, hit)
    return found


def _without(value: Any, hit: Callable[[str], bool]) -> Any:
    """Return the value with its texts emptied that are to go."""
    if isinstance(value, Mapping):
        return {name: _without(item, hit) for name, item in value.items()}
    if isinstance(value, list):
        return [_without(item, hit) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    return "" if hit(str(value)) else value


def _books_as_text(value: Any, hit: Hit) -> Any:
    """Bodies are kept as text: byte for byte, where nothing of them goes."""
    if not value:
        return value
    body = json.loads(value)
    left = _books(body, hit)
    return value if left == body else json.dumps(left, ensure_ascii=False, separators=(",", ":"))


# Reasons: the values of a sentence

# Values that are facts: of them texts stay. Those of all others go; the phrases within are looked at by themselves.
FACTS_TOLD = _set(
    "account accounts actual amount article articles base base_currencies base_currency base_day base_gross"
    " base_rates bases booked closed code computed contact count country credited credited_in_all currency"
    " currency_rate day days deletable differences dismissed document documents does due_day entered_too"
    " entry_day equal_ones error evidence expected field fields first found gross groups held here id ids kind"
    " kinds known last left letters limit lines linked mark month months net net_of_lines net_of_price noun"
    " now number of_other_years other paid part partner_id payment payments percent place planned policy"
    " position prepayments price product quantity reading receipt_account refused remedy repeated retried"
    " rounding rows same_number_ids second seen setting severity side source_id state sum supply_day symbol"
    " system taken_on there total total_of_rows twin type unknown_base_ids until usual_rate usual_rate_uses"
    " vat vat_code vat_of_lines vat_percent vat_percent_from vat_percent_until wanted warehouse"
)
# By the key of the words too: codes of persons and companies.
_CODES_OF_PARTNERS = frozenset({("registry_code_of", "code"), ("vat_number_of", "code")})


def _reason(value: Any, hit: Hit) -> Any:
    """Return a reason or phrase as it is stored, or a list of such."""
    if isinstance(value, list):
        return [_reason(item, hit) for item in value]
    if not isinstance(value, Mapping):
        return value
    key = value.get("key")
    values = {name: _told(key, name, item, hit) for name, item in (value.get("values") or {}).items()}
    return {"key": key, "values": values}


def _told(key: Any, name: str, value: Any, hit: Hit) -> Any:
    if isinstance(value, list):
        return [_told(key, name, item, hit) for item in value]
    if isinstance(value, Mapping):
        return _reason(value, hit)
    is_fact = name in FACTS_TOLD and (key, name) not in _CODES_OF_PARTNERS
    return value if is_fact or not value or not _is_hit(str(value), hit) else GONE


def _shown_plan(value: Any, hit: Hit) -> Any:
    """Return a plan as it was shown for approval (`approval.snapshot.PlanSnapshot`)."""
    clear: Mapping[str, Clear] = {
        "payload": _books_as_text,
        "new_partner": _books,
        "new_articles": _books,
        "warnings": _reason,
    }
    return {name: clear[name](item, hit) if name in clear else item for name, item in value.items()}


def _evidence(value: Any, hit: Hit) -> Any:
    """Evidence of a proposal: its words name codes, accounts and addresses."""
    return [
        {
            name: GONE if name not in ("kind", "score") and item and _is_hit(str(item), hit) else item
            for name, item in each.items()
        }
        for each in value
    ]


def _summary(value: Any, hit: Hit) -> Any:
    """Return the summary of a run: numbers stay; lists of sentences lose those that are to go."""
    if value is None:
        return None
    return {
        name: [line for line in item if not _is_hit(str(line), hit)] if isinstance(item, list) else item
        for name, item in value.items()
    }


# What is held for right of a client, vendor, article or VAT code that documents use
_CODES = _set("registry_code vat_number")
_FACTS_USED = _set("country is_left_out type percent account_sales account_purchase is_own")


def _basis(value: Any, hit: Hit) -> Any:
    found = {}
    # That there was no code goes too: one that shows later is compared with nothing.
    for name, item in value.items():
        if name in _CODES:
            found[name] = GONE if item is not None and _is_hit(str(item), hit) else item
        elif name in _FACTS_USED:
            found[name] = item
        elif hit is not None:
            found[name] = _without(item, hit)
    return found


def _columns(kept: str, **rules: Rule) -> Mapping[str, Rule]:
    return {**dict.fromkeys(kept.split(), KEPT), **rules}


KEPT = Rule()
PERSONAL = Rule(_text)
OF_PARTNERS = Rule(_text, of_partners=True)
BOOKS = Rule(_books)
BOOKS_AS_TEXT = Rule(_books_as_text)
REASON = Rule(_reason)

# Clients and vendors of SmartAccounts, and contacts of Scoro. The country decides about VAT; it tells nobody.
_WHO = dict.fromkeys(
    ("name", "registry_code", "vat_number", "bank_account", "email", "city", "street", "postal_code"), PERSONAL
)

# Every column of every table. A column without a rule fails a test.
RULES: Mapping[str, Mapping[str, Rule]] = {
    "raw_record": _columns(
        "company module source_id version first_seen_at run_key forgotten_at",
        # That of a contact is made of little else than personal values: whoever guesses them could try.
        fingerprint=OF_PARTNERS,
        payload=BOOKS,
    ),
    "document": _columns(
        "company flow source_id raw_version content_hash number day due_day partner_id currency currency_rate"
        " discount_1 discount_2 discount_3 net vat vat_percent vat_code vat_code_id reference_number credited_ids"
        " is_deleted is_missing is_sent created_at modified_at prepayment_ids prepayment_sum read_by staged_at",
        description=PERSONAL,
        problem=REASON,
    ),
    "document_line": _columns(
        "company flow source_id position is_heading product_id product_code quantity price discount net vat_percent"
        " vat_code vat_code_id line_id unit account cost_object",
        description=PERSONAL,
        product_name=PERSONAL,
    ),
    "payment_row": _columns("company flow source_id position document_flow document_id prepayment_id amount"),
    "contact": _columns(
        "company source_id raw_version is_person country is_client is_supplier is_deleted staged_at", **_WHO
    ),
    # Goods and services are nobody's.
    "product": _columns("company source_id raw_version code name is_stock excludes_discounts is_deleted staged_at"),
    "run": _columns(
        "company run_key flow kind mode date_from date_to started_at extracted_at checked_at planned_at loaded_at"
        " finished_at counts",
        summary=Rule(_summary),
    ),
    "run_document": _columns("company run_key flow source_id reason outcome", outcome_reason=REASON),
    "finding": _columns("company run_key flow source_id position code severity found_at", reason=REASON),
    "quarantine": _columns(
        "id company flow source_id content_hash code state choice run_key opened_at answered_at closed_at",
        reason=REASON,
        note=PERSONAL,
    ),
    "waiting": _columns("company flow source_id code not_before since", reason=REASON),
    "link": _columns(
        "company kind source_id source_part remote_id remote_part evidence content_hash number partner_source_id"
        " partner_remote_id currency currency_rate total entry_day run_key linked_at gone_at undone_at",
        detail=PERSONAL,
        answer=BOOKS,
    ),
    "plan": _columns(
        "company flow source_id payload_hash content_hash partner_source_id predicted run_key planned_at",
        payload=BOOKS_AS_TEXT,
        new_partner=BOOKS,
        new_articles=BOOKS,
        warnings=REASON,
    ),
    # Who approved is part of the proof, and goes with its age.
    "question": _columns(
        "id company flow run_key state asked_at alerted_at answered_at",
        answered_by=PERSONAL,
    ),
    "approval": _columns(
        "company flow source_id plan_hash state question_id planned_by planned_at asked_at decided_at",
        plan=Rule(_shown_plan),
        reason=REASON,
    ),
    "link_proposal": _columns(
        "company kind source_id remote_id confidence score decision run_key proposed_at decided_at",
        evidence=Rule(_evidence),
        decided_by=PERSONAL,
    ),
    "intent": _columns(
        "id company kind source_id part operation day content_hash signed_at state remote_id known_ids run_key"
        " written_at settled_at",
        # Of a client or vendor: its code, and a hash of little else than its name and address.
        natural_key=OF_PARTNERS,
        payload_hash=OF_PARTNERS,
        payload=BOOKS_AS_TEXT,
        note=PERSONAL,
    ),
    "client_register": _columns("company remote_id country marked_id is_left_out read_at", **_WHO),
    "vendor_register": _columns("company remote_id country marked_id is_left_out read_at", **_WHO),
    "article_register": _columns("company code description type read_at"),
    # The books' own settings, read anew every day.
    "setting_register": _columns("company service position payload"),
    "register_state": _columns("company register synced_to read_at"),
    "remote_document": _columns(
        "company flow remote_id number day partner_remote_id currency total is_credit net vat rounding currency_rate"
        " entry_day marked_id read_at",
        partner_name=PERSONAL,
    ),
    "remote_payment": _columns(
        "company remote_id number day partner_type partner_remote_id account_type account_name currency amount"
        " prepayment marked_id content_hash is_changed is_deleted read_at"
    ),
    "remote_payment_row": _columns("company remote_id position type document_remote_id amount"),
    # The names of the fields that changed, never their values.
    "later_change": _columns("company flow source_id content_hash kind fields run_key seen_at"),
    "period": _columns(
        "company month return_entry_id return_hash return_seen_at return_changed_at paid_seen_at said said_at",
        said_by=PERSONAL,
    ),
    "lock_bound": _columns("company locked_through refused_at open_from open_seen_at"),
    "assumption_state": _columns("company key reading evidence seen_at"),
    "first_of_kind": _columns("company kind flow source_id state changed_at", reason=REASON),
    "ledger_entry": _columns("company entry_id doc_type day number document currency read_at"),
    "ledger_row": _columns("company entry_id position account debit credit debit_original credit_original"),
    "ledger_check": _columns("company kind remote_id verdict entry_id posted is_named run_key checked_at"),
    "watermark": _columns("company flow swept_to"),
    "coverage": _columns("company flow day run_key covered_at"),
    "request": _columns("id company sent_at operation priority run_key"),
    "request_pause": _columns("company until"),
    # What the audit keeps: ids, codes, days and amounts, never a name or a text; of wages sums a day.
    "books_document": _columns(
        "company flow remote_id number accounting_number day due_day entry_day partner_remote_id is_credit currency"
        " currency_rate net vat rounding total outstanding account_unpaid marked_id created_at updated_at"
        " declared_at content fingerprint basis is_deleted seen_at"
    ),
    "books_document_line": _columns("company flow remote_id position article_code vat_code quantity net vat account"),
    "books_payment": _columns(
        "company remote_id number day partner_type partner_remote_id account_type account_name currency currency_rate"
        " amount eur_amount prepayment created_at updated_at content fingerprint basis is_deleted seen_at"
    ),
    "books_payment_row": _columns("company remote_id position type document_remote_id amount"),
    "books_entry": _columns(
        "company entry_id doc_type day number document currency amount content fingerprint basis document_flow"
        " document_remote_id document_fingerprint is_deleted seen_at"
    ),
    "books_entry_row": _columns("company entry_id position account debit credit debit_original credit_original"),
    "source_listing": _columns(
        "company module source_id number day currency currency_rate net vat paid partner_id credited_ids settles"
        " modified_at content fingerprint basis is_deleted seen_at"
    ),
    "ledger_base": _columns("company account reading base year is_guarded taken_at"),
    "ledger_balance": _columns("company asked_day account balance read_at"),
    "audit_mark": _columns(
        "company list read_to is_whole known_to canary_id canary_updated slice sweep_cursor detail changed_at"
    ),
    "audit_night": _columns(
        "company night state scoro_state requests_smartaccounts requests_scoro known_to evidence previous_hash hash"
        " opened_at reported_at"
    ),
    "used_record": _columns("company kind record_id held_since", basis=Rule(_basis)),
    "hunt": _columns("company list kind lo hi difference opened_at"),
    "control_total": _columns(
        "company month bridge flow currency vat_code measure night scoro books ledger causes unexplained"
    ),
    "control_cause": _columns(
        "company month position bridge flow currency vat_code measure cause source_id remote_id number amount",
        words=REASON,
    ),
    "control_page": _columns(
        "id company month night state is_clean content_hash figures_hash files previous_hash hash written_at"
        " reviewed_at",
        reviewed_by=PERSONAL,
    ),
    "drift": _columns(
        "id company system kind flow source_id remote_id before after amount currency evidence case_key state"
        " first_seen confirmed_at told_at closed_at",
        # Of a client or vendor: a hash of little else than its codes.
        after_hash=OF_PARTNERS,
        reason=REASON,
        accepted_by=PERSONAL,
        note=PERSONAL,
    ),
    "undo_plan": _columns(
        "id company run_key plan_hash state planned_at approved_at done_at",
        approved_by=PERSONAL,
    ),
    "undo_step": _columns(
        "company plan_id position kind flow source_id remote_id fingerprint undo_class after state signed_at"
        " settled_at",
        why=REASON,
    ),
    "notice": _columns("company kind about told_at held_back words path"),
    # The proof that something was forgotten.
    "forgotten": _columns(
        "id company before contact_ids client_ids vendor_ids counts kept_back forgotten_by started_at finished_at"
    ),
}
