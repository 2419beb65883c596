"""Companies by their names: those of the catalogue, and others that the text itself shows to be companies."""

import re
from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from extractors import company_patterns as say
from extractors.catalog import Company, of_catalogue, words
from extractors.catalog import companies as known_companies
from extractors.resolve import without_form
from extractors.spans import Taken

_VERBS = (
    "said|says|raised|raises|will|has|plans|announced|agreed|acquired|buys|bought|invests|invested|signed|is|was|and|CEO|chief"
    "|shares|declined|launched|reported|unveiled|expects|wants|gets|takes|would|may|could|had|also|makes|paid|pays|signs|to"
)
_STRONG_AFTER = re.compile(
    rf"(?:'s|’s|'|’)? ?(?:\((?:NASDAQ|NYSE|Nasdaq)|(?:{_VERBS})\b)|['’]s\b|,|-(?:backed|owned|led|based|made|designed)"
)
_NEXT_CAPITAL = re.compile(r" ([A-Z0-9][\w+]*)")
_SENTENCE_END = re.compile(r"(?:^|\n|[.!?:…]|[.!?][\"”’')])[\s\"“‘'(•*–-]*$")


class _Name(NamedTuple):
    company: Company
    sure: bool
    needs_full: bool


class Named(NamedTuple):
    """A company named in a text: the span, the canonical name, whether the catalogue holds it, and how sure it is."""

    start: int
    end: int
    name: str
    known: bool
    confidence: float


def find(text: str, taken: Iterable[tuple[int, int]] = (), *, catalogue: bool = True) -> list[Named]:
    """The companies in `text` outside the spans of `taken`; without `catalogue` by the text's own evidence alone."""
    spans = list(taken)
    found = find_known(text, Taken(spans)) if catalogue else []
    spans += [(one.start, one.end) for one in found]
    found += _unknown(text, Taken(spans), found)
    return sorted(found)


def find_known(text: str, blocked: Taken) -> list[Named]:
    """The companies of the catalogue outside the spans of `blocked`."""
    return judged(text, blocked)[0]


def judged(text: str, blocked: Taken) -> tuple[list[Named], list[tuple[int, int]]]:
    """The companies of the catalogue outside the spans of `blocked`, and where one may be meant or a word like it."""
    matcher, names = _matcher()
    candidates: list[tuple[int, int, _Name]] = []
    reach = -1
    hits = [(start, end, names[index]) for index, start, end in matcher.find_matches_as_indexes(text, overlapping=True)]
    for start, end, name in sorted(hits, key=lambda hit: (hit[0], -hit[1])):
        if start < reach or not _bounded(text, start, end) or blocked.touches(start, end):
            continue
        candidates.append((start, end, name))
        reach = end
    present = {name.company.name for start, end, name in candidates if name.sure}
    headline = _headline_end(text)
    found: list[Named] = []
    doubtful: list[tuple[int, int, _Name]] = []
    for start, end, name in candidates:
        verdict = _verdict(text, start, end, name, present, headline)
        if verdict is None:
            doubtful.append((start, end, name))
        elif verdict:
            found.append(Named(start, _with_form(text, end), name.company.name, True, 0.95))
    surely = {one.name for one in found}
    found += [
        Named(start, _with_form(text, end), name.company.name, True, 0.7)
        for start, end, name in doubtful
        if name.company.name in surely
    ]
    return found, [(start, end) for start, end, name in doubtful if name.company.name not in surely]


def _verdict(text: str, start: int, end: int, name: _Name, present: set[str], headline: int) -> bool | None:
    """True: the company. False: something else. None: the company, if another place of the text shows it."""
    following = _NEXT_CAPITAL.match(text, end)
    if following and following[1] in words("products") and not _title_case(text, start, headline):
        return False
    if name.sure:
        return True
    if name.needs_full and name.company.name not in present:
        return None if say.LEGAL.match(text, end) is None else True
    before = text[max(0, start - 60) : start]
    if say.LEGAL.match(text, end) or say.TRADE_BEFORE.search(before):
        return True
    if following and not say.LEADER.match(text, end) and following[1] not in ("CEO", "CTO", "CFO", "Corp", "Inc"):
        return None if _title_case(text, start, headline) else False
    previous = re.search(r"([A-Z][\w.]*) $", before)
    if previous and previous[1] not in words("lead_words") and not _title_case(text, start, headline):
        return False
    if _SENTENCE_END.search(before) or _title_case(text, start, headline):
        return True if name.needs_full or (_STRONG_AFTER.match(text, end) and len(name.company.name) > 1) else None
    return True


