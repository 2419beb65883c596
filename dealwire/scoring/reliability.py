"""Whether deals that are told with a confidence of 0.8 are right in eight of ten cases."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from dealwire.scoring.keys import Document, Names, sides

BINS = 10


class Bin(NamedTuple):
    """The deals of one stretch of confidence: how many, their mean confidence, the share that is right."""

    low: float
    high: float
    deals: int
    confidence: float
    right: float


@dataclass(frozen=True)
class Reliability:
    """The bins that hold deals, and the expected calibration error: the mean gap, weighted by deals."""

    bins: tuple[Bin, ...]
    silent: int
    """Deals that are told without a confidence."""

    @property
    def error(self) -> float:
        """Expected calibration error; 0 if there are no deals."""
        deals = sum(one.deals for one in self.bins)
        return sum(one.deals * abs(one.confidence - one.right) for one in self.bins) / deals if deals else 0.0

    def as_json(self) -> dict[str, Any]:
        """The bins as plain values."""
        return {
            "bins": [one._asdict() for one in self.bins],
            "expected_calibration_error": self.error,
            "deals_without_confidence": self.silent,
        }


def reliability(gold: Sequence[Document], predicted: Iterable[Document], *, names: Names | None = None) -> Reliability:
    """Confidence of the predicted deals against how many of them have the right kind and sides."""
    by_id = {one["id"]: one for one in predicted}
    keyed = names or Names()
    told: list[tuple[float, bool]] = []
    silent = 0
    for document in gold:
        left = Counter(sides(deal, keyed) for deal in document.get("deals") or ())
        deals = list(by_id.get(document["id"], {}).get("deals") or ())
        sure = [deal for deal in deals if isinstance(deal.get("confidence"), int | float)]
        silent += len(deals) - len(sure)
        # Of two alike the surer one is taken for the right one.
        for deal in sorted(sure, key=lambda one: -one["confidence"]):
            key = sides(deal, keyed)
            told.append((float(deal["confidence"]), left[key] > 0))
            left[key] -= 1
    return Reliability(tuple(_bins(told)), silent)


def _bins(told: list[tuple[float, bool]]) -> Iterable[Bin]:
    for at in range(BINS):
        inside = [one for one in told if min(BINS - 1, int(one[0] * BINS)) == at]
        if inside:
            confidence = sum(sure for sure, _ in inside) / len(inside)
            right = sum(good for _, good in inside) / len(inside)
            yield Bin(at / BINS, (at + 1) / BINS, len(inside), confidence, right)
