"""Whom `it`, `its` and `the chipmaker` mean, for the encoder: learned from deals that name a side in another sentence.

A softmax over the companies named before, with the weights of `antecedents.toml`, which `training.deals.antecedents`
fits. What the frames take a word for is one of the facts.
"""

import re
import tomllib
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.resources import files

from extractors.deals.epithets import NOT, is_investor, is_specific
from extractors.deals.typed import Names, Reference, Scene
from schemas.mention import CompanyMention

FEATURES = (
    "ruled", "nearest", "rank", "here", "one_back", "back", "first_here", "last_here", "first_back", "last_back",
    "titled", "often", "opens_paragraph", "opens_text", "behind", "owner", "governed", "investor", "fit", "unfit",
)  # fmt: skip
KINDS = ("it", "its", "plain", "specific")
"""Sorts of words: each has weights of its own beside those for all."""
MOST = 12
"""Companies that may be meant, those named last."""
_SEVERAL = ("they", "their", "we", "our", "both", "the two", "the pair", "the companies", "the former", "the latter")
"""Words of which the rules alone know whom they mean."""
_GOVERNED = re.compile(r"\b(?:of|in|into|for|with|to|from|by|behind|on|at|than|like|against)(?: the)?$")
Span = tuple[int, int]


class Article:
    """Where an article names which company."""

    def __init__(self, text: str, sentences: Sequence[Span], companies: Sequence[CompanyMention]) -> None:
        self.text, self.sentences = text, sentences
        self.starts = [start for start, _ in sentences]
        self.named = sorted((one.start, one.end, one.name) for one in companies)
        self.title = {name for start, _, name in self.named if start < text.find("\n")}

    def sentence(self, at: int) -> int:
        """The number of the sentence at a place."""
        return max(0, bisect_right(self.starts, at) - 1)


def meant(article: Article, scenes: Sequence[Scene]) -> Iterator[tuple[int, int, Names]]:
    """The words that stand for companies, in the order of the sentences: start, end, and who is meant."""
    for scene in scenes:
        yield from scene.makers
        for start, end, one in scene.pointing(article.text):
            names = one.names
            if given := facts(article, start, end, one):
                kind, candidates, rows = given
                weights = _weights(kind)
                scores = [sum(w * x for w, x in zip(weights, row, strict=True)) for row in rows]
                names = (candidates[scores.index(max(scores))],)
            yield start, end, names


def facts(
    article: Article, start: int, end: int, one: Reference
) -> tuple[str, list[str], list[tuple[float, ...]]] | None:
    """The sort of a word, the companies that it may mean, and what is known of each, in the order of `FEATURES`.

    None where it means several, where grammar tells whom (`Acme said it`), or where none is named before.
    """
    before = [named for named in article.named if named[0] < start]
    if one.fits is None or one.word.startswith(_SEVERAL) or not before:
        return None
    number = article.sentence(start)
    here, last = article.sentences[number], article.sentences[max(0, number - 1)]
    paragraph = article.text.rfind("\n", 0, start) + 1
    inside = [name for at, _, name in before if at >= here[0]]
    back = [name for at, _, name in before if last[0] <= at < here[0]] if number else []
    opening = next((name for at, _, name in before if at >= paragraph), None)
    behind = {name for at, _, name in article.named if end <= at < here[1]}
    count = Counter(name for _, _, name in before)
    candidates = list(dict.fromkeys(name for _, _, name in reversed(before)))[:MOST]
    rows: list[tuple[float, ...]] = []
    for rank, name in enumerate(candidates):
        at, stop = next((at, stop) for at, stop, other in reversed(before) if other == name)
        apart = number - article.sentence(at)
        fits = one.fits.get(name, 0.0)
        rows.append(
            (
                float(name in one.names),
                float(rank == 0),
                min(rank, 8) / 4,
                float(apart == 0),
                float(apart == 1),
                min(apart, 8) / 4,
                float(inside[:1] == [name]),
                float(inside[-1:] == [name]),
                float(back[:1] == [name]),
                float(back[-1:] == [name]),
                float(name in article.title),
                count[name] / max(count.values()),
                float(opening == name),
                float(article.named[0][2] == name),
                float(name in behind),
                float(article.text.startswith(("'s", "’s"), stop)),
                float(_GOVERNED.search(article.text[max(0, at - 14) : at].strip().lower()) is not None),
                float(is_investor(name)),
                0.0 if fits == NOT else min(fits, 6.0) / 3,
                float(fits == NOT),
            )
        )
    return _kind(one.word), candidates, rows


def _kind(word: str) -> str:
    if word in ("it", "its"):
        return word
    return "specific" if is_specific(word.partition(" ")[2]) else "plain"


@cache
def _weights(kind: str) -> tuple[float, ...]:
    stored = tomllib.loads(files(__package__).joinpath("antecedents.toml").read_text("utf-8"))
    return tuple(stored["any"][name] + stored[kind][name] for name in FEATURES)
