"""What the encoder reads for deals: windows of an article with every pair of companies and every amount in them."""

import math
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from extractors.deals.amounts import is_value
from extractors.deals.antecedents import Article, meant
from extractors.deals.merge import Told
from extractors.deals.typed import MONEY, Names, Scene
from extractors.encoder import pieces
from schemas.deal import DealKind
from schemas.mention import CapacityMention, ChipMention, CompanyMention, ModelMention, MoneyMention
from schemas.record import Record

if TYPE_CHECKING:
    import numpy as np

CLASSES = (
    *(f"{kind.value}{way}" for kind in DealKind if kind.directed for way in "><"),
    *(kind.value for kind in DealKind if not kind.directed),
)
"""`>`: the company that is named first in the window pays the other; `<`: the other way round."""
TURNED = tuple(
    CLASSES.index(name[:-1] + "<>"[name.endswith("<")]) if name[-1] in "<>" else number
    for number, name in enumerate(CLASSES)
)
"""Where each class stands when the two companies change places."""
FEATURES = len(CLASSES) + 12 + 10
"""Facts of a mention of each company of a pair, the one that stands first in the text first."""
CLOSEST = 32
"""At most so many pairs of mentions are looked at for each pair of companies, the closest ones."""
NEAR = 9
BACK = 120
"""Words that two windows of a long article share."""
MOST = 80
"""Companies of a window that are paired; in a longer list those named first."""
_LABELS: dict[type[Record], int] = {
    CompanyMention: 1,
    MoneyMention: 2,
    ChipMention: 3,
    ModelMention: 4,
    CapacityMention: 5,
}
_FUND = re.compile(
    r"\b(?:Capital|Ventures?|Partners|Funds?|Investments?|Management|Equity|Bank|Holdings|Asset|Advisors|Growth|VC)\b"
)
_LISTED = re.compile(
    r"(?:, (?:and |or |plus |as well as )?|,? (?:and|&|or|plus|as well as|along with|alongside) )(?:the )?"
)

Amount = MoneyMention | CapacityMention
Place = tuple[int, int]
"""An edge of a window: a pair of companies (its row) and a class (its column)."""


@dataclass(frozen=True)
class Entity:
    """One company of a window: its name, and for each mention the span and the first piece.

    A pronoun or epithet that stands for it is a mention, too; its piece is that of the last word.
    """

    name: str
    spans: tuple[tuple[int, int], ...]
    places: tuple[int, ...]
    named: tuple[bool, ...]
    """Which mentions are names."""

    @cached_property
    def names(self) -> "Entity":
        """The company with the mentions that are names."""
        kept = [n for n, one in enumerate(self.named) if one]
        return Entity(
            self.name, tuple(self.spans[n] for n in kept), tuple(self.places[n] for n in kept), (True,) * len(kept)
        )


@dataclass(frozen=True)
class Candidates:
    """One window: its input, its companies, pairs of them (indices, the first named first), and its amounts."""

    start: int
    end: int
    window: pieces.Window
    entities: tuple[Entity, ...]
    pairs: tuple[tuple[int, int], ...]
    links: "np.ndarray[Any, Any]"
    """Pair × link × 2: first pieces of a mention of each company, in the order of the text; the closest ones, at most
    `CLOSEST`, the first again where a pair has fewer than the one with the most."""
    features: "np.ndarray[Any, Any]"
    """Pair × link × `FEATURES`."""
    turned: "np.ndarray[Any, Any]"
    """Pair × link: whether the company that is named first in the window stands behind the other here."""
    linked: "np.ndarray[Any, Any]"
    """Pair × link: whether there are so many."""
    amounts: tuple[Amount, ...]
    amount_places: tuple[int, ...]
    near: "np.ndarray[Any, Any]"
    """Pair × amount × `NEAR`."""

    def sides(self, edge: Place) -> tuple[DealKind, int, int]:
        """Kind, payer and payee; companies by their numbers. Undirected: in the order of their names, in any window."""
        row, column = edge
        a, b = self.pairs[row]
        name = CLASSES[column]
        kind = DealKind(name.rstrip("<>"))
        turned = name.endswith("<") if kind.directed else self.entities[b].name < self.entities[a].name
        return (kind, b, a) if turned else (kind, a, b)


