"""Whether two edges are sides of one commitment: a round's investors, suppliers under one order, partners in one pact.

An edge is a pair of companies of a window (its row) and a class (its column), as in `candidates`.
"""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from extractors.deals.candidates import CLASSES, Candidates

if TYPE_CHECKING:
    import numpy as np

FACTS = 10
"""Facts of two edges, all the same whichever comes first."""
Place = tuple[int, int]
"""Row and column of an edge."""


def comparable(given: Candidates, edges: Sequence[Place]) -> list[tuple[int, int]]:
    """Numbers of two edges each that are of one kind and share the payee, the payer or, undirected, one company."""
    sides = [_sides(given, one) for one in edges]
    return [
        (n, m)
        for n, (kind, *mine) in enumerate(sides)
        for m in range(n)
        if sides[m][0] == kind and len({*mine, *sides[m][1:]}) == 3 and _shared(mine, sides[m][1:], kind)
    ]


def facts(
    given: Candidates,
    a: Place,
    b: Place,
    sums: "tuple[np.ndarray[Any, Any], ...]",
    status: "Sequence[np.ndarray[Any, Any]]",
) -> list[float]:
    """What is known of two edges; `sums`, `status`: the probabilities of each amount and status, of both."""
    (kind, *mine), (_, *theirs) = _sides(given, a), _sides(given, b)
    own, other = (set(mine) - set(theirs)).pop(), (set(theirs) - set(mine)).pop()
    p, q = sums
    gap = min(abs(x - y) for x in given.entities[own].names.places for y in given.entities[other].names.places)
    return [
        float(kind[-1] == ">" and mine[1] == theirs[1]),
        float(kind[-1] == ">" and mine[0] == theirs[0]),
        float(kind[-1] != ">"),
        math.log2(1 + gap) / 10,
        float(gap < 12),
        float((p * q).max(initial=0.0)),
        min(float(p.max(initial=0.0)), float(q.max(initial=0.0))),
        max(float(p.max(initial=0.0)), float(q.max(initial=0.0))),
        float(abs(p - q).max(initial=0.0)),
        float((status[0] * status[1]).sum()),
    ]


def _sides(given: Candidates, one: Place) -> tuple[str, int, int]:
    """Kind, payer and payee of an edge; the companies by their numbers."""
    row, column = one
    a, b = given.pairs[row]
    name = CLASSES[column]
    return (name[:-1] + ">", b, a) if name[-1] == "<" else (name, a, b)


def _shared(mine: Sequence[int], theirs: Sequence[int], kind: str) -> bool:
    return kind[-1] != ">" or mine[0] == theirs[0] or mine[1] == theirs[1]
