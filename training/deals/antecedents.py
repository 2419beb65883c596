"""Make `extractors/deals/antecedents.toml`: `python -m training.deals.antecedents FILE…` over annotated news.

Nobody has annotated whom pronouns mean. But where a deal's best sentence names one side only, a pronoun or epithet in
it mostly stands for the other; of several the one that the weights so far hold for the likeliest is taken. Where it
names both sides, a word that the rules take for one of them is taken for that, and counts half. The same input gives
the same weights.
"""

import argparse
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from extractors.deals import typed_sentences
from extractors.deals.antecedents import FEATURES, KINDS, Article, facts
from extractors.nlp import pipeline
from extractors.run import sentences
from training import markup
from training.deals.train import mentions

TARGET = Path(__file__).parents[2] / "extractors" / "deals" / "antecedents.toml"
PASSES, BATCH, RATE, DECAY = 3, 64, 0.03, 1e-3
Vector = np.ndarray[Any, np.dtype[np.float64]]


class Word(NamedTuple):
    """A pronoun or epithet: the companies that it may mean, what is known of each, and whom the rules take it for."""

    candidates: list[str]
    rows: Vector
    ruled: tuple[str, ...]


class Example(NamedTuple):
    """The words of a sentence one of which means a company, and how much that counts."""

    words: list[Word]
    who: str
    weight: float


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--held", nargs="*", type=Path, default=[], help="measure on these, which are not learned from")
    options = parser.parse_args()
    given = [one for path in sorted(options.files) for document in markup.read(path) for one in examples(document)]
    weights = fit(given)
    save(weights)
    print(f"{len(given)} sentences; {report(weights, given)}")
    if options.held:
        held = [one for path in options.held for document in markup.read(path) for one in examples(document)]
        print(f"held out: {report(weights, held)}")


def examples(document: dict[str, Any]) -> Iterator[Example]:
    """The sentences that tell deals, with the words that may mean a side."""
    doc = pipeline()(document["text"])
    doc.user_data["dealwire"] = found = mentions(document)
    scenes = [scene for scene, _, _ in typed_sentences(doc)]
    article = Article(document["text"], sentences(doc), found["companies"])
    words = list(_words(article, scenes))
    for deal in document["deals"]:
        start, end = deal["evidence"]
        here = [word for at, word in words if start <= at < end]
        named = {name for at, _, name in article.named if start <= at < end}
        sides = [{*deal["payers"]}, {*deal["payees"]}] if deal["payers"] else [{one} for one in deal["parties"]]
        absent = [side for side in sides if side.isdisjoint(named)]
        if here and len(absent) == 1 and len(absent[0]) == 1:
            yield Example(here, min(absent[0]), 1.0)
        elif not absent:
            for word in here:
                if len(word.ruled) == 1 and word.ruled[0] in {*deal["payers"], *deal["payees"], *deal["parties"]}:
                    yield Example([word], word.ruled[0], 0.5)


def _words(article: Article, scenes: list[Any]) -> Iterator[tuple[int, Word]]:
    for scene in scenes:
        for start, end, one in scene.pointing(article.text):
            if known := facts(article, start, end, one):
                kind, candidates, rows = known
                wide = np.zeros((len(rows), 1 + len(KINDS), len(FEATURES)))
                wide[:, 0] = wide[:, 1 + KINDS.index(kind)] = rows
                yield start, Word(candidates, wide.reshape(len(rows), -1), one.names)


def fit(given: list[Example]) -> Vector:
    """The weights, by Adam: for all words, then for each sort of them."""
    size = (1 + len(KINDS)) * len(FEATURES)
    weights, first, second = np.zeros(size), np.zeros(size), np.zeros(size)
    weights[0] = 1.0
    rng = np.random.default_rng(1)
    learned = [one for one in given if any(one.who in word.candidates for word in one.words)]
    steps = PASSES * (len(learned) // BATCH)
    order = np.concatenate([rng.permutation(len(learned))[: len(learned) // BATCH * BATCH] for _ in range(PASSES)])
    for step, batch in enumerate(order.reshape(steps, BATCH), start=1):
        slope = DECAY * weights
        for at in batch:
            slope += _slope(learned[at], weights) / BATCH
        first, second = 0.9 * first + 0.1 * slope, 0.999 * second + 0.001 * slope**2
        rate = RATE * (1 - step / steps)
        weights -= rate * (first / (1 - 0.9**step)) / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
    return weights


def _slope(one: Example, weights: Vector) -> Vector:
    able = [word for word in one.words if one.who in word.candidates]
    likely = [(_softmax(word.rows @ weights), word) for word in able]
    likelihood, word = max(likely, key=lambda pair: pair[0][pair[1].candidates.index(one.who)])
    slope: Vector = one.weight * (word.rows.T @ likelihood - word.rows[word.candidates.index(one.who)])
    return slope


def _softmax(scores: Vector) -> Vector:
    raised = np.exp(scores - scores.max())
    likelihood: Vector = raised / raised.sum()
    return likelihood


def report(weights: Vector, given: list[Example]) -> str:
    """How often a word means the side that is not named, by these weights and by the rules."""
    absent = [one for one in given if one.weight == 1]
    right = sum(any(w.candidates[int(np.argmax(w.rows @ weights))] == one.who for w in one.words) for one in absent)
    ruled = sum(any(one.who in word.ruled for word in one.words) for one in absent)
    return (
        f"of {len(absent)} with a side not named {right / len(absent):.3f} right (the rules {ruled / len(absent):.3f})"
    )


def save(weights: Vector) -> None:
    """Write the weights as a table for each sort of words."""
    lines = ["# Weights of extractors.deals.antecedents: training.deals.antecedents."]
    for table, row in zip(("any", *KINDS), weights.reshape(-1, len(FEATURES)), strict=True):
        lines += ["", f"[{table}]", *(f"{name} = {value:.3f}" for name, value in zip(FEATURES, row, strict=True))]
    TARGET.write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
