"""Who `it`, `the company`, `the chipmaker` and `both` are, by what the article said just before."""

import re
from dataclasses import dataclass, field

from extractors.deals.lexicon import lexicon
from extractors.deals.typed import GROUP, G, Names, Scene


@dataclass
class Discourse:
    """What a reader has in mind at the start of a sentence."""

    topic: Names = ()
    round: Names = ()
    subject: Names = ()
    recent: list[str] = field(default_factory=list)
    nouns: dict[str, list[str]] = field(default_factory=dict)

    def note(self, scene: Scene) -> None:
        """Remember the companies of a sentence, its subject and the nouns they go by."""
        chars = re.findall(G, scene.code)
        if not chars:
            return
        for char in chars:
            for name in scene.names(char):
                if name in self.recent:
                    self.recent.remove(name)
                self.recent.append(name)
        self.subject = scene.names(chars[0])
        if not self.topic:
            self.topic = self.subject
        for found in _described().finditer(scene.code):
            noun = found["before"] or found["after"]
            char = found["g1"] or found["g2"]
            if noun and char:
                self.nouns.setdefault(noun, []).extend(scene.names(char))


def resolve(scene: Scene, mind: Discourse) -> None:
    """Put the companies that pronouns and epithets stand for into the sentence's typed text."""
    if not mind.recent and not scene.groups:
        return
    out: list[str] = []
    at = 0
    for found in _anaphor().finditer(scene.code):
        before = [c for c in scene.code[: found.start()] if GROUP <= ord(c) < GROUP + 0x800]
        names = _antecedent(
            found[0],
            [scene.names(c) for c in before],
            mind,
            after_lead=bool(_LEAD.search(scene.code, max(0, found.start() - 16), found.start())),
        )
        if not names:
            continue
        out.append(scene.code[at : found.start()])
        word = found[0]
        out.append(scene.new_group(names) + ("'s" if word in ("its", "their") else ""))
        at = found.end()
    out.append(scene.code[at:])
    scene.code = "".join(out)


def _antecedent(word: str, before: list[Names], mind: Discourse, *, after_lead: bool = False) -> Names:
    if word in ("it", "its"):
        if after_lead:
            return mind.round or mind.subject
        return before[0] if before else mind.subject
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
    if known:
        return ()
    here = {n for names in before for n in names}
    if noun in ("company", "firm", "group", "business", "start-up", "startup"):
        if before:
            return before[0]
        return mind.subject or mind.topic
    if noun in ("buyer", "acquirer", "investor", "supplier", "vendor"):
        return ()
    if len(before) == 0 and mind.subject:
        return mind.subject
    left = [n for n in mind.recent if n not in here]
    return (left[-1],) if left else ()


def _nouns() -> str:
    return "|".join(re.escape(n) for n in sorted((*lexicon().stands_for, *lexicon().known), key=len, reverse=True))


_LEAD = re.compile(r"\b(?:led|leads?|leading|joined|backed|anchored|in|into) $")
_cache: dict[str, "re.Pattern[str]"] = {}


def _anaphor() -> "re.Pattern[str]":
    if "anaphor" not in _cache:
        _cache["anaphor"] = re.compile(
            rf"(?<![\w'-])(?:its?|they|their|both(?: companies| firms)?(?! (?:of|the|in|{G}))|"
            rf"the two(?: companies| firms| sides)?(?! \w+s\b)|"
            rf"the pair|the companies|the (?:[\w-]+ )?(?:{_nouns()}))(?![\w-]|'s (?:been|not|a)\b)"
        )
    return _cache["anaphor"]


def _described() -> "re.Pattern[str]":
    if "described" not in _cache:
        _cache["described"] = re.compile(
            rf"(?<![\w-])(?P<before>{_nouns()}) (?P<g1>{G})|(?P<g2>{G}), (?:the|"
            rf"an?) (?:[\w'-]+ ){{0,4}}(?P<after>{_nouns()})\b"
        )
    return _cache["described"]
