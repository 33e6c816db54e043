"""Why a document is not created, and what is worth a look, for an Estonian bookkeeper: a sentence for each code.

English stands in the message itself, with numbers and amounts.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from scoro_smartaccounts.documents import Flow
from scoro_smartaccounts.reconcile.undecided import UNDECIDED
from scoro_smartaccounts.report.document import Verdict

# What a code means, unless `OF_FLOW` says otherwise.
REASONS: Mapping[str, str] = {
    # How a run left a document.
    Verdict.CREATED: "Dokument loodi SmartAccountsis.",
    Verdict.ADOPTED: "Sama dokument oli SmartAccountsis juba olemas; see seoti, midagi uut ei looda.",
    Verdict.ALREADY_THERE: "Dokument on juba imporditud; imporditud dokumenti hiljem ei muudeta.",
    Verdict.QUARANTINED: "Dokument ootab karantiinis inimese otsust.",
    Verdict.WAITING: "Dokument ootab; see läheb ise edasi, kui takistus kaob.",
    Verdict.IN_DOUBT: "SmartAccountsi vastus läks kaduma. Järgmine käivitus kontrollib ise, kas dokument on kirjas;"
    " ära sisesta seda vahepeal käsitsi.",
    Verdict.NOT_SENT: "Dokument muutus, kustutati või jäeti kõrvale pärast kavandamist. Midagi ei saadetud; järgmine"
    " käivitus otsustab uuesti.",
    Verdict.PLAN_CHANGED: "Pärast kinnitamist muutus midagi Scoros või SmartAccountsis. Dokumenti ei kantud;"
    " kinnitust küsitakse uuesti.",
    Verdict.DECLINED: "Raamatupidaja lükkas dokumendi tagasi.",
    Verdict.DELETED: "Dokument on Scoros kustutatud.",
    Verdict.DISMISSED: "Dokument on otsusega kõrvale jäetud; sellisel kujul seda ei impordita.",
    Verdict.NOT_OURS: "Makse on dokumentide eest, mida ei impordita. Midagi ei ole vaja teha.",
    # What is waited for.
    "not_settled": "Dokumenti võidakse Scoros veel muuta. See imporditakse, kui seadefailis määratud ooteaeg on"
    " möödas.",
    "later_day": "Dokumendi kuupäev on hilisem kui käivituse päevad. See imporditakse oma päeva käivitusega.",
    "base_not_booked": "Kreeditarve ootab arvet, mida see krediteerib: seda arvet ei ole veel SmartAccountsis."
    " Impordi arve päev, või paranda arve, kui see on karantiinis. Kui raamatupidaja jättis arve välja, lase selle"
    " päeva kohta uuesti küsida, või jäta kreeditarve kõrvale.",
    "document_not_booked": "Makse ootab arvet, mille eest see on: seda arvet ei ole veel SmartAccountsis. Impordi"
    " arve päev, või paranda arve, kui see on karantiinis.",
    "partner_not_booked": "Makse ootab klienti või tarnijat: seda ei ole veel SmartAccountsis. See luuakse koos"
    " esimese arvega.",
    "partner_undecided": "Otsustamata on, kes on SmartAccountsis dokumendi klient või tarnija. Ütle jah või ei"
    " reconcile_ids aruandes, või jah Airflow lehel; järgmine käivitus võtab dokumendi ise.",
    "article_undecided": "Otsustamata on, milline SmartAccountsi artikkel on dokumendi toode. Ütle jah või ei"
    " reconcile_ids aruandes, või jah Airflow lehel; järgmine käivitus võtab dokumendi ise.",
    "export_in_doubt": "Makse võib olla see, mille liides ise Scorosse saatis ja mille vastus läks kaduma. See ootab,"
    " kuni asi selgub.",
    # What planning finds.
    "partner_ambiguous": "SmartAccountsis sobib sellele kontaktile mitu kirjet. Ühenda või paranda need"
    " SmartAccountsis ja proovi uuesti.",
    "partner_differs": "Sama registrikoodi või KMKR numbriga on ka keegi teine, kelle nimi või muud andmed on teised."
    " Kui tegu on kahe ettevõttega, paranda kood Scoros või SmartAccountsis. Kui tegu on ühega, paranda nimi või märgi"
    " see reconcile_ids aruandes; seejärel proovi uuesti.",
    "article_rejected": "Scoro tootel on sama kood kui SmartAccountsi artiklil, mis on otsuse järgi teine asi. Anna"
    " tootele Scoros teine kood, või muuda reconcile_ids aruandes ei jah-iks, ja proovi uuesti.",
    "article_differs": "Scoro tootel on sama kood kui SmartAccountsi artiklil, mille nimi on hoopis teine. Kui tegu on"
    " kahe asjaga, anna tootele Scoros teine kood. Kui ühega, paranda nimi või märgi see reconcile_ids aruandes;"
    " seejärel proovi uuesti.",
    "partner_missing": "Dokumendi klienti või tarnijat ei ole Scoros. Vali see dokumendil Scoros.",
    "partner_without_name": "Kontaktil puudub nimi. Sisesta kontakti nimi Scoros.",
    "partial_match": "SmartAccountsis on sama numbriga arve, mis ei ole päris sama. Paranda või kustuta see"
    " SmartAccountsis või muuda numbrit Scoros ja proovi uuesti.",
    "possible_duplicate": "SmartAccountsis on sama päeva, partneri ja summaga arve teise numbriga. Kui see on sama"
    " arve, paranda selle number SmartAccountsis; seejärel proovi uuesti.",
    "vat_code_unknown": "Seadefail nimetab käibemaksukoodi, mis ei ole SmartAccountsis kasutusel. Võta kood"
    " SmartAccountsis kasutusele või paranda seadefaili.",
    "vat_percent_differs": "Seadefailis nimetatud käibemaksukoodil on SmartAccountsis teine protsent. Paranda reegel"
    " seadefailis.",
    "vat_not_mapped": "Seadefailis ei ole sellele käibemaksule reeglit. Lisa reegel seadefaili või paranda käibemaks"
    " Scoros.",
    "vat_missing": "Real ega arvel ei ole käibemaksu. Vali käibemaks Scoros.",
    "no_lines": "Arvel ei ole summaga ridu. Lisa read Scoros.",
    "net_mismatch": "Read ei anna kokku arve käibemaksuta summat. Ava arve Scoros, kontrolli ridu ja salvesta uuesti.",
    "total_mismatch": "Arve käibemaksusumma erineb ridade järgi arvutatust rohkem, kui ümardamine seletab. Kontrolli"
    " käibemaksusummat Scoros.",
    "stock_price": "Laoartikli hind ja kogus ei anna rea summat, või ei ole selge, kas tegu on tagastuse või"
    " allahindlusega. Paranda rea kogus, hind või summa Scoros.",
    "base_unknown": "Arvet, mida kreeditarve krediteerib, ei ole enam Scoros. Vali kreeditarvele Scoros õige arve.",
    "base_out_of_reach": "Arve, mida kreeditarve krediteerib, ei ole SmartAccountsis ega tule sinna ka importimisega."
    " Sisesta see arve SmartAccountsi käsitsi oma numbriga ja proovi uuesti, või jäta kreeditarve kõrvale.",
    "credit_before_base": "Kreeditarve kuupäev on varasem kui krediteeritava arve kuupäev. Paranda kuupäev Scoros.",
    "currency_rate": "Valuutakurss peab olema suurem kui 0. Paranda kurss Scoros.",
    "warehouse_unknown": "Arvel on laoartikleid, kuid seadefailis ei ole ladu, mis oleks SmartAccountsis olemas."
    " Paranda ladu seadefailis.",
    "account_not_mapped": "Seadefail ei ütle, milline SmartAccountsi konto vastab ostuarve rea Scoro kontole. Lisa"
    " konto seadefaili või paranda rida Scoros.",
    "account_unknown": "Seadefailis nimetatud kontot ei ole SmartAccountsis kasutusel. Lisa konto SmartAccountsi või"
    " paranda seadefaili.",
    "cost_object_not_mapped": "Seadefail ei ütle, milline SmartAccountsi objekt vastab ostuarve rea Scoro objektile."
    " Lisa objekt seadefaili või paranda rida Scoros.",
    "cost_object_unknown": "Seadefailis nimetatud objekti ei ole SmartAccountsis kasutusel. Lisa objekt"
    " SmartAccountsi või paranda seadefaili.",
    # What planning finds about payments.
    "booked_in_part": "Makse on SmartAccountsis osaliselt kirjas, kuid Scoros on see muutunud või kustutatud. Kustuta"
    " SmartAccountsis juba kirjas olev osa; järgmine käivitus kannab makse uuesti.",
    "account_not_named": "Maksel puudub laekumiskonto. Vali konto Scoros.",
    "account_currency": "Makse valuuta ei sobi SmartAccountsi kontoga. Seo Scoro laekumiskonto seadefailis teise"
    " kontoga.",
    "netting_account_not_named": "Makse tasaarveldab kreeditarvet, kuid seadefailis ei ole tasaarvelduse pangakontot,"
    " mis oleks SmartAccountsis olemas. Määra see seadefailis.",
    "rounding_account_not_named": "Sularaha on ümardatud, kuid seadefailis ei ole ümardamise kontot. Määra see"
    " seadefailis.",
    "negative_receipt": "Makse summa on negatiivne, kuid see ei ole kreeditarve eest. SmartAccounts võtab ainult"
    " positiivseid summasid: paranda makse Scoros, või kanna see käsitsi ja jäta siin kõrvale.",
    "mixed_refund": "Ühes makses on koos tagasimakse ja ettemaksuarve raha. Sisesta need Scoros eraldi maksetena.",
    "nothing_to_net": "Tasaarveldatav summa on suurem kui arve tasumata jääk SmartAccountsis. Paranda makse Scoros,"
    " või tasaarvelda käsitsi ja jäta makse siin kõrvale.",
    "refund_too_large": "Tagasimakse on suurem kui kreeditarve jääk SmartAccountsis. Paranda makse Scoros.",
    "currency_differs": "Makse ja arve on eri valuutas. SmartAccounts võtab ühes makses ühe valuuta: paranda makse"
    " Scoros.",
    "partners_differ": "Makse on mitme partneri arvete eest. Ühes makses võib olla üks partner: sisesta igaühele"
    " eraldi makse.",
    "receipt_in_doubt": "Makse saadeti Scorosse, kuid vastus läks kaduma, ja Scoros on mitu samasugust makset."
    " Kustuta Scoros üleliigsed; järgmine käivitus võtab selle, mis alles jäi.",
    # What the load step finds.
    "refused_by_smartaccounts": "SmartAccounts keeldus dokumenti vastu võtmast. Vaata täpset teadet, kõrvalda põhjus"
    " ja proovi uuesti.",
    "refused_by_scoro": "Scoro keeldus makset vastu võtmast. Vaata täpset teadet, kõrvalda põhjus ja proovi uuesti.",
    "client_gone": "Arve klient on SmartAccountsis kustutatud. Proovi uuesti: klient luuakse uuesti.",
    "vendor_gone": "Ostuarve tarnija on SmartAccountsis kustutatud. Proovi uuesti: tarnija luuakse uuesti.",
    "not_a_duplicate": "Inimene on otsustanud, et see ei ole topelt.",
    # Worth a look.
    "note": "Vaata märkust.",
    "article_type_conflict": "Artikkel on SmartAccountsis teist liiki (laoartikkel või mitte) kui toote silt Scoros"
    " ütleb. SmartAccountsi artiklit ei muudeta.",
    "booked_differently": "Dokument on kirjas teiste summadega, kui kavandati. Võrdle seda mõlemas süsteemis.",
}

OF_FLOW: Mapping[Flow, Mapping[str, str]] = {
    Flow.PAYMENTS: {
        "possible_duplicate": "SmartAccountsis on makse, mis võib olla sama raha. Kui see on Scoros kaks korda,"
        " kustuta see seal; kui see on muidu sama raha, jäta see makse kõrvale; kui ei ole, proovi uuesti.",
        "account_not_mapped": "Scoro laekumiskonto ei ole seadefailis seotud ühegi SmartAccountsi kontoga. Lisa see"
        " seadefaili.",
        "account_unknown": "Seadefailis nimetatud panga- või kassakontot ei ole SmartAccountsis. Paranda seadefaili.",
        "currency_rate": "Selle valuuta kurssi ei ole teada: ametlikku kurssi ei ole ja arved seda üheselt ei ütle."
        " Kanna makse käsitsi.",
    },
    Flow.EXPORT_PAYMENTS: {
        "possible_duplicate": "Scoros on makse, mis võib olla sama raha, või on arve seal juba tasutud. Kui see on sama"
        " raha, jäta see makse kõrvale; kui ei ole, proovi uuesti.",
        "account_not_mapped": "SmartAccountsi konto ei ole seadefailis seotud ühegi Scoro laekumiskontoga. Lisa see"
        " seadefaili.",
        "account_unknown": "Seadefailis nimetatud laekumiskontot ei ole Scoros. Paranda seadefaili.",
    },
}


_WHO_IT_MAY_BE = re.compile(
    r"(?P<ours>contact|product) (?P<source>\S+) may be (?P<theirs>client|vendor|article) (?P<remotes>.+?)"
    r" of SmartAccounts"
)
_IN_ESTONIAN = {
    "contact": "kontakt",
    "product": "toode",
    "client": "klient",
    "vendor": "tarnija",
    "article": "artikkel",
}


def reason_in_estonian(flow: Flow, code: str, message: str = "") -> str:
    """The sentence of a code; a code without one stands for itself. What the English message says of candidates by
    their ids stands before it."""
    sentence = OF_FLOW.get(flow, {}).get(code) or REASONS.get(code, code)
    if code not in UNDECIDED:
        return sentence
    return " ".join([*map(_who_it_may_be, _WHO_IT_MAY_BE.finditer(message)), sentence])


def _who_it_may_be(found: re.Match[str]) -> str:
    ours, theirs = _IN_ESTONIAN[found["ours"]].capitalize(), _IN_ESTONIAN[found["theirs"]]
    return f"{ours} {found['source']} võib olla SmartAccountsi {theirs} {found['remotes'].replace(' or ', ' või ')}."
