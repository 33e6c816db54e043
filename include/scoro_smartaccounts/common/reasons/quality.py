"""Reasons of the quality checks.

`{noun}` and `{partner}` are what the flow calls its documents and partners, in a form that is nominative and genitive.
"""

from __future__ import annotations

from scoro_smartaccounts.common.reasons.message import Entry, Severity, Step


def _error(key: str, field: str, en: str, et: str, *, system: str = "Scoro") -> Entry:
    return Entry(key, Step.CHECK, Severity.ERROR, en, et, field, system)


def _question(key: str, field: str, en: str, et: str, *, about: str = "") -> Entry:
    """Return an error unless a person says that it is none."""
    return Entry(key, Step.CHECK, Severity.ERROR, en, et, field, "Scoro", is_question=True, asks_about=about)


def _warning(key: str, field: str, en: str, et: str) -> Entry:
    return Entry(key, Step.CHECK, Severity.WARNING, en, et, field, "Scoro")


_INVOICES_AND_BILLS = (
    _error(
        "number_not_given",
        "no",
        "{document} has no number. Give it one in Scoro.",
        "{document}: number puudub. Sisesta see Scoros.",
    ),
    _error(
        "number_not_unique",
        "no",
        "{document} (Scoro id {source_id}) shares its number with the invoice of Scoro id {same_number_ids}."
        " Give one of them another number in Scoro, or delete or dismiss the one that is not meant.",
        "{document} (Scoro id {source_id}): sama number on ka arvel Scoro id-ga {same_number_ids}. Anna Scoros ühele"
        " neist teine number või kustuta või jäta kõrvale see, mida ei ole vaja.",
    ),
    _error(
        "number_not_unique.bill",
        "no",
        "{document} (Scoro id {source_id}) shares its number with the bill of Scoro id {same_number_ids} of the same"
        " vendor. Give one of them another number in Scoro, or delete or dismiss the one that is not meant.",
        "{document} (Scoro id {source_id}): sama hankija sama number on ka ostuarvel Scoro id-ga {same_number_ids}."
        " Anna Scoros ühele neist teine number või kustuta või jäta kõrvale see, mida ei ole vaja.",
    ),
    _error(
        "partner_not_named",
        "company_id",
        "{document} names no {partner}. Choose the {partner} in Scoro.",
        "{document}: {partner} on märkimata. Vali {partner} Scoros.",
    ),
    _error(
        "partner_not_found",
        "company_id",
        "{document}: contact {partner_id} is not in Scoro. Choose another {partner} on the {noun} in Scoro.",
        "{document}: kontakti {partner_id} ei ole Scoros. Ava {noun} Scoros ja vali teine {partner}.",
    ),
    _error(
        "partner_deleted",
        "company_id",
        "{document}: contact {partner_id} is deleted in Scoro. Restore it, or choose another {partner} on the {noun}.",
        "{document}: kontakt {partner_id} on Scoros kustutatud. Taasta see või ava {noun} ja vali teine {partner}.",
    ),
    _error(
        "partner_nameless",
        "name",
        "{document}: contact {partner_id} has no name. Give the contact a name in Scoro.",
        "{document}: kontaktil {partner_id} puudub nimi. Sisesta kontakti nimi Scoros.",
    ),
    _error(
        "day_not_plausible",
        "date",
        "{document} is dated {day}. Correct the date in Scoro: from 2000 on, and at most a year ahead, is possible.",
        "{document}: kuupäev {day} ei ole usutav. Paranda see Scoros: lubatud on aastast 2000 kuni ühe aastani"
        " tulevikus.",
    ),
    _error(
        "day_outside_run",
        "date",
        "{document} is dated {day}, which is outside the days of this run. Run the import for that day, or correct"
        " the date in Scoro.",
        "{document}: kuupäev {day} jääb väljapoole käivituse päevi. Käivita import selle päeva kohta või paranda"
        " kuupäev Scoros.",
    ),
    _error(
        "currency_malformed",
        "currency",
        "{document}: the currency is no code of three letters. Choose the currency in Scoro.",
        "{document}: valuuta ei ole kolmetäheline kood. Vali valuuta Scoros.",
    ),
    _error(
        "currency_rate_not_positive",
        "currency_rate",
        "{document}: the rate of {currency} is {currency_rate:amount}. Enter the rate of the {noun}'s day in Scoro.",
        "{document}: valuuta {currency} kurss on {currency_rate:amount}. Sisesta Scoros kurss, mis kehtis {noun}"
        " päeval.",
    ),
    _question(
        "foreign_rate_of_one",
        "currency_rate",
        "{document} is in {currency}, but its rate is exactly 1, as if a {currency} were a {base_currency}. Enter the"
        " rate of the {noun}'s day in Scoro; if the rate is right, retry.",
        "{document}: valuuta on {currency}, kuid kurss on täpselt 1, nagu oleks {currency} sama mis {base_currency}."
        " Sisesta Scoros kurss, mis kehtis {noun} päeval; kui kurss on õige, proovi uuesti.",
    ),
    _question(
        "rate_upside_down",
        "currency_rate",
        "{document}: the rate of {currency} is {currency_rate:amount}, other documents of these weeks"
        " ({usual_rate_uses}) have {usual_rate:amount}: it looks entered the other way round. Enter in Scoro what one"
        " {currency} is worth in {base_currency}; if the rate is right, retry.",
        "{document}: valuuta {currency} kurss on {currency_rate:amount}, nende nädalate teistel dokumentidel"
        " ({usual_rate_uses}) on see {usual_rate:amount}: kurss näib olevat tagurpidi. Sisesta Scoros, mitu"
        " {base_currency} on üks {currency}; kui kurss on õige, proovi uuesti.",
    ),
    _question(
        "rate_not_plausible",
        "currency_rate",
        "{document}: by its rate one {currency} is worth {currency_rate:amount} {base_currency}; hardly any currency is"
        " worth that much, so it looks entered the other way round. Enter in Scoro what one {currency} is worth in"
        " {base_currency}; if the rate is right, retry.",
        "{document}: kursi järgi on 1 {currency} väärt {currency_rate:amount} {base_currency}; nii palju ei ole peaaegu"
        " ükski valuuta väärt ja kurss näib olevat tagurpidi. Sisesta Scoros, mitu {base_currency} on üks {currency};"
        " kui kurss on õige, proovi uuesti.",
    ),
    _error(
        "base_currency_rate",
        "currency_rate",
        "{document} is in {currency}, the books' own currency, but its rate is {currency_rate:amount} instead of 1."
        " Correct the rate in Scoro.",
        "{document}: valuuta on {currency}, see on arvestusvaluuta, kuid kurss on {currency_rate:amount}, mitte 1."
        " Paranda kurss Scoros.",
    ),
    _error(
        "lines_not_given",
        "lines",
        "{document} has no lines with an amount. Add its lines in Scoro.",
        "{document}: summaga ridu ei ole. Lisa read Scoros.",
    ),
    _error(
        "lines_differ_from_net",
        "sum",
        "{document}: after discounts the lines add up to {net_of_lines:amount} {currency}, the {noun} says {net:amount}"
        " without VAT. Open the {noun} in Scoro, check lines and discounts and save it.",
        "{document}: pärast allahindlusi annavad read kokku {net_of_lines:amount} {currency}, {noun} summa käibemaksuta"
        " on {net:amount}. Ava {noun} Scoros, kontrolli ridu ja allahindlusi ning salvesta.",
    ),
    _error(
        "vat_percent_not_given",
        "vat",
        "{document}, line {position}: no VAT on the line or on the {noun}. Choose the VAT in Scoro.",
        "{document}, rida {position}: käibemaks puudub nii real kui ka mujal ({noun}). Vali käibemaks Scoros.",
    ),
    _error(
        "vat_percent_not_valid",
        "vat",
        "{document}, line {position}: VAT of {vat_percent:amount} % (Scoro's VAT code {vat_code}) is none that Estonian"
        " law knows. Choose the right VAT in Scoro; a foreign rate needs a rule with this percent and Scoro's VAT code"
        " as scoro_code under vat_codes in the company file.",
        "{document}, rida {position}: käibemaksumäära {vat_percent:amount} % (Scoro käibemaksukood {vat_code}) Eesti"
        " seadus ei tunne. Vali Scoros õige käibemaks; välisriigi määr vajab seadefailis vat_codes all reeglit, milles"
        " on see percent ja scoro_code.",
    ),
    _error(
        "vat_percent_not_yet",
        "vat",
        "{document}, line {position}: VAT of {vat_percent:amount} % begins on {vat_percent_from}, the day of supply is"
        " {supply_day}. Choose the right VAT or date in Scoro.",
        "{document}, rida {position}: käibemaks {vat_percent:amount} % kehtib alates {vat_percent_from}, tarne päev on"
        " {supply_day}. Vali Scoros õige käibemaks või kuupäev.",
    ),
    _error(
        "vat_differs_from_lines",
        "vat_sum",
        "{document}: by its lines the VAT is {vat_of_lines:amount} {currency}, the {noun} says {vat:amount}. Open the"
        " {noun} in Scoro, check the VAT and save it.",
        "{document}: ridade järgi on käibemaks {vat_of_lines:amount} {currency}, {noun} käibemaksusumma on"
        " {vat:amount}. Ava {noun} Scoros, kontrolli käibemaksu ja salvesta.",
    ),
    _error(
        "credit_names_no_base",
        "credited_invoices",
        "{document} has a negative total of {gross:amount} {currency} and credits no invoice. Make it a credit invoice"
        " of the invoice that it credits in Scoro.",
        "{document}: summa {gross:amount} {currency} on negatiivne, kuid ühtegi arvet ei krediteerita. Tee see Scoros"
        " selle arve kreeditarveks, mida see krediteerib.",
    ),
    _question(
        "credited_twice",
        "credited_invoices",
        "{document} of {gross:amount} {currency} credits {bases} as {equal_ones} did already. Delete the one that is"
        " too many in Scoro or dismiss it here; if both are meant, retry.",
        "{document} summas {gross:amount} {currency} krediteerib sama mis juba varem {equal_ones}: {bases}. Kustuta"
        " üleliigne Scoros või jäta see siin kõrvale; kui mõlemad on õiged, proovi uuesti.",
        about="equal_ones",
    ),
    _error(
        "stock_quantity_not_given",
        "lines.amount",
        "{document}, line {position}: quantity 0 of a stock product. Enter the quantity in Scoro.",
        "{document}, rida {position}: laotoote kogus on 0. Sisesta kogus Scoros.",
    ),
    _warning(
        "entered_twice",
        "no",
        "{document} is the same as {entered_too} in client, day, total of {gross:amount} {currency} and lines. If it"
        " was entered twice, delete one of them in Scoro.",
        "{document}: klient, päev, summa {gross:amount} {currency} ja read on samad, mis siin: {entered_too}. Kui arve"
        " on kaks korda sisestatud, kustuta üks Scoros.",
    ),
    _warning(
        "entered_twice.bill",
        "no",
        "{document} and {entered_too} of the same vendor are of one day and of {gross:amount} {currency}, and their"
        " numbers differ in spelling only. If it was entered twice, delete one of them in Scoro.",
        "{document} ja {entered_too}: sama hankija, sama päev, sama summa {gross:amount} {currency} ja number erineb"
        " ainult kirjapildilt. Kui ostuarve on kaks korda sisestatud, kustuta üks Scoros.",
    ),
    _warning(
        "number_of_other_year",
        "no",
        "{document} of {day} has the number of {of_other_years}. If the date is right, nothing has to be done;"
        " SmartAccounts may refuse a number that it has already: then give it another one in Scoro.",
        "{document} ({day}): sama number on ka siin: {of_other_years}. Kui kuupäev on õige, ei ole midagi vaja teha;"
        " SmartAccounts võib numbrist, mis seal juba on, keelduda: siis anna sellele Scoros teine number.",
    ),
    _warning(
        "number_of_other_year.bill",
        "no",
        "{document} of {day} has the number of {of_other_years} of the same vendor. If the date is right, nothing has"
        " to be done.",
        "{document} ({day}): samal hankijal on sama number ka siin: {of_other_years}. Kui kuupäev on õige, ei ole"
        " midagi vaja teha.",
    ),
    _warning(
        "number_in_series",
        "no",
        "{document}: it and the bills that were entered before or after it, of other vendors, have numbers one after"
        " another. They look like Scoro's own instead of the suppliers'. Compare the number with the paper.",
        "{document}: sellel ja enne või pärast seda sisestatud teiste hankijate arvetel on järjestikused numbrid. Need"
        " paistavad Scoro omad, mitte hankijate numbrid. Võrdle numbrit algdokumendiga.",
    ),
    _warning(
        "rate_far_from_others",
        "currency_rate",
        "{document}: the rate of {currency} is {currency_rate:amount}, other documents of these weeks"
        " ({usual_rate_uses}) have {usual_rate:amount}. Compare it with the rate of the {noun}'s day.",
        "{document}: valuuta {currency} kurss on {currency_rate:amount}, nende nädalate teistel dokumentidel"
        " ({usual_rate_uses}) on see {usual_rate:amount}. Võrdle seda kursiga, mis kehtis {noun} päeval.",
    ),
    _warning(
        "rate_far_from_year",
        "currency_rate",
        "{document}: the rate of {currency} is {currency_rate:amount}. No other document of these weeks has one; the"
        " nearest of the year ({usual_rate_uses}) have {usual_rate:amount}. Compare it with the rate of the {noun}'s"
        " day.",
        "{document}: valuuta {currency} kurss on {currency_rate:amount}. Nende nädalate teistel dokumentidel seda"
        " valuutat ei ole; aasta lähimatel ({usual_rate_uses}) on kurss {usual_rate:amount}. Võrdle seda kursiga, mis"
        " kehtis {noun} päeval.",
    ),
    _warning(
        "rate_not_compared",
        "currency_rate",
        "{document}: the rate of {currency} is {currency_rate:amount}. No document of a year in {currency} was there"
        " before this run, so it was held against none. Compare it with the rate of the {noun}'s day: it is what one"
        " {currency} is worth in {base_currency}.",
        "{document}: valuuta {currency} kurss on {currency_rate:amount}. Enne seda käivitust ei olnud ühtki sama aasta"
        " dokumenti, mille valuuta on {currency}, seega ei olnud kurssi millegagi võrrelda. Võrdle seda kursiga, mis"
        " kehtis {noun} päeval: see näitab, mitu {base_currency} on üks {currency}.",
    ),
    _warning(
        "vat_percent_ended",
        "vat",
        "{document}, line {position}: VAT of {vat_percent:amount} % was the law until {vat_percent_until}, the day of"
        " supply is {supply_day}. Right for what was supplied until then; otherwise choose the right VAT in Scoro.",
        "{document}, rida {position}: käibemaks {vat_percent:amount} % kehtis kuni {vat_percent_until}, arvestatud päev"
        " on {supply_day}. See on õige, kui kaup või teenus saadi selle ajani; muidu vali Scoros õige käibemaks.",
    ),
    _warning(
        "credited_too_much",
        "credited_invoices",
        "{document}: all credit invoices of {bases} come to {credited:amount} {currency}, more than its"
        " {base_gross:amount}. Check the credit invoices in Scoro.",
        "{document}: kõik kreeditarved ({bases}) annavad kokku {credited:amount} {currency}, arve summa on"
        " {base_gross:amount}. Kontrolli kreeditarveid Scoros.",
    ),
    _warning(
        "credited_beside_dismissed",
        "credited_invoices",
        "{document}: {dismissed} credits the same and was dismissed here. If it was booked in SmartAccounts by hand,"
        " all credit invoices of {bases} come to {credited_in_all:amount} {currency}, of its {base_gross:amount}: check"
        " there that nothing is credited twice.",
        "{document}: siin kõrvale jäetud {dismissed} krediteerib sama. Kui see kanti SmartAccountsi käsitsi, annavad"
        " kõik kreeditarved ({bases}) kokku {credited_in_all:amount} {currency}, arve summa on {base_gross:amount}:"
        " kontrolli SmartAccountsis, et midagi ei krediteerita kaks korda.",
    ),
    _warning(
        "credit_currency_differs",
        "currency",
        "{document} is in {currency}, what it credits in {base_currencies} ({bases}). Check the currency in Scoro.",
        "{document}: valuuta on {currency}, krediteeritaval arvel {base_currencies} ({bases}). Kontrolli valuutat"
        " Scoros.",
    ),
    _warning(
        "credit_rate_differs",
        "currency_rate",
        "{document}: the rate of {currency} is {currency_rate:amount}, that of what it credits {base_rates:amount}"
        " ({bases}). A credit invoice takes the rate of its invoice: compare them in Scoro.",
        "{document}: valuuta {currency} kurss on {currency_rate:amount}, krediteeritaval arvel {base_rates:amount}"
        " ({bases}). Kreeditarvel on sama kurss mis arvel: võrdle neid Scoros.",
    ),
    _warning(
        "due_day_before_day",
        "deadline",
        "{document} is dated {day} and due on {due_day}, which is earlier. Check both dates in Scoro.",
        "{document}: kuupäev on {day}, maksetähtaeg {due_day} on varasem. Kontrolli mõlemat Scoros.",
    ),
    _warning(
        "credit_base_not_staged",
        "credited_invoices",
        "{document} credits the invoice of Scoro id {unknown_base_ids}, which is not imported yet. It waits for it.",
        "{document}: krediteeritavat arvet Scoro id-ga {unknown_base_ids} ei ole veel imporditud. Kreeditarve ootab"
        " seda.",
    ),
    _warning(
        "vat_rounded_by_supplier",
        "vat_sum",
        "{document}: by its lines the VAT is {vat_of_lines:amount} {currency}, the bill says {vat:amount}. The"
        " supplier's cents are booked; compare them with the paper.",
        "{document}: ridade järgi on käibemaks {vat_of_lines:amount} {currency}, ostuarve järgi {vat:amount}. Kirja"
        " lähevad hankija sendid; võrdle neid paberiga.",
    ),
    _warning(
        "line_differs_from_price",
        "lines.sum",
        "{document}, line {position}: price {price:amount} times quantity {quantity:amount} less discount is"
        " {net_of_price:amount}, the line says {net:amount} {currency}. Check the line in Scoro.",
        "{document}, rida {position}: hind {price:amount} korda kogus {quantity:amount} miinus allahindlus on"
        " {net_of_price:amount}, rea summa on {net:amount} {currency}. Kontrolli rida Scoros.",
    ),
    _warning(
        "reference_number_malformed",
        "reference_no",
        "{document}: the reference number has a wrong check digit or length. Banks will refuse it; check it in Scoro.",
        "{document}: viitenumbri kontrolljärk või pikkus on vale; pank ei võta seda vastu. Kontrolli viitenumbrit"
        " Scoros.",
    ),
    _warning(
        "registry_code_malformed",
        "id_code",
        "{document}: the registry code of contact {partner_id} is no Estonian registry code. Check it in Scoro.",
        "{document}: kontakti {partner_id} registrikood ei ole Eesti registrikood. Kontrolli seda Scoros.",
    ),
    _warning(
        "vat_number_malformed",
        "vatno",
        "{document}: the VAT number of contact {partner_id} is not a valid one. Check it in Scoro.",
        "{document}: kontakti {partner_id} KMKR number ei ole õige. Kontrolli seda Scoros.",
    ),
    _warning(
        "country_not_known",
        "addresses.country",
        "{document}: what stands as the country of contact {partner_id} names none; it counts as not given. Write the"
        " country in Scoro by its name in Estonian or English, or by its code.",
        "{document}: kontakti {partner_id} riigi väljal ei ole riigi nimi ega kood; riik loetakse märkimata olevaks."
        " Kirjuta riik Scorosse eesti- või ingliskeelse nimega või koodiga.",
    ),
)

