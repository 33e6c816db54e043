"""What the body of a refusal says in words: a reason to pass on, and whether it is about a bill, a limit or an outage.

A status like 503 stands for several things, and only words tell them apart. Neither service documents them.
"""

from __future__ import annotations

import json
import re
from html import unescape
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# What is looked at of a body.
_MOST_LETTERS = 100_000
_MOST_MESSAGES = 20
_DEEPEST_MESSAGE = 10
_SAID_UNDER = {
    "description",
    "detail",
    "details",
    "error",
    "error_description",
    "errors",
    "message",
    "messages",
    "reason",
    "title",
}
# Nothing in them may run on to the end of a page, from every place anew.
_TITLES = re.compile(r"(?is)<(title|h1)\b[^<>]{0,1000}>(.{0,1000}?)</\1\s{0,10}>")
_TAG = re.compile(r"(?s)<[^<>]*>")

_BILLS = r"(?:invoices?|bills?|arve(?:d|te|id|t|ga)?)"
_UNPAID = (
    r"(?:unpaid|overdue|past due|outstanding|not (?:yet )?(?:been )?paid|tasumata|maksmata|laekumata"
    r"|(?:pole|ei ole) (?:veel )?(?:tasutud|makstud|laekunud))"
)
_CONTRACT = r"(?:subscription|licen[cs]e|account|plan|package|pakett|paketi|litsents|tellimus|konto)"
_ENDED = (
    r"(?:expired|suspended|blocked|deactivated|cancell?ed|terminated|unpaid|past due|overdue|aegunud|peatatud"
    r"|blokeeritud|suletud|tasumata)"
)
# A page about an outage may name the billing department, or say what to do "for billing issues": only what says that
# something is unpaid counts.
_BILL = re.compile(
    rf"(?i)\b{_UNPAID}[^\w.]+(?:\w+[^\w.]+){{0,3}}?{_BILLS}\b"
    rf"|\b{_BILLS}[^\w.]+(?:\w+[^\w.]+){{0,4}}?{_UNPAID}\b"
    r"|(?<!for )(?<!for a )(?<!any )(?<!if you have )(?<!if you have a )\b(?:billing|payment) (?:issue|problem)"
    r"|\b(?:issue|problem) with (?:your |the )?(?:billing|payment|subscription)"
    r"|\bpayment(?: is| was)? (?:required|overdue|past due|missing)\b(?! (?:an?|its|the|field|in)\b)"
    r"|\b(?:non-?payment|arrears)\b"
    r"|\barveldus\w* (?:probleem|viga|tõrge)|\b(?:probleem|viga|tõrge)\w* arveldus"
    r"|\bon v[õo]lgnevus\b|\bv[õo](?:la|lgade|lgnevuse) t[õo]ttu\b"
)
# A contract that ended says the same, unless something else is told as the cause.
_CONTRACT_ENDED = re.compile(
    rf"(?i)(?<!user )\b{_CONTRACT}[^\w.]+(?:(?:has|is|was|been|on|temporarily|ajutiselt)[^\w.]+){{0,3}}{_ENDED}\b"
)
_OTHER_CAUSE = re.compile(
    r"(?i)maintenance|upgrad|migrat|\bmoving\b|security|log-?ins?\b|password|hooldus|uuendus|kolimi|turva|parool|sisselog"
)
# Who may see unpaid bills is no question of paying one's own.
_RIGHTS = re.compile(r"(?i)permission|\bõigus")
_TOO_MUCH = re.compile(r"(?i)limit|limii[dt]|too many|quota|throttl|piirang|piirm|liiga (?:palju|tihti|sageli)")
_TOO_MANY_REQUESTS = re.compile(
    r"(?i)slow down|throttl|liiga (?:tihti|sageli)|(?:maximum|allowed) number of requests|rate exceeded"
    r"|\brequests? per (?:second|minute|hour|day)|\bp[äa]ringu\w* (?:arv|hulk|maht)\w* (?:on )?(?:ületatud|täis)"
    r"|\bp[äa]ringuid? (?:minutis|tunnis|ööpäevas|päevas)"
)
# Limits stand on other things too: money, texts, lines, files, people.
_REQUESTS = re.compile(r"(?i)request|\bcalls?\b|quer(?:y|ies)|p[äa]ring|\bapi\b|\brate\b")
_OTHER_THINGS = re.compile(
    r"(?i)\b(?:amounts?|sums?|summa\w*|payments?|makse\w*|prices?|hin[dn]\w*|balance|saldo|quantit\w+|kogus\w*|length"
    r"|characters?|t[äa]hem[äa]rk\w*|m[äa]rki\w*|pikkus\w*|rows?|lines?|ridu|ridade|size|suurus\w*|files?|faili\w*|disk"
    r"|storage|users?|kasutaja\w*|log-?ins?|connections?|overdraft|discount)\b|credit|kredii[dt]"
)
# A gateway that gave up may speak of both too, but what stands behind it may have carried the request out.
_OUTAGE = re.compile(r"(?i)time[- ]?out|timed out|time limit|memory|execution|upstream|gateway|backend|ajalõpp")


def meaning(text: str) -> str:
    """`bill`, `limit`, or nothing where the words say neither, or speak of an outage."""
    text = text.replace("_", " ")
    if _OUTAGE.search(text):
        return ""
    # A text about a bill may speak of limits too.
    if _says_unpaid(text):
        return "bill"
    return "limit" if _says_too_many(text) else ""


def _says_unpaid(text: str) -> bool:
    if _BILL.search(text):
        return not _RIGHTS.search(text)
    return bool(_CONTRACT_ENDED.search(text)) and not _OTHER_CAUSE.search(text)


def _says_too_many(text: str) -> bool:
    if _TOO_MANY_REQUESTS.search(text):
        return True
    return bool(_TOO_MUCH.search(text) and (_REQUESTS.search(text) or not _OTHER_THINGS.search(text)))


def reason_in(body: bytes, *, is_success: bool) -> str:
    """Return the words of an answer that tell a person why: messages of JSON, titles of HTML, a line of plain text.

    Of an answer that claims success only HTML's titles: anything else may be what was asked for. Secrets and personal
    data are not taken out.
    """
    text = body[:_MOST_LETTERS].decode("utf-8-sig", "replace").strip()
    said = [unescape(_TAG.sub(" ", inner)) for _, inner in _TITLES.findall(text)[:_MOST_MESSAGES]]
    if not said and not is_success:
        if text[:1] in ("{", "[", '"'):
            said = list(islice(_messages(_parsed(text)), _MOST_MESSAGES))
        elif not text.startswith("<"):
            said = [text.partition("\n")[0]]
    return "; ".join(dict.fromkeys(filter(None, (_plain(each) for each in said))))


def _parsed(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _messages(value: object, depth: int = _DEEPEST_MESSAGE) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif not depth:
        return
    elif isinstance(value, list):
        for part in value:
            yield from _messages(part, depth - 1)
    elif isinstance(value, dict):
        for name, part in value.items():
            # PHP writes lists as objects with numbers for names.
            if name.lower() in _SAID_UNDER or name.isdigit():
                yield from _messages(part, depth - 1)


def _plain(text: str) -> str:
    """One line without characters that would steer a terminal."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
