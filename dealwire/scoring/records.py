"""How well a custom extractor's records agree with annotated ones: exact spans, and field by field."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dealwire.scoring.keys import Document
from dealwire.scoring.report import Mistake, Place, Tally
from schemas.errors import InvalidInput

Span = tuple[int, int]


@dataclass
class RecordReport:
    """The figures of one extractor. `fields`: of the records at a right span, how often each annotated field agrees."""

    documents: int = 0
    spans: Tally = field(default_factory=Tally)
    records: Tally = field(default_factory=Tally)
    fields: dict[str, Tally] = field(default_factory=dict)
    mistakes: list[Mistake] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The figures as plain values."""
        return {
            "documents": self.documents,
            "span": _row(self.spans),
            "record": _row(self.records),
            "fields": {name: {"right": one.right, "of": one.right + one.missed} for name, one in self.fields.items()},
        }


def annotated(document: Document, name: str, label: str | None, source: str) -> list[Document]:
    """The records that the document should give: those under `records`, else its mentions with the label.

    Raises `InvalidInput` if it has neither.
    """
    given = document.get("records")
    if isinstance(given, Mapping) and isinstance(given.get(name), list):
        found = list(given[name])
    elif label is not None and "mentions" in document:
        found = [
            {part: value for part, value in {**one, "name": one.get("entity")}.items() if part in ("start", "end")
             or (part == "name" and value is not None)}
            for one in document["mentions"]
            if one.get("label") == label
        ]  # fmt: skip
    else:
        told = f', or "mentions" labelled {label}' if label else ""
        raise InvalidInput(
            f'{source}: document {document["id"]} is not annotated; it needs "records": {{"{name}": [{{"start": 0, '
            f'"end": 5, …}}]}}{told}'
        )
    for one in found:
        if not (isinstance(one, Mapping) and isinstance(one.get("start"), int) and isinstance(one.get("end"), int)):
            raise InvalidInput(f"{source}: a record of document {document['id']} has no start and end")
    return found


def compare_records(
    gold: Sequence[tuple[Document, Sequence[Document]]], found: Iterable[Sequence[Document]]
) -> RecordReport:
    """Documents with their annotated records against what was found in each, in the same order.

    A record is right if its span is, and every field that the annotated one gives.
    """
    report = RecordReport()
    for (document, expected), given in zip(gold, found, strict=True):
        report.documents += 1
        text, about = document["text"], str(document["id"])
        theirs, ours = (Counter(map(_span, side)) for side in (expected, given))
        report.spans += Tally((theirs & ours).total(), (ours - theirs).total(), (theirs - ours).total())
        for what, spans in (("missed", theirs - ours), ("spurious", ours - theirs)):
            report.mistakes += [
                Mistake("record", "span", what, about, Place.of(text, *span)) for span in sorted(spans.elements())
            ]
        pairs, left = _paired(expected, given)
        right = 0
        for one, other in pairs:
            wrong = [name for name in one if name not in ("start", "end") and not _same(one[name], other.get(name))]
            right += not wrong
            for name in one:
                if name not in ("start", "end"):
                    report.fields.setdefault(name, Tally())
                    report.fields[name] += Tally(missed=1) if name in wrong else Tally(right=1)
            for name in wrong:
                place = Place.of(text, *_span(one))
                told = f"{name} is {other.get(name)!r}, should be {one[name]!r}"
                report.mistakes.append(Mistake("record", name, "wrong", about, f"{place}  {told}"))
        report.records += Tally(right, len(pairs) - right + left, len(expected) - right)
    return report


def _paired(expected: Sequence[Document], given: Sequence[Document]) -> tuple[list[tuple[Document, Document]], int]:
    """Records at the same span, those first that agree in more fields; and how many of the given are left."""
    waiting = list(given)
    pairs = []
    for one in expected:
        there = [other for other in waiting if _span(other) == _span(one)]
        if there:
            best = max(there, key=lambda other: sum(_same(one[name], other.get(name)) for name in one))
            waiting.remove(best)
            pairs.append((one, best))
    return pairs, len(waiting)


def _same(one: Any, other: Any) -> bool:
    """Equal as values: 5 is 5.0, and "5.00" is the amount 5."""
    if one == other:
        return True
    try:
        return float(one) == float(other)
    except (TypeError, ValueError):
        return False


def _span(one: Document) -> Span:
    return one["start"], one["end"]


def _row(one: Tally) -> dict[str, float]:
    figures = {"precision": one.precision, "recall": one.recall, "f1": one.f1}
    return figures | {"tp": one.right, "fp": one.spurious, "fn": one.missed}