def _unknown(text: str, blocked: Taken, known: list[Named]) -> list[Named]:
    runs: list[tuple[int, int, str]] = []
    headline = _headline_end(text)
    for match in say.RUN.finditer(text):
        if match.start() < headline and _title_case(text, match.start(), headline):
            continue
        runs += _pieces(text, match.start(), match.end(), blocked)
    people = {part for _, _, run in runs if _person(run) for part in run.split()[1:]}
    evidence: dict[str, float] = {}
    for start, end, run in runs:
        if run in people or _person(run) or run in words("not_companies"):
            continue
        weight = _evidence(text, start, end, run)
        if weight:
            evidence[run] = max(evidence.get(run, 0.0), weight)
    for run in list(evidence):
        first = run.split()[0]
        if " " in run and len(first) > 3 and first.lower() not in _common() and first not in words("not_companies"):
            evidence.setdefault(first, evidence[run])
    full = {run.split()[0]: run for run in sorted(evidence, reverse=True)}
    return [
        Named(start, _with_form(text, end), without_form(full.get(run, run)), False, evidence[run])
        for start, end, run in runs
        if run in evidence
    ]


def _evidence(text: str, start: int, end: int, run: str) -> float:
    if run in words("lead_words") or len(run) < 2:
        return 0.0
    before = text[max(0, start - 60) : start]
    if say.LEGAL.match(text, end) or (" " in run and say.KIND_LAST.fullmatch(run)):
        return 0.9
    if say.POST_BEFORE.search(before) or say.POST_AFTER.match(text, end) or say.PERSON_SAYS.match(text, end):
        return 0.0
    if run.lower() in _common() and _SENTENCE_END.search(before):
        return 0.0
    if say.APPOSED.match(text, end) or say.TRADE_BEFORE.search(before):
        return 0.8
    if say.BUYS.search(before) or say.DOES.match(text, end) or say.LEADER.match(text, end):
        return 0.6
    return 0.0


def _pieces(text: str, start: int, end: int, blocked: Taken) -> list[tuple[int, int, str]]:
    """The run without leading function words and without what is taken; nothing if it touches something taken."""
    while True:
        first = text[start:end].split(" ", 1)
        if len(first) == 2 and (first[0] in words("lead_words") or first[0] == "&"):
            start += len(first[0]) + 1
        else:
            break
    for suffix in ("'s", "’s"):
        if text[start:end].endswith(suffix):
            end -= 2
    run = text[start:end]
    for mark in ("'s ", "’s "):
        if mark in run:
            cut = start + run.index(mark)
            return _pieces(text, start, cut, blocked) + _pieces(text, cut + 3, end, blocked)
    if not run or blocked.touches(start, end):
        return []
    return [(start, end, run)]


def _person(run: str) -> bool:
    parts = run.split()
    return 2 <= len(parts) <= 3 and parts[0] in words("first_names")


def _bounded(text: str, start: int, end: int) -> bool:
    before, after = text[start - 1 : start], text[end : end + 2]
    if before.isalnum() or before in tuple("_@#/$."):
        return False
    return not (after[:1].isalnum() or after[:1] in tuple("_+") or (after[:1] == "." and after[1:].isalpha()))


def _with_form(text: str, end: int) -> int:
    """The end with the legal form that follows taken in."""
    form = say.LEGAL.match(text, end)
    return form.end() if form else end


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without a leading article, a possessive and blanks."""
    printed = text[start:end]
    for article in ("the ", "The ", "THE ", "a ", "A "):
        if printed.startswith(article):
            start += len(article)
            break
    for possessive in ("'s", "’s", "'", "’"):
        if text[start:end].endswith(possessive):
            end -= len(possessive)
            break
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _headline_end(text: str) -> int:
    """Where the headline ends, if most of its words are capitalised, so that capitals tell nothing there; else 0."""
    end = text.find("\n\n")
    if end < 0:
        return 0
    said = [word for word in re.findall(r"[A-Za-z][\w'’-]*", text[:end]) if len(word) > 3]
    return end if said and sum(word[0].isupper() for word in said) > 0.7 * len(said) else 0


def _title_case(text: str, start: int, headline: int) -> bool:
    return start < headline


@cache
def _common() -> frozenset[str]:
    """Words that open names and sentences alike; a name's first word alone is not taken for it if it is one."""
    return words("common")


@of_catalogue
def _matcher() -> tuple[Any, list[_Name]]:
    from ahocorasick_rs import AhoCorasick

    patterns: dict[str, _Name] = {}
    for one in known_companies():
        patterns.setdefault(one.name, _Name(one, not one.ambiguous, False))
        for alias in one.aliases:
            patterns.setdefault(alias, _Name(one, True, False))
    for one in known_companies():
        for alias in one.short:
            patterns.setdefault(alias, _Name(one, False, True))
    return AhoCorasick(list(patterns)), list(patterns.values())
