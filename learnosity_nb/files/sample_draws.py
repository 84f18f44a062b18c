"""Seeded draws that are the same on every machine and with every numpy.

numpy promises the raw bits of PCG64 for good, but not what its distributions
make of them. So all is made here from the raw bits, with whole numbers only.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from fractions import Fraction
from typing import Final

import numpy as np
import numpy.typing as npt

__all__ = ["Draws", "Whole", "negative_binomial"]

Whole = npt.NDArray[np.int64]

HALF: Final = np.uint64(32)
BELL_MEAN = 2 * 65535
BELL_SPREAD = 37837  # standard deviation of the sum of four 16-bit draws


class Draws:
    """A stream of draws for one subject; the streams of other subjects do not change it.

    Parameters
    ----------
    seed
        The world's seed, 0 or more.
    subject
        What is drawn, such as ``"statuses"``.
    """

    def __init__(self, seed: int, subject: str) -> None:
        self._bits = np.random.PCG64([seed, zlib.crc32(subject.encode())])

    def bits(self, size: int) -> npt.NDArray[np.uint64]:
        """Return 32 random bits for each."""
        return self._raw(size) >> HALF

    def below(self, bound: int | Whole, size: int) -> Whole:
        """Return whole numbers from 0 to `bound` - 1, all as likely; `bound` at most 2**31."""
        return ((self.bits(size) * np.asarray(bound).astype(np.uint64)) >> HALF).astype(np.int64)

    def happens(self, per_thousand: int | Whole, size: int) -> npt.NDArray[np.bool_]:
        """Return whether something happens that does so `per_thousand` times in a thousand."""
        return self.below(1000, size) < per_thousand

    def pick(self, weights: Sequence[int], size: int) -> Whole:
        """Return positions in `weights`, each as likely as its weight."""
        ends = np.cumsum(np.asarray(weights, np.int64))
        return np.searchsorted(ends, self.below(int(ends[-1]), size), side="right").astype(np.int64)

    def bell(self, size: int) -> Whole:
        """Return bell-shaped whole numbers with mean 0 and standard deviation 1000."""
        raw = self._raw(size)
        total = sum((raw >> np.uint64(shift)) & np.uint64(0xFFFF) for shift in (0, 16, 32, 48))
        return (np.asarray(total).astype(np.int64) - BELL_MEAN) * 1000 // BELL_SPREAD

    def counts(self, ends: npt.NDArray[np.uint64], row: Whole) -> Whole:
        """Return counts from the distribution in row `row` of `ends`, as `negative_binomial` makes them."""
        drawn = self.bits(len(row))
        found = np.zeros(len(row), np.int64)
        for column in ends.T:
            found += drawn >= column[row]
        return found

    def shuffled(self, size: int) -> Whole:
        """Return 0 to `size` - 1 in random order."""
        return np.argsort(self._raw(size), kind="stable").astype(np.int64)

    def _raw(self, size: int) -> npt.NDArray[np.uint64]:
        return np.asarray(self._bits.random_raw(size), np.uint64)


def negative_binomial(means: Sequence[int], longest: int) -> npt.NDArray[np.uint64]:
    """Return the cumulative chances, in 2**32 parts, of negative binomial counts with shape 2.

    Parameters
    ----------
    means
        The mean of each row.
    longest
        Counts end at this number, and so do the columns.
    """
    rows = []
    for mean in means:
        success = Fraction(2, 2 + mean)
        chances = [(count + 1) * success**2 * (1 - success) ** count for count in range(longest)]
        rows.append([int(sum(chances[: count + 1], Fraction(0)) * 2**32) for count in range(longest)])
    return np.asarray(rows, np.uint64)
