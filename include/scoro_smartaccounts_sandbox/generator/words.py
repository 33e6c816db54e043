"""Words out of which the names of invented companies, persons, streets and goods are put together."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COMPANY_FIRST = _words(
    "Põhja Lõuna Ranna Metsa Kivi Päikese Kuuse Männi Tamme Laane Rohe Sini Hõbe Kuld Merevaigu Jõe Järve Soo "
    "Nurme Välja Uus Vana Kiir Selge Tark Osav Täpne Kaste Udu Tuule Lume Jää Kevade Sügise Pärna Kadaka"
)
COMPANY_SECOND = _words(
    "ehitus disain puit tehnika koda meedia trükk toit köök aed logistika vedu metall klaas elekter ruum vara "
    "haldus müük teenused tarkvara nõu grupp partnerid töötuba sepikoda mööbel kangas paber valgus"
)
COMPANY_FORMS = ("{} OÜ", "{} OÜ", "{} OÜ", "{} OÜ", "{} AS", "OÜ {}", "AS {}", "MTÜ {}", "{} FIE", "{} UÜ", "{}")
FIRST_NAMES = _words("Mari Jüri Kadri Toomas Õnne Ülle Märt Liis Peeter Tiiu Ants Leelo Sander Helga Oskar Piia")
LAST_NAMES = _words(
    "Kuuselaane Põdrakivi Murakas Jõhvikas Pohlamets Sinilill Kivirähn Tuuleveski Ööbikmaa Pilveke Kaseoks "
    "Vesiroos Rukkipea Nõmmekäbi Mustsõstar Õunapoiss"
)
STREETS = _words(
    "Näidise Proovi Mängu Muinasjutu Kujutluse Väljamõeldise Unenäo Varjulille Sõnajala Kuldkala Kärbseseene"
)
CITIES = (
    ("Tallinn", "Harju", "10111"),
    ("Tartu", "Tartu", "50090"),
    ("Pärnu", "Pärnu", "80010"),
    ("Narva", "Ida-Viru", "20308"),
    ("Viljandi", "Viljandi", "71020"),
    ("Võru", "Võru", "65605"),
    ("Kuressaare", "Saare", "93815"),
    ("Rakvere", "Lääne-Viru", "44306"),
)
GOODS = _words(
    "Kaabel Kruvi Laud Tool Lamp Kandik Raamat Kott Kast Riiul Värv Lauaplaat Toru Liist Klamber Lüliti Pistik "
    "Filter Pump Andur Ekraan Klaviatuur Hiir Printer Tindikassett Pesuvahend Kindad Kiiver Vest Redel"
)
ADJECTIVES = _words("must valge väike suur pikk lühike kerge tugev sinine roheline hall kollane")
SERVICES = (
    "Konsultatsioon",
    "Projektijuhtimine",
    "Veebiarendus",
    "Disainitöö",
    "Hooldus",
    "Paigaldus",
    "Koolitus",
    "Transport",
    "Raamatupidamine",
    "Turundusteenus",
    "Tõlge",
    "Koristus",
)
EXPENSES = (
    "Kontoritarbed",
    "Parkimine",
    "Kütus",
    "Telefon ja internet",
    "Ruumi rent",
    "Sõidupilet",
    "Ajalehe tellimus",
    "Pilveteenus",
    "Esinduskulu",
)
DESCRIPTIONS = (
    "",
    "",
    "",
    "Vastavalt lepingule",
    "Täname koostöö eest!",
    "Tellimus telefoni teel\r\nTarne kokkuleppel",
    "Arve kuulub tasumisele <b>tähtajaks</b>",
)
SUBHEADINGS = ("Paigaldus", "Materjalid", "Etapp 1", "Lisatööd", "Märtsi tunnid")
COMMENTS = ("", "", "", "must", "vastavalt pakkumisele", "L-XL\r\n2 kasti", "kokkulepitud hind")
ODD_NAMES = (
    "Kohvik 🌞 Päike OÜ",
    "Кафе Ромашка OÜ",
    "Łąka Handel OÜ",
    "桜商事 OÜ",
    "Εργαστήρι OÜ",
    "Šokolaaditöökoda “Žest” OÜ",
)
ODD_TEXTS = ("Tänud 🙏🏽", "Дизайн вывески", "Größe 4′ × 8″", "抹茶 200 g", "ﬁnaal № 5 – “eri”")
ESCAPED_NAMES = ("Puu &amp; Poeg OÜ", "Kivi &amp; Käbi OÜ", "O&#039;Näidis OÜ")
LONG_STREET = "Väljamõeldud väikeettevõtluse ja loomemajanduse arenduspargi põhjahoone, 3. korrus, ruum 318-B"
LONG_CITY = "Kaugemale-Kui-Silm-Ulatub alevik ja selle lähiümbruse külade ühendatud asustusüksus"
