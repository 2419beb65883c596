"""Deals as the encoder reads them: every pair of companies of a window gets its kinds, a status and its amounts."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from extractors.deals.candidates import CLASSES, TURNED, Amount, Candidates
from extractors.deals.merge import Told
from extractors.encoder import session
from schemas.deal import DealKind, DealStatus

if TYPE_CHECKING:
    import numpy as np

STATUSES = tuple(DealStatus)
DENIED = 0.1
"""A deal that the frames read or the small pair model sees is dropped below this probability."""


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


def edges(windows: Iterable[Candidates], *, least: float) -> list[Edge]:
    """All edges of an article of at least this probability; of one told in two windows the likelier reading."""
    best: dict[tuple[DealKind, str, str], Edge] = {}
    for one in windows:
        for edge in _window(one, least):
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


def _window(given: Candidates, least: float) -> Iterable[Edge]:
    import numpy as np

    x = session.vectors(given.window)
    heads = _heads()
    first, second = given.links[..., 0], given.links[..., 1]
    sums = np.concatenate([np.zeros((1, x.shape[1]), dtype=x.dtype), x.cumsum(axis=0)])
    between = (sums[second] - sums[first]) / np.maximum(second - first, 1)[..., None]
    u, v = x[first], x[second]
    through = _gelu(heads("hidden", np.concatenate([u, v, u * v, between, given.features], axis=-1)))
    scores = heads("kind", through)
    scores = np.where(given.turned[..., None], scores[..., list(TURNED)], scores)
    scores = np.where(given.linked[..., None], scores, -30.0)
    weights = np.exp(scores.max(axis=-1) - scores.max(axis=(-1, -2))[:, None])
    weights /= weights.sum(axis=1, keepdims=True)
    hidden = (weights[..., None] * through).sum(axis=1)
    kinds = _sigmoid(scores.max(axis=1))
    status = heads("status", hidden).argmax(axis=1)
    for row, column in zip(*np.nonzero(kinds >= least), strict=True):
        name = CLASSES[column]
        a, b = (given.entities[at] for at in given.pairs[row])
        payer, payee = (b, a) if name.endswith("<") else (a, b)
        yield Edge(
            kind=DealKind(name.rstrip("<>")),
            payer=payer.name,
            payee=payee.name,
            probability=float(kinds[row, column]),
            status=STATUSES[int(status[row])],
            amounts=_amounts(given, heads, hidden[row], int(row), int(column), x),
            payer_spans=payer.spans,
            payee_spans=payee.spans,
        )


def _amounts(
    given: Candidates, heads: "_Heads", pair: Any, row: int, column: int, x: Any
) -> tuple[tuple[Amount, float], ...]:
    import numpy as np

    size = len(given.amounts)
    if not size:
        return ()
    kind = np.zeros(len(CLASSES), dtype=np.float32)
    kind[column] = 1
    a = _gelu(heads("amount_pair", np.concatenate([pair, kind])))[None, :].repeat(size, axis=0)
    b = _gelu(heads("amount_mention", x[list(given.amount_places)]))
    scores = _sigmoid(heads("amount", np.concatenate([a, b, a * b, given.near[row]], axis=1))[:, 0])
    order = np.argsort(-scores)
    return tuple((given.amounts[at], float(scores[at])) for at in order if scores[at] > 0.05)


class _Heads:
    """The linear layers behind the encoder, by name."""

    def __init__(self, stored: "dict[str, np.ndarray[Any, Any]]") -> None:
        self._stored = stored

    def __call__(self, name: str, x: Any) -> Any:
        return x @ self._stored[f"{name}.weight"].T + self._stored[f"{name}.bias"]


@cache
def _heads() -> _Heads:
    import numpy as np

    with (files("extractors.encoder") / "weights" / "pairs.npz").open("rb") as file:
        stored = dict(np.load(file))
    # Matrices are stored as bytes, each row with its scale.
    return _Heads(
        {
            name: value.astype(np.float32) * stored.get(f"{name}.scale", np.float32(1))
            for name, value in stored.items()
            if not name.endswith(".scale")
        }
    )


def _gelu(x: Any) -> Any:
    import numpy as np

    # Abramowitz and Stegun 7.1.26 for erf: its error of 1e-7 is below that of half precision.
    z = np.abs(x) / np.sqrt(2.0)
    t = 1 / (1 + 0.3275911 * z)
    rest = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(x) * (1 - rest * np.exp(-z * z))
    return 0.5 * x * (1 + erf)


def _sigmoid(x: Any) -> Any:
    import numpy as np

    return 1 / (1 + np.exp(-x))