def candidates(
    text: str,
    mentions: Sequence[Record],
    sentences: Sequence[tuple[int, int]],
    told: Sequence[Told],
    scenes: Sequence[Scene],
) -> Iterator[Candidates]:
    """The windows of an article that name two companies or more."""
    ordered = sorted(mentions, key=lambda one: one.start)
    references = _references(
        Article(text, sentences, [o for o in ordered if isinstance(o, CompanyMention)]), ordered, scenes
    )
    marks = [(one.start, one.end, _LABELS[type(one)]) for one in ordered]
    marks += [(start, end, _LABELS[CompanyMention]) for start, end, _ in references]
    words = pieces.words(text)
    types = pieces.word_types(words, sorted(marks))
    facts = _Facts(text, sentences, told, scenes)
    for first, last in pieces.stretches(words, pieces.LONGEST, BACK):
        start, end = words[first].start, words[last - 1].end
        inside = [one for one in ordered if start <= one.start and one.end <= end]
        window = pieces.window(words, first, last, types)
        words_for = [one for one in references if start <= one[0] and one[1] <= end]
        found = _window(window, words, start, end, inside, words_for, facts)
        if found is not None:
            yield found


def _references(article: Article, mentions: Sequence[Record], scenes: Sequence[Scene]) -> list[tuple[int, int, Names]]:
    """The last words of pronouns and epithets, and who is meant; those that touch no mention."""
    starts = [one.start for one in mentions]
    found = []
    for start, end, names in meant(article, scenes):
        at = bisect_right(starts, start)
        if (at and mentions[at - 1].end > start) or (at < len(starts) and starts[at] < end):
            continue
        found.append((start + article.text[start:end].rfind(" ") + 1, end, names))
    return sorted(found)


def _window(
    window: pieces.Window,
    words: list[pieces.Word],
    start: int,
    end: int,
    inside: list[Record],
    meant: list[tuple[int, int, Names]],
    facts: "_Facts",
) -> Candidates | None:
    import numpy as np

    at = {words[window.first + n].start: place for n, place in enumerate(window.places)}

    def place(one: Record) -> int | None:
        return at.get(one.start)

    by_name: dict[str, list[CompanyMention]] = defaultdict(list)
    for one in inside:
        if isinstance(one, CompanyMention) and place(one) is not None:
            by_name[one.name].append(one)
    if len(by_name) < 2:
        return None
    entities = tuple(
        _entity(name, [(m.start, m.end) for m in found], [(a, b) for a, b, names in meant if name in names], at)
        for name, found in list(by_name.items())[:MOST]
    )
    amounts = tuple(
        one
        for one in inside
        if place(one) is not None
        and (isinstance(one, MoneyMention) or (isinstance(one, CapacityMention) and (one.mw_min or one.mw_max)))
    )
    pairs = tuple((a, b) for a in range(len(entities)) for b in range(a + 1, len(entities)))
    closest = [_closest(entities[a], entities[b]) for a, b in pairs]
    most = max(map(len, closest))
    links = np.zeros((len(pairs), most, 2), dtype=np.int64)
    features = np.zeros((len(pairs), most, FEATURES), dtype=np.float32)
    turned = np.zeros((len(pairs), most), dtype=bool)
    linked = np.zeros((len(pairs), most), dtype=bool)
    for row, (a, b) in enumerate(pairs):
        known: dict[bool, list[float]] = {}
        for column, (n, m) in enumerate(closest[row]):
            (left, x), (right, y) = sorted(((entities[a], n), (entities[b], m)), key=lambda one: one[0].spans[one[1]])
            turned[row, column] = turn = left is entities[b]
            if turn not in known:
                known[turn] = facts.pair(left.names, right.names, len(entities))
            links[row, column] = left.places[x], right.places[y]
            features[row, column] = [
                *known[turn],
                *facts.link(left.spans[x], right.spans[y], entities),
                float(left.named[x]),
                float(right.named[y]),
            ]
            linked[row, column] = True
        links[row, ~linked[row]] = links[row, 0]
    near = np.zeros((len(pairs), len(amounts), NEAR), dtype=np.float32)
    for row, (a, b) in enumerate(pairs):
        for column, amount in enumerate(amounts):
            near[row, column] = facts.near(entities[a], entities[b], amount)
    places = tuple(at[one.start] for one in amounts)
    return Candidates(start, end, window, entities, pairs, links, features, turned, linked, amounts, places, near)


def _entity(name: str, names: list[tuple[int, int]], meant: list[tuple[int, int]], at: dict[int, int]) -> Entity:
    """A company with its mentions in the order of the text; `at`: the first piece of the word that begins there."""
    every = sorted([(span, True) for span in names] + [(span, False) for span in meant if span[0] in at])
    return Entity(
        name,
        tuple(span for span, _ in every),
        tuple(at[start] for (start, _), _ in every),
        tuple(named for _, named in every),
    )


