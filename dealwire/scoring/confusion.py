"""What kind of mistakes were made with mentions: read as something else, a span too long, a wrong value, …"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from dealwire.scoring.keys import LABELS, Document, Names, scored, value
from dealwire.scoring.report import Place

SORTS = ("right", "wrong value", "too long", "too short", "shifted", "other label", "missed", "spurious")
"""`right`: span, label and value. `wrong value`: right span and label. The next four: one that overlaps was found."""


class Confusion(NamedTuple):
    """One mention that is not right. `found`: what the predictions hold in its place, `place` that of the gold mention,
    or of the prediction where there is none."""

    label: str
    sort: str
    document: str
    place: Place
    found: str


@dataclass
class Confusions:
    """How often each label went which way, which labels were taken for which, and every case."""

    counts: dict[str, Counter[str]] = field(default_factory=lambda: {label: Counter() for label in LABELS})
    read_as: Counter[tuple[str, str]] = field(default_factory=Counter)
    cases: list[Confusion] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The counts as plain values."""
        return {
            label: {sort: counts[sort] for sort in SORTS}
            | {"read_as": {as_: n for (real, as_), n in sorted(self.read_as.items()) if real == label}}
            for label, counts in self.counts.items()
        }

    def cases_by_sort(self) -> dict[tuple[str, str], list[Confusion]]:
        """The cases by label and sort, in the order of the table."""
        sorts: dict[tuple[str, str], list[Confusion]] = {}
        for one in self.cases:
            sorts.setdefault((one.label, one.sort), []).append(one)
        labels = list(self.counts)
        order = sorted(sorts, key=lambda key: (labels.index(key[0]), SORTS.index(key[1])))
        return {key: sorts[key] for key in order}


def confusions(
    gold: Sequence[Document],
    predicted: Iterable[Document],
    *,
    names: Names | None = None,
    labels: Sequence[str] = LABELS,
) -> Confusions:
    """Set each annotated mention beside the predicted one that comes nearest, each of them once."""
    by_id = {one["id"]: one for one in predicted}
    found = Confusions(counts={label: Counter() for label in labels})
    for document in gold:
        _confuse(found, document, by_id.get(document["id"], {}), names or Names())
    return found


def _confuse(into: Confusions, gold: Document, mine: Document, names: Names) -> None:
    text, about = gold["text"], str(gold["id"])
    expected, given = scored(gold, mine, into.counts)

    def note(sort: str, one: Document, other: Document | None) -> None:
        into.counts[one["label"]][sort] += 1
        if sort != "right":
            place = Place.of(text, *_span(one))
            into.cases.append(Confusion(one["label"], sort, about, place, _told(text, other) if other else ""))

    for one, other in _pairs(expected, given):
        if one is None:
            assert other is not None
            note("spurious", other, None)
        elif other is None:
            note("missed", one, None)
        else:
            sort = _sort(one, other, text, names)
            note(sort, one, other)
            if sort == "other label":
                into.read_as[one["label"], other["label"]] += 1


def _pairs(expected: list[Document], given: list[Document]) -> list[tuple[Document | None, Document | None]]:
    near = [
        (one["label"] != other["label"], -overlap, a, b)
        for a, one in enumerate(expected)
        for b, other in enumerate(given)
        if (overlap := min(_span(one)[1], _span(other)[1]) - max(_span(one)[0], _span(other)[0])) > 0
    ]
    # The very same span beats a longer overlap with one that is too long.
    near.sort(key=lambda pair: (pair[0], _span(expected[pair[2]]) != _span(given[pair[3]]), pair[1:]))
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, a, b in near:
        if a not in partner and b not in taken:
            partner[a] = b
            taken.add(b)
    pairs: list[tuple[Document | None, Document | None]] = [
        (one, given[partner[a]] if a in partner else None) for a, one in enumerate(expected)
    ]
    return pairs + [(None, other) for b, other in enumerate(given) if b not in taken]


def _sort(one: Document, other: Document, text: str, names: Names) -> str:
    if one["label"] != other["label"]:
        return "other label"
    (start, end), (begin, stop) = _span(one), _span(other)
    if (start, end) == (begin, stop):
        return "right" if value(one, text, names) == value(other, text, names) else "wrong value"
    if begin <= start and end <= stop:
        return "too long"
    return "too short" if start <= begin and stop <= end else "shifted"


def _span(one: Document) -> tuple[int, int]:
    return one.get("start", -1), one.get("end", -1)


def _told(text: str, one: Document) -> str:
    fields = ("entity", "currency", "min", "max", "mw_min", "mw_max", "units_min", "units_max")
    values = [
        f"{one[name]:,.15g}" if isinstance(one[name], float | int) else one[name] for name in fields if one.get(name)
    ]
    return f"{one['label']} {Place.of(text, *_span(one)).span!r} {' '.join(map(str, values))}".rstrip()
