"""Make `extractors/deals/confidence.toml`: `python -m training.deals.calibrate FILE…` over annotated news.

Each file holds documents as `training.markup` reads them, none of them among those that the encoder or the pair model
learned from: of those they are surer than of tomorrow's. Companies and sums are taken as annotated: the names that
annotators give them are not always those of the catalogue.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from dealwire.scoring import Names
from dealwire.scoring.keys import sides
from extractors.deals import told
from extractors.deals.confidence import FEATURES
from extractors.nlp import pipeline
from extractors.run import ENCODER
from training import markup
from training.deals.train import mentions

TARGET = Path(__file__).parents[2] / "extractors" / "deals" / "confidence.toml"
_ALONE = FEATURES.index("alone")
RIDGE = 1.0
"""Weights are kept small as if so many documents spoke for 0."""


def main() -> None:
    documents = [one for path in sys.argv[1:] for one in markup.read(Path(path))]
    lines = [
        f"# Weights of extractors.deals.confidence: training.deals.calibrate over {len(documents)} documents that no",
        "# reader learned from.",
    ]
    for name, encoder in (("encoder", True), ("plain", False)):
        examples = list(_examples(documents, encoder=encoder))
        weights = fit(np.array([given for given, _ in examples]), np.array([right for _, right in examples]))
        right = sum(good for _, good in examples)
        print(f"{name}: {right} of {len(examples)} deals right")
        lines += ["", f"[{name}]"]
        lines += [f"{what} = {value:.3f}" for what, value in zip(("bias", *FEATURES), weights, strict=True)]
    TARGET.write_text("\n".join(lines) + "\n", "utf-8")


def fit(x: Any, y: Any) -> Any:
    """Weights of a logistic regression, the bias first, by Newton's method."""
    x = np.hstack([np.ones((len(x), 1)), x])
    ridge = np.diag([1e-6, *[RIDGE] * (x.shape[1] - 1)])
    weights = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ weights))
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + ridge, x.T @ (y - p) - ridge @ weights)
        weights += step
        if np.abs(step).max() < 1e-9:
            break
    return weights


def _examples(documents: Sequence[dict[str, Any]], *, encoder: bool) -> Iterator[tuple[list[float], bool]]:
    names = Names()
    for document in documents:
        doc = pipeline()(document["text"])
        doc.user_data.update(dealwire=mentions(document), **{ENCODER: encoder})
        left = Counter(sides(deal, names) for deal in document["deals"])
        # What the frames read counts all, so that what is dropped is weighed, too.
        every = [one for one in told(doc, least=0) if not one[1][_ALONE]] + [one for one in told(doc) if one[1][_ALONE]]
        for one, given in every:
            found = {"payers": one.payers, "payees": one.payees, "parties": one.parties}
            key = sides({"kind": one.kind.value, **found}, names)
            yield list(given), left[key] > 0
            left[key] -= 1


if __name__ == "__main__":
    main()
