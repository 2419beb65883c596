"""Annotated documents as what the network learns from: windows with a tag a word, and pairs with their deals."""

import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from extractors import run
from extractors.deals import typed_sentences
from extractors.deals.candidates import CLASSES, Candidates, candidates
from extractors.encoder import pieces
from extractors.encoder.hints import hints
from extractors.nlp import pipeline
from schemas.deal import DealKind, DealStatus
from schemas.mention import MoneyMention
from training.deals.train import mentions as annotated
from training.encoder.model import TAGS

Document = dict[str, Any]
STATUSES = tuple(status.value for status in DealStatus)
SIZE = 200
"""Word pieces of a window for tagging."""


class Tagged(NamedTuple):
    """A document's words with the right tags and what the rules hint."""

    words: list[pieces.Word]
    tags: list[int]
    types: list[int]
    breaks: list[int]


class Paired(NamedTuple):
    """A window with its pairs: the classes that hold (1), do not (0) or are told elsewhere (-1) of each pair and of its
    closest mentions, the status, and the amounts and the deals (by their numbers) of each pair and class."""

    given: Candidates
    kinds: np.ndarray[Any, Any]
    links: np.ndarray[Any, Any]
    status: np.ndarray[Any, Any]
    amounts: dict[tuple[int, int], set[int]]
    deals: dict[tuple[int, int], set[int]]


def tagged(document: Document) -> Tagged:
    """The document for tagging."""
    text = document["text"]
    words = pieces.words(text)
    marks = sorted(
        (m["start"], m["end"], pieces.TYPES.index(m["label"]) + 1)
        for m in document["mentions"]
        if m["label"] in pieces.TYPES
    )
    types = pieces.word_types(words, marks)
    starts = {start for start, _, _ in marks}
    tags = [
        TAGS.index(f"{'B' if word.start in starts else 'I'}-{pieces.TYPES[kind - 1]}") if kind else 0
        for word, kind in zip(words, types, strict=True)
    ]
    doc = pipeline()(text)
    ends = [end for _, end in run.sentences(doc)]
    breaks, at = [], 0
    for index, word in enumerate(words):
        while at < len(ends) and word.start >= ends[at]:
            breaks.append(index)
            at += 1
    return Tagged(words, tags, pieces.word_types(words, hints(text)), sorted({*breaks, len(words)}))


def paired(document: Document) -> Iterator[Paired]:
    """The windows of a document for deals."""
    text = document["text"]
    doc = pipeline()(text)
    doc.user_data["dealwire"] = annotated(document)
    read = list(typed_sentences(doc))
    told = [one for _, found, _ in read for one in found]
    scenes = [scene for scene, _, _ in read]
    records = [one for found in doc.user_data["dealwire"].values() for one in found]
    for given in candidates(text, records, run.sentences(doc), told, scenes):
        yield _labelled(given, document["deals"], len(text))


def _labelled(given: Candidates, deals: Sequence[Document], length: int) -> Paired:
    kinds = np.zeros((len(given.pairs), len(CLASSES)), dtype=np.float32)
    status = np.full(len(given.pairs), -1, dtype=np.int64)
    links = np.zeros((*given.linked.shape, len(CLASSES)), dtype=np.float32)
    amounts: dict[tuple[int, int], set[int]] = {}
    among: dict[tuple[int, int], set[int]] = {}
    spans = {place: span for one in given.entities for place, span in zip(one.places, one.spans, strict=True)}
    whole = given.start < 50 and given.end >= length - 2
    for number, deal in enumerate(deals):
        begin, stop = deal["evidence"]
        here = whole or (given.start <= begin and stop <= given.end + 1)
        for row, (a, b) in enumerate(given.pairs):
            name = _class(deal, given.entities[a].name, given.entities[b].name)
            if name is None:
                continue
            column = CLASSES.index(name)
            for n, places in enumerate(given.links[row]):
                told = here and all(begin <= spans[at][0] and spans[at][1] <= stop + 1 for at in places)
                links[row, n, column] = 1 if told or links[row, n, column] == 1 else -1
            if not here:
                if kinds[row, column] == 0:
                    kinds[row, column] = -1
                continue
            kinds[row, column] = 1
            status[row] = STATUSES.index(deal["status"])
            amounts.setdefault((row, column), set()).update(_amounts(deal, given))
            among.setdefault((row, column), set()).add(number)
    return Paired(given, kinds, links, status, amounts, among)


def _class(deal: Document, a: str, b: str) -> str | None:
    kind = DealKind(deal["kind"])
    if not kind.directed:
        parties = {*deal["parties"], *deal["payers"], *deal["payees"]}
        return kind.value if {a, b} <= parties else None
    if a in deal["payers"] and b in deal["payees"]:
        return kind.value + ">"
    if b in deal["payers"] and a in deal["payees"]:
        return kind.value + "<"
    return None


def _amounts(deal: Document, given: Candidates) -> Iterator[int]:
    for number, one in enumerate(given.amounts):
        if isinstance(one, MoneyMention):
            low, high = (None if x is None else float(x) for x in (one.amount_min, one.amount_max))
            if deal.get("currency") and (one.currency, low, high) == (deal["currency"], deal["min"], deal["max"]):
                yield number
        elif deal.get("capacity_mw") is not None and deal["capacity_mw"] in (one.mw_max, one.mw_min):
            yield number


def swapped(one: Tagged, pool: dict[str, list[list[pieces.Word]]], chance: float, rng: random.Random) -> Tagged:
    """The document with some of its names replaced by names of the same type from other documents."""
    out_words: list[pieces.Word] = []
    tags: list[int] = []
    types: list[int] = []
    moved = [0] * (len(one.words) + 1)
    chosen: dict[tuple[str, ...], list[pieces.Word] | None] = {}
    index = 0
    while index < len(one.words):
        moved[index] = len(out_words)
        tag = TAGS[one.tags[index]]
        stop = index + 1
        if tag.startswith("B-"):
            inner = TAGS.index("I" + tag[1:])
            while stop < len(one.words) and one.tags[stop] == inner:
                stop += 1
        label = tag[2:]
        new: list[pieces.Word] | None = None
        if tag.startswith("B-") and label in pool:
            key = (label, *(str(word.ids) for word in one.words[index:stop]))
            if key not in chosen:
                chosen[key] = rng.choice(pool[label]) if rng.random() < chance else None
            new = chosen[key]
        for at in range(index + 1, stop):
            moved[at] = len(out_words)
        if new is None:
            out_words += one.words[index:stop]
            tags += one.tags[index:stop]
            types += one.types[index:stop]
        else:
            out_words += new
            tags += [TAGS.index(f"B-{label}")] + [TAGS.index(f"I-{label}")] * (len(new) - 1)
            types += [0] * len(new)
        index = stop
    moved[len(one.words)] = len(out_words)
    return Tagged(out_words, tags, types, [moved[at] for at in one.breaks])
