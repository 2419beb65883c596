"""Whom an epithet may mean: what the catalogue knows of a company, and what the article called it."""

import re
from functools import cache, lru_cache

from extractors.catalog import Company, companies, of_catalogue
from extractors.deals.lexicon import lexicon
from extractors.deals.typed import G, Scene

_EPITHETS = 10_000
"""Epithets of which is remembered what they name: each is compared with every company of its article."""
NOT = -9.0
"""What `fit` says where an epithet cannot mean a company."""
_YOUNG = ("startup", "start-up", "unicorn", "upstart", "lab")
"""Nouns for companies that are not listed and that invest in no one for a living."""
_MONEYED = ("investor", "bank", "insurance", "holding")


class Described:
    """The words that an article has used of each company: `Finnish`, `quantum`, `maker`."""

    def __init__(self) -> None:
        self._words: dict[str, set[str]] = {}

    def note(self, scene: Scene) -> None:
        """Keep what a sentence calls its companies; its asides must still be there."""
        for pattern in (_BEFORE, _BEHIND, _FROM):
            for found in pattern.finditer(scene.code):
                for name in scene.names(found["g"]):
                    self._words.setdefault(name, set()).update(words(found["words"]))

    def of(self, name: str) -> set[str]:
        """The words for a company so far."""
        return self._words.get(name, set())


def words(text: str) -> set[str]:
    """The words of an epithet: `the Espoo, Finland-based chip maker` has `espoo`, `finland`, `chip` and `maker`."""
    return {word for word in re.split(r"[ ,]+", _TAIL.sub("", text)) if len(word) > 1 and word not in _EMPTY}


def fit(epithet: str, name: str, told: set[str]) -> float:
    """How much speaks for an epithet meaning a company, `NOT` if it cannot."""
    if name in lexicon().known.get(epithet, ()):
        return 9.0
    said = words(epithet)
    known = _catalogue().get(name)
    if known and known.ambiguous:
        # It may be another of this name.
        known = None
    kinds, countries = kinds_of(epithet), _countries(epithet)
    score = 0.0
    if known and known.ticker and not said.isdisjoint(_YOUNG):
        return NOT
    if known and known.kind in _MONEYED and not said.isdisjoint(_YOUNG):
        return NOT
    if kinds and known and known.kind:
        if known.kind in kinds:
            score += 3
        elif not said & told - _PLAIN:
            return NOT
    if countries and known and known.country:
        if known.country not in countries:
            return NOT
        score += 3
    score += 2 * min(3, len(said & told - _PLAIN))
    score += 1.5 * len(said & set(name.lower().split()))
    return score + 1.5 * bool((said & told) - _ANY)


@lru_cache(maxsize=_EPITHETS)
def kinds_of(epithet: str) -> frozenset[str]:
    """The kinds of the catalogue that an epithet names; none if it names no trade."""
    table = lexicon().kinds
    parts = epithet.split()
    for first in range(len(parts)):
        for last in range(len(parts), first, -1):
            if found := table.get(" ".join(parts[first:last])):
                return frozenset(found)
    return frozenset()


def is_investor(name: str) -> bool:
    """Whether a company gives money for a living."""
    known = _catalogue().get(name)
    return known.kind == "investor" if known and known.kind else bool(_FUND.search(name))


def is_specific(epithet: str) -> bool:
    """Whether an epithet says more than that a company is meant."""
    return bool(words(epithet) - _PLAIN or kinds_of(epithet))


@lru_cache(maxsize=_EPITHETS)
def _countries(epithet: str) -> frozenset[str]:
    """The countries that an epithet names: `the Dutch chip maker`."""
    return frozenset(lexicon().countries[word] for word in _nationality().findall(epithet.replace(",", "")))


@cache
def _nationality() -> "re.Pattern[str]":
    any_ = "|".join(re.escape(word) for word in sorted(lexicon().countries, key=len, reverse=True))
    # Looked for at every place: "Korean" is in "South Korean", too.
    return re.compile(rf"(?<![\w.-])(?=({any_})(?![\w.]))")


@of_catalogue
def _catalogue() -> dict[str, Company]:
    return {one.name: one for one in companies()}


_EMPTY = frozenset(["the", "this", "that", "a", "an", "its", "their", "his", "own", "of", "for", "and"])
_ANY = frozenset(["company", "firm", "group", "business", "giant", "tech"])
"""Words that anybody goes by."""
_PLAIN = _ANY | {
    *("startup", "start-up", "maker", "provider", "operator", "developer", "outfit", "player", "vendor", "supplier"),
    *("specialist", "technology", "u.s", "us"),
}
"""Words that tell few apart."""
_TAIL = re.compile(r"-(?:based|listed|headquartered|founded|born|owned|controlled)\b")
_WORD = r"(?:(?!(?:and|or|with|from|by|of|in|to|at|for|as|than|said|that|which|including|like|is|has|will)\b)[\w.&/-]+)"
_BEFORE = re.compile(rf"(?<![\w.&/-])(?P<words>{_WORD}(?:,? {_WORD}){{0,4}})(?:'s)? (?P<g>{G})")
_BEHIND = re.compile(rf"(?P<g>{G})(?: \([^)]*\))?(?:, | is )(?:an?|the|one of the) (?P<words>[^;:.{G[1:-1]}]{{3,70}})")
_FROM = re.compile(rf"(?P<g>{G})(?: of|, of|, from|, based in|, headquartered in) (?P<words>[\w.-]+(?: [\w.-]+)?)")
_FUND = re.compile(
    r"\b(?:Capital|Ventures?|Partners|Funds?|Investments?|Management|Equity|Advisors|Growth|VC|Catalyst)\b"
)
