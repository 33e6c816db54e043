"""Room mapping. What Scoro's documents use and the company file does not map is found before it goes to quarantine,
and the lines to paste close it."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from scoro_smartaccounts.common.company import Mode, default_folder, load_company
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import render
from scoro_smartaccounts.mapping.check import cover_period, stage_period
from scoro_smartaccounts.mapping.coverage import COLUMNS, MappingCoverage
from scoro_smartaccounts.mapping.used import Used, read_used
from tests.integration.money import Money
from tests.integration.world import World

DAY = date(2026, 1, 15)
FIRST, LAST = date(2026, 1, 1), date(2026, 1, 31)
SALES, PURCHASES = Flow.SALES_INVOICES, Flow.PURCHASE_INVOICES
VAT_22 = 10


def cover(world: World) -> MappingCoverage:
    request = world.request(FIRST, LAST)
    services = world.services(request)
    stage_period(request, services, FIRST, LAST)
    return cover_period(request, services, FIRST, LAST)


def preview(world: World, flow: Flow = SALES) -> None:
    """A run that writes nothing: it stages products and reads the articles of SmartAccounts."""
    world.run(FIRST, LAST, flow=flow, mode=Mode.PREVIEW)


def gaps(found: MappingCoverage) -> dict[str, tuple[str, str, int, str | None]]:
    """Kind, setting, count and suggestion by what Scoro calls it."""
    return {
        gap.scoro_value: (gap.kind, gap.setting, gap.count, gap.suggestion.value if gap.suggestion else None)
        for gap in found.gaps
    }


def laid_over(below: Any, above: Any) -> Any:
    """A file with a fragment laid over it: mappings are merged, everything else is replaced."""
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    return {**below, **{key: laid_over(below.get(key), value) for key, value in above.items()}}


def paste(world: World, folder: Path, fragment: str, **changes: Any) -> None:
    """The company reads its file with the fragment in it; `changes` were in the file before."""
    text = (default_folder() / "default.yaml").read_text(encoding="utf-8")
    content = laid_over(laid_over(yaml.safe_load(text), changes), yaml.safe_load(fragment) or {})
    path = folder / "default.yaml"
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    world.company = load_company(path)


@pytest.fixture
def money(world: World) -> Money:
    return Money(world)


def line(**more: Any) -> list[dict[str, Any]]:
    return [{"product_id": 0, "product_name": "Töö", "price": "10", "amount": "1", "vat_code_id": 9, **more}]


def code_of(world: World, module: str, **fields: Any) -> int:
    """The id of a new record of one of Scoro's registers of codes."""
    key = {"vatCodes": "vat_code_id", "financeObjects": "object_id"}.get(module, "id")
    return int(world.site.put(module, fields)[key])


def vat_code(world: World, code: str, percent: int, name: str) -> int:
    row = {"vat_code": code, "percent": Decimal(percent), "vat_name": name, "is_active": 1, "is_not_applicable": 0}
    return code_of(world, "vatCodes", **row)


def test_the_demo_company_lacks_nothing(world: World) -> None:
    world.generate(FIRST, LAST, 60, bills_per_month=40, expenses_per_month=5)
    world.checked = False
    for flow in (SALES, PURCHASES):
        preview(world, flow)
    world.server.calls.clear()
    found = cover(world)
    assert (found.gaps, found.rows(), yaml.safe_load(found.fragment)) == ((), [], None)
    assert world.writes() == []
    with world.engine.connect() as connection:
        used = read_used(connection, world.company, FIRST, LAST)
    # It found nothing although there was much to find.
    assert len(used.vat) > 8
    assert len(used.documents) == 3
    assert all((used.accounts, used.cost_objects, used.receipt_accounts, used.stock, used.without_product))
    assert used.currencies.keys() == {"EUR", "USD", "SEK"}
    # Settings are read once a day.
    reads = len(world.calls())
    assert cover(world).gaps == ()
    assert len(world.calls()) == reads


