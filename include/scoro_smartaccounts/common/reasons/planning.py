"""Reasons of planning invoices and bills: what the books hold, and what cannot be sent as it is."""

from __future__ import annotations

from scoro_smartaccounts.common.reasons.message import Entry, Severity, Step
from scoro_smartaccounts.common.reasons.reading import unexpected

_SCORO, _SMARTACCOUNTS, _COMPANY_FILE = "Scoro", "SmartAccounts", "company file"
_CODES = "regCode, vatNumber"


def _error(key: str, en: str, et: str, *, field: str, system: str = _SCORO) -> Entry:
    return Entry(key, Step.PLAN, Severity.ERROR, en, et, field, system)


def _wait(key: str, en: str, et: str) -> Entry:
    return Entry(key, Step.PLAN, Severity.WAIT, en, et)


def _warning(key: str, en: str, et: str, *, field: str = "", system: str = "") -> Entry:
    return Entry(key, Step.PLAN, Severity.WARNING, en, et, field, system)


_LINES = (
    _error(
        "no_lines",
        "{document} has no lines with an amount. Add its lines in Scoro.",
        "{document}: ühtegi summaga rida ei ole. Lisa read Scoros.",
        field="lines",
    ),
    _error(
        "net_mismatch",
        "{document}: the lines add up to {lines:amount}, the {kind} says {net:amount} without VAT. Open it in Scoro,"
        " check its lines and save it.",
        "{document}: read annavad kokku {lines:amount}, kuid käibemaksuta summa ({kind}) on {net:amount}. Ava see"
        " Scoros, kontrolli ridu ja salvesta uuesti.",
        field="sum",
    ),
    _error(
        "total_mismatch",
        "{document}: with these lines the total comes to {computed:amount}, Scoro says {total:amount}; rounding"
        " explains at most {limit:amount}. Open it in Scoro, check the VAT and save it.",
        "{document}: nende ridadega tuleb summa {computed:amount}, Scoros on {total:amount}; ümardamine seletab kuni"
        " {limit:amount}. Ava see Scoros, kontrolli käibemaksu ja salvesta.",
        field="vat_sum",
    ),
    _error(
        "total_mismatch.bill",
        "{document}: by its lines the VAT is {computed:amount}, the bill says {vat:amount}; a supplier's rounding"
        " explains at most {limit:amount}. Open the bill in Scoro, check the VAT and save it.",
        "{document}: ridade järgi on käibemaks {computed:amount}, arvel on {vat:amount}; hankija ümardamine seletab"
        " kuni {limit:amount}. Ava ostuarve Scoros, kontrolli käibemaksu ja salvesta.",
        field="vat_sum",
    ),
    _error(
        "total_mismatch.small_lines",
        "{document}: SmartAccounts computes the VAT of its {rows} {rows:row|rows} one by one and comes to"
        " {computed:amount}, Scoro says {vat:amount}. The difference of {rounding:amount} would miss the VAT return;"
        " more than {limit:amount} is not taken for rounding. Put small lines together in Scoro (one line with the"
        " quantity of all), or enter the document in SmartAccounts by hand.",
        "{document}: SmartAccounts arvutab käibemaksu rida-realt (ridu {rows}) ja saab {computed:amount}, Scoros on"
        " {vat:amount}. Vahe {rounding:amount} jääks käibedeklaratsioonist välja; üle {limit:amount} ei loeta"
        " ümardamiseks. Pane väikesed read Scoros kokku (üks rida kogu kogusega) või sisesta dokument SmartAccountsi"
        " käsitsi.",
        field="lines",
    ),
    _warning(
        "vat_rounded_far",
        "SmartAccounts computes the VAT of its {rows} {rows:row|rows} one by one and comes to {computed:amount}, Scoro"
        " says {vat:amount}: {rounding:amount} is booked as rounding, outside the VAT return.",
        "SmartAccounts arvutab käibemaksu rida-realt (ridu {rows}) ja saab {computed:amount}, Scoros on {vat:amount}:"
        " {rounding:amount} kantakse ümardamisena, käibedeklaratsioonist välja.",
    ),
    _warning(
        "prepayment_drawn",
        "draws {sum:amount} on prepayment invoice {prepayments} of Scoro. In SmartAccounts that money stands as a"
        " prepayment of the client: use it for this invoice there, else the invoice stays open.",
        "kasutab Scoro ettemaksuarvet {prepayments} summas {sum:amount}. SmartAccountsis on see raha kliendi ettemaks:"
        " kasuta see seal selle arve tasumiseks, muidu jääb arve lahtiseks.",
    ),
    _error(
        "stock_price",
        "{document}, line {position}: no price of the stock article {article} times its quantity comes to {net:amount}."
        " Correct quantity or sum in Scoro.",
        "{document}, rida {position}: laoartikli {article} ükski hind korda kogus ei anna summat {net:amount}. Paranda"
        " kogus või summa Scoros.",
        field="lines.amount",
    ),
    _error(
        "stock_price.return_or_rebate",
        "{document}, line {position}: a negative price of the stock article {article} may be a return or a rebate."
        " Enter a return with a negative quantity, a rebate without the product.",
        "{document}, rida {position}: laoartikli {article} negatiivne hind võib olla tagastus või allahindlus. Sisesta"
        " tagastus negatiivse kogusega, allahindlus ilma tooteta.",
        field="lines.price",
    ),
    _error(
        "currency_rate",
        "{document}: the currency rate must be above zero. Correct the rate in Scoro.",
        "{document}: valuutakurss peab olema suurem kui 0. Paranda kurss Scoros.",
        field="currency_rate",
    ),
    _warning(
        "told_as_one_piece",
        "{where}: told as one piece, since no price times its quantity comes to {net:amount}.",
        "{where}: kantakse ühe tükina, sest ükski hind korda kogus ei anna summat {net:amount}.",
    ),
    _warning(
        "unprintable_dropped",
        "{where}: unprintable characters were dropped.",
        "{where}: mittetrükitavad märgid jäeti välja.",
    ),
    _warning(
        "characters_replaced",
        "{where}: characters that SmartAccounts does not take were replaced by {mark}.",
        "{where}: märgid, mida SmartAccounts ei võta, asendati märgiga {mark}.",
    ),
    _warning(
        "entity_left",
        "{where}: the text holds {mark}, as if it had been escaped for HTML twice; it is sent as it is. Look at it in"
        " SmartAccounts.",
        "{where}: tekstis on {mark}, nagu oleks see kaks korda HTML-iks teisendatud; tekst saadetakse nii. Vaata see"
        " SmartAccountsis üle.",
    ),
    _warning(
        "text_long",
        "{where}: it has {letters} characters. Where SmartAccounts keeps less of it than that, it does not say so: look"
        " at the text there.",
        "{where}: tekstis on {letters} märki. Kui SmartAccounts säilitab sellest vähem, ei anna see sellest teada:"
        " vaata tekst seal üle.",
    ),
    _warning(
        "stand_in_left_out",
        "{where}: left out, for Scoro holds something there that stands in for it.",
        "{where}: jäeti välja, sest Scoros ei ole seal tegelikku väärtust.",
    ),
    _warning(
        "text_cut",
        "{where} was cut to {limit} characters.",
        "{where}: lühendati {limit} märgini.",
    ),
)

