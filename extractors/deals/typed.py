"""Sentences as typed text: every mention becomes one character, so that plain patterns can bind roles.

Private-use characters: U+E000 and up a group of companies, U+E800 money, U+EA00 compute capacity, U+EC00 chips and
models. All other text is lower-cased and keeps its order; `Scene.at` maps nothing back, evidence is the sentence.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from schemas.mention import CapacityMention, ChipMention, CompanyMention, ModelMention, MoneyMention
from schemas.record import Record

GROUP, MONEY, POWER, THING = 0xE000, 0xE800, 0xEA00, 0xEC00
_OURS = re.compile("[\ue000-\uefff]")
CONTEXT = 15
"""So many characters on either side tell one `it` of a sentence from another."""
G, M, P = "[\ue000-\ue7ff]", "[\ue800-\ue9ff]", "[\uea00-\uebff]"
Names = tuple[str, ...]


def is_group(char: str) -> bool:
    """Whether a character of typed text stands for companies."""
    return GROUP <= ord(char) < MONEY


@dataclass(frozen=True)
class Reference:
    """A word that stands for companies, and the plain words around it, by which `Scene.referring` finds it."""

    word: str
    before: str
    after: str
    names: Names
    fits: Mapping[str, float] | None = None
    """How well an epithet fits each company in mind; None where grammar alone tells who is meant."""


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
    references: list[Reference] = field(default_factory=list)
    """Pronouns and epithets that companies have been put in for."""
    makers: list[tuple[int, int, Names]] = field(default_factory=list)
    """Where the text says `maker` of a model or chip, and whom that means."""

    def names(self, char: str) -> Names:
        """The companies a group character stands for."""
        return self.groups[ord(char) - GROUP]

    def refer(self, word: str, before: str, after: str, names: Names, fits: Mapping[str, float] | None) -> None:
        """These companies are meant by a word between two pieces of typed text."""
        self.references.append(
            Reference(word, _OURS.split(before[-CONTEXT:])[-1], _OURS.split(after[:CONTEXT])[0], names, fits)
        )

    def referring(self, text: str) -> Iterator[tuple[int, int, Names]]:
        """The pronouns and epithets of the sentence in the article's text: start, end, and who is meant."""
        yield from self.makers
        for start, end, one in self.pointing(text):
            yield start, end, one.names

    def pointing(self, text: str) -> Iterator[tuple[int, int, Reference]]:
        """The pronouns and epithets that companies have been put in for, where they stand in the article's text.

        A letter that is longer in lower case hides those of its sentence.
        """
        plain = _straight(_plain(text[self.start : self.end]))
        at = 0
        if len(plain) != self.end - self.start:
            return
        for one in self.references:
            # An aside that was left out may have stood on one side of the word; with nothing before it, it begins.
            for before, after in ((one.before, one.after), (one.before, ""), ("", one.after)):
                found = plain.find(before + one.word + after, at) if before or after else plain.find(one.word)
                if found >= 0 and (before or after or not found):
                    start = found + len(before)
                    at = start + len(one.word)
                    yield self.start + start, self.start + at, one
                    break

    def new_group(self, names: Names) -> str:
        """A fresh character for these companies."""
        self.groups.append(names)
        return chr(GROUP + len(self.groups) - 1)


def scenes(
    text: str, spans: Iterable[tuple[int, int]], mentions: Iterable[Record], triggers: Sequence[int]
) -> Iterator[tuple[Scene, bool]]:
    """Every sentence with its first typing, and whether it may hold a trigger word; lists are not joined yet.

    `triggers` are the places of the text where trigger words may stand, in order.
    """
    ordered = sorted(mentions, key=lambda m: m.start)
    at = 0
    for start, end in spans:
        while at < len(ordered) and ordered[at].start < start:
            at += 1
        inside = []
        while at < len(ordered) and ordered[at].start < end:
            inside.append(ordered[at])
            at += 1
        yield _typed(text, start, end, inside), bisect_left(triggers, start) < bisect_left(triggers, end)


