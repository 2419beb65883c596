"""CORE (Borchert et al., CC BY 4.0) as what the network learns from: texts with one pair of companies each.

Only what means the same there and here is taken: acquisitions, investments, and pairs that have nothing to do with
each other. Its purchases and partnerships are standing relations, mostly, and ownership is none of our kinds.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from extractors.deals.candidates import CLASSES
from training.encoder.examples import Paired, paired

_TAKEN = {"acquired_by", "merged_with", "shareholder_of", "competitor_of", "traded_on", "regulated_by", "undefined"}
_FIRST = {("acquisition", "buyer"), ("investment", "investor")}


def read(path: Path) -> Iterator[Paired]:
    """The windows of the texts that serve; the deal is looked for at every mention of its pair."""
    for line in path.read_text("utf-8").splitlines():
        given = json.loads(line)
        if given["pairs"][0]["relation"] not in _TAKEN:
            continue
        document = _document(given)
        if document is None:
            continue
        for one in paired(document):
            yield _labelled(one, given["pairs"][0], document["names"])


def _document(given: dict[str, Any]) -> dict[str, Any] | None:
    text, names, marks = given["text"], [], []
    for mark in given["mentions"]:
        if not mark["named"]:
            return None
        name = text[mark["start"] : mark["end"]].removesuffix("'s").removesuffix("’s")
        names.append(name)
        marks.append({"start": mark["start"], "end": mark["start"] + len(name), "label": "COMPANY", "entity": name})
    if names[0] == names[1]:
        return None
    return {"text": text, "mentions": marks, "deals": [], "names": names}


def _labelled(one: Paired, pair: dict[str, Any], names: list[str]) -> Paired:
    kind, head, tail = pair["kind"], names[pair["head"]], names[pair["tail"]]
    for row, (a, b) in enumerate(one.given.pairs):
        here = one.given.entities[a].name, one.given.entities[b].name
        if kind == "none" or set(here) != {head, tail}:
            continue
        # A company that is bought or invested in is often a partner, too; nobody asked.
        one.kinds[row] = -1
        one.links[row] = -1
        if not pair["directed"]:
            continue
        payer = head if (kind, pair["head_role"]) in _FIRST else tail
        column = CLASSES.index(kind + (">" if here[0] == payer else "<"))
        other = CLASSES.index(kind + ("<" if here[0] == payer else ">"))
        for labels in (one.kinds[row], *one.links[row]):
            labels[column], labels[other] = 1, 0
    return Paired(one.given, one.kinds, one.links, np.full_like(one.status, -1), {}, {})
