"""The words of the list: headings, verdicts, evidence, fields, in Estonian and in English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from scoro_smartaccounts.report.document import Direction, How, RowKind, Verdict
from scoro_smartaccounts.staging.links import Evidence

Language = Literal["et", "en"]
LANGUAGES: tuple[Language, ...] = ("et", "en")

_Words = Mapping[str, tuple[str, str]]


def word(table: _Words, key: str, language: Language) -> str:
    """Return the word of a table in a language; a key without one stands for itself."""
    estonian, english = table.get(key, (key, key))
    return estonian if language == "et" else english


SHEETS: _Words = {
    "documents": ("Dokumendid", "Documents"),
    "lines": ("Read", "Lines"),
    "totals": ("Kokkuvõte", "Totals"),
}

COLUMNS: _Words = {
    "verdict": ("Otsus", "Verdict"),
    "number": ("Number", "Number"),
    "day": ("Kuupäev", "Date"),
    "entry_day": ("Kande kuupäev", "Ledger date"),
    "partner": ("Partner", "Partner"),
    "contact": ("Scoro kontakt", "Scoro contact"),
    "partner_how": ("Partner SmartAccountsis", "Partner in SmartAccounts"),
    "line_count": ("Ridu", "Lines"),
    "net": ("Summa KM-ta", "Net"),
    "vat": ("Käibemaks", "VAT"),
    "rounding": ("Ümardus", "Rounding"),
    "total": ("Kokku", "Total"),
    "currency": ("Valuuta", "Currency"),
    "vat_codes": ("KM koodid", "VAT codes"),
    "creates": ("Luuakse", "Will be created"),
    "warnings": ("Hoiatused", "Warnings"),
    "why": ("Põhjus", "Why"),
    "details": ("Täpne teade (inglise keeles)", "Details"),
    "field": ("Mida parandada", "What to mend"),
    "system": ("Kus parandada", "Where to mend it"),
    "source_id": ("Scoro id", "Scoro id"),
    "direction": ("Suund", "Direction"),
    "account": ("Konto", "Account"),
    "pays": ("Mille eest", "For"),
    "prepayment": ("Sellest ettemaks", "Prepayment part"),
    "position": ("Rida", "Line"),
    "description": ("Kirjeldus", "Description"),
    "article": ("Artikkel", "Article"),
    "quantity": ("Kogus", "Quantity"),
    "price": ("Hind", "Price"),
    "discount": ("Allahindlus %", "Discount %"),
    "vat_code": ("KM kood", "VAT code"),
    "kind": ("Liik", "Kind"),
    "amount": ("Summa", "Amount"),
    "what": ("Mis", "What"),
    "documents": ("Dokumente", "Documents"),
}

VERDICTS: _Words = {
    Verdict.CREATE: ("luuakse", "create"),
    Verdict.CREATED: ("loodud", "created"),
    Verdict.ADOPTED: ("leitud SmartAccountsist ja seotud", "found in SmartAccounts and linked"),
    Verdict.ALREADY_THERE: ("juba SmartAccountsis", "already there"),
    Verdict.WAITING: ("ootab", "waiting"),
    Verdict.QUARANTINED: ("karantiinis", "in quarantine"),
    Verdict.IN_DOUBT: ("vastus teadmata", "in doubt"),
    Verdict.NOT_SENT: ("saatmata", "not sent"),
    Verdict.PLAN_CHANGED: ("muutus pärast kinnitamist", "changed after approval"),
    Verdict.DECLINED: ("tagasi lükatud", "declined"),
    Verdict.DELETED: ("Scoros kustutatud", "deleted in Scoro"),
    Verdict.DISMISSED: ("kõrvale jäetud", "dismissed"),
    Verdict.NOT_OURS: ("ei kuulu importimisele", "not ours"),
}

HOW: _Words = {
    How.NEW: ("uus, luuakse", "new, will be created"),
    How.LINKED: ("seotud", "linked"),
    How.AMBIGUOUS: ("sobib mitu, vajab otsust", "ambiguous, needs a decision"),
    How.UNKNOWN: ("selgitamata", "not known"),
}

# How a link between a contact and a client or vendor is known.
EVIDENCE: _Words = {
    Evidence.CREATED: ("loodud selle liidese kaudu", "created by this pipeline"),
    Evidence.FOUND_LATER: ("vastus kadus, leiti hiljem", "its answer was lost, found later"),
    Evidence.MARKER: ("liidese märge kommentaaris", "our mark in its comment"),
    Evidence.REGISTRY_CODE: ("sama registrikood", "same registry code"),
    Evidence.VAT_NUMBER: ("sama KMKR number", "same VAT number"),
    Evidence.ARTICLE_CODE: ("sama artiklikood", "same article code"),
    Evidence.ADOPTED: ("sama nimi ja sama dokument", "same name beside the same document"),
    Evidence.EXPORTED: ("saadetud Scorosse", "sent to Scoro"),
    Evidence.BANK_ACCOUNT: ("sama pangakonto", "same bank account"),
    Evidence.EMAIL: ("sama e-posti aadress", "same e-mail address"),
    Evidence.DECIDED: ("inimese otsus", "a person's decision"),
    Evidence.LINKED_SERVICE: ("liidetud teenuse id", "linked service id"),
}

DIRECTIONS: _Words = {
    Direction.RECEIVED: ("laekumine", "received"),
    Direction.PAID: ("tasumine", "paid"),
    Direction.NETTED: ("tasaarveldus", "netted"),
}

ROW_KINDS: _Words = {
    RowKind.DOCUMENT: ("arve", "document"),
    RowKind.PREPAYMENT: ("ettemaks", "prepayment"),
    RowKind.ROUNDING: ("sularaha ümardus", "cash rounding"),
}

CREATES: _Words = {
    "client": ("klient", "client"),
    "vendor": ("hankija", "vendor"),
    "article": ("artikkel", "article"),
    "clients": ("Uusi kliente", "New clients"),
    "vendors": ("Uusi hankijaid", "New vendors"),
    "articles": ("Uusi artikleid", "New articles"),
}

SYSTEMS: _Words = {
    "Scoro": ("Scoro", "Scoro"),
    "SmartAccounts": ("SmartAccounts", "SmartAccounts"),
    "company file": ("ettevõtte seadefail", "company file"),
}

# Fields of Scoro, of SmartAccounts and of the company file, as problems name them. Settings of the company file stand
# for themselves: that is how they are found there.
FIELDS: _Words = {
    "address.country": ("kliendi riik", "country of the client"),
    "amount": ("summa", "amount"),
    "code": ("toote kood", "code of the product"),
    "company_id": ("klient või hankija", "client or vendor"),
    "contact_id": ("kontakt", "contact"),
    "credited_invoices": ("krediteeritav arve", "credited invoice"),
    "currency": ("valuuta", "currency"),
    "currency_rate": ("valuutakurss", "currency rate"),
    "date": ("kuupäev", "date"),
    "deadline": ("maksetähtaeg", "due date"),
    "id_code": ("kontakti registrikood", "registry code of the contact"),
    "invoiceNumber": ("arve number", "invoice number"),
    "is_sent": ("saadetud", "sent"),
    "lines": ("read", "lines"),
    "lines.amount": ("rea kogus", "quantity of the line"),
    "lines.price": ("rea hind", "price of the line"),
    "lines.sum": ("rea summa", "sum of the line"),
    "name": ("kontakti nimi", "name of the contact"),
    "no": ("number", "number"),
    "product_id": ("rea toode", "product of the line"),
    "receipt_account_id": ("laekumiskonto", "receipt account"),
    "receipts": ("makse read", "rows of the payment"),
    "receipts.invoice_id": ("makse rea arve", "document of the row"),
    "receipts.sum": ("makse rea summa", "amount of the row"),
    "reference_no": ("viitenumber", "reference number"),
    "regCode, vatNumber": ("registrikood, KMKR number", "registry code, VAT number"),
    "rows.amount": ("makse rea summa", "amount of the row"),
    "sum": ("summa", "sum"),
    "tag": ("toote silt", "tag of the product"),
    "totalAmount": ("arve summa", "total"),
    "vat": ("rea käibemaks", "VAT of the line"),
    "vat_code": ("käibemaksukood", "VAT code"),
    "vat_sum": ("käibemaksusumma", "VAT sum"),
    "addresses.country": ("kontakti riik", "country of the contact"),
    "vatAmount": ("käibemaks", "VAT"),
    "vatNumber": ("kliendi KMKR number", "VAT number of the client"),
    "vatno": ("kontakti KMKR number", "VAT number of the contact"),
}
