"""Words out of which invented parties are put together."""

from __future__ import annotations

from random import Random


def split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PLACES = split(
    "Põhja Lõuna Ida Lääne Ranna Metsa Kivi Päikese Kuuse Männi Tamme Laane Rohe Sini Hõbe Kuld Merevaigu Jõe Järve"
    " Soo Nurme Välja Uus Vana Kiir Selge Tark Osav Täpne Kaste Udu Tuule Lume Jää Kevade Sügise Pärna Kadaka Haava"
    " Toome Kase Saare Mere Mäe Oru Liiva Savi Rukki Kaera Õuna Pilve Tähe Kuu Koidu Eha Virmalise Kotka Pääsu Luige"
    " Kurge Ilvese Karu Rebase Põdra Hirve Siili Mesilase Sõnajala Ürdi Žanri Šamaani"
)
TRADES = split(
    "ehitus disain puit tehnika koda meedia trükk toit köök aed logistika vedu metall klaas elekter ruum vara haldus"
    " müük teenused tarkvara nõu grupp partnerid töötuba sepikoda mööbel kangas paber valgus kinnisvara arendus"
    " projekt transport invest konsult reisid aiand katus küte torutööd värvid kaubandus koolitus kirjastus puhastus"
    " turvalahendused õigusbüroo raamatupidamine hambaravi ilusalong catering majutus talu kalandus tõlge rent"
)
ENGLISH = split(
    "Nordic Timber Baltic Bright Solid Silver Harbour Granite Meadow Falcon Amber Polar Velvet Copper Willow Summit"
    " Beacon Lantern Orchard Compass"
)
ENGLISH_TRADES = split(
    "Trading Solutions Consulting Logistics Studio Systems Holding Capital Software Design Invest Group Services Media"
    " Estates Partners Labs Marine Robotics"
)
FIRST_NAMES = split(
    "Mari Jüri Kadri Toomas Õnne Ülle Märt Liis Peeter Tiiu Ants Leelo Sander Helga Oskar Piia Mari-Liis Karl-Erik"
    " Anna-Maria Hans-Kristjan Tõnu Kärt Rünno Säde Eha Külli Aadu Veera Igor Svetlana Žanna Marten Lembit Hilja"
    " Madis Kersti Ott Triin Villu Aino"
)
LAST_NAMES = split(
    "Kuuselaane Põdrakivi Murakas Jõhvikas Pohlamets Sinilill Kivirähn Tuuleveski Ööbikmaa Pilveke Kaseoks Vesiroos"
    " Rukkipea Nõmmekäbi Mustsõstar Õunapoiss Käokingsepp Lumehelves Rabakukk Metsküla Hallhunt Kullerkupp Pajuvits"
    " Laukasoo Tammetõru Ahunapuu Meresild Koidutäht Udumägi Rändrahn Äikesepilv Ürgorg Saialill Kõrkjas Põldlõoke"
    " Haavalaid Kiigemäe Vankriratas Suitsupääsuke Linavästrik"
)
STREETS = split(
    "Näidise Proovi Mängu Muinasjutu Kujutluse Väljamõeldise Unenäo Varjulille Sõnajala Kuldkala Kärbseseene Kelluka"
    " Lepatriinu Tuulelohe Õhulossi Päkapiku Nõiakaevu Hõbelusika Äraolija Külmking"
)
CITIES = (
    ("Tallinn", "10111"),
    ("Tallinn", "11415"),
    ("Tallinn", "13517"),
    ("Tartu", "50090"),
    ("Tartu", "51013"),
    ("Pärnu", "80010"),
    ("Narva", "20308"),
    ("Viljandi", "71020"),
    ("Võru", "65605"),
    ("Kuressaare", "93815"),
    ("Rakvere", "44306"),
    ("Haapsalu", "90502"),
    ("Jõhvi", "41531"),
    ("Saue vald", "76505"),
    ("Põlva", "63308"),
)
COURTS = ("Amtsgericht Charlottenburg", "AG München", "AG Hamburg", "Amtsgericht Köln", "Amtsgericht Lübeck")
FREE_MAIL = ("postiljon.example", "kirjakast.example", "tasutapost.example")
_ONSETS = split("k t p m n l r s v h kr tr pl st br d g b f")
_VOWELS = split("a e i o u ä õ ö ü aa ee oo ai ei")
_CODAS = ("", "", "", "n", "r", "l", "s", "k", "ks", "rt")


def brand(rng: Random) -> str:
    """A word that means nothing."""
    syllables = rng.choice((2, 2, 3))
    word = "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_CODAS) for _ in range(syllables))
    return word.capitalize()


def letters(rng: Random, count: int) -> str:
    """An abbreviation."""
    return "".join(rng.choice("ABDEGHIKLMNOPRSTUV") for _ in range(count))


def slug(text: str) -> str:
    """What a web address makes of a name."""
    plain = text.lower().translate(str.maketrans("õäöüšž", "oaousz"))
    return "".join(char for char in plain if char.isascii() and char.isalnum())
