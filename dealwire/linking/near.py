"""Near: which deals a claim may be of, by key, amount and day, so that not all of them have to be looked at."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from dealwire.linking.amounts import Amount, figure

# Somewhat more than what `amounts.agree` takes for equal in one currency, and than twice as much.
_ALIKE = (0.96, 1.04)
_TWICE = (0.49, 2.04)


class Told(Protocol):
    """What is asked of a deal: when it was told last, by which keys it is found, and which sums were stated."""

    @property
    def last(self) -> datetime: ...
    @property
    def keys(self) -> Set[str]: ...
    @property
    def stated(self) -> Set[Amount]: ...


@dataclass
class _Shelf:
    """The deals of one key."""

    lately: dict[int, None] = field(default_factory=dict)
    """That told last at the end."""
    sums: dict[str | None, list[tuple[float, int]]] = field(default_factory=dict)
    """By currency, in order of the sums."""
    ranges: list[int] = field(default_factory=list)
    """Those with a sum of two different ends."""


class Near:
    """Some of `deals`, found by what a claim tells. Deals are known by their places."""

    def __init__(self, deals: Sequence[Told]) -> None:
        self._deals = deals
        self._shelves: defaultdict[str, _Shelf] = defaultdict(_Shelf)
        self._noted: dict[int, tuple[set[str], set[Amount]]] = {}

    def note(self, at: int) -> None:
        """A deal has come, or was told once more; mostly of all deals the last."""
        deal = self._deals[at]
        keys, stated = self._noted.setdefault(at, (set(), set()))
        fresh = deal.keys - keys
        if added := deal.stated - stated:
            stated |= added
            for key in keys:
                self._put(key, at, added)
        for key in fresh:
            self._put(key, at, stated)
        keys |= fresh
        for key in keys:
            shelf = self._shelves[key]
            shelf.lately.pop(at, None)
            newest = next(reversed(shelf.lately), at)
            shelf.lately[at] = None
            if self._deals[newest].last > deal.last:
                shelf.lately = dict.fromkeys(sorted(shelf.lately, key=lambda one: self._deals[one].last))

    def alike(self, keys: Iterable[str], value: Amount) -> set[int]:
        """Those of which a stated sum can be this one, and some others."""
        return self._within(keys, value, _ALIKE)

    def twice(self, keys: Iterable[str], value: Amount) -> set[int]:
        """Those of which a stated sum can be up to twice this one, or half of it, and some others."""
        return self._within(keys, value, _TWICE)

    def lately(self, keys: Iterable[str], since: datetime, *, stated: bool = True) -> set[int]:
        """Those told at that time or later; without `stated` those of which no sum is."""
        found = {at for key in keys if key in self._shelves for at in self._newest(self._shelves[key], since)}
        return found if stated else {at for at in found if not self._deals[at].stated}

    def any(self, keys: Iterable[str]) -> bool:
        """Whether there may be one of these keys."""
        return any(key in self._shelves for key in keys)

    def _newest(self, shelf: _Shelf, since: datetime) -> Iterator[int]:
        for at in reversed(shelf.lately):
            if self._deals[at].last < since:
                return
            yield at

    def _within(self, keys: Iterable[str], value: Amount, factors: tuple[float, float]) -> set[int]:
        high = float(figure(value))
        low = high if value[1] is None else min(high, float(value[1]))
        bounds = (low * factors[0], high * factors[1])
        found: set[int] = set()
        for key in keys:
            if shelf := self._shelves.get(key):
                found.update(shelf.ranges)
                for currency, sums in shelf.sums.items():
                    # What a sum of another currency is worth depends on the day.
                    told = _between(sums, *bounds) if currency == value[0] else sums
                    found.update(at for _, at in told)
        return found

    def _put(self, key: str, at: int, stated: Collection[Amount]) -> None:
        shelf = self._shelves[key]
        for value in stated:
            insort(shelf.sums.setdefault(value[0], []), (float(figure(value)), at))
            if value[1] is not None and value[2] is not None and value[1] < value[2]:
                shelf.ranges.append(at)


def _between(sums: list[tuple[float, int]], low: float, high: float) -> list[tuple[float, int]]:
    return sums[bisect_left(sums, (low,)) : bisect_right(sums, high, key=lambda one: one[0])]
