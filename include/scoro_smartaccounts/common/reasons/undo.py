"""Words of an undo plan: what becomes of each record, and why some are left to a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons.message import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

# What the preview says; what a plan says of a record; what became of one.
WORDS: Mapping[str, Words] = {
    "undo_preview": Words(
        "Of {count} {count:document|documents} {deletable} can be taken back by deletion{until}; {credited} only by a"
        " credit invoice, since {credited:its|their} month is declared or locked; stock of {articles}"
        " {articles:article|articles} would have to be calculated again",
        "Dokumente on {count}: neist {deletable} saab tagasi võtta kustutamisega{until}; {credited} ainult"
        " kreeditarvega, sest nende kuu on deklareeritud või lukus; ladu tuleks uuesti arvutada {articles} artiklil",
    ),
    "undo_until": Words(
        ", until the VAT return of their month is saved ({months:and month})",
        ", kuni kuu käibedeklaratsioon on salvestatud ({months:and month})",
    ),
    "undo_delete": Words("{document} is deleted in SmartAccounts", "{document} kustutatakse SmartAccountsis"),
    "undo_delete_paid": Words(
        "{document} is deleted in SmartAccounts, after {payments:and}",
        "{document} kustutatakse SmartAccountsis, enne seda {payments:and}",
    ),
    "undo_payment": Words(
        "{document} is deleted in SmartAccounts, and what it paid is open again. Nothing shows whether it is matched"
        " with a bank statement: look first",
        "{document} kustutatakse SmartAccountsis ja tasutu on jälle avatud. Kas see on pangaväljavõttega seotud, ei ole"
        " näha: vaata enne järele",
    ),
    "undo_receipt": Words("{document} is deleted in Scoro", "{document} kustutatakse Scoros"),
    "undo_credit": Words(
        "{document}: {month:month}, {state}. It is not deleted. Credit it in Scoro or SmartAccounts, on {day} or later",
        "{document}: {month:month}, {state}. Seda ei kustutata. Tee Scoros või SmartAccountsis kreeditarve kuupäevaga"
        " {day} või hiljem",
    ),
    "undo_edited": Words(
        "{document} was changed in SmartAccounts ({fields}). It is not deleted: look at it, and delete it there by hand"
        " if it is to go",
        "{document} on SmartAccountsis muudetud ({fields}). Seda ei kustutata: vaata see üle ja kustuta vajaduse korral"
        " seal käsitsi",
    ),
    "undo_paid": Words(
        "{document} is paid in SmartAccounts by what the pipeline did not enter as it stands now ({payments:and}). It"
        " is not deleted: take the payment off there by hand, if the money is not of it",
        "{document} on SmartAccountsis tasutud sellega, mida liides sellisena ei sisestanud ({payments:and}). Seda"
        " ei kustutata: kui raha ei ole selle eest, eemalda makse seal käsitsi",
    ),
    "undo_paid_with_others": Words(
        "{document} is paid together with documents that stay ({payments:and}). It is not deleted: take the payment off"
        " in SmartAccounts by hand",
        "{document} on tasutud koos dokumentidega, mis jäävad ({payments:and}). Seda ei kustutata: eemalda makse"
        " SmartAccountsis käsitsi",
    ),
    "undo_credited": Words(
        "{document} is credited by {documents:and}. It is not deleted: take the credit invoice back first",
        "{document} on krediteeritud: {documents:and}. Seda ei kustutata: võta enne kreeditarve tagasi",
    ),
    "undo_stock": Words(
        "{document} moved stock that later documents move too ({fields}). It is not deleted: delete it in SmartAccounts"
        " by hand, and calculate the stock again (Ladu > Arvuta)",
        "{document} muutis laoseisu, mida muudavad ka hilisemad dokumendid ({fields}). Seda ei kustutata: kustuta see"
        " SmartAccountsis käsitsi ja arvuta ladu uuesti (Ladu > Arvuta)",
    ),
    "undo_payment_locked": Words(
        "{document} lies in a locked month. It is not deleted: open the month, and plan again",
        "{document} on lukustatud kuus. Seda ei kustutata: ava kuu ja kavanda uuesti",
    ),
    "undo_used": Words(
        "{document} was partly a prepayment, which has been used since. It is not deleted: take that use off in"
        " SmartAccounts by hand, and plan again",
        "{document} oli osaliselt ettemaks, mida on vahepeal kasutatud. Seda ei kustutata: eemalda kasutus"
        " SmartAccountsis käsitsi ja kavanda uuesti",
    ),
    "undo_unknown": Words(
        "{document} is not known well enough to be compared. It is not deleted: look at it by hand",
        "{document} ei ole võrdlemiseks piisavalt teada. Seda ei kustutata: vaata see käsitsi üle",
    ),
    "undo_receipt_changed": Words(
        "{document} was changed in Scoro. It is not deleted: look at it there by hand",
        "{document} on Scoros muudetud. Seda ei kustutata: vaata see seal käsitsi üle",
    ),
    "undo_done": Words(
        "{document} was deleted; it is dismissed, and the command retry brings it back",
        "{document} kustutati; see on kõrvale jäetud ja käsk retry toob selle tagasi",
    ),
    "undo_was_gone": Words(
        "{document} was gone already; it is dismissed, and the command retry brings it back",
        "{document} oli juba kustutatud; see on kõrvale jäetud ja käsk retry toob selle tagasi",
    ),
    "undo_open_differs": Words(
        "{document} is paid, netted or credited since the plan ({there:amount} is open of {total:amount}). It is not"
        " deleted: plan again",
        "{document} on pärast kavandamist tasutud, tasaarveldatud või krediteeritud (avatud on {there:amount}, kokku"
        " {total:amount}). Seda ei kustutata: kavanda uuesti",
    ),
    "undo_sent": Words(
        "{document} was sent to the client from SmartAccounts. It is not deleted: credit it",
        "{document} on SmartAccountsist kliendile saadetud. Seda ei kustutata: tee kreeditarve",
    ),
    "undo_depends": Words(
        "{document} is not deleted, since {other} was not",
        "{document} jäi kustutamata, sest kustutamata jäi {other}",
    ),
    "undo_not_shown": Words(
        "{document} is not shown by SmartAccounts, and neither is anything else of its list. Nothing is believed to be"
        " gone: check the rights of the API user group",
        "SmartAccounts ei näita, et {document} oleks olemas, ega midagi muud samast loendist. Kustutatuks seda ei"
        " loeta: kontrolli API kasutajagrupi õigusi",
    ),
    "undo_refused": Words(
        "{document} was not deleted: {system} refused ({said})",
        "{document} jäi kustutamata: {system} keeldus ({said})",
    ),
    **{
        f"undo_field_{name}": Words(en, et)
        for name, en, et in (
            ("number", "number", "number"),
            ("partner", "client or vendor", "klient või hankija"),
            ("day", "date", "kuupäev"),
            ("entry_day", "entry date", "kande kuupäev"),
            ("currency", "currency", "valuuta"),
            ("rate", "rate", "kurss"),
            ("total", "total", "summa"),
            ("net", "net", "netosumma"),
            ("vat", "VAT", "käibemaks"),
            ("rounding", "rounding", "ümardus"),
            ("unpaid", "account", "konto"),
            ("marked", "mark in the comment", "märge kommentaaris"),
            ("vat_codes", "VAT codes", "käibemaksukoodid"),
            ("accounts", "accounts", "kontod"),
            ("articles", "articles", "artiklid"),
            ("payment", "payment", "makse"),
        )
    },
}
