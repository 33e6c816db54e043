"""Why a document is not created, and what is worth a look, for an Estonian bookkeeper: a sentence for each code.

English stands in the message itself, with numbers and amounts.
"""

from __future__ import annotations

from collections.abc import Mapping

from scoro_smartaccounts.documents import Flow
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
    "document_not_booked": "Makse ootab arvet, mille eest see on: seda arvet ei ole veel SmartAccountsis. Impordi"
    " arve päev, või paranda arve, kui see on karantiinis.",
    "partner_not_booked": "Makse ootab klienti või tarnijat: seda ei ole veel SmartAccountsis. See luuakse koos"
    " esimese arvega.",
    "export_in_doubt": "Makse võib olla see, mille liides ise Scorosse saatis ja mille vastus läks kaduma. See ootab,"
    " kuni asi selgub.",
    # What planning finds.
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
    "not_a_duplicate": "Inimene on otsustanud, et see ei ole topelt.",
    # Worth a look.
    "note": "Vaata märkust.",
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


def reason_in_estonian(flow: Flow, code: str, message: str = "") -> str:
    """The sentence of a code; where it has none, the message as it was told."""
    return OF_FLOW.get(flow, {}).get(code) or REASONS.get(code) or message or code
