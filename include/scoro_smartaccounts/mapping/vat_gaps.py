"""VAT of Scoro that no rule of the company file turns into an active VAT code of the same percentage."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from scoro_smartaccounts.common.company import Company, VatRule
from scoro_smartaccounts.common.documents import Flow
from scoro_smartaccounts.common.reasons import phrase
from scoro_smartaccounts.common.vat_rates import VatRate, ended_before, rate_on
from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.mapping.gap import AddRule, Gap, SetValue, first_of
from scoro_smartaccounts.mapping.suggestions import Suggestion, same_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from scoro_smartaccounts.mapping.books import Books, VatCode
    from scoro_smartaccounts.mapping.used import ScoroVat, Sighting, Used

_SIDES = {Flow.SALES_INVOICES: phrase("side_sales"), Flow.PURCHASE_INVOICES: phrase("side_purchases")}


def vat_gaps(used: Used, books: Books, company: Company, names: Callable[[], Mapping[str, str]]) -> Iterator[Gap]:
    """Gaps of VAT rules, and of the VAT codes of new partners. `names` gives those of Scoro's VAT codes by code."""
    for vat, sightings in used.vat.items():
        rules, known = INVOICE_FLOWS[vat.flow].policy(company).vat_codes, books.vat_codes[vat.flow]
        by_rule: dict[tuple[int | None, VatRate | None], list[Sighting]] = {}
        for sighting in sightings:
            place = _place_of(rules, vat, sighting)
            if place is None or not _is_good(rules[place], vat, known):
                by_rule.setdefault((place, rate_on(vat.percent, sighting.day)), []).append(sighting)
        for (place, rate), seen in by_rule.items():
            rule = None if place is None else rules[place]
            if rate is None and not _is_allowed(rule):
                yield _unlawful(vat, seen)
            else:
                yield _gap(vat, place, rule, rate, seen, known, names().get(vat.code or "", ""))
    for flow, setting in ((Flow.SALES_INVOICES, "client_vat_code"), (Flow.PURCHASE_INVOICES, "vendor_vat_code")):
        code = INVOICE_FLOWS[flow].partner_vat_code(company)
        if any(vat.flow is flow for vat in used.vat) and code not in books.vat_codes[flow]:
            yield _partner_gap(flow, setting, code, books.vat_codes[flow])


def _place_of(rules: Sequence[VatRule], vat: ScoroVat, sighting: Sighting) -> int | None:
    fitting = (
        place for place, rule in enumerate(rules) if rule.fits(code=vat.code, percent=vat.percent, day=sighting.day)
    )
    return next(fitting, None)


def _is_good(rule: VatRule, vat: ScoroVat, known: Mapping[str, VatCode]) -> bool:
    found = known.get(rule.smartaccounts)
    return found is not None and (found.percent == vat.percent or rule.reverse_charge)


def _is_allowed(rule: VatRule | None) -> bool:
    """Whether a person named the percentage for one VAT code of Scoro: foreign VAT."""
    return rule is not None and rule.scoro_code is not None and rule.percent is not None


def _unlawful(vat: ScoroVat, seen: Sequence[Sighting]) -> Gap:
    """Return a percentage that the law did not have on these days: a rule would let it through."""
    first, last = min(sighting.day for sighting in seen), max(sighting.day for sighting in seen)
    when = first if first == last else phrase("days_within", first=first, last=last)
    ended_on = ended_before(vat.percent, first)
    if ended_on is None:
        problem = phrase("gap_unlawful", percent=_percent(vat.percent), day=when)
    else:
        problem = phrase("gap_ended", percent=_percent(vat.percent), last=ended_on, day=when)
    return Gap(
        kind="VAT code",
        setting=f"{vat.flow}.vat_codes",
        scoro_value=_called(vat),
        used_by=first_of(seen),
        count=len(seen),
        problem=problem,
    )


def _gap(
    vat: ScoroVat,
    place: int | None,
    wrong: VatRule | None,
    rate: VatRate | None,
    seen: Sequence[Sighting],
    known: Mapping[str, VatCode],
    name: str,
) -> Gap:
    # Which code means the reverse charge, no percentage tells.
    is_open = wrong is not None and wrong.reverse_charge
    suggestion = None if is_open else _suggest(vat, known, name)
    side = _SIDES[vat.flow]
    if wrong is None:
        problem = phrase("gap_no_rule")
    elif wrong.smartaccounts not in known:
        problem = phrase("gap_rule_inactive", code=wrong.smartaccounts, side=side)
    else:
        percent = _percent(known[wrong.smartaccounts].percent)
        problem = phrase("gap_rule_percent", code=wrong.smartaccounts, percent=percent)
    if suggestion is None:
        problem = phrase("gap_undecided", why=problem, side=side)
    fix = None
    if suggestion is not None:
        fix = AddRule(vat.flow, _rule(vat, wrong, rate, suggestion.value), place)
    return Gap(
        kind="VAT code",
        setting=f"{vat.flow}.vat_codes",
        scoro_value=_called(vat),
        used_by=first_of(seen),
        count=len(seen),
        problem=problem,
        suggestion=suggestion,
        fix=fix,
    )


def _rule(vat: ScoroVat, wrong: VatRule | None, rate: VatRate | None, smartaccounts: str) -> VatRule:
    first, last = (None, None) if wrong is None else (wrong.from_day, wrong.to_day)
    if vat.code is not None and rate is not None:
        # A percentage that a rule names for a VAT code passes the checks on all days of the rule.
        first, last = max(first or date.min, rate.from_day), min(last or date.max, rate.to_day)
    return VatRule.model_validate(
        {
            "scoro_code": vat.code,
            "percent": vat.percent,
            "from": None if first == date.min else first,
            "to": None if last == date.max else last,
            "smartaccounts": smartaccounts,
        }
    )


def _called(vat: ScoroVat) -> str:
    return f"{_percent(vat.percent)} % (code {vat.code or 'none'})"


def _suggest(vat: ScoroVat, known: Mapping[str, VatCode], name: str) -> Suggestion | None:
    equal = {code: found.name for code, found in known.items() if found.percent == vat.percent}
    if vat.code is not None and vat.code in equal:
        return Suggestion(vat.code, phrase("meant_same_code_and_percent"))
    # Codes of 0 % differ in what they mean.
    if len(equal) == 1 and vat.percent:
        return Suggestion(next(iter(equal)), phrase("meant_only_of_percent"))
    found = same_name(name, equal)
    return None if found is None else Suggestion(found, phrase("meant_like_name_and_percent", name=equal[found]))


def _percent(value: Decimal) -> str:
    return f"{value.normalize():f}"


def _partner_gap(flow: Flow, setting: str, code: str, known: Mapping[str, VatCode]) -> Gap:
    percent = Decimal(code) if code.isdecimal() else None
    equal = [other for other, found in known.items() if found.percent == percent]
    suggestion = Suggestion(equal[0], phrase("meant_only_of_percent")) if len(equal) == 1 and percent else None
    kind = INVOICE_FLOWS[flow].partner
    return Gap(
        kind="VAT code",
        setting=f"{flow}.{setting}",
        scoro_value=f"new {kind}s",
        used_by=(),
        count=0,
        problem=phrase("gap_partner_code", code=code, side=_SIDES[flow]),
        suggestion=suggestion,
        fix=SetValue((flow.value, setting), suggestion.value) if suggestion is not None else None,
    )