_VAT = (
    _error(
        "vat_missing",
        "{document}, line {position}: no VAT on the line or on the {kind}. Choose the VAT in Scoro.",
        "{document}, rida {position}: käibemaks puudub nii real kui ka dokumendil ({kind}). Vali käibemaks Scoros.",
        field="vat_code",
    ),
    _error(
        "vat_code_unknown",
        "{document}: {vat} maps to VAT code {vat_code}, which SmartAccounts does not have active for {side}. Activate"
        " it there or change the company file.",
        "{document}: {vat} on seadefailis käibemaksukood {vat_code}, mis ei ole SmartAccountsis {side} jaoks kasutusel."
        " Võta kood seal kasutusele või muuda seadefaili.",
        field="{setting}",
        system=_COMPANY_FILE,
    ),
    _error(
        "vat_percent_differs",
        "{document}: {vat} maps to VAT code {vat_code}, which is {percent:amount} % at SmartAccounts. Correct the rule"
        " in the company file.",
        "{document}: {vat} on seadefailis käibemaksukood {vat_code}, mis on SmartAccountsis {percent:amount} %. Paranda"
        " reegel seadefailis.",
        field="{setting}",
        system=_COMPANY_FILE,
    ),
    _error(
        "vat_not_mapped",
        "{document}: no rule of the company file fits {vat}. Add one under {setting}, or correct the VAT code in"
        " Scoro.",
        "{document}: seadefailis ei ole reeglit, mis sobiks: {vat}. Lisa reegel rubriiki {setting} või paranda"
        " käibemaks Scoros.",
        field="{setting}",
        system=_COMPANY_FILE,
    ),
    _error(
        "vat_not_mapped.other_days",
        "{document}: the company file has a rule for {vat}, VAT code {vat_code}, but for other days: {first} to {last}."
        " If the VAT is right, let that rule under {setting} hold for this day too; otherwise correct VAT or date in"
        " Scoro.",
        "{document}: seadefailis on reegel ({vat}, käibemaksukood {vat_code}), kuid teistele päevadele: {first} kuni"
        " {last}. Kui käibemaks on õige, laienda seda reeglit rubriigis {setting} ka sellele päevale; muidu paranda"
        " Scoros käibemaks või kuupäev.",
        field="{setting}",
        system=_COMPANY_FILE,
    ),
    _warning(
        "reverse_charge_doubtful",
        "VAT code {vat_code} is reverse charge, but the vendor's country is Estonia.",
        "käibemaksukood {vat_code} on pöördmaksustamine, kuid hankija riik on Eesti.",
    ),
    _warning(
        "reverse_charge_doubtful.no_country",
        "VAT code {vat_code} is reverse charge, but the vendor's country is not given in Scoro.",
        "käibemaksukood {vat_code} on pöördmaksustamine, kuid hankija riik ei ole Scoros märgitud.",
    ),
    _warning(
        "union_sale_doubtful",
        "VAT code {vat_code} is for sales to other member states, but the client's country is Estonia. Choose the right"
        " VAT in Scoro.",
        "käibemaksukood {vat_code} on ühendusesisene käive, kuid kliendi riik on Eesti. Vali Scoros õige käibemaks.",
        field="vat_code",
        system=_SCORO,
    ),
    _warning(
        "union_sale_doubtful.no_country",
        "VAT code {vat_code} is for sales to other member states, but the client's country is not given in Scoro: the"
        " VAT return would miss the sale. Give the client its country in Scoro and SmartAccounts.",
        "käibemaksukood {vat_code} on ühendusesisene käive, kuid kliendi riik ei ole Scoros märgitud:"
        " käibedeklaratsioon jätaks müügi välja. Märgi kliendi riik Scoros ja SmartAccountsis.",
        field="contact_id",
        system=_SCORO,
    ),
    _warning(
        "union_sale_doubtful.outside",
        "VAT code {vat_code} is for sales to other member states, but the client's country {country} is outside the"
        " European Union. Choose the right VAT in Scoro.",
        "käibemaksukood {vat_code} on ühendusesisene käive, kuid kliendi riik {country} ei ole Euroopa Liidus. Vali"
        " Scoros õige käibemaks.",
        field="vat_code",
        system=_SCORO,
    ),
    _warning(
        "union_sale_doubtful.person",
        "VAT code {vat_code} is for sales to companies of other member states, but the client is a private person."
        " Choose the right VAT in Scoro.",
        "käibemaksukood {vat_code} on ühendusesisene käive ettevõttele, kuid klient on eraisik. Vali Scoros õige"
        " käibemaks.",
        field="vat_code",
        system=_SCORO,
    ),
    _warning(
        "union_sale_doubtful.no_vat_number",
        "VAT code {vat_code} is for sales to other member states, but the client has no VAT number in Scoro: the VAT"
        " return would miss the sale. Give the client its VAT number in Scoro and SmartAccounts, or choose another"
        " VAT.",
        "käibemaksukood {vat_code} on ühendusesisene käive, kuid kliendil ei ole Scoros KMKR numbrit:"
        " käibedeklaratsioon jätaks müügi välja. Märgi kliendi KMKR number Scoros ja SmartAccountsis või vali teine"
        " käibemaks.",
        field="vatno",
        system=_SCORO,
    ),
    _warning(
        "union_sale_doubtful.country_in_books",
        "VAT code {vat_code} is for sales to other member states, but in SmartAccounts the client's country is {there}"
        " (Scoro: {country}): the VAT return would miss the sale. Correct the client's country in SmartAccounts.",
        "käibemaksukood {vat_code} on ühendusesisene käive, kuid kliendi riik SmartAccountsis: {there} (Scoros:"
        " {country}). Käibedeklaratsioon jätaks müügi välja. Paranda kliendi riik SmartAccountsis.",
        field="address.country",
        system=_SMARTACCOUNTS,
    ),
    _warning(
        "union_sale_doubtful.no_vat_number_in_books",
        "VAT code {vat_code} is for sales to other member states, but the client has no VAT number in SmartAccounts:"
        " the VAT return would miss the sale. Give the client its VAT number in SmartAccounts.",
        "käibemaksukood {vat_code} on ühendusesisene käive, kuid kliendil ei ole SmartAccountsis KMKR numbrit:"
        " käibedeklaratsioon jätaks müügi välja. Märgi kliendi KMKR number SmartAccountsis.",
        field="vatNumber",
        system=_SMARTACCOUNTS,
    ),
    _warning(
        "union_sale_article",
        "a sale to another member state on article {article}, which is {type}: the VAT return counts it as goods or as"
        " services by that. Give the line its product in Scoro where that is wrong.",
        "ühendusesisene käive artikliga {article}, mille liik on {type}: selle järgi läheb see käibedeklaratsioonile"
        " kauba või teenusena. Kui see on vale, lisa Scoros reale toode.",
        field="product_id",
        system=_SCORO,
    ),
    _warning(
        "vat_code_own",
        "VAT code {vat_code} is one that the company made itself in SmartAccounts: its VAT return does not take it.",
        "käibemaksukood {vat_code} on SmartAccountsis ettevõtte enda loodud: käibedeklaratsioonile see ei lähe.",
    ),
    _warning(
        "first_of_kind",
        "it is a document of a kind that SmartAccounts was not seen to book yet ({kind}): the first one goes alone and"
        " its posting is compared in euros.",
        "sellist dokumenti ei ole SmartAccountsis veel nähtud ({kind}): esimene läheb üksi ja selle kannet võrreldakse"
        " eurodes.",
    ),
    _warning(
        "first_of_kind.not_seen",
        "it is a document of a kind of which SmartAccounts' ledger does not show whether it is booked right ({kind}):"
        " look at one in SmartAccounts, and name the kind in ledger_check.trusted.",
        "sellise dokumendi kohta ({kind}) ei näita SmartAccountsi pearaamat, kas see on õigesti kantud: vaata ühte"
        " SmartAccountsis ja lisa liik seadefaili loendisse ledger_check.trusted.",
    ),
    _warning(
        "reverse_charge_in_part",
        "{document}: some rows are reverse charge and some are not, and the paper's VAT is sent: check in SmartAccounts"
        " that the entry has the VAT that the buyer declares.",
        "{document}: osa ridu on pöördmaksustamisega ja osa mitte ning saadetakse paberil olev käibemaks. Kontrolli"
        " SmartAccountsis, et kandes on ka ostja deklareeritav käibemaks.",
    ),
    _warning(
        "union_sale_missing",
        "VAT code {vat_code} of 0 % is not for sales to other member states, but the client is in the European Union"
        " ({country}).",
        "käibemaksukood {vat_code} (0 %) ei ole ühendusesisene käive, kuid klient on Euroopa Liidus ({country}).",
    ),
    _warning(
        "reverse_charge_missing",
        "VAT code {vat_code} is no reverse charge, but the vendor is in the European Union ({country}).",
        "käibemaksukood {vat_code} ei ole pöördmaksustamine, kuid hankija on Euroopa Liidus ({country}).",
    ),
)

