"""Room common. Countries by code and by name, as people write them."""

from __future__ import annotations

import pytest

from scoro_smartaccounts.common.countries import country_code


@pytest.mark.parametrize(
    ("country", "texts"),
    [
        ("EE", "est EE Eesti EESTI Estonia"),
        ("DE", "deu de DEU Saksamaa SAKSAMAA Germany germany Deutschland"),
        ("SE", "swe Rootsi Sweden Sverige"),
        ("NL", "nld Holland Hollandi Madalmaad Netherlands Nederland"),
        ("CZ", "cze Tšehhi tsehhi Czechia Česko Cesko".replace("cze", "CZE")),
        ("LV", "lva Läti Lati Latvia Latvija"),
        ("LT", "ltu Leedu Lithuania Lietuva"),
        ("FI", "fin Soome Finland Suomi"),
        ("AT", "aut Austria Österreich osterreich"),
        ("GB", "gbr UK U.K. Suurbritannia England Inglismaa"),
        ("US", "usa USA U.S.A."),
        ("GR", "grc EL Kreeka Greece Ελλάδα"),
        ("RU", "rus Venemaa Russia Россия"),
        ("PL", "pol Poola Poland Polska"),
        ("XK", "xkx Kosovo"),
        ("DE", "GER D Saksa Германия"),
        ("GR", "Hellas GRE Kreikka Griechenland"),
        ("BA", "Bosnia Bosna BIH Herzegovina"),
        ("KR", "Korea KOR Lõuna-Korea Südkorea"),
        ("CH", "SUI Suisse Šveits Швейцария"),
        ("AE", "UAE Emirates Emiraadid ARE"),
        ("ZA", "RSA ZAF"),
        ("SA", "KSA SAU"),
        ("CN", "PRC CHN Kina Kiina Китай"),
        ("SI", "SLO SVN Slovenija Sloveenia"),
        ("HR", "CRO HRV Hrvatska Horvaatia"),
        ("DK", "DEN DNK Danmark Taani Tanska Dānija"),
        ("PT", "POR PRT Portugal"),
        ("LV", "LAT LVA"),
        ("EE", "Viro Igaunija Estija Эстония Estland"),
        ("FR", "Frankreich Ranska Frankrike Prantsusmaa"),
        ("", "- puudub Atlantis EU Congo E F S N I A B L P H 00 XX XYZ"),
    ],
)
def test_names_and_codes(country: str, texts: str) -> None:
    assert {text: country_code(text) for text in texts.split()} == dict.fromkeys(texts.split(), country)


@pytest.mark.parametrize(
    ("text", "country"),
    [
        ("Czech Republic", "CZ"),
        ("Eesti Vabariik", "EE"),
        ("Republic of Estonia", "EE"),
        ("The Netherlands", "NL"),
        ("United Kingdom", "GB"),
        (" great  britain ", "GB"),
        ("Northern Ireland", "GB"),
        ("Ameerika Ühendriigid", "US"),
        ("Dominican Republic", "DO"),
        ("Republic", ""),
        ("Russian Federation", "RU"),
        ("Vene Föderatsioon", "RU"),
        ("Hellenic Republic", "GR"),
        ("Federal Republic of Germany", "DE"),
        ("Saksa Liitvabariik", "DE"),
        ("Bundesrepublik Deutschland", "DE"),
        ("Swiss Confederation", "CH"),
        ("Bosnia and Herzegovina", "BA"),
        ("Bosnia-Herzegovina", "BA"),
        ("Korea, Republic of", "KR"),
        ("South Korea", "KR"),
        ("North Korea", "KP"),
        ("Democratic People's Republic of Korea", "KP"),
        ("Moldova, Republic of", "MD"),
        ("Iran, Islamic Republic of", "IR"),
        ("Iiri Vabariik", "IE"),
        ("Hiina RV", "CN"),
        ("Ivory Coast", "CI"),
        ("EE - Eesti", "EE"),
        ("Estonia (EE)", "EE"),
        ("Saksamaa / Germany", "DE"),
        ("Guinea-Bissau", "GW"),
        ("Eesti / Soome", ""),
        ("Germany, Berlin", ""),
        ("Virgin Islands", ""),
        ("Democratic Republic of Korea", ""),
        ("(", ""),
        ("", ""),
    ],
)
def test_names_of_several_words(text: str, country: str) -> None:
    assert country_code(text) == country
