"""Sentences: where one ends and the next begins, in news prose, headlines and lists."""

import re
from collections.abc import Iterator

_ENDS = re.compile(
    r"(?P<stop>[.!?…]+[\"'”’»)\]]*)(?:\[\d{1,3}\])*(?P<gap>[ \t\u00a0\u2009\u202f]+)(?=[\"'“‘«(\[]*[A-Z0-9$€£₹¥À-ÖØ-Þ])"
    r"|(?P<cite>[.!?][\"'”’)]*)(?:\[\d{1,3}\])+(?=[\"“A-Z])"
    r"|[ \t]*(?:\r?\n)+\s*"
)
_WORD_BEFORE = re.compile(r"([\w.&'’-]+)$")
_SHORT = """mr mrs ms dr prof sen rep gov gen lt col sgt st ste mt ft no nos vs etc inc corp co ltd llc plc bros cos
    dept est fig figs vol pp ed eds al approx jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat
    sun u.s u.k u.n e.u d.c a.m p.m e.g i.e n.v s.a s.p.a a.g b.v l.p l.l.c ph.d calif mass conn tex ariz fla colo wash
    ore penn ill mich minn wis tenn va md ont que rs jr sr hon rev capt adm maj messrs ave blvd rd bhd sdn pte pty"""
_ABBREVIATIONS = frozenset(_SHORT.split())
# These end a sentence when a capital follows that cannot go on a name: "… of Oracle Corp. The deal …".
_MAY = "inc corp co ltd llc plc u.s u.k e.u etc a.m p.m n.v s.a bros l.p s.p.a a.g b.v bhd pte pty jr sr"
# Abbreviations that are written with a capital; in lower case they are words: "… of critical mass. The …".
_NAMES = """jan feb mar apr jun jul aug sep sept oct nov dec mon tue wed thu fri sat sun calif mass conn tex ariz fla
    colo wash ore penn ill mich minn wis tenn va md ont que gen sen rep gov st ms dr mt col"""
_PROPER = frozenset(_NAMES.split())
_MAY_END = frozenset(_MAY.split()) | _PROPER - frozenset(["gen", "sen", "rep", "gov", "st", "ms", "dr", "mt", "col"])
_OPEN = """The A An It Its They Their He She His Her We In On At By For From But And Or So As After Before When While
    With Under This That These Those Both Each All Some Many Most Earlier Last Also Meanwhile However Separately Shares
    Analysts If There What Which Who Not No One Two Three Then Now Still Since Until Although Though Because Here Yet"""
_OPENERS = frozenset(_OPEN.split())
_FOLLOWING = re.compile(r"[\"'“‘(\[]*(\w+)")
_LETTERED = re.compile(r"\b(?:[Ss]eries|[Cc]lass|[Vv]itamin|[Pp]lan|[Tt]ier) $")
"""What a single letter behind it belongs to, so that it is no initial: `the Series D. Bessemer took part`."""
_INITIALS = re.compile(r"(?:[a-z]\.)+[a-z]")


def sentence_starts(text: str) -> Iterator[int]:
    """Where sentences begin, in code points; a line break always ends one."""
    if text.strip():
        yield len(text) - len(text.lstrip())
    for found in _ENDS.finditer(text):
        if found.end() >= len(text):
            return
        if found["stop"] is None or found["cite"] is not None or _ends_here(text, found):
            yield found.end()


def _ends_here(text: str, found: "re.Match[str]") -> bool:
    stop = found["stop"]
    if stop[0] != "." or len(stop.rstrip("\"'”’»)]")) > 1:
        return True
    before = _WORD_BEFORE.search(text, max(0, found.start() - 30), found.start())
    if before is None or len(stop) > 1:
        return True
    word = before[1].lower().strip("'’-")
    if len(word) == 1 and _LETTERED.search(text, max(0, before.start() - 10), before.start()):
        return True
    if word in _PROPER and before[1].islower():
        return True
    if word in _ABBREVIATIONS or (len(word) == 1 and word.isalpha()) or _INITIALS.fullmatch(word):
        following = _FOLLOWING.match(text, found.end())
        return (word in _MAY_END or len(word) == 1) and following is not None and following[1] in _OPENERS
    return True
