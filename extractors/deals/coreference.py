"""Who `it`, `the company`, `the chipmaker` and `both` are, by what the article said just before."""

import re
from dataclasses import dataclass, field

from extractors.deals.lexicon import lexicon
from extractors.deals.typed import G, M, Names, Scene, is_group
from schemas.mention import MoneyMention


@dataclass
class Discourse:
    """What a reader has in mind at the start of a sentence."""

    topic: Names = ()
    round: Names = ()
    """Who raises money in the round that is being told."""
    sum: MoneyMention | None = None
    """What that round brings, where it was told without its investors."""
    backers: set[str] = field(default_factory=set)
    """Its investors so far."""
    age: int = 9
    """Sentences since that round was last spoken of."""
    subject: Names = ()
    recent: list[str] = field(default_factory=list)
    nouns: dict[str, list[str]] = field(default_factory=dict)

    @property
    def one(self) -> Names:
        """Who is spoken of, where one is meant: a group of several is not."""
        return self.topic if len(self.subject) > 1 and len(self.topic) == 1 else self.subject or self.topic

    def raising(self, names: Names, money: MoneyMention | None = None) -> None:
        """A round of theirs is being told; those who are said to lead or join next are its investors."""
        self.round, self.sum, self.age, self.backers = names, money, 0, set()

    def note(self, scene: Scene) -> None:
        """Remember the companies of a sentence, its subject and the nouns they go by."""
        self.age += 1
        chars = re.findall(G, scene.code)
        if not chars:
            return
        for char in chars:
            for name in scene.names(char):
                if name in self.recent:
                    self.recent.remove(name)
                self.recent.append(name)
        self.subject = scene.names(next((c for c in chars if stands_free(scene.code, scene.code.index(c))), chars[0]))
        if not self.topic:
            self.topic = self.subject
        for found in _described().finditer(scene.code):
            noun = found["before"] or found["after"]
            char = found["g1"] or found["g2"]
            if noun and char:
                self.nouns.setdefault(noun, []).extend(scene.names(char))


def stands_free(code: str, at: int) -> bool:
    """Whether the company at a place of the typed text is neither possessor nor governed by a preposition."""
    return not code.startswith("'s", at + 1) and not _GOVERNED.search(code, max(0, at - 16), at)


def resolve(scene: Scene, mind: Discourse) -> None:
    """Put the companies that pronouns and epithets stand for into the sentence's typed text."""
    if not mind.recent and not scene.groups:
        return
    out: list[str] = []
    at = 0
    for found in _anaphor().finditer(scene.code):
        word = found[0]
        before = [c for at, c in enumerate(scene.code[: found.start()]) if is_group(c) and not _beside(scene, at, word)]
        is_object = _OBJECT.search(scene.code, max(0, found.start() - 24), found.start())
        sold = word == "its" and _SHARES.match(scene.code, found.end()) and _BUYS.search(scene.code, 0, found.start())
        said = _SAID.search(scene.code, 0, found.start()) if word == "it" and not is_object else None
        if said:
            names = scene.names(said[1])
        elif sold:
            names = _other(scene, found.start(), mind)
        else:
            names = _antecedent(
                word,
                [scene.names(c) for c in before],
                mind,
                after_lead=bool(_LEAD.search(scene.code, max(0, found.start() - 16), found.start())),
                other=_other(scene, found.start(), mind) if is_object else (),
            )
        if not names:
            continue
        out.append(scene.code[at : found.start()])
        out.append(scene.new_group(names) + ("'s" if word in ("its", "their") else ""))
        at = found.end()
    out.append(scene.code[at:])
    scene.code = "".join(out)


def _beside(scene: Scene, at: int, word: str) -> bool:
    """`With A and B they set up …`: they are others."""
    return word == "they" and scene.code.endswith("with ", 0, at)


def _other(scene: Scene, at: int, mind: Discourse) -> Names:
    """Whom an object means: never who acts on it, so the last company named that is none, or the one told of before."""
    subject: Names = ()
    for place in range(at - 1, -1, -1):
        if not is_group(scene.code[place]):
            continue
        names = scene.names(scene.code[place])
        acts = scene.code.startswith(("'s", ", which ", ", who "), place + 1) or stands_free(scene.code, place)
        if subject or not acts:
            return () if set(names) & set(subject) else names
        subject = names
    return next((one for one in (mind.subject, mind.topic) if one and not set(one) & set(subject)), ())


