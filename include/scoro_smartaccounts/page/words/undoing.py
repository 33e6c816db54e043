"""Words of taking runs back."""

from __future__ import annotations

from scoro_smartaccounts.page.words.table import Words

UNDOING: Words = {
    "undoing": ("Importide tagasivõtmine", "Runs taken back"),
    "undo_plan": ("Tagasivõtmise kava", "Undo plan"),
    "undo_run": ("Mida tagasi võetakse", "Which run"),
    "undo_shown_at": ("Kava tehtud", "Planned"),
    "undo_approved": ("Kinnitas", "Approved by"),
    "approved_by": ("kinnitas {name}", "approved by {name}"),
    "decided_by": ("otsustas {name}", "decided by {name}"),
    "undo_ended": ("Lõpetatud", "Done"),
    "undo_steps": ("Kirjed", "Records"),
    "undo_class": ("Klass", "Class"),
    "order": ("Järjekord", "Order"),
    "undo_deletes": ("Kustutatavaid kirjeid: {count}", "Records to delete: {count}"),
    "undo_is_shown": ("ootab kinnitust", "not approved"),
    "undo_is_approved": ("kinnitatud, tegemata", "approved, not done yet"),
    "undo_is_done": ("tehtud", "done"),
    "undo_class_U1": ("kustutatakse.", "is deleted."),
    "undo_class_U2": ("kustutatakse pärast oma makseid.", "is deleted after what paid it."),
    "undo_class_U3": ("vajab kreeditarvet.", "needs a credit invoice."),
    "undo_class_U4": ("jääb inimesele.", "is left to a person."),
    "undo_listed": ("jääb inimesele", "left to a person"),
    "undo_planned": ("veel kustutamata", "not deleted yet"),
    "undo_sent": ("vastus teadmata", "no answer known"),
    "undo_undone": ("kustutatud", "deleted"),
    "undo_refused": ("ei kustutatud", "not deleted"),
    "undo_how_to_approve": (
        "Midagi ei ole kustutatud. Kinnitada saab käsuga undo selle räsi järgi:",
        "Nothing was deleted. The command undo approves it by this hash:",
    ),
    "undo_nothing": (
        "Sellest käivitusest ei ole enam midagi tagasi võtta.",
        "Nothing of this run is left to take back.",
    ),
    "undo_only_by_hand": (
        "Siin ei ole midagi, mida liides saaks kustutada ega kinnitada.",
        "There is nothing here that can be deleted by the pipeline, nor anything to approve.",
    ),
    "undo_how_to_credit": (
        "U3: tee Scoros või SmartAccountsis kreeditarve kuupäevaga, mille rida nimetab. Kui kuu on jälle avatud, märgi"
        " see kuu lehel ja kavanda uuesti.",
        "U3: make a credit invoice in Scoro or SmartAccounts, of the date that the line names. If the month is open"
        " again, say so on the page of the month, and plan again.",
    ),
    "undo_how_by_person": (
        "U4: tee, mida rida ütleb, ja kavanda uuesti.",
        "U4: do what the line says, and plan again.",
    ),
    "plan_undo": ("Kavanda tagasivõtmine", "Plan taking back"),
    "plan_undo_again": ("Kavanda uuesti", "Plan again"),
    "plan_undo_text": (
        "Kava näitab, mida käivitusest saab tagasi võtta ja mis järjekorras. Midagi ei kustutata enne, kui kava on"
        " kinnitatud.",
        "The plan shows what of a run can be taken back, and in which order. Nothing is deleted before the plan is"
        " approved.",
    ),
    "record": ("Kirje", "Record"),
    "undo_how_to_do": (
        "Kustutab DAG {dag}: käivita see. Enne kustutamist loetakse kõik uuesti.",
        "The DAG {dag} deletes: trigger it. Everything is read again before.",
    ),
    "files": ("Failid", "Files"),
    "file_is_gone": (
        "Seda faili ei ole väljundkaustas enam. DAG audit_books kirjutab kuu lehe uuesti, kui selle kuu arvud"
        " muutuvad.",
        "This file is not in the output folder any more. The DAG audit_books writes a month's pages anew when its"
        " figures change.",
    ),
    "file_is_other": (
        "See fail on väljundkaustas muutunud: see ei ole enam see, mis kirjutati, ja seda siit ei anta.",
        "This file was changed in the output folder: it is not what was written any more, so it is not given out here.",
    ),
    "both_sides_by_month": ("Mõlemad pooled kuude kaupa", "Both sides by month"),
}
