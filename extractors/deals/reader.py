"""Deals as the encoder reads them: every pair of companies of a window gets its kinds."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from extractors.deals.candidates import CLASSES, Candidates
from extractors.deals.merge import Told
from extractors.encoder import session
from schemas.deal import DealKind

if TYPE_CHECKING:
    import numpy as np

DENIED = 0.03
"""A deal that the frames read is dropped below this probability."""


@dataclass(frozen=True)
class Edge:
    """One company paying another in some kind of deal (or, undirected, dealing with it), as the encoder reads it."""

    kind: DealKind
    payer: str
    payee: str
    probability: float


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
    return max((edge.probability for edge in found if edge.kind is one.kind and _fits(one, edge)), default=0.0)


def _fits(one: Told, edge: Edge) -> bool:
    if one.parties:
        return {edge.payer, edge.payee} <= set(one.parties)
    return edge.payer in one.payers and edge.payee in one.payees


def _window(given: Candidates, least: float) -> Iterable[Edge]:
    import numpy as np

    x = session.vectors(given.window)
    heads = _heads()
    first, second = given.links[..., 0], given.links[..., 1]
    low, high = np.minimum(first, second), np.maximum(first, second)
    sums = np.concatenate([np.zeros((1, x.shape[1]), dtype=x.dtype), x.cumsum(axis=0)])
    between = (sums[high] - sums[low]) / np.maximum(high - low, 1)[..., None]
    u, v = x[first], x[second]
    features = np.broadcast_to(given.features[:, None, :], (*first.shape, given.features.shape[1]))
    inputs = np.concatenate([u, v, u * v, between, given.link_features, features], axis=-1)
    scores = np.where(given.linked[..., None], heads("kind", _gelu(heads("hidden", inputs))), -30.0)
    kinds = _sigmoid(scores.max(axis=1))
    for row, column in zip(*np.nonzero(kinds >= least), strict=True):
        name = CLASSES[column]
        a, b = (given.entities[at] for at in given.pairs[row])
        payer, payee = (b, a) if name.endswith("<") else (a, b)
        yield Edge(
            kind=DealKind(name.rstrip("<>")),
            payer=payer.name,
            payee=payee.name,
            probability=float(kinds[row, column]),
        )


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
        stored = np.load(file)
        return _Heads({name: stored[name].astype(np.float32) for name in stored.files})


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
