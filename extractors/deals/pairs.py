"""Pairs of companies in one sentence, scored: a linear model over the words around them and what the frames say.

The weights are made by `training/deals/train.py`; a reader of a pair sees the same features there and here.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from extractors.deals.lexicon import lexicon
from extractors.deals.merge import Told
from extractors.deals.typed import GROUP, MONEY, POWER, THING, Names, Scene, is_group
from schemas.deal import DealKind

if TYPE_CHECKING:
    from extractors.deals.coreference import Discourse

NONE = "none"
CLASSES = (
    NONE,
    *(f"{kind.value}{way}" for kind in DealKind if kind.directed for way in "><"),
    *(kind.value for kind in DealKind if not kind.directed),
)
"""`>`: the first company of the pair pays the second; `<`: the other way round."""


@dataclass(frozen=True)
class Pair:
    """Two groups of companies, the first named first, where both stand, and the features of their sentence."""

    first: Names
    second: Names
    at: int
    to: int
    features: tuple[str, ...]


def pairs(scene: Scene, told: list[Told], mind: "Discourse") -> Iterator[Pair]:
    """All pairs of groups of a sentence, and each group with the company that the article is about."""
    tokens = _tokens(scene.code)
    places = [n for n, (word, _) in enumerate(tokens) if is_group(word[0])]
    if not places or len(places) > 12:
        return
    stems = [_stem(word) for word, _ in tokens]
    bag = tuple({f"s={stem}" for stem in stems if len(stem) > 2})
    named = {n for place in places for n in scene.names(tokens[place][0])}
    for one, left in enumerate(places):
        for right in places[one + 1 : one + 5]:
            a, b = scene.names(tokens[left][0]), scene.names(tokens[right][0])
            if set(a) & set(b):
                continue
            near = (*_near(stems, left, right), *bag, *_facts(scene, told, a, b))
            yield Pair(a, b, tokens[left][1], tokens[right][1], near)
    if len(places) <= 3:
        for label, names in (("vs", mind.subject), ("vt", mind.topic)):
            if not names or set(names) & named or (label == "vt" and names == mind.subject):
                continue
            for right in places:
                b = scene.names(tokens[right][0])
                near = (*_near(stems, -1, right), *bag, *_facts(scene, told, names, b))
                at = tokens[right][1]
                yield Pair(names, b, at, at, (label, f"{label}{len(places)}", *(f"{label}:{f}" for f in near), *near))


def scores(pair: Pair) -> list[float]:
    """The probability of each of `CLASSES`."""
    index, weights = _weights()
    rows = [index[f] for f in pair.features if f in index]
    total = weights[rows].sum(axis=0)
    top = float(total.max())
    raised = [math.exp(float(x) - top) for x in total]
    whole = sum(raised)
    return [x / whole for x in raised]


@cache
def _weights() -> tuple[dict[str, int], Any]:
    import numpy as np

    with resources.files("extractors.deals").joinpath("weights.npz").open("rb") as file:
        stored = np.load(file)
        names = bytes(stored["names"]).decode("utf-8").split("\n")
        weights = stored["weights"].astype("float32") * float(stored["scale"])
    return {name: row for row, name in enumerate(names)}, weights


def _near(stems: list[str], left: int, right: int) -> Iterator[str]:
    between = stems[left + 1 : right]
    yield "bias"
    yield f"gap={min(len(between) // 3, 8)}"
    yield f"others={min(sum(w == 'G' for w in between), 3)}"
    if len(between) <= 30:
        for word in set(between):
            yield f"b={word}"
        for pair in set(pairwise(between)):
            yield f"b2={pair[0]} {pair[1]}"
    if len(between) <= 4:
        yield f"whole={' '.join(between)}"
    for n in (1, 2, 3):
        yield f"l-{n}={stems[left - n] if left - n >= 0 else '^'}"
        yield f"l+{n}={stems[left + n] if left + n < len(stems) else '$'}"
        yield f"r-{n}={stems[right - n] if right - n >= 0 else '^'}"
        yield f"r+{n}={stems[right + n] if right + n < len(stems) else '$'}"
    for word in set(stems[right + 1 : right + 9]):
        yield f"a={word}"
    for word in set(stems[max(0, left - 8) : max(0, left)]):
        yield f"p={word}"
    yield f"r2={stems[right - 2] if right > 1 else '^'} {stems[right - 1] if right > 0 else '^'}"


def _facts(scene: Scene, told: list[Told], a: Names, b: Names) -> Iterator[str]:
    rank = lexicon().rank
    yield f"rank={max(rank.get(n, 1) for n in a)}{max(rank.get(n, 1) for n in b)}"
    yield f"fa={_fund(a)}{_fund(b)}"
    yield f"size={min(len(a), 3)}{min(len(b), 3)}"
    yield f"title={scene.title}"
    yield f"money={len(scene.money) > 0}{len(scene.power) > 0}"
    for one in told:
        if one.parties:
            if set(a) & set(one.parties) and set(b) & set(one.parties):
                yield f"R={one.kind.value}"
        elif set(a) & set(one.payers) and set(b) & set(one.payees):
            yield f"R={one.kind.value}>"
        elif set(b) & set(one.payers) and set(a) & set(one.payees):
            yield f"R={one.kind.value}<"


def _fund(names: Names) -> str:
    return "f" if any(_FUND.search(n) for n in names) else "-"


def _tokens(code: str) -> list[tuple[str, int]]:
    return [(found[0], found.start()) for found in _TOKEN.finditer(code)]


def _stem(word: str) -> str:
    first = ord(word[0])
    if GROUP <= first < MONEY:
        return "G"
    if MONEY <= first < POWER:
        return "M"
    if POWER <= first < THING:
        return "P"
    if first >= THING and first < THING + 0x200:
        return "T"
    if word[0].isdigit():
        return "0"
    if len(word) > 4:
        for end in ("ing", "ed", "es", "s", "e"):
            if word.endswith(end) and len(word) - len(end) >= 3:
                return word[: -len(end)]
    return word


_TOKEN = re.compile(
    r"[\ue000-\uefff]|'s\b|[^\W\d_\ue000-\uefff][^\W_\ue000-\uefff'-]*|\d[\d.,]*|"
    r"[%;:(),.—–$\"“”→•*]"
)
_FUND = re.compile(
    r"\b(?:Capital|Ventures?|Partners|Fund|Investments?|Management|Equity|Sequoia|Accel|Andreessen|Lightspeed|"
    r"Index|Coatue|Greenoaks|"
    r"Insight|Tiger|Blackstone|KKR|Apollo|Carlyle|Temasek|GIC|MGX|Benchmark|Kleiner|Thrive|Catalyst|Bank|"
    r"Goldman|JPMorgan|Morgan|Citi\w*|Mizuho|Holdings)\b"
)
