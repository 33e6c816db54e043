"""Months that are declared or locked: what a document waits for, what a person is asked, what is worth a look."""

from __future__ import annotations

from scoro_smartaccounts.common.reasons.message import Entry, Severity, Step, Words

# How far a month is closed, how that is known, and what becomes of its documents.
WORDS = {
    "period_open": Words("it is open", "kuu on avatud"),
    "period_saved": Words("its VAT return is saved", "käibedeklaratsioon on salvestatud"),
    "period_filed": Words("its VAT return is filed", "käibedeklaratsioon on esitatud"),
    "period_locked": Words("it is locked", "kuu on lukus"),
    "period_unread": Words("its VAT return cannot be read", "selle käibedeklaratsiooni ei saa lugeda"),
    "period_no_return": Words("no return was seen", "deklaratsiooni ei ole nähtud"),
    "period_saved_on": Words("seen on {seen}", "nähtud {seen}"),
    "period_paid": Words("seen on {seen}, its payment on {day}", "nähtud {seen}, selle tasumine {day}"),
    "period_over": Words(
        "seen on {seen}, and {day} is over: so it is taken for filed",
        "nähtud {seen} ja {day} on möödas: seega loetakse see esitatuks",
    ),
    "period_said_filed": Words("somebody said so on {day}", "nii öeldi {day}"),
    "period_said_reopened": Words("somebody opened it again on {day}", "kuu avati uuesti {day}"),
    "period_refused": Words("SmartAccounts refused {day}", "SmartAccounts keeldus kuupäevast {day}"),
    "period_in_company_file": Words("closed until {day} by the company file", "seadefaili järgi suletud kuni {day}"),
    "period_does_book": Words("booked into {month:month}", "kantakse {month:month_into}"),
    "period_does_wait": Words("they wait", "ootavad"),
    "period_does_first_open_day": Words("entered on {day}", "kantakse kuupäevaga {day}"),
    "period_kind_sales": Words("sales invoices", "müügiarved"),
    "period_kind_credits": Words("credit invoices", "kreeditarved"),
    "period_kind_bills": Words("bills", "ostuarved"),
    "returns_away": Words("its ledger does not answer", "pearaamat ei vasta"),
    "returns_right": Words("the right is missing", "õigus puudub"),
    "returns_question": Words("the question is refused", "päringust keeldutakse"),
    "returns_answer": Words("the answer is no list of returns", "vastus ei ole deklaratsioonide loend"),
    "period_does_ask": Words("each is asked about", "iga kohta küsitakse"),
}


