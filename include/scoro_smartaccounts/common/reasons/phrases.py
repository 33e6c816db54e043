"""Words inside sentences that differ between the languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons import periods, registers, undo
from scoro_smartaccounts.common.reasons.message import Words
from scoro_smartaccounts.common.reasons.shortly import SHORTLY

if TYPE_CHECKING:
    from collections.abc import Mapping


# Places of a record that a warning is about.
_PLACES = {
    "contact_part": Words("contact {id}: {part}", "kontakt {id}: {part}"),
    "product_part": Words("product {id}: {part}", "toode {id}: {part}"),
    "name": Words("name", "nimi"),
    "reference_number": Words("reference number", "viitenumber"),
    "bank_account": Words("bank account", "pangakonto"),
    "email": Words("e-mail", "e-post"),
    "phone": Words("phone", "telefon"),
    "street": Words("street", "tänav"),
    "county": Words("county", "maakond"),
    "city": Words("city", "linn"),
    "postal_code": Words("postal code", "sihtnumber"),
    "country": Words("country", "riik"),
    "address1": Words("address", "aadress"),
    "address2": Words("second line of the address", "aadressi teine rida"),
    "unit": Words("unit", "ühik"),
}

# How the audit knows.
_AUDIT = {
    "shown_as_deleted": Words("it stands in the list of what was deleted", "see on kustutatute loendis"),
    "not_found_by_id": Words("it is not found by its id", "seda ei leita ID järgi"),
    "missing_in_count": Words("its list has become shorter", "selle loend on lühenenud"),
    "ledger_without_it": Words("the ledger's balances are without it", "pearaamatu saldod on ilma selleta"),
    "right_missing": Words("the right is missing", "õigus puudub"),
    "no_such_service": Words("the service was not found", "teenust ei leitud"),
    "no_answer": Words("no answer", "vastust ei tulnud"),
    "shown_as_changed": Words("it stands in the list of changes", "see on muudatuste loendis"),
    "remedy_credit": Words(
        "The month of {day} is closed: a credit invoice of the first open day takes it back.",
        "Kuupäeva {day} kuu on suletud: tagasi võtab selle kreeditarve esimesel avatud päeval.",
    ),
    "remedy_delete_or_credit": Words(
        "While its month is open and nothing is paid, deleting it in SmartAccounts makes both agree; once the month is"
        " declared, a credit invoice does.",
        "Kuni kuu on avatud ja midagi pole makstud, teeb pooled võrdseks kustutamine SmartAccountsis; deklareeritud"
        " kuus kreeditarve.",
    ),
    "remedy_again_or_credit": Words(
        "While its month is open and nothing is paid, deleting it in SmartAccounts and a retry make both agree; once"
        " the month is declared, a credit invoice and a new one do.",
        "Kuni kuu on avatud ja midagi pole makstud, teeb pooled võrdseks kustutamine SmartAccountsis ja uuesti"
        " proovimine; deklareeritud kuus kreeditarve ja uus arve.",
    ),
    "list_invoices": Words("sales invoices", "müügiarved"),
    "list_bills": Words("bills", "ostuarved"),
    "list_expenses": Words("expenses", "kulud"),
    "list_receipts": Words("receipts", "laekumised"),
    "list_sales_invoices": Words("sales invoices", "müügiarved"),
    "list_purchase_invoices": Words("bills", "ostuarved"),
    "list_payments": Words("payments", "maksed"),
    "list_entries": Words("ledger entries", "pearaamatu kanded"),
}

# What makes control totals differ.
_CAUSES = {
    "cause_waiting": Words("waits: {why}", "ootab: {why}"),
    "cause_quarantine": Words("in quarantine: {why}", "karantiinis: {why}"),
    "cause_amount_unknown": Words("{why}; its amount is not known", "{why}; selle summa ei ole teada"),
    "cause_dismissed": Words("decided not to import ({day})", "otsustati mitte importida ({day})"),
    "cause_declined": Words("dismissed in the approval ({day})", "jäeti kinnitamisel kõrvale ({day})"),
    "cause_day_not_imported": Words("this day was never imported", "selle päeva dokumente pole imporditud"),
    "cause_without_day": Words("has no date in Scoro", "Scoros puudub kuupäev"),
    "cause_before_first_import": Words("before the first import date", "enne esimest impordipäeva"),
    "cause_in_doubt": Words("the answer was lost, being checked", "saatmise vastus kadus, kontrollitakse"),
    "cause_source_changed": Words(
        "changed in Scoro after the import: {before:amount} → {after:amount}",
        "muudeti Scoros pärast importi: {before:amount} → {after:amount}",
    ),
    "cause_source_deleted": Words("deleted in Scoro after the import", "kustutati Scoros pärast importi"),
    "cause_books_changed": Words(
        "changed in SmartAccounts after the import: {before:amount} → {after:amount}",
        "muudeti SmartAccountsis pärast importi: {before:amount} → {after:amount}",
    ),
    "cause_books_deleted": Words(
        "deleted in SmartAccounts after the import", "kustutati SmartAccountsis pärast importi"
    ),
    "cause_rounding": Words(
        "rounding {amount:amount} (allowed: a cent a row)", "ümardus {amount:amount} (lubatud: sent rea kohta)"
    ),
    "cause_vat_code": Words(
        "VAT under another code: {before} → {after}", "käibemaks teise koodiga: {before} → {after}"
    ),
    "cause_rate": Words("the rate is not known, or another one", "valuutakurss ei ole teada või on teine"),
    "cause_other_period": Words(
        "entry month {booked:month}, document month {first:month}",
        "kande kuu {booked:month}, dokumendi kuu {first:month}",
    ),
    "cause_only_in_books": Words(
        "only in SmartAccounts (by hand or another connector)", "ainult SmartAccountsis (käsitsi või muu liides)"
    ),
    "cause_partner_joined": Words("several contacts of Scoro, one client", "mitu Scoro kontakti, üks klient"),
    "cause_prepayment": Words("money in advance, payment {number}", "ettemaks, makse {number}"),
    "cause_prepayment_drawn": Words(
        "money in advance was used for it, payment {number}", "selle tasumiseks kasutati ettemaksu, makse {number}"
    ),
    "cause_cash_rounding": Words("cash rounding", "sularaha ümardamine"),
    "cause_paid_in_books_only": Words(
        "payment {number} in SmartAccounts only", "makse {number} ainult SmartAccountsis"
    ),
    "cause_paid_in_scoro_only": Words(
        "payment {id} (Scoro id) in Scoro only: {why}", "makse {id} (Scoro id) ainult Scoros: {why}"
    ),
    "cause_payment_changed": Words(
        "payment {number} was changed in SmartAccounts", "makset {number} on SmartAccountsis muudetud"
    ),
    "cause_entry_edited": Words("the automatic entry was edited by hand", "automaatkannet on käsitsi muudetud"),
    "cause_manual_entry": Words("manual entry on account {account}", "käsitsi kanne kontol {account}"),
    "cause_payment_entry": Words(
        "entry of a payment or of other records on account {account}",
        "makse või muu toimingu kanne kontol {account}",
    ),
    "cause_stock_cost": Words("stock price recalculated", "laohinna ümberarvutus"),
    "cause_stock_quantity": Words(
        "quantity of {article}: {before:amount} booked, {after:amount} in SmartAccounts",
        "{article} kogus: kirja läks {before:amount}, SmartAccountsis on {after:amount}",
    ),
    "cause_not_guarded": Words(
        "the accounts of its VAT cannot be compared", "selle käibemaksu kontosid ei saa võrrelda"
    ),
    # What no cause names.
    "cause_unaccounted": Words(
        "nothing tells why it is not in SmartAccounts", "miski ei ütle, miks seda SmartAccountsis ei ole"
    ),
    "cause_not_seen": Words(
        "it is linked, and the nightly reading has not seen it", "see on seotud, aga öine lugemine pole seda näinud"
    ),
    "cause_other_than_planned": Words(
        "Scoro's amounts are not those that it was booked by", "Scoro summad ei ole need, millega see kirja läks"
    ),
    "cause_other_than_booked": Words(
        "SmartAccounts' amounts are not those that it was booked by, and no night told of a change",
        "SmartAccountsi summad ei ole need, millega see kirja läks, ja ükski öö muudatusest ei teatanud",
    ),
    "cause_other_than_paid": Words(
        "what is open differs, and no payment tells why", "tasumata summa erineb ja ükski makse ei ütle, miks"
    ),
    "cause_other_entry": Words(
        "its entry in the ledger has other amounts", "selle kandel pearaamatus on teised summad"
    ),
    "cause_no_entry": Words("it has no entry in the ledger", "sellel ei ole pearaamatus kannet"),
    "cause_contradicts_itself": Words(
        "its own figures contradict each other", "selle enda arvud on omavahel vastuolus"
    ),
    "cause_no_document": Words(
        "the invoice of this entry is not known: it is not among those that were read",
        "selle kande arvet ei tunta: seda ei ole loetute seas",
    ),
    "cause_not_told": Words("not told", "ütlemata"),
}

# Kinds of documents that an example proves, and parts of a posting.
_KINDS = {
    "kind_foreign_invoice": Words("invoice in another currency", "arve teises valuutas"),
    "kind_rated_invoice": Words("invoice in another currency with its rate", "arve teises valuutas oma kursiga"),
    "kind_rated_bill": Words("bill in another currency with its rate", "ostuarve teises valuutas oma kursiga"),
    "kind_reverse_charge_on_paper": Words(
        "bill with reverse charge and the VAT of its paper", "pöördmaksustamisega ostuarve paberil oleva käibemaksuga"
    ),
    "kind_supplier_refund": Words("refund of a supplier", "hankija tagasimakse"),
    "kind_supplier_netting": Words("netting with a supplier", "tasaarveldus hankijaga"),
    "kind_supplier_cash_rounding": Words("cash to a supplier with rounding", "hankijale makstud sularaha ümardusega"),
    "kind_rated_payment": Words("payment in another currency with its rate", "makse teises valuutas oma kursiga"),
    "kind_foreign_bill": Words("bill in another currency", "ostuarve teises valuutas"),
    "kind_reverse_charge": Words("bill with reverse charge", "pöördmaksustamisega ostuarve"),
    "kind_credit_invoice": Words("credit invoice", "kreeditarve"),
    "kind_supplier_payment": Words("payment to a supplier", "makse hankijale"),
    "kind_prepayment": Words("payment in advance", "ettemaks"),
    "kind_supplier_credit": Words("bill that gives money back", "hankija kreeditarve"),
    "kind_union_sale": Words("sale of 0 % to another member state", "ühendusesisene käive 0 %"),
    "kind_stock_sale": Words("sale of stock", "laokauba müük"),
    "kind_stock_purchase": Words("purchase of stock", "laokauba ost"),
    "kind_refund": Words("refund", "tagasimakse"),
    "kind_netting": Words("netting", "tasaarveldus"),
    "kind_cash_rounding": Words("cash with rounding", "sularaha ümardusega"),
    "kind_foreign_payment": Words("payment in another currency", "makse teises valuutas"),
    "posting_debt": Words("debt", "võlg"),
    "posting_vat": Words("VAT", "käibemaks"),
    "posting_declared": Words("VAT that the buyer declares", "ostja deklareeritav käibemaks"),
    "posting_money": Words("money", "raha"),
    "posting_original": Words("amount in {currency}", "summa valuutas {currency}"),
    "posting_row": Words("euros of a row at another rate", "teise kursiga rea eurod"),
    "posting_netted": Words("what is set off", "tasaarveldatud"),
    "posting_instead": Words(
        "{what} {there:amount} instead of {here:amount}", "{what} {there:amount}, mitte {here:amount}"
    ),
}

# Who a contact or product may be, and what speaks against it.
_PARTNERS = {
    "client_word": Words("client", "klient"),
    "vendor_word": Words("vendor", "hankija"),
    "client_named": Words("client {id} ({name})", "klient {id} ({name})"),
    "vendor_named": Words("vendor {id} ({name})", "hankija {id} ({name})"),
    "named": Words("{id} ({name})", "{id} ({name})"),
    "may_be": Words(
        "{ours} may be {theirs} {ids:or} of SmartAccounts", "{ours} võib olla SmartAccountsi {theirs} {ids:or}"
    ),
    "article_word": Words("article", "artikkel"),
    "registry_code": Words("registry code", "registrikood"),
    "registry_code_of": Words("registry code {code}", "registrikood {code}"),
    "vat_number": Words("VAT number", "KMKR number"),
    "vat_number_of": Words("VAT number {code}", "KMKR number {code}"),
    "some_code": Words("code", "kood"),
    "several_clients_marked": Words(
        "{count} clients have the same marker: {records}", "sama märgis on mitmel kliendil ({count}): {records}"
    ),
    "several_vendors_marked": Words(
        "{count} vendors have the same marker: {records}", "sama märgis on mitmel hankijal ({count}): {records}"
    ),
    "several_clients": Words(
        "{count} clients have the same {what:and}: {records}", "mitmel kliendil ({count}) on sama {what:and}: {records}"
    ),
    "several_vendors": Words(
        "{count} vendors have the same {what:and}: {records}",
        "mitmel hankijal ({count}) on sama {what:and}: {records}",
    ),
    "codes_of_different_clients": Words(
        "its registry code and its VAT number belong to different clients: {records}",
        "registrikood ja KMKR number kuuluvad eri klientidele: {records}",
    ),
    "codes_of_different_vendors": Words(
        "its registry code and its VAT number belong to different vendors: {records}",
        "registrikood ja KMKR number kuuluvad eri hankijatele: {records}",
    ),
    "names_it": Words("names it in its comment", "nimetab seda oma märkuses"),
    "has_same": Words("has the same {what:and}", "sama {what:and}"),
    "other_registry_code": Words("another registry code", "teine registrikood"),
    "other_registry_code_told": Words(
        "the registry code {theirs}, not {ours}", "registrikood on {theirs}, mitte {ours}"
    ),
    "other_vat_number": Words("another VAT number", "teine KMKR number"),
    "other_vat_number_told": Words("the VAT number {theirs}, not {ours}", "KMKR number on {theirs}, mitte {ours}"),
    "name_different": Words("quite another name", "hoopis teine nimi"),
    "name_part": Words("a name of which only a part agrees", "nimest langeb kokku ainult osa"),
    "name_fuzzy": Words("a name that is only similar", "nimi on ainult sarnane"),
    "name_close": Words("a name that is only nearly the same", "nimi on ainult peaaegu sama"),
    "other_form": Words("another company form", "teine ettevõtte vorm"),
    "other_country": Words("the country {theirs}, not {ours}", "riik on {theirs}, mitte {ours}"),
    "other_kind": Words("one of the two may be a private person", "üks kahest võib olla eraisik"),
    "contacts_have_it": Words(
        "contact {contacts} of Scoro has that code too", "sama kood on ka Scoro kontaktil {contacts}"
    ),
    "others_have_it": Words("others have that too", "sama on ka teistel"),
    "does_not_tell": Words("that alone does not tell who it is", "ainult see ei ütle, kes see on"),
}

# What imported documents use in SmartAccounts, and which fields of it are compared.
_USED = {
    "used_client": Words("client {id}", "klient {id}"),
    "used_vendor": Words("vendor {id}", "hankija {id}"),
    "used_article": Words("article {id}", "artikkel {id}"),
    "used_vat_code": Words("VAT code {id}", "käibemaksukood {id}"),
    "register_client": Words("clients", "kliendid"),
    "register_vendor": Words("vendors", "hankijad"),
    "register_article": Words("articles", "artiklid"),
    "register_vat_code": Words("VAT codes", "käibemaksukoodid"),
    "register_read": Words("{kind} ({day})", "{kind} ({day})"),
    "field_was": Words("{what} {before:amount} → {after:amount}", "{what} {before:amount} → {after:amount}"),
    "used_vat_number": Words("VAT number", "KMKR number"),
    "used_registry_code": Words("registry code", "registrikood"),
    "used_country": Words("country", "riik"),
    "used_is_left_out": Words("left out of the annex of the VAT return", "ära kanna KMD INF-le"),
    "used_type": Words("type", "tüüp"),
    "used_percent": Words("percent", "protsent"),
    "used_account_sales": Words("account of sales", "müügi konto"),
    "used_account_purchase": Words("account of purchases", "ostu konto"),
    "used_is_own": Words("made by the company itself", "ettevõtte enda kood"),
    "is_so": Words("yes", "jah"),
    "is_not_so": Words("no", "ei"),
}

# What differs between a document and what the books hold, and why a document is not there.
_IN_THE_BOOKS = {
    "number_instead": Words("number {there} instead of {here}", "number {there}, mitte {here}"),
    "date_instead": Words("date {there} instead of {here}", "kuupäev {there}, mitte {here}"),
    "currency_instead": Words("currency {there} instead of {here}", "valuuta {there}, mitte {here}"),
    "net_instead": Words(
        "net {there:amount} instead of {here:amount}", "käibemaksuta summa {there:amount}, mitte {here:amount}"
    ),
    "VAT_instead": Words(
        "VAT {there:amount} instead of {here:amount}", "käibemaks {there:amount}, mitte {here:amount}"
    ),
    "vat_instead": Words(
        "vat {there:amount} instead of {here:amount}", "käibemaks {there:amount}, mitte {here:amount}"
    ),
    "rounding_instead": Words(
        "rounding {there:amount} instead of {here:amount}", "ümardus {there:amount}, mitte {here:amount}"
    ),
    "total_instead": Words(
        "total {there:amount} instead of {here:amount}", "summa {there:amount}, mitte {here:amount}"
    ),
    "amount_instead": Words("{there:amount} instead of {here:amount}", "{there:amount}, mitte {here:amount}"),
    "credit_against_invoice": Words("credit invoice against invoice", "üks on kreeditarve, teine mitte"),
    "another_client": Words("another client", "teine klient"),
    "another_vendor": Words("another vendor", "teine hankija"),
    "invoice_word": Words("invoice", "arve"),
    "bill_word": Words("bill", "ostuarve"),
    "an_invoice": Words("an invoice", "arve"),
    "a_bill": Words("a bill", "ostuarve"),
    "several_equal": Words("several are equal", "mitu on ühesugused"),
    "of_day": Words("{document} of {day}", "{document} ({day})"),
    "without_a_reason": Words("without a reason", "põhjust ütlemata"),
    "no_code": Words("none", "puudub"),
    "was_deleted_there": Words("was deleted there", "kustutatud SmartAccountsis"),
    "no_records": Words("none", "mitte ühtegi"),
    "vat_of": Words(
        "VAT {percent:amount} % (Scoro code {code}) of {day}", "käibemaks {percent:amount} % (Scoro kood {code}, {day})"
    ),
    "open_end": Words("any day", "mis tahes päev"),
    "sales": Words("sales", "müügi"),
    "purchases": Words("purchases", "ostu"),
}

# What differs between an approved plan and the one of today.
_APPROVED = {
    "field": Words("{name}", "{name}"),
    "field_changed": Words("{name}: {before} → {after}", "{name}: {before} → {after}"),
    "no_value": Words("nothing", "puudub"),
    "the_body": Words("the body", "kogu sisu"),
    "order_of_fields": Words("the order of its fields", "väljade järjekord"),
    "more": Words("{count} more", "veel {count}"),
    "details_of_contact": Words("the details of contact {id}", "kontakti {id} andmed"),
    "details_of_article": Words("the details of article {code}", "artikli {code} andmed"),
    "contact_to_be_created": Words(
        "contact {id}: a record to be created in SmartAccounts instead of the one that was shown",
        "kontakt {id}: SmartAccountsis luuakse uus kirje, näidatud oli olemasolev",
    ),
    "contact_on_another": Words(
        "contact {id}: another record in SmartAccounts instead of the one that was shown",
        "kontakt {id}: SmartAccountsis teine kirje, mitte see, mida näidati",
    ),
    "contact_by_now": Words(
        "contact {id}: it is in SmartAccounts by now, and was to be created",
        "kontakt {id}: on nüüd SmartAccountsis olemas, kavas oli see luua",
    ),
    "article_gone": Words(
        "article {code}: it is not in SmartAccounts any more", "artikkel {code}: seda ei ole enam SmartAccountsis"
    ),
    "article_by_now": Words(
        "article {code}: it is in SmartAccounts by now, and was to be created",
        "artikkel {code}: on nüüd SmartAccountsis olemas, kavas oli see luua",
    ),
}

PHRASES: Mapping[str, Words] = {
    **SHORTLY,
    # Documents, as sentences name them.
    "invoice": Words("invoice {number}", "arve {number}"),
    "credit_invoice": Words("credit invoice {number}", "kreeditarve {number}"),
    "bill": Words("bill {number}", "ostuarve {number}"),
    "payment": Words("payment {number} of {day}", "makse {number} ({day})"),
    "payment_undated": Words("payment {number}", "makse {number}"),
    "invoice_by_id": Words("invoice with Scoro id {id}", "arve Scoro id-ga {id}"),
    "bill_by_id": Words("bill with Scoro id {id}", "ostuarve Scoro id-ga {id}"),
    # Records.
    "contact": Words("contact {id}", "kontakt {id}"),
    "contact_named": Words("contact {id} ({name})", "kontakt {id} ({name})"),
    "product": Words("product {id}", "toode {id}"),
    "client": Words("client {id}", "klient {id}"),
    "vendor": Words("vendor {id}", "hankija {id}"),
    "without_an_id": Words("without an id", "ilma id-ta"),
    "client_of_contact": Words(
        "its client (contact {id}, or one of the same codes)", "klient (kontakt {id} või sama koodiga kontakt)"
    ),
    "vendor_of_contact": Words(
        "its vendor (contact {id}, or one of the same codes)", "hankija (kontakt {id} või sama koodiga kontakt)"
    ),
    "article": Words("article {id}", "artikkel {id}"),
    "in_smartaccounts": Words("in SmartAccounts", "SmartAccountsis"),
    "in_scoro": Words("in Scoro", "Scoros"),
    "line": Words("line {position}", "rida {position}"),
    # Payments: why a document never comes, accounts, and what was changed after it was carried over.
    "document_which": Words("{document}, which {why}", "{document}, mis {why}"),
    "document_because": Words("{document} ({why})", "{document} ({why})"),
    "is_expense": Words(
        "is an expense, and the company file leaves expenses out", "on kulu ja kulud jätab seadefail välja"
    ),
    "is_not_in_scoro": Words("is not in Scoro", "ei ole Scoros"),
    "was_deleted": Words("was deleted in Scoro", "on Scoros kustutatud"),
    "is_before_first_import": Words(
        "is dated before the first import date {day}", "on varasem kui esimene imporditav päev {day}"
    ),
    "was_dismissed": Words("was dismissed", "on kõrvale jäetud"),
    "its_day": Words("its day", "selle päev"),
    "client_kind": Words("client", "klient"),
    "vendor_kind": Words("vendor", "hankija"),
    "bank_account_kind": Words("bank account", "pangakonto"),
    "cash_account_kind": Words("cash account", "kassakonto"),
    "account_by_id": Words("with id {id}", "id-ga {id}"),
    "none": Words("none", "mitte ühtegi"),
    "payment_of_amount": Words("{payment} ({amount:amount} {currency})", "{payment}, {amount:amount} {currency}"),
    "payment_by_scoro_id": Words("payment {id} (Scoro id)", "makse {id} (Scoro id)"),
    "its_payment": Words("its payment", "selle makse"),
    "after_import": Words("after the import", "pärast importi"),
    "after_export": Words("after the export", "pärast eksporti"),
    "other_day": Words("the day ({there} instead of {here})", "kuupäev ({there}, Scoros {here})"),
    "other_account": Words("the account ({there} instead of {here})", "konto ({there}, Scoros {here})"),
    "of_fields": Words(" ({fields})", " ({fields})"),
    "expense": Words("expense {number}", "kuludokument {number}"),
    "credit_invoice_by_id": Words("credit invoice with Scoro id {id}", "kreeditarve Scoro id-ga {id}"),
    "prepayment_by_id": Words("prepayment invoice with Scoro id {id}", "ettemaksuarve Scoro id-ga {id}"),
    "invoice_of_day": Words("invoice {number} of {day} (Scoro id {id})", "arve {number} ({day}, Scoro id {id})"),
    "bill_of_day": Words("bill {number} of {day} (Scoro id {id})", "ostuarve {number} ({day}, Scoro id {id})"),
    # Kinds: what sentences call any document or partner of a flow.
    "any_invoice": Words("invoice", "arve"),
    "any_bill": Words("bill", "ostuarve"),
    "any_client": Words("client", "klient"),
    "any_vendor": Words("vendor", "hankija"),
    # What stands in a field, and what belongs there.
    "nothing": Words("nothing", "tühi"),
    "true_or_false": Words("true or false", "jah või ei"),
    "a_number_out_of_bounds": Words("a number out of bounds", "liiga suur arv"),
    "other_text": Words("other text", "muu tekst"),
    "something_that_is_not_of_everyday_size": Words(
        "something that is not of everyday size", "midagi ebatavaliselt suurt"
    ),
    "a_text_of_letters": Words(
        "a text of {letters} {letters:letter|letters}", "tekst pikkusega {letters} {letters:täht|tähte}"
    ),
    "at_most_letters": Words("at most {letters} {letters:letter|letters}", "kuni {letters} {letters:täht|tähte}"),
    "unreadable_letters": Words("control characters or lost letters", "juhtmärgid või kaotsi läinud tähed"),
    "a_text": Words("a text", "tekst"),
    "yes_or_no": Words("yes or no", "jah või ei"),
    "a_list": Words("a list", "loend"),
    "an_object": Words("an object", "objekt"),
    "a_number": Words("a number", "arv"),
    "a_date": Words("a date", "kuupäev"),
    "an_amount_of_everyday_size": Words("an amount of everyday size", "tavalise suurusega summa"),
    "invoices_bills_or_expenses": Words("invoices, bills or expenses", "arved, ostuarved või kuludokumendid"),
    **_PLACES,
    **_KINDS,
    **_AUDIT,
    **_CAUSES,
    **_PARTNERS,
    **_USED,
    **_IN_THE_BOOKS,
    **_APPROVED,
    **registers.WORDS,
    **periods.WORDS,
    **undo.WORDS,
}