def _closest(a: Entity, b: Entity) -> list[tuple[int, int]]:
    """Indices of the closest mentions of two companies, the closest first."""
    every = ((abs(x[0] - y[0]), n, m) for n, x in enumerate(a.spans) for m, y in enumerate(b.spans))
    return [(n, m) for _, n, m in sorted(every)[:CLOSEST]]


class _Facts:
    """What rules know of a pair or an amount, as numbers about one."""

    def __init__(
        self, text: str, sentences: Sequence[tuple[int, int]], told: Sequence[Told], scenes: Sequence[Scene]
    ) -> None:
        self._text = text
        self._starts = [start for start, _ in sentences]
        self._values = set(_valuations(scenes))
        self._told: dict[tuple[str, str], list[Told]] = defaultdict(list)
        for one in told:
            for a in one.companies:
                for b in one.companies:
                    if a != b:
                        self._told[a, b].append(one)

    def pair(self, a: Entity, b: Entity, companies: int) -> list[float]:
        read = [0.0] * len(CLASSES)
        for one in self._told.get((a.name, b.name), ()):
            for number, name in enumerate(CLASSES):
                if _agrees(one, name, a.name, b.name):
                    read[number] = max(read[number], one.confidence)
        homes_a = [self._sentence(start) for start, _ in a.spans]
        homes_b = [self._sentence(start) for start, _ in b.spans]
        shared = set(homes_a) & set(homes_b)
        gaps = [(abs(x[0] - y[0]), x, y) for x in a.spans for y in b.spans]
        gap, x, y = min(gaps)
        apart = min(abs(m - n) for m in homes_a for n in homes_b)
        between = self._text[min(x[1], y[1]) : max(x[0], y[0])]
        return [
            *read,
            min(len(shared), 3) / 3,
            math.log2(1 + gap) / 10,
            min(apart, 6) / 6,
            float(_LISTED.fullmatch(between) is not None),
            float(0 in homes_a and 0 in homes_b),
            math.log(companies) / 3,
            math.log1p(len(a.spans)) / 2,
            math.log1p(len(b.spans)) / 2,
            float(_FUND.search(a.name) is not None),
            float(_FUND.search(b.name) is not None),
            float(0 in homes_a),
            float(0 in homes_b),
        ]

    def link(self, left: tuple[int, int], right: tuple[int, int], entities: Sequence[Entity]) -> list[float]:
        """What is known of one mention of each company; spans in code points, in the order of the text."""
        home, there = self._sentence(left[0]), self._sentence(right[0])
        others = sum(left[1] <= start < right[0] for one in entities for start, _ in one.names.spans)
        between = self._text[left[1] : right[0]]
        return [
            math.log2(1 + right[0] - left[0]) / 10,
            float(home == there),
            min(there - home, 4) / 4,
            float(home == 0),
            float(there == 0),
            float(_LISTED.fullmatch(between) is not None),
            min(others, 5) / 5,
            float("\n" in between),
        ]

    def near(self, a: Entity, b: Entity, amount: Amount) -> list[float]:
        here = self._sentence(amount.start)
        homes_a = [self._sentence(start) for start, _ in a.spans]
        homes_b = [self._sentence(start) for start, _ in b.spans]
        gap_a = min(abs(start - amount.start) for start, _ in a.spans)
        gap_b = min(abs(start - amount.start) for start, _ in b.spans)
        read = any(amount in (one.money, one.power) for one in self._told.get((a.name, b.name), ()))
        return [
            float(here in homes_a),
            float(here in homes_b),
            min(min(abs(here - n) for n in homes_a), 5) / 5,
            min(min(abs(here - n) for n in homes_b), 5) / 5,
            math.log2(1 + min(gap_a, gap_b)) / 10,
            math.log2(1 + max(gap_a, gap_b)) / 10,
            float((amount.start, amount.end) in self._values),
            float(read),
            float(isinstance(amount, CapacityMention)),
        ]

    def _sentence(self, at: int) -> int:
        return max(0, bisect_right(self._starts, at) - 1)


def _valuations(scenes: Sequence[Scene]) -> Iterator[tuple[int, int]]:
    for scene in scenes:
        for position, char in enumerate(scene.code):
            if MONEY <= ord(char) < MONEY + 0x200 and is_value(scene.code, position):
                one = scene.money[ord(char) - MONEY]
                yield one.start, one.end


def _agrees(one: Told, name: str, a: str, b: str) -> bool:
    if one.kind.value != name.rstrip("<>"):
        return False
    if name.endswith(">"):
        return a in one.payers and b in one.payees
    if name.endswith("<"):
        return b in one.payers and a in one.payees
    return a in one.parties and b in one.parties
