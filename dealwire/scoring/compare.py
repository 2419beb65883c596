"""Compares predictions with annotated documents, item by item."""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Any

from dealwire.scoring.keys import LABELS, Document, Names, companies, money, scored, shown, sides, value
from dealwire.scoring.report import Mistake, Place, Report, Tally


def compare(
    gold: Sequence[Document],
    predicted: Iterable[Document],
    *,
    names: Names | None = None,
    labels: Sequence[str] = LABELS,
) -> Report:
    """Compare predictions with annotated documents of the same ids; others are ignored, and so are other labels."""
    by_id = {one["id"]: one for one in predicted}
    report = Report(
        documents=len(gold),
        absent=sum(one["id"] not in by_id for one in gold),
        mentions={label: Tally() for label in labels},
        values={label: Tally() for label in labels},
    )
    keyed = names or Names()
    for document in gold:
        mine = by_id.get(document["id"], {})
        _compare_mentions(report, document, mine, keyed)
        _compare_deals(report, document, mine, keyed)
    return report


def _compare_mentions(report: Report, gold: Document, mine: Document, names: Names) -> None:
    text, about = gold["text"], str(gold["id"])
    expected, found = scored(gold, mine, report.mentions)
    for label in report.mentions:
        ours = [one for one in found if one["label"] == label]
        theirs = [one for one in expected if one["label"] == label]
        spans = [Counter((one.get("start", -1), one.get("end", -1)) for one in side) for side in (theirs, ours)]
        mistakes = _count(report.mentions[label], *spans)
        report.mistakes += [
            Mistake("mention", label, what, about, Place.of(text, *span)) for what, span in sorted(mistakes)
        ]
        values = [Counter({value(one, text, names): 1 for one in side}) for side in (theirs, ours)]
        _told(report, "document", label, about, _count(report.values[label], *values))


def _compare_deals(report: Report, gold: Document, mine: Document, names: Names) -> None:
    about = str(gold["id"])
    theirs, ours = list(gold.get("deals") or ()), list(mine.get("deals") or ())
    report.quiet += not theirs
    report.quiet_with_deals += bool(ours) and not theirs
    ways: dict[str, Callable[[Document], Hashable]] = {
        "sides": lambda deal: sides(deal, names),
        "amount": lambda deal: (sides(deal, names), money(deal)),
    }
    for way, key in ways.items():
        mistakes = _count(report.deals[way], Counter(map(key, theirs)), Counter(map(key, ours)))
        _told(report, "deal", way, about, mistakes)
    pairs = [Counter({companies(deal, names): 1 for deal in side}) for side in (theirs, ours)]
    _told(report, "deal", "pair", about, _count(report.deals["pair"], *pairs))
    for kind in {deal["kind"] for deal in (*theirs, *ours)}:
        of_kind = [Counter(sides(deal, names) for deal in side if deal["kind"] == kind) for side in (theirs, ours)]
        _count(report.kinds.setdefault(kind, Tally()), *of_kind)
    told: list[dict[Hashable, Counter[Any]]] = [defaultdict(Counter), defaultdict(Counter)]
    for side, deals in zip(told, (theirs, ours), strict=True):
        for deal in deals:
            side[sides(deal, names)][deal.get("status")] += 1
    for key_, statuses in told[0].items():
        other = told[1].get(key_, Counter())
        report.status_of += min(statuses.total(), other.total())
        report.status_right += (statuses & other).total()


def _count(tally: Tally, gold: "Counter[Any]", mine: "Counter[Any]") -> list[tuple[str, Any]]:
    """Count into the tally; what is missed and what is spurious."""
    missed, spurious = gold - mine, mine - gold
    tally.right += (gold & mine).total()
    tally.missed += missed.total()
    tally.spurious += spurious.total()
    return [("missed", one) for one in missed.elements()] + [("spurious", one) for one in spurious.elements()]


def _told(report: Report, level: str, label: str, document: str, mistakes: list[tuple[str, Any]]) -> None:
    lines = sorted((what, shown(item)) for what, item in mistakes)
    report.mistakes += [Mistake(level, label, what, document, line) for what, line in lines]
