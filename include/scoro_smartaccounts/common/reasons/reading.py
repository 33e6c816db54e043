"""Reasons of the step that reads documents: what waits before it is looked at, and what cannot be read."""

from __future__ import annotations

from scoro_smartaccounts.common.reasons.message import Entry, Severity, Step


def unexpected(key: str, step: Step) -> Entry:
    """Return what a step says of a document that it was not written for: one kind for each step, which takes it
    back."""
    return Entry(
        key,
        step,
        Severity.ERROR,
        "{document} is not what the program expects ({error} in {place}); the other documents went on. Correct what is"
        " unusual about it in {system} and save, or tell the developers the words in brackets.",
        "{document} ei ole selline, nagu programm ootab ({error}: {place}); teised dokumendid läksid edasi. Paranda"
        " see, mis selles on ebatavaline ({system}), ja salvesta või anna sulgudes olevad sõnad arendajatele.",
        system="{system}",
    )


ENTRIES: tuple[Entry, ...] = (
    Entry(
        "not_settled",
        Step.EXTRACT,
        Severity.WAIT,
        "{document} of {day} may still be edited in Scoro: it is imported from {taken_on} on.",
        "{document} kuupäevaga {day} võidakse Scoros veel muuta: see imporditakse alates {taken_on}.",
    ),
    Entry(
        "later_day",
        Step.EXTRACT,
        Severity.WAIT,
        "{document} of {day} is dated later than the days of the run: it is imported from {taken_on} on.",
        "{document} kuupäevaga {day} on hilisem kui käivituse päevad: see imporditakse alates {taken_on}.",
    ),
    Entry(
        "unsent",
        Step.EXTRACT,
        Severity.WAIT,
        "{document} is not marked as sent in Scoro, and the company file lets such invoices wait"
        " (sales_invoices.unsent). Send it, or mark it as sent in Scoro.",
        "{document} ei ole Scoros saadetuks märgitud ja seadefaili järgi sellised arved ootavad"
        " (sales_invoices.unsent). Saada arve välja või märgi see Scoros saadetuks.",
        field="is_sent",
        system="Scoro",
    ),
    Entry(
        "unreadable",
        Step.CHECK,
        Severity.ERROR,
        "{record}: field {field} holds {found} where {expected} is expected. Open the record in Scoro, mend this field"
        " and save; the next run takes it.",
        "{record}: välja {field} sisu ei sobi (on: {found}; peab olema: {expected}). Ava kirje Scoros, paranda see väli"
        " ja salvesta; järgmine käivitus võtab selle.",
        "{field}",
        "Scoro",
    ),
    Entry(
        "too_many_lines",
        Step.CHECK,
        Severity.ERROR,
        "{record} has {lines} lines in Scoro, and no more than {limit} are taken of one document. Join lines of it in"
        " Scoro, or divide it into several documents there, and save; the next run takes it.",
        "{record}: Scoros on {lines} rida, aga ühelt dokumendilt võetakse kuni {limit}. Ühenda selle read Scoros või"
        " jaga see seal mitmeks dokumendiks ja salvesta; järgmine käivitus võtab selle.",
        "lines",
        "Scoro",
    ),
    unexpected("unexpected", Step.CHECK),
)