def test_everything_planted_is_told_and_the_fragment_closes_it(world: World, money: Money, tmp_path: Path) -> None:
    ours = yaml.safe_load((default_folder() / "default.yaml").read_text(encoding="utf-8"))
    known = {
        flow.value: [rule for rule in ours[flow.value]["vat_codes"] if rule.get("percent") != 13]
        for flow in (SALES, PURCHASES)
    }
    changes = {
        "sales_invoices": {"warehouse": "Põhilaadu", "client_vat_code": "024", "vat_codes": known[SALES]},
        "purchase_invoices": {"accounts": {"4010": "9010"}, "vat_codes": known[PURCHASES]},
        "payments": {"netting_account": None},
    }
    paste(world, tmp_path, "", **changes)
    stay, seven = vat_code(world, "MAJUTUS", 13, "Majutus"), vat_code(world, "7", 7, "Seitse")
    press = vat_code(world, "AJAKIRI", 5, "Ajakirjandus")
    media = code_of(world, "financeAccounts", account_symbol="5999", name="Pangateenus", is_purchases_account=1)
    other = code_of(world, "financeAccounts", account_symbol="5998", name="Mis iganes", is_purchases_account=1)
    project = code_of(world, "financeObjects", object_symbol="PROJ", name="Muu")
    closed = code_of(world, "financeObjects", object_symbol="VANA", name="Vana")
    till = code_of(world, "receiptAccounts", name="kassa ", type="cash")
    stripe = code_of(world, "receiptAccounts", name="Stripe", type="provider")
    screw = world.site.create("products", {"code": "KRUVI", "name": "Kruvi", "tag": "Laoartikkel"})["product_id"]

    first = money.enter(DAY, "10", lines=line(vat_code_id=stay))
    money.enter(DAY, "10", lines=line(vat_code_id=stay) + line(vat_code_id=seven))
    money.enter(DAY, "10", lines=line(vat_code_id=press))
    money.enter(DAY, "10", lines=line(vat_code_id=VAT_22))
    money.enter(DAY, "10", lines=line(product_id=screw))
    bought = money.enter(
        DAY, "10", flow=PURCHASES, no="B-1", lines=line(finance_account_id=media, finance_object_id=project)
    )
    money.enter(DAY, "10", flow=PURCHASES, no="B-2", lines=line(finance_account_id=other, finance_object_id=closed))
    money.enter(DAY, "10", flow=PURCHASES, no="B-3", lines=line(finance_account_id=21, vat_code_id=stay))
    strange = money.enter(DAY, "10")
    world.site.put("invoices", {**world.site.get("invoices", strange), "currency": "XAF"})
    money.receive("invoices", {first: "5"}, DAY, account_id=till)
    money.receive("bills", {bought: "5"}, DAY, account_id=stripe)
    credit = money.enter(DAY, "-10", credited_invoices=[first])
    money.receive("invoices", {money.enter(DAY, "50"): "50", credit: "-10"}, DAY)
    preview(world)

    found = cover(world)
    numbers = {gap.scoro_value: gap.used_by for gap in found.gaps}
    assert gaps(found) == {
        "13 % (code MAJUTUS)": ("VAT code", "purchase_invoices.vat_codes", 1, "13"),
        "5 % (code AJAKIRI)": ("VAT code", "sales_invoices.vat_codes", 1, None),
        "7 % (code 7)": ("VAT code", "sales_invoices.vat_codes", 1, None),
        "new clients": ("VAT code", "sales_invoices.client_vat_code", 0, "24"),
        "stock articles": ("warehouse", "sales_invoices.warehouse", 1, "Põhiladu"),
        "5999 Pangateenus": ("finance account", "purchase_invoices.accounts", 1, "8500"),
        "5998 Mis iganes": ("finance account", "purchase_invoices.accounts", 1, None),
        "4010 Kaubad edasimüügiks": ("finance account", "purchase_invoices.accounts", 1, "4010"),
        "PROJ Muu": ("cost object", "purchase_invoices.cost_objects", 1, "PROJ"),
        "VANA Vana": ("cost object", "purchase_invoices.cost_objects", 1, None),
        "kassa": ("receipt account", "payments.accounts", 1, "CASH Kassa"),
        "Stripe": ("receipt account", "payments.accounts", 1, None),
        "payments that set documents off": ("netting account", "payments.netting_account", 1, "Tasaarveldus"),
        "XAF": ("currency", "SmartAccounts", 1, None),
    }
    stays = [gap for gap in found.gaps if gap.scoro_value == "13 % (code MAJUTUS)"]
    assert [(gap.setting, gap.count) for gap in stays] == [
        ("sales_invoices.vat_codes", 2),
        ("purchase_invoices.vat_codes", 1),
    ]
    assert numbers["5999 Pangateenus"] == ("bill B-1",)
    assert all(len(row) == len(COLUMNS) for row in found.rows())
    for row in found.rows():
        told = dict(zip(COLUMNS, row, strict=True))
        assert told["Problem"] != told["Probleem"]
        assert bool(told["Suggestion / Ettepanek"]) == (told["Why"] != told["Miks"])
    assert len(found.rows()) == len(found.gaps) == 15

    undecided = {gap.scoro_value for gap in found.gaps if gap.suggestion is None}
    comments = found.fragment.partition("# To be decided by a person:\n")[2].splitlines()
    assert len(comments) == len(undecided) == 6
    assert all(comment.startswith("# - ") for comment in comments)
    assert "{percent: 7" not in found.fragment
    paste(world, tmp_path, found.fragment, **changes)
    assert set(gaps(cover(world))) == undecided

    # Of what the law did not have on this day it is said what to check, also where SmartAccounts has such a code.
    for percent, code, what in (
        (5, "AJAKIRI", "ended on 31.12.2024, it stands on"),
        (7, "7", "did not exist on"),
    ):
        (unlawful,) = [gap for gap in found.gaps if gap.scoro_value == f"{percent} % (code {code})"]
        assert f"VAT of {percent} % {what} {DAY:%d.%m.%Y}: check VAT and date in Scoro" in render(unlawful.problem)
    # What was mapped before is mapped as before.
    before = load_company(default_folder() / "default.yaml").sales_invoices.vat_codes
    assert [rule for rule in world.company.sales_invoices.vat_codes if rule.scoro_code != "MAJUTUS"] == [
        rule for rule in before if rule.percent != 13
    ]
    assert world.company.purchase_invoices.accounts == {"4010": "4010", "4210": "4010", "5110": "4010", "5999": "8500"}


