"""The words that deals are told in: one TOML file a kind, compiled once."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from schemas.deal import DealKind

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick


@dataclass(frozen=True)
class Frame:
    """How one group of trigger words binds companies to roles.

    `subject`, `object` and the values of `preps` are `payer`, `payee` or `party`, with another kind before a colon
    where the slot changes the kind.
    """

    kind: DealKind
    noun: bool
    subject: str
    object: str
    preps: dict[str, str]
    needs: str
    confidence: float
    light: "re.Pattern[str] | None"
    prior: bool = False
    follows: bool = False
    """Whether its words tell of investors beside those of a round told before."""


@dataclass(frozen=True)
class Lexicon:
    """All triggers of all kinds, and the other word lists."""

    trigger: "re.Pattern[str]"
    frames: dict[str, tuple[tuple[Frame, str], ...]]
    ended: "re.Pattern[str]"
    planned: "re.Pattern[str]"
    hearsay: "re.Pattern[str]"
    void: "re.Pattern[str]"
    stands_for: tuple[str, ...]
    goods: "re.Pattern[str]"
    shares: "re.Pattern[str]"
    known: dict[str, tuple[str, ...]]
    rank: dict[str, int]
    kinds: dict[str, tuple[str, ...]]
    """The kinds of the catalogue that a word of an epithet names."""
    countries: dict[str, str]
    """Adjectives of countries with the codes of the catalogue."""


@cache
def lexicon() -> Lexicon:
    """Everything in the TOML files beside this module."""
    frames: dict[str, list[tuple[Frame, str]]] = {}
    for kind in DealKind:
        for entry in _read(kind.value).get("frame", ()):
            if not entry.get("disabled"):
                _add(frames, kind, entry)
    status, words = _read("status"), _read("words")
    return Lexicon(
        trigger=_any(frames),
        frames={form: tuple(found) for form, found in frames.items()},
        ended=_one_of(status["ended"]),
        planned=_one_of(status["planned"]),
        hearsay=_one_of(status["hearsay"]),
        void=_one_of(status["void"]),
        stands_for=tuple(words["stands_for"]),
        goods=_any(words["goods"]),
        shares=_any(words["shares"]),
        rank={name: int(rank) for rank, names in words["rank"].items() for name in names},
        known={noun: tuple(names) for noun, names in words["known"].items()},
        kinds=_turned(words["kinds"]),
        countries=words["countries"],
    )


def places(text: str) -> list[int]:
    """Where trigger words may begin in a text, in order: a quick look that takes parts of words as well."""
    lower = text.lower()
    if len(lower) != len(text):  # a few letters grow when they are made small; offsets must hold
        lower = "".join(small if len(small := one.lower()) == 1 else one for one in text)
    return sorted({start for _, start, _ in _finder().find_matches_as_indexes(lower, overlapping=True)})


def triggers(code: str) -> Iterator["re.Match[str]"]:
    """The trigger words of a typed sentence, from left to right; the pattern is tried only where one may begin."""
    pattern, free = lexicon().trigger, 0
    for start in sorted({at for _, at, _ in _finder().find_matches_as_indexes(code, overlapping=True)}):
        if start >= free and (found := pattern.match(code, start)):
            yield found
            free = found.end()


@cache
def _finder() -> "AhoCorasick":
    from ahocorasick_rs import AhoCorasick

    return AhoCorasick(list(lexicon().frames))


def forms(verb: str) -> list[tuple[str, str]]:
    """The forms of a verb with their names: `buy/buys/bought/bought/buying`, or a regular one by its base alone."""
    if "/" in verb:
        base, third, past, participle, ing = verb.split("/")
    else:
        stem = verb[:-1] if verb.endswith("e") else verb
        y = verb.endswith("y") and verb[-2] not in "aeiou"
        doubled = verb + verb[-1] if verb in _DOUBLE else stem
        base, ing = verb, doubled + "ing"
        past = participle = (verb[:-1] + "ied") if y else doubled + "ed"
        third = (verb[:-1] + "ies") if y else verb + ("es" if verb.endswith(("s", "ch", "sh", "x")) else "s")
    return [(base, "base"), (third, "base"), (past, "past"), (participle, "past"), (ing, "ing")]


_DOUBLE = ("plan", "tap", "plug", "bag", "net")


def _plural(noun: str) -> str:
    if noun.startswith("series ") or noun.endswith("s"):
        return noun
    return noun[:-1] + "ies" if noun.endswith("y") and noun[-2] not in "aeiou" else noun + "s"


def _add(frames: dict[str, list[tuple[Frame, str]]], kind: DealKind, entry: dict[str, Any]) -> None:
    frame = Frame(
        kind=kind,
        noun="nouns" in entry,
        subject=entry.get("subject", ""),
        object=entry.get("object", ""),
        preps=entry.get("preps", {}),
        needs=entry.get("needs", ""),
        confidence=entry.get("confidence", 0.5),
        prior=entry.get("prior", False),
        follows=entry.get("follows", False),
        light=re.compile(rf"\b(?:{entry['light']})\b") if entry.get("light") else None,
    )
    for noun in entry.get("nouns", ()):
        # "its partnerships" are those that there are.
        for form in dict.fromkeys((noun, _plural(noun))) if kind.directed else (noun,):
            frames.setdefault(form, []).append((frame, "noun"))
    for verb in entry.get("verbs", ()):
        for form, which in dict(reversed(forms(verb))).items():
            frames.setdefault(form, []).append((frame, which))


def _turned(table: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """The headings under which each word stands."""
    every = dict.fromkeys(word for under in table.values() for word in under)
    return {word: tuple(head for head, under in table.items() if word in under) for word in every}


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads(resources.files(__name__).joinpath(f"{name}.toml").read_text(encoding="utf-8"))


def _any(words: Any) -> "re.Pattern[str]":
    return re.compile(rf"(?<![\w-])(?:{'|'.join(re.escape(w) for w in sorted(words, key=len, reverse=True))})(?![\w])")


def _one_of(patterns: list[str]) -> "re.Pattern[str]":
    return re.compile(rf"\b(?:{'|'.join(patterns)})\b")
