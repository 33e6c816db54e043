"""`make measure-matching`: how well partners and articles are matched, by reconcile_ids and by an import alone, on
seeds that nothing was tuned on.

python -m tests.matching.measure [SEED …]
"""

from __future__ import annotations

import sys
from collections import Counter

from tests.matching.figures import Figures, damage_of, measure_items, measure_parties
from tests.matching.imports import ImportFigures, measure_import, measure_import_of_items

# Seeds 1-30 were looked at while the rules were written.
HELD_OUT = tuple(range(301, 311))
_IMPORT_HEAD = (
    f"{'seed':>6} {'contacts':>9} {'links':>7} {'wrong':>6} {'precision':>10} {'to a person':>12} {'of them there':>14}"
    f" {'created':>8} {'of them there':>14}"
)
_HEAD = (
    f"{'seed':>6} {'sources':>8} {'remotes':>8} {'true':>6} {'certain':>8} {'wrong':>6} {'precision':>10} {'likely':>7}"
    f" {'wrong':>6} {'recall':>8} {'automatic':>10} {'conflicting':>12} {'undecidable':>12} {'seconds':>8}"
)


def main(seeds: tuple[int, ...]) -> None:
    """Measure and print."""
    met, lost = Counter[str](), Counter[str]()
    parties: list[Figures] = []
    print("Partners\n")
    print(_HEAD)
    for seed in seeds:
        figures, labelled = measure_parties(seed)
        parties.append(figures)
        print(_line(str(seed), figures))
        for kind, seen, missed in damage_of(labelled, figures):
            met[kind] += seen
            lost[kind] += missed
    _print_sum(parties)
    print(f"\n{'what happened to the record or its counterpart':50} {'met':>6} {'missed':>7} {'share':>7}")
    for kind, missed in lost.most_common():
        print(f"{kind:50} {met[kind]:6} {missed:7} {missed / met[kind]:7.1%}")
    print("\nPartners, by an import before anybody ran reconcile_ids\n")
    print(_IMPORT_HEAD)
    imports: list[ImportFigures] = []
    for seed in seeds:
        imports.append(measure_import(seed))
        print(_import_line(str(seed), imports[-1]))
    links, wrong = sum(row.links for row in imports), sum(row.wrong for row in imports)
    print(f"\nAll: links {links}, wrong {wrong}: precision {1 - wrong / links:.3%}.")
    print("\nArticles\n")
    print(_HEAD)
    articles = [measure_items(seed) for seed in seeds]
    for seed, figures in zip(seeds, articles, strict=True):
        print(_line(str(seed), figures))
    _print_sum(articles)
    by_import = [measure_import_of_items(seed) for seed in seeds]
    links, wrong = (sum(counts) for counts in zip(*by_import, strict=True))
    print(f"\nArticles, by an import: links {links}, wrong {wrong}: precision {1 - wrong / links:.3%}.")


def _line(label: str, figures: Figures) -> str:
    return (
        f"{label:>6} {figures.sources:8} {figures.remotes:8} {figures.true:6} {figures.certain:8}"
        f" {figures.certain_wrong:6} {figures.precision:10.3%} {figures.likely:7} {figures.likely_wrong:6}"
        f" {figures.recall:8.2%} {figures.automatic:10.2%} {figures.conflicting:12} {figures.undecidable:12}"
        f" {figures.seconds:8.1f}"
    )


def _import_line(label: str, figures: ImportFigures) -> str:
    return (
        f"{label:>6} {figures.contacts:9} {figures.links:7} {figures.wrong:6} {figures.precision:10.3%}"
        f" {figures.left:12} {figures.left_with_counterpart:14} {figures.created:8} {figures.doubled:14}"
    )


def _print_sum(rows: list[Figures]) -> None:
    certain, true = sum(row.certain for row in rows), sum(row.true for row in rows)
    wrong, missed = sum(row.certain_wrong for row in rows), sum(len(row.missed) for row in rows)
    undecidable = sum(row.undecidable for row in rows)
    print(
        f"\nAll: certain {certain}, wrong {wrong}: precision {1 - wrong / certain:.3%}; counterparts {true}, missed"
        f" {missed}: recall {1 - missed / true:.2%} ({undecidable} undecidable ones count as missed unless found)."
    )


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or HELD_OUT)
