"""How well predictions agree with an annotated file: the figures that `dealwire eval` prints.

Three levels. Mentions: exact span and label. Documents: the distinct values of a document, names through a table of
accepted alternatives, money by currency and bounds, capacity by its bounds. Deals: `sides` (kind and who stands on
which side), `amount` (the same with currency and bounds), `pair` (the same companies, whatever the kind).
Mentions labelled OUTLET are neither rewarded nor punished.
"""

import json
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dealwire import jsonl
from schemas.errors import InvalidInput

Document = Mapping[str, Any]
LABELS = ("COMPANY", "MONEY", "CHIP", "MODEL", "CAPACITY")
_UNDIRECTED = frozenset(["joint_venture", "partnership"])


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


@dataclass(frozen=True)
class Mistake:
    """One item that is missing from the predictions, or should not be there."""

    level: str
    label: str
    what: str
    document: str
    shown: str


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

    def as_json(self, errors: int = 0) -> dict[str, Any]:
        """The figures as plain values, with up to `errors` mistakes of each sort."""
        figures = {
            "documents": self.documents,
            "mention": _rows(self.mentions),
            "document": _rows(self.values),
            "deal": _rows(self.deals, total=False),
            "deal_sides_by_kind": _rows(dict(sorted(self.kinds.items())), total=False),
            "status": {"right": self.status_right, "of": self.status_of},
            "documents_without_deals": {"all": self.quiet, "with_spurious_deals": self.quiet_with_deals},
        }
        if errors:
            sorts = self.mistakes_by_sort().items()
            figures["errors"] = {
                f"{level} {label} {what}": [[one.document, one.shown] for one in mistakes[:errors]]
                for (level, label, what), mistakes in sorts
            }
        return figures

    def mistakes_by_sort(self) -> dict[tuple[str, str, str], list[Mistake]]:
        """The mistakes by level, label and whether something is missed or spurious."""
        sorts: dict[tuple[str, str, str], list[Mistake]] = {}
        for one in self.mistakes:
            sorts.setdefault((one.level, one.label, one.what), []).append(one)
        return dict(sorted(sorts.items()))

    def as_text(self, errors: int = 0) -> str:
        """The figures as tables for a terminal, with up to `errors` mistakes of each sort."""
        figures = self.as_json()
        parts = [f"documents: {self.documents}", ""]
        for title, name in (
            ("mentions, exact span and label", "mention"),
            ("documents, distinct values", "document"),
            ("deals", "deal"),
            ("deals by kind (sides)", "deal_sides_by_kind"),
        ):
            parts.append(f"{title:<32} precision  recall      F1   right  spurious  missed")
            parts += [
                f"  {label:<30} {row['precision']:9.3f} {row['recall']:7.3f} {row['f1']:7.3f} "
                f"{row['tp']:7d} {row['fp']:9d} {row['fn']:7d}"
                for label, row in figures[name].items()
            ]
            parts.append("")
        parts.append(f"status right in {self.status_right} of {self.status_of} deals whose sides agree")
        parts.append(f"documents without deals: {self.quiet}, of which {self.quiet_with_deals} got one")
        for (level, label, what), mistakes in self.mistakes_by_sort().items() if errors else ():
            parts += ["", f"{level} {label}, {what}: {len(mistakes)}"]
            parts += [f"  {one.document}  {one.shown}" for one in mistakes[:errors]]
        return "\n".join(parts)


class Names:
    """One key for every name of the same thing."""

    def __init__(self, alternatives: Mapping[str, Sequence[str]] | None = None) -> None:
        given = alternatives or {}
        self._keys = {fold(name): fold(name) for name in given}
        for name, others in given.items():
            for other in others:
                self._keys.setdefault(fold(other), fold(name))

    @classmethod
    def beside(cls, gold: Path, given: Path | None = None) -> "Names":
        """The alternatives in the file `given`, else in `entities.json` beside `gold` if it is there."""
        path = given or gold.with_name("entities.json")
        return cls(_json(path)) if given or path.exists() else cls()

    def __call__(self, name: object) -> str:
        folded = fold(name)
        return self._keys.get(folded, folded)


def fold(name: object) -> str:
    """A name without case, punctuation and leading article."""
    plain = unicodedata.normalize("NFKC", str(name)).casefold().strip().removeprefix("the ")
    return "".join(c for c in plain.replace("&", "and").replace("+", "plus") if c.isalnum())