_SETTINGS = (
    _error(
        "warehouse_unknown",
        "{document} has stock articles, but the company file names no warehouse; SmartAccounts knows: {known}."
        " Name one of these under {setting}.",
        "{document}: dokumendil on laoartikleid, kuid seadefailis ei ole ladu. SmartAccountsi laod: {known}. Kirjuta"
        " üks neist seadefaili ({setting}).",
        field="{setting}",
        system=_COMPANY_FILE,
    ),
    _error(
        "warehouse_unknown.other",
        "{document} has stock articles, but the company file names the warehouse {warehouse}; SmartAccounts knows:"
        " {known}. Name one of these under {setting}.",
        "{document}: dokumendil on laoartikleid, kuid seadefaili ladu {warehouse} ei ole SmartAccountsis. Seal on:"
        " {known}. Kirjuta üks neist seadefaili ({setting}).",
        field="{setting}",
        system=_COMPANY_FILE,
    ),
    _error(
        "account_not_mapped",
        "{document}, line {position}: the company file does not say what the finance account {symbol} of Scoro is in"
        ' SmartAccounts. Add "{symbol}" under {setting}, or correct the line in Scoro.',
        "{document}, rida {position}: seadefail ei ütle, milline SmartAccountsi konto vastab Scoro kontole {symbol}."
        ' Lisa "{symbol}" rubriiki {setting} või paranda rida Scoros.',
        field="{setting}",
        system=_COMPANY_FILE,
    ),
    _error(
        "account_unknown",
        '{document}, line {position}: the company file maps "{symbol}" to the account {code}, which SmartAccounts does'
        " not have in use. Add it there or correct {setting}.",
        '{document}, rida {position}: seadefailis on "{symbol}" konto {code}, mis ei ole SmartAccountsis kasutusel.'
        " Lisa konto seal või paranda {setting}.",
        field="{setting}",
        system=_COMPANY_FILE,
    ),
    _error(
        "cost_object_not_mapped",
        "{document}, line {position}: the company file does not say what the accounting object {symbol} of Scoro is in"
        ' SmartAccounts. Add "{symbol}" under {setting}, or correct the line in Scoro.',
        "{document}, rida {position}: seadefail ei ütle, milline SmartAccountsi objekt vastab Scoro objektile {symbol}."
        ' Lisa "{symbol}" rubriiki {setting} või paranda rida Scoros.',
        field="{setting}",
        system=_COMPANY_FILE,
    ),
    _error(
        "cost_object_unknown",
        '{document}, line {position}: the company file maps "{symbol}" to the object {code}, which SmartAccounts does'
        " not have in use. Add it there or correct {setting}.",
        '{document}, rida {position}: seadefailis on "{symbol}" objekt {code}, mis ei ole SmartAccountsis kasutusel.'
        " Lisa objekt seal või paranda {setting}.",
        field="{setting}",
        system=_COMPANY_FILE,
    ),
)

