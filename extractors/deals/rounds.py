"""Investors of a round that are told one by one, behind the sentence that tells of the round."""

import re
from collections.abc import Iterator

from extractors.deals.coreference import Discourse
from extractors.deals.merge import Told
from extractors.deals.status import status
from extractors.deals.typed import G, Scene
from schemas.deal import DealKind

RECENT = 3
"""So many sentences later investors may still be told of a round without a word that says so."""


def joining(scene: Scene, mind: Discourse, read: list[Told]) -> Iterator[Told]:
    """Those who join, return to or are among the investors of the round that is being told."""
    if not mind.round or mind.age >= RECENT or any(_elsewhere(one, mind) for one in read):
        return
    told = {name for one in read if one.kind is DealKind.INVESTMENT for name in one.payers}
    for at, end in _joiners(scene.code):
        names = tuple(n for n in scene.names(scene.code[at]) if n not in told and n not in mind.round)
        sure = status(scene, at, at, end)
        if not names or sure is None:
            continue
        told.update(names)
        mind.backers.update(names)
        mind.age = 0
        yield Told(
            kind=DealKind.INVESTMENT,
            payers=names,
            payees=mind.round,
            parties=(),
            status=sure,
            money=mind.sum,
            power=None,
            start=scene.start,
            end=scene.end,
            confidence=0.6,
            title=scene.title,
            joins=True,
        )


def _joiners(code: str) -> Iterator[tuple[int, int]]:
    """Where the companies stand that a sentence says to join in, and where it has said so."""
    some = False
    for found in _DOES.finditer(code):
        if not _OTHER.match(code, found.end()):
            some = True
            at = found.start("g")
            yield at, found.end()
            while before := _LISTED_BEFORE.search(code, max(0, at - 80), at):
                at = before.start("g")
                yield at, found.end()
    for pattern in (_AMONG, _INCLUDES, _SO_DID):
        for found in pattern.finditer(code) if some or pattern is not _SO_DID else ():
            some = True
            at = found.start("g")
            yield at, found.end()
            while pattern is not _AMONG and (after := _LISTED_BEHIND.match(code, at + 1)):
                at = after.start("g")
                yield at, after.end()


def _elsewhere(one: Told, mind: Discourse) -> bool:
    """Whether a sentence tells of money for somebody else."""
    return one.kind is not DealKind.INVESTMENT or set(one.payees) != set(mind.round)


_WHO = (
    r"(?:investors?|backers?|participants|shareholders|supporters|participation|contributions?|funding|support|"
    r"cheques?|checks?|money|the rest|angels|insiders)"
)
_ARM = r"(?:'s (?:[\w-]+ ){0,3}(?:arm|fund|unit|vehicle))?"
_DESCRIBED = r"(?:the |existing |new |(?:(?!of\b|at\b|by\b)[\w'-]+ )){0,4}?"
_DOES = re.compile(
    rf"(?P<g>{G}){_ARM}(?:, [^,;{G[1:-1]}]{{2,70}},)?"
    r"(?: (?:have|has|had|all|also|both|again|each|then|later|too|\w+ly))* "
    r"(?:participat(?:ed|es?|ing)|t(?:ook|akes?) part|join(?:ed|s)?|return(?:ed|s)?|c[ao]me (?:back|in|along|aboard|"
    r"on board)|follow(?:ed|s)?|contribut(?:ed|es?)|invest(?:ed|s)?|reinvest(?:ed|s)?|chipped in|piled in|"
    r"put in more|re-upped|doubled down|(?:is|are|was|were) in\b|rounded out|signed on|"
    r"bought in)\b(?! (?:[\w-]+ ){0,3}(?:in|into|on|at|of) (?:the |a )?(?!round|series|funding|financing|raise|"
    rf"deal|investment|it\b|seed|new|existing)[\w{G[1:-1]}])"
)
_LISTED_BEFORE = re.compile(
    rf"(?P<g>{G}){_ARM}(?:,|,? and|,? plus) (?:[\w'-]+ ){{0,6}}(?:(?:,|and) (?:[\w'-]+ ){{0,4}})?$"
)
_LISTED_BEHIND = re.compile(
    rf"{_ARM}(?:,|,? and|,? plus|,? as well as)(?: [^,;{G[1:-1]}]{{2,40}}(?:,|,? and))? {_DESCRIBED}(?P<g>{G})"
)
_INCLUDES = re.compile(
    rf"\b{_WHO} (?:(?!of\b)[\w-]+ ){{0,4}}?(?:includ(?:e[sd]?|ing)|c[ao]mes? from|from|by)(?: also)? "
    rf"{_DESCRIBED}(?P<g>{G})"
)
_AMONG = re.compile(
    rf"(?P<g>{G})(?:, [^,;{G[1:-1]}]{{2,70}},)? (?:(?:is|are|was|were)(?: also| both| all)? )"
    r"(?:among (?:the |its )?(?:[\w'-]+ ){0,2}(?:investors?|backers?|participants|shareholders?)|"
    r"(?:an? (?:new )?|the (?:other |new |largest )*)(?:investors?|backers?))\b"
)
_SO_DID = re.compile(rf"\b(?:(?:as|so) (?:did|have|has|are|is)|alongside) {_DESCRIBED}(?P<g>{G})")
_OTHER = re.compile(rf"[^;,]{{0,40}}\b(?:in|into) {G}")
