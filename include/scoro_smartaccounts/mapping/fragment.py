"""Gaps → lines for the company file. What nobody can suggest stands there as a comment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

from scoro_smartaccounts.flows import INVOICE_FLOWS
from scoro_smartaccounts.mapping.gap import AddRule, Gap, PairAccount, SetValue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from scoro_smartaccounts.common.company import Company, ReceiptAccount, VatRule
    from scoro_smartaccounts.common.documents import Flow

_HEAD = """\
# What the company file lacks for the documents of {first:%d.%m.%Y}-{last:%d.%m.%Y}. Read it, then put it there:
# each line under its heading; a list (lines that begin with -) is whole here and takes the place of the one there.
"""


def fragment(gaps: Sequence[Gap], company: Company, first: date, last: date) -> str:
    """Return a YAML text of the company file's shape, to be laid over it: mappings are merged, lists are replaced."""
    lines: dict[tuple[str, ...], list[str]] = {}
    for flow in INVOICE_FLOWS:
        rules = [gap.fix for gap in gaps if isinstance(gap.fix, AddRule) and gap.fix.flow is flow]
        if rules:
            lines[(flow.value, "vat_codes")] = [f"- {_flow(_rule(rule))}" for rule in _rules(flow, rules, company)]
    for gap in gaps:
        if isinstance(gap.fix, SetValue):
            *path, name = gap.fix.path
            lines.setdefault(tuple(path), []).append(f"{_scalar(name)}: {_scalar(gap.fix.value)}")
    pairs = [gap.fix.pair for gap in gaps if isinstance(gap.fix, PairAccount)]
    if pairs:
        lines[("payments", "accounts")] = [f"- {_flow(_pair(pair))}" for pair in _pairs(pairs, company)]
    text = _HEAD.format(first=first, last=last) + "".join(f"{line}\n" for line in _indented(lines))
    if undecided := [gap for gap in gaps if gap.fix is None]:
        text += "# To be decided by a person:\n" + "".join(f"# - {_one_line(str(gap))}\n" for gap in undecided)
    return text if gaps else text + "# Nothing is missing.\n"


def _indented(lines: Mapping[tuple[str, ...], Sequence[str]]) -> list[str]:
    """Lines under their headings, values of a section before its parts."""
    written: list[str] = []
    for section in dict.fromkeys(path[0] for path in lines):
        written.append(f"{section}:")
        for path in sorted((path for path in lines if path[0] == section), key=len):
            written += [f"  {path[1]}:"] if len(path) > 1 else []
            written += ["  " * len(path) + line for line in lines[path]]
    return written


def _rules(flow: Flow, added: Sequence[AddRule], company: Company) -> list[VatRule]:
    """Return the rules of a flow with new ones at their places; a rule that a new one leaves nothing goes."""
    known = INVOICE_FLOWS[flow].policy(company).vat_codes
    # A rule without a code would take what one with a code is meant for.
    added = sorted(added, key=lambda each: each.rule.scoro_code is None)
    found: list[VatRule] = []
    for place, rule in enumerate(known):
        new = [each.rule for each in added if each.before == place]
        found += new
        if all(_condition(each) != _condition(rule) for each in new):
            found.append(rule)
    return [*found, *(each.rule for each in added if each.before is None)]


def _condition(rule: VatRule) -> tuple[object, ...]:
    return rule.scoro_code, rule.percent, rule.from_day, rule.to_day


def _pairs(new: Sequence[ReceiptAccount], company: Company) -> list[ReceiptAccount]:
    by_name = {pair.scoro: pair for pair in (*company.payments.accounts, *new)}
    return list(by_name.values())


def _rule(rule: VatRule) -> dict[str, Any]:
    values = {
        "scoro_code": rule.scoro_code,
        "percent": None if rule.percent is None else _number(rule),
        "from": rule.from_day,
        "to": rule.to_day,
        "smartaccounts": rule.smartaccounts,
        "reverse_charge": rule.reverse_charge or None,
        "intra_community": rule.intra_community or None,
    }
    return {name: value for name, value in values.items() if value is not None}


def _number(rule: VatRule) -> int | float:
    percent = rule.percent or 0
    return int(percent) if percent == int(percent) else float(percent)


def _pair(pair: ReceiptAccount) -> dict[str, Any]:
    return {name: value for name, value in pair.model_dump().items() if value is not None}


def _flow(values: Mapping[str, Any]) -> str:
    return "{" + ", ".join(f"{name}: {_scalar(value)}" for name, value in values.items()) + "}"


def _one_line(text: str) -> str:
    """Without what YAML does not take even in a comment."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def _scalar(value: object) -> str:
    """Return a value in YAML, on one line; text that could be taken for something else stands in quotes."""
    # Only in double quotes a line break does not break the line.
    style = '"' if isinstance(value, str) and not value.isprintable() else None
    written: str = yaml.safe_dump(
        [value], default_flow_style=True, default_style=style, allow_unicode=True, width=10_000
    )
    return written.strip()[1:-1]
