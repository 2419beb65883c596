"""Make `extractors/deals/weights.npz`: `python -m training.deals.train [--half] FILE...` over annotated news.

Each file holds documents as `training.markup` reads them. Multinomial logistic
regression over the features of `extractors.deals.pairs`, by AdaGrad; the same input gives the same weights.
`--half` leaves out every second document, for measuring on it.
"""

import argparse
import random
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from extractors.catalog import Family, chip_families, model_families
from extractors.deals import typed_sentences
from extractors.deals.pairs import CLASSES, Pair, pairs
from extractors.nlp import pipeline
from schemas.ids import slug
from schemas.mention import CapacityMention, ChipMention, CompanyMention, ModelMention, MoneyMention
from training import markup

TARGET = Path(__file__).parents[2] / "extractors" / "deals" / "weights.npz"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--half", action="store_true")
    parser.add_argument("--epochs", type=int, default=8)
    options = parser.parse_args()
    examples: list[tuple[Pair, int]] = []
    for path in options.files:
        for number, document in enumerate(markup.read(path)):
            if not (options.half and number % 2):
                examples += labelled(document)
    names, weights = fit(examples, options.epochs)
    save(names, weights)
    print(f"{len(examples)} pairs, {Counter(CLASSES[y] for _, y in examples)}, {len(names)} features")


def labelled(document: dict[str, Any]) -> list[tuple[Pair, int]]:
    """Every pair of the document's sentences with its class."""
    doc = pipeline()(document["text"])
    doc.user_data["dealwire"] = mentions(document)
    out = []
    for scene, told, mind in typed_sentences(doc):
        deals = [d for d in document["deals"] if d["evidence"][0] < scene.end and scene.start < d["evidence"][1]]
        other = [d for d in document["deals"] if d not in deals]
        for pair in pairs(scene, told, mind):
            label = _class(pair, deals)
            if label == 0 and _class(pair, other):
                if pair.features[0].startswith("v"):
                    continue
                if not told:
                    continue  # told again or alluded to: neither a model nor a counterexample
                label = _class(pair, other)
            out.append((pair, label))
    return out


def mentions(document: dict[str, Any]) -> dict[str, tuple[Any, ...]]:
    """The annotated mentions as the mention extractors would give them."""
    found: dict[str, list[Any]] = {name: [] for name in ("companies", "money", "chips", "models", "capacity")}
    for m in sorted(document["mentions"], key=lambda m: m["start"]):
        at = {"start": m["start"], "end": m["end"]}
        label = m["label"]
        if label == "COMPANY":
            found["companies"].append(CompanyMention(**at, company_id=slug(m["entity"]), name=m["entity"], known=True))
        elif label == "MONEY":
            low, high = (None if m[k] is None else Decimal(str(m[k])) for k in ("min", "max"))
            found["money"].append(MoneyMention(**at, currency=m["currency"], amount_min=low, amount_max=high))
        elif label == "CHIP":
            vendor = _owner(m["entity"], chip_families())
            found["chips"].append(ChipMention(**at, chip_id=slug(m["entity"]), name=m["entity"], vendor=vendor))
        elif label == "MODEL":
            developer = _owner(m["entity"], model_families())
            found["models"].append(
                ModelMention(**at, model_id=slug(m["entity"]), name=m["entity"], developer=developer)
            )
        elif label == "CAPACITY":
            low_mw, high_mw = m.get("mw_min", m.get("mw")), m.get("mw_max", m.get("mw"))
            found["capacity"].append(CapacityMention(**at, mw_min=low_mw or None, mw_max=high_mw or None))
    return {name: tuple(records) for name, records in found.items()}


def _owner(name: str, families: Sequence[Family]) -> str | None:
    """Whose model or chip it is: of those whose own name or whose family's it begins with, the longest's."""
    starts = ((start, one.owner) for one in families for start in (one.family, one.owner))
    return max(
        ((len(start), owner) for start, owner in starts if f"{name} ".startswith(f"{start} ")), default=(0, None)
    )[1]


def fit(examples: list[tuple[Pair, int]], epochs: int) -> tuple[list[str], "np.ndarray[Any, Any]"]:
    """Features seen twice or more, and one row of weights for each."""
    seen = Counter(f for pair, _ in examples for f in set(pair.features))
    names = sorted(f for f, n in seen.items() if n >= 3)
    index = {name: row for row, name in enumerate(names)}
    rows = [np.array(sorted({index[f] for f in pair.features if f in index})) for pair, _ in examples]
    weights = np.zeros((len(names), len(CLASSES)), dtype=np.float32)
    squares = np.full_like(weights, 1e-6)
    total = np.zeros_like(weights)
    order = list(range(len(examples)))
    shuffle = random.Random(7)
    for epoch in range(epochs):
        shuffle.shuffle(order)
        for n in order:
            row, label = rows[n], examples[n][1]
            raw = weights[row].sum(axis=0)
            wrong = np.exp(raw - raw.max())
            wrong /= wrong.sum()
            wrong[label] -= 1
            gradient = wrong[None, :] + 2e-4 * weights[row]
            squares[row] += gradient**2
            weights[row] -= 0.08 * gradient / np.sqrt(squares[row] + 0.1)
        if epoch >= epochs // 2:
            total += weights
    return names, total / (epochs - epochs // 2)


def save(names: list[str], weights: "np.ndarray[Any, Any]") -> None:
    """Eight-bit weights beside the names; rows that say next to nothing are left out."""
    keep = np.abs(weights).max(axis=1) > 0.06
    names, weights = [n for n, k in zip(names, keep, strict=True) if k], weights[keep]
    scale = float(np.abs(weights).max()) / 127
    np.savez_compressed(
        TARGET,
        names=np.frombuffer("\n".join(names).encode(), dtype=np.uint8),
        weights=np.round(weights / scale).astype(np.int8),
        scale=np.float32(scale),
    )


def _class(pair: Pair, deals: list[dict[str, Any]]) -> int:
    a, b = set(pair.first), set(pair.second)
    for deal in deals:
        payers, payees, parties = set(deal["payers"]), set(deal["payees"]), set(deal["parties"])
        if parties:
            if a & parties and b & parties:
                return CLASSES.index(deal["kind"])
        elif a & payers and b & payees and not a & payees:
            return CLASSES.index(deal["kind"] + ">")
        elif b & payers and a & payees and not b & payees:
            return CLASSES.index(deal["kind"] + "<")
    return 0


if __name__ == "__main__":
    main()
