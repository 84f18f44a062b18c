"""What ``?`` shows of everything public: a sentence, then parameters and returns that match the signature."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

import learnosity_nb as lnb

PACKAGE = "learnosity_nb"
SECTION = re.compile(r"^(\w[\w ]*)\n-+\n", flags=re.MULTILINE)
NOTHING = {"None", "NoReturn", inspect.Signature.empty}


def ours(value: object) -> bool:
    return str(getattr(value, "__module__", "")).split(".")[0] == PACKAGE


def callables() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function, and every public method of every public class, that this package defines."""
    for name in lnb.__all__:
        value = getattr(lnb, name)
        members = value.__all__ if isinstance(value, ModuleType) else ()
        for inner in members:
            if inspect.isfunction(getattr(value, inner)):
                yield f"{name}.{inner}", getattr(value, inner)
        if inspect.isfunction(value):
            yield name, value
        elif inspect.isclass(value):
            own = {method for base in value.__mro__ if ours(base) for method in vars(base) if method[0] != "_"}
            for method in sorted(own):
                function = inspect.unwrap(getattr(value, method))
                if inspect.isroutine(function):
                    yield f"{name}.{method}", function


def classes() -> Iterator[tuple[str, type]]:
    return ((name, value) for name in lnb.__all__ if inspect.isclass(value := getattr(lnb, name)))


def sections(value: object) -> dict[str, str]:
    parts = SECTION.split(inspect.getdoc(value) or "")
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def named(section: str) -> list[str]:
    """Return the names that a section of parameters describes, without their types."""
    heads = re.findall(r"^(\S.*)$", section, flags=re.MULTILINE)
    return [name.strip().lstrip("*") for head in heads for name in head.split(" : ")[0].split(",")]


def parameters(function: Callable[..., Any]) -> list[str]:
    return [name for name in inspect.signature(function).parameters if name not in {"self", "cls"}]


CALLABLES = dict(callables())
CLASSES = dict(classes())


@pytest.mark.parametrize("name", [*CALLABLES, *CLASSES])
def test_the_first_line_is_a_sentence(name: str) -> None:
    first = (inspect.getdoc({**CALLABLES, **CLASSES}[name]) or "").partition("\n")[0]
    assert re.fullmatch(r"[A-Z].{10,}[.:]", first), first


@pytest.mark.parametrize("name", CALLABLES)
def test_every_parameter_is_described_and_nothing_else(name: str) -> None:
    function = CALLABLES[name]
    described, known = named(sections(function).get("Parameters", "")), parameters(function)
    assert sorted(described) == sorted(known) or (not described and (len(known) <= 1 or name.startswith("charts.")))


@pytest.mark.parametrize("name", CALLABLES)
def test_what_comes_back_is_described(name: str) -> None:
    found = sections(CALLABLES[name])
    given = inspect.signature(CALLABLES[name]).return_annotation
    if given in NOTHING:
        assert "Returns" not in found
    elif given != "Self" and not found[""].startswith("Draw "):  # a chart
        assert "Returns" in found or re.search(r"\breturns?\b|^Whether|^Say ", found[""], flags=re.IGNORECASE)


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_describes_what_it_takes_or_has(name: str) -> None:
    kind = CLASSES[name]
    if "__init__" not in vars(kind):
        return
    described = named(sections(kind).get("Parameters", "")) + named(sections(kind).get("Attributes", ""))
    assert set(parameters(kind)) <= set(described) or issubclass(kind, lnb.LearnosityError)