_PARTNERS = (
    _error(
        "partner_missing",
        "{document} names no {kind}. Choose the {kind} in Scoro.",
        "{document}: {kind} on valimata. Vali see Scoros.",
        field="company_id",
    ),
    _error(
        "partner_missing.gone",
        "{document}: contact {contact} is not in Scoro any more. Restore it, or choose another contact on the document"
        " in Scoro.",
        "{document}: kontakti {contact} ei ole enam Scoros. Taasta see või vali dokumendile Scoros teine kontakt.",
        field="company_id",
    ),
    _error(
        "partner_without_name",
        "contact {contact} has no name. Give the contact a name in Scoro.",
        "kontaktil {contact} puudub nimi. Sisesta kontakti nimi Scoros.",
        field="name",
    ),
    _error(
        "partner_ambiguous",
        "{contact}: {several}. Merge or correct them in SmartAccounts, then retry.",
        "{contact}: {several}. Ühenda või paranda need SmartAccountsis ja proovi uuesti.",
        field=_CODES,
        system=_SMARTACCOUNTS,
    ),
    _error(
        "partner_differs",
        "{contact}: {record} {common}, but {against}. Where they are two, correct the code in Scoro or in"
        " SmartAccounts; where they are one, correct the name, or say so in the report of reconcile_ids; then retry.",
        "{contact}: {record} – {common}, kuid {against}. Kui neid on kaks, paranda kood Scoros või SmartAccountsis; kui"
        " see on üks, paranda nimi või märgi see reconcile_ids aruandes; seejärel proovi uuesti.",
        field=_CODES,
        system=_SMARTACCOUNTS,
    ),
    _error(
        "partner_differs.contacts",
        "{contact}: {others:and} of Scoro has the same {what:and}, but another name, and neither is a {kind} yet. Where"
        " a code is wrong, correct it in Scoro; where they are members of a VAT group, enter their registry codes"
        " there; where they are one company, call both alike, or enter the {kind} in SmartAccounts and say so in the"
        " report of reconcile_ids; then retry.",
        "{contact}: Scoros on ka {others:and}, millel on sama {what:and}, kuid teine nimi; kumbki ei ole veel"
        " SmartAccountsis ({kind}). Kui kood on vale, paranda see Scoros; kui need on ühes käibemaksugrupis, sisesta"
        " sinna nende registrikoodid; kui tegu on ühe ettevõttega, pane mõlemale sama nimi või lisa see SmartAccountsi"
        " ja märgi reconcile_ids aruandes; seejärel proovi uuesti.",
        field=_CODES,
    ),
    _wait(
        "partner_undecided",
        "{document} waits for a decision: {candidates:semicolons}. Say yes or no on the page Decisions, or in the"
        " report of reconcile_ids; the next run then takes it.",
        "{document} ootab otsust: {candidates:semicolons}. Ütle jah või ei lehel „Otsused“ või reconcile_ids"
        " aruandes; järgmine käivitus võtab dokumendi ise.",
    ),
)

