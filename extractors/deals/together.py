"""Whether two edges are sides of one commitment: a round's investors, suppliers under an order, partners in a pact."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from extractors.deals.candidates import Candidates, Place
from schemas.deal import DealKind

if TYPE_CHECKING:
    import numpy as np

FACTS = 10
"""Facts of two edges, all the same whichever comes first."""


def comparable(given: Candidates, edges: Sequence[Place]) -> list[tuple[int, int]]:
    """Numbers of two edges each that are of one kind and share the payee, the payer or, undirected, one company."""
    sides = [given.sides(one) for one in edges]
    return [
        (n, m)
        for n, (kind, *mine) in enumerate(sides)
        for m, (other, *theirs) in enumerate(sides[:n])
        if kind is other and len({*mine, *theirs}) == 3 and _shared(kind, mine, theirs)
    ]


def facts(
    given: Candidates,
    edges: Sequence[Place],
    compared: Sequence[tuple[int, int]],
    sums: "Sequence[np.ndarray[Any, Any]]",
    status: "np.ndarray[Any, Any]",
) -> "np.ndarray[Any, Any]":
    """What is known of two edges each: compared × `FACTS`.

    `sums`, `status`: for each edge the probabilities of the window's amounts and of the statuses.
    """
    import numpy as np

    return np.array(
        [_facts(given, edges[n], edges[m], (sums[n], sums[m]), (status[n], status[m])) for n, m in compared],
        dtype=np.float32,
    )


def _facts(
    given: Candidates,
    a: Place,
    b: Place,
    sums: "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]",
    status: "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]",
) -> list[float]:
    (kind, *mine), (_, *theirs) = given.sides(a), given.sides(b)
    own, other = (set(mine) - set(theirs)).pop(), (set(theirs) - set(mine)).pop()
    p, q = sums
    most = sorted((float(p.max(initial=0.0)), float(q.max(initial=0.0))))
    gap = min(abs(x - y) for x in given.entities[own].names.places for y in given.entities[other].names.places)
    return [
        float(kind.directed and mine[1] == theirs[1]),
        float(kind.directed and mine[0] == theirs[0]),
        float(not kind.directed),
        math.log2(1 + gap) / 10,
        float(gap < 12),
        float((p * q).max(initial=0.0)),
        *most,
        float(abs(p - q).max(initial=0.0)),
        float((status[0] * status[1]).sum()),
    ]


def _shared(kind: DealKind, mine: Sequence[int], theirs: Sequence[int]) -> bool:
    return not kind.directed or mine[0] == theirs[0] or mine[1] == theirs[1]
