"""Sentences: where one ends and the next begins, in news prose, headlines and lists."""

import re
from collections.abc import Iterator

_ENDS = re.compile(
    r"(?P<stop>[.!?…]+[\"'”’»)\]]*)(?:\[\d{1,3}\])*(?P<gap>[ \t\u00a0\u2009\u202f]+)(?=[\"'“‘«(\[]*[A-Z0-9$€£₹¥À-ÖØ-Þ])"
    r"|(?P<cite>[.!?][\"'”’)]*)(?:\[\d{1,3}\])+(?=[\"“A-Z])"
    r"|[ \t]*(?:\r?\n)+\s*"
)
_WORD_BEFORE = re.compile(r"([\w.&'’-]+)$")
_ABBREVIATIONS = frozenset(
    ["mr", "mrs", "ms", "dr", "prof", "sen", "rep", "gov", "gen", "lt", "col", "sgt", "st", "ste", "mt", "ft", "no", "nos", "vs", "etc", "inc", "corp", "co", "ltd", "llc", "plc", "bros", "cos", "dept", "est", "fig", "figs", "vol", "pp", "ed", "eds", "al", "approx", "jan", "feb", "mar", "apr", "jun", "jul", "aug", "sep", "sept", "oct", "nov", "dec", "mon", "tue", "wed", "thu", "fri", "sat", "sun", "u.s", "u.k", "u.n", "e.u", "d.c", "a.m", "p.m", "e.g", "i.e", "n.v", "s.a", "s.p.a", "a.g", "b.v", "l.p", "l.l.c", "ph.d", "calif", "mass", "conn", "tex", "ariz", "fla", "colo", "wash", "ore", "penn", "ill", "mich", "minn", "wis", "tenn", "va", "md", "ont", "que", "rs"]
)
# These end a sentence when a capital follows that cannot go on a name: "… of Oracle Corp. The deal …".
_MAY_END = frozenset(
    ["inc", "corp", "co", "ltd", "llc", "plc", "u.s", "u.k", "e.u", "etc", "a.m", "p.m", "n.v", "s.a", "bros"]
)
_OPENERS = frozenset(
    ["The", "A", "An", "It", "Its", "They", "Their", "He", "She", "We", "In", "On", "At", "By", "For", "From", "But", "And", "Or", "So", "As", "After", "Before", "When", "While", "With", "Under", "This", "That", "These", "Those", "Both", "Each", "All", "Some", "Many", "Most", "Earlier", "Last", "Also", "Meanwhile", "However", "Separately", "Shares", "Analysts", "If", "There", "What", "Which", "Who", "Not", "No", "One", "Two", "Three", "Its"]
)


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
    if len(word) == 1 and word.isalpha():
        return False
    if word in _ABBREVIATIONS or re.fullmatch(r"(?:[a-z]\.)+[a-z]", word):
        following = re.match(r"[\"'“‘(\[]*(\w+)", text[found.end() : found.end() + 30])
        return word in _MAY_END and following is not None and following[1] in _OPENERS
    return True
