"""How often a deal that is told in such a way is right: a confidence that means what it says.

Logistic regression over how surely each reader sees the deal, with the weights of `confidence.toml`, which
`training.deals.calibrate` fits on annotated news that none of the readers learned from.
"""

import math
import tomllib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from extractors.deals.merge import Told

FEATURES = ("surely", "seen", "alone", "read", "summed", "headed", "shared", "mutual")
_LEAST = 0.02


def features(one: Told, seen: float | None, *, alone: bool = False) -> tuple[float, ...]:
    """What speaks for a deal, in the order of `FEATURES`.

    `seen`: how likely the encoder holds it, None without the encoder; `alone`: it alone sees the deal.
    """
    return (
        0.0 if alone else _logit(one.confidence),
        _logit(seen) if seen is not None else 0.0,
        float(alone),
        float(not alone and not one.guessed),
        float(one.money is not None),
        float(one.title),
        float(len(one.companies) > 2),
        float(not one.kind.directed),
    )


def confidence(given: Sequence[float], *, encoder: bool) -> float:
    """The share of deals with these features that are right; 0.01 to 0.99."""
    weights = _weights()["encoder" if encoder else "plain"]
    total = weights["bias"] + sum(weights[name] * value for name, value in zip(FEATURES, given, strict=True))
    return min(0.99, max(0.01, 1 / (1 + math.exp(-total))))


@cache
def _weights() -> dict[str, dict[str, float]]:
    return tomllib.loads((files(__package__) / "confidence.toml").read_text("utf-8"))


def _logit(probability: float) -> float:
    bounded = min(1 - _LEAST, max(_LEAST, probability))
    return math.log(bounded / (1 - bounded))
