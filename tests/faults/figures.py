"""Run the sweep over faults and write its figures to ``notebooks/reliability.md``.

``python tests/faults/figures.py`` runs what CI runs; with ``--long`` also the runs made by hand, among them one
of ten minutes; with ``--canaries`` instead the default tests of the whole project, with everything that they log,
print and warn of searched for secrets. A figure that was not counted in this run keeps the number it had.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "notebooks" / "reliability.md"
BEGIN, END = "| what was counted | number |\n|---|---:|\n", "\n<!-- end of the figures -->"


def count(*arguments: str) -> dict[str, int]:
    """Run tests, and return what they counted."""
    with tempfile.TemporaryDirectory() as folder:
        counted = Path(folder) / "figures.json"
        command = [sys.executable, "-m", "pytest", "-q", *arguments]
        environment = {**os.environ, "LNB_FIGURES": str(counted), "PYTHONPATH": str(Path(__file__).parent)}
        code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
        if code:
            sys.exit(f"The sweep failed (pytest ended with {code}); the page was left as it is.")
        return json.loads(counted.read_text(encoding="utf-8"))


def known(page: str) -> dict[str, int]:
    """Return the figures that a page has."""
    table = page.partition(BEGIN)[2].partition(END)[0]
    rows = re.findall(r"^\| (.+) \| ([\d,]+) \|$", table, re.MULTILINE)
    return {name: int(number.replace(",", "")) for name, number in rows}


def with_figures(page: str, counted: dict[str, int]) -> str:
    """Return the page with new figures in its table."""
    before, found, rest = page.partition(BEGIN)
    assert found, "the page has no table of figures"
    rows = {**known(page), **counted}
    table = "".join(f"| {name} | {rows[name]:,} |\n" for name in sorted(rows))
    return before + BEGIN + table + END + rest.partition(END)[2]


def main() -> None:
    if "--canaries" in sys.argv[1:]:
        counted = count("-p", "canaries")
    else:
        counted = count("tests/faults", "-m", "" if "--long" in sys.argv[1:] else "not soak")
    page = PAGE.read_text(encoding="utf-8")
    PAGE.write_text(with_figures(page, counted), encoding="utf-8")
    print(f"{PAGE}: {len(known(PAGE.read_text(encoding='utf-8')))} figures")


if __name__ == "__main__":
    main()
