"""What documents wait for, in a few words: in a list, beside the document whose story says the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons.message import Phrase, Words

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scoro_smartaccounts.common.reasons.message import Reason

# By the code of the reason; each form of a code has these values.
_WORDS = {
    "not_settled": Words(
        "may still be edited in Scoro: imported from {taken_on} on",
        "võidakse Scoros veel muuta: imporditakse alates {taken_on}",
    ),
    "later_day": Words(
        "dated later than the days of the run: imported from {taken_on} on",
        "hilisem kui käivituse päevad: imporditakse alates {taken_on}",
    ),
    "unsent": Words("not marked as sent in Scoro", "Scoros ei ole saadetuks märgitud"),
    "export_in_doubt": Words(
        "whether this pipeline sent it to Scoro itself is not known yet",
        "ei ole veel teada, kas liides saatis selle Scorosse ise",
    ),
    "document_not_booked": Words(
        "not in SmartAccounts yet: {documents}",
        "ei ole veel SmartAccountsis: {documents}",
    ),
    "partner_not_booked": Words(
        "no {kind} in SmartAccounts yet: contact {contact}",
        "ei ole veel SmartAccountsis: kontakt {contact} ({kind})",
    ),
    "base_not_booked": Words(
        "not in SmartAccounts yet: {base}, which it credits",
        "ei ole veel SmartAccountsis: krediteeritav {base}",
    ),
    "partner_undecided": Words("a decision: {candidates:semicolons}", "otsust: {candidates:semicolons}"),
    "article_undecided": Words("a decision: {candidates:semicolons}", "otsust: {candidates:semicolons}"),
    "partner_unread": Words(
        "{record} of SmartAccounts has a field that cannot be read: {field}",
        "SmartAccountsi {record}: välja {field} ei saa lugeda",
    ),
    "period_waits": Words("{month:month}: {state}", "{month:month}: {state}"),
    "month_closed": Words(
        "by the company file the books are closed until {closed}", "seadefaili järgi on raamat suletud kuni {closed}"
    ),
    "month_locked": Words("a locked period of SmartAccounts", "SmartAccountsi lukustatud periood"),
    "kind_waits": Words(
        "the posting of {first} is not compared yet ({kind})", "{first}: kannet ei ole veel võrreldud ({kind})"
    ),
}
_BEFORE = "shortly."
SHORTLY: Mapping[str, Words] = {f"{_BEFORE}{code}": words for code, words in _WORDS.items()}


def shortly(why: Reason) -> Phrase:
    """Return what a reason to wait says in a few words; of one that has none the reason itself."""
    return Phrase(f"{_BEFORE}{why.code}", why.values) if why.code in _WORDS else why
