"""Extraction against spaCy's bare tokenizer, in CPU time: what reading costs beyond cutting a text into words.

Two processes against one, in real time. And the most memory that a process takes which reads the articles; wanted:
less than 700 MB.
"""

import subprocess
import sys
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
    for encoder in (False, True) if session.available() else (False,):
        how = "with the encoder" if encoder else "rules and catalogue alone"
        print(f"memory of a process that has read the sample site's articles, {how}: {_peak(encoder):,.0f} MB at most")
    for name, texts in sets.items():
        few = texts[: max(30, len(texts) // 10)]
        tokens = sum(len(doc) for doc in bare.pipe(few))
        base = _seconds(lambda given: bare.pipe(given), few)
        print(f"{name}: tokenizer alone {tokens / base:,.0f} tokens per CPU second")
        for encoder in (False, True) if session.available() else (False,):
            took = _seconds(lambda given, on=encoder: run.extract(given, using=using, encoder=on), few)
            how = "with the encoder" if encoder else "rules and catalogue alone"
            print(f"  {how}: {tokens / took:,.0f} tokens per CPU second, {base / took:.2f} of the tokenizer's speed")
            _processes(few if encoder else texts, encoder)


def _processes(texts: list[str], encoder: bool) -> None:
    """How much sooner two processes are done, once they have started, and after how many texts the start is made up."""
    from extractors.processes import Readers

    took: dict[int, float] = {}
    start: dict[int, float] = {}
    for count in (1, 2):
        with Readers(processes=count, encoder=encoder) as readers:
            started = time.perf_counter()
            for _ in readers.extract(texts[:8]):
                pass
            start[count] = time.perf_counter() - started
            # Machines are busy with other things as well; the best of three is the least disturbed.
            took[count] = min(_real(readers.extract(texts)) for _ in range(3))
    saved = (took[1] - took[2]) / len(texts)
    made_up = f"the start is made up after {start[2] / saved:,.0f} texts" if saved > 0 else "which saves nothing"
    print(f"    2 processes {took[1] / took[2]:.2f} times as fast as 1; {start[2]:.1f} s to start, {made_up}")


def _real(found: Iterable[Any]) -> float:
    started = time.perf_counter()
    for _ in found:
        pass
    return time.perf_counter() - started


def _peak(encoder: bool) -> float:
    """Most megabytes that a fresh process has had in memory after reading the articles."""
    program = f"from benchmarks import extract; extract.read_alone({encoder})"
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    return float(done.stdout.split()[-1])


def read_alone(encoder: bool) -> None:
    """Read the articles and print the megabytes that it took at most."""
    from extractors import builtin, run

    for _ in run.extract(articles(), using=builtin.extractors(), encoder=encoder):
        pass
    # What `getrusage` tells begins with what the parent had.
    (line,) = [one for one in Path("/proc/self/status").read_text("ascii").splitlines() if one.startswith("VmHWM")]
    print(int(line.split()[1]) / 1024)


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
