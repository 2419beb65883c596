"""Who `it`, `the company`, `the chipmaker` and `both` are, by what the article said just before."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from extractors.deals.epithets import NOT, Described, fit, is_investor, is_specific
from extractors.deals.lexicon import lexicon
from extractors.deals.typed import VERBS, G, M, Names, Scene, is_group
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
    centre: Names = ()
    """Whom a pronoun of the sentence before meant."""
    sides: Names = ()
    """The companies of the deal that was told last."""
    since: int = 9
    """Sentences since then."""
    recent: list[str] = field(default_factory=list)
    described: Described = field(default_factory=Described)
    meant: list[Names] = field(default_factory=list)
    """Whom the pronouns of this sentence mean."""
    fits: dict[str, float] | None = None
    """How well the word that is looked at fits each company in mind; None where grammar alone tells who is meant."""

    @property
    def one(self) -> Names:
        """Who is spoken of, where one is meant: a group of several is not."""
        return self.topic if len(self.subject) > 1 and len(self.topic) == 1 else self.subject or self.topic

    def raising(self, names: Names, money: MoneyMention | None = None) -> None:
        """A round of theirs is being told; those who are said to lead or join next are its investors."""
        self.round, self.sum, self.age, self.backers = names, money, 0, set()

    def told(self, names: Names) -> None:
        """A deal of these companies has been told."""
        self.sides, self.since = names, 0

    def note(self, scene: Scene) -> None:
        """Remember the companies of a sentence, its subject and whom its pronouns meant."""
        self.age += 1
        self.since += 1
        self.centre, self.meant = (self.meant[0] if self.meant else ()), []
        chars = re.findall(G, scene.code)
        if not chars:
            return
        for char in chars:
            for name in scene.names(char):
                if name in self.recent:
                    self.recent.remove(name)
                self.recent.append(name)
        free = next((c for c in chars if stands_free(scene.code, scene.code.index(c))), None)
        self.subject = scene.names(free or chars[0])
        if free and set(self.subject).isdisjoint({*self.round, *self.backers}):
            # Somebody else is spoken of.
            self.age += 1
        if not self.topic:
            self.topic = self.subject


@dataclass(frozen=True)
class Named:
    """A company named in a sentence before the word that is looked at, and how it stands there."""

    at: int
    names: Names
    role: str
    """`subject`, `object`, `owner` or `oblique`."""


def stands_free(code: str, at: int) -> bool:
    """Whether the company at a place of the typed text is neither possessor nor governed by a preposition."""
    return not code.startswith("'s", at + 1) and not _GOVERNED.search(code, max(0, at - 16), at)


def resolve(scene: Scene, mind: Discourse) -> None:
    """Put the companies that pronouns and epithets stand for into the sentence's typed text."""
    if not mind.recent and not scene.groups:
        return
    out: list[str] = []
    lately: set[str] = set()
    tail, at = "", 0
    for found in _anaphor().finditer(scene.code):
        gap = scene.code[at : found.start()]
        before, after = (tail + gap)[-REACH:], scene.code[found.end() : found.end() + REACH]
        if _BEHIND_NAME.search(before) and (found[0] == "its" or _SPEAKS.match(after)):
            # "with Bolt, it said": no list of companies.
            continue
        mind.fits = {}
        names = _meant(found[0], before, after, lately, scene, mind)
        if not names:
            continue
        if found[0] in ("it", "its"):
            lately.update(names)
        if " " not in found[0] or not is_specific(found[0]):
            mind.meant.append(names)
        scene.refer(found[0], before, after, names, mind.fits)
        shown = scene.new_group(names) + ("'s" if found[0] in _OWNING else "")
        out += (gap, shown)
        tail, at = before + shown, found.end()
    scene.code = "".join(out) + scene.code[at:]


def _meant(word: str, before: str, after: str, lately: set[str], scene: Scene, mind: Discourse) -> Names:
    """Whom a word means that stands between two pieces of a sentence; none if nobody fits.

    `lately`: who is meant by `it` and `its` in the piece before.
    """
    here = list(_named(before, scene))
    if word in ("we", "our"):
        return _speaker(before, after, scene, mind)
    if word in ("the former", "the latter"):
        names = [one.names for one in here] or [(name,) for name in mind.recent[-2:]]
        return names[-1] if word == "the latter" else names[-2] if len(names) > 1 else ()
    if word in ("they", "their"):
        return _several(word, before, here, mind)
    if word.startswith(("both", "the two", "the pair", "the companies")):
        return _both(here, mind)
    role = _role(word, before, after)
    never = _never(role, before, after, here, scene)
    if word in ("it", "its"):
        return _it(role, before, here, never, scene, mind)
    return _called(word.split(" ", 1)[1], role, before, here, never, lately, scene, mind)