def lines(text: str, sentences: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Sentence spans, cut at line ends as well and trimmed."""
    cut = []
    for start, end in sentences:
        for piece in _LINE.finditer(text, start, end):
            cut.append(piece.span())
    return cut


def join_lists(scene: Scene) -> None:
    """Make one group of `A, B and C`, and drop what only describes: `B, the maker of …,`."""
    scene.code = _BACKED.sub("", _FORMER.sub("former", _TICKER.sub("", scene.code)))
    scene.code = _ASIDE.sub("", scene.code)
    scene.code = _LED.sub(r"\2 led by \1", scene.code)
    code = _OWNED.sub(r"\1", _APPOSITION.sub(r"\1 ", scene.code))
    at = 0
    while found := _LIST.search(code, at):
        if (
            len(re.findall(G, found[0])) == 2
            and (governed := _GOVERNED.search(code, max(0, found.start() - 24), found.start()))
            and ("by" not in governed[0] or ", and " in found[0])
            and _NEW_CLAUSE.match(code, found.end())
        ):
            # "in A, and B invests …", "into A and B up to $5 billion": the last one begins a clause of its own.
            at = found.end() - 1
            continue
        at = 0
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
_FORMER = re.compile(
    rf"\b(?:former|onetime|one-time|ex-) ?{G}(?:'s)?(?= (?:\w+ ){{0,2}}(?:engineers?|executives?|researchers?|"
    r"employees?|staff|scientists?|chiefs?|bosse?s?|ceo|cto|cfo|president|managers?|bankers?|head|designers?|director|veterans?)\b)"
)
"""`former Stripe engineers`: the company they have left does nothing here."""
_BACKED = re.compile(rf"(?:{G}-? ?(?:, | and |and ))*{G}-(?:backed|owned|controlled|funded|invested|supported) ")
"""`Nvidia-backed`: a standing relation."""
_APPOSITION = re.compile(
    rf"({G}), (?:the|a|an|its|whose|which|who|best known|based|formerly|maker|owner|led by|founded)\b"
    rf"[^,;:\ue000-\uebff]{{2,90}},(?! and {G}|\d)"
)
_GOVERNED = re.compile(r"\b(?:in|into|from|with|to|of|for|by)(?: the)?(?: [\w.-]+'s)? $")
VERBS = (
    r"(?:will|would|has|had|is|was|can|may|could|invests?|buys?|bought|pays?|paid|takes?|took|gets?|puts?|agree[sd]?|"
    r"plans?|commits?|committed|adds?|raise[sd]?|close[sd]?|sign(?:s|ed)|said|says|announce[sd]|secured|landed|led|won|"
    r"sold|launched|opened|acquired|reported|supplie[sd]|unveiled|leads|wins|sells|followed|uses|makes|made|built|builds|"
    r"runs|owns|operates)\b"
)
"""What a company does with which a clause of its own begins: `led by A, and B closed …`."""
_NEW_CLAUSE = re.compile(rf" (?:also |then |each )?(?:(?:up to |as much as |about |another |some )?{M}|{VERBS})")
_DESCRIBED = (
    r"(?:the |its |their |fellow |rival |local |french |german |british |american |u\.s\. |us |japanese |chinese |"
    r"korean |indian |israeli |canadian |dutch |swedish |norwegian |finnish |danish |italian |spanish |swiss |saudi |"
    r"emirati |australian |taiwanese |singaporean |european |czech |polish |austrian |belgian |irish |brazilian |"
    r"mexican |turkish |greek |portuguese |vietnamese |malaysian |indonesian |thai |russian |ukrainian |hungarian |"
    r"romanian |estonian |lithuanian |qatari |kuwaiti |egyptian |nigerian |kenyan |south korean |south african |"
    r"state-owned |private-equity |private equity |sovereign |"
    r"wealth |venture |hedge |investment |chip |cloud |[\w-]+-based |chipmaker |start-up |startup |lender |bank |fund |"
    r"group |firm |investor |investors |giant |company |maker |carmaker |utility |operator |developer |giants |banks |"
    r"funds )"
)
_ITEM = (
    r"(?:the (?:[\w-]+ ){0,2}(?:office|fund|firm|company|start-?up|arm|bank|group|agency|investor|maker|holding|vehicle"
    r"|unit|specialist|provider) )?(?:(?:new |abu |san |hong |south |saudi |los |tel |united )?[^\W\d_][\w.-]*'s )?"
    rf"(?:{_DESCRIBED}){{0,3}}{G}"
)
"""A company of a list, with what it is or where it is from: `Canada's G`, `the Czech group G`."""
_PLACED = r"(?: of (?:abu |new |south |san |hong )?[a-z]+(?=,| and | &)| \([^()\ue000-\uefff]{1,12}\))?"
_LIST = re.compile(
    rf"{G}{_PLACED}(?:, (?:and |also )?{_ITEM}{_PLACED})*"
    rf"(?: (?:and|&|plus|as well as|along with|alongside|together with) |, (?:and|plus|as well as|along with) | \+ )"
    rf"{_ITEM}(?:'s)?"
    rf"|{G}{_PLACED}(?:, {_ITEM})+(?! (?:said|says|told|announced)\b)(?:'s)?"
)
_ASIDE = re.compile(r" \([^()]*\b(?:is|are|was|were)\b[^()]*\)")
_LED = re.compile(
    rf"({G})-led ((?:{M} |[\w-]+ ){{0,2}}?(?:series [a-h]|seed|(?:funding |financing |investment )?round|funding|"
    rf"financing|raise|investment|consortium|group|{M}))(?!\w)"
)
"""`an Accel-led series D`."""
_OWNED = re.compile(
    rf"{G}'s (?:own |newly formed |venture arm |investment arm |parent |unit |subsidiary |affiliate |sister company )?"
    rf"({G})(?!'s| (?:deal|stake|takeover|purchase|acquisition|investment|bid|contract|agreement|partnership|order|"
    rf"offer|buyout|bet|round|merger|alliance|tie-up|licen[cs]e))"
)
"""`BlackRock's Global Infrastructure Partners`: the one that is owned is meant."""


_MAKER_OF = re.compile(r"\bthe (maker|developer|creator) of (?:the )?$")
_MAKER = re.compile(r"[ -](maker|developer|creator)\b")


def _owner(mention: Record) -> str | None:
    if isinstance(mention, ModelMention):
        return mention.developer
    return mention.vendor if isinstance(mention, ChipMention) else None


def _is_full(scene: Scene, mention: Record) -> bool:
    """Whether there is no character left for another mention; such a sentence is a table or worse.

    Joining lists makes at most as many groups again as there are companies.
    """
    if isinstance(mention, MoneyMention):
        return len(scene.money) >= POWER - MONEY
    if isinstance(mention, CapacityMention):
        return len(scene.power) >= THING - POWER
    return len(scene.groups) >= (MONEY - GROUP) // 2


def _plain(text: str) -> str:
    """In lower case; what the text itself has of our private characters stands for nothing."""
    return text.lower() if text.isascii() else _OURS.sub(" ", text.lower())


def _straight(code: str) -> str:
    return code.replace("’", "'").replace("\u00a0", " ")


def _typed(text: str, start: int, end: int, inside: list[Record]) -> Scene:
    scene = Scene(start, end, "")
    parts: list[str] = []
    at = start
    for mention in inside:
        if mention.start < at or _is_full(scene, mention):
            continue
        parts.append(_plain(text[at : mention.start]))
        if isinstance(mention, CompanyMention):
            parts.append(scene.new_group((mention.name,)))
        elif isinstance(mention, MoneyMention):
            parts.append(chr(MONEY + len(scene.money)))
            scene.money.append(mention)
        elif isinstance(mention, CapacityMention):
            parts.append(chr(POWER + len(scene.power)))
            scene.power.append(mention)
        else:
            owner = _owner(mention)
            if owner and (tail := _MAKER_OF.search(parts[-1])):
                # "the maker of Claude", "the Claude maker": who makes it is meant.
                before = mention.start - len(parts[-1])
                scene.makers.append((before + tail.start(1), before + tail.end(1), (owner,)))
                parts[-1] = parts[-1][: tail.start()]
                parts.append(scene.new_group((owner,)))
            elif owner and (tail := _MAKER.match(text, mention.end)) and parts[-1].endswith("the "):
                scene.makers.append((*tail.span(1), (owner,)))
                parts[-1] = parts[-1].removesuffix("the ")
                parts.append(scene.new_group((owner,)))
                at = tail.end()
                continue
            else:
                parts.append(chr(THING))
        at = mention.end
    parts.append(_plain(text[at:end]))
    scene.code = _straight("".join(parts))
    return scene
