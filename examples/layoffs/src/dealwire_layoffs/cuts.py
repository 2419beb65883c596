"""Cuts: words for letting people go, joined with the measure that stands with them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from dealwire_layoffs.measures import STAFF, Measure, bare, measures

_VERB = re.compile(
    r"\b(?:cut(?:s|ting)?|ax(?:e|es|ed|ing)|slash(?:es|ed|ing)?|shed(?:s|ding)?|eliminat(?:e|es|ed|ing)|lay(?:s|ing)?\s+off"
    r"|laid\s+off|lay(?:s|ing)?|laid|let(?:s|ting)?\s+go(?:\s+of)?|letting|dismiss(?:es|ed|ing)?|trim(?:s|med|ming)?|scrap(?:s|ped|ping)?"
    r"|fir(?:e|es|ed|ing)|sack(?:s|ed|ing)?|mak(?:e|es|ing)|made|reduc(?:e|es|ed|ing)|shrink(?:s|ing)?|shrank|shrunk"
    r"|par(?:e|es|ed|ing)|lower(?:s|ed|ing)?|drop(?:s|ped|ping)?|remov(?:e|es|ed|ing)|part(?:s|ed|ing)?\s+(?:ways\s+)?with"
    r"|los(?:e|es|ing)|lost|cost(?:s|ing)?|clos(?:e|es|ed|ing)|abolish(?:es|ed|ing)?|downsiz(?:e|es|ed|ing))\b",
    re.IGNORECASE,
)
# These mean a cut of jobs only with the words behind the measure.
_WITH_TAIL = {
    "lay": r"\boff\b",
    "laid": r"\boff\b",
    "lett": r"\bgo\b",
    "let ": "",
    "mak": r"\bredundant\b",
    "made": r"\bredundant\b",
    "cost": r"\btheir\s+(?:jobs?|posts?|positions?)\b",
    "los": r"\b(?:jobs?|posts?|positions?|roles?)\b",
    "clos": r"\b(?:jobs?|posts?|positions?|roles?)\b",
}
_GONE = re.compile(
    r"\b(?:(?:be|been|being|are|is|were|was|get|gets|getting)\s+(?:\w+ly\s+)?(?:cut|axed|slashed|shed|eliminated|laid\s+off|let\s+go|dismissed"
    r"|made\s+redundant|scrapped|fired|sacked|removed|lost|affected|abolished|terminated|phased\s+out|at\s+risk|told\s+to\s+leave)"
    r"|los(?:e|es|ing)\s+their\s+(?:jobs?|posts?|positions?)|lost\s+their\s+(?:jobs?|posts?|positions?)"
    r"|(?:to|will|would|must|could|may|ha(?:ve|s)\s+to)\s+(?:go|leave|disappear)(?!\s+(?:to|on|into|up))|disappear(?:s|ing)?|(?:given|handed|received|got)\s+(?:notice|pink\s+slips)"
    r"|cut\b(?=[\s.,;]*(?:$|in\b|at\b|by\b))|job\s+losses)\b",
    re.IGNORECASE,
)
_NOUN = re.compile(
    r"\b(?:job[\s-]cuts?|lay-?offs?|redundanc(?:y|ies)|job\s+losses|(?:staff|workforce|headcount|personnel|staffing)\s+(?:cuts?|reductions?)"
    r"|reductions?\s+in\s+(?:force|staff|headcount)|dismissals|cutbacks|cuts?|reductions?|downsizing|restructuring)\b",
    re.IGNORECASE,
)
_SURE_NOUN = re.compile(r"job|lay|redund|staff|workforce|headcount|personnel|force|dismissal", re.IGNORECASE)
_STAFF_BY = re.compile(rf"^(?:\s+(?!by\b)[\w’'-]+){{0,5}}?\s+{STAFF}(?:\s+(?!by\b)[\w’'-]+){{0,4}}?\s+by\s+(?P<hedge>(?:[a-z]+\s+){{0,3}}?)(?=\d|an?\b|one\b|two\b|half\b|\w+\s+per)", re.IGNORECASE)
# What may not stand between a cue and its measure.
_APART = re.compile(
    r"[;:]|\b(?:that|who|which|while|but|whose|where|because|employ(?:s|ed|ing)?|hir(?:e|es|ed|ing)|add(?:s|ed|ing)?|creat(?:e|es|ed|ing)"
    r"|recruit\w*|has|had|serv\w+|train\w*|costs|after|before|since|from)\b",
    re.IGNORECASE,
)
_EMPLOYS = re.compile(
    r"\b(?:employ(?:s|ed|ing)?|(?:workforce|staff|headcount|team)\s+(?:of|to|at|stood\s+at)|has|had|(?<!ways\s)(?<!part\s)with|hir(?:e|es|ed|ing)|add(?:s|ed|ing)?"
    r"|creat(?:e|es|ed|ing)|recruit\w*|of\s+its|of\s+the|of\s+their|from)\s+(?:(?:about|around|some|roughly|nearly|almost|more\s+than|over|up\s+to|another|an?|further|its|total|of)\s+)*$",
    re.IGNORECASE,
)
_NOT = re.compile(
    r"\b(?:not|never|no\s+(?:plans?|intention|need|layoffs?|job\s+cuts?)|den(?:y|ied|ies|ying)|without|rather\s+than|instead\s+of|avoid(?:s|ed|ing)?|rul(?:e|es|ed|ing)\s+out"
    r"|revers(?:e|es|ed|ing)|cancel(?:s|led|ling)?|drop(?:s|ped)?\s+(?:a\s+)?plans?|spar(?:e|es|ed|ing))\b|n[’']t\b",
    re.IGNORECASE,
)
_PLANNED = re.compile(
    r"\b(?:plan(?:s|ned|ning)?|consider(?:s|ed|ing)?|could|may|might|expect(?:s|ed|ing)?|intend(?:s|ed|ing)?|propos(?:e|es|ed|ing|al)|weigh(?:s|ed|ing)?"
    r"|prepar(?:e|es|ed|ing)|look(?:s|ing)?\s+to|aim(?:s|ing)?\s+to|set\s+to|talks|would|at\s+risk|mull(?:s|ed|ing)?)\b",
    re.IGNORECASE,
)
_SAID = re.compile(r"\b(?:said|says|told|announced|confirmed|wrote)\b", re.IGNORECASE)
_EXPECTED = re.compile(
    r"\s+(?:[\w,]+\s+){0,3}?(?:expected|planned|proposed|considered|likely|looming|possible)\b", re.IGNORECASE
)
_APPOSED = re.compile(
    r"\s*[,(–—-]*\s*(?:(?:or|about|around|roughly|nearly|almost|some|which\s+is|that\s+is|equal\s+to|equivalent\s+to|representing|amounting\s+to"
    r"|accounting\s+for|making\s+up|more\s+than|less\s+than|just\s+over|just\s+under|over|under|up\s+to|in\s+total|i\.e\.|the\s+equivalent\s+of|which\s+amounts\s+to|which\s+means(?:\s+that)?|meaning(?:\s+that)?)\s+)*",
    re.IGNORECASE,
)
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


def cuts(sentence: str) -> Iterator[Cut]:
    """The cuts that a sentence tells of, in reading order; those that it denies are left out."""
    every = measures(sentence)
    free = [one for one in every if not _EMPLOYS.search(sentence[: one.start])]
    told: list[tuple[int, int, Measure]] = sorted(
        [*_after_verbs(sentence, free), *_before_verbs(sentence, free), *_with_nouns(sentence, free)],
        key=lambda one: (one[2].start, one[1] - one[0]),
    )
    reached = -1
    for start, end, first in told:
        if first.start < reached or _NOT.search(sentence[max(0, start - 60) : first.start]):
            continue
        second = _beside(sentence, first, every)
        reached = max(first.end, second.end if second else 0)
        parts = [first, *([second] if second else [])]
        yield Cut(
            min(start, first.start),
            max(end, reached),
            next((one.jobs for one in parts if one.jobs is not None), None),
            next((one.share for one in parts if one.share is not None), None),
            first.bound,
            _is_planned(sentence, start, max(end, reached)),
        )


def _after_verbs(sentence: str, free: list[Measure]) -> Iterator[tuple[int, int, Measure]]:
    """`cut 1,200 jobs`, `lay 300 people off`, `reduce its headcount by a tenth`."""
    for verb in _VERB.finditer(sentence):
        if (by := _STAFF_BY.match(sentence[verb.end() :])) is not None:
            one = bare(sentence, verb.end() + by.end())
            if one is not None:
                yield verb.start(), one.end, one
                continue
        for one in free:
            between = sentence[verb.end() : one.start]
            if not 0 < one.start - verb.end() <= _REACH or _APART.search(between) or len(between.split()) > 8:
                continue
            tail = next((tail for word, tail in _WITH_TAIL.items() if verb[0].lower().startswith(word)), "")
            if " " in verb[0]:
                tail = ""
            window = sentence[one.start : one.end + 25]
            if tail and not re.search(tail, window, re.IGNORECASE):
                continue
            yield verb.start(), one.end, one
            break


def _before_verbs(sentence: str, free: list[Measure]) -> Iterator[tuple[int, int, Measure]]:
    """`1,200 jobs will be cut`, `300 people lose their jobs`."""
    for gone in _GONE.finditer(sentence):
        for one in reversed(free):
            between = re.sub(r"\b(?:has|have|had)\b", "", sentence[one.end : gone.start()])
            if 0 <= gone.start() - one.end <= _REACH and not _APART.search(between) and not _VERB.search(between):
                yield one.start, gone.end(), one
                break


def _with_nouns(sentence: str, free: list[Measure]) -> Iterator[tuple[int, int, Measure]]:
    """`1,200 job cuts`, `layoffs of about 300 people`, `the cuts affect a tenth of staff`."""
    for noun in _NOUN.finditer(sentence):
        sure = bool(_SURE_NOUN.search(noun[0]))
        counted = re.search(r"(?:^|\s|\()(\S+(?:\s(?:hundred|thousand|dozen))?)\s+(?:[a-z-]+\s+)?$", sentence[: noun.start()])
        if sure and counted:
            one = bare(sentence, counted.start(1))
            if one is not None and one.jobs is not None and one.end <= noun.start():
                yield one.start, noun.end(), one
                continue
        for one in free:
            between = sentence[noun.end() : one.start]
            if not 0 < one.start - noun.end() <= _REACH or _APART.search(between):
                continue
            if sure or re.search(r"\b(?:affect|hit|impact|involv|mean|elimin)\w*\b|\bof\b", between):
                yield noun.start(), one.end, one
                break
        else:
            of = re.match(r"\s+(?:of|to|totalling|totaling|numbering|reaching)\s+(?:(?:up|to|as|many|about|around|roughly|more|than|nearly|some|at|least|over)\s+)*", sentence[noun.end() :])
            if sure and of is not None:
                one = bare(sentence, noun.end() + of.end())
                if one is not None and (one.jobs or 0) >= 5:
                    yield noun.start(), one.end, one


def _is_planned(sentence: str, start: int, end: int) -> bool:
    """Whether the cut is not decided yet; what somebody `said it would` do is."""
    before = sentence[max(0, start - 80) : end]
    if _SAID.search(sentence[:start]):
        before = re.sub(r"\bwould\b", "", before, flags=re.IGNORECASE)
    return bool(_PLANNED.search(before) or _EXPECTED.match(sentence[end:]))


def _beside(sentence: str, first: Measure, every: list[Measure]) -> Measure | None:
    """The share that is told beside a count, or the count beside a share: `, or 8% of its workforce`."""
    for one in every:
        if (one.jobs is None) == (first.jobs is None):
            continue
        between = sentence[min(first.end, one.end) : max(first.start, one.start)]
        joined = _APPOSED.fullmatch(between)
        # `a tenth of staff, two managers said` names nobody who goes.
        bare_comma = between.strip() == "," and not re.match(r"\s*(?:[,.;)–—]|$)", sentence[one.end :])
        if (joined and not bare_comma) or re.match(r"\s+(?:in\s+(?:all|total)|altogether)\b", sentence[one.end :]):
            return one
    return None
