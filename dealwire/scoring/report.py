"""The figures of one comparison."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dealwire.scoring.keys import LABELS


@dataclass
class Tally:
    """Right, spurious and missed items."""

    right: int = 0
    spurious: int = 0
    missed: int = 0

    @property
    def precision(self) -> float:
        found = self.right + self.spurious
        return self.right / found if found else float(not self.missed)

    @property
    def recall(self) -> float:
        there = self.right + self.missed
        return self.right / there if there else float(not self.spurious)

    @property
    def f1(self) -> float:
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(self.right + other.right, self.spurious + other.spurious, self.missed + other.missed)


class Place(NamedTuple):
    """A span of a text with some of what stands around it."""

    before: str
    span: str
    after: str
    start: int

    @classmethod
    def of(cls, text: str, start: int, end: int) -> "Place":
        """The place of `start` to `end` in `text`, on one line; an empty one if there is no such place."""
        if start < 0:
            return cls("", "", "", start)
        around = (text[max(0, start - 40) : start], text[start:end], text[end : end + 40])
        # Control characters could move the cursor of the reader's terminal.
        before, span, after = ("".join(c if c.isprintable() else " " for c in part) for part in around)
        return cls(before, span, after, start)

    def __str__(self) -> str:
        return f"{self.before}[{self.span}]{self.after}"


class Mistake(NamedTuple):
    """One item that is missing from the predictions, or should not be there."""

    level: str
    label: str
    what: str
    document: str
    shown: Place | str


@dataclass
class Report:
    """All figures of one comparison. Levels map a label, a kind or a way of comparing to its tally."""

    documents: int = 0
    mentions: dict[str, Tally] = field(default_factory=lambda: {label: Tally() for label in LABELS})
    values: dict[str, Tally] = field(default_factory=lambda: {label: Tally() for label in LABELS})
    deals: dict[str, Tally] = field(default_factory=lambda: {way: Tally() for way in ("sides", "amount", "pair")})
    kinds: dict[str, Tally] = field(default_factory=dict)
    status_right: int = 0
    status_of: int = 0
    quiet: int = 0
    quiet_with_deals: int = 0
    absent: int = 0
    mistakes: list[Mistake] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The figures as plain values."""
        return {
            "documents": self.documents,
            "mention": _rows(self.mentions),
            "document": _rows(self.values),
            "deal": _rows(self.deals, total=False),
            "deal_sides_by_kind": _rows(dict(sorted(self.kinds.items())), total=False),
            "status": {"right": self.status_right, "of": self.status_of},
            "documents_without_deals": {"all": self.quiet, "with_spurious_deals": self.quiet_with_deals},
        }

    def mistakes_by_sort(self) -> dict[tuple[str, str, str], list[Mistake]]:
        """The mistakes by level, label and whether something is missed or spurious."""
        sorts: dict[tuple[str, str, str], list[Mistake]] = {}
        for one in self.mistakes:
            sorts.setdefault((one.level, one.label, one.what), []).append(one)
        return dict(sorted(sorts.items()))


def _rows(tallies: Mapping[str, Tally], *, total: bool = True) -> dict[str, dict[str, float]]:
    rows = dict(tallies)
    if total:
        rows["ALL"] = sum(tallies.values(), Tally())
    return {
        label: {
            "precision": one.precision,
            "recall": one.recall,
            "f1": one.f1,
            "tp": one.right,
            "fp": one.spurious,
            "fn": one.missed,
        }
        for label, one in rows.items()
    }
