"""The services below `settings/`, and what a fresh company has there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Row = dict[str, Any]


@dataclass(frozen=True)
class Setting:
    """A service: its list key, what identifies a row, which fields are mandatory and which are optional."""

    list_key: str
    key: str
    mandatory: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()
    writable: bool = True


_ACCOUNT = ("name", "account", "order", "currency")
SETTINGS: dict[str, Setting] = {
    "settings/accounts": Setting(
        "accounts",
        "code",
        ("code", "type", "descriptionEt"),
        ("descriptionEn", "balanceSheetRow", "incomeStatementRow", "cashflowRow"),
    ),
    "settings/bankaccounts": Setting(
        "bankAccounts",
        "name",
        _ACCOUNT,
        ("iban", "swift", "forNetting", "showOnInvoice", "otherInvoiceInfo", "defaultEInvoiceAccount"),
    ),
    "settings/cashaccounts": Setting("cashAccounts", "name", _ACCOUNT, ("incomingOrderNumber", "outgoingOrderNumber")),
    "settings/vatpcs": Setting(
        "vatPcs",
        "vatPc",
        ("pc", "descriptionEt"),
        (
            "descriptionEn",
            "descriptionRu",
            "activePurchase",
            "activeSales",
            "accountPurchase",
            "accountSales",
            "order",
        ),
    ),
    "settings/objects": Setting("objects", "id", ("code", "name"), ("active",)),
    "settings/paymentmethods": Setting("templates", "name", ("name", "account"), ("order", "isCash")),
    "settings/groups": Setting("groups", "name", ("name",), ("clients", "vendors")),
    "settings/countries": Setting("countries", "code", ("code", "name"), ("nameEn", "euMember")),
    "settings/documenttemplates": Setting("documentTemplates", "code", writable=False),
    "settings/reportrows": Setting(
        "reportRows",
        "code",
        ("code", "reportType", "valueType", "style", "displayCondition"),
        ("descriptionEt", "descriptionEn", "formula"),
    ),
    "settings/warehouses": Setting("warehouses", "name", writable=False),
}
CHOICES = {
    ("settings/accounts", "type"): ("ASSET", "LIABILITY", "INCOME", "EXPENSE"),
    ("settings/reportrows", "reportType"): ("BALANCE", "INCOME", "CASHFLOW"),
    ("settings/reportrows", "valueType"): ("EMPTY", "BALANCE", "FORMULA", "TURNOVER"),
    ("settings/reportrows", "style"): ("REGULAR", "INDENT", "BOLD"),
    ("settings/reportrows", "displayCondition"): ("ALWAYS", "IFNOTNULL", "NEVER"),
}
ACCOUNT_FIELDS = (
    "account",
    "accountSales",
    "accountPurchase",
    "accountWarehouse",
    "accountUnpaid",
    "accountPrepayment",
)
# VAT codes under which the buyer declares the VAT.
# The buyer declares the VAT of these; what is sold to another member state is theirs to declare too.
REVERSE_CHARGE = ("0EL", "24% (Reverse Chg.)", "24% KMS § 41.1")

_VAT = (
    ("24", 24, "Käive 24%", "24% VAT", True, True),
    ("22", 22, "Käive 22%", "22% VAT", True, True),
    ("20", 20, "Käive 20%", "20% VAT", True, True),
    ("13", 13, "Majutus 13%", "Accommodation 13%", True, True),
    ("9", 9, "Käive 9%", "9% VAT", True, True),
    ("5", 5, "Ajakirjandus 5%", "Press 5%", True, True),
    ("0", 0, "Käive 0%", "0% VAT", True, True),
    ("0EL", 0, "Ühendusesisene käive 0%", "Intra-Community supply 0%", True, False),
    ("0EX", 0, "Eksport 0%", "Export 0%", True, False),
    ("MV", 0, "Maksuvaba", "Exempt", True, True),
    ("24% (Reverse Chg.)", 24, "24% (pöördkäibemaks)", "24% (reverse charge)", False, True),
    ("24% KMS § 41.1", 24, "24% (pöördkäibemaks, KMS § 41.1)", "24% (reverse charge, § 41.1)", False, True),
    ("24% fixed asset", 24, "24% põhivara", "24% fixed asset", False, True),
    ("24% (car100%)", 24, "24% (auto 100%)", "24% (car 100%)", False, True),
    ("24% (car50%)", 24, "24% (auto 50%)", "24% (car 50%)", False, True),
)
_COUNTRIES = (
    ("EE", "Eesti", True), ("FI", "Soome", True), ("LV", "Läti", True), ("LT", "Leedu", True), ("SE", "Rootsi", True),
    ("DE", "Saksamaa", True), ("PL", "Poola", True), ("FR", "Prantsusmaa", True), ("NL", "Holland", True),
    ("DK", "Taani", True), ("NO", "Norra", False), ("GB", "Suurbritannia", False),
    ("US", "Ameerika Ühendriigid", False),
    ("CH", "Šveits", False), ("UA", "Ukraina", False), ("IT", "Itaalia", True), ("ES", "Hispaania", True),
    ("AT", "Austria", True), ("BE", "Belgia", True), ("BG", "Bulgaaria", True), ("CY", "Küpros", True),
    ("CZ", "Tšehhi", True), ("GR", "Kreeka", True), ("HR", "Horvaatia", True), ("HU", "Ungari", True),
    ("IE", "Iirimaa", True), ("LU", "Luksemburg", True), ("MT", "Malta", True), ("PT", "Portugal", True),
    ("RO", "Rumeenia", True), ("SI", "Sloveenia", True), ("SK", "Slovakkia", True),
)  # fmt: skip
# Every country of ISO 3166, and XK, the usual code of Kosovo. Those not named above are called by their code.
_COUNTRY_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD
GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH
KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW
MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC
SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY
UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
_ACCOUNTS = (
    ("1000", "ASSET", "Kassa"),
    ("1010", "ASSET", "Pank"),
    ("1020", "ASSET", "Valuutakonto USD"),
    ("1090", "ASSET", "Tasaarveldused"),
    ("1200", "ASSET", "Ostjate tasumata summad"),
    ("1310", "ASSET", "Ladu"),
    ("1420", "ASSET", "Ettemaksed tarnijatele"),
    ("1510", "ASSET", "Sisendkäibemaks"),
    ("2110", "LIABILITY", "Võlad tarnijatele"),
    ("2120", "LIABILITY", "Ostjate ettemaksed"),
    ("2310", "LIABILITY", "Käibemaks"),
    ("2320", "LIABILITY", "Käibemaksu arveldused"),
    ("2130", "LIABILITY", "Võlad aruandvatele isikutele"),
    ("3010", "INCOME", "Müük"),
    ("3020", "INCOME", "Kaupade müük"),
    ("4010", "EXPENSE", "Kaubad"),
    ("4210", "EXPENSE", "Ostetud teenused"),
    ("5110", "EXPENSE", "Kontorikulud"),
    ("8500", "EXPENSE", "Pangateenused"),
    ("8600", "EXPENSE", "Ümardamine"),
    ("8700", "EXPENSE", "Kursivahed"),
)
_OBJECTS = (
    ("PROJ", "Projektid", True),
    ("TLN", "Tallinn", True),
    ("TRT", "Tartu", True),
    ("VANA", "Suletud osakond", False),
)


def _countries() -> Iterator[Row]:
    named = {code for code, _, _ in _COUNTRIES}
    others = ((code, code, False) for code in _COUNTRY_CODES.split() if code not in named)
    for code, name, member in (*_COUNTRIES, *others):
        yield {"code": code, "name": name, "euMember": member, "systemCountry": True}


def fresh_settings(new_id: Callable[[], str]) -> dict[str, list[Row]]:
    """Rows by service."""
    return {
        "settings/accounts": [
            {"id": new_id(), "code": code, "type": kind, "descriptionEt": name} for code, kind, name in _ACCOUNTS
        ],
        "settings/bankaccounts": [
            {"name": "LHV", "account": "1010", "order": 1, "currency": "EUR", "forNetting": False},
            {"name": "SEB", "account": "1010", "order": 2, "currency": "EUR", "forNetting": False},
            {"name": "SEB USD", "account": "1020", "order": 3, "currency": "USD", "forNetting": False},
            {"name": "Tasaarveldus", "account": "1090", "order": 4, "currency": "EUR", "forNetting": True},
            # The mark is that of the usual one.
            {
                "name": "Tasaarveldus USD",
                "account": "1090",
                "order": 5,
                "currency": "USD",
                "forNetting": False,
                "_netting": True,
            },
        ],
        "settings/cashaccounts": [{"name": "Kassa", "account": "1000", "order": 1, "currency": "EUR"}],
        "settings/vatpcs": [
            {
                "vatPc": code,
                "pc": Decimal(percent),
                "descriptionEt": name,
                "descriptionEn": english,
                "activeSales": sales,
                "activePurchase": purchase,
                "accountSales": "2310",
                "accountPurchase": "1510",
                "custom": False,
                "order": order,
            }
            for order, (code, percent, name, english, sales, purchase) in enumerate(_VAT, 1)
        ],
        "settings/objects": [
            {"id": new_id(), "code": code, "name": name, "active": active} for code, name, active in _OBJECTS
        ],
        "settings/paymentmethods": [
            {"name": "Kaardimakse", "account": "1010", "order": 1, "isCash": False},
            {"name": "Sularaha", "account": "1000", "order": 2, "isCash": True},
        ],
        "settings/groups": [{"name": "Püsikliendid", "clients": True, "vendors": False}],
        "settings/countries": list(_countries()),
        "settings/documenttemplates": [{"code": "ARVE", "name": "Arve", "available": "CLIENT_INVOICE"}],
        "settings/reportrows": [],
        "settings/warehouses": [{"id": new_id(), "name": "Põhiladu"}, {"id": new_id(), "name": "Tallinna ladu"}],
    }
