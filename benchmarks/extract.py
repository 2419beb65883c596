"""Extraction against spaCy's bare tokenizer, in CPU time: what reading costs beyond cutting a text into words."""

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from dealwire.demo.serve import OUTLETS, stories

SEED = Path(__file__).parents[2] / "shared" / "seeds"
COPIES = 300


def main() -> None:
    import spacy

    from extractors import builtin, run
    from extractors.encoder import session

    bare = spacy.blank("en")
    using = builtin.extractors()
    sets = {"the sample site's articles": articles() * 3}
    seeds = sorted(SEED.glob("*.txt"))
    if seeds:
        sets[f"{COPIES} copies of the seed article"] = [seeds[0].read_text("utf-8")] * COPIES
    for name, texts in sets.items():
        few = texts[: max(30, len(texts) // 10)]
        tokens = sum(len(doc) for doc in bare.pipe(few))
        base = _seconds(lambda given: bare.pipe(given), few)
        print(f"{name}: tokenizer alone {tokens / base:,.0f} tokens per CPU second")
        for encoder in (False, True) if session.available() else (False,):
            took = _seconds(lambda given, on=encoder: run.extract(given, using=using, encoder=on), few)
            how = "with the encoder" if encoder else "rules and catalogue alone"
            print(f"  {how}: {tokens / took:,.0f} tokens per CPU second, {base / took:.2f} of the tokenizer's speed")


def articles() -> list[str]:
    """The texts of the sample site, titles first."""
    told = [story for outlet in OUTLETS for story in stories(outlet)]
    return ["\n\n".join((story.title, *story.paragraphs)) for story in told]


def _seconds(work: Callable[[list[str]], Iterable[Any]], texts: list[str]) -> float:
    for _ in work(texts[:2]):
        pass
    best = float("inf")
    for _ in range(3):
        started = time.process_time()
        for _ in work(texts):
            pass
        best = min(best, time.process_time() - started)
    return best
