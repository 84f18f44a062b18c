"""What is installed here: the first thing to paste into a question or a bug report."""

from __future__ import annotations

import platform
import re
import shutil
from importlib.metadata import PackageNotFoundError, requires, version
from typing import Final

__all__ = ["show_versions"]

DISTRIBUTION: Final = "learnosity-nb"
EXTRAS_OF_USE: Final = ("", "lab", "excel", "scale")
"""The core and the extras that change what calls can do; those for tests and benchmarks do not."""

REQUIREMENT: Final = re.compile(r"(?P<name>[\w.-]+)[^;]*(?:;.*extra == '(?P<extra>\w+)')?")


def show_versions() -> None:
    """Print the versions of this package, of Python and of all that the package can use.

    Keys, paths and data are not in it.
    """
    found = [
        (DISTRIBUTION, _version(DISTRIBUTION)),
        ("Python", f"{platform.python_version()}, {platform.system()} {platform.machine()}"),
        *_used(),
        ("java [scale]", "found" if shutil.which("java") else "not found"),
    ]
    print("\n".join(f"{name:<28} {installed}" for name, installed in found))


def _used() -> list[tuple[str, str]]:
    used = []
    for requirement in requires(DISTRIBUTION) or []:
        matched = REQUIREMENT.fullmatch(requirement)
        extra = matched["extra"] or "" if matched else None
        if matched and extra in EXTRAS_OF_USE:
            used.append((f"{matched['name']} [{extra}]" if extra else matched["name"], _version(matched["name"])))
    return used


def _version(distribution: str) -> str:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "not installed"
