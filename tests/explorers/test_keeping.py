"""What was made before is kept, the newest of it."""

from __future__ import annotations

from learnosity_nb.explorers.keeping import Kept


def test_a_thing_is_made_once_and_the_one_not_asked_for_longest_goes_first() -> None:
    made: list[str] = []

    def make(name: str) -> str:
        made.append(name)
        return name.upper()

    kept = Kept(2)
    for name in "abac":
        assert kept.get(name, lambda name=name: make(name)) == name.upper()
    assert made == ["a", "b", "c"]
    assert kept.holds("a", "c")
    assert not kept.holds("a", "b")
    assert kept.holds()
