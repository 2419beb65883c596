"""Parse speed against plain feedparser, in this process: `python -m benchmarks.poll.parse`.

Each document is read by both in turn, so that a busy machine slows both; ratios are what counts.
"""

import time
from collections.abc import Callable
from pathlib import Path

import feedparser

from benchmarks.poll import site
from dealwire.feeds import formats

URL = "https://news.example/feeds/all"
SAMPLES = Path(__file__).parents[2] / "tests/feeds/samples"


def main() -> None:
    """Print one line a set of documents."""
    made = [site.feed(f"feed-{number}", 20) for number in range(30)]
    samples = [path.read_bytes() for path in sorted(SAMPLES.glob("*.xml"))]
    rich = [body.replace(b" chip", b" &lt;/p&gt;&lt;p&gt;&lt;a href='/x'&gt;chip&lt;/a&gt;") for body in made]
    ill = [body.replace(b"<description>", b"<description>AT&T ", 1) for body in made[:10]]
    for name, documents in (
        ("usual RSS, 40 KB", made),
        ("RSS with much markup", rich),
        ("samples of all formats", samples * 3),
        ("ill-formed", ill),
    ):
        plain = ours = trimmed = 0.0
        strict = 0
        for body in documents:
            plain += _cpu(lambda body=body: feedparser.parse(body))
            trimmed += _cpu(lambda body=body: formats.by_feedparser(body, url=URL))
            ours += _cpu(lambda body=body: formats.read(body, url=URL))
            strict += formats.read(body, url=URL).reader == "strict"
        megabytes = sum(map(len, documents)) / 1e6
        print(
            f"{name:<24} feedparser {len(documents) / plain:6.1f} feeds a CPU s, {megabytes / plain:5.2f} MB/s; "
            f"ours {len(documents) / ours:6.1f} ({plain / ours:.1f} x), by feedparser with our options and text "
            f"{plain / trimmed:.1f} x; strict reader for {strict} of {len(documents)}"
        )


def _cpu(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


if __name__ == "__main__":
    main()