def _named(before: str, scene: Scene) -> Iterator[Named]:
    """The companies of a piece of a sentence, each with how it stands there."""
    clause = 0
    acts = False
    for at, char in enumerate(before):
        if not is_group(char):
            continue
        if _BREAK.search(before, clause, at):
            acts = False
        clause = at + 1
        names = scene.names(char)
        if before.startswith("'s", at + 1):
            yield Named(at, names, "owner")
        elif _GOVERNED.search(before, max(0, at - 16), at) or _described().search(before, max(0, at - 60), at):
            yield Named(at, names, "oblique")
        else:
            yield Named(at, names, "object" if acts else "subject")
            acts = True


def _role(word: str, before: str, after: str) -> str:
    """How a word stands between two pieces of a sentence: `subject`, `object` or `owner`."""
    if word in _OWNING or after.startswith("'s "):
        return "object" if _SHARES.match(after) and _GETS.search(before) else "owner"
    if _OBJECT.search(before, max(0, len(before) - 24)):
        return "object"
    if _ACTS.match(after):
        return "subject"
    return "object" if word == "it" or _GOVERNED.search(before, max(0, len(before) - 16)) else "subject"


def _never(role: str, before: str, after: str, here: list[Named], scene: Scene) -> set[str]:
    """Who cannot be meant: nobody deals with itself, so neither who acts on it nor whom it acts on."""
    out: set[str] = set()
    if role == "subject":
        end = _BREAK.search(after)
        for found in re.finditer(G, after[: end.start() if end else 110]):
            if not after.startswith("'s", found.end()):
                out.update(scene.names(found[0]))
        return out
    actor = _actor(before, here)
    if actor and (role == "object" or (_LEAD.search(before) and _ITS_ROUND.match(after))):
        out.update(actor)
    if role == "object" and (owner := _OWNED_BY.search(before)):
        out.update(scene.names(owner[1]))
    return out


def _actor(before: str, here: list[Named]) -> Names:
    """Who acts in the clause that a piece of a sentence ends with."""
    breaks = list(_BREAK.finditer(before))
    begins = breaks[-1].end() if breaks else 0
    subjects = [one for one in here if one.role == "subject"]
    if inside := [one for one in subjects if one.at >= begins]:
        return inside[-1].names
    if not breaks or _ING.match(before, begins):
        return subjects[-1].names if subjects else ()
    if _RELATIVE.fullmatch(breaks[-1][0]):
        behind = [one for one in here if one.at < begins]
        return behind[-1].names if behind else ()
    return ()


def _it(role: str, before: str, here: list[Named], never: set[str], scene: Scene, mind: Discourse) -> Names:
    if role == "subject" and (said := _SAID.search(before)):
        mind.fits = None
        return scene.names(said[1])
    if _LEAD.search(before) and len(here) < 2:
        return mind.round or mind.one
    for names in _in_turn(role, here, mind):
        if names and not set(names) & never:
            return names
    return ()


def _in_turn(role: str, here: list[Named], mind: Discourse) -> Iterator[Names]:
    """Who may be meant by a word that says only that it is one, the likeliest first."""
    order = (
        ("subject", "object", "oblique", "owner") if role != "subject" else ("subject", "owner", "object", "oblique")
    )
    for wanted in order:
        for one in here:
            if one.role == wanted:
                yield one.names
    if len(mind.subject) == 1 and not (is_investor(mind.subject[0]) and mind.subject != mind.topic):
        # Investors are named beside those whom they give money.
        yield mind.subject
    yield mind.centre
    if len(mind.topic) == 1:
        yield mind.topic
    yield mind.subject
    for name in reversed(mind.recent[-4:]):
        yield (name,)


def _called(
    epithet: str,
    role: str,
    before: str,
    here: list[Named],
    never: set[str],
    lately: set[str],
    scene: Scene,
    mind: Discourse,
) -> Names:
    """Whom an epithet means: who fits it best, and of those the one that is spoken of."""
    if role == "subject" and not is_specific(epithet) and (said := _SAID.search(before)):
        mind.fits = None
        return scene.names(said[1])
    turn: dict[str, float] = {}
    for place, names in enumerate(_in_turn(role, here, mind)):
        if len(names) == 1:
            turn.setdefault(names[0], -0.3 * place)
    for place, name in enumerate(reversed(mind.recent)):
        turn.setdefault(name, -2 - 0.1 * place)
    for name in lately & turn.keys():
        # Who was "it" a moment ago is not called by another word at once.
        turn[name] -= 0.5
    best, worth, most = "", NOT, NOT
    for name, salience in turn.items():
        fits = fit(epithet, name, mind.described.of(name))
        if mind.fits is not None:
            mind.fits[name] = fits
        if name in never or fits == NOT:
            continue
        if fits + salience > most or not best:
            best, worth, most = name, fits, fits + salience
    if not best or (epithet in _OPEN and worth <= 0):
        return ()
    return (best,)


