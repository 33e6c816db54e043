"""How a run left a document, where nothing is wrong with it. Codes are the names of outcomes."""

from __future__ import annotations

from scoro_smartaccounts.common.reasons.message import AS_TOLD, Entry, Severity, Step


def _note(key: str, step: Step, en: str, et: str) -> Entry:
    return Entry(key, step, Severity.NOTE, en, et)


ENTRIES: tuple[Entry, ...] = (
    # Told by a version before this catalogue: the sentence as it was.
    Entry(AS_TOLD, Step.EXTRACT, Severity.NOTE, "{text}", "{text}", "{field}", "{system}"),
    _note("create", Step.PLAN, "It will be created in SmartAccounts.", "Dokument luuakse SmartAccountsis."),
    _note("created", Step.LOAD, "It was created in SmartAccounts.", "Dokument loodi SmartAccountsis."),
    _note(
        "created.found_later",
        Step.LOAD,
        "Its answer was lost; it was found {where}.",
        "Vastus läks kaduma; dokument leiti {where}.",
    ),
    _note(
        "adopted",
        Step.PLAN,
        "It was {where} already.",
        "Sama dokument oli {where} juba olemas; see seoti, midagi uut ei looda.",
    ),
    _note(
        "already_there",
        Step.PLAN,
        "It is imported already; an imported document is never changed afterwards.",
        "Dokument on juba imporditud; imporditud dokumenti hiljem ei muudeta.",
    ),
    _note("planned", Step.LOAD, "It is planned, and was not sent.", "Dokument on kavandatud, kuid saatmata."),
    _note("planned.preview", Step.LOAD, "Preview: nothing was sent.", "Eelvaade: midagi ei saadetud."),
    _note("planned.asked", Step.LOAD, "The accountant is asked.", "Raamatupidajalt küsitakse kinnitust."),
    _note(
        "in_doubt",
        Step.LOAD,
        "its answer was lost; it is looked for before anything is sent again. Do not enter it by hand meanwhile.",
        "vastus läks kaduma. Enne uuesti saatmist kontrollitakse, kas dokument on kirjas; ära sisesta seda vahepeal"
        " käsitsi.",
    ),
    _note(
        "in_doubt.needs",
        Step.LOAD,
        "the answer about {what} was lost; it is looked for before anything is sent again. Do not enter it by hand"
        " meanwhile.",
        "vastus läks kaduma: {what}. Enne uuesti saatmist kontrollitakse, kas see on kirjas; ära sisesta seda vahepeal"
        " käsitsi.",
    ),
    _note(
        "not_sent",
        Step.LOAD,
        "It changed, was deleted, quarantined or dismissed after it was planned; nothing was sent, the next run"
        " decides.",
        "Dokument muutus, kustutati või jäeti kõrvale pärast kavandamist. Midagi ei saadetud; järgmine käivitus"
        " otsustab uuesti.",
    ),
    _note(
        "not_sent.paid_otherwise",
        Step.LOAD,
        "Its documents were paid otherwise after it was planned; nothing was sent, the next run decides.",
        "Makse arved tasuti pärast kavandamist muul moel. Midagi ei saadetud; järgmine käivitus otsustab uuesti.",
    ),
    _note(
        "not_sent.list_unsettled",
        Step.LOAD,
        "Scoro's list of receipts changed each time it was read; the next run tries again.",
        "Scoro maksete loend muutus igal lugemisel; järgmine käivitus proovib uuesti.",
    ),
    _note(
        "plan_changed",
        Step.LOAD,
        "Not booked: it differs from what was approved ({differences:semicolons}). The accountant is asked again.",
        "Pärast kinnitamist muutus midagi Scoros või SmartAccountsis ({differences:semicolons}). Dokumenti ei kantud;"
        " kinnitust küsitakse uuesti.",
    ),
    _note(
        "plan_changed.undecided",
        Step.LOAD,
        "Not booked as it was approved. {why} The accountant is asked again.",
        "Dokumenti ei kantud nii, nagu see kinnitati. {why} Kinnitust küsitakse uuesti.",
    ),
    _note("approved", Step.LOAD, "Approved by {by}.", "Kinnitas {by}."),
    _note("declined", Step.LOAD, "Declined by {by}.", "Raamatupidaja lükkas dokumendi tagasi: {by}."),
    _note("done", Step.LOAD, "It was booked meanwhile.", "Dokument kanti vahepeal."),
    _note(
        "changed",
        Step.LOAD,
        "It was deleted, dismissed or quarantined meanwhile.",
        "Dokument kustutati, jäeti kõrvale või pandi karantiini vahepeal.",
    ),
    _note("deleted", Step.EXTRACT, "{document} is deleted in Scoro.", "{document} on Scoros kustutatud."),
    _note("deleted.missing", Step.EXTRACT, "{document} is not in Scoro any more.", "{document} ei ole enam Scoros."),
    _note(
        "deleted.after_approval",
        Step.LOAD,
        "It was deleted in Scoro after it was approved.",
        "Dokument kustutati Scoros pärast kinnitamist.",
    ),
    _note(
        "dismissed",
        Step.CHECK,
        "It is not imported as it is, as somebody decided: {note}",
        "Dokument on otsusega kõrvale jäetud; sellisel kujul seda ei impordita: {note}",
    ),
    _note("quarantined", Step.CHECK, "It waits for a person.", "Dokument ootab karantiinis inimese otsust."),
    _note(
        "waiting",
        Step.PLAN,
        "It goes on by itself once the obstacle is gone.",
        "Dokument ootab; see läheb ise edasi, kui takistus kaob.",
    ),
)
