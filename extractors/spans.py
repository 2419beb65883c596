"""Spans of a text: start and end in code points, end exclusive."""

from bisect import bisect_right
from collections.abc import Iterable

Span = tuple[int, int]


def touches(one: Span, others: Iterable[Span]) -> bool:
    """Whether the span shares a character with any of the others."""
    return any(one[0] < end and start < one[1] for start, end in others)


def covers(outer: Span, inner: Span) -> bool:
    """Whether the first span holds the second whole."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]


class Taken:
    """Spans that are spoken for; asking whether one is free costs little however many there are."""

    def __init__(self, spans: Iterable[Span]) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for start, end in sorted(spans):
            # Spans that overlap are one here.
            if self._ends and start < self._ends[-1]:
                self._ends[-1] = max(self._ends[-1], end)
            else:
                self._starts.append(start)
                self._ends.append(end)

    def touches(self, start: int, end: int) -> bool:
        """Whether the span shares a character with any of them."""
        at = bisect_right(self._starts, start) - 1
        if at >= 0 and start < self._ends[at]:
            return True
        return at + 1 < len(self._starts) and self._starts[at + 1] < end
