"""Deals as the encoder reads them: every pair of companies of a window gets its kinds, a status and its amounts.

The small network looks first; where it sees anything that may be a deal, the large one looks and has its place.
"""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

from extractors.deals import together
from extractors.deals.candidates import CLASSES, TURNED, Amount, Candidates, Place
from extractors.deals.merge import Told
from extractors.encoder import session
from schemas.deal import DealKind, DealStatus

if TYPE_CHECKING:
    import numpy as np

STATUSES = tuple(DealStatus)
WORTH = 0.05
"""The large network looks at a window in which the small one sees a deal with at least this probability."""
LARGE = 0.8
"""What the large network's word counts, of one."""
SEEN = 0.02
"""What is less likely is not looked at further."""
SURE = 0.5
"""An edge counts from this probability on; those that do are compared with each other."""


@dataclass(frozen=True)
class Edge:
    """One company paying another in some kind of deal (or, undirected, dealing with it), as the encoder reads it."""

    kind: DealKind
    payer: str
    payee: str
    probability: float
    status: DealStatus
    amounts: tuple[tuple[Amount, float], ...]
    """Amounts that may belong to it, the likeliest first, each with its probability."""
    payer_spans: tuple[tuple[int, int], ...]
    payee_spans: tuple[tuple[int, int], ...]
    at: tuple[int, int]
    """From the one mention to the other of those two that show it best."""
    together: Mapping[tuple[str, str], float] = field(default_factory=dict)
    """Payer and payee of other edges of the kind, and how likely both are sides of one commitment."""


def edges(windows: Iterable[Candidates], *, least: float, large: bool = True) -> list[Edge]:
    """All edges of an article of at least this probability; of one told in two windows the likelier reading.

    Without `large` the small network reads alone.
    """
    best: dict[tuple[DealKind, str, str], Edge] = {}
    for one in windows:
        for edge in _window(one, least, large=large):
            key = (edge.kind, edge.payer, edge.payee)
            if key not in best or best[key].probability < edge.probability:
                best[key] = edge
    return list(best.values())


def agreement(one: Told, found: Iterable[Edge]) -> float:
    """How likely the encoder holds a deal that the frames read, by its surest pair of sides; 0 if it sees none."""
    return max((edge.probability for edge in between(one, found)), default=0.0)


def between(one: Told, found: Iterable[Edge]) -> Iterator[Edge]:
    """The edges of a deal's kind between its sides."""
    return (edge for edge in found if edge.kind is one.kind and _fits(one, edge))


def _fits(one: Told, edge: Edge) -> bool:
    if one.parties:
        return {edge.payer, edge.payee} <= set(one.parties)
    return edge.payer in one.payers and edge.payee in one.payees


def _window(given: Candidates, least: float, *, large: bool) -> Iterable[Edge]:
    import numpy as np

    looks = [(1.0, _Look(given, session.vectors(given.window), "pairs"))]
    if large and float(looks[0][1].kinds.max(initial=-30.0)) >= _logit(WORTH):
        looks = [(1 - LARGE, looks[0][1]), (LARGE, _Look(given, session.large(given.window), "large"))]
    kinds = _sigmoid(sum(share * one.kinds for share, one in looks))
    status = sum(share * one.status for share, one in looks).argmax(axis=1)
    places = [(int(row), int(column)) for row, column in zip(*np.nonzero(kinds >= least), strict=True)]
    with_ = _together(given, looks, [place for place in places if kinds[place] >= SURE])
    for place in places:
        kind, *sides = given.sides(place)
        payer, payee = (given.entities[at] for at in sides)
        row, _ = place
        yield Edge(
            kind=kind,
            payer=payer.name,
            payee=payee.name,
            probability=float(kinds[place]),
            status=STATUSES[int(status[row])],
            amounts=_amounts(given, looks, place),
            payer_spans=payer.spans,
            payee_spans=payee.spans,
            at=_between(given, row, int(looks[-1][1].clearest[place])),
            together=with_.get(place, {}),
        )


def _together(given: Candidates, looks: "Looks", places: Sequence[Place]) -> dict[Place, dict[tuple[str, str], float]]:
    """For each edge the others that may be sides of the same commitment."""
    compared = together.comparable(given, places)
    found: dict[Place, dict[tuple[str, str], float]] = {place: {} for place in places}
    if not compared:
        return found
    named = [tuple(given.entities[at].name for at in given.sides(place)[1:]) for place in places]
    scores = _sigmoid(sum(share * one.together(places, compared) for share, one in looks))
    for (n, m), score in zip(compared, scores, strict=True):
        for one, other in ((n, m), (m, n)):
            payer, payee = named[other]
            found[places[one]][payer, payee] = float(score)
    return found


