"""What every simulated site starts with: its company and its registers of codes. All invented."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

COMPANY: Final[Mapping[str, Any]] = {
    "company_name": "Demo Lahendused OÜ",
    "alternative_name": "",
    "address": ["Näidise 1", "10111 Tallinn"],
    "email": "info@demolahendused.example",
    "website": "",
    "phone": "+372 600 0000",
    "fax": "",
    "reg_no": "19000014",
    "vat_no": "EE109000008",
    "site_version": "25.4",
    "base_currency": "EUR",
    "active_currencies": ["EUR", "USD", "SEK"],
    "language": "est",
}

EMPTY_ADDRESS: Final[Mapping[str, Any]] = {
    "country": "",
    "county": "",
    "municipality": "",
    "city": "",
    "street": "",
    "zipcode": "",
    "full_address": "",
}

VAT_EXEMPT: Final = 3
VAT_9: Final = 4
VAT_13: Final = 5
VAT_0: Final = 6
VAT_0_EU: Final = 7
VAT_24: Final = 9
VAT_22: Final = 10
VAT_20: Final = 11

ACCOUNT_SALES: Final = 12
ACCOUNT_SALES_GOODS: Final = 13
ACCOUNT_PURCHASES: Final = 21
ACCOUNT_SERVICES: Final = 22
ACCOUNT_OFFICE: Final = 23

DEPOT_MAIN: Final = 1
OBJECTS: Final = (1, 2)
CASH_ACCOUNT: Final = 1
BANK_ACCOUNT: Final = 2
BANK_ACCOUNT_USD: Final = 3
NETTING_ACCOUNT: Final = 4
CARD_ACCOUNT: Final = 5


def _vat(code_id: int, code: str, percent: int, name: str, active: int = 1, exempt: int = 0) -> dict[str, Any]:
    return {
        "vat_code_id": code_id,
        "vat_code": code,
        "percent": Decimal(percent),
        "vat_name": name,
        "is_active": active,
        "is_not_applicable": exempt,
    }


def _account(account_id: int, symbol: str, name: str, *, sales: int) -> dict[str, Any]:
    return {
        "id": account_id,
        "account_symbol": symbol,
        "name": name,
        "is_sales_account": sales,
        "is_purchases_account": 1 - sales,
    }


RECORDS: Final[Mapping[str, Sequence[Mapping[str, Any]]]] = {
    "vatCodes": [
        _vat(VAT_EXEMPT, "MV", 0, "Maksuvaba käive", exempt=1),
        _vat(VAT_9, "9", 9, "Käibemaks 9%"),
        _vat(VAT_13, "13", 13, "Majutus 13%"),
        _vat(VAT_0, "0", 0, "Käibemaks 0%"),
        _vat(VAT_0_EU, "0EU", 0, "Ühendusesisene käive 0%"),
        _vat(VAT_24, "24", 24, "Käibemaks 24%"),
        _vat(VAT_22, "22", 22, "Käibemaks 22%", active=0),
        _vat(VAT_20, "20", 20, "Käibemaks 20%", active=0),
    ],
    "financeAccounts": [
        _account(ACCOUNT_SALES, "3010", "Teenuste müük", sales=1),
        _account(ACCOUNT_SALES_GOODS, "3020", "Kaupade müük", sales=1),
        _account(ACCOUNT_PURCHASES, "4010", "Kaubad edasimüügiks", sales=0),
        _account(ACCOUNT_SERVICES, "4210", "Ostetud teenused", sales=0),
        _account(ACCOUNT_OFFICE, "5110", "Kontorikulud", sales=0),
    ],
    "financeObjects": [
        {"object_id": 1, "object_symbol": "TLN", "name": "Tallinn", "parent_group_name": "Osakond"},
        {"object_id": 2, "object_symbol": "TRT", "name": "Tartu", "parent_group_name": "Osakond"},
    ],
    "clientProfiles": [
        {"id": 4, "name": "Tavaklient", "deadline_days": 14, "fine": Decimal("0.1")},
        {"id": 5, "name": "Püsiklient", "deadline_days": 30, "discount": Decimal(5)},
    ],
    "productGroups": [
        {"id": 7, "name": "Kaubad"},
        {"id": 8, "name": "Teenused"},
    ],
    "receiptAccounts": [
        {"id": CASH_ACCOUNT, "name": "Kassa", "type": "cash"},
        {"id": BANK_ACCOUNT, "name": "Pangakonto", "type": "bank"},
        {"id": BANK_ACCOUNT_USD, "name": "Pangakonto USD", "type": "bank"},
        {"id": NETTING_ACCOUNT, "name": "Tasaarveldus", "type": "other"},
        {"id": CARD_ACCOUNT, "name": "Kaardimaksed", "type": "provider"},
    ],
    "depot": [
        {"depot_id": DEPOT_MAIN, "depot_name": "Põhiladu"},
        {"depot_id": 2, "depot_name": "Tartu ladu"},
    ],
    "tags": [
        {"tag_id": 1, "tag_name": "Laoartikkel"},
        {"tag_id": 2, "tag_name": "Teenus"},
        {"tag_id": 3, "tag_name": "Kampaania"},
    ],
}
