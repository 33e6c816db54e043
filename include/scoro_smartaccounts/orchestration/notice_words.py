"""The words of notifications: heading and text of each kind, in Estonian and in English."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scoro_smartaccounts.common.reasons.message import Language
from scoro_smartaccounts.common.reasons.spoken import said_on_page
from scoro_smartaccounts.common.visible import visible
from scoro_smartaccounts.staging.notices import Notice


@dataclass(frozen=True, slots=True)
class Words:
    """A heading and a text, in which names of values stand in braces."""

    heading: str
    text: str


_WORDS: Mapping[str, Mapping[Language, Words]] = {
    "failed": {
        "et": Words(
            "{dag}: käivitus ebaõnnestus",
            "Käivitus {run} ei lõppenud. Miks ja kes aidata saab, ütleb esimese ebaõnnestunud sammu logi. Kui see"
            " lõpeb veata, sai protsess otsa mälu puudumise või masina tõttu: alusta sammu uuesti (Clear).",
        ),
        "en": Words(
            "{dag}: a run failed",
            "The run {run} failed. The log of its first failed task says why and who can help. Where that log ends"
            " without an error, the process was killed, for want of memory or with its machine: clear the task.",
        ),
    },
    "quarantine": {
        "et": Words(
            "{dag}: dokumendid ootavad otsust",
            "Käivitus {run} pani karantiini {number}"
            " {number:dokumendi. Põhjus ja vastused|dokumenti. Põhjused ja vastused} on lehel „Otsused“.",
        ),
        "en": Words(
            "{dag}: documents wait in quarantine",
            "The run {run} put {number} {number:document|documents} into quarantine. Their reasons stand on the page"
            " Decisions, where they are answered.",
        ),
    },
    "alarm": {
        "et": Words(
            "{dag}: kirjas teisiti, kui kavandati",
            "Käivituse {run} kantud dokumentidest on {number} SmartAccountsis kirjas teisiti, kui kavandati. Mis erineb"
            " ja mida teha, ütleb leht „Kontroll“.",
        ),
        "en": Words(
            "{dag}: booked differently than planned",
            "The run {run} booked {number} {number:document that stands|documents that stand} in SmartAccounts"
            " otherwise than planned. What differs, and what to do, stands on the page Audit.",
        ),
    },
    "drift": {
        "et": Words(
            "{dag}: raamatud erinevad",
            "Käivitus {run} leidis süsteemide vahel {number} {number:uue erinevuse|uut erinevust}. Mis erineb"
            " ja mida teha, ütleb leht „Kontroll“.",
        ),
        "en": Words(
            "{dag}: the books differ",
            "The run {run} found {number} new {number:difference|differences} between the systems. What differs, and"
            " what to do, stands on the page Audit.",
        ),
    },
    "blind": {
        "et": Words(
            "{dag}: raamatuid ei saa võrrelda",
            "SmartAccounts ei näidanud {number}. ööd järjest seda, mida peab näitama: erinevused võivad jääda"
            " märkamata. Kontrolli API kasutajagrupi õigusi; mis puudu jäi, ütleb leht „Kontroll“.",
        ),
        "en": Words(
            "{dag}: the books cannot be compared",
            "SmartAccounts did not show what it must, for {number} {number:night|nights} in a row: differences may go"
            " unseen. Check the rights of the API user group; what was missing stands on the page Audit.",
        ),
    },
    "unanswered": {
        "et": Words(
            "{dag}: dokumendid ootavad kinnitust",
            "{number} {number:dokument|dokumenti} on {hours} {hours:tund|tundi} vastust oodanud. Vastuseta ei kanta"
            " midagi.",
        ),
        "en": Words(
            "{dag}: documents wait for approval",
            "{number} {number:document has|documents have} waited for the accountant's answer for {hours}"
            " {hours:hour|hours}. Nothing is booked without one.",
        ),
    },
    "not_started": {
        "et": Words(
            "{dag}: käivitus ei alanud",
            "Viimane käivitus graafiku järgi oli {last} kohta; järgmine oleks pidanud ammu algama. Vaata, kas DAG on"
            " peatatud (Pause) ja kas Airflow scheduler töötab.",
        ),
        "en": Words(
            "{dag}: a run did not start",
            "The last run by the schedule was of {last}; the next one should have begun long ago. See whether the DAG"
            " is paused, and whether Airflow's scheduler works.",
        ),
    },
    "in_doubt": {
        "et": Words(
            "Vastus teadmata üle tunni: {number} {number:kanne|kannet}",
            "{number:Selle|Nende} saatmisele ei tulnud vastust ja seni ei ole selgunud, kas {number:see on|need on}"
            " kirjas. Järgmine käivitus otsib {number:selle|need} üles; midagi ei sisestata kaks korda. Kui nii jääb,"
            " vaata {number:selle dokumendi|nende dokumentide} lugu ja teise süsteemi.",
        ),
        "en": Words(
            "In doubt for over an hour: {number} {number:record|records}",
            "No answer came when {number:it was|they were} sent, and whether {number:it was|they were} booked is not"
            " known yet. The next run looks for {number:it|them}; nothing is entered twice. If it stays so, look at the"
            " {number:story of this document|stories of these documents} and into the other system.",
        ),
    },
}
_AGAIN: Mapping[Language, str] = {
    "et": "Pärast eelmist teadet juhtus sama veel {times} {times:kord|korda}.",
    "en": "The same happened {times} more {times:time|times} since it was told last.",
}


def told(of: Notice, language: Language) -> Words:
    """Return heading and text of a notice; each is one line, whatever a run is called."""
    words = _WORDS[of.kind][language]
    values = {"dag": of.about, **{name: visible(str(value)) for name, value in of.words.items()}}
    text = said_on_page(words.text, values, language)
    if of.held_back:
        again = said_on_page(_AGAIN[language], {"times": of.held_back}, language)
        text = f"{text} {again}"
    return Words(said_on_page(words.heading, values, language), text)