RECEIPTS = (
    _error(
        "day_not_plausible.payment",
        "date",
        "{document}: the date is not possible. Correct it in Scoro: from 2000 on, and at most a year ahead.",
        "{document}: kuupäev ei ole usutav. Paranda see Scoros: lubatud on aastast 2000 kuni ühe aastani tulevikus.",
    ),
    _error(
        "day_outside_run.payment",
        "date",
        "{document} is dated outside the days of this run. Run the import for that day, or correct the date in Scoro.",
        "{document}: kuupäev jääb väljapoole käivituse päevi. Käivita import selle päeva kohta või paranda kuupäev"
        " Scoros.",
    ),
    _error(
        "rows_not_given",
        "receipts",
        "{document} has no rows: nothing tells what it pays. Choose its documents in Scoro, or delete it.",
        "{document}: ridu ei ole, seega ei ole teada, mille eest see on. Vali Scoros arved või kustuta makse.",
    ),
    _error(
        "row_names_nothing",
        "receipts.invoice_id",
        "{document}, row {position}: {amount:amount} {currency} for no document. Choose the document in Scoro, or"
        " delete the row.",
        "{document}, rida {position}: {amount:amount} {currency} ei ole ühegi arve eest. Vali Scoros arve või kustuta"
        " rida.",
    ),
    _error(
        "row_of_zero",
        "receipts.sum",
        "{document}, row {position}: the amount is 0. Enter the amount in Scoro, or delete the row.",
        "{document}, rida {position}: summa on 0. Sisesta Scoros summa või kustuta rida.",
    ),
    _error(
        "total_differs_from_rows",
        "sum",
        "{document}: its rows add up to {total_of_rows:amount} {currency}, the payment says {total:amount}. Correct one"
        " of them in Scoro.",
        "{document}: read annavad kokku {total_of_rows:amount} {currency}, makse summa on {total:amount}. Paranda üks"
        " neist Scoros.",
    ),
    _error(
        "payer_not_named",
        "contact_id",
        "{document} is for a prepayment invoice and names no contact. Choose the contact in Scoro.",
        "{document}: makse on ettemaksuarve eest, kuid kontakti ei ole märgitud. Vali kontakt Scoros.",
    ),
    _warning(
        "total_cents_off",
        "sum",
        "{document}: its rows add up to {total_of_rows:amount} {currency}, the payment says {total:amount}. The rows"
        " are booked; compare them with the bank or the till.",
        "{document}: read annavad kokku {total_of_rows:amount} {currency}, makse summa on {total:amount}. Kirja lähevad"
        " read; võrdle neid panga või kassaga.",
    ),
    _warning(
        "contact_not_named",
        "contact_id",
        "{document} names no contact. That of its documents is taken.",
        "{document}: kontakti ei ole märgitud. Võetakse makse arvete kontakt.",
    ),
    _warning(
        "document_named_twice",
        "receipts",
        "{document} has several rows for {repeated}. They are booked together; look whether one is too many.",
        "{document}: mitu rida on sama dokumendi eest ({repeated}). Need kantakse kokku; vaata, kas üks on üleliigne.",
    ),
)