_UNREAD = (
    _wait(
        "partner_unread",
        "{document} waits: {contact} may be {record} of SmartAccounts, whose field {field} cannot be read. Correct that"
        " field there; the next run then takes the document.",
        "{document} ootab: {contact} võib olla SmartAccountsi {record}, mille välja {field} ei saa lugeda. Paranda see"
        " väli seal; järgmine käivitus võtab dokumendi ise.",
    ),
)

_ARTICLES = (
    _wait(
        "article_undecided",
        "{document} waits for a decision: {candidates:semicolons}. Say yes or no on the page Decisions, or in the"
        " report of reconcile_ids; the next run then takes it.",
        "{document} ootab otsust: {candidates:semicolons}. Ütle jah või ei lehel „Otsused“ või reconcile_ids"
        " aruandes; järgmine käivitus võtab dokumendi ise.",
    ),
    _error(
        "article_rejected",
        "product {product} has the code {code}, and article {code} of SmartAccounts is another thing, as somebody"
        " decided. Give the product another code in Scoro, or turn the no into a yes in the report of reconcile_ids;"
        " then retry.",
        "Scoro tootel {product} on kood {code}, kuid SmartAccountsi artikkel {code} on otsuse järgi teine asi. Anna"
        " tootele Scoros teine kood või muuda reconcile_ids aruandes ei jah-iks; seejärel proovi uuesti.",
        field="code",
    ),
    _error(
        "article_differs",
        "product {product} ({ours}) has the code {code}, and article {code} of SmartAccounts is called {theirs}. Where"
        " they are two things, give the product another code in Scoro; where they are one, correct a name, or say so in"
        " the report of reconcile_ids; then retry.",
        "Scoro tootel {product} ({ours}) on kood {code}, kuid SmartAccountsi artikli {code} nimi on {theirs}. Kui tegu"
        " on kahe asjaga, anna tootele Scoros teine kood; kui ühega, paranda nimi või märgi see reconcile_ids aruandes;"
        " seejärel proovi uuesti.",
        field="code",
    ),
    _warning(
        "article_type_conflict",
        "article {code} is {actual} at SmartAccounts, {wanted} by its tag in Scoro; it was left as it is.",
        "artikkel {code} on SmartAccountsis liiki {actual}, toote sildi järgi Scoros {wanted}; artiklit ei muudetud.",
        field="tag",
        system=_SCORO,
    ),
    _warning(
        "article_type_untold",
        "article {code} is new and becomes {type}: Scoro shows no tags of product {product}, so that nobody can tell"
        " here whether it is stock.",
        "artikkel {code} on uus, liigiks saab {type}: Scoro ei näita toote {product} silte, nii et siin ei ole teada,"
        " kas see on laotoode.",
        field="tag",
        system=_SCORO,
    ),
    _warning(
        "article_type_conflict.shared_code",
        "products {first} and {second} share the code {code}, but only one is stock.",
        "toodetel {first} ja {second} on sama kood {code}, kuid ainult üks neist on laotoode.",
        field="tag",
        system=_SCORO,
    ),
)

