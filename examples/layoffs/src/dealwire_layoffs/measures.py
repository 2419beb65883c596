"""Measures of a cut: counts of people ("1,200 jobs"), shares of a staff ("8% of its workforce"), and their hedges."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_ONES = "one two three four five six seven eight nine".split()
_TEENS = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: n for n, word in enumerate([*_ONES, *_TEENS], 1)} | {word: 10 * n for n, word in enumerate(_TENS, 2)}
_SMALL = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES)}))?|{'|'.join(_TEENS)}|{'|'.join(_ONES)})"
_BIG = {"dozen": 12, "hundred": 100, "thousand": 1_000, "k": 1_000}
_DIGITS = r"\d{1,3}(?:,\d{3})+|\d+(?:\.\d+)?"
_NUMBER = (
    rf"(?:(?:{_DIGITS})(?:\s?k\b|\s(?:thousand|hundred|dozen)s?)?"
    rf"|(?:several|a\s+few|a|an|{_SMALL})\s(?:hundred|thousand|dozen)(?:\s(?:and\s)?{_SMALL})?"
    rf"|(?:tens\sof\s)?(?:hundreds|thousands|dozens)(?:\sof)?(?:\sthousands(?:\sof)?)?|{_SMALL})"
)
_FRACTIONS = {"half": 50.0, "third": 100 / 3, "quarter": 25.0, "fifth": 20.0, "sixth": 100 / 6, "eighth": 12.5, "tenth": 10.0}
_FRACTION = (
    rf"(?:half|(?:an?|one|two|three|four)[\s-](?:{'|'.join(_FRACTIONS)})s?"
    rf"|(?:one|two|three)\s(?:in|out\sof)\s(?:every\s)?(?:{_DIGITS}|{_SMALL}))"
)
_PERCENT = rf"(?:{_DIGITS}|{_SMALL})(?:\s?%|\s?pc\b|\sper\s?cent\b|-per\s?cent\b)"
_HEDGES = {
    "at most": r"up\s+to|as\s+(?:many|much)\s+as|at\s+most|(?:no|not)\s+more\s+than|(?:fewer|less)\s+than|under|below|a\s+maximum\s+of",
    "at least": r"(?:well\s+|slightly\s+|just\s+|a\s+little\s+)?(?:more\s+than|over|above)|at\s+least|upwards?\s+of|in\s+excess\s+of|no\s+fewer\s+than",
}
_BEFORE = {bound: re.compile(rf"\b(?:{words})\s+(?:an?\s+(?:further|additional|total\s+of)\s+)?$", re.IGNORECASE) for bound, words in _HEDGES.items()}

PEOPLE = (
    r"(?:jobs?|positions?|roles?|posts?|employees|workers|staff(?:ers)?(?:\s+members)?|people|engineers|managers|executives"
    r"|contractors|developers|technicians|researchers|colleagues|salespeople)"
)
STAFF = (
    r"(?:workforce|work\s+force|staff(?:ers)?|employees|headcount|head\s+count|workers|personnel|payroll|jobs|positions|roles|people"
    r"|team|engineers|managers)"
)
_COUNT = re.compile(
    rf"(?<![\w$€£¥.,%-])(?P<low>{_NUMBER}\s?(?:-|–|to)\s?|(?<=between\s){_NUMBER}\sand\s)?(?P<number>{_NUMBER})\+?"
    rf"(?:\s+of\s+(?:its|the|their|our|his|roughly|about|some)\s+(?:[\w,’'-]+\s+){{0,4}}?|[\s-]+(?:[a-zA-Z][\w’'-]*\s+){{0,4}}?){PEOPLE}\b(?!\s+cuts?\b)",
    re.IGNORECASE,
)
_SHARE = re.compile(
    rf"(?<![\w$€£¥.,-])(?P<low>(?:{_PERCENT}|\d+)\s?(?:-|–|to)\s?|(?<=between\s)(?:{_PERCENT}|\d+)\sand\s)?(?P<share>{_PERCENT}|{_FRACTION})"
    rf"(?:(?:\s+of)?\s+(?:[\w’'&-]+\s+){{0,6}}?{STAFF}|\s+of\s+(?:them|us|you))\b",
    re.IGNORECASE,
)
_BARE = re.compile(rf"(?<![\w$€£¥.,-])(?P<low>{_NUMBER}\s?(?:-|–|to)\s?)?(?P<bare>{_PERCENT}|{_FRACTION}|{_NUMBER})(?![\w%])", re.IGNORECASE)
# Words that cannot stand between a number and the people that it counts.
_STOPS = re.compile(
    r"\b(?:and|or|but|that|who|which|years?|months?|weeks?|days?|million|billion|percent|per|offices?|sites?|plants?"
    r"|countries|in|at|for|after|before|because|as|by|with|its|their|will|would|have|has|had|is|are|was|were)\b",
    re.IGNORECASE,
)


class Measure(NamedTuple):
    """A count or a share, where it stands, and how it is meant."""

    start: int
    end: int
    jobs: int | None
    share: float | None
    bound: str


def measures(sentence: str) -> list[Measure]:
    """All counts of people and shares of a staff in a sentence, in reading order."""
    shares = list(_found(_SHARE, "share", sentence))
    counts = [
        one
        for one in _found(_COUNT, "number", sentence)
        if not any(one.start < other.end and other.start < one.end for other in shares)
    ]
    return sorted([*shares, *counts])


def bare(sentence: str, start: int) -> Measure | None:
    """The number, share or fraction that begins at `start`, without a word for the people it counts."""
    match = _BARE.match(sentence, start)
    return _measure(match, "bare", sentence) if match else None


def _found(pattern: re.Pattern[str], group: str, sentence: str) -> Iterator[Measure]:
    at = 0
    while (match := pattern.search(sentence, at)) is not None:
        at = match.end(group)
        between = sentence[match.end(group) : match.end()]
        if group == "number" and not re.match(r"\+?\s+of\s", between) and _STOPS.search(between):
            continue
        one = _measure(match, group, sentence)
        if one is not None:
            at = match.end()
            yield one


def _measure(match: re.Match[str], group: str, sentence: str) -> Measure | None:
    printed = " ".join(match[group].lower().split())
    before = sentence[max(0, match.start() - 40) : match.start()]
    if printed.isdigit() and 1990 <= int(printed) <= 2035 and re.search(r"\b(?:in|since|by|of|from|until|late|early)\s+$", before, re.IGNORECASE):
        return None  # a year
    share = _share(printed)
    jobs = None if share is not None else _count(printed)
    if share is None and not jobs:
        return None
    if share is not None and not 0 < share <= 100:
        return None
    bound = next((bound for bound, pattern in _BEFORE.items() if pattern.search(before)), "exact")
    if match["low"] and bound == "exact":
        bound = "at most"
    if sentence[match.end(group) :].startswith("+") or re.match(r"(?:several|a few|tens|hundreds|thousands|dozens)", printed):
        bound = "at least"
    return Measure(match.start(), match.end(), jobs, share, bound)


def _share(printed: str) -> float | None:
    """`8%`, `eight per cent`, `a tenth`, `two thirds` or `one in five` as percent."""
    if match := re.fullmatch(r"(.+?)(?:\s?%|\s?pc|[\s-]per\s?cent)", printed):
        number = _count(match[1], whole=False)
        return float(number) if number is not None else None
    if match := re.fullmatch(r"(one|two|three) (?:in|out of) (?:every )?(.+)", printed):
        whole = _count(match[2])
        return 100.0 * _WORDS[match[1]] / whole if whole else None
    if printed == "half":
        return 50.0
    if match := re.fullmatch(r"(an?|one|two|three|four)[ -](\w+?)s?", printed):
        part = _FRACTIONS.get(match[2])
        return round(part * _WORDS.get(match[1], 1), 1) if part else None
    return None


def _count(printed: str, *, whole: bool = True) -> float | int | None:
    """A number in digits or words; the least that `hundreds` or `several thousand` can mean."""
    total, group = 0.0, 0.0
    for word in re.split(r"[\s-]+", re.sub(r"(?<=\d)k$", " k", printed).replace(",", "")):
        if re.fullmatch(r"\d+(?:\.\d+)?", word):
            group += float(word)
        elif word in _WORDS:
            group += _WORDS[word]
        elif (scale := _BIG.get(word.removesuffix("s"))) is not None:
            total, group = total + max(group, 1) * scale if scale < 1000 else max(total + group, 1) * scale, 0
        elif word == "tens":
            group = 10
        elif word not in ("a", "an", "and", "of", "few", "several"):
            return None
    total += group
    return int(total) if whole else total