EXPORT = (
    _error(
        "day_not_plausible.export",
        "date",
        "{document}: the date is not possible. Correct it in SmartAccounts: from 2000 on, and at most a year ahead.",
        "{document}: kuupäev ei ole usutav. Paranda see SmartAccountsis: lubatud on aastast 2000 kuni ühe aastani"
        " tulevikus.",
        system="SmartAccounts",
    ),
    _error(
        "currency_malformed.export",
        "currency",
        "{document}: the currency is no code of three letters. Choose the currency in SmartAccounts.",
        "{document}: valuuta ei ole kolmetäheline kood. Vali valuuta SmartAccountsis.",
        system="SmartAccounts",
    ),
    _error(
        "amount_not_positive",
        "amount",
        "{document} is of {total:amount} {currency}; only an amount above 0 goes to Scoro. Correct it in SmartAccounts,"
        " or enter it in Scoro by hand and dismiss it here.",
        "{document}: summa on {total:amount} {currency}; Scorosse läheb ainult nullist suurem summa. Paranda see"
        " SmartAccountsis või sisesta makse Scorosse käsitsi ja jäta see siin kõrvale.",
        system="SmartAccounts",
    ),
    _error(
        "row_not_positive",
        "rows.amount",
        "{document}, row {position}: {amount:amount} {currency}; only an amount above 0 goes to Scoro. Correct it in"
        " SmartAccounts, or enter it in Scoro by hand and dismiss it here.",
        "{document}, rida {position}: {amount:amount} {currency}; Scorosse läheb ainult nullist suurem summa. Paranda"
        " see SmartAccountsis või sisesta makse Scorosse käsitsi ja jäta see siin kõrvale.",
        system="SmartAccounts",
    ),
)

ENTRIES: tuple[Entry, ...] = (*_INVOICES_AND_BILLS, *RECEIPTS, *EXPORT)
