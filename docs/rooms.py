"""Draw `docs/rooms.svg`: the rooms of the package in their layers, and which of them use which.

`make picture` writes the file; `python docs/rooms.py --check`, a part of `make lint`, fails where it is out of date. A
room is the first name below the package, a folder or a single module; the layers are those of the contract in
pyproject.toml, and an arrow stands for all imports from one room to another.
"""

from __future__ import annotations

import ast
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import grimp

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

PACKAGE = "scoro_smartaccounts"
ROOT = Path(__file__).resolve().parent.parent
PICTURE = ROOT / "docs" / "rooms.svg"
PAGE = ROOT / "docs" / "architecture.md"

# Classes of arrows by their number of imports: a picture with the numbers themselves would be old every day.
CLASSES = ((1, "1-2", 2.6), (3, "3-9", 4.2), (10, "10-29", 6.2), (30, "30 or more", 8.6))
ROW, COLUMN, BOX = 34, 38, 24
LEFT, TOP, RIGHT, BOTTOM = 138, 26, 26, 22

STYLE = """
svg { --page: #ffffff; --band: #f3f5f8; --text: #1c2733; --soft: #5d6b7a; --box: #e3ecf9; --edge: #3f6fb5;
  --line: #c3cedb; --dot: #2f62ab; font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
@media (prefers-color-scheme: dark) {
  svg { --page: #151b23; --band: #1c242e; --text: #e4ebf3; --soft: #95a3b3; --box: #223550; --edge: #6f9fe0;
    --line: #3a4757; --dot: #84b1ee; }
}
.page { fill: var(--page); } .band { fill: var(--band); } text { fill: var(--text); }
.soft { fill: var(--soft); font-size: 12px; } .head { font-size: 15px; font-weight: 600; }
.box { fill: var(--box); stroke: var(--edge); stroke-width: 1.2; }
.line { stroke: var(--line); stroke-width: 1.3; fill: none; }
.tip { fill: var(--edge); } .dot { fill: var(--dot); }
"""


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms from top to bottom, by layer, and the imports between each two of them."""

    layers: Sequence[Sequence[str]]
    arrows: Mapping[tuple[str, str], int]

    @property
    def names(self) -> list[str]:
        """All rooms, from top to bottom."""
        return [name for layer in self.layers for name in layer]


def read_rooms() -> Rooms:
    """Return what the import graph and the contract say. Raise SystemExit where they do not fit together."""
    layers = _layers()
    order = {name: place for place, name in enumerate(name for layer in layers for name in layer)}
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    refuse_circles({module: graph.find_modules_directly_imported_by(module) for module in graph.modules})
    arrows: Counter[tuple[str, str]] = Counter()
    found = set()
    for module in graph.modules:
        found.add(_room(module))
        for imported in graph.find_modules_directly_imported_by(module):
            arrows[_room(module), _room(imported)] += 1
    if missing := sorted(found - {""} - order.keys()):
        raise SystemExit(f"No layer of the contract in pyproject.toml holds: {', '.join(missing)}")
    between = {(user, used): count for (user, used), count in arrows.items() if user and used and user != used}
    if upward := sorted(f"{user} -> {used}" for user, used in between if order[user] > order[used]):
        raise SystemExit(f"These arrows point upward: {', '.join(upward)}")
    return Rooms(layers, between)


def refuse_circles(imports: Mapping[str, Iterable[str]]) -> None:
    """Raise SystemExit where modules import each other in a circle, if only for their types."""
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as circle:
        raise SystemExit(f"These modules import each other: {' -> '.join(circle.args[1])}") from None


def _layers() -> list[list[str]]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    contract = next(each for each in settings["tool"]["importlinter"]["contracts"] if each["type"] == "layers")
    return [[name.strip() for name in layer.replace("|", ":").split(":")] for layer in contract["layers"]]


def _room(module: str) -> str:
    """Return the first name below the package; empty for the package itself."""
    return module.removeprefix(PACKAGE).removeprefix(".").partition(".")[0]


def _purpose(room: str) -> str:
    """Return the first line of a room's docstring."""
    folder = ROOT / "include" / PACKAGE / room
    source = folder / "__init__.py" if folder.is_dir() else folder.with_suffix(".py")
    return (ast.get_docstring(ast.parse(source.read_text())) or "").partition("\n")[0]


