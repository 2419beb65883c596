"""Sentences as typed text: every mention becomes one character, so that plain patterns can bind roles.

Private-use characters: U+E000 and up a group of companies, U+E800 money, U+EA00 compute capacity, U+EC00 chips and
models. All other text is lower-cased and keeps its order; `Scene.at` maps nothing back, evidence is the sentence.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from schemas.mention import CapacityMention, CompanyMention, MoneyMention
from schemas.record import Record

GROUP, MONEY, POWER, THING = 0xE000, 0xE800, 0xEA00, 0xEC00
G, M, P = "[\ue000-\ue7ff]", "[\ue800-\ue9ff]", "[\uea00-\uebff]"
Names = tuple[str, ...]


@dataclass
class Scene:
    """One sentence: its place in the article, its typed text and what the characters in it stand for."""

    start: int
    end: int
    code: str
    title: bool = False
    groups: list[Names] = field(default_factory=list)
    money: list[MoneyMention] = field(default_factory=list)
    power: list[CapacityMention] = field(default_factory=list)

    def names(self, char: str) -> Names:
        """The companies a group character stands for."""
        return self.groups[ord(char) - GROUP]

    def new_group(self, names: Names) -> str:
        """A fresh character for these companies."""
        self.groups.append(names)
        return chr(GROUP + len(self.groups) - 1)


def scenes(
    text: str, spans: Iterable[tuple[int, int]], mentions: Iterable[Record], gate: "re.Pattern[str]"
) -> Iterator[tuple[Scene, bool]]:
    """Every sentence with its first typing, and whether it holds a trigger word; lists are not joined yet."""
    ordered = sorted(mentions, key=lambda m: m.start)
    at = 0
    for start, end in spans:
        while at < len(ordered) and ordered[at].start < start:
            at += 1
        inside = []
        while at < len(ordered) and ordered[at].start < end:
            inside.append(ordered[at])
            at += 1
        yield _typed(text, start, end, inside), bool(gate.search(text[start:end].lower()))


def lines(text: str, sentences: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sentence spans, cut at line ends as well and trimmed."""
    cut = []
    for start, end in sentences:
        for piece in _LINE.finditer(text, start, end):
            cut.append(piece.span())
    return cut


def join_lists(scene: Scene) -> None:
    """Make one group of `A, B and C`, and drop what only describes: `B, the maker of …,`."""
    scene.code = _TICKER.sub("", scene.code)
    code = _APPOSITION.sub(r"\1 ", scene.code)
    while True:
        found = _LIST.search(code)
        if not found:
            break
        chars = re.findall(G, found[0])
        names = tuple(dict.fromkeys(n for c in chars for n in scene.names(c)))
        tail = "'s" if found[0].endswith("'s") else ""
        code = code[: found.start()] + scene.new_group(names) + tail + code[found.end() :]
    scene.code = code


_LINE = re.compile(r"[^\s][^\n]*[^\s]|[^\s]")
_TICKER = re.compile(
    rf"(?<={G}) \((?:nasdaq|nyse|lse|tsx|"
    rf"[a-z]{{1,5}}(?:\.[a-z]{{1,2}})?)[^)\ue000-\uefff]{{0,12}}\)"
)
_APPOSITION = re.compile(
    rf"({G}), (?:the|a|an|its|whose|which|who|best known|based|formerly|maker|owner|led by|founded)\b"
    rf"[^,;:\ue000-\uebff]{{2,90}},(?! and {G})"
)
_LIST = re.compile(
    rf"{G}(?:, (?:and |the |also )?{G})*(?: (?:and|&|plus|as well as|along with|alongside|together with) |"
    rf", (?:and|plus|as well as|along with) | \+ )"
    rf"(?:the |fellow |rival |chipmaker |its )?{G}(?:'s)?"
    rf"|{G}(?:, {G})+(?:'s)?"
)


def _typed(text: str, start: int, end: int, inside: list[Record]) -> Scene:
    scene = Scene(start, end, "")
    parts: list[str] = []
    at = start
    for mention in inside:
        if mention.start < at:
            continue
        parts.append(text[at : mention.start].lower())
        if isinstance(mention, CompanyMention):
            parts.append(scene.new_group((mention.name,)))
        elif isinstance(mention, MoneyMention):
            parts.append(chr(MONEY + len(scene.money)))
            scene.money.append(mention)
        elif isinstance(mention, CapacityMention):
            parts.append(chr(POWER + len(scene.power)))
            scene.power.append(mention)
        else:
            parts.append(chr(THING))
        at = mention.end
    parts.append(text[at:end].lower())
    scene.code = "".join(parts).replace("’", "'").replace("\u00a0", " ")
    return scene
