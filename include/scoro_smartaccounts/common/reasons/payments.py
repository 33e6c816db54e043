"""Reasons of planning payments, in both directions, and what happened to what was carried over."""

from __future__ import annotations

from scoro_smartaccounts.common.reasons.message import Entry, Severity, Step

_FILE = "company file"


def _error(key: str, en: str, et: str, *, field: str = "receipts", system: str = "Scoro") -> Entry:
    return Entry(key, Step.PLAN, Severity.ERROR, en, et, field, system)


def _question(
    key: str,
    en: str,
    et: str,
    *,
    about: str,
    field: str = "receipts",
    system: str = "Scoro",
) -> Entry:
    """Return an error unless a person says that what it names is another thing."""
    return Entry(key, Step.PLAN, Severity.ERROR, en, et, field, system, is_question=True, asks_about=about)


def _wait(key: str, en: str, et: str) -> Entry:
    return Entry(key, Step.PLAN, Severity.WAIT, en, et)


def _warning(key: str, en: str, et: str) -> Entry:
    return Entry(key, Step.PLAN, Severity.WARNING, en, et)


def _not_ours(key: str, en: str, et: str) -> Entry:
    return Entry(key, Step.PLAN, Severity.NOTE, en, et)


def _later(key: str, en: str, et: str) -> Entry:
    return Entry(key, Step.EXTRACT, Severity.WARNING, en, et)


