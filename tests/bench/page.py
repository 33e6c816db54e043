"""`docs/performance.md` of one sitting, with its plots."""

from __future__ import annotations

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

import matplotlib as mpl

from scoro_smartaccounts.common.clock import tallinn_day, utc_now
from tests.bench.figures import Bars, Curve, number

if TYPE_CHECKING:
    from collections.abc import Iterator

    from matplotlib.axes import Axes

    from tests.bench.figures import Figure, Sitting

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "performance.md"

_HEAD = """\
# Performance

What a sitting of `make bench` measured, written by it. Every ratio compares two things that were measured in turn on
the same machine in the same sitting; the seconds themselves say little about other machines. Requests to the two
services are answered by the simulators on the same machine, so that waiting for a network is not among them.

dlt (data load tool) reads the same pages and loads them as they are, without looking at what they say. The extract
beside it reads them into typed documents as well, keeps each version once, and tells what changed; its profile, and
that of each other step of a comparison that missed its goal, stands at the end.
"""


def write(sitting: Sitting) -> Path:
    """Write the page and its plots; where it stands."""
    mpl.use("svg")
    mpl.rcParams |= {"svg.hashsalt": "performance", "svg.fonttype": "none", "font.family": "sans-serif"}
    PAGE.write_text("\n".join(_lines(sitting)) + "\n", encoding="utf-8")
    return PAGE


def _lines(sitting: Sitting) -> Iterator[str]:
    yield _HEAD
    day = tallinn_day(utc_now())
    yield f"Measured on {day:%d.%m.%Y}: {os.cpu_count()} cores, Python {platform.python_version()}.\n"
    verdicts = {figure.name: figure.verdict for figure in sitting.figures if figure.verdict}
    missed = [name for name, verdict in verdicts.items() if verdict == "missed"]
    yield f"{len(verdicts)} goals, {len(missed)} missed{': ' if missed else ''}{', '.join(missed)}.\n"
    for part in dict.fromkeys(figure.part for figure in sitting.figures):
        yield f"## {part[:1].upper()}{part[1:]}\n"
        yield "| What | Measured | Goal | |"
        yield "| :--- | ---: | ---: | :--- |"
        for figure in sitting.figures:
            if figure.part == part:
                yield _row(figure)
        yield ""
    for place, plot in enumerate(sitting.plots, start=1):
        name = f"performance-{place}.svg"
        _draw(plot, DOCS / name)
        yield f"## {plot.title}\n"
        yield f"![{plot.title}]({name})\n"
    for step, profile in sitting.profiles.items():
        yield f"## Profile of {step}\n"
        yield f"```text\n{profile.strip()}\n```\n"


def _row(figure: Figure) -> str:
    goal = "" if figure.at_most is None else f"≤ {number(figure.at_most)} {figure.unit}"
    return f"| {figure.name} | {number(figure.value)} {figure.unit} | {goal} | {figure.verdict} |"


def _draw(plot: Curve | Bars, path: Path) -> None:
    from matplotlib import pyplot

    drawing, axes = pyplot.subplots(figsize=(7, 3.6), layout="constrained")
    if isinstance(plot, Curve):
        _draw_curve(plot, axes)
    else:
        names = list(plot.values)
        axes.barh(names, list(plot.values.values()), color="#3f51b5")
        axes.invert_yaxis()
        axes.set_xlabel(plot.unit)
    axes.spines[["top", "right"]].set_visible(False)
    drawing.savefig(path, metadata={"Date": None})
    pyplot.close(drawing)


def _draw_curve(plot: Curve, axes: Axes) -> None:
    for name, points in plot.lines.items():
        axes.plot([x for x, _ in points], [y for _, y in points], marker="o", label=name)
    axes.set_xlabel(plot.x_label)
    axes.set_ylabel(plot.y_label)
    axes.set_ylim(bottom=0)
    axes.legend(frameon=False)
