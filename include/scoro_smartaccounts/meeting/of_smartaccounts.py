"""The assumptions about SmartAccounts that its own records can tell about. Their rows stand in docs/assumptions.md."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.kinds import OF_RATE, DocumentKind
from scoro_smartaccounts.meeting import judge_amounts as amounts
from scoro_smartaccounts.meeting import judge_ledger as ledger
from scoro_smartaccounts.meeting import judge_lists as lists
from scoro_smartaccounts.meeting.assumption import Assumption, Follows

if TYPE_CHECKING:
    from scoro_smartaccounts.meeting.seen import Seen

READ_SO, HELD, TOLD = Follows.READ_SO, Follows.HELD, Follows.TOLD
_Row: type[Assumption[Seen]] = Assumption

VAT_ROUNDING, EXCHANGE_RATE, PAYMENT_SIGNS, ENTRY_LINK = (
    "vat_rounding",
    "exchange_rate",
    "payment_signs",
    "entry_link",
)

_OF_AMOUNTS = (
    _Row(
        VAT_ROUNDING,
        "Käibemaks ümardatakse rea kaupa ja liidetakse siis",
        "VAT is rounded per row, then added",
        amounts.vat_rounding,
        READ_SO,
    ),
    _Row(
        EXCHANGE_RATE,
        "exchangeRate on välisvaluuta ühikuid ühe euro kohta",
        "exchangeRate is foreign units for one euro",
        ledger.exchange_rate,
        READ_SO,
    ),
    _Row(
        PAYMENT_SIGNS,
        "Maksete read on ilma märgita",
        "Rows of payments are shown as magnitudes",
        amounts.payment_signs,
        READ_SO,
    ),
    _Row(
        "row_vat",
        "Rea väli vat on summa",
        "vat of a row is an amount",
        amounts.row_vat,
    ),
    _Row(
        "credit_sign",
        "Kreeditarve summad on miinusega",
        "Sums of credit invoices are shown negative",
        amounts.credit_sign,
    ),
    _Row(
        "declared_vat",
        "Pöördkäibemaksu ei ole ostuarve käibemaksu summas",
        "VAT of reverse charge is not in the bill's VAT",
        amounts.declared_vat,
        TOLD,
    ),
    _Row(
        "reverse_percent",
        "Pöördkäibemaksu koodil on ostja deklareeritav protsent",
        "A code of reverse charge has the percentage that the buyer declares",
        amounts.reverse_percent,
        TOLD,
    ),
    _Row(
        "negative_bills",
        "Hankija kreeditarve on miinusega ostuarve",
        "What a supplier takes back is a bill with a negative total",
        amounts.negative_bills,
        TOLD,
    ),
    _Row(
        "own_codes",
        "Kasutusel on süsteemi käibemaksukoodid, mis jõuavad deklaratsioonile",
        "The VAT codes in use are the system's, which reach the VAT return",
        amounts.own_codes,
        TOLD,
    ),
    _Row(
        "netting_balance",
        "Tasaarvelduskontol on tasaarveldatu kokku null",
        "On a netting account what is settled adds up to nothing",
        amounts.netting_balance,
    ),
    _Row(
        "mixed_rows",
        "Tavalise konto makse ei sisalda nii makstavat kui tagasi saadavat",
        "A payment of an ordinary account does not both pay and take",
        amounts.mixed_rows,
    ),
    _Row(
        "netting_currency",
        "Üks tasaarvelduskonto võtab kõiki valuutasid",
        "One netting account takes documents of any currency",
        amounts.netting_currency,
        TOLD,
    ),
    _Row(
        "open_sums",
        "Avatud on arve summa, millest on tasutu maha võetud",
        "What is open of a document is its total less what was paid",
        amounts.open_sums,
        TOLD,
    ),
)

_OF_LEDGER = (
    _Row("entries_right", "Kandeid tohib lugeda", "Entries may be read", ledger.right, TOLD),
    _Row(
        ENTRY_LINK,
        "Kanne nimetab oma dokumendi",
        "An entry names its document",
        ledger.link,
        READ_SO,
    ),
    _Row(
        "entry_amounts",
        "Kande deebet ja kreedit on eurodes",
        "An entry's debit and credit are euros",
        ledger.entry_amounts,
        HELD,
        tuple(sorted(OF_RATE)),
    ),
    _Row(
        "entry_euro_originals",
        "Eurodes kandel ei ole algse valuuta summasid",
        "Entries in euros have no amounts of an original currency",
        ledger.euro_originals,
    ),
    _Row("entry_numbers", "Kannete numbrid on järjest", "Numbers of entries follow their days", ledger.numbers),
    _Row(
        "entries_by_day",
        "Kandeid saab küsida päeva järgi",
        "Entries can be asked for by their day",
        ledger.by_day,
        TOLD,
    ),
    _Row(
        "entries_changed",
        "Muudatuste päring näitab hiljem salvestatud kandeid",
        "A change query of entries shows those saved since",
        ledger.changed,
    ),
    _Row(
        "deleted_of_entries",
        "Kannete muudatuste päring nimetab kustutatud",
        "Change queries of entries name deleted ones",
        lists.tells_deleted("M8/changed"),
    ),
    _Row(
        "posted_vat",
        "Arve käibemaks on koodi kontol",
        "An invoice's VAT stands on the account of its code",
        ledger.posted_vat,
        TOLD,
    ),
    _Row(
        "named_accounts",
        "Seaded nimetavad käibemaksukoodide, pankade ja kassade kontod",
        "The settings name the accounts of VAT codes, bank and cash accounts",
        ledger.named_accounts,
        TOLD,
    ),
    _Row(
        "credit_sides",
        "Kreeditarve kandel on pooled vahetuses",
        "A credit invoice is booked with both sides swapped",
        ledger.credit_sides,
        HELD,
        (DocumentKind.CREDIT_INVOICE,),
    ),
    _Row(
        "supplier_payment_side",
        "Makse hankijale on rahakonto kreeditis",
        "A payment to a supplier is a credit on the money account",
        ledger.supplier_payments,
        HELD,
        (DocumentKind.SUPPLIER_PAYMENT,),
    ),
    _Row(
        "refund_side",
        "Tagasimakse kliendile on rahakonto kreeditis",
        "A refund to a client is a credit on the money account",
        ledger.refunds,
        HELD,
        (DocumentKind.REFUND, DocumentKind.SUPPLIER_REFUND),
    ),
    _Row(
        "rounding_side",
        "Sularaha positiivne ümardus on rohkem raha",
        "Positive rounding of cash is more money",
        ledger.rounding_side,
        HELD,
        (DocumentKind.CASH_ROUNDING, DocumentKind.SUPPLIER_CASH_ROUNDING),
    ),
    _Row(
        "reverse_charge_computed",
        "Arvutatud pöördkäibemaks on koodi mõlemal kontol",
        "Reverse charge that is computed stands on both VAT accounts of its code",
        ledger.reverse_charge(computed=True),
        HELD,
        (DocumentKind.REVERSE_CHARGE,),
    ),
    _Row(
        "reverse_charge_on_paper",
        "Arvel antud pöördkäibemaks on koodi mõlemal kontol",
        "Reverse charge by the paper stands on both VAT accounts of its code",
        ledger.reverse_charge(computed=False),
        HELD,
        (DocumentKind.REVERSE_CHARGE_ON_PAPER,),
    ),
    _Row("vat_returns", "Käibedeklaratsioonid on kannetena näha", "VAT returns show as entries", ledger.returns),
    _Row("balances", "Kontode saldosid saab lugeda", "Account balances can be read", ledger.balances),
)

_OF_LISTS = (
    _Row(
        "last_day",
        "dateTo sisaldab oma päeva",
        "dateTo includes its day",
        lists.last_day,
    ),
    _Row(
        "changes_of_invoices",
        "Arvete muudatuste päring näitab muudetuid",
        "A change query of invoices shows what changed",
        lists.changes("M7/invoices", "M1/first"),
        TOLD,
    ),
    _Row(
        "deleted_of_invoices",
        "Arvete muudatuste päring nimetab kustutatud",
        "Change queries of invoices name deleted ones",
        lists.tells_deleted("M7/invoices"),
        TOLD,
    ),
    _Row(
        "changes_of_payments",
        "Maksete muudatuste päring näitab muudetuid",
        "A change query of payments shows what changed",
        lists.changes("M7/payments", "M4/suppliers"),
        TOLD,
    ),
    _Row(
        "payments_tell_changes",
        "Makse ütleb, millal seda muudeti",
        "Payments tell when they changed",
        lists.tells_changes,
    ),
    _Row(
        "changes_of_registers",
        "Klientide muudatuste päring näitab muudetuid",
        "A change query of clients shows what changed",
        lists.changes_of_registers,
        TOLD,
    ),
    _Row(
        "deleted_of_registers",
        "Klientide muudatuste päring nimetab kustutatud",
        "Change queries of clients name deleted ones",
        lists.tells_deleted("M14/first", "M14/changed"),
        TOLD,
    ),
    _Row(
        "payment_moves_invoice",
        "Makse muudab oma arve muutmise aega",
        "A payment moves when its invoice changed",
        lists.payment_moves_invoice,
    ),
    _Row(
        "number_filter",
        "Arve leitakse ka numbri osa järgi",
        "A filter by invoice number finds parts of numbers too",
        lists.part_of_number,
    ),
    _Row(
        "sales_numbers",
        "Müügiarve number on üks kord",
        "A sales invoice number stands once",
        lists.sales_numbers,
    ),
    _Row(
        "bill_numbers",
        "Hankija arvenumber võib korduda",
        "A vendor's number may be booked twice",
        lists.bill_numbers,
    ),
    _Row("list_keys", "Nimekirja nimi on loetav", "The list of a page is found by itself", lists.list_keys),
    _Row("empty_lists", "Tühjal nimekirjal on nimi", "An empty list has its key", lists.empty_lists),
    _Row("page_size", "Lehel on 100 kirjet", "A page holds 100 records", lists.page_size),
    _Row("order", "Nimekiri on kuupäeva järjekorras", "Lists come in the order of days", lists.order),
    _Row(
        "amount_form",
        "Summad tulevad arvudena",
        "Amounts come as numbers",
        lists.form("amount", "number"),
    ),
    _Row(
        "number_form",
        "Dokumentide numbrid tulevad tekstina",
        "Numbers of documents come as text",
        lists.form("number", "text"),
    ),
    _Row(
        "moment_form",
        "Ajahetkedes on sekundid",
        "Moments have seconds",
        lists.form("moment", "second"),
    ),
    _Row("date_header", "Vastuses on teenuse kellaaeg", "Answers tell the service's clock", lists.date_header),
    _Row("clock", "Teenuse kell on õige", "The service's clock is right", lists.clock),
    _Row("warehouse_ids", "Laol on id", "A warehouse has an id", lists.warehouse_ids),
    _Row(
        "movements",
        "Automaatsed laoliikumised on näha ainult küsimisel",
        "Movements of its own show where they are asked for only",
        lists.movements,
    ),
    _Row(
        "unpaid",
        "Tasumata arveid saab küsida ilma kuupäevata",
        "Unpaid invoices can be asked for without days",
        ledger.unpaid,
    ),
    _Row("sent_documents", "Saadetud arve ütleb seda", "A document that was sent says so", lists.sent),
    _Row("vendor_field", "Ostuarve nimetab hankija", "Bills name their vendor", lists.vendor_field),
    _Row(
        "comment_length",
        "Kommentaarid on terved",
        "Comments are not cut",
        lists.comments,
        TOLD,
    ),
    _Row("price_decimals", "Hinnal on kuni 6 kohta", "A price keeps 6 decimals", lists.prices, TOLD),
    _Row(
        "rate_decimals",
        "Kursil on kuni 6 kohta",
        "exchangeRate keeps the 6 decimals that are sent",
        lists.rates,
        TOLD,
    ),
)

ASSUMPTIONS: tuple[Assumption[Seen], ...] = (*_OF_AMOUNTS, *_OF_LEDGER, *_OF_LISTS)
