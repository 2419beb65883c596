"""Spans of a text: start and end in code points, end exclusive."""

from collections.abc import Iterable

Span = tuple[int, int]


def touches(one: Span, others: Iterable[Span]) -> bool:
    """Whether the span shares a character with any of the others."""
    return any(one[0] < end and start < one[1] for start, end in others)


def covers(outer: Span, inner: Span) -> bool:
    """Whether the first span holds the second whole."""
    return outer[0] <= inner[0] and inner[1] <= outer[1]
