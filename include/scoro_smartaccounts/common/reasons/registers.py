"""What is said of registers and settings: why two records may be one, what the company file does not map, and what to
compare of what was booked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scoro_smartaccounts.common.reasons.message import Words

if TYPE_CHECKING:
    from collections.abc import Mapping

# Evidence for and against a pair of records; `text` is what stands in them.
_EVIDENCE = {
    "why_marker": Words(
        "its comment in SmartAccounts names contact {id} of Scoro",
        "kommentaar SmartAccountsis nimetab Scoro kontakti {id}",
    ),
    "why_same": Words("same {what} {text}", "sama {what} {text}"),
    "why_same_but": Words("same {what} {text}, {note}", "sama {what} {text}, {note}"),
    "others_have_it": Words("which others have too", "mis on ka teistel"),
    "as_it_is_written": Words("as it is written", "nii nagu see on kirjas"),
    "email_address": Words("e-mail address", "e-posti aadress"),
    "email_domain": Words("e-mail domain", "e-posti domeen"),
    "company_form": Words("company form", "ettevõtlusvorm"),
    "why_written_code": Words(
        "same code {text}, which fails its check, or whose country is not told",
        "sama kood {text}, mis on vigane või mille riik ei ole teada",
    ),
    "why_mistyped_code": Words(
        "registry code equal but for one digit, and wrong in one of the systems",
        "registrikood erineb ühe numbri võrra ja on ühes süsteemis vale",
    ),
    "why_address": Words("same street and house", "sama tänav ja maja"),
    "why_rare_word": Words(
        "a word of the name that no other company has on either side",
        "nimes on sõna, mida pole kummaski süsteemis ühelgi teisel ettevõttel",
    ),
    "why_other_kind": Words(
        "one may be a private person, the other a company", "üks võib olla eraisik, teine ettevõte"
    ),
    "why_differs": Words(
        "{what} {ours} in Scoro, {theirs} in SmartAccounts", "{what} on Scoros {ours}, SmartAccountsis {theirs}"
    ),
    "why_same_name": Words("same name: {text}", "sama nimi: {text}"),
    "why_close_name": Words("name differs by a slip of the pen: {text}", "nimi erineb kirjavea võrra: {text}"),
    "why_similar_name": Words("similar name: {text}", "sarnane nimi: {text}"),
    "why_part_of_name": Words(
        "one name is a part or an abbreviation of the other: {text}", "üks nimi on teise osa või lühend: {text}"
    ),
    "why_other_name": Words("the names differ: {text}", "nimed on erinevad: {text}"),
    "why_others": Words("{others:semicolons}", "{others:semicolons}"),
    "others_of_smartaccounts": Words(
        "{ids} of SmartAccounts may be meant too", "mõeldud võib olla ka SmartAccountsi {ids}"
    ),
    "others_of_scoro": Words("contact {ids} of Scoro may be it too", "see võib olla ka Scoro kontakt {ids}"),
    "why_double": Words(
        "contact {ids} of Scoro looks like the same party entered twice",
        "Scoro kontakt {ids} paistab olevat sama, teist korda sisestatud",
    ),
    "why_same_code": Words("same code {text}", "sama kood {text}"),
    "why_code_alike": Words("same code but for how it is written: {text}", "sama kood, teisiti kirjutatud: {text}"),
    "why_other_code": Words("the codes differ: {text}", "koodid on erinevad: {text}"),
    "why_other_type": Words(
        "a stock article in one system, not in the other", "ühes süsteemis laoartikkel, teises mitte"
    ),
    "why_others_meant": Words("{others} may be meant too", "mõeldud võib olla ka {others}"),
    "article_of_smartaccounts": Words("article {id} of SmartAccounts", "SmartAccountsi artikkel {id}"),
    "product_of_scoro": Words("product {id} of Scoro", "Scoro toode {id}"),
}

# What a mapping lacks. Where nothing is suggested, `why` is followed by what there is.
_GAPS = {
    "gap_stock_fallback": Words(
        "{article} is a stock article in SmartAccounts; name one that is none",
        "{article} on SmartAccountsis laoartikkel; märgi artikkel, mis seda ei ole",
    ),
    "gap_no_warehouse": Words("the company file names no warehouse", "seadefailis ei ole ladu märgitud"),
    "gap_warehouse": Words(
        "SmartAccounts does not have the warehouse {warehouse}", "SmartAccountsis ei ole ladu {warehouse}"
    ),
    "gap_it_has": Words("{why}; it has: {there}", "{why}; seal on: {there}"),
    "gap_not_mapped": Words("it is not mapped", "vastavus puudub"),
    "gap_mapped_to": Words(
        "it is mapped to {there}, which SmartAccounts does not have", "vaste on {there}, mida SmartAccountsis ei ole"
    ),
    "gap_other_currency": Words(
        "it is paired with an account of another currency than {currency}", "paariline on muus valuutas kui {currency}"
    ),
    "gap_not_paired": Words(
        "it is paired with no account of SmartAccounts", "SmartAccountsi kontot ei ole paariliseks märgitud"
    ),
    "gap_paired_with": Words(
        "it is paired with {there}, which SmartAccounts does not have",
        "paariliseks on märgitud {there}, mida SmartAccountsis ei ole",
    ),
    "gap_accounts_there": Words(
        "{why}; accounts there that could be meant: {there}", "{why}; kontod, mis seal sobiksid: {there}"
    ),
    "gap_no_netting_account": Words(
        "the company file names no netting account", "seadefailis ei ole tasaarvelduskontot märgitud"
    ),
    "gap_no_bank_account": Words(
        "SmartAccounts does not have the bank account {account}", "SmartAccountsis ei ole pangakontot {account}"
    ),
    "gap_not_for_netting": Words(
        "the bank account {account} is not meant for netting at SmartAccounts",
        "pangakonto {account} ei ole SmartAccountsis tasaarvelduste konto",
    ),
    "gap_currency": Words(
        "no bank or cash account holds it, and it has no official rate: documents bring their own, and money would be"
        " booked on an account of another currency. Open an account there, or correct Scoro",
        "selles valuutas ei ole panga- ega kassakontot ja sellel ei ole ametlikku kurssi: dokumentidel on oma kurss ja"
        " raha kantaks teise valuuta kontole. Ava seal konto või paranda Scorot",
    ),
    "gap_unlawful": Words(
        "VAT of {percent:amount} % did not exist on {day}: check VAT and date in Scoro; only for a foreign rate a"
        " person adds a rule with Scoro's VAT code",
        "käibemaksu {percent:amount} % kuupäeval {day} ei olnud: kontrolli Scoros käibemaksu ja kuupäeva; ainult"
        " välisriigi määra jaoks lisab inimene reegli Scoro käibemaksukoodiga",
    ),
    "gap_ended": Words(
        "VAT of {percent:amount} % ended on {last}, it stands on {day}: check VAT and date in Scoro; for what was"
        " supplied before, a rule of this percent without an end lets it through with a warning",
        "käibemaks {percent:amount} % lõppes {last}, see on aga kuupäeval {day}: kontrolli Scoros käibemaksu ja"
        " kuupäeva; kui käive tekkis varem, laseb selle määra lõputähtajata reegel selle hoiatusega läbi",
    ),
    "days_within": Words("days within {first}–{last}", "mõni päev vahemikus {first}–{last}"),
    "gap_no_rule": Words("no rule fits", "ükski reegel ei sobi"),
    "gap_rule_inactive": Words(
        "the rule leads to {code}, which SmartAccounts does not have active for {side}",
        "reegli kood {code} ei ole SmartAccountsis {side} jaoks kasutusel",
    ),
    "gap_rule_percent": Words(
        "the rule leads to {code}, which is {percent:amount} % at SmartAccounts",
        "reegli kood {code} on SmartAccountsis {percent:amount} %",
    ),
    "gap_undecided": Words(
        "{why}; no active code of {side} is equal in code or percentage beyond doubt: a person decides",
        "{why}; ükski {side} jaoks kasutusel olev kood ei ole koodi ega protsendi poolest kindlalt sama: otsustab"
        " inimene",
    ),
    "gap_partner_code": Words(
        "SmartAccounts does not have the VAT code {code} active for {side}",
        "käibemaksukood {code} ei ole SmartAccountsis {side} jaoks kasutusel",
    ),
    "side_sales": Words("sales", "müügi"),
    "side_purchases": Words("purchases", "ostude"),
}

# Why a value is suggested.
_SUGGESTED = {
    "meant_only_warehouse": Words("the only warehouse", "ainus ladu"),
    "meant_like_name": Words("a like name", "sarnane nimi"),
    "meant_like_name_of": Words("a like name: {name}", "sarnane nimi: {name}"),
    "meant_only_netting": Words("the only account for netting", "ainus tasaarvelduste konto"),
    "meant_same_code": Words("the same code", "sama kood"),
    "meant_same_code_and_percent": Words("the same code and percentage", "sama kood ja protsent"),
    "meant_only_of_percent": Words(
        "the only active code of this percentage", "ainus kasutusel olev selle protsendiga kood"
    ),
    "meant_like_name_and_percent": Words(
        "the same percentage and a like name: {name}", "sama protsent ja sarnane nimi: {name}"
    ),
}

# What to look at in SmartAccounts, of what was booked before postings were compared.
_COMPARED = {
    "compare_rate": Words("the euros of its entry with the rate of the day", "kande eurod päeva kursiga"),
    "compare_declared_vat": Words(
        "the VAT that the buyer declares, on both VAT accounts of its entry",
        "ostja deklareeritav käibemaks kande mõlemal käibemaksukontol",
    ),
    "compare_debt": Words("the side of the debt in its entry", "võla pool kandes"),
    "compare_bank": Words("the side of the bank account in its entry", "pangakonto pool kandes"),
    "compare_netting": Words("that its entry moves no money", "et kanne ei liiguta raha"),
    "compare_cash": Words("the cash account in its entry with the till", "kassakonto kandes kassaga"),
    "compare_bank_euros": Words("the euros of its entry with the bank's", "kande eurod panga omadega"),
}

WORDS: Mapping[str, Words] = {**_EVIDENCE, **_GAPS, **_SUGGESTED, **_COMPARED}
