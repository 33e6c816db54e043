"""`make coverage`: how many lines of each room the tests of the last run went through.

What other processes run is not counted: Airflow's tasks, the simulators, the command line of some tests.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from coverage import Coverage

PACKAGE = Path(__file__).parents[1] / "include" / "scoro_smartaccounts"


def main() -> None:
    coverage = Coverage()
    coverage.load()
    lines, missed = Counter[str](), Counter[str]()
    for file in coverage.get_data().measured_files():
        _, statements, _, missing, _ = coverage.analysis2(file)
        for room in (Path(file).relative_to(PACKAGE).parts[0].removesuffix(".py"), "all"):
            lines[room] += len(statements)
            missed[room] += len(missing)
    print(f"{'room':16}{'lines':>8}{'missed':>8}{'run':>8}")
    for room in [*sorted(lines.keys() - {"all"}), "all"]:
        if lines[room]:
            print(f"{room:16}{lines[room]:8,}{missed[room]:8,}{1 - missed[room] / lines[room]:8.0%}")


if __name__ == "__main__":
    main()
