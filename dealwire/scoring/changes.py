"""What two versions of the predictions do differently: figures side by side, and what became right or wrong."""

from collections import Counter
from dataclasses import dataclass
from typing import Any

from dealwire.scoring.report import Mistake, Report

LEVELS = ("mention", "document", "deal", "deal_sides_by_kind")


@dataclass(frozen=True)
class Changes:
    """`worse`: mistakes that only the later version makes; `better`: those that only the earlier one makes."""

    before: Report
    after: Report
    worse: tuple[Mistake, ...]
    better: tuple[Mistake, ...]

    @property
    def worse_documents(self) -> list[str]:
        """Documents in which the later version makes more mistakes, by their ids."""
        return [name for name, more in self._by_document().items() if more > 0]

    @property
    def better_documents(self) -> list[str]:
        """Documents in which it makes fewer."""
        return [name for name, more in self._by_document().items() if more < 0]

    def f1(self) -> dict[str, dict[str, tuple[float, float]]]:
        """F1 before and after, by level and label; a label that one side does not have counts as right there."""
        old, new = self.before.as_json(), self.after.as_json()
        return {
            level: {
                label: (old[level].get(label, {"f1": 1.0})["f1"], new[level].get(label, {"f1": 1.0})["f1"])
                for label in dict.fromkeys([*old[level], *new[level]])
            }
            for level in LEVELS
        }

    def as_json(self, errors: int = 0) -> dict[str, Any]:
        """The changes as plain values, with up to `errors` cases of each sort."""
        return {
            "figures": self.before.as_json(),
            "f1_difference": {
                level: {label: new - old for label, (old, new) in rows.items()} for level, rows in self.f1().items()
            },
            "right_to_wrong": _sorted(self.worse, errors),
            "wrong_to_right": _sorted(self.better, errors),
            "documents": {"worse": self.worse_documents, "better": self.better_documents},
        }

    def _by_document(self) -> Counter[str]:
        more: Counter[str] = Counter()
        for sign, mistakes in ((1, self.worse), (-1, self.better)):
            for one in mistakes:
                # The levels of deals tell one mistake up to three times, and that of documents a mention's again.
                if one.level == "mention" or (one.level, one.label) == ("deal", "amount"):
                    more[one.document] += sign
        return Counter(dict(sorted(more.items())))


def changes(before: Report, after: Report) -> Changes:
    """What changed between two reports on the same annotated documents."""
    old, new = Counter(before.mistakes), Counter(after.mistakes)
    return Changes(before, after, tuple((new - old).elements()), tuple((old - new).elements()))


def by_sort(mistakes: tuple[Mistake, ...]) -> dict[tuple[str, str], list[Mistake]]:
    """The mistakes by level and label."""
    sorts: dict[tuple[str, str], list[Mistake]] = {}
    for one in mistakes:
        sorts.setdefault((one.level, one.label), []).append(one)
    return dict(sorted(sorts.items()))


def _sorted(mistakes: tuple[Mistake, ...], errors: int) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for (level, label), found in by_sort(mistakes).items():
        told[f"{level} {label}"] = {"count": len(found)}
        if errors:
            told[f"{level} {label}"]["cases"] = [[one.document, one.what, str(one.shown)] for one in found[:errors]]
    return told
