"""Words of the first screen."""

from __future__ import annotations

from scoro_smartaccounts.page.words.table import Words

OVERVIEW: Words = {
    "nothing_imported": ("Midagi ei ole veel imporditud.", "Nothing was imported yet."),
    "begin_with_import": ("Alusta impordist.", "Begin with the import."),
    "waits_for_you": ("Ootab otsust", "Waits for a decision"),
    "nothing_waits": ("Midagi ei oota otsust.", "Nothing waits for a decision."),
    "documents_to_approve": ("{count:dokument|dokumenti} ootab kinnitamist", "{count:document|documents} to approve"),
    "documents_not_asked": (
        "{count:dokument|dokumenti} on kavandatud, aga raamatupidajalt küsimata",
        "{count:document|documents} planned that the accountant is not asked about yet",
    ),
    "nobody_asks": (
        "DAG approve_plans on Airflow's peatatud: raamatupidajalt ei küsita ja vastuse järgi ei kanta midagi.",
        "The DAG approve_plans is paused in Airflow: the accountant is not asked, and nothing is booked after an"
        " answer.",
    ),
    "documents_in_quarantine": (
        "{count:dokument|dokumenti} karantiinis: ootab inimese otsust",
        "{count:document|documents} in quarantine: {count:it waits|they wait} for a person's decision",
    ),
    "pairs_to_decide": ("{count:paar|paari}: kas on samad?", "{count:pair|pairs}: are they the same?"),
    "conflicts_to_decide": (
        "{count:kontakt või toode|kontakti või toodet}: milline kirje see SmartAccountsis on?",
        "{count:contact or product|contacts or products}: which record of SmartAccounts {count:is it|are they}?",
    ),
    "documents_in_doubt": (
        "{count:dokument|dokumenti}, mille saatmise vastus on teadmata: ära sisesta {count:seda|neid} käsitsi",
        "{count:document|documents} sent without a known answer: do not enter {count:it|them} by hand",
    ),
    "documents_held_up": (
        "Takistuse kadumist ootab dokumente: {count}",
        "Documents that wait until an obstacle is gone: {count}",
    ),
    "documents_booked_differently": (
        "{count:dokument|dokumenti} on kirjas teisiti, kui kavandati",
        "{count:document|documents} booked differently than planned",
    ),
    "differences_to_decide": (
        "{count:erinevus|erinevust} kahe süsteemi vahel",
        "{count:difference|differences} between the systems",
    ),
    "last_read": ("Viimati loetud", "Last read"),
    "open": ("Ava", "Open"),
    "no_connection": ("Airflow ühendus puudub.", "Airflow has no connection to it."),
    "requests_today": ("24 tunni päringuid: {used} / {most}", "Requests in 24 hours: {used} of {most}"),
    "requests_minute": ("Viimase minuti päringuid: {used} / {most}", "In the last minute: {used} of {most}"),
    "free_again": ("Päringud on otsas. Jätkub", "No requests left. They go on at"),
    "is_unknown": ("Airflow ei tunne DAG-i või selles on viga", "Airflow does not know the DAG, or it has an error"),
    "is_paused": ("DAG on peatatud", "the DAG is paused"),
    "not_before": ("Enne {day} ei impordita.", "Nothing is imported before {day}."),
    "next_days": ("Järgmisena importida:", "Next to import:"),
    "days_missing": ("Kokku on importimata päevi: {count}", "Days not imported in all: {count}"),
    "without_hole": ("Kõik päevad kuni {day} on imporditud.", "All days up to {day} are imported."),
    "without_hole_but": ("Ükski päev kuni {day} ei ole puudu, kuid", "No day up to {day} is missing, but"),
    "export_off": (
        "Seadefailis välja lülitatud (export_payments).",
        "Switched off in the company file (export_payments).",
    ),
    "newest_run": ("Viimane käivitus", "Newest run"),
    "open_preview": ("Eelvaade {of} on importimata:", "A preview of {of} is not imported:"),
    "look_at_it": ("vaata üle", "look at it"),
    "created_count": ("loodi {count}", "{count} created"),
    "planned_count": ("kavandati {count}", "{count} planned"),
    "quarantined_count": ("karantiinis {count}", "{count} in quarantine"),
    "not_finished": ("jäi pooleli", "not finished"),
    "goes_on": ("käib või jäi pooleli", "goes on, or broke off"),
    "runs_or_waits": ("käib või ootab ja jätkab ise", "runs, or waits and goes on by itself"),
    "never_run": ("Ei ole veel käinud.", "Has not run yet."),
    "days": ("Päevad", "Days"),
    "weekdays": ("E T K N R L P", "Mo Tu We Th Fr Sa Su"),
    "documents_of_day": ("{count} {count:dokument|dokumenti}", "{count} {count:document|documents}"),
    "left_of_day": (
        "ootab {count} {count:dokument|dokumenti}, päeva dokumente kokku: {all}",
        "{count} {count:document waits|documents wait}, documents of the day in all: {all}",
    ),
    "day_imported": ("imporditud", "imported"),
    "day_partly": ("osa dokumente ootab", "some documents wait"),
    "day_empty": ("tühi: dokumente ei ole", "empty: no documents"),
    "day_missing": ("puudu", "missing"),
    "day_waiting": ("käib või ootab", "runs or waits"),
    "day_failing": ("ebaõnnestub", "failing"),
}
