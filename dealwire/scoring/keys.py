"""What makes two mentions, values or deals the same: names through accepted alternatives, figures by their bounds."""

import json
import unicodedata
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from schemas.errors import InvalidInput

Document = Mapping[str, Any]
LABELS = ("COMPANY", "MONEY", "CHIP", "MODEL", "CAPACITY")
_UNDIRECTED = frozenset(["joint_venture", "partnership"])


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


def scored(gold: Document, mine: Document, labels: Collection[str] = LABELS) -> tuple[list[Document], list[Document]]:
    """The mentions of both sides that count: of the labels, each once, ours outside the outlets of the gold."""
    outlets = [(one["start"], one["end"]) for one in gold["mentions"] if one["label"] == "OUTLET"]
    return _counting(gold["mentions"], [], labels), _counting(mine.get("mentions") or (), outlets, labels)


def value(mention: Document, text: str, names: Names) -> Hashable:
    """What a mention says, whatever its words."""
    label = mention["label"]
    if label == "MONEY":
        return money(mention)
    if label == "CAPACITY":
        both = [
            (mention.get(f"{unit}_{side}", mention.get(unit))) for unit in ("mw", "units") for side in ("min", "max")
        ]
        return tuple(map(_figure, both))
    return names(mention.get("entity") or text[mention.get("start", 0) : mention.get("end", 0)])


def money(one: Document) -> tuple[str | None, float | None, float | None]:
    """Currency and bounds of a mention or a deal."""
    currency = one.get("currency")
    return (str(currency).upper() if currency else None, _figure(one.get("min")), _figure(one.get("max")))


def sides(deal: Document, names: Names) -> Hashable:
    """Kind and who stands on which side of a deal."""
    payers, payees, parties = (frozenset(map(names, deal.get(side) or ())) for side in ("payers", "payees", "parties"))
    if deal["kind"] in _UNDIRECTED:
        return (deal["kind"], payers | payees | parties)
    return (deal["kind"], payers, payees)


def companies(deal: Document, names: Names) -> frozenset[str]:
    """Everybody in a deal."""
    return frozenset(names(one) for side in ("payers", "payees", "parties") for one in deal.get(side) or ())


def shown(item: Any) -> str:
    """A key as a reader may see it."""
    if isinstance(item, frozenset):
        return " + ".join(sorted(item))
    if isinstance(item, tuple):
        return " ".join(shown(part) for part in item)
    return "-" if item is None else str(item)


def _counting(
    mentions: Iterable[Document], outlets: Sequence[tuple[int, int]], labels: Collection[str]
) -> list[Document]:
    kept: list[Document] = []
    seen: set[tuple[int, int, object]] = set()
    for one in mentions:
        start, end, label = one.get("start", -1), one.get("end", -1), one.get("label")
        if label not in labels or any(start < stop and begin < end for begin, stop in outlets):
            continue
        if start >= 0 and (start, end, label) in seen:
            continue
        seen.add((start, end, label))
        kept.append(one)
    return kept


def _figure(value: Any) -> float | None:
    """Six significant digits, so that figures that differ only by rounding are equal."""
    return None if value is None else float(f"{float(value):.6g}")


def _json(path: Path) -> dict[str, list[str]]:
    try:
        loaded = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} cannot be read ({error})") from error
    if not isinstance(loaded, dict):
        raise InvalidInput(f"{path} should hold one object of canonical names, each with a list of others")
    return loaded