def read(path: Path, *, need: Sequence[str] = ("id", "text", "mentions")) -> list[Document]:
    """The documents of a JSONL file, each with the fields in `need`. Raises `InvalidInput` with the line at fault."""
    documents: list[Document] = []
    seen: set[object] = set()
    try:
        lines = path.read_text("utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInput(f"{path} cannot be read ({error})") from error
    for number, one in jsonl.values(lines, str(path)):
        if not isinstance(one, dict) or not set(need) <= one.keys():
            raise InvalidInput(f"{path} line {number} is no annotated document; it needs {', '.join(need)}")
        if one["id"] in seen:
            raise InvalidInput(f"{path} line {number}: the id {one['id']} stands there twice")
        seen.add(one["id"])
        documents.append(one)
    return documents


def compare(gold: Sequence[Document], predicted: Iterable[Document], *, names: Names | None = None) -> Report:
    """Compare predictions with annotated documents of the same ids; others are ignored."""
    by_id = {one["id"]: one for one in predicted}
    report = Report(documents=len(gold), absent=sum(one["id"] not in by_id for one in gold))
    keyed = names or Names()
    for document in gold:
        mine = by_id.get(document["id"], {})
        _compare_mentions(report, document, mine, keyed)
        _compare_deals(report, document, mine, keyed)
    return report


def _compare_mentions(report: Report, gold: Document, mine: Document, names: Names) -> None:
    text, about = gold["text"], str(gold["id"])
    outlets = [(one["start"], one["end"]) for one in gold["mentions"] if one["label"] == "OUTLET"]
    expected = _scored(gold["mentions"], [])
    found = _scored(mine.get("mentions") or (), outlets)

    def around(span: tuple[int, int]) -> str:
        start, end = span
        before, after = text[max(0, start - 30) : start], text[end : end + 30]
        return f"{before}[{text[start:end]}]{after}".replace("\n", " ")

    for label in LABELS:
        ours = [one for one in found if one["label"] == label]
        theirs = [one for one in expected if one["label"] == label]
        spans = [Counter((one.get("start", -1), one.get("end", -1)) for one in side) for side in (theirs, ours)]
        _count(report, report.mentions[label], spans[0], spans[1], "mention", label, about, around)
        values = [Counter({_value(one, text, names): 1 for one in side}) for side in (theirs, ours)]
        _count(report, report.values[label], values[0], values[1], "document", label, about, _plain)


def _compare_deals(report: Report, gold: Document, mine: Document, names: Names) -> None:
    about = str(gold["id"])
    theirs, ours = list(gold.get("deals") or ()), list(mine.get("deals") or ())
    report.quiet += not theirs
    report.quiet_with_deals += bool(ours) and not theirs
    ways: dict[str, Callable[[Document], Hashable]] = {
        "sides": lambda deal: _sides(deal, names),
        "amount": lambda deal: (_sides(deal, names), _money(deal)),
    }
    for way, key in ways.items():
        _count(
            report, report.deals[way], Counter(map(key, theirs)), Counter(map(key, ours)), "deal", way, about, _plain
        )
    pairs = [Counter({_companies(deal, names): 1 for deal in side}) for side in (theirs, ours)]
    _count(report, report.deals["pair"], pairs[0], pairs[1], "deal", "pair", about, _plain)
    for kind in {deal["kind"] for deal in (*theirs, *ours)}:
        sides = [Counter(_sides(deal, names) for deal in side if deal["kind"] == kind) for side in (theirs, ours)]
        _count(report, report.kinds.setdefault(kind, Tally()), sides[0], sides[1], None, kind, about, _plain)
    told: list[dict[Hashable, Counter[Any]]] = [defaultdict(Counter), defaultdict(Counter)]
    for side, deals in zip(told, (theirs, ours), strict=True):
        for deal in deals:
            side[_sides(deal, names)][deal.get("status")] += 1
    for key_, statuses in told[0].items():
        other = told[1].get(key_, Counter())
        report.status_of += min(statuses.total(), other.total())
        report.status_right += (statuses & other).total()


def _count(
    report: Report,
    tally: Tally,
    gold: "Counter[Any]",
    mine: "Counter[Any]",
    level: str | None,
    label: str,
    document: str,
    show: Callable[[Any], str],
) -> None:
    tally.right += (gold & mine).total()
    for what, rest in (("missed", gold - mine), ("spurious", mine - gold)):
        setattr(tally, what, getattr(tally, what) + rest.total())
        if level:
            shown = sorted(show(item) for item in rest.elements())
            report.mistakes += [Mistake(level, label, what, document, one) for one in shown]


def _scored(mentions: Iterable[Document], outlets: Sequence[tuple[int, int]]) -> list[Document]:
    kept: list[Document] = []
    seen: set[tuple[int, int, str]] = set()
    for one in mentions:
        start, end, label = one.get("start", -1), one.get("end", -1), one.get("label")
        if label not in LABELS or any(start < stop and begin < end for begin, stop in outlets):
            continue
        if start >= 0 and (start, end, label) in seen:
            continue
        seen.add((start, end, label))
        kept.append(one)
    return kept


def _value(mention: Document, text: str, names: Names) -> Hashable:
    label = mention["label"]
    if label == "MONEY":
        return _money(mention)
    if label == "CAPACITY":
        both = [
            (mention.get(f"{unit}_{side}", mention.get(unit))) for unit in ("mw", "units") for side in ("min", "max")
        ]
        return tuple(map(_figure, both))
    return names(mention.get("entity") or text[mention.get("start", 0) : mention.get("end", 0)])


def _money(one: Document) -> tuple[str | None, float | None, float | None]:
    currency = one.get("currency")
    return (str(currency).upper() if currency else None, _figure(one.get("min")), _figure(one.get("max")))


def _figure(value: Any) -> float | None:
    """Six significant digits, so that figures that differ only by rounding are equal."""
    return None if value is None else float(f"{float(value):.6g}")


def _sides(deal: Document, names: Names) -> Hashable:
    payers, payees, parties = (frozenset(map(names, deal.get(side) or ())) for side in ("payers", "payees", "parties"))
    if deal["kind"] in _UNDIRECTED:
        return (deal["kind"], payers | payees | parties)
    return (deal["kind"], payers, payees)


def _companies(deal: Document, names: Names) -> frozenset[str]:
    return frozenset(names(one) for side in ("payers", "payees", "parties") for one in deal.get(side) or ())


def _plain(item: Any) -> str:
    if isinstance(item, frozenset):
        return " + ".join(sorted(item))
    if isinstance(item, tuple):
        return " ".join(_plain(part) for part in item)
    return "-" if item is None else str(item)


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


def _json(path: Path) -> dict[str, list[str]]:
    try:
        loaded = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} cannot be read ({error})") from error
    if not isinstance(loaded, dict):
        raise InvalidInput(f"{path} should hold one object of canonical names, each with a list of others")
    return loaded
