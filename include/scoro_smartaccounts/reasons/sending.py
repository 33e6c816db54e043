"""Reasons of sending: what the target refused, and what a document waits for there."""

from __future__ import annotations

from scoro_smartaccounts.reasons.message import Entry, Severity, Step


def _error(key: str, en: str, et: str, *, system: str, field: str = "", remedies: tuple[str, ...] = ()) -> Entry:
    return Entry(key, Step.LOAD, Severity.ERROR, en, et, field, system, remedies=remedies)


def _wait(key: str, en: str, et: str, *, remedies: tuple[str, ...] = ()) -> Entry:
    return Entry(key, Step.LOAD, Severity.WAIT, en, et, remedies=remedies)


ENTRIES: tuple[Entry, ...] = (
    _error(
        "refused_by_smartaccounts",
        "{document}: SmartAccounts refused it: {said:semicolons}. Mend the cause, then retry.",
        "{document}: SmartAccounts keeldus: {said:semicolons}. Kõrvalda põhjus ja proovi uuesti.",
        system="SmartAccounts",
        remedies=("mend the cause",),
    ),
    _error(
        "refused_by_smartaccounts.needed",
        "{document}: {what}: SmartAccounts refused it: {said:semicolons}. Mend the cause, then retry.",
        "{document}: {what}: SmartAccounts keeldus: {said:semicolons}. Kõrvalda põhjus ja proovi uuesti.",
        system="SmartAccounts",
        remedies=("mend the cause",),
    ),
    _error(
        "refused_by_scoro",
        "{document}: Scoro refused it: {said:semicolons}. Mend the cause, then retry.",
        "{document}: Scoro keeldus: {said:semicolons}. Kõrvalda põhjus ja proovi uuesti.",
        system="Scoro",
        remedies=(
            "mend the cause",
            "retry",
        ),
    ),
    _error(
        "client_gone",
        "{document}: the client of contact {contact} was deleted in SmartAccounts. Retry it.",
        "{document}: kontakti {contact} klient on SmartAccountsis kustutatud. Proovi uuesti: klient luuakse uuesti.",
        system="SmartAccounts",
        remedies=("retry it",),
    ),
    _error(
        "vendor_gone",
        "{document}: the vendor of contact {contact} was deleted in SmartAccounts. Retry it.",
        "{document}: kontakti {contact} tarnija on SmartAccountsis kustutatud. Proovi uuesti: tarnija luuakse uuesti.",
        system="SmartAccounts",
        remedies=("retry it",),
    ),
    _error(
        "booked_differently",
        "{document} was booked, but not as predicted: {differences:semicolons}. Compare it in both systems and correct"
        " it in SmartAccounts.",
        "{document} on kirjas teiste summadega, kui kavandati: {differences:semicolons}. Võrdle seda mõlemas"
        " süsteemis ja paranda SmartAccountsis.",
        field="totalAmount",
        system="SmartAccounts",
        remedies=("correct it in SmartAccounts",),
    ),
    _wait(
        "month_locked",
        "{document} waits: SmartAccounts has {day} in a locked period. Every run tries one document of a locked month"
        " again. Open the period in SmartAccounts (Seaded > Parameetrid), or let {setting}.rule in the company file be"
        " first_open_day (with {setting}.books_closed_until where more is closed than was refused), and it is entered"
        " on the first open day.",
        "{document} ootab: {day} on SmartAccountsis lukustatud perioodis. Iga käivitus proovib lukustatud kuust üht"
        " dokumenti uuesti. Ava periood SmartAccountsis (Seaded > Parameetrid), või pane seadefailis {setting}.rule"
        " väärtuseks first_open_day (ja {setting}.books_closed_until, kui suletud on rohkem) ja dokument kantakse"
        " esimesse avatud päeva.",
        remedies=(
            "open the period in SmartAccounts",
            "let {setting}.rule in the company file be first_open_day",
        ),
    ),
    _wait(
        "month_locked.moved",
        "{document} waits: SmartAccounts has {day} in a locked period. The next run enters it on the first open day.",
        "{document} ootab: {day} on SmartAccountsis lukustatud perioodis. Järgmine käivitus kannab selle esimesse"
        " avatud päeva.",
        remedies=("the next run enters it on the first open day",),
    ),
    _wait(
        "month_locked.payment",
        "{document} waits: SmartAccounts has its day in a locked period, and the day of money is never moved. Every run"
        " tries one payment of a locked month again. Open the period in SmartAccounts (Seaded > Parameetrid); or enter"
        " the payment there by hand on an open day and dismiss it here.",
        "{document} ootab: selle päev on SmartAccountsis lukustatud perioodis ja raha päeva ei muudeta. Iga käivitus"
        " proovib lukustatud kuust üht makset uuesti. Ava periood SmartAccountsis (Seaded > Parameetrid); või sisesta"
        " makse seal käsitsi avatud päevaga ja jäta see siin kõrvale.",
        remedies=(
            "open the period in SmartAccounts",
            "enter the payment there by hand on an open day and dismiss it here",
        ),
    ),
    _wait(
        "month_locked.payment_behind",
        "{document} waits: SmartAccounts has {refused} of the same month in a locked period. Whether the day of this"
        " payment is locked too is not known yet: the next run tries it.",
        "{document} ootab: {refused} samas kuus on SmartAccountsis lukustatud perioodis. Kas ka selle makse päev on"
        " lukus, pole veel teada: järgmine käivitus proovib seda.",
        remedies=("the next run tries it",),
    ),
    _wait(
        "base_not_booked",
        "{document} waits for the {base} that it credits: it is not in SmartAccounts yet. Import {day}, or mend it"
        " where it is in quarantine.",
        "{document} ootab krediteeritavat dokumenti: {base} ei ole veel SmartAccountsis. Impordi {day}, või paranda"
        " arve, kui see on karantiinis.",
        remedies=(
            "import {day}",
            "mend it where it is in quarantine",
        ),
    ),
    _wait(
        "base_not_booked.planned",
        "{document} waits for the {base} that it credits: it is not in SmartAccounts yet. Import that one first.",
        "{document} ootab krediteeritavat dokumenti: {base} ei ole veel SmartAccountsis. Impordi see enne.",
        remedies=("import that one first",),
    ),
    _wait(
        "base_not_booked.declined",
        "{document} waits for the {base} of {day} that it credits: the accountant declined that one. Run {day} in mode"
        " approve to be asked about it again; the credit invoice is asked about once that one is in SmartAccounts."
        " Where neither is to be booked, dismiss the credit invoice.",
        "{document} ootab krediteeritavat dokumenti: raamatupidaja lükkas selle tagasi ({base}, {day}). Käivita {day}"
        " režiimis approve, et sellest uuesti küsitaks; kreeditarve kohta küsitakse, kui arve on SmartAccountsis. Kui"
        " kumbagi ei kanta, jäta kreeditarve kõrvale.",
        remedies=(
            "run {day} in mode approve",
            "dismiss the credit invoice",
        ),
    ),
)
