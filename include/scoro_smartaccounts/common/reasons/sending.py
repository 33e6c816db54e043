"""Reasons of sending: what the target refused, and what a document waits for there."""

from __future__ import annotations

from scoro_smartaccounts.common.reasons.message import Entry, Severity, Step
from scoro_smartaccounts.common.reasons.reading import unexpected


def _error(key: str, en: str, et: str, *, system: str, field: str = "") -> Entry:
    return Entry(key, Step.LOAD, Severity.ERROR, en, et, field, system)


def _wait(key: str, en: str, et: str) -> Entry:
    return Entry(key, Step.LOAD, Severity.WAIT, en, et)


ENTRIES: tuple[Entry, ...] = (
    unexpected("unexpected_when_sent", Step.LOAD),
    _error(
        "refused_by_smartaccounts",
        "{document}: SmartAccounts refused it: {said:semicolons}. Mend the cause, then retry.",
        "{document}: SmartAccounts keeldus: {said:semicolons}. Kõrvalda põhjus ja proovi uuesti.",
        system="SmartAccounts",
    ),
    _error(
        "refused_by_smartaccounts.needed",
        "{document}: {what}: SmartAccounts refused it: {said:semicolons}. Mend the cause, then retry.",
        "{document}: {what}: SmartAccounts keeldus: {said:semicolons}. Kõrvalda põhjus ja proovi uuesti.",
        system="SmartAccounts",
    ),
    _error(
        "refused_by_scoro",
        "{document}: Scoro refused it: {said:semicolons}. Mend the cause, then retry.",
        "{document}: Scoro keeldus: {said:semicolons}. Kõrvalda põhjus ja proovi uuesti.",
        system="Scoro",
    ),
    _error(
        "client_gone",
        "{document}: the client of contact {contact} was deleted in SmartAccounts. Retry it.",
        "{document}: kontakti {contact} klient on SmartAccountsis kustutatud. Proovi uuesti: klient luuakse uuesti.",
        system="SmartAccounts",
    ),
    _error(
        "vendor_gone",
        "{document}: the vendor of contact {contact} was deleted in SmartAccounts. Retry it.",
        "{document}: kontakti {contact} hankija on SmartAccountsis kustutatud. Proovi uuesti: hankija luuakse uuesti.",
        system="SmartAccounts",
    ),
    _error(
        "booked_differently",
        "{document} was booked, but not as predicted: {differences:semicolons}. Compare it in both systems and correct"
        " it in SmartAccounts.",
        "{document} on kirjas teiste summadega, kui kavandati: {differences:semicolons}. Võrdle seda mõlemas"
        " süsteemis ja paranda SmartAccountsis.",
        field="totalAmount",
        system="SmartAccounts",
    ),
    _error(
        "booked_differently.posting",
        "{document} was booked, but its posting in euros is not the expected one: {differences:semicolons}. Compare it"
        " in SmartAccounts and correct it there.",
        "{document} on kirjas, kuid kanne eurodes ei ole selline, nagu oodati: {differences:semicolons}. Võrdle seda"
        " SmartAccountsis ja paranda seal.",
        field="totalAmount",
        system="SmartAccounts",
    ),
    _error(
        "booked_differently.posting_rate",
        "{document} was booked, but its posting in euros is not the expected one: {differences:semicolons}. The"
        " exchange rate was taken the other way round. Correct it in SmartAccounts. Where the European Central Bank"
        " quotes the currency, let exchange_rate in the company file be ecb; else enter the others there by hand and"
        " dismiss them here.",
        "{document} on kirjas, kuid kanne eurodes ei ole selline, nagu oodati: {differences:semicolons}. Valuutakurss"
        " on võetud tagurpidi. Paranda see SmartAccountsis. Kui Euroopa Keskpank seda valuutat noteerib, pane"
        " seadefailis exchange_rate väärtuseks ecb; muidu sisesta ülejäänud seal käsitsi ja jäta siin kõrvale.",
        field="currency_rate",
        system="SmartAccounts",
    ),
    _error(
        "booked_differently.posting_side",
        "{document} was booked, but on the wrong side of the money account: {differences:semicolons}. Correct it in"
        " SmartAccounts.",
        "{document} on kirjas, kuid rahakonto valel poolel: {differences:semicolons}. Paranda see SmartAccountsis.",
        field="amount",
        system="SmartAccounts",
    ),
    _error(
        "booked_differently.posting_credit",
        "{document} was booked, but on the sides of an ordinary one instead of giving back: {differences:semicolons}."
        " Correct it in SmartAccounts.",
        "{document} on kirjas, kuid tavalise arve, mitte kreeditarve pooltel: {differences:semicolons}. Paranda see"
        " SmartAccountsis.",
        field="totalAmount",
        system="SmartAccounts",
    ),
    _error(
        "booked_differently.posting_rounding",
        "{document} was booked, but the cents of cash rounding stand on the wrong side: {differences:semicolons}."
        " Correct it in SmartAccounts.",
        "{document} on kirjas, kuid sularaha ümarduse sendid on valel poolel: {differences:semicolons}. Paranda see"
        " SmartAccountsis.",
        field="amount",
        system="SmartAccounts",
    ),
    _error(
        "booked_differently.posting_reverse_charge",
        "{document} was booked, but without the VAT that the buyer declares (reverse charge):"
        " {differences:semicolons}. Correct its entry in SmartAccounts, and try the other value of"
        " purchase_invoices.reverse_charge_vat.",
        "{document} on kirjas, kuid ilma käibemaksuta, mille ostja deklareerib (pöördmaksustamine):"
        " {differences:semicolons}. Paranda kanne SmartAccountsis ja proovi purchase_invoices.reverse_charge_vat teist"
        " väärtust.",
        field="vatAmount",
        system="SmartAccounts",
    ),
    _error(
        "booked_differently.no_posting",
        "{document} was booked, but the ledger of SmartAccounts has no entry with its euros on its day. Look at its"
        " entry in SmartAccounts and correct it there.",
        "{document} on kirjas, kuid SmartAccountsi pearaamatus ei ole sellel päeval selle summaga kannet. Vaata selle"
        " kannet SmartAccountsis ja paranda see seal.",
        field="totalAmount",
        system="SmartAccounts",
    ),
    Entry(
        "due_date_differs",
        Step.LOAD,
        Severity.WARNING,
        "SmartAccounts entered the due date {there} instead of {here}. Correct it in SmartAccounts where it matters.",
        "SmartAccountsis on maksetähtaeg {there}, mitte {here}. Paranda see SmartAccountsis, kui see on oluline.",
        "deadline",
        "SmartAccounts",
    ),
    Entry(
        "rate_far_off",
        Step.LOAD,
        Severity.WARNING,
        "its posting has {there:amount} euros instead of {here:amount}: SmartAccounts took another exchange rate than"
        " is expected. Compare the rate in both systems.",
        "kandes on {there:amount} eurot, mitte {here:amount}: SmartAccounts võttis muu valuutakursi kui oodatud."
        " Võrdle kurssi mõlemas süsteemis.",
        "currency_rate",
        "SmartAccounts",
    ),
    Entry(
        "kind_held",
        Step.LOAD,
        Severity.ERROR,
        "{document} is held back ({kind}): {first}, the first of its kind, was booked otherwise than expected. Correct"
        " that one in SmartAccounts and what led to it, then retry this one: it goes alone and is compared, and the"
        " others follow where it is right. Where SmartAccounts has it right, name the kind in ledger_check.trusted of"
        " the company file.",
        "{document} on kinni peetud ({kind}): esimene omataoline ({first}) on kirjas teisiti, kui oodati. Paranda see"
        " SmartAccountsis ja kõrvalda põhjus, siis proovi uuesti: see läheb üksi ja seda võrreldakse ning kui see on"
        " õige, lähevad ka teised. Kui SmartAccountsis on õigesti, lisa liik seadefaili ledger_check.trusted.",
        "",
        "SmartAccounts",
        is_question=True,
        asks_about="first",
    ),
    Entry(
        "reading_contradicted",
        Step.LOAD,
        Severity.ERROR,
        "{document} is held back ({kind}): records that stand in SmartAccounts already show that such documents are"
        " booked otherwise than expected ({found}). Let an accountant look at one of them there. Where it is right,"
        " name the kind in ledger_check.trusted of the company file, and all of them go; or retry this one: it goes"
        " alone and is compared, and the others follow where it is as expected.",
        "{document} on kinni peetud ({kind}): SmartAccountsi senised kirjed näitavad, et selliseid dokumente"
        " kantakse teisiti, kui oodati ({found}). Las raamatupidaja vaatab üht neist seal. Kui see on õige, lisa liik"
        " seadefaili ledger_check.trusted ja kõik lähevad; või proovi seda uuesti: see läheb üksi ja seda võrreldakse"
        " ning kui see on selline, nagu oodati, lähevad ka teised.",
        "",
        "SmartAccounts",
        is_question=True,
        asks_about="kind",
    ),
    Entry(
        "kind_not_compared",
        Step.LOAD,
        Severity.ERROR,
        "{document} is held back ({kind}): the posting of {first}, the first of its kind, could not be compared for"
        " three days; the summary of each run tells why. Look at that posting in SmartAccounts. Where it is right, name"
        " the kind in ledger_check.trusted of the company file, and all of them go; or retry this one: it goes alone.",
        "{document} on kinni peetud ({kind}): esimese omataolise ({first}) kannet ei ole kolme päeva jooksul saanud"
        " võrrelda; põhjus on iga käivituse kokkuvõttes. Vaata seda kannet SmartAccountsis. Kui see on õige, lisa liik"
        " seadefaili ledger_check.trusted ja kõik lähevad; või proovi seda uuesti: see läheb üksi.",
        "",
        "SmartAccounts",
        is_question=True,
        asks_about="first",
    ),
    _wait(
        "kind_waits.one_by_one",
        "{document} waits ({kind}): {first} was sent, and its posting was not compared yet. Postings of this kind could"
        " prove nothing so far, so that one goes at a time. Where an accountant finds them right, name the kind in"
        " ledger_check.trusted of the company file, and all of them go.",
        "{document} ootab ({kind}): {first} on saadetud, kuid selle kannet ei ole veel võrreldud. Seni ei ole selle"
        " liigi kanded midagi tõendanud, seepärast läheb korraga üks. Kui raamatupidaja leiab need õiged olevat, lisa"
        " liik seadefaili ledger_check.trusted ja kõik lähevad.",
    ),
    _wait(
        "kind_waits",
        "{document} waits ({kind}): {first}, the first of its kind, was sent, and its posting was not compared yet. The"
        " next run compares it.",
        "{document} ootab ({kind}): esimene omataoline ({first}) on saadetud, kuid selle kannet ei ole veel võrreldud."
        " Järgmine käivitus võrdleb.",
    ),
    _wait(
        "month_locked",
        "{document} waits: SmartAccounts has {day} in a locked period. Every run tries one document of a locked month"
        " again. Open the period in SmartAccounts (Seaded > Parameetrid), or let {policy} in the company file be"
        " first_open_day (with {setting}.books_closed_until where more is closed than was refused), and it is entered"
        " on the first open day.",
        "{document} ootab: {day} on SmartAccountsis lukustatud perioodis. Iga käivitus proovib lukustatud kuust üht"
        " dokumenti uuesti. Ava periood SmartAccountsis (Seaded > Parameetrid) või pane seadefailis {policy}"
        " väärtuseks first_open_day (ja {setting}.books_closed_until, kui suletud on rohkem) ja dokument kantakse"
        " esimesel avatud päeval.",
    ),
    _wait(
        "month_locked.moved",
        "{document} waits: SmartAccounts has {day} in a locked period. The next run enters it on the first open day.",
        "{document} ootab: {day} on SmartAccountsis lukustatud perioodis. Järgmine käivitus kannab selle esimesel"
        " avatud päeval.",
    ),
    _wait(
        "month_locked.payment",
        "{document} waits: SmartAccounts has its day in a locked period, and the day of money is never moved. Every run"
        " tries one payment of a locked month again. Open the period in SmartAccounts (Seaded > Parameetrid); or enter"
        " the payment there by hand on an open day and dismiss it here.",
        "{document} ootab: selle päev on SmartAccountsis lukustatud perioodis ja raha päeva ei muudeta. Iga käivitus"
        " proovib lukustatud kuust üht makset uuesti. Ava periood SmartAccountsis (Seaded > Parameetrid); või sisesta"
        " makse seal käsitsi avatud päevaga ja jäta see siin kõrvale.",
    ),
    _wait(
        "month_locked.payment_behind",
        "{document} waits: SmartAccounts has {refused} of the same month in a locked period. Whether the day of this"
        " payment is locked too is not known yet: the next run tries it.",
        "{document} ootab: {refused} samas kuus on SmartAccountsis lukustatud perioodis. Kas ka selle makse päev on"
        " lukus, pole veel teada: järgmine käivitus proovib seda.",
    ),
    _wait(
        "base_not_booked",
        "{document} waits for the {base} that it credits: it is not in SmartAccounts yet. Import {day}, or mend it"
        " where it is in quarantine.",
        "{document} ootab krediteeritavat dokumenti: {base} ei ole veel SmartAccountsis. Impordi {day} või paranda"
        " arve, kui see on karantiinis.",
    ),
    _wait(
        "base_not_booked.planned",
        "{document} waits for the {base} that it credits: it is not in SmartAccounts yet. Import that one first.",
        "{document} ootab krediteeritavat dokumenti: {base} ei ole veel SmartAccountsis. Impordi see enne.",
    ),
    _wait(
        "base_not_booked.declined",
        "{document} waits for the {base} of {day} that it credits: the accountant declined that one. Run {day} in mode"
        " approve to be asked about it again; the credit invoice is asked about once that one is in SmartAccounts."
        " Where neither is to be booked, dismiss the credit invoice.",
        "{document} ootab krediteeritavat dokumenti: raamatupidaja lükkas selle tagasi ({base}, {day}). Käivita {day}"
        " režiimis approve, et sellest uuesti küsitaks; kreeditarve kohta küsitakse, kui arve on SmartAccountsis. Kui"
        " kumbagi ei kanta, jäta kreeditarve kõrvale.",
    ),
)