_IN_THE_BOOKS = (
    _error(
        "partial_match",
        "{document}: SmartAccounts holds {kind} of this number already, but it differs: {differences}. Correct or"
        " delete one of them, then retry.",
        "{document}: SmartAccountsis on juba sama numbriga {kind}, mis erineb: {differences}. Paranda või kustuta üks"
        " neist ja proovi uuesti.",
        field="invoiceNumber",
        system=_SMARTACCOUNTS,
    ),
    _error(
        "partial_match.taken",
        "{document} (Scoro id {id}): the {kind} of this number in SmartAccounts was imported for another one, Scoro"
        " id {other}. If that one has another number in Scoro by now, give it that number in SmartAccounts and retry"
        " this one; if this one replaces it, delete that one in Scoro and retry; otherwise give this one a number of"
        " its own in Scoro, or dismiss it.",
        "{document} (Scoro id {id}): sama numbriga {kind} SmartAccountsis imporditi teise Scoro dokumendi jaoks, id"
        " {other}. Kui teise number on Scoros nüüd muu, pane sama number ka SmartAccountsi ja proovi seda uuesti;"
        " kui see asendab teist, kustuta teine Scoros ja proovi uuesti; muidu anna sellele Scoros oma number või jäta"
        " see kõrvale.",
        field="no",
    ),
    Entry(
        "possible_duplicate",
        Step.PLAN,
        Severity.ERROR,
        "{document}: SmartAccounts holds {twin} of the same day, {kind}, currency and total {total:amount}. If it is"
        " the same, give it the number {number} there; then, or if it is another one, retry {retried}: it is linked or"
        " booked.",
        "{document}: SmartAccountsis on {twin}, millel on sama päev, {kind}, valuuta ja summa {total:amount}. Kui see"
        " on sama, pane sellele seal number {number}; seejärel või kui see on muu dokument, proovi uuesti ({retried}):"
        " see seotakse või kantakse.",
        field="invoiceNumber",
        system=_SMARTACCOUNTS,
        is_question=True,
        asks_about="twin",
    ),
    Entry(
        "possible_duplicate.unread",
        Step.PLAN,
        Severity.ERROR,
        "{document} may be in SmartAccounts already: there is {kind} of {day} (record {record}) whose field {field}"
        " cannot be read. Correct that field there; then, or if it is another one, retry {retried}: it is linked or"
        " booked.",
        "{document} võib SmartAccountsis juba olla: seal on {kind} kuupäevaga {day} (kirje {record}), mille välja"
        " {field} ei saa lugeda. Paranda see väli seal; seejärel või kui see on muu dokument, proovi uuesti"
        " ({retried}): see seotakse või kantakse.",
        field="{field}",
        system=_SMARTACCOUNTS,
        is_question=True,
        asks_about="record",
    ),
    Entry(
        "possible_duplicate.other_year",
        Step.PLAN,
        Severity.ERROR,
        "{document}: SmartAccounts holds {twin}, which has the same number and total in another year; it differs:"
        " {differences}. If it is the same, correct one of them and retry {retried}, or dismiss this one; if it is"
        " another one, retry {retried}: it is booked.",
        "{document}: SmartAccountsis on teise aasta dokument, millel on sama number ja summa: {twin}; see erineb:"
        " {differences}. Kui see on sama, paranda üks neist ja proovi uuesti ({retried}) või jäta see kõrvale; kui see"
        " on muu dokument, proovi uuesti ({retried}): see kantakse.",
        field="date",
        system=_SMARTACCOUNTS,
        is_question=True,
        asks_about="twin",
    ),
    Entry(
        "possible_duplicate.left_behind",
        Step.PLAN,
        Severity.ERROR,
        "{document} (Scoro id {id}) may be {other} entered again: that one is deleted in Scoro, but SmartAccounts holds"
        " {twin} that was imported for it; it differs: {differences}. If they are the same, make {twin} in"
        " SmartAccounts equal to this one, or delete it there; then, or if they are two documents, retry this one: it"
        " is linked or booked.",
        "{document} (Scoro id {id}) võib olla uuesti sisestatud {other}: see on Scoros kustutatud, kuid SmartAccountsis"
        " on selle eest imporditud {twin}, mis erineb: {differences}. Kui need on sama dokument, tee SmartAccountsis"
        " samasuguseks ({twin}) või kustuta see seal; seejärel või kui need on kaks dokumenti, proovi uuesti: see"
        " seotakse või kantakse.",
        field="no",
        system=_SCORO,
        is_question=True,
        asks_about="other",
    ),
    Entry(
        "document_gone.itself",
        Step.PLAN,
        Severity.ERROR,
        "{document} was deleted in SmartAccounts after the import (number {number}, SmartAccounts id {record}). If it"
        " is to be there, enter it again with the same number, day {day}, partner and total, or leave it deleted and"
        " retry this one: it is linked to the equal one, or booked again. If it is to stay deleted, dismiss it, or"
        " delete it in Scoro too.",
        "{document} on SmartAccountsis pärast importi kustutatud (number {number}, SmartAccountsi id {record}). Kui see"
        " peab seal olema, sisesta see sama numbri, kuupäeva {day}, partneri ja summaga uuesti või jäta kustutatuks ja"
        " proovi uuesti: see seotakse samasugusega või kantakse uuesti. Kui see peab kustutatuks jääma, jäta see"
        " kõrvale või kustuta ka Scoros.",
        system=_SMARTACCOUNTS,
        is_question=True,
        asks_about="record",
    ),
    _warning(
        "entered_again.in_smartaccounts",
        "it was deleted in SmartAccounts after the import and entered again there; the new one stands for it from now"
        " on.",
        "see kustutati SmartAccountsis pärast importi ja sisestati seal uuesti; edaspidi on selle eest uus.",
    ),
    _warning(
        "adopted_net_differs",
        "it was found in SmartAccounts and linked: its total is the same, but its net is {there:amount} instead of"
        " {here:amount}. Compare the two where that matters.",
        "see leiti SmartAccountsist ja seoti: kogusumma on sama, aga netosumma on {there:amount}, mitte {here:amount}."
        " Võrdle neid, kui see on oluline.",
    ),
    _warning(
        "entered_again.in_scoro",
        "it was entered again in Scoro: {twin} of SmartAccounts, imported for {other}, which is deleted in Scoro,"
        " stands for it from now on.",
        "see sisestati Scoros uuesti: SmartAccountsi {twin}, mis imporditi Scoros kustutatud dokumendi eest ({other}),"
        " on edaspidi selle eest.",
    ),
)

