"""Loops: where money comes back to who paid it, by way of five companies at most."""

from collections import defaultdict
from collections.abc import Collection

LONGEST = 5
"""Companies on the longest loop that counts, as in the view `circular_flows`."""


def pairs_on_loops(paid: Collection[tuple[str, str]], *, longest: int = LONGEST) -> set[tuple[str, str]]:
    """Of pairs of payer and payee those that lie on a loop of `longest` companies at most."""
    payees: dict[str, list[str]] = defaultdict(list)
    for payer, payee in paid:
        payees[payer].append(payee)
    near = {name: _within(payees, name, longest - 1) for name in payees}
    return {(payer, payee) for payer, payee in paid if payer != payee and payer in near.get(payee, ())}


def _within(payees: dict[str, list[str]], name: str, steps: int) -> set[str]:
    """Whom money that `name` pays can reach in so many payments."""
    reached, edge = {name}, {name}
    for _ in range(steps):
        edge = {one for here in edge for one in payees.get(here, ())} - reached
        reached |= edge
    return reached
