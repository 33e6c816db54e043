"""What was changed or deleted in Scoro since it was imported, and what a night could not tell of Scoro."""

from __future__ import annotations

from scoro_smartaccounts.common.reasons.message import Entry, Severity, Step


def _drift(key: str, en: str, et: str, *, field: str = "") -> Entry:
    return Entry(key, Step.AUDIT, Severity.WARNING, en, et, field, "Scoro")


def _note(key: str, en: str, et: str) -> Entry:
    return Entry(key, Step.AUDIT, Severity.NOTE, en, et)


_RIGHT_EN = " If the books are right, accept it."
_RIGHT_ET = " Kui raamatud on õiged, kinnita."

ENTRIES: tuple[Entry, ...] = (
    _drift(
        "source_deleted",
        "{document} was deleted in Scoro ({evidence}); the books hold {sum:amount}. {remedy}" + _RIGHT_EN,
        "{document} kustutati Scoros ({evidence}); raamatus on {sum:amount}. {remedy}" + _RIGHT_ET,
    ),
    _drift(
        "source_amount",
        "{document} is {now:amount} in Scoro now, {booked:amount} was imported. {remedy}" + _RIGHT_EN,
        "{document}: Scoros nüüd {now:amount}, imporditi {booked:amount}. {remedy}" + _RIGHT_ET,
        field="sum",
    ),
    _drift(
        "source_vat",
        "{document} has VAT of {now:amount} in Scoro now, {booked:amount} was imported. {remedy}" + _RIGHT_EN,
        "{document}: käibemaks on Scoros nüüd {now:amount}, imporditi {booked:amount}. {remedy}" + _RIGHT_ET,
        field="vat_sum",
    ),
    _drift(
        "source_date",
        "{document}: its days are {now} in Scoro now, {booked} was imported; another month is another VAT return."
        " {remedy}" + _RIGHT_EN,
        "{document}: kuupäevad on Scoros nüüd {now}, imporditi {booked}; teine kuu on teine käibedeklaratsioon."
        " {remedy}" + _RIGHT_ET,
        field="date",
    ),
    _drift(
        "source_partner",
        "{document} is of Scoro's contact {now} now, it was imported for {booked}. {remedy}" + _RIGHT_EN,
        "{document}: Scoro kontakt on nüüd {now}, imporditi kontaktile {booked}. {remedy}" + _RIGHT_ET,
        field="company_id",
    ),
    _drift(
        "source_number",
        "{document}: its number and reference are {now} in Scoro now, {booked} was imported. The same can be written"
        " into SmartAccounts by hand." + _RIGHT_EN,
        "{document}: number ja viitenumber on Scoros nüüd {now}, imporditi {booked}. SmartAccountsis saab sama käsitsi"
        " parandada." + _RIGHT_ET,
        field="no",
    ),
    _drift(
        "source_lines",
        "{document}: its lines or texts were changed in Scoro after the import; its sums are the same. {remedy}"
        + _RIGHT_EN,
        "{document}: read või tekstid muudeti Scoros pärast importi; summad on samad. {remedy}" + _RIGHT_ET,
        field="lines",
    ),
    _drift(
        "receipt_deleted",
        "{document} was deleted in Scoro ({evidence}); the books hold {sum:amount}. If it is a mistake there, deleting"
        " it in SmartAccounts too makes both agree." + _RIGHT_EN,
        "{document} kustutati Scoros ({evidence}); raamatus on {sum:amount}. Kui laekumist ei olnud, teeb selle"
        " kustutamine ka SmartAccountsis mõlemad pooled võrdseks." + _RIGHT_ET,
    ),
    _drift(
        "receipt_changed",
        "{document} is {now:amount} in Scoro now, {booked:amount} was imported. The same change in SmartAccounts makes"
        " both agree." + _RIGHT_EN,
        "{document}: Scoros nüüd {now:amount}, imporditi {booked:amount}. Sama muudatus SmartAccountsis teeb mõlemad"
        " pooled võrdseks." + _RIGHT_ET,
    ),
    _drift(
        "appeared_untold",
        "{document} appeared in Scoro without standing in its list of changes; no run has read it. An import of {day}"
        " reads it.",
        "{document} ilmus Scorosse, ilma et muudatuste loend oleks seda näidanud; ükski käivitus pole seda lugenud."
        " Päeva {day} import loeb selle.",
    ),
    _note(
        "scoro_baseline",
        "Scoro's lists are being read for the first time: {count} {count:record|records} so far. Only then can changes"
        " there be noticed.",
        "Scoro loendeid loetakse esimest korda: seni {count} {count:kirje|kirjet}. Alles seejärel saab sealseid"
        " muudatusi märgata.",
    ),
    _note(
        "scoro_short",
        "Scoro's list of {kinds} is off by {count} from what is known of it; which"
        " {count:document this is|documents these are}, the next nights find.",
        "Scoro loend ({kinds}) erineb teadaolevast {count} dokumendi võrra; {count:milline see|millised need} on,"
        " leiavad järgmised ööd.",
    ),
    _note(
        "scoro_incomplete",
        "Scoro's lists could not be read to their end tonight ({kinds}); the next night goes on.",
        "Scoro loendeid ei jõutud täna lõpuni lugeda ({kinds}); järgmine öö jätkab.",
    ),
    _note(
        "scoro_blind",
        "Scoro did not show what it must show ({kinds}). What was changed there is found late or not at all; check the"
        " rights of the API key.",
        "Scoro ei näidanud midagi, mida peaks näitama ({kinds}). Sealseid muudatusi leitakse hilja või üldse mitte;"
        " kontrolli API võtme õigusi.",
    ),
)
