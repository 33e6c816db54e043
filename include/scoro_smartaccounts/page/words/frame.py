"""Words of the frame, of what goes wrong, and of the flows."""

from __future__ import annotations

from scoro_smartaccounts.page.words.table import Words

_PAGE: Words = {
    "product": ("Scoro ja SmartAccounts", "Scoro and SmartAccounts"),
    "overview": ("Ülevaade", "Overview"),
    "import": ("Import", "Import"),
    "documents": ("Dokumendid", "Documents"),
    "decisions": ("Otsused", "Decisions"),
    "audit": ("Kontroll", "Audit"),
    "menu": ("Menüü", "Menu"),
    "skip": ("Otse sisu juurde", "Skip to the content"),
    "company": ("Ettevõte", "Company"),
    "show": ("Näita", "Show"),
    "language": ("English", "Eesti keeles"),
    "only_looking": (
        "Sul on õigus vaadata. Muuta ja importida saab see, kellel on õigus seda ettevõtet käivitada.",
        "You may look. Whoever may run this company's imports can change things here.",
    ),
    "back": ("Tagasi", "Back"),
    "yes": ("Jah", "Yes"),
    "none": ("–", "–"),
    "more": ("Järgmised", "More"),
    "first": ("Algusesse", "Back to the first"),
}
_PROBLEMS: Words = {
    "who_are_you": ("Logi sisse", "Log in"),
    "who_are_you_text": (
        "Sa ei ole Airflow'sse sisse logitud või on sisselogimine aegunud.",
        "You are not logged in to Airflow, or your login has expired.",
    ),
    "log_in": ("Logi uuesti sisse", "Log in again"),
    "not_for_you": ("Selleks ei ole õigust", "You may not do this"),
    "not_for_you_text": (
        "Küsi õigust sellelt, kes Airflow kasutajaid haldab, või logi sisse teise kasutajana.",
        "Ask whoever keeps Airflow's users for the right, or log in as another user.",
    ),
    "log_out": ("Logi välja ja sisse teise kasutajana", "Log out, and in as another user"),
    "denied_other_site": (
        "See päring ei tulnud sellelt lehelt: midagi ei tehtud. Ava leht ja tee sama seal.",
        "This request did not come from this page: nothing was done. Open the page, and do the same there.",
    ),
    "denied_company": ("Seda ettevõtet sa näha ei tohi.", "You may not see this company."),
    "denied_all": ("Sa ei tohi näha ühtegi ettevõtet.", "You may not see any company."),
    "denied_change": (
        "Ettevõtet {company} tohid vaadata, kuid mitte muuta. Midagi ei tehtud.",
        "You may look at {company}, and change nothing. Nothing was done.",
    ),
    "denied_answer": (
        "Sa ei ole nende seas, kes ettevõtte {company} eest otsustavad (seadefail, approval). Midagi ei tehtud.",
        "You are not among those who answer for {company} (company file, approval). Nothing was done.",
    ),
    "not_there": ("Sellist lehte ei ole", "There is no such page"),
    "not_there_text": ("Aadress on vale või on see, mida otsid, kustutatud.", "The address is wrong, or it is gone."),
    "wrong_request": ("Päringust ei saanud aru", "This request cannot be read"),
    "wrong_request_text": ("Midagi ei tehtud. Mine tagasi ja proovi uuesti.", "Nothing was done. Go back, try again."),
    "airflow_refused": ("Airflow keeldus", "Airflow refused this"),
    "airflow_refused_text": (
        "Midagi ei tehtud. Airflow vastus ütleb, miks; kui see ei aita, näita seda administraatorile:",
        "Nothing was done. Airflow's answer says why; where it does not help, show it to an administrator:",
    ),
    "must_be_set_up": ("Seadistus vajab muutmist", "The settings must be changed"),
    "must_be_set_up_text": (
        "Lehte ei saa näidata, enne kui administraator on selle parandanud:",
        "The page cannot be shown before an administrator has mended this:",
    ),
    "database_away": ("Andmebaasi ei saa lugeda.", "The database cannot be read."),
    "database_away_text": (
        "Proovi minuti pärast uuesti. Käivitused ootavad ise, midagi ei lähe kaduma.",
        "Try again in a minute. Runs wait by themselves, nothing is lost.",
    ),
    "went_wrong": ("Midagi läks valesti", "Something went wrong"),
    "went_wrong_text": (
        "Midagi ei muudetud. Airflow logis on kirjas, mis.",
        "Nothing was changed. Airflow's log says what.",
    ),
    "try_again": ("Proovi uuesti", "Try again"),
}
_FLOWS: Words = {
    "sales_invoices": ("Müügiarved", "Sales invoices"),
    "purchase_invoices": ("Ostuarved", "Purchase invoices"),
    "payments": ("Maksed Scorost", "Payments from Scoro"),
    "export_payments": ("Maksed Scorosse", "Payments to Scoro"),
}

FRAME: Words = {**_PAGE, **_PROBLEMS, **_FLOWS}
