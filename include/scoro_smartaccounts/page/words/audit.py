"""Words of the audit and of the control totals: those of the reports, and what stands around them."""

from __future__ import annotations

from scoro_smartaccounts.audit.words import STATES
from scoro_smartaccounts.page.words.table import Words
from scoro_smartaccounts.totals.words import TITLES

_NIGHT: Words = {
    "do_they_agree": ("Kas raamatud klapivad?", "Do the books still agree?"),
    "last_night": ("Viimane öö", "The last night"),
    "all_agrees": ("Kõik klapib.", "Everything agrees."),
    "all_explained": (
        "Kõik vahed on selgitatud, aga süsteemides ei ole sama palju. Kuud, mis erinevad:",
        "Every difference is explained, but the systems do not hold the same. Months that differ:",
    ),
    "no_night": (
        "Ükski öö ei ole veel lugenud: midagi ei saa kinnitada. DAG audit_books loeb igal ööl kell viis.",
        "No night has read yet: nothing can be said. The DAG audit_books reads every night at five.",
    ),
    "night_is_later": (
        "{day} algas öö, mis käib või jäi pooleli. Siin on kirjas varasem seis.",
        "On {day} a night began that goes on or broke off. What stands here is of an earlier one.",
    ),
    "night_is_old": (
        "Pärast {day} ei ole ükski öö lugenud: hilisemat ei saa kinnitada. Vaata, kas audit_books käib.",
        "No night has read since {day}: nothing can be said of what came later. See whether audit_books runs.",
    ),
    "nothing_watched_since": (
        "DAG audit_books on Airflow's peatatud: keegi ei valva, kas süsteemid klapivad. Viimati loeti {at}; mis pärast"
        " seda muutus, ei ole teada. Luba DAG.",
        "The DAG audit_books is paused in Airflow: nothing watches whether the systems agree. They were read last at"
        " {at}; what changed since then is not known. Enable the DAG.",
    ),
    "nothing_watched": (
        "DAG audit_books on Airflow's peatatud: keegi ei valva, kas süsteemid klapivad, ja ükski öö ei ole veel"
        " lugenud. Luba DAG.",
        "The DAG audit_books is paused in Airflow: nothing watches whether the systems agree, and no night has read"
        " yet. Enable the DAG.",
    ),
    "totals_not_written": (
        "Kontrollsummasid sel ööl ei arvutatud: siin on varasem seis.",
        "The control totals were not computed on this night: what stands here is of an earlier one.",
    ),
    "read_on": ("Loetud", "Read"),
    "told_on": ("Aruanne", "Report"),
}
_SCORO: Words = {
    "scoro_night_": ("Ei ole puhas: Scorost ei loetud", "Not clean: Scoro was not read"),
    "scoro_night_ok": STATES["ok"],
    "scoro_night_incomplete": STATES["incomplete"],
    "scoro_night_blind": ("Ei ole puhas: Scoro ei näita, mida peaks", "Not clean: Scoro does not show enough"),
    "scoro_night_baseline": STATES["baseline"],
}
_DRIFTS: Words = {
    "differences": ("Erinevused", "Differences"),
    "no_differences": ("Lahtisi erinevusi ei ole teada.", "No open difference is known of."),
    "only_suspected": (
        "Midagi on teisiti, aga see ei ole veel kindel: järgmine öö loeb selle üle.",
        "Something differs and is not sure yet: the next night reads it again.",
    ),
    "first_seen": ("Esimest korda nähtud", "First seen"),
    "what_differs": ("Mis ja mida teha", "What, and what to do"),
    "difference_number": ("Erinevus {number}", "Difference {number}"),
    "its_documents": ("Dokumendid", "Documents"),
    "shown_of": ("Näidatud {shown} / {count}", "Shown: {shown} of {count}"),
    "accept": ("Kinnita, et nii on õige", "Accept: it is right so"),
    "accept_text": (
        "Sellest ei teatata enam; kui sama dokument veel muutub, siis küll. Süsteemides ei muutu midagi.",
        "It is told no more; a further change of the same document is. Nothing changes in either system.",
    ),
    "said_accepted": ("Kinnitatud erinevusi: {count}.", "Differences accepted: {count}."),
    "not_accepted": (
        "Midagi ei kinnitatud: erinevus on vahepeal muutunud või lõpetatud.",
        "Nothing was accepted: the difference changed meanwhile, or is closed.",
    ),
    "closed_lately": ("Viimase kuu jooksul lõpetatud", "Closed in the last month"),
    "drift_accepted": STATES["accepted"],
    "drift_mended": STATES["mended"],
    "drift_gone_both": STATES["gone_both"],
}
_TOTALS: Words = {
    "control_totals": ("Kontrollsummad", "Control totals"),
    "control_totals_of": ("Kontrollsummad: {month}", "Control totals: {month}"),
    "bases": TITLES["bases"],
    "totals_table": TITLES["totals_table"],
    "no_totals": (
        "Kontrollsummasid ei ole veel arvutatud; audit_books teeb seda igal ööl.",
        "No control totals were computed yet; audit_books does so every night.",
    ),
    "month_equal": TITLES["equal"],
    "month_explained": TITLES["explained"],
    "month_red": ("Selgitamata vahesid: {count}", "Differences that nothing explains: {count}"),
    "month_not_clean": TITLES["not_clean"],
    "what": ("Mis", "What"),
    "ledger": ("Pearaamat", "Ledger"),
    "difference": ("Vahe", "Difference"),
    "unexplained": ("Selgitamata", "Unexplained"),
    "page_of": ("Leht kirjutatud {at}, öö {night}", "Page written {at}, night of {night}"),
    "reviewed_by": ("Vaadanud: {name}, {at}", "Reviewed by {name}, {at}"),
    "not_reviewed": ("Keegi ei ole seda veel vaadanud.", "Nobody has looked at it yet."),
    "mark_reviewed": ("Märgi vaadatuks", "Mark as reviewed"),
    "said_reviewed": (
        "Kirja pandud, et vaatasid üle {month:month_of} lehe.",
        "It is noted that you looked at the page of {month:month}.",
    ),
    "review_missed": (
        "Midagi ei märgitud: {month:month_of} leht on vahepeal teine või keegi juba vaatas. Vaata uuesti.",
        "Nothing was noted: the page of {month:month} is another by now, or somebody looked before you. Look again.",
    ),
    "vat_return": ("Käibedeklaratsioon", "VAT return"),
    "return_is_open": ("Kuu on avatud", "The month is open"),
    "return_is_saved": ("Deklaratsioon on salvestatud", "The return is saved"),
    "return_is_filed": ("Deklaratsioon on esitatud", "The return is filed"),
    "return_after": (
        "Pärast seda on kuusse kantud dokumente: {count}.",
        "Documents booked into the month after that: {count}.",
    ),
    "return_said_by": ("{at} märkis {name}: {what}.", "{name} said on {at}: {what}."),
    "somebody": ("keegi käsurealt", "Somebody by a command"),
    "said_filed": ("deklaratsioon on esitatud", "the return is filed"),
    "said_reopened": ("kuu on jälle avatud", "the month is open again"),
    "say_filed": ("Märgi esitatuks", "Mark as filed"),
    "say_reopened": ("Märgi jälle avatuks", "Mark as open again"),
    "say_filed_means": (
        "Kui märgid esitatuks: hilinenud dokumentidega tehakse seda, mida seadefail esitatud kuu kohta ütleb.",
        "If you mark it as filed, late documents are treated as the company file says of filed months.",
    ),
    "say_reopened_means": (
        "Kui märgid jälle avatuks: hilinenud dokumendid kantakse sellesse kuusse, kuni deklaratsioon uuesti"
        " salvestatakse.",
        "If you mark it as open again, late documents are booked into this month until its return is saved anew.",
    ),
    "nothing_changes": ("Süsteemides ei muutu midagi.", "Nothing changes in either system."),
    "return_said_filed": (
        "Kirja pandud: deklaratsioon on esitatud. Järgmine käivitus arvestab sellega.",
        "Noted: the return is filed. The next run goes by it.",
    ),
    "return_said_reopened": (
        "Kirja pandud: kuu on jälle avatud. Järgmine käivitus arvestab sellega.",
        "Noted: the month is open again. The next run goes by it.",
    ),
    "earlier_months": ("Varasemad kuud", "Earlier months"),
    "all_of_month": ("Kuu kõik summad ja põhjused", "All totals and causes of the month"),
    "causes": TITLES["causes"],
    "causes_of": ("Vahe põhjused: {what}", "What makes it differ: {what}"),
    "no_causes": ("Siin vahet ei ole.", "Nothing differs here."),
    "cause": ("Põhjus", "Cause"),
    "amount": ("Summa", "Amount"),
    "only_in_smartaccounts": ("SmartAccountsi id {id}", "SmartAccounts id {id}"),
}

AUDIT: Words = {
    **_NIGHT,
    **{f"night_{state}": words for state, words in STATES.items()},
    **_SCORO,
    **_DRIFTS,
    **_TOTALS,
}
