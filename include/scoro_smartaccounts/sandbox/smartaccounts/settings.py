"""The settings of a fresh company."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

# service below `settings/` -> its list key and the fields that are mandatory
SETTINGS: dict[str, tuple[str, tuple[str, ...]]] = {
    "accounts": ("accounts", ("code", "type", "descriptionEt")),
    "bankaccounts": ("bankAccounts", ("name", "account", "order", "currency")),
    "cashaccounts": ("cashAccounts", ("name", "account", "order", "currency")),
    "vatpcs": ("vatPcs", ("pc", "descriptionEt")),
    "objects": ("objects", ("code", "name")),
    "paymentmethods": ("templates", ("name", "account")),
    "groups": ("groups", ("name",)),
    "countries": ("countries", ("code", "name")),
    "documenttemplates": ("documentTemplates", ()),
    "warehouses": ("warehouses", ()),
}

_VAT = (
    ("24", 24, "Käive 24%", True, True),
    ("22", 22, "Käive 22%", True, True),
    ("20", 20, "Käive 20%", True, True),
    ("13", 13, "Majutus 13%", True, True),
    ("9", 9, "Käive 9%", True, True),
    ("5", 5, "Ajakirjandus 5%", True, True),
    ("0", 0, "Käive 0%", True, True),
    ("0EL", 0, "Ühendusesisene käive 0%", True, False),
    ("0EX", 0, "Eksport 0%", True, False),
    ("MV", 0, "Maksuvaba", True, True),
    ("PK24", 24, "Pöördkäibemaks 24%", False, True),
)
_COUNTRIES = (
    ("EE", "Eesti", True), ("FI", "Soome", True), ("LV", "Läti", True), ("LT", "Leedu", True), ("SE", "Rootsi", True),
    ("DE", "Saksamaa", True), ("PL", "Poola", True), ("FR", "Prantsusmaa", True), ("NL", "Holland", True),
    ("DK", "Taani", True), ("NO", "Norra", False), ("GB", "Suurbritannia", False),
    ("US", "Ameerika Ühendriigid", False),
    ("CH", "Šveits", False), ("UA", "Ukraina", False), ("IT", "Itaalia", True), ("ES", "Hispaania", True),
)  # fmt: skip


def fresh_settings(new_id: Callable[[], str]) -> dict[str, list[dict[str, Any]]]:
    """Rows by service."""
    return {
        "accounts": [
            {"id": new_id(), "code": code, "type": kind, "descriptionEt": name}
            for code, kind, name in (
                ("1000", "ASSET", "Kassa"),
                ("1010", "ASSET", "Pank"),
                ("1200", "ASSET", "Ostjate tasumata summad"),
                ("2110", "LIABILITY", "Võlad tarnijatele"),
                ("3010", "INCOME", "Müük"),
                ("4010", "EXPENSE", "Kaubad"),
                ("8600", "EXPENSE", "Ümardamine"),
            )
        ],
        "bankaccounts": [
            {"name": "LHV", "account": "1010", "order": 1, "currency": "EUR", "forNetting": False},
            {"name": "SEB", "account": "1010", "order": 2, "currency": "EUR", "forNetting": False},
            {"name": "SEB USD", "account": "1010", "order": 3, "currency": "USD", "forNetting": False},
            {"name": "Tasaarveldus", "account": "1200", "order": 4, "currency": "EUR", "forNetting": True},
        ],
        "cashaccounts": [{"name": "Kassa", "account": "1000", "order": 1, "currency": "EUR"}],
        "vatpcs": [
            {
                "vatPc": code,
                "pc": Decimal(percent),
                "descriptionEt": name,
                "activeSales": sales,
                "activePurchase": purchase,
                "custom": False,
                "order": order,
            }
            for order, (code, percent, name, sales, purchase) in enumerate(_VAT, 1)
        ],
        "objects": [{"id": new_id(), "code": "PROJ", "name": "Projektid", "active": True}],
        "paymentmethods": [
            {"name": "Kaardimakse", "account": "1010", "order": 1, "isCash": False},
            {"name": "Sularaha", "account": "1000", "order": 2, "isCash": True},
        ],
        "groups": [{"name": "Püsikliendid", "clients": True, "vendors": False}],
        "countries": [
            {"code": code, "name": name, "euMember": member, "systemCountry": True} for code, name, member in _COUNTRIES
        ],
        "documenttemplates": [{"code": "ARVE", "name": "Arve", "available": "CLIENT_INVOICE"}],
        "warehouses": [{"id": new_id(), "name": "Põhiladu"}, {"id": new_id(), "name": "Tallinna ladu"}],
    }