def draw(rooms: Rooms) -> str:
    """Return the picture: boxes on a diagonal; an arrow leaves its room to the right and comes from above."""
    names = rooms.names
    places = {name: (LEFT + COLUMN * place, TOP + ROW * place) for place, name in enumerate(names)}
    width = LEFT + COLUMN * (len(names) - 1) + RIGHT
    height = TOP + ROW * (len(names) - 1) + BOX + BOTTOM
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' role="img" aria-label="The rooms of the package in layers, and which of them use which">',
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{width}" height="{height}" rx="10"/>',
        *_bands(rooms, places, width),
        *_lines(rooms, places),
        *_dots(rooms, places),
        *(_box(name, *places[name]) for name in names),
        *_legend(rooms, height),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def _bands(rooms: Rooms, places: Mapping[str, tuple[int, int]], width: int) -> Iterator[str]:
    for layer in rooms.layers[::2]:
        top, bottom = places[layer[0]][1], places[layer[-1]][1]
        yield (f'<rect class="band" x="0" y="{top - (ROW - BOX) // 2}" width="{width}" height="{bottom - top + ROW}"/>')


def _lines(rooms: Rooms, places: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    """Each room has one line that its arrows leave by, and one that arrows come in by."""
    for name in rooms.names:
        x, y = places[name]
        used = [places[other][0] for user, other in rooms.arrows if user == name]
        users = [places[user][1] for user, other in rooms.arrows if other == name]
        if used:
            yield f'<path class="line" d="M{x} {y + BOX // 2}H{max(used)}"/>'
        if users:
            yield f'<path class="line" d="M{x} {min(users) + BOX // 2}V{y - 5}"/>'
            yield f'<path class="tip" d="M{x} {y}l-4 -7h8z"/>'


def _dots(rooms: Rooms, places: Mapping[str, tuple[int, int]]) -> Iterator[str]:
    for user in rooms.names:
        for used in rooms.names:
            if count := rooms.arrows.get((user, used), 0):
                _, words, radius = max(each for each in CLASSES if each[0] <= count)
                x, y = places[used][0], places[user][1] + BOX // 2
                title = f"<title>{user} uses {used}: {words} imports</title>"
                yield f'<circle class="dot" cx="{x}" cy="{y}" r="{radius}">{title}</circle>'


def _box(name: str, x: int, y: int) -> str:
    """Draw a room; its right end stands above the column of the arrows that come to it."""
    width = 8 * len(name) + 20
    left = x + 12 - width
    return (
        f'<g><title>{name}: {escape(_purpose(name))}</title><rect class="box" x="{left}" y="{y}" width="{width}"'
        f' height="{BOX}" rx="5"/><text x="{left + width / 2:g}" y="{y + 16}" text-anchor="middle">{name}</text></g>'
    )


def _legend(rooms: Rooms, height: int) -> Iterator[str]:
    """Explain the picture in the corner that no arrow reaches, since none points upward."""
    y = height - 150
    yield f'<text class="head" x="28" y="{y}">{len(rooms.names)} rooms, {len(rooms.arrows)} arrows, none upward</text>'
    yield f'<text class="soft" x="28" y="{y + 22}">A dot: the room on its line uses the room below it.</text>'
    yield f'<text class="soft" x="28" y="{y + 40}">Bands are the layers of the import contract.</text>'
    x = 36
    for _, words, radius in CLASSES:
        yield f'<circle class="dot" cx="{x}" cy="{y + 66}" r="{radius}"/>'
        yield f'<text class="soft" x="{x + 13}" y="{y + 70}">{words}</text>'
        x += 40 + 7 * len(words)
    yield f'<text class="soft" x="{x - 22}" y="{y + 70}">imports</text>'


def main(arguments: Sequence[str]) -> None:
    """Write the picture; with `--check` only compare, and look that the page has a line for each room."""
    rooms = read_rooms()
    picture = draw(rooms)
    if "--check" not in arguments:
        PICTURE.write_text(picture)
        return
    if not PICTURE.exists() or PICTURE.read_text() != picture:
        raise SystemExit(f"{PICTURE.relative_to(ROOT)} is out of date: make picture")
    page = PAGE.read_text()
    if missing := [name for name in rooms.names if f"\n| `{name}` |" not in page]:
        raise SystemExit(f"{PAGE.relative_to(ROOT)} has no line for: {', '.join(missing)}")


if __name__ == "__main__":
    main(sys.argv[1:])