def _wait(key: str, en: str, et: str) -> Entry:
    return Entry(key, Step.PLAN, Severity.WAIT, en, et)


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "period_ask",
        Step.PLAN,
        Severity.ERROR,
        "{document} belongs to {month:month}; {state} ({evidence}). Book it into {month:month} ({month:by_book_into}),"
        " and calculate the return again or file a correction; or enter it on {day} ({day:by_first_open_day}). The"
        " company file may say it for all of them: {policy}.",
        "{document} kuulub {month:month_into}; {state} ({evidence}). Kanna see {month:month_into}"
        " ({month:by_book_into}) ja arvuta deklaratsioon uuesti või paranda esitatut; või kanna see kuupäevaga {day}"
        " ({day:by_first_open_day}). Kõigi kohta võib seda öelda seadefail: {policy}.",
        "{policy}",
        "company file",
    ),
    _wait(
        "period_waits",
        "{document} waits: it belongs to {month:month}; {state} ({evidence}). It goes on once that return is deleted in"
        " SmartAccounts, or somebody says that the month is open again ({month:by_reopened}); or change {policy}"
        " in the company file.",
        "{document} ootab: see kuulub {month:month_into}; {state} ({evidence}). See läheb edasi, kui deklaratsioon"
        " SmartAccountsis kustutatakse või keegi ütleb, et kuu on jälle avatud ({month:by_reopened}); või muuda"
        " seadefailis {policy}.",
    ),
    _wait(
        "month_closed",
        "{document} of {day} waits: by the company file the books are closed until {closed}. Move"
        " {setting}.books_closed_until back when the month is open again; or let {policy} be first_open_day, and it is"
        " entered on the first open day.",
        "{document} ({day}) ootab: seadefaili järgi on raamat suletud kuni {closed}. Kui kuu on jälle avatud, muuda"
        " {setting}.books_closed_until varasemaks; või pane {policy} väärtuseks first_open_day ja dokument kantakse"
        " esimesel avatud päeval.",
    ),
    _wait(
        "month_closed.payment",
        "{document} waits: by the company file the books are closed until {closed}, and the day of money is never"
        " moved. Move entry_date.books_closed_until back when the month is open again.",
        "{document} ootab: seadefaili järgi on raamat suletud kuni {closed} ja raha päeva ei muudeta. Kui kuu on jälle"
        " avatud, muuda entry_date.books_closed_until varasemaks.",
    ),
    Entry(
        "entry_moved",
        Step.PLAN,
        Severity.WARNING,
        "it is dated {day}, and entered on {entry_day}: its own month is closed, or what it credits was entered later."
        " Its VAT is declared with the later month.",
        "kuupäev on {day}, kuid kande kuupäev {entry_day}: selle kuu on suletud või krediteeritav arve kanti hiljem."
        " Käibemaks deklareeritakse hilisemas kuus.",
    ),
    Entry(
        "entry_moved.rate",
        Step.PLAN,
        Severity.WARNING,
        "it has VAT of {percent:amount} %, which ended on {last}, and is entered on {entry_day}: the rate is that of"
        " its day, {day}, and the return shows it with the later month.",
        "käibemaks {percent:amount} % kehtis kuni {last}, kuid kande kuupäev on {entry_day}: määr on dokumendi päeva"
        " ({day}) oma ja deklaratsioonil on see hilisemas kuus.",
    ),
    Entry(
        "entry_in_declared",
        Step.PLAN,
        Severity.WARNING,
        "it is entered into {month:month}; {state} ({evidence}). That return does not have it: calculate it again, or"
        " file a correction.",
        "kantakse {month:month_into}; {state} ({evidence}). Deklaratsioonis seda ei ole: arvuta see uuesti või paranda"
        " esitatut.",
    ),
    Entry(
        "period_state",
        Step.PLAN,
        Severity.NOTE,
        "{month:month}: {state} ({evidence}). Of {kind}: {count} {count:document|documents}, VAT {vat:amount}; {does}.",
        "{month:month}: {state} ({evidence}). Liik {kind}: dokumente {count}, käibemaks {vat:amount}; {does}.",
    ),
    Entry(
        "after_return",
        Step.PLAN,
        Severity.NOTE,
        "{month:month}: {count} {count:document|documents} (VAT {vat:amount}) {count:was|were} entered after its return"
        " was calculated. Calculate it again, or file a correction; if that is done and it does not show, say so"
        " ({month:by_filed}).",
        "{month:month}: pärast deklaratsiooni arvutamist kanti dokumente {count} (käibemaks {vat:amount}). Arvuta see"
        " uuesti või paranda esitatut; kui see on tehtud ja siit ei paista, ütle seda ({month:by_filed}).",
    ),
    Entry(
        "returns_unread",
        Step.PLAN,
        Severity.NOTE,
        "PERIODS: which months are declared is not known, SmartAccounts does not let its VAT returns be read"
        " ({reading}): documents of declared months are booked as if they were open. Give the group of the API user the"
        " right to the general ledger, or say of each that it is filed (command filed).",
        "PERIOODID: ei ole teada, millised kuud on deklareeritud, SmartAccounts ei lase käibedeklaratsioone lugeda"
        " ({reading}): deklareeritud kuude dokumendid kantakse, nagu oleksid need avatud. Anna API kasutajagrupile"
        " pearaamatu õigus või ütle iga kuu kohta, et see on esitatud (käsk filed).",
    ),
)