ENTRIES: tuple[Entry, ...] = (
    # What a payment of Scoro waits for.
    _wait(
        "export_in_doubt",
        "{document} may be one that this pipeline sent to Scoro and whose answer was lost. It waits until that is"
        " known.",
        "{document} võib olla see, mille liides ise Scorosse saatis ja mille vastus läks kaduma. Makse ootab, kuni asi"
        " selgub.",
    ),
    _wait(
        "document_not_booked",
        "{document} waits for {documents}: not in SmartAccounts yet. Import {days}, or mend it where it is in"
        " quarantine.",
        "{document} ootab, sest SmartAccountsis ei ole veel: {documents}. Impordi {days} või paranda dokument, kui see"
        " on karantiinis.",
    ),
    _wait(
        "partner_not_booked",
        "{document} waits for contact {contact}: it is no {kind} in SmartAccounts yet. It is created with its first"
        " document.",
        "{document} ootab, sest kontakti {contact} ({kind}) ei ole veel SmartAccountsis. See luuakse koos esimese"
        " arvega.",
    ),
    # What is not for the other side.
    _not_ours(
        "not_ours.documents",
        "{document} is for {documents}.",
        "{document} on dokumentide eest, mida ei impordita: {documents}. Midagi ei ole vaja teha.",
    ),
    _not_ours(
        "not_ours.drawn",
        "{document} settles only what its documents draw on prepayments in Scoro.",
        "{document} katab ainult seda, mille arved võtavad Scoros ettemaksudest. Midagi ei ole vaja teha.",
    ),
    # Money that may be on the other side already.
    _question(
        "possible_duplicate.payment",
        "{document} of {amount:amount} {currency} may be in SmartAccounts already: {payments} pays the same documents."
        " If it is the same money, dismiss it; if not, retry it.",
        "{document} summas {amount:amount} {currency} võib SmartAccountsis juba olla: samad arved tasub {payments}. Kui"
        " see on sama raha, jäta makse kõrvale; kui ei ole, proovi uuesti.",
        about="payments",
    ),
    _question(
        "possible_duplicate.prepayment",
        "{document} of {amount:amount} {currency} may be in SmartAccounts already: {payments} is a prepayment of the"
        " same partner and amount. If it is the same money, dismiss it; if not, retry it.",
        "{document} summas {amount:amount} {currency} võib SmartAccountsis juba olla: sama partneri sama suur ettemaks"
        " on {payments}. Kui see on sama raha, jäta makse kõrvale; kui ei ole, proovi uuesti.",
        about="payments",
    ),
    _question(
        "possible_duplicate.overpaid",
        "{document} of {amount:amount} {currency} is more than its documents need, and the rest may be in SmartAccounts"
        " already: {payments} is a prepayment of the same partner. If it is the same money, delete"
        " {payments} in SmartAccounts:"
        " the next run then books this one as a whole; if not, retry it.",
        "{document} summas {amount:amount} {currency} on suurem kui arved ja ülejääk võib SmartAccountsis juba olla:"
        " sama partneri ettemaks on {payments}. Kui see on sama raha, kustuta SmartAccountsis {payments}: järgmine"
        " käivitus kannab siis kogu makse; kui ei ole, proovi uuesti.",
        about="payments",
    ),
    Entry(
        "possible_duplicate.unread_payment",
        Step.PLAN,
        Severity.ERROR,
        "{document} ({amount:amount} {currency}) may be in SmartAccounts already: a payment there (record"
        " {payments:or}) has a field that cannot be read ({fields}). Correct that field there; then, or if it is other"
        " money, retry: it is linked or booked.",
        "{document} ({amount:amount} {currency}) võib SmartAccountsis juba olla: seal on makse (kirje {payments:or}),"
        " mille välja ei saa lugeda ({fields}). Paranda see väli seal; seejärel või kui see on muu raha, proovi"
        " uuesti: see seotakse või kantakse.",
        field="{fields}",
        system="SmartAccounts",
        is_question=True,
        asks_about="payments",
    ),
    _question(
        "possible_duplicate.orphan",
        "{document} of {amount:amount} {currency} may be the money of {payments} in SmartAccounts, whose receipt in"
        " Scoro is gone. If it is the same money, delete {payments} in SmartAccounts: the next run then books this one."
        " If it is other money, retry it.",
        "{document} summas {amount:amount} {currency} võib olla sama raha, mis on SmartAccountsis: {payments}; selle"
        " makset Scoros enam ei ole. Kui see on sama raha, kustuta SmartAccountsis {payments}: järgmine käivitus"
        " kannab siis selle makse. Kui see on muu raha, proovi uuesti.",
        about="payments",
    ),
    _question(
        "possible_duplicate.sent",
        "{document} of {amount:amount} {currency} may be {payment} of SmartAccounts: it was sent to Scoro, no answer"
        " came, and Scoro did not show it in time. If it is the same money, delete it in Scoro; if not, retry it.",
        "{document} summas {amount:amount} {currency} võib olla SmartAccountsi {payment}: see saadeti Scorosse, vastust"
        " ei tulnud ja Scoro ei näidanud seda õigel ajal. Kui see on sama raha, kustuta makse Scoros; kui ei ole,"
        " proovi uuesti.",
        about="payment",
    ),
    _question(
        "possible_duplicate.in_scoro",
        "{document} may be in Scoro already: {payments} pays the same documents. If it is the same money, dismiss it;"
        " if not, retry it.",
        "{document} võib Scoros juba olla: samad arved tasub {payments}. Kui see on sama raha, jäta makse kõrvale; kui"
        " ei ole, proovi uuesti.",
        about="payments",
    ),
    _question(
        "possible_duplicate.covered",
        "{document} pays {amount:amount} of {paid}, of which Scoro's payments cover {there:amount} of {gross:amount}"
        " already. If it is the same money, dismiss it; if the document is overpaid, retry it.",
        "{document}: {paid}, tasutakse {amount:amount}, kuid Scoro maksed katavad sellest juba {there:amount} (kokku"
        " {gross:amount}). Kui see on sama raha, jäta makse kõrvale; kui arve makstakse üle, proovi uuesti.",
        about="payments",
    ),
    _error(
        "receipt_in_doubt",
        "{document} was sent to Scoro and its answer was lost; the payments {groups} of Scoro are all equal to it."
        " Delete those in Scoro that are too many; the next run then takes the one that is left.",
        "{document} saadeti Scorosse, kuid vastus läks kaduma, ja Scoros on mitu samasugust makset: {groups}. Kustuta"
        " Scoros üleliigsed; järgmine käivitus võtab selle, mis alles jäi.",
    ),
    _error(
        "paid_unreadable",
        "{document} pays {documents:and}, in SmartAccounts already, but in Scoro the document cannot be read by now."
        " Open it in Scoro, mend it and save.",
        "{document} on dokumendi eest, mis on SmartAccountsis juba olemas, kuid mida Scorost ei saa enam lugeda:"
        " {documents:and}. Ava see Scoros, paranda ja salvesta.",
    ),
    # A document that was deleted in SmartAccounts.
    _question(
        "document_gone",
        "{document} pays {documents:and}, deleted in SmartAccounts after the import. Enter it there again with the same"
        " number, day, partner and total, or leave it deleted; then retry this payment. It goes to the equal one; where"
        " there is none, the document counts as not imported: run the import of its day to book it again, or delete it"
        " in Scoro too.",
        "{document} on dokumendi eest, mis on SmartAccountsis pärast importi kustutatud: {documents:and}. Sisesta see"
        " seal uuesti sama numbri, kuupäeva, partneri ja summaga või jäta kustutatuks; seejärel proovi makset uuesti."
        " See läheb võrdse arve külge; kui sellist ei ole, loetakse arve importimata: uuesti kandmiseks impordi selle"
        " päev või kustuta arve ka Scoros.",
        field="",
        system="SmartAccounts",
        about="documents",
    ),
    _question(
        "payment_gone",
        "{document}: {payments:and} (SmartAccounts id {records}), which stood for it in SmartAccounts, was deleted"
        " there. If it is to be there, enter it there again, or leave it deleted and retry this one: it is linked to"
        " the equal one, or booked again. If it is to stay deleted, dismiss it, or delete it in Scoro too.",
        "{document}: SmartAccountsis selle eest olnud {payments:and} (SmartAccountsi id {records}) on seal kustutatud."
        " Kui see peab seal olema, sisesta see seal uuesti või jäta kustutatuks ja proovi uuesti: makse seotakse"
        " samasugusega või kantakse uuesti. Kui see peab kustutatuks jääma, jäta see kõrvale või kustuta ka Scoros.",
        field="",
        system="SmartAccounts",
        about="records",
    ),
    # A group that is in the books in part.
    _error(
        "booked_in_part",
        "{document} was booked in part, and that part does not fit any more: delete {payments} in SmartAccounts. The"
        " next run then books it as it is now.",
        "{document} on SmartAccountsis osaliselt kirjas, kuid see osa ei sobi enam. Kustuta SmartAccountsis:"
        " {payments}."
        " Järgmine käivitus kannab makse nii, nagu see nüüd on.",
        field="",
        system="SmartAccounts",
    ),
    _error(
        "booked_in_part.gone",
        "{document} is gone in Scoro, but a part of it is in SmartAccounts: delete {payments} there too.",
        "{document} ei ole enam Scoros, kuid osa sellest on SmartAccountsis. Kustuta ka seal: {payments}.",
        field="",
        system="SmartAccounts",
    ),
    # Accounts.
    _error(
        "account_not_named",
        "{document} names no receipt account. Choose it in Scoro.",
        "{document}: laekumiskonto puudub. Vali konto Scoros.",
        field="receipt_account_id",
    ),
    _error(
        "account_not_mapped.receipts",
        "{document}: the receipt account {account} of Scoro is paired with no account of SmartAccounts. Add it under"
        " payments.accounts.",
        "{document}: Scoro laekumiskonto {account} ei ole seadefailis seotud ühegi SmartAccountsi kontoga. Lisa see"
        " seadefaili alla payments.accounts.",
        field="payments.accounts",
        system=_FILE,
    ),
    _error(
        "account_not_mapped.payments",
        "{document}: the account {account} of SmartAccounts is paired with no receipt account of Scoro, or Scoro has"
        " none of that name. Add it under payments.accounts.",
        "{document}: SmartAccountsi konto {account} ei ole seadefailis seotud ühegi Scoro laekumiskontoga või sellise"
        " nimega kontot Scoros ei ole. Lisa see seadefaili alla payments.accounts.",
        field="payments.accounts",
        system=_FILE,
    ),
    _error(
        "account_unknown.receipts",
        "{document}: the company file pairs {receipt_account} with the {kind} {account}, which SmartAccounts does not"
        " have. It has: {known}. Correct the company file, or add the {kind} in SmartAccounts.",
        "{document}: seadefail seob Scoro laekumiskonto {receipt_account} kontoga {account} ({kind}), mida"
        " SmartAccountsis ei ole. Seal on: {known}. Paranda seadefaili või lisa konto ({kind}) SmartAccountsis.",
        field="payments.accounts",
        system=_FILE,
    ),
    _error(
        "account_currency",
        "{document} is in {currency}, but {account} in SmartAccounts holds {held}. Pair the receipt account with"
        " another account in the company file.",
        "{document} on valuutas {currency}, kuid SmartAccountsi konto {account} on valuutas {held}. Seo laekumiskonto"
        " seadefailis teise kontoga.",
        field="payments.accounts",
        system=_FILE,
    ),
    _error(
        "netting_account_not_named",
        "{document} nets a credit invoice, but the company file names no bank account for netting that SmartAccounts"
        " has. Set payments.netting_account.",
        "{document} tasaarveldab kreeditarvet, kuid seadefailis ei ole tasaarvelduse pangakontot, mis oleks"
        " SmartAccountsis olemas. Määra payments.netting_account.",
        field="payments.netting_account",
        system=_FILE,
    ),
    _error(
        "rounding_account_not_named",
        "{document}: cash was rounded, but the company file names no account for that. Set payments.rounding_account.",
        "{document}: sularaha on ümardatud, kuid seadefailis ei ole ümardamise kontot. Määra"
        " payments.rounding_account.",
        field="payments.rounding_account",
        system=_FILE,
    ),
    # Amounts and documents.
    _error(
        "negative_receipt",
        "{document}: {amount:amount} for {paid}, which is no credit invoice. SmartAccounts takes positive amounts only:"
        " correct the payment in Scoro, or book it by hand and dismiss it.",
        "{document}: {paid} ei ole kreeditarve, kuid makse summa on {amount:amount}. SmartAccounts võtab ainult"
        " positiivseid summasid: paranda makse Scoros või kanna see käsitsi ja jäta siin kõrvale.",
    ),
    _error(
        "negative_receipt.prepayment",
        "{document}: money against a prepayment invoice is given back; book it by hand and dismiss it.",
        "{document}: ettemaksuarve raha makstakse tagasi. Kanna makse käsitsi ja jäta siin kõrvale.",
    ),
    _error(
        "mixed_refund",
        "{document}: a refund and money against a prepayment invoice in one payment. Enter them as two payments in"
        " Scoro.",
        "{document}: ühes makses on koos tagasimakse ja ettemaksuarve raha. Sisesta need Scoros kahe maksena.",
    ),
    _error(
        "nothing_to_net",
        "{document}: {amount:amount} of {paid} are to be netted, but only {left:amount} of it are open in"
        " SmartAccounts. Correct the payment in Scoro, or net by hand and dismiss it.",
        "{document}: {paid}, tasaarveldatakse {amount:amount}, kuid SmartAccountsis on sellest tasumata ainult"
        " {left:amount}. Paranda makse Scoros või tasaarvelda käsitsi ja jäta makse siin kõrvale.",
    ),
    _error(
        "refund_too_large",
        "{document}: {amount:amount} of {paid} are refunded, but only {left:amount} of it are open in SmartAccounts."
        " Correct the payment in Scoro.",
        "{document}: {paid}, tagasi makstakse {amount:amount}, kuid SmartAccountsis on sellest jääki ainult"
        " {left:amount}. Paranda makse Scoros.",
    ),
    _error(
        "currency_rate.payment",
        "{document}: the rate of {currency} is not told by its documents; book it by hand and dismiss it.",
        "{document}: valuuta {currency} kurssi makse arved üheselt ei ütle. Kanna makse käsitsi ja jäta siin kõrvale.",
    ),
    _error(
        "currency_differs",
        "{document}: it is in {currency} and pays {paid}, which is in {other}. SmartAccounts takes one currency: delete"
        " it in Scoro and enter it in {other}, with what it settles of the document; or book it by hand and dismiss"
        " it.",
        "{document}: makse on valuutas {currency}, kuid {paid} on valuutas {other}. SmartAccounts võtab ühes makses ühe"
        " valuuta: kustuta makse Scoros ja sisesta see valuutas {other} summaga, mille see arvest katab; või kanna"
        " makse käsitsi ja jäta siin kõrvale.",
    ),
    _error(
        "partners_differ",
        "{document}: it pays documents of different partners, {paid} among them. SmartAccounts takes one partner a"
        " payment: enter one payment each in Scoro.",
        "{document}: makse on mitme partneri arvete eest, nende seas {paid}. SmartAccounts võtab ühes makses ühe"
        " partneri: sisesta Scoros igaühele eraldi makse.",
    ),
    _error(
        "partners_differ.in_scoro",
        "{document} pays documents of the contacts {contacts} of Scoro. Scoro takes one contact a payment: enter it"
        " there by hand and dismiss it here.",
        "{document} on Scoro mitme kontakti arvete eest: {contacts}. Scoro võtab ühes makses ühe kontakti: sisesta"
        " makse"
        " seal käsitsi ja jäta siin kõrvale.",
        field="",
    ),
    # Booked, and worth a look.
    _warning(
        "overpaid",
        "{paid} is overpaid by {amount:amount}, booked as a prepayment.",
        "{paid} on üle makstud {amount:amount} võrra, see kantakse ettemaksuks.",
    ),
    _warning(
        "booked_on_another",
        "{paid} was booked on another {kind} than {contact} that Scoro names now; the payment goes to the one that it"
        " was booked on. If the two are one, merge them in SmartAccounts too.",
        "{paid} on SmartAccountsis kirjas muu kirje all ({kind}) kui {contact}, mida Scoro praegu nimetab; makse läheb"
        " sinna, kus arve kirjas on. Kui need kaks on üks, ühenda need ka SmartAccountsis.",
    ),
    _warning(
        "entered_again",
        "it was entered again in Scoro, and {payments} in SmartAccounts stands for it. It differs in {differences}: if"
        " Scoro is right, correct it in SmartAccounts.",
        "makse sisestati Scoros uuesti ja SmartAccountsis on selle eest {payments}. Erineb: {differences}; kui õige on"
        " Scoro, paranda see SmartAccountsis.",
    ),
    _warning(
        "cash_rounding",
        "{paid}: {amount:amount} of cash rounding is booked with it.",
        "{paid}: koos sellega kantakse sularaha ümardus {amount:amount}.",
    ),
    _warning(
        "rate_of_document",
        "{currency} has no official rate; the rate of the document was taken.",
        "valuutal {currency} ei ole ametlikku kurssi; võeti arve kurss.",
    ),
    _warning(
        "parts_left_out",
        "without its part for {documents}.",
        "ilma osata, mis on nende eest: {documents}.",
    ),
    Entry(
        "entered_again_in_books",
        Step.LOAD,
        Severity.WARNING,
        "{documents:and} was deleted in SmartAccounts after the import and entered again there; payments go to the new"
        " one from now on.",
        "{documents:and} kustutati SmartAccountsis pärast importi ja sisestati seal uuesti; maksed lähevad edaspidi uue"
        " külge.",
    ),
    Entry(
        "not_sent.entered_again",
        Step.LOAD,
        Severity.NOTE,
        "{document}: {documents:and} was deleted in SmartAccounts and entered again there; the payment goes to the new"
        " one with the next run.",
        "{document}: {documents:and} kustutati SmartAccountsis ja sisestati seal uuesti; järgmine käivitus kannab makse"
        " uue külge.",
    ),
    Entry(
        "booked_differently.payment",
        Step.LOAD,
        Severity.ERROR,
        "{document} was booked, but not as predicted: {booked:amount} instead of {planned:amount}. Compare it in both"
        " systems and correct it in SmartAccounts.",
        "{document} kanti, kuid mitte kavandatud summaga: {booked:amount}, kavandati {planned:amount}. Võrdle seda"
        " mõlemas süsteemis ja paranda SmartAccountsis.",
        "amount",
        "SmartAccounts",
    ),
    # What happened later to documents that were carried over. The document is named before the sentence.
    _later(
        "later_change.changed",
        "changed in Scoro after the import{fields}; an imported document is never changed: change it in SmartAccounts"
        " in"
        " the same way, or undo it in Scoro.",
        "muudeti Scoros pärast importi{fields}. Imporditud dokumenti ei muudeta: muuda seda SmartAccountsis samamoodi"
        " või võta muudatus Scoros tagasi.",
    ),
    _later(
        "later_change.deleted",
        "deleted in Scoro after the import; it stays in SmartAccounts until you delete it there too.",
        "kustutati Scoros pärast importi. SmartAccountsisse jääb see seniks, kuni sa selle ka seal kustutad.",
    ),
    _later(
        "later_change.missing",
        "not in Scoro any more; it stays in SmartAccounts until you delete it there too.",
        "ei ole enam Scoros. SmartAccountsisse jääb see seniks, kuni sa selle ka seal kustutad.",
    ),
    _later(
        "later_change.replaced",
        "gone in Scoro and entered again there: {booked} in SmartAccounts stands for {documents:and} of Scoro now."
        " Nothing is to be done.",
        "ei ole enam Scoros, kuid sisestati seal uuesti: SmartAccountsi {booked} on nüüd Scoro dokumendi eest:"
        " {documents:and}. Midagi ei ole vaja teha.",
    ),
    _later(
        "later_change.payment_changed",
        "changed in Scoro {after}{fields}; change {payments:and} in SmartAccounts in the same way, or undo it in"
        " Scoro.",
        "muudeti Scoros {after}{fields}. Muuda SmartAccountsis samamoodi: {payments:and}; või võta muudatus Scoros"
        " tagasi.",
    ),
    _later(
        "later_change.payment_deleted",
        "deleted in Scoro {after}; delete {payments:and} in SmartAccounts too, or enter it again in Scoro.",
        "kustutati Scoros {after}. Kustuta ka SmartAccountsis: {payments:and}; või sisesta makse Scoros uuesti.",
    ),
    _later(
        "later_change.payment_missing",
        "not in Scoro any more; delete {payments:and} in SmartAccounts too, or enter it again in Scoro.",
        "ei ole enam Scoros. Kustuta ka SmartAccountsis: {payments:and}; või sisesta makse Scoros uuesti.",
    ),
    _later(
        "later_change.payment_deleted_in_both",
        "deleted in Scoro {after}, and {payments:and} is deleted in SmartAccounts too.",
        "kustutati Scoros {after} ja SmartAccountsis on samuti kustutatud {payments:and}.",
    ),
    _later(
        "later_change.payment_missing_in_both",
        "not in Scoro any more, and {payments:and} is deleted in SmartAccounts too.",
        "ei ole enam Scoros ja SmartAccountsis on samuti kustutatud {payments:and}.",
    ),
    _later(
        "later_change.agree",
        "changed in Scoro and in SmartAccounts; both say the same now, but look at the account. Nothing else is to be"
        " done.",
        "muudeti nii Scoros kui ka SmartAccountsis; mõlemas on nüüd sama, kuid vaata üle konto. Muud ei ole vaja teha.",
    ),
    _later(
        "later_change.payment_replaced",
        "gone in Scoro and entered again there: {payments:and} in SmartAccounts stands for {groups:and} of Scoro now."
        " Nothing is to be done.",
        "ei ole enam Scoros, kuid sisestati seal uuesti: SmartAccountsi {payments:and} on nüüd Scoro kirje"
        " {groups:and} eest. Midagi ei ole vaja teha.",
    ),
    _later(
        "later_change.payment_unlinked",
        "gone in Scoro; no payment in SmartAccounts stands for it any more. Nothing is to be done.",
        "ei ole enam Scoros ja ükski makse SmartAccountsis ei ole enam selle eest. Midagi ei ole vaja teha.",
    ),
    _later(
        "later_change.booking_changed",
        "its payment in SmartAccounts, {payments:and}, was changed {after}; change it in Scoro in the same way, or undo"
        " it in SmartAccounts.",
        "SmartAccountsis muudeti {after}: {payments:and}. Muuda makset Scoros samamoodi või võta muudatus"
        " SmartAccountsis"
        " tagasi.",
    ),
    _later(
        "later_change.booking_deleted",
        "its payment in SmartAccounts, {payments:and}, was deleted {after}; delete it in Scoro too, or enter it again"
        " in"
        " SmartAccounts.",
        "SmartAccountsis kustutati {after}: {payments:and}. Kustuta makse ka Scoros või sisesta see SmartAccountsis"
        " uuesti.",
    ),
    _later(
        "later_change.exported_changed",
        "changed in SmartAccounts {after}; change {payments:and} in Scoro in the same way, or undo it in"
        " SmartAccounts.",
        "muudeti SmartAccountsis {after}. Muuda Scoros samamoodi: {payments:and}; või võta muudatus SmartAccountsis"
        " tagasi.",
    ),
    _later(
        "later_change.exported_deleted",
        "deleted in SmartAccounts {after}; delete {payments:and} in Scoro too, or enter it again in SmartAccounts.",
        "kustutati SmartAccountsis {after}. Kustuta ka Scoros: {payments:and}; või sisesta makse SmartAccountsis"
        " uuesti.",
    ),
)
