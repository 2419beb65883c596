"""Cuts: words for letting people go, joined with the measure that stands with them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from dealwire_layoffs.measures import HEDGES, STAFF, Measure, bare, measures


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b", re.IGNORECASE)


# Verbs whose object goes: "cut 1,200 jobs".
_VERB = _words(
    *(r"cut(?:s|ting)?", r"ax(?:e|es|ed|ing)", r"slash(?:es|ed|ing)?", r"shed(?:s|ding)?", r"eliminat(?:e|es|ed|ing)"),
    *(r"lay(?:s|ing)?(?:\s+off)?", r"laid(?:\s+off)?", r"let(?:s|ting)?(?:\s+go(?:\s+of)?)?", r"dismiss(?:es|ed|ing)?"),
    *(r"trim(?:s|med|ming)?", r"scrap(?:s|ped|ping)?", r"fir(?:e|es|ed|ing)", r"sack(?:s|ed|ing)?", r"mak(?:e|es|ing)"),
    *(r"made", r"reduc(?:e|es|ed|ing)", r"shrink(?:s|ing)?", r"shrank", r"shrunk", r"par(?:e|es|ed|ing)"),
    *(r"lower(?:s|ed|ing)?", r"drop(?:s|ped|ping)?", r"remov(?:e|es|ed|ing)", r"part(?:s|ed|ing)?\s+(?:ways\s+)?with"),
    *(r"los(?:e|es|ing)", r"lost", r"cost(?:s|ing)?", r"clos(?:e|es|ed|ing)", r"abolish(?:es|ed|ing)?"),
    *(r"downsiz(?:e|es|ed|ing)", r"br(?:ing(?:s|ing)?|ought)", r"t(?:ake(?:s)?|aking|ook)", r"slim(?:s|med|ming)?"),
)
# These mean it only with words behind the measure.
_POST = r"\b(?:jobs?|posts?|positions?|roles?)\b"
_TAILS = {
    **dict.fromkeys(("lay", "laid"), r"\boff\b"),
    "let": r"\bgo\b",
    **dict.fromkeys(("mak", "made"), r"\bredundant\b"),
    "cost": rf"\btheir\s+{_POST}",
    **dict.fromkeys(("los", "clos", "drop", "lower", "remov"), _POST),
    # Headcount is brought down; people are brought elsewhere.
    **dict.fromkeys(("br", "t", "slim", "shr"), r"(?!)"),
}
_DIRECT = _words(r"lay(?:s|ing)?\s+off", r"laid\s+off", r"let(?:s|ting)?\s+go(?:\s+of)?", r"trim\w*")
_STAFF_BY = re.compile(
    rf"(?:\s+(?!by\b)[\w’'-]+){{0,5}}?\s+{STAFF}(?:\s+(?!by\b)[\w’'-]+){{0,4}}?\s+by\s+(?:[a-z]+\s+){{0,3}}?"
    r"(?=\d|an?\b|one\b|two\b|half\b|\w+\s+per)",
    re.IGNORECASE,
)
# Verbs whose subject goes: "1,200 jobs will be cut".
_GONE = _words(
    r"(?:be|been|being|are|is|were|was|gets?|getting)\s+(?:\w+ly\s+)?(?:cut|axed|slashed|shed|eliminated|laid\s+off"
    r"|let\s+go|dismissed|made\s+redundant|scrapped|fired|sacked|removed|lost|affected|abolished|terminated|phased\s+out"
    r"|at\s+risk|told\s+to\s+(?:leave|go)|shown\s+the\s+door)",
    rf"(?:los(?:e|es|ing)|lost)\s+their\s+{_POST}",
    r"(?:to|will|would|must|could|may|ha(?:ve|s)\s+to)\s+(?:go|leave|disappear)(?!\s+(?:to|on|into|up))",
    r"disappear(?:s|ing)?",
    r"(?:given|handed|received?|got|gets?)\s+(?:their\s+)?(?:notice|pink\s+slips)",
    r"out\s+of\s+(?:a\s+job|work)",
    r"fac(?:e|es|ing)\s+(?:the\s+(?:sack|axe)|redundancy|dismissal)",
)
# Nouns that are measured: "layoffs of about 300 people".
_SURE_NOUN = _words(
    *(
        r"job[\s-]cuts?",
        r"lay-?offs?",
        r"redundanc(?:y|ies)",
        r"job\s+losses",
        r"reductions?\s+in\s+force",
        r"dismissals",
    ),
    r"(?:staff|workforce|headcount|personnel|staffing)\s+(?:cuts?|reductions?)",
    r"fewer\s+(?:jobs|employees|people|staff|workers|positions)",
    *(r"early\s+retirement", r"buyouts?", r"voluntary\s+(?:redundancy|departures?|exits?)", r"severance"),
)
_NOUN = _words(r"cutbacks", r"cuts?", r"reductions?", r"downsizing", r"restructuring")
_MEASURED = _words(r"affect\w*", r"hit\w*", r"impact\w*", r"involv\w*", r"mean\w*", r"elimin\w*", r"of")
_AMOUNTS_TO = re.compile(
    r"(?:\s+(?:at|in)\s+[\w’'.-]+(?:\s[\w’'.-]+){0,3}?)?(?:\s+(?:will|would|could|may|to))?"
    r"\s+(?:of|to|number(?:ing)?|total(?:l?ing)?|reach(?:ing)?|come\s+to|(?:amount|climb|rise|run|grow|swell)(?:ing)?\s+to)\s+"
    rf"(?:(?:{'|'.join(HEDGES.values())}|about|around|roughly|nearly|almost|some|close\s+to)\s+)*",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"(?:^|[\s(])(\S+(?:\s(?:hundred|thousand|dozen))?)\s+(?:[a-z-]+\s+)?$")
# What may not stand between a word for a cut and its measure.
_APART = re.compile(
    r"[;:]|\b(?:that|who|which|while|but|whose|where|because|employ(?:s|ed|ing)?|hir(?:e|es|ed|ing)|add(?:s|ed|ing)?"
    r"|creat(?:e|es|ed|ing)|recruit\w*|has|had|serv\w+|train\w*|costs|after|before|since|from)\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(r",[^,;:]{3,40},")
# A measure behind one of these is no cut, but how many there are, or are hired.
_EMPLOYS = re.compile(
    r"\b(?:employ(?:s|ed|ing)?|(?:workforce|staff|headcount|team)\s+(?:of|to|at|stood\s+at)|has|had"
    r"|(?<!ways\s)(?<!part\s)(?<!parts\s)(?<!parted\s)(?<!parting\s)with|hir(?:e|es|ed|ing)|add(?:s|ed|ing)?|creat(?:e|es|ed|ing)|recruit\w*"
    r"|of\s+(?:its|the|their)|from)\s+"
    r"(?:(?:about|around|some|roughly|nearly|almost|more\s+than|over|up\s+to|another|an?|further|its|total|of)\s+)*$",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:not|never|no\s+(?:plans?|intention|need|layoffs?|job\s+cuts?)|den(?:y|ied|ies|ying)|without|rather\s+than"
    r"|instead\s+of|avoid(?:s|ed|ing)?|rul(?:e|es|ed|ing)\s+out|revers(?:e|es|ed|ing)|cancel(?:s|led|ling)?"
    r"|drop(?:s|ped)?\s+(?:a\s+)?plans?|spar(?:e|es|ed|ing))\b|n[’']t\b",
    re.IGNORECASE,
)
_PLANNED = _words(
    *(
        r"plan(?:s|ned|ning)?",
        r"consider(?:s|ed|ing)?",
        r"could",
        r"(?-i:may)",
        r"might",
        r"expect(?:s|ed|ing)?",
        r"would",
    ),
    *(r"intend(?:s|ed|ing)?", r"propos(?:e|es|ed|ing|al)", r"weigh(?:s|ed|ing)?", r"prepar(?:e|es|ed|ing)", r"talks"),
    *(r"(?:looks?|looking|aims?|aiming|wants?|hopes?|seeks?|set)\s+to", r"at\s+risk", r"mull(?:s|ed|ing)?"),
)
_EXPECTED = re.compile(
    r"\s+(?:[\w,]+\s+){0,3}?(?:expected|planned|proposed|considered|likely|looming|possible)\b", re.IGNORECASE
)
_SAID = _words(r"sa(?:id|ys)", r"told", r"announced", r"confirmed", r"wrote")
_APPOSED = re.compile(
    r"(?:\s+(?:in|on)\s+[A-Z][\w’'-]+)?\s*[,(:–—-]*\s*(?:(?:or|about|around|roughly|nearly|almost|some|in\s+total|i\.e\.|which\s+is|that\s+is"
    r"|equal\s+to|equivalent\s+to|the\s+equivalent\s+of|representing|making\s+up|amounting\s+to|accounting\s+for"
    r"|which\s+amounts\s+to|which\s+means(?:\s+that)?|meaning(?:\s+that)?|just|"
    rf"{'|'.join(HEDGES.values())})\s+)*",
    re.IGNORECASE,
)
# `6% of employees, roughly 400,`
_ROUGHLY = re.compile(r"\s*[,(]\s*(?:(?:or|about|roughly|around|some|nearly)\s+)+(?=\d)(\S+?)(?=[,.;)]\s|[.)]?$)")
_IN_ALL = re.compile(r"\s+(?:in\s+(?:all|total)|altogether)\b", re.IGNORECASE)
_REACH = 75
"""Characters between a word for a cut and its measure."""


class Cut(NamedTuple):
    """One cut of jobs in a sentence: where it is told, how large it is."""

    start: int
    end: int
    jobs: int | None
    share: float | None
    bound: str
    planned: bool


class _Told(NamedTuple):
    """A word for a cut with its measure: the span of both."""

    start: int
    end: int
    measure: Measure


def cuts(sentence: str) -> Iterator[Cut]:
    """The cuts that a sentence tells of, in reading order; those that it denies are left out."""
    every = measures(sentence)
    free = [one for one in every if not _EMPLOYS.search(sentence[: one.start])]
    told = [*_after_verbs(sentence, free), *_before_verbs(sentence, free), *_with_nouns(sentence, free)]
    reached = -1
    for start, end, first in sorted(told, key=lambda one: (one.measure.start, one.end - one.start)):
        if first.start < reached or _NOT.search(sentence[max(0, start - 60) : first.start]):
            continue
        second = _beside(sentence, first, end, every)
        parts = [first, *([second] if second else [])]
        start, reached = min(start, *(one.start for one in parts)), max(end, *(one.end for one in parts))
        yield Cut(
            start,
            reached,
            next((one.jobs for one in parts if one.jobs is not None), None),
            next((one.share for one in parts if one.share is not None), None),
            first.bound,
            _is_planned(sentence, start, reached),
        )


def _after_verbs(sentence: str, free: list[Measure]) -> Iterator[_Told]:
    """`cut 1,200 jobs`, `lay 300 people off`, `reduce its headcount by a tenth`."""
    for verb in _VERB.finditer(sentence):
        by = _STAFF_BY.match(sentence, verb.end())
        if by is not None and (one := bare(sentence, by.end())) is not None:
            yield _Told(verb.start(), one.end, one)
            continue
        tail = next((tail for word, tail in _TAILS.items() if verb[0].lower().startswith(word)), "")
        if _DIRECT.fullmatch(verb[0]):
            tail = ""
        for one in free:
            between = sentence[verb.end() : one.start]
            if not 0 < len(between) <= _REACH or _APART.search(between) or len(between.split()) > 8:
                continue
            ends = re.compile(tail, re.IGNORECASE).search(sentence, one.start, one.end + 25)
            if ends is not None:
                yield _Told(verb.start(), max(one.end, ends.end()), one)
                break


def _before_verbs(sentence: str, free: list[Measure]) -> Iterator[_Told]:
    """`1,200 jobs will be cut`, `300 people lose their jobs`."""
    for gone in _GONE.finditer(sentence):
        for one in reversed(free):
            between = re.sub(r"\b(?:has|have|had)\b", "", _ASIDE.sub(" ", sentence[one.end : gone.start()]))
            near = 0 <= gone.start() - one.end <= _REACH
            if near and not _APART.search(between) and not _VERB.search(between):
                yield _Told(one.start, gone.end(), one)
                break


def _with_nouns(sentence: str, free: list[Measure]) -> Iterator[_Told]:
    """`1,200 job cuts`, `layoffs of about 300 people`, `the cuts affect a tenth of staff`."""
    sure = [(noun, True) for noun in _SURE_NOUN.finditer(sentence)]
    for noun, is_sure in [*sure, *((noun, False) for noun in _NOUN.finditer(sentence))]:
        counted = _COUNTED.search(sentence, 0, noun.start()) if is_sure else None
        one = bare(sentence, counted.start(1)) if counted else None
        if one is not None and one.jobs is not None and one.end <= noun.start():
            yield _Told(one.start, noun.end(), one)
            continue
        amounts = _AMOUNTS_TO.match(sentence, noun.end()) if is_sure else None
        one = bare(sentence, amounts.end()) if amounts else None
        if one is not None and (one.jobs or 0) >= 5 and not any(one.start == other.start for other in free):
            yield _Told(noun.start(), one.end, one)
            continue
        for one in free:
            between = sentence[noun.end() : one.start]
            if 0 < len(between) <= _REACH and not _APART.search(between) and (is_sure or _MEASURED.search(between)):
                yield _Told(noun.start(), one.end, one)
                break


def _beside(sentence: str, first: Measure, told: int, every: list[Measure]) -> Measure | None:
    """The share that is told beside a count, or the count beside a share: `, or 8% of its workforce`."""
    behind = max(first.end, told)
    if first.jobs is None and (roughly := _ROUGHLY.match(sentence, first.end)) is not None:
        return bare(sentence, roughly.start(1))
    for one in every:
        if (one.jobs is None) == (first.jobs is None):
            continue
        between = sentence[behind : one.start] if one.start > first.start else sentence[one.end : first.start]
        # `a tenth of staff, two managers said` names nobody who goes.
        comma = between.strip() == "," and not re.match(r"\s*(?:[,.;)–—]|$)", sentence[one.end :])
        if (_APPOSED.fullmatch(between) and not comma) or _IN_ALL.match(sentence, one.end):
            return one
    return None


def _is_planned(sentence: str, start: int, end: int) -> bool:
    """Whether the cut is not decided yet. What somebody `said it would` do is decided."""
    told = sentence[max(0, start - 80) : end]
    if _SAID.search(sentence[:start]):
        told = re.sub(r"\bwould\b", "", told, flags=re.IGNORECASE)
    return bool(_PLANNED.search(told) or _EXPECTED.match(sentence, end))
