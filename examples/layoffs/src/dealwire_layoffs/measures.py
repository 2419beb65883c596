"""Measures of a cut: counts of people ("1,200 jobs"), shares of a staff ("8% of its workforce"), and their hedges."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_ONES = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_TEENS = ("ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_WORDS = {word: n for n, word in enumerate((*_ONES, *_TEENS), 1)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_BIG = {"dozen": 12, "hundred": 100, "thousand": 1_000, "k": 1_000}
_PARTS = {"half": 50.0, "third": 33.3, "quarter": 25.0, "fifth": 20.0, "sixth": 16.7, "eighth": 12.5, "tenth": 10.0}

_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES)}))?|{'|'.join(_TEENS)}|{'|'.join(_ONES)})"
_DIGITS = r"(?:\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?)"
_NUMBER = (
    rf"(?:{_DIGITS}(?:\s?k\b|\s(?:thousand|hundred|dozen)s?)?"
    rf"|(?:several|a\s+few|a|an|{_SMALL})\s(?:hundred|thousand|dozen)(?:\s(?:and\s)?{_SMALL})?"
    rf"|(?:tens\sof\s)?(?:hundreds|thousands|dozens)(?:\sof)?(?:\sthousands(?:\sof)?)?|{_SMALL})"
)
_PERCENT = rf"(?:{_DIGITS}|{_SMALL})(?:\s?%|\s?pc\b|[\s-]per\s?cent\b)"
_FRACTION = (
    rf"(?:half|(?:an?|one|two|three|four)[\s-](?:{'|'.join(_PARTS)})s?"
    rf"|(?:one|two|three)\s(?:in|out\sof)\s(?:every\s)?(?:{_DIGITS}|{_SMALL}))"
)
_NO_MONEY = r"(?<![\w$€£¥.,%-])"

STAFF = (
    r"(?:workforce|work\s+force|staff(?:ers)?|employees|headcount|head\s+count|workers|personnel|payroll|ranks|jobs"
    r"|positions|roles|people|team|engineers|managers)"
)
_PEOPLE = (
    r"(?:jobs?|positions?|roles?|posts?|employees|workers|staff(?:ers)?(?:\s+members)?|people|engineers|managers"
    r"|executives|contractors|developers|technicians|researchers|colleagues|agents|salespeople|trainees|graduates"
    r"|apprentices|consultants|freelancers|associates)"
)
_COUNT = re.compile(
    rf"{_NO_MONEY}(?P<low>{_NUMBER}\s?(?:-|–|to)\s?|(?<=between\s){_NUMBER}\sand\s)?(?P<value>{_NUMBER})\+?"
    r"(?P<between>\s+of\s+(?:its|the|their|our|roughly|about|some)\s+(?:[\w,’'-]+\s+){0,4}?"
    rf"|[\s-]+(?:[a-zA-Z][\w’'-]*\s+){{0,4}}?)(?:{_PEOPLE}\b(?!\s+cuts?\b)|(?<=\d\s)of\s+them\b)",
    re.IGNORECASE,
)
_SHARE = re.compile(
    rf"{_NO_MONEY}(?P<low>(?:{_PERCENT}|\d+)\s?(?:-|–|to)\s?|(?<=between\s)(?:{_PERCENT}|\d+)\sand\s)?"
    rf"(?P<value>{_PERCENT}|{_FRACTION})"
    rf"(?:(?:\s+of)?\s+(?:[\w’'&-]+\s+){{0,6}}?{STAFF}|\s+of\s+(?:them|us|you))\b",
    re.IGNORECASE,
)
_BARE = re.compile(
    rf"{_NO_MONEY}(?P<low>{_NUMBER}\s?(?:-|–|to)\s?)?(?P<value>{_PERCENT}|{_FRACTION}|{_NUMBER})(?![\w%])",
    re.IGNORECASE,
)
# Words that cannot stand between a number and the people that it counts.
_STOPS = re.compile(
    r"\b(?:and|or|but|that|who|which|years?|months?|weeks?|days?|million|billion|percent|per|offices?|sites?|plants?"
    r"|countries|in|at|for|after|before|because|as|by|with|its|their|will|would|have|has|had|is|are|was|were)\b",
    re.IGNORECASE,
)
HEDGES = {
    "at most": r"up\s+to|as\s+(?:many|much)\s+as|at\s+most|(?:no|not)\s+more\s+than|(?:fewer|less)\s+than|under|below",
    "at least": r"(?:more\s+than|over|above)|at\s+least|upwards?\s+of|in\s+excess\s+of|no\s+fewer\s+than",
}
_BEFORE = {
    bound: re.compile(rf"\b(?:{words})\s+(?:an?\s+(?:further|additional|total\s+of)\s+)?$", re.IGNORECASE)
    for bound, words in HEDGES.items()
}
_VAGUE = re.compile(r"(?:several|a few|tens|hundreds|thousands|dozens)\b")
_YEAR_BEFORE = re.compile(r"\b(?:in|since|by|of|from|until|late|early)\s+$", re.IGNORECASE)


class Measure(NamedTuple):
    """A count or a share, where it stands, and how it is meant."""

    start: int
    end: int
    jobs: int | None
    share: float | None
    bound: str


def measures(sentence: str) -> list[Measure]:
    """All counts of people and shares of a staff in a sentence, in reading order."""
    shares = list(_found(_SHARE, sentence))
    counts = (
        one
        for one in _found(_COUNT, sentence)
        if not any(one.start < other.end and other.start < one.end for other in shares)
    )
    return sorted([*shares, *counts])


def bare(sentence: str, start: int) -> Measure | None:
    """The number, percentage or fraction that begins at `start`, without a word for the people that it counts."""
    match = _BARE.match(sentence, start)
    return _measure(match, sentence) if match else None


def _found(pattern: re.Pattern[str], sentence: str) -> Iterator[Measure]:
    at = 0
    while (match := pattern.search(sentence, at)) is not None:
        at = match.end("value")
        between = match.groupdict().get("between") or ""
        if not re.match(r"\s+of\s", between) and _STOPS.search(between):
            continue
        one = _measure(match, sentence)
        if one is not None:
            at = match.end()
            yield one


def _measure(match: re.Match[str], sentence: str) -> Measure | None:
    printed = " ".join(match["value"].lower().split())
    before = sentence[max(0, match.start() - 40) : match.start()]
    if printed.isdigit() and 1990 <= int(printed) <= 2035 and _YEAR_BEFORE.search(before):
        return None
    share = _share(printed)
    jobs = int(_number(printed) or 0) if share is None else None
    if (share is None and not jobs) or (share is not None and not 0 < share <= 100):
        return None
    bound = next((bound for bound, pattern in _BEFORE.items() if pattern.search(before)), "exact")
    if match["low"] and bound == "exact":
        bound = "at most"
    if sentence[match.end("value") :].startswith("+") or _VAGUE.match(printed):
        bound = "at least"
    return Measure(match.start(), match.end(), jobs, share, bound)


def _share(printed: str) -> float | None:
    """`8%`, `eight per cent`, `a tenth`, `two thirds` or `one in five` as percent; None if it is no share."""
    if match := re.fullmatch(r"(.+?)(?:\s?%|\s?pc|[\s-]per\s?cent)", printed):
        return _number(match[1])
    if match := re.fullmatch(r"(one|two|three) (?:in|out of) (?:every )?(.+)", printed):
        whole = _number(match[2])
        return round(100 * _WORDS[match[1]] / whole, 1) if whole else None
    if match := re.fullmatch(r"(?:(an?|one|two|three|four)[ -])?(\w+?)s?", printed):
        part = _PARTS.get(match[2])
        return round(part * _WORDS.get(match[1] or "", 1), 1) if part else None
    return None


def _number(printed: str) -> float | None:
    """A number in digits or words; the least that `hundreds` or `several thousand` can mean."""
    total, group = 0.0, 0.0
    for word in re.split(r"[\s-]+", re.sub(r"(?<=\d)k$", " k", printed).replace(",", "")):
        scale = _BIG.get(word.removesuffix("s"))
        if re.fullmatch(r"\d+(?:\.\d+)?", word):
            group += float(word)
        elif word in _WORDS:
            group += _WORDS[word]
        elif word == "tens":
            group = 10
        elif scale is not None:
            total, group = (total + max(group, 1) * scale if scale < 1000 else max(total + group, 1) * scale), 0
        elif word not in ("a", "an", "and", "of", "few", "several"):
            return None
    return total + group