def _several(word: str, before: str, here: list[Named], mind: Discourse) -> Names:
    others = {n for one in here if before.endswith("with ", 0, one.at) for n in one.names} if word == "they" else set()
    here = [one for one in here if not set(one.names) & others]
    plural = [one.names for one in here if len(one.names) > 1]
    if plural:
        return plural[-1]
    return here[0].names if here else mind.subject


def _speaker(before: str, after: str, scene: Scene, mind: Discourse) -> Names:
    """Who says `we`: whose head is quoted, else whom the article is about."""
    said = _QUOTED.search(after) or _QUOTING.search(before)
    if said:
        return scene.names(said[1])
    return mind.topic if len(mind.topic) == 1 else ()


def _both(here: list[Named], mind: Discourse) -> Names:
    flat = list(dict.fromkeys(n for one in here for n in one.names))
    if len(flat) >= 2:
        return tuple(flat[:2])
    if len(mind.sides) == 2 and mind.since < 3:
        return mind.sides
    return tuple(mind.recent[-2:]) if len(mind.recent) >= 2 else ()


def _heads() -> str:
    nouns = {noun.split()[-1] for noun in (*lexicon().stands_for, *lexicon().known)} - {"business"}
    return "|".join(re.escape(n) for n in sorted(nouns, key=len, reverse=True))


REACH = 1000
"""So many characters of a sentence around a word tell whom it means; a longer sentence is a table or worse."""
_QUOTED = re.compile(rf"[\"”],? (?:said|says|added|adds|according to)[^\"“{G[1:-1]}]{{0,80}}({G})")
_QUOTING = re.compile(rf"({G})(?:'s)?[^\"“{G[1:-1]}]{{0,60}} (?:said|says|added|wrote)[:,]? [\"“][^\"”]*$")
_OPEN = ("buyer", "acquirer", "investor", "supplier", "vendor")
"""Nouns for whoever does that in a deal."""
_GOVERNED = re.compile(r"\b(?:of|with|in|from|by|against|for|to|at|like|than|over|on|into|between|behind)(?: the)? $")
_BREAK = re.compile(
    rf"[;:]|, (?:and|but|so) (?!(?:\w+ly |also |then )?(?:{VERBS}|\w+ed\b))|, (?:while|which|who|as)\b|"
    r"\b(?:that|which|who|whom|after|when|while|because|before|where|said|says|although|though|since|if)\b"
)
"""Where another clause begins."""
_ING = re.compile(r" \w+ing\b")
_RELATIVE = re.compile(r"(?:, )?(?:which|who)")
_ACTS = re.compile(
    r"(?:'s|'ll|'d)? (?:\w+ly |also |now |then |still |has |had |in turn |never |again )*"
    rf"(?:{VERBS}|[a-z]+ed\b|[a-z]{{2,}}(?<!s)s\b|put|spent|made|paid|lent|set|held|let|began|grew|lost|rose|fell|went|came|"
    r"hopes|wants|did|does|gave|chose|struck|should|might|must)\b"
)
"""What follows a subject."""
_BEHIND_NAME = re.compile(rf"{G}, $")
_SPEAKS = re.compile(r" (?:said|says|announced|told|added|wrote|reported|confirmed|disclosed|believes)\b")
_SAID = re.compile(
    rf"({G})(?:,[^,]{{0,60}},)? (?:said|says|announced|added|confirmed|disclosed|stated|believes?|hopes?|expects?)"
    r"(?: (?:on|in|this|last) \w+)?(?: that)? $"
)
_OBJECT = re.compile(
    r"\b(?:of|in|into|for|with|to|from|by|behind|on|pa(?:y|ys|id|ying)|suppl(?:y|ies|ied|ying)|sell(?:s|ing)?|sold|"
    r"g[ai]v(?:e|es|en|ing)|lend(?:s|ing)?|lent|provid(?:e|es|ed|ing)|bu(?:y|ys|ying)|bought|acquir(?:e|es|ed|ing)|"
    r"back(?:s|ed|ing)?|fund(?:s|ed|ing)?|lead(?:s|ing)?|led|grant(?:s|ed|ing)?|join(?:s|ed|ing)?|award(?:s|ed|ing)?|"
    r"help(?:s|ed|ing)?)(?: all| most| part| half| %)* $"
)
_GETS = re.compile(
    r"\b(?:buy|buys|buying|bought|acquir\w+|purchas\w+|receiv\w+|g[eo]ts?|tak\w+|took|owns?|holds?) "
    rf"(?:(?:up to |about |as much as |around )?(?:{M}|[\d.,]+(?: million| billion|%| per ?cent)?|half|some|part|most)"
    r"(?: worth)? of )$"
)
_SHARES = re.compile(r"(?:'s)? (?:new |common |ordinary |class a |own )*(?:stock|shares|equity)\b")
_OWNED_BY = re.compile(rf"({G})'s (?:[\w-]+ ){{1,4}}(?:in|into|of|with) $")
"""`G42's investment in the start-up`."""
_ITS_ROUND = re.compile(
    rf"(?: [\w$.{M[1:-1]}-]+){{0,4}} (?:round|series [a-h]|seed|funding|financing|raise|tranche|extension)\b"
)
_LEAD = re.compile(
    r"\b(?:co-led|led|leads?|leading|joined|joins|backed|anchored|in|into|took part in|participated in) $"
)
_OWNING = ("its", "their", "our")
_cache: dict[str, "re.Pattern[str]"] = {}


