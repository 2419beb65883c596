"""The windows that learn deals: read, put into batches, and changed at random, so that none is known by heart."""

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from extractors.deals.candidates import CLASSES
from extractors.encoder import pieces
from training import markup
from training.encoder import core
from training.encoder.examples import Paired, paired

BATCH = 1600
"""Word pieces of a batch."""
RENAMED = 0.6
"""Share of the companies that are given another's name each time."""
HIDDEN = 0.2
"""At most so much of the words that are no names is hidden, so that no text is known by heart."""
DEAF = 0.15
"""Share of the windows in which what the frames read is hidden: of new text it is less often right."""
MASK = 103
"""Of the vocabulary: the piece for a hidden word."""

Pool = dict[int, list[tuple[list[int], list[int]]]]
"""Ids and casing of companies' names by their number of pieces."""


def windows(files: Iterable[Path], more: Path | None) -> list[Paired]:
    """The windows of annotated files, in order of their names, and of CORE's training part."""
    pairs = [one for path in sorted(files) for document in markup.read(path) for one in paired(document)]
    return [*pairs, *core.read(more)] if more else pairs


def deafened(one: Paired) -> Paired:
    """The window as if the frames had read nothing in it."""
    features = one.given.features.copy()
    features[..., : len(CLASSES)] = 0
    return one._replace(given=replace(one.given, features=features))


def pool(pairs: Iterable[Paired]) -> Pool:
    """The names of all companies."""
    found: Pool = defaultdict(list)
    for one in pairs:
        window = one.given.window
        for entity in one.given.entities:
            for first, last in {_pieces(window, place) for place in entity.names.places}:
                found[last - first].append((window.ids[first:last], window.casing[first:last]))
    return found


def renamed(one: Paired, names: Pool, rng: random.Random) -> pieces.Window:
    """The window with some of its companies called otherwise, in as many pieces, and a few of its words hidden."""
    window = one.given.window
    ids, casing = list(window.ids), list(window.casing)
    for entity in one.given.entities:
        if rng.random() >= RENAMED:
            continue
        spans = sorted((_pieces(window, place) for place in entity.names.places), key=lambda span: span[0] - span[1])
        size = spans[0][1] - spans[0][0]
        new_ids, new_casing = rng.choice(names[size])
        for first, last in spans:
            # A short form is taken for the first words of the name: `Nvidia` for `Nvidia Corp`.
            ids[first:last], casing[first:last] = new_ids[: last - first], new_casing[: last - first]
    share = rng.random() * HIDDEN
    ids = [
        MASK if not kind and one not in (pieces.START, pieces.END) and rng.random() < share else one
        for one, kind in zip(ids, window.types, strict=True)
    ]
    return window._replace(ids=ids, casing=casing)


def _pieces(window: pieces.Window, place: int) -> tuple[int, int]:
    """First and last piece of the name that begins at this piece."""
    last = place + 1
    while last < len(window.types) and window.types[last] == window.types[place] and last - place < 12:
        last += 1
    return place, last


def batches(pairs: Sequence[Paired], rng: random.Random) -> list[list[int]]:
    """The numbers of the windows, those of like length together, in any order."""
    order = sorted(range(len(pairs)), key=lambda at: (len(pairs[at].given.window.ids), rng.random()))
    batches: list[list[int]] = [[]]
    for at in order:
        if batches[-1] and (len(batches[-1]) + 1) * len(pairs[at].given.window.ids) > BATCH:
            batches.append([])
        batches[-1].append(at)
    rng.shuffle(batches)
    return batches
