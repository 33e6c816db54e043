"""Words of the import by hand."""

from __future__ import annotations

from scoro_smartaccounts.page.words.table import Words

IMPORTING: Words = {
    "first_day": ("Esimene päev", "First day"),
    "last_day": ("Viimane päev", "Last day"),
    "preview": ("Vaata üle", "Look through"),
    "preview_writes_nothing": (
        "Kõigepealt näidatakse nimekirja. Midagi ei kirjutata enne, kui kinnitad.",
        "A list is shown first. Nothing is written before you confirm.",
    ),
    "plan_and_ask": ("Kavanda ja küsi kinnitust", "Plan and ask for approval"),
    "plan_and_ask_tells": (
        "Kavanda ja küsi kinnitust: dokumendid lähevad nimekirja näitamata kinnitamisele. Enne kinnitamist ei kanta"
        " midagi.",
        "Plan and ask for approval: the documents go to approval without a list here. Nothing is booked before it is"
        " approved.",
    ),
    "newest_runs": ("Viimased käivitused", "Newest runs"),
    "not_imported_since": ("importimata:", "not imported:"),
    "export_days": (
        "Ilma päevadeta: maksed, mis on lisatud pärast viimast saatmist.",
        "Without days: the payments that were added since the last time.",
    ),
    "dag_paused": (
        "Selle voo DAG on Airflow's peatatud: käivitatu ootaks lõpmatult. Luba DAG enne.",
        "The DAG of this flow is paused in Airflow: a run would wait for ever. Enable it first.",
    ),
    "dag_unknown": (
        "Airflow ei tunne DAG-i {dag}: kas DAG-ide fail on olemas ja vigadeta? Ilma selleta ei saa midagi käivitada.",
        "Airflow does not know the DAG {dag}: is the file of the DAGs there, and without errors? Nothing can be started"
        " without it.",
    ),
    "wrong_both_days": ("Midagi ei käivitatud: vali mõlemad päevad.", "Nothing was started: choose both days."),
    "wrong_both_or_none": (
        "Midagi ei käivitatud: vali mõlemad päevad või jäta mõlemad tühjaks.",
        "Nothing was started: choose both days, or leave both empty.",
    ),
    "wrong_reversed": (
        "Midagi ei käivitatud: viimane päev on enne esimest.",
        "Nothing was started: the last day is before the first.",
    ),
    "wrong_before_first": (
        "Midagi ei käivitatud: enne {day} ei impordita. See on ettevõtte esimene impordipäev (seadefail,"
        " first_import_date).",
        "Nothing was started: nothing is imported before {day}. That is the company's first import day (company file,"
        " first_import_date).",
    ),
    "wrong_future": (
        "Midagi ei käivitatud: viimane päev on alles ees, täna on {today}.",
        "Nothing was started: the last day is still to come, today is {today}.",
    ),
    "enable": ("Luba", "Enable"),
    "quota_gone": (
        "SmartAccountsi päringud on otsas. Uuesti saab alates {until}.",
        "No requests to SmartAccounts are left. They are free again at {until}.",
    ),
    "backfill_open": (
        "Selle voo kohta käib juba tagasitäide (backfill). Selle päevad imporditakse niikuinii.",
        "A backfill of this flow is running already. Its days are imported anyway.",
    ),
    "step_extract_documents": ("Loen Scorost", "Reading from Scoro"),
    "step_load_approved": ("Kannan kinnitatu", "Booking what was approved"),
    "step_check_quality": ("Kontrollin", "Checking"),
    "step_reconcile_and_plan": ("Kavandan", "Planning"),
    "step_load_documents": ("Kannan", "Booking"),
    "step_summarize_run": ("Kokkuvõte", "Summary"),
    "step_read_payments": ("Loen SmartAccountsist", "Reading from SmartAccounts"),
    "step_plan_receipts": ("Kavandan", "Planning"),
    "step_send_receipts": ("Kannan", "Sending"),
    "task_none": ("ootab järjekorras", "in line"),
    "task_running": ("käib", "running"),
    "task_success": ("tehtud", "done"),
    "task_failed": ("ebaõnnestus", "failed"),
    "task_upstream_failed": ("jäi ära", "left out"),
    "task_up_for_reschedule": ("ootab ja jätkab ise", "waits, goes on by itself"),
    "task_up_for_retry": ("proovib varsti uuesti", "tries again soon"),
    "goes_on_by_itself": (
        "Selle lehe võib sulgeda: käivitus käib edasi.",
        "You may close this page: the run goes on.",
    ),
    "progress_stale": (
        "Seisu ei saa praegu lugeda; all on viimane teadaolev. Proovin ise edasi.",
        "How far it is cannot be read now; what stands below was known last. It is tried again by itself.",
    ),
    "run_failed": (
        "Käivitus ebaõnnestus. Mida teha, ütleb ebaõnnestunud sammu logi; juba kantu jääb alles ja topelt ei kanta.",
        "The run failed. The failed step's log says what to do; what is booked stays, and nothing is booked twice.",
    ),
    "run_stopped": (
        "Käivitus katkestati enne lõppu. Juba kantu jääb alles ja topelt ei kanta; mis pooleli jäi, võtab järgmine"
        " käivitus.",
        "The run was stopped before its end. What is booked stays, and nothing is booked twice; the next run takes what"
        " was left.",
    ),
    "verdict": ("Otsus", "Verdict"),
    "warnings": ("Hoiatused", "Warnings"),
    "confirm_import": (
        "SmartAccountsi kantakse {count} {count:dokument|dokumenti}, nagu all näidatud. Scoro loetakse uuesti: kui seal"
        " vahepeal midagi muutus, kantakse see nii, nagu see siis on. Tagasi saab võtta terve käivituse (Kontroll >"
        " Importide tagasivõtmine).",
        "{count} {count:document|documents} will be booked in SmartAccounts, as shown below. Scoro is read again: what"
        " changed there meanwhile is booked as it is then. A whole run can be taken back (Audit > Runs taken back).",
    ),
    "confirm_export": (
        "Scorosse saadetakse {count} {count:makse|makset}. SmartAccounts loetakse uuesti: mis vahepeal lisandus, läheb"
        " kaasa.",
        "{count} {count:payment|payments} will be sent to Scoro. SmartAccounts is read again: what was added meanwhile"
        " goes along.",
    ),
    "confirm_approve": (
        "{count} {count:dokument|dokumenti} saadetakse kinnitamisele. Enne kinnitamist ei kanta midagi.",
        "{count} {count:document|documents} will be put up for approval. Nothing is booked before it is approved.",
    ),
    "do_import": ("Impordi", "Import"),
    "do_approve": ("Saada kinnitamisele", "Put up for approval"),
    "do_preview": ("Vaata üle", "Look through"),
    "not_now": ("Praegu mitte", "Not now"),
    "only_preview": (
        "Ettevõtte seadefail lubab käsitsi ainult eelvaadet (mode.strongest).",
        "The company file allows previews only by hand (mode.strongest).",
    ),
    "sent_to_approval": ("Kinnitamisele läheb: {count}.", "Put up for approval: {count}."),
    "none_to_approval": ("Kinnitamisele ei läinud midagi.", "Nothing was put up for approval."),
    "imported": ("Imporditud: {count}.", "Imported: {count}."),
    "none_imported": ("Midagi uut ei imporditud.", "Nothing new was imported."),
    "exported": ("Scorosse saadetud: {count}.", "Sent to Scoro: {count}."),
    "none_exported": ("Scorosse ei saadetud midagi uut.", "Nothing new was sent to Scoro."),
    "run_in_doubt": (
        "Vastus teadmata: {count}. Järgmine käivitus teeb selgeks, mis kohale jõudis; ära sisesta {count:seda|neid}"
        " vahepeal käsitsi.",
        "In doubt: {count}. The next run finds out what arrived; do not enter {count:it|them} by hand meanwhile.",
    ),
    "run_left": (
        "Jäi tegemata: {count}. Miks, on kirjas dokumendi juures.",
        "Left undone: {count}. Why, each document tells.",
    ),
    "nothing_to_import": (
        "Siin ei ole midagi importida. Miks, on kirjas dokumendi juures.",
        "There is nothing to import here. Why, each document tells.",
    ),
    "mark_days": ("Märgi need päevad imporditud", "Mark these days as imported"),
    "mark_days_text": (
        "Päevad on seni kalendris puudu. Märkides loetakse need uuesti: mis vahepeal lisandus, see imporditakse; mis"
        " ootab otsust, ootab edasi.",
        "The calendar still shows these days as missing. They are read again then: what was added meanwhile is"
        " imported, what waits for a decision goes on waiting.",
    ),
    "nothing_to_export": ("Scorosse ei ole midagi saata.", "There is nothing to send to Scoro."),
    "no_documents_then": ("Neil päevadel dokumente ei ole.", "There are no documents on these days."),
    "no_payments_then": ("Uusi makseid ei ole.", "There are no new payments."),
    "trouble_listing_unsettled": (
        "Scoro nimekiri muutus iga lugemise ajal: dokumente võib puudu olla ja päevad ei ole imporditud. Käivita"
        " uuesti.",
        "Scoro's list changed each time it was read: documents may be missing, and the days are not imported. Run them"
        " again.",
    ),
    "trouble_rows_without_id": (
        "Scoro saatis kirjeid, millel ei ole id-d: neid ei saa importida. Täpsemalt sammu „Loen Scorost“ logis.",
        "Scoro sent records without an id, which cannot be imported. The log of “Reading from Scoro” tells more.",
    ),
    "trouble_before_first_import": (
        "Osa dokumente on enne seadefaili esimest impordipäeva; neid ei võetud.",
        "Some documents lie before the first import date of the company file; they were not taken.",
    ),
    "trouble_date_filter_untrusted": (
        "Scoro päevafilter ei näidanud kõiki nende päevade dokumente; seepärast loeti kõik.",
        "Scoro's date filter did not show all documents of these days; all were read instead.",
    ),
    "nothing_known_of_run": ("Käivitus ei jätnud andmebaasi midagi.", "The run left nothing in the database."),
}