class _Look:
    """A window as one network reads it: for each pair scores of the classes, the link that gave each, and scores of the
    statuses."""

    def __init__(self, given: Candidates, x: Any, heads: str) -> None:
        import numpy as np

        self._given, self._x, self._heads = given, x, _heads(heads)
        self._sums: dict[Place, Any] = {}
        linked = np.nonzero(given.linked)
        first, second = given.links[linked].T
        through = _gelu(self._heads.hidden(x, first, second, given.features[linked]))
        scores = np.full((*given.linked.shape, len(CLASSES)), -30.0, dtype=np.float32)
        scores[linked] = self._heads("kind", through)
        scores = np.where(given.turned[..., None] & given.linked[..., None], scores[..., list(TURNED)], scores)
        self.kinds = scores.max(axis=1)
        self.clearest = scores.argmax(axis=1)
        weights = np.exp(scores.max(axis=-1) - scores.max(axis=(-1, -2))[:, None])
        weights /= weights.sum(axis=1, keepdims=True)
        self._hidden = np.zeros((len(given.pairs), through.shape[1]), dtype=np.float32)
        np.add.at(self._hidden, linked[0], weights[linked][:, None] * through)
        self.status = self._heads("status", self._hidden)

    def amounts(self, place: Place) -> Any:
        """How well each amount of the window goes with an edge."""
        if place not in self._sums:
            self._sums[place] = self._amounts_of(*place)
        return self._sums[place]

    def _amounts_of(self, row: int, column: int) -> Any:
        import numpy as np

        size = len(self._given.amounts)
        kind = np.zeros(len(CLASSES), dtype=np.float32)
        kind[column] = 1
        heads = self._heads
        a = _gelu(heads("amount_pair", np.concatenate([self._hidden[row], kind])))[None, :].repeat(size, axis=0)
        b = self._amounts
        return heads("amount", np.concatenate([a, b, a * b, self._given.near[row]], axis=1))[:, 0]

    def together(self, places: Sequence[Place], compared: Sequence[tuple[int, int]]) -> Any:
        """How well two edges each go together; `compared`: their numbers in `places`."""
        import numpy as np

        rows, columns = (list(part) for part in zip(*places, strict=True))
        status = np.exp(self.status[rows] - self.status[rows].max(axis=1, keepdims=True))
        status /= status.sum(axis=1, keepdims=True)
        sums = [_sigmoid(self.amounts(place)) for place in places]
        facts = together.facts(self._given, places, compared, sums, status)
        kinds = np.eye(len(CLASSES), dtype=np.float32)[columns]
        edge = _gelu(self._heads("edge", np.concatenate([self._hidden[rows], kinds], axis=1)))
        first, second = (list(part) for part in zip(*compared, strict=True))
        a, b = edge[first], edge[second]
        return self._heads("together", np.concatenate([a * b, abs(a - b), facts], axis=1))[:, 0]

    @cached_property
    def _amounts(self) -> Any:
        return _gelu(self._heads("amount_mention", self._x[list(self._given.amount_places)]))


Looks = list[tuple[float, _Look]]
"""What each network counts, and how it reads the window."""


def _between(given: Candidates, row: int, link: int) -> tuple[int, int]:
    """Where the two mentions of a link begin and end."""
    spans = {
        place: span
        for at in given.pairs[row]
        for place, span in zip(given.entities[at].places, given.entities[at].spans, strict=True)
    }
    first, second = (spans[int(place)] for place in given.links[row, link])
    return min(first[0], second[0]), max(first[1], second[1])


def _amounts(given: Candidates, looks: Looks, place: Place) -> tuple[tuple[Amount, float], ...]:
    import numpy as np

    if not given.amounts:
        return ()
    scores = _sigmoid(sum(share * one.amounts(place) for share, one in looks))
    order = np.argsort(-scores)
    return tuple((given.amounts[at], float(scores[at])) for at in order if scores[at] > 0.05)


class _Heads:
    """The linear layers behind the encoder, by name."""

    def __init__(self, stored: "dict[str, np.ndarray[Any, Any]]") -> None:
        self._stored = stored

    def __call__(self, name: str, x: Any) -> Any:
        return x @ self._stored[f"{name}.weight"].T + self._stored[f"{name}.bias"]

    def hidden(self, x: Any, first: Any, second: Any, features: Any) -> Any:
        """The layer over both mentions of a link, their product, the mean of what stands between, and its features.

        What is linear in the pieces is worked out for each piece once, and not for each link.
        """
        import numpy as np

        width = x.shape[1]
        weight = self._stored["hidden.weight"]
        left, right, both, mean, rest = np.split(weight, [width, 2 * width, 3 * width, 4 * width], axis=1)
        sums = np.concatenate([np.zeros((1, len(mean)), dtype=x.dtype), (x @ mean.T).cumsum(axis=0)])
        apart = np.maximum(second - first, 1)[:, None].astype(x.dtype)
        found = (x @ left.T)[first] + (x @ right.T)[second] + (sums[second] - sums[first]) / apart
        return found + (x[first] * x[second]) @ both.T + features @ rest.T + self._stored["hidden.bias"]


@cache
def _heads(network: str) -> _Heads:
    return _Heads(session.heads(network))


def _gelu(x: Any) -> Any:
    import numpy as np

    # Abramowitz and Stegun 7.1.26 for erf: its error of 1e-7 is below that of half precision.
    z = np.abs(x) / np.sqrt(2.0)
    t = 1 / (1 + 0.3275911 * z)
    rest = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(x) * (1 - rest * np.exp(-z * z))
    return 0.5 * x * (1 + erf)


def _logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def _sigmoid(x: Any) -> Any:
    import numpy as np

    return 1 / (1 + np.exp(-x))
