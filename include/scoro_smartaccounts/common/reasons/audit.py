"""What differs between the systems since the import, and what a night of the audit could not tell."""

from __future__ import annotations

from scoro_smartaccounts.common.reasons.message import Entry, Severity, Step


def _drift(key: str, en: str, et: str, *, system: str = "SmartAccounts", field: str = "") -> Entry:
    return Entry(key, Step.AUDIT, Severity.WARNING, en, et, field, system)


def _note(key: str, en: str, et: str) -> Entry:
    return Entry(key, Step.AUDIT, Severity.NOTE, en, et)


_RIGHT_EN = "If that is right, accept it; otherwise change it back in SmartAccounts."
_RIGHT_ET = "Kui see on õige, kinnita; muidu muuda see SmartAccountsis tagasi."

ENTRIES: tuple[Entry, ...] = (
    _drift(
        "books_deleted",
        "{document} was deleted in SmartAccounts ({evidence}); Scoro still holds it. If that is right, accept it;"
        " otherwise run the import of {day} and answer its question with a retry, or put it in there by hand.",
        "{document} kustutati SmartAccountsis ({evidence}); Scoros on see alles. Kui see on õige, kinnita; muidu"
        " käivita {day} import ja vasta selle küsimusele „proovi uuesti“ või sisesta see seal käsitsi.",
    ),
    _drift(
        "books_replaced",
        "{document} was deleted in SmartAccounts and entered again; number, partner, day and total are equal. Accept"
        " it, and the new one stands for it.",
        "{document} kustutati SmartAccountsis ja sisestati uuesti; number, partner, kuupäev ja summa on samad. Kinnita,"
        " ja seos viiakse üle.",
    ),
    _drift(
        "books_amount",
        "{document}: {now:amount} in SmartAccounts now, {booked:amount} was booked. " + _RIGHT_EN,
        "{document}: SmartAccountsis on nüüd {now:amount}, kirja läks {booked:amount}. " + _RIGHT_ET,
        field="totalAmount",
    ),
    _drift(
        "books_vat",
        "{document}: its VAT is {now:amount} in SmartAccounts now, {booked:amount} was booked. " + _RIGHT_EN,
        "{document}: käibemaks on SmartAccountsis nüüd {now:amount}, kirja läks {booked:amount}. " + _RIGHT_ET,
    ),
    _drift(
        "books_date",
        "{document}: its days are {now} in SmartAccounts now, it was booked on {booked}; another month of entry is"
        " another VAT return. " + _RIGHT_EN,
        "{document}: kuupäevad on SmartAccountsis nüüd {now}, kirja läks {booked}; teine kande kuu on teine"
        " käibedeklaratsioon. " + _RIGHT_ET,
        field="date",
    ),
    _drift(
        "books_partner",
        "{document} is of the client or vendor {now} in SmartAccounts now, it was booked for {booked}. " + _RIGHT_EN,
        "{document}: klient või hankija on SmartAccountsis nüüd {now}, kirja läks {booked}. " + _RIGHT_ET,
    ),
    _drift(
        "books_number",
        "{document}: its number is {now} in SmartAccounts now, {booked} was booked. " + _RIGHT_EN,
        "{document}: number on SmartAccountsis nüüd {now}, kirja läks {booked}. " + _RIGHT_ET,
    ),
    _drift(
        "books_account",
        "{document} stands on the accounts {now} in SmartAccounts now, it was booked on {booked}. " + _RIGHT_EN,
        "{document}: kontod on SmartAccountsis nüüd {now}, kirja läks {booked}. " + _RIGHT_ET,
    ),
    _drift(
        "books_rows",
        "{document}: its rows have the articles {now} in SmartAccounts now, {booked} were booked. " + _RIGHT_EN,
        "{document}: ridade artiklid on SmartAccountsis nüüd {now}, kirja läks {booked}. " + _RIGHT_ET,
    ),
    _drift(
        "marker_lost",
        "{document}: the mark [Scoro …] is no longer in its comment in SmartAccounts. Nothing depends on it while it is"
        " linked: accept it.",
        "{document}: kommentaarist on SmartAccountsis kadunud märge [Scoro …]. Kuni seos on olemas, ei sõltu sellest"
        " midagi: kinnita.",
    ),
    _drift(
        "entry_edited",
        "{document}: its automatic entry was edited by hand in SmartAccounts (accounts {accounts}); whoever saves the"
        " document again undoes that. If it is right, accept it; otherwise save the document again there.",
        "{document}: automaatkannet on SmartAccountsis käsitsi muudetud (kontod {accounts}); dokumendi uuesti"
        " salvestamine võtab muudatuse tagasi. Kui see on õige, kinnita; muidu salvesta dokument seal uuesti.",
    ),
    _drift(
        "entry_stock",
        "{document}: the cost of what it sold was computed anew in SmartAccounts (accounts {accounts}). This is usual"
        " for stock: accept it.",
        "{document}: müüdud kauba omahind arvutati SmartAccountsis uuesti (kontod {accounts}). See on laoarvestuses"
        " tavaline: kinnita.",
    ),
    _drift(
        "payment_deleted",
        "{document} was deleted in SmartAccounts ({evidence}); it stands for a payment of Scoro. If that is right,"
        " accept it; otherwise put it in there by hand.",
        "{document} kustutati SmartAccountsis ({evidence}); see vastab Scoro laekumisele. Kui see on õige, kinnita;"
        " muidu sisesta see seal käsitsi.",
    ),
    _drift(
        "payment_changed",
        "{document}: {now:amount} in SmartAccounts now, {booked:amount} when it was linked. " + _RIGHT_EN,
        "{document}: SmartAccountsis on nüüd {now:amount}, sidumisel oli {booked:amount}. " + _RIGHT_ET,
    ),
    _drift(
        "ledger_differs",
        "The ledger differs from all entries that are known on the accounts {accounts} by {amount:amount} in all; the"
        " document is looked for, its day is between {first} and {last}. If you know what it is, accept it.",
        "Pearaamat erineb teadaolevatest kannetest kontodel {accounts} kokku {amount:amount}; dokumenti otsitakse,"
        " kuupäev on vahemikus {first}–{last}. Kui tead, mis see on, kinnita.",
    ),
    _drift(
        "ledger_differs.unnamed",
        "Since {first} the ledger differs from all entries that are known on the accounts {accounts} by {amount:amount}"
        " in all. The search for the document ended without a name: balances lead to {day}, and no entry of that day"
        " tells it. It begins again on {until}, or when the difference is another one. Look at these accounts in"
        " SmartAccounts' general ledger from that day on; if you know what it is, accept it.",
        "Alates {first} erineb pearaamat teadaolevatest kannetest kontodel {accounts} kokku {amount:amount}. Dokumendi"
        " otsing lõppes tulemuseta: saldod viivad päevani {day}, aga ükski selle päeva kanne seda ei seleta. Otsing"
        " algab uuesti {until} või kui vahe muutub. Vaata neid kontosid SmartAccountsi pearaamatus alates sellest"
        " päevast; kui tead, mis see on, kinnita.",
    ),
    _drift(
        "return_gone",
        "The VAT return of {month:month} was deleted in SmartAccounts: its entry is gone, and late documents are booked"
        " into that month without a question. If that is right, accept it; otherwise calculate and save the return"
        " again.",
        "{month:month_of} käibedeklaratsioon kustutati SmartAccountsis: selle kannet enam ei ole ja hilinenud"
        " dokumendid kantakse sellesse kuusse küsimata. Kui see on õige, kinnita; muidu arvuta ja salvesta"
        " deklaratsioon uuesti.",
    ),
    _drift(
        "partner_tax_data",
        "The {record} has other tax data in SmartAccounts than when imported documents first used it: {differences}."
        " The VAT return and its annex take its documents by that; {count} {count:was|were} imported. " + _RIGHT_EN,
        "{record}: maksuandmed on SmartAccountsis teised kui siis, kui imporditud dokumendid neid esimest korda"
        " kasutasid: {differences}. Käibedeklaratsioon ja selle lisa võtavad dokumente nende järgi; imporditud on"
        " {count}. " + _RIGHT_ET,
    ),
    _drift(
        "partner_gone",
        "The {record} was deleted in SmartAccounts; {count} {count:document|documents} of it {count:was|were} imported."
        " If that is right, accept it; otherwise put it in there again, change these documents to it, and accept that"
        " they have another one.",
        "{record} kustutati SmartAccountsis; imporditud dokumente on sellega {count}. Kui see on õige, kinnita; muidu"
        " sisesta see seal uuesti, muuda dokumentidel ja kinnita, et neil on teine.",
    ),
    _drift(
        "article_type",
        "The {record} is another one in SmartAccounts than when imported documents first used it: {differences}. By its"
        " type sales to other member states are declared as goods or services, and stock is kept; {count}"
        " {count:document|documents} with it {count:was|were} imported. " + _RIGHT_EN,
        "{record} on SmartAccountsis teine kui siis, kui imporditud dokumendid seda esimest korda kasutasid:"
        " {differences}. Tüübi järgi deklareeritakse müük teise liikmesriiki kauba või teenusena ja peetakse"
        " laoarvestust; imporditud dokumente on sellega {count}. " + _RIGHT_ET,
    ),
    _drift(
        "vat_code_changed",
        "The {record} is another one in SmartAccounts than when imported documents first used it: {differences};"
        " {count} {count:document|documents} with it {count:was|were} imported. " + _RIGHT_EN,
        "{record} on SmartAccountsis teine kui siis, kui imporditud dokumendid seda esimest korda kasutasid:"
        " {differences}; imporditud dokumente on sellega {count}. " + _RIGHT_ET,
    ),
    _drift(
        "vat_code_gone",
        "The {record} is not in SmartAccounts any more; {count} {count:document|documents} with it {count:was|were}"
        " imported. If that is right, accept it; otherwise change these documents to another VAT code there.",
        "{record} ei ole enam SmartAccountsis; imporditud dokumente on sellega {count}. Kui see on õige, kinnita; muidu"
        " muuda neil dokumentidel käibemaksukood teiseks.",
    ),
    _note(
        "registers_old",
        "Not read since the night before: {kinds}. What was changed there since then is told within four nights as a"
        " rule.",
        "Eelmisest ööst saadik lugemata: {kinds}. Mis seal sellest ajast muutus, sellest teatab üldjuhul üks järgmisest"
        " neljast ööst.",
    ),
    _note(
        "return_saved",
        "The VAT return of {month:month} was saved in SmartAccounts since the night before.",
        "{month:month_of} käibedeklaratsioon salvestati SmartAccountsis pärast eelmist ööd.",
    ),
    _note(
        "night_clean",
        "{count} {count:document|documents}, no difference; {accounts} {accounts:account|accounts} compared.",
        "{count} {count:dokument|dokumenti}, vahet ei ole; võrreldud {accounts} {accounts:konto|kontot}.",
    ),
    _note(
        "night_clean_first",
        "{count} {count:document|documents}, no difference. The balances of all accounts were read for the first time;"
        " from the next night on they are compared.",
        "{count} {count:dokument|dokumenti}, vahet ei ole. Kõigi kontode saldod loeti esimest korda; võrreldakse neid"
        " järgmisest ööst alates.",
    ),
    _note(
        "totals_unexplained",
        "The control totals hold {count} {count:difference|differences} that nothing explains. The pages of the months"
        " name {count:it|them}.",
        "Kontrollsummades on {count} {count:vahe|vahet}, mida miski ei selgita. Kuude lehed nimetavad"
        " {count:selle|need}.",
    ),
    _note(
        "totals_explained",
        "In {count} {count:month|months} the sides of the control totals differ, and each difference is explained. The"
        " pages of the months say why.",
        "Kontrollsummade pooled erinevad {count} kuul ja iga vahe on selgitatud. Kuude lehed ütlevad, miks.",
    ),
    _note(
        "night_blind",
        "SmartAccounts did not show what it must show ({kinds}). Nothing can be said of tonight; check the rights of"
        " the API user group.",
        "SmartAccounts ei näidanud midagi, mida peaks näitama ({kinds}). Täna ei saa midagi kinnitada; kontrolli API"
        " kasutajagrupi õigusi.",
    ),
    _note(
        "night_incomplete",
        "More changed than tonight's requests could read ({kinds}). Nothing can be said of the rest yet; the next night"
        " goes on.",
        "Muudatusi on rohkem, kui tänaste päringutega lugeda jõudis ({kinds}). Ülejäänu kohta ei saa veel midagi öelda;"
        " järgmine öö jätkab.",
    ),
    _note(
        "books_short",
        "SmartAccounts' list of {kinds} lacks {count} of the records that are known; the next nights find which"
        " {count:one|ones}.",
        "SmartAccountsi loendist ({kinds}) on puudu {count}"
        " {count:teadaolev kirje; milline|teadaolevat kirjet; millised}, leiavad järgmised ööd.",
    ),
    _note(
        "books_unreadable",
        "{count} {count:record|records} of SmartAccounts cannot be read: what changed in {count:it|them} is not known."
        " The log names {count:it|them}.",
        "{count} SmartAccountsi kirjet ei saa lugeda: mis {count:selles|neis} muutus, ei ole teada. {count:Selle|Need}"
        " nimetab sammu logi.",
    ),
    _note(
        "night_without_balances",
        "Balances of the accounts could not be compared ({why}): an edit that SmartAccounts tells nobody of stays"
        " unseen for weeks. The API user group needs the right General ledger.",
        "Kontode saldosid ei saanud võrrelda ({why}): muudatus, mida SmartAccounts ei näita, jääb nädalateks"
        " märkamata. API kasutajagrupp vajab õigust Pearaamat.",
    ),
    _note(
        "night_of_baseline",
        "The books are being read for the first time: {percent} % so far. Only then can changes be noticed.",
        "Raamatupidamist loetakse esimest korda: seni {percent} %. Alles seejärel saab muudatusi märgata.",
    ),
    _note(
        "old_entries",
        "Entries from before the first import day changed; the accounts {accounts} are compared from tonight on anew.",
        "Muutusid kanded, mis on esimesest impordipäevast varasemad; kontosid {accounts} võrreldakse tänasest uuesti.",
    ),
    _note(
        "account_not_compared",
        "The account {account} cannot be compared: its balance does not move with its entries.",
        "Kontot {account} ei saa võrrelda: selle saldo ei liigu koos kannetega.",
    ),
)