def test_a_rule_that_leads_nowhere_is_replaced_where_it_stands(world: World, money: Money, tmp_path: Path) -> None:
    rules = [
        {"scoro_code": "24", "smartaccounts": "9"},
        {"scoro_code": "0EU", "percent": 0, "smartaccounts": "XX", "reverse_charge": True},
        {"percent": 9, "smartaccounts": "09"},
        {"percent": 0, "smartaccounts": "0"},
    ]
    changes = {"sales_invoices": {"vat_codes": rules}}
    paste(world, tmp_path, "", **changes)
    for vat in (9, 4, 7, 6):
        money.enter(DAY, "10", lines=line(vat_code_id=vat))
    found = cover(world)
    assert gaps(found) == {
        "24 % (code 24)": ("VAT code", "sales_invoices.vat_codes", 1, "24"),
        "9 % (code 9)": ("VAT code", "sales_invoices.vat_codes", 1, "9"),
        # Nobody publishes which codes mean it.
        "0 % (code 0EU)": ("VAT code", "sales_invoices.vat_codes", 1, None),
    }
    paste(world, tmp_path, found.fragment, **changes)
    assert set(gaps(cover(world))) == {"0 % (code 0EU)"}
    known = [(rule.scoro_code, rule.percent, rule.smartaccounts) for rule in world.company.sales_invoices.vat_codes]
    assert known == [
        ("24", 24, "24"),
        ("24", None, "9"),
        ("0EU", 0, "XX"),
        ("9", 9, "9"),
        (None, 9, "09"),
        (None, 0, "0"),
    ]


def test_a_credit_invoice_is_held_against_the_rules_of_what_it_credits(world: World, money: Money) -> None:
    early = date(2025, 6, 20)
    first = money.enter(early, "10", lines=line(vat_code_id=VAT_22))
    money.enter(DAY, "-10", lines=line(vat_code_id=VAT_22, amount="-1"), credited_invoices=[first])
    assert cover(world).gaps == ()


def test_an_account_of_another_currency_is_told(world: World, money: Money, tmp_path: Path) -> None:
    changes = {"payments": {"accounts": [{"scoro": "Pangakonto", "bank": "SEB USD"}]}}
    paste(world, tmp_path, "", **changes)
    invoice = money.enter(DAY, "10")
    money.receive("invoices", {invoice: "5"}, DAY)
    (gap,) = cover(world).gaps
    assert (gap.scoro_value, gap.suggestion) == ("Pangakonto", None)
    assert "paired with an account of another currency than EUR" in render(gap.problem)
    assert "BANK LHV" in render(gap.problem)


def test_the_gaps_are_told_before_the_first_import_and_stop_nothing(
    world: World, money: Money, caplog: pytest.LogCaptureFixture
) -> None:
    bad, good = (
        money.enter(DAY, "10", lines=line(vat_code_id=vat_code(world, "7", 7, "Seitse"))),
        money.enter(DAY, "10"),
    )

    def told() -> list[str]:
        caplog.clear()
        with caplog.at_level(logging.WARNING, "scoro_smartaccounts.mapping.check"):
            world.run(FIRST, LAST)
        return [record.getMessage() for record in caplog.records if record.name == "scoro_smartaccounts.mapping.check"]

    warning, *lines = told()
    assert warning.startswith("Before the first import: sales_invoices.vat_codes: 7 % (code 7) (invoice ")
    assert "VAT of 7 % did not exist on 15.01.2026" in warning
    assert "# To be decided by a person:" in lines
    assert world.outcomes() == {str(bad): "quarantined", str(good): "created"}
    # Days are covered now: the summary tells the rest.
    assert told() == []


def test_what_was_used_names_the_settings_that_are_read(world: World, money: Money) -> None:
    money.enter(DAY, "10")
    world.server.calls.clear()
    assert cover(world).gaps == ()
    assert [call["operation"] for call in world.calls()] == ["settings/vatpcs:get"]
    assert Used().settings(world.company) == []
