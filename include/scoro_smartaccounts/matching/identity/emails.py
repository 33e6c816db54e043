"""E-mail addresses as they are compared."""

from __future__ import annotations

import re

_EMAIL = re.compile(r"[^@\s;,<>]+@[^@\s;,<>]+\.[^@\s;,<>.]+")
# Everybody may have an address there.
FREE_MAIL = frozenset(
    {
        *("gmail.com", "googlemail.com", "hotmail.com", "outlook.com", "live.com", "msn.com", "yahoo.com", "aol.com"),
        *("icloud.com", "me.com", "proton.me", "protonmail.com", "gmx.com", "gmx.de", "web.de", "mail.ru", "yandex.ru"),
        *("inbox.lv", "one.lt", "luukku.com", "hot.ee", "mail.ee", "online.ee", "neti.ee", "eesti.ee", "suhtlus.ee"),
        *("starman.ee", "elion.ee", "infonet.ee", "solo.ee"),
    }
)


def read_emails(text: str) -> frozenset[str]:
    """All e-mail addresses in a text, in small letters."""
    return frozenset(_EMAIL.findall(text.lower().replace("mailto:", "")))


def domain_of(email: str) -> str:
    """Return the domain of an address; empty where everybody may have one."""
    domain = email.rpartition("@")[2]
    return "" if domain in FREE_MAIL else domain
