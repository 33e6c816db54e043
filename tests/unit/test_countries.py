"""Countries by code and by name, as people write them."""

from __future__ import annotations

import pytest

from scoro_smartaccounts.countries import country_code


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
        ("", "- puudub Atlantis Korea EU"),
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
        ("", ""),
    ],
)
def test_names_of_several_words(text: str, country: str) -> None:
    assert country_code(text) == country
