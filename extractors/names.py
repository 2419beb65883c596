"""Names of families: finds members of the catalogue's chip and model families in a text, new versions included."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from itertools import zip_longest
from typing import NamedTuple

from extractors.catalog import Family

# A version or a variant after a comma, `and`, `or` or a slash; a capital behind it makes it a name of its own.
_NEXT = re.compile(
    r"(?:, (?:and |or )?| and | or |/)(?P<last>(?:(?:v\d|[A-Z])[\w-]*|mini|nano)(?: \d(?:\.\d)?)?)"
    r"(?![\w-]|\.\d| [A-Z][a-z])"
)


class Found(NamedTuple):
    """One member of a family, as the text writes it; offsets in code points."""

    start: int
    end: int
    name: str
    family: Family


class Matcher:
    """Finds the longest member of any family at each word. `accepts` decides where the name alone is not enough."""

    def __init__(self, families: Iterable[Family], *, plural: bool) -> None:
        self._by_start: dict[str, list[tuple[Family, re.Pattern[str]]]] = {}
        end = r"(?:(?P<plural>s)|)(?![\w])" if plural else r"(?![\w])"
        for family in families:
            pattern = re.compile(f"(?:{family.pattern}){end}")
            for start in family.starts:
                self._by_start.setdefault(start, []).append((family, pattern))
        # Few words that begin like a name are one; a pattern for all families of a letter tells it at once.
        self._words = re.compile(f"(?<![\\w$#@.])[{re.escape(''.join(sorted(self._by_start)))}]")
        self._any = {
            start: re.compile(
                "|".join(f"(?:{one.pattern}){end}".replace("?P<plural>", "?:") for one in _unnamed(owned))
            )
            for start, owned in ((start, [family for family, _ in found]) for start, found in self._by_start.items())
        }

    def find(self, text: str, accepts: Callable[[Family, int, int], bool]) -> list[Found]:
        """The members in reading order, none overlapping."""
        found: list[Found] = []
        free = 0
        for word in self._words.finditer(text):
            start = word.start()
            if start < free or not self._any[word[0]].match(text, start):
                continue
            matches = [
                (match.end(), -rank, family, match)
                for rank, (family, pattern) in enumerate(self._by_start[word[0]])
                if (match := pattern.match(text, start))
            ]
            for end, _, family, match in sorted(matches, key=lambda one: one[:2], reverse=True):
                if accepts(family, start, end):
                    found.append(Found(start, end, _canonical(family, match), family))
                    free = end
                    break
        return list(self._with_shortened(text, found, accepts))

    def _with_shortened(
        self, text: str, found: list[Found], accepts: Callable[[Family, int, int], bool]
    ) -> Iterator[Found]:
        """The members, and those that a list names by their last word alone: `Flash` in `Gemini 2.5 Pro and Flash`."""
        for one, after in zip_longest(found, found[1:]):
            yield one
            named, end = text[one.start : one.end], one.end
            while " " in named and (follows := _NEXT.match(text, end)):
                start, end = follows.span("last")
                name = self._sibling(one.family, named, follows["last"])
                if name is None or (after is not None and after.start < end) or not accepts(one.family, one.start, end):
                    break
                yield Found(start, end, name, one.family)

    def _sibling(self, family: Family, named: str, last: str) -> str | None:
        """The canonical name of the member of the family that is named like `named`, with other last words."""
        words = named.split(" ")
        for kept in range(len(words) - 1, 0, -1):
            whole = " ".join((*words[:kept], last))
            for other, pattern in self._by_start.get(named[0], ()):
                if other == family and last != words[kept] and (match := pattern.fullmatch(whole)):
                    return _canonical(family, match)
        return None


def _unnamed(families: Iterable[Family]) -> Iterator[Family]:
    """The families with patterns whose groups are not numbered, so that many fit into one pattern."""
    for family in families:
        yield family._replace(pattern=re.sub(r"(?<!\\)\((?!\?)", "(?:", family.pattern))


@cache
def whole_words(names: frozenset[str]) -> re.Pattern[str]:
    """A pattern for any of the names as whole words."""
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, sorted(names, key=len, reverse=True))) + r")(?!\w)")


def _canonical(family: Family, match: re.Match[str]) -> str:
    plural = match.groupdict().get("plural") or ""
    core = match[0][: len(match[0]) - len(plural)]
    groups = [core, *(group or "" for group in match.groups())]
    return " ".join(family.name.format(*groups, *[""] * 4).split())