def _antecedent(
    word: str,
    before: list[Names],
    mind: Discourse,
    *,
    after_lead: bool = False,
    other: Names = (),
) -> Names:
    """Whom a word means; `other`: who it can mean where it stands as an object, so that it is not who acts."""
    if other and (word == "it" or _GENERIC.fullmatch(word)):
        return other
    if word in ("it", "its"):
        if after_lead and len(before) < 2:
            return mind.round or mind.subject
        return before[0] if before else mind.one
    if word in ("they", "their"):
        plural = [names for names in before if len(names) > 1]
        return plural[-1] if plural else (before[0] if before else mind.subject)
    if word.startswith(("both", "the two", "the pair", "the companies")):
        flat = list(dict.fromkeys(n for names in before for n in names))
        if len(flat) >= 2:
            return tuple(flat[:2])
        return tuple(mind.recent[-2:]) if len(mind.recent) >= 2 else ()
    noun = re.sub(r"^(?:the|this|that) ", "", word)
    known = lexicon().known.get(noun, ())
    for name in reversed(mind.recent):
        if name in known:
            return (name,)
    for key in (noun, noun.split()[-1]):
        told = mind.nouns.get(key)
        if told:
            for name in reversed(mind.recent):
                if name in told:
                    return (name,)
    if known and noun not in lexicon().stands_for:
        return ()
    if other:
        return other
    here = {n for names in before for n in names}
    if noun in ("company", "firm", "group", "business", "start-up", "startup"):
        if before:
            return before[0]
        return mind.one
    if noun in ("buyer", "acquirer", "investor", "supplier", "vendor"):
        return ()
    if len(before) == 0 and mind.subject:
        return mind.one
    left = [n for n in mind.recent if n not in here]
    return (left[-1],) if left else ()


def _nouns() -> str:
    return "|".join(re.escape(n) for n in sorted((*lexicon().stands_for, *lexicon().known), key=len, reverse=True))


_GENERIC = re.compile(r"the (?:company|firm|group|business|start-?up|target|borrower)")
_GOVERNED = re.compile(r"\b(?:of|with|in|from|by|against|for|to|at|like|than|over|on|into|between|behind)(?: the)? $")
_SAID = re.compile(
    rf"({G})(?:,[^,]{{0,60}},)? (?:said|says|announced|added|confirmed|disclosed|stated|believes?|hopes?|expects?)"
    r"(?: (?:on|in|this|last) \w+)?(?: that)? $"
)
_OBJECT = re.compile(
    r"\b(?:of|in|into|for|with|to|from|by|behind|on|pa(?:y|ys|id|ying)|suppl(?:y|ies|ied|ying)|sell(?:s|ing)?|sold|"
    r"g[ai]v(?:e|es|en|ing)|lend(?:s|ing)?|lent|provid(?:e|es|ed|ing)|bu(?:y|ys|ying)|bought|acquir(?:e|es|ed|ing)|"
    r"back(?:s|ed|ing)?|fund(?:s|ed|ing)?|lead(?:s|ing)?|led|grant(?:s|ed|ing)?|"
    r"help(?:s|ed|ing)?)(?: all| most| part| half| %)* $"
)
_BUYS = re.compile(
    rf"\b(?:buy|buys|buying|bought|acquir\w+|purchas\w+) (?:up to |about |as much as )?{M}(?: worth)? of $"
)
_SHARES = re.compile(r" (?:new |common |ordinary |class a )*(?:stock|shares|equity)\b")
_LEAD = re.compile(r"\b(?:led|leads?|leading|joined|backed|anchored|in|into) $")
_cache: dict[str, "re.Pattern[str]"] = {}


def _anaphor() -> "re.Pattern[str]":
    if "anaphor" not in _cache:
        _cache["anaphor"] = re.compile(
            rf"(?<![\w'-])(?:its?|they|their|both(?: companies| firms)?(?! (?:of|the|in|{G}))|"
            rf"the two(?: (?:[\w-]+ )?(?:companies|firms|sides|rivals|partners|groups|businesses|carmakers|chipmakers|"
            rf"automakers|banks|labs|startups|start-ups|operators|carriers|giants))?(?! \w+s\b)|"
            rf"the pair|the companies(?! (?:that|which|who|whose|behind)\b)|"
            rf"the (?:[\w-]+ )?(?:{_nouns()}))(?![\w-]|'s (?:been|not|a)\b)"
        )
    return _cache["anaphor"]


def _described() -> "re.Pattern[str]":
    if "described" not in _cache:
        _cache["described"] = re.compile(
            rf"(?<![\w-])(?P<before>{_nouns()}) (?P<g1>{G})|(?P<g2>{G}), (?:the|"
            rf"an?) (?:[\w'-]+ ){{0,4}}(?P<after>{_nouns()})\b"
        )
    return _cache["described"]