def _anaphor() -> "re.Pattern[str]":
    if "anaphor" not in _cache:
        _cache["anaphor"] = re.compile(
            rf"(?<![\w'-])(?:it{_EMPTY_IT}|its|they|their|we|our|{_OF_TWO}|"
            rf"both(?: companies| firms)?(?! (?:of|the|in|{G}))|"
            rf"the two(?: (?:[\w-]+ )?(?:companies|firms|sides|rivals|partners|groups|businesses|carmakers|chipmakers|"
            rf"automakers|banks|labs|startups|start-ups|operators|carriers|giants))?(?! \w+s\b)|"
            rf"the pair|the companies(?! (?:that|which|who|whose|behind)\b)|"
            rf"the (?:business|(?:(?!{_NOT_SAME})[\w.&-]+,? ){{0,4}}?(?:[\w-]+maker|{_heads()}))"
            rf"(?! (?:of|behind|that|which|{_COMPOUND})\b| {G}))"
            rf"(?![\w-]|'s (?:been|not|a)\b)"
        )
    return _cache["anaphor"]


_EMPTY_IT = (
    r"(?!(?:'s| is| was| would be| will be| marks| comes| came| takes| took)"
    r"(?: (?:the|a|an|only|also|\ue000|[\w.-]+'s))?(?: (?:latest|first|second|third|fourth|fifth|sixth|largest|biggest|"
    r"most|only|one of the \w+|unclear|clear|not|possible|likely|expected that|understood|believed|return|sign|move|"
    r"deal|reminder|time))\b)"
    r"(?! (?:does|do|did) not (?:already |yet )?own)"
)
"""`It is the third round this year`: nobody is meant."""


def _described() -> "re.Pattern[str]":
    """`of British start-up`: what governs the name stands before what describes it."""
    if "described" not in _cache:
        nations = "|".join(re.escape(one) for one in sorted(lexicon().countries, key=len, reverse=True))
        _cache["described"] = re.compile(
            rf"\b(?:of|with|in|from|by|against|to|into|between|behind)(?: the| an?)?(?: [\w.'-]+){{0,3}}? "
            rf"(?:{nations}|[\w-]+maker|{_heads()}) $"
        )
    return _cache["described"]


_OF_TWO = r"the (?:former|latter)(?='s\b| (?:will|would|has|is|was|to|for|with|and|in)\b|[,.;]|$)"
_NOT_SAME = (
    r"(?:the|a|an|its|their|that|which|who|whose|of|in|and|or|to|from|by|with|for|on|at|as|other|another|new|same|first|second|third|next|last|latest|only|"
    r"whole|entire|two|three|four|several|combined|resulting|merged|enlarged|joint|largest|biggest|most|newly|is|was|"
    r"are|were|has|had|have|will|would|said)\b"
)
_COMPOUND = (
    r"loans?|financing|conference|tools?|program(?:me)?|community|ecosystem|scene|world|market|industry|stocks?|"
    r"licen[cs]es?|kit"
)