_CREDITS = (
    _error(
        "base_unknown",
        "{document}: the invoice it credits is not in Scoro any more. Choose the right invoice on it in Scoro.",
        "{document}: arvet, mida see krediteerib, ei ole enam Scoros. Vali kreeditarvele Scoros õige arve.",
        field="credited_invoices",
    ),
    _error(
        "credit_before_base",
        "{document} is dated {day}, before the {base} of {base_day} that it credits. Correct the date in Scoro.",
        "{document}: kuupäev {day} on varasem kui krediteeritaval arvel ({base}, {base_day}). Paranda kuupäev Scoros.",
        field="date",
    ),
    _error(
        "base_out_of_reach",
        "{document} credits {base}, which is not in SmartAccounts and {why}. Book that invoice in SmartAccounts by hand"
        " under its own number and retry, or dismiss this one.",
        "{document} krediteerib dokumenti, mida ei ole SmartAccountsis: {base} ({why}). Sisesta see arve SmartAccountsi"
        " käsitsi oma numbriga ja proovi uuesti või jäta kreeditarve kõrvale.",
        field="credited_invoices",
    ),
    _error(
        "credit_of_other_client",
        "{document} is of {ours}, and credits {base} of {theirs}: two clients cannot be netted. Correct the client or"
        " the credited invoice in Scoro; where both contacts are one company, merge them in Scoro; then retry.",
        "{document}: klient on {ours}, kuid krediteeritava dokumendi ({base}) klient on {theirs}; kahte klienti ei saa"
        " tasaarveldada. Paranda Scoros klient või krediteeritav arve; kui mõlemad kontaktid on üks ettevõte, ühenda"
        " need Scoros; seejärel proovi uuesti.",
        field="company_id",
    ),
    _warning(
        "credit_on_booked_client",
        "is booked on {client}, as {base} was that it credits; in Scoro both belong to {ours} now.",
        "kantakse samale kliendile nagu krediteeritav dokument ({base}): {client}; Scoros on mõlema klient nüüd"
        " {ours}.",
    ),
    _warning(
        "credits_several",
        "credits {count} invoices; SmartAccounts links one: {linked}.",
        "krediteeritavate arvete arv on {count}; SmartAccounts seob ühe: {linked}.",
    ),
)

ENTRIES: tuple[Entry, ...] = (
    unexpected("unexpected_when_planned", Step.PLAN),
    *_LINES,
    *_VAT,
    *_SETTINGS,
    *_PARTNERS,
    *_UNREAD,
    *_ARTICLES,
    *_IN_THE_BOOKS,
    *_CREDITS,
)
