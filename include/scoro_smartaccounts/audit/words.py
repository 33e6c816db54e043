"""Words of a night's report: Estonian, English."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

STATES: Mapping[str, tuple[str, str]] = {
    "open": ("Öö ei ole lõppenud", "The night has not ended"),
    "ok": ("Kõik loeti ja võrreldi", "Everything was read and compared"),
    "incomplete": ("Ei ole puhas: kõike ei loetud", "Not clean: not everything was read"),
    "blind": (
        "Ei ole puhas: teenus ei näita, mida peaks",
        "Not clean: the service does not show what it must",
    ),
    "no_balances": ("Ei ole puhas: ilma saldodeta", "Not clean: without balances"),
    "baseline": ("Ei ole puhas: esimene lugemine kestab", "Not clean: the first reading goes on"),
    "accepted": ("kinnitatud", "accepted"),
    "mended": ("korras", "mended"),
    "gone_both": ("mõlemal pool kustutatud", "gone on both sides"),
}
TITLES: Mapping[str, tuple[str, str]] = {
    "title": ("Kas raamatud klapivad? {night}", "Do the books still agree? {night}"),
    "new": ("Uued erinevused", "New differences"),
    "lasting": ("Varem teatatud erinevused", "Differences that were told before"),
    "closed": ("Lõpetatud", "Closed"),
    "others": ("(Veel {count} samamoodi.)", "({count} more in the same way.)"),
}
