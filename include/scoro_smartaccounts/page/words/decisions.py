"""Words of the decisions."""

from __future__ import annotations

from scoro_smartaccounts.page.words.table import Words

DECISIONS: Words = {
    "quarantine_is": (
        "Karantiin: ootab inimese otsust",
        "Quarantine: waits for a person's decision",
    ),
    "since": ("alates", "since"),
    "why": ("Miks", "Why"),
    "choose": ("Vali", "Choose"),
    "all_shown": ("Kõik näidatud", "All that are shown"),
    "retry": ("Proovi uuesti", "Try again"),
    "dismiss": ("Jäta kõrvale", "Dismiss"),
    "note": ("Märkus", "Note"),
    "no_such_case": ("Siin ei oota enam ükski dokument.", "No document waits here any more."),
    "nothing_chosen": (
        "Midagi ei muudetud: ühtegi rida ei olnud valitud. Märgi, mille kohta see käib.",
        "Nothing was changed: no line was chosen. Tick what it is about.",
    ),
    "note_hint": ("Kõrvalejätmiseks on märkus vajalik: miks?", "To dismiss, a note is needed: why?"),
    "note_needed": (
        "Midagi ei tehtud: kõrvale jätmiseks kirjuta märkusesse, miks.",
        "Nothing was done: to dismiss, write into the note why.",
    ),
    "cases_text": (
        "Kõrvalda põhjus ja vajuta „Proovi uuesti“: järgmine käivitus võtab dokumendi. „Jäta kõrvale“: dokumenti ei"
        " impordita, kuni see on samasugune.",
        "Mend the cause and choose “Try again”: the next run takes the document. “Dismiss”: the document is not"
        " imported as long as it stays as it is.",
    ),
    "question_text": (
        "Kui kõik on õige nii, nagu on, vajuta „Proovi uuesti“; muidu kõrvalda enne põhjus. Järgmine käivitus võtab"
        " dokumendi. „Jäta kõrvale“: dokumenti ei impordita, kuni see on samasugune.",
        "If all is right as it is, choose “Try again”; otherwise mend the cause first. The next run takes the document."
        " “Dismiss”: the document is not imported as long as it stays as it is.",
    ),
    "period_text": (
        "Need dokumendid kuuluvad {month:month_into}, mille käibedeklaratsioon on juba tehtud või mis on lukus. „Kanna"
        " {month:month_into}“: arvuta deklaratsioon pärast uuesti või paranda esitatut. „Kanna esimesel avatud päeval“:"
        " käibemaks läheb hilisemasse kuusse. „Jäta kõrvale“: ei kanta.",
        "These documents are of {month:month}, whose VAT return is made already, or which is locked. “Book into"
        " {month:month}”: calculate the return again afterwards, or file a correction. “Book on the first open day”:"
        " the VAT is declared with the later month. “Dismiss”: not booked.",
    ),
    "book_into": ("Kanna {month:month_into}", "Book into {month:month}"),
    "book_first_open_day": ("Kanna esimesel avatud päeval", "Book on the first open day"),
    "chose_own_month": ("kantakse oma kuusse", "booked into its own month"),
    "chose_first_open_day": ("kantakse esimesel avatud päeval", "booked on the first open day"),
    "said_own_month": (
        "{count} {count:dokumendi|dokumenti} kannab oma kuusse järgmine käivitus{when}; arvuta deklaratsioon pärast"
        " uuesti.",
        "{count} {count:document|documents} will be booked into {count:its|their} own month by the next run{when};"
        " calculate the return again then.",
    ),
    "said_first_open_day": (
        "{count} {count:dokumendi|dokumenti} kannab esimesel avatud päeval järgmine käivitus{when}.",
        "{count} {count:document|documents} will be booked on the first open day by the next run{when}.",
    ),
    "when_at": (", mis algab {at}", ", which begins on {at}"),
    "when_soon": (", mis algab kohe", ", which begins at once"),
    "when_paused": (
        ", mis ei alga enne, kui DAG {dag} lubatakse",
        ", which does not begin before the DAG {dag} is enabled",
    ),
    "when_by_hand": (", mille keegi käsitsi alustab", ", which somebody starts by hand"),
    "when_unknown": ("", ""),
    "to_approve": (
        "Ootab kinnitamist: {count} {count:dokument|dokumenti}",
        "To approve: {count} {count:document|documents}",
    ),
    "answered_by_whom": ("vastab", "answered by"),
    "answered": ("Vastatud", "Answered"),
    "answered_approve": (
        "{by} kinnitas {at}; dokumendid kantakse SmartAccountsi mõne minuti jooksul.",
        "{by} approved this on {at}; the documents are booked in SmartAccounts within minutes.",
    ),
    "answered_approve_but": (
        "{by} kinnitas {at} ja jättis {count} {count:dokumendi|dokumenti} kõrvale; teised kantakse SmartAccountsi mõne"
        " minuti jooksul.",
        "{by} approved this on {at} and dismissed {count} {count:document|documents}; the others are booked in"
        " SmartAccounts within minutes.",
    ),
    "answered_reject": (
        "{by} lükkas tagasi {at}; midagi ei kanta.",
        "{by} rejected this on {at}; nothing is booked.",
    ),
    "vat_code": ("KM kood", "VAT code"),
    "reverse_charge": (
        "pöördmaksustamine, ostja deklareerib {amount}",
        "reverse charge, the buyer declares {amount}",
    ),
    "all_together": (
        "Kokku {count} {count:dokument|dokumenti},",
        "Total of {count} {count:document|documents},",
    ),
    "creates": ("Luuakse", "Creates"),
    "approve_text": (
        "„Kinnita“: need dokumendid kantakse SmartAccountsi kohe, täpselt nii nagu siin; kõrvale jäetuid ei kanta."
        " „Lükka tagasi“: midagi ei kanta. Tagasi saab võtta terve käivituse (Kontroll >"
        " Importide tagasivõtmine).",
        "“Approve”: these documents are booked in SmartAccounts at once, exactly as they stand here, but for those that"
        " you dismiss. “Reject”: none is booked. A whole run can be taken back (Audit > Runs"
        " taken back).",
    ),
    "approve": ("Kinnita", "Approve"),
    "reject": ("Lükka tagasi", "Reject"),
    "not_your_answer": (
        "Sellele vastavad need, kes on ettevõtte seadefailis nimetatud (approval).",
        "Whom the company file names under approval answers this.",
    ),
    "question_gone": (
        "Airflow ei hoia seda küsimust enam: käivita approve_plans, et uuesti küsitaks.",
        "Airflow keeps this question no more: trigger approve_plans to be asked again.",
    ),
    "not_asked": ("Kavandatud, raamatupidajalt küsimata: {count}", "Planned, the accountant is not asked yet: {count}"),
    "not_asked_text": (
        "Tavaliselt küsib approve_plans mõne minuti jooksul. Kui küsimust siia ei tule, küsi ise.",
        "The DAG approve_plans usually asks within minutes. If no question comes, ask yourself.",
    ),
    "ask_now": ("Küsi kohe", "Ask now"),
    "said_asking": (
        "Küsimus tuleb siia mõne minuti pärast; lae leht siis uuesti.",
        "The question will be here in a few minutes; load the page again then.",
    ),
    "said_enabled": ("DAG approve_plans on lubatud.", "The DAG approve_plans is enabled."),
    "question_unreadable": (
        "Seda, mille kohta siin küsitakse, ei saa lugeda: kava andmebaasis on rikutud. Logi nimetab vea; siin ei saa"
        " midagi kinnitada.",
        "What is asked about here cannot be read: its plan in the database is damaged. The log names the error; nothing"
        " can be approved here.",
    ),
    "same_or_not": ("Kas on samad? {count}", "Are they the same? {count}"),
    "same_text": (
        "Kirje Scoros ja kirje SmartAccountsis. Seo need, mis on sama ettevõte või artikkel.",
        "A record of Scoro and one of SmartAccounts. Link those that are the same company or article.",
    ),
    "link_them": ("Seo", "Link"),
    "not_the_same": ("Ei ole samad", "Not the same"),
    "which_is_it": ("Milline kirje see SmartAccountsis on? {count}", "Which record of SmartAccounts is it? {count}"),
    "which_text": (
        "Siin on kontaktil või tootel mitu võimalikku vastet või räägib midagi vastu. Vali õige ja seo või vajuta"
        " „Mitte ükski“. Kui kaks SmartAccountsi klienti on üks ettevõte, liida need enne seal.",
        "Here a contact or product has several candidates, or something contradicts. Choose the right one and link it,"
        " or choose “None of them”. Where two clients of SmartAccounts are one company, merge them there first.",
    ),
    "link_it": ("Seo valitu", "Link the chosen one"),
    "none_of_them": ("Mitte ükski", "None of them"),
    "waits_for_pairs": (
        "Dokumendid, mis ootavad neid vastuseid: {count}",
        "Documents that wait for these answers: {count}",
    ),
    "decided": ("Otsustatud, saab veel tagasi võtta", "Decided, and can still be taken back"),
    "decided_text": (
        "Kuni järgmine ajastatud käivitus või dokumendi päeva import ei ole otsuse järgi tegutsenud.",
        "Until the next scheduled run, or an import of the document's day, has acted on it.",
    ),
    "decision": ("Otsus", "Decision"),
    "decided_on": ("Otsustatud", "Decided"),
    "pair_accepted": ("seotud", "linked"),
    "pair_rejected": ("ei ole samad", "not the same"),
    "take_back": ("Võta tagasi", "Take back"),
    "waits": ("Ootab takistuse kadumist", "Waits until an obstacle is gone"),
    "no_such_wait": ("Siin ei oota enam ükski dokument.", "No document waits here any more."),
    "held_up": ("Ootab takistuse kadumist: {count}", "Waits until an obstacle is gone: {count}"),
    "held_up_text": (
        "Iga rida ütleb, mis on ees ja mida selleks teha saab. Kui takistust enam ei ole, võtab dokumendi"
        " järgmine ajastatud käivitus või selle päeva import.",
        "Each line says what stands in the way, and what can be done about it. Once it is gone the next"
        " scheduled run, or an import of its day, takes the document.",
    ),
    "said_retry": (
        "{count} {count:dokument|dokumenti} proovitakse uuesti järgmise käivitusega{when}.",
        "{count} {count:document|documents} will be tried again by the next run{when}.",
    ),
    "said_dismiss": (
        "{count} {count:dokument|dokumenti} jäeti kõrvale; {count:seda|neid} ei impordita, kuni dokument Scoros"
        " muutub.",
        "{count} {count:document|documents} {count:was|were} dismissed; not imported until changed in Scoro.",
    ),
    "said_back": ("Tagasi võetud: {count}; ootab taas vastust.", "Taken back: {count}; waits for an answer again."),
    "said_same": (
        "Seotud: {count}; dokumendid, mis seda ootasid, võtab järgmine käivitus{when}.",
        "Linked: {count}; the documents that waited for it are taken by the next run{when}.",
    ),
    "said_other": (
        "Märgitud erinevaks: {count}; dokumendid, mis seda ootasid, võtab järgmine käivitus{when}.",
        "Noted as not the same: {count}; the documents that waited for it are taken by the next run{when}.",
    ),
    "said_approve": (
        "Kinnitatud. Dokumendid kantakse SmartAccountsi kohe.",
        "Approved. The documents are booked in SmartAccounts now.",
    ),
    "said_reject": (
        "Tagasi lükatud: midagi ei kanta ega küsita uuesti, kuni dokument muutub või selle päev imporditakse uuesti.",
        "Rejected: nothing is booked, nor asked again until a document changes or its day is imported again.",
    ),
    "said_nothing_chosen": (
        "Midagi ei muudetud: ühtegi rida ei olnud valitud.",
        "Nothing was changed: no line was chosen.",
    ),
    "said_all_left_out": (
        "Midagi ei muudetud: kõik dokumendid olid kõrvale jäetud, kinnitada ei jäänud midagi. Kui ühtegi ei ole vaja"
        " kanda, lükka tagasi.",
        "Nothing was changed: every document was dismissed, and none was left to approve. If none is to be booked,"
        " reject.",
    ),
    "said_too_late": ("Keegi jõudis ette ja vastas varem:", "Somebody answered before you:"),
    "missed": (
        "{count} jäi tegemata: keegi teine või käivitus otsustas vahepeal.",
        "{count} {count:was|were} left: somebody else or a run decided meanwhile.",
    ),
}
