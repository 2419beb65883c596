"""Tables of cases: texts with the mentions marked in braces, and what each is read as."""

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

_SCALES = {"": 1, "k": 10**3, "m": 10**6, "bn": 10**9, "tn": 10**12}
_ESCAPE = re.compile(r"\\u([0-9a-f]{4})")


class Marked(NamedTuple):
    """One mention a case marks: its span in the text, and the reading as the table writes it."""

    start: int
    end: int
    reading: str


class Case(NamedTuple):
    """One line of a table: the text without braces, and the mentions it marks."""

    text: str
    marked: tuple[Marked, ...]


def table(path: Path) -> Iterator[Case]:
    """The cases of a file, in order; a line that marks another number of mentions than it reads is refused."""
    for line in path.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        marked, _, told = line.rpartition(" | ")
        readings = [] if told.strip() == "-" else [one.strip() for one in told.split(" ; ")]
        text, spans = unmarked(_ESCAPE.sub(lambda one: chr(int(one[1], 16)), marked).replace("\\n", "\n"))
        assert len(spans) == len(readings), line
        yield Case(text, tuple(Marked(*span, reading) for span, reading in zip(spans, readings, strict=True)))


def unmarked(marked: str) -> tuple[str, list[tuple[int, int]]]:
    """The text without its braces, and the spans that stood in them."""
    pieces = re.split(r"[{}]", marked)
    ends = [sum(map(len, pieces[: at + 1])) for at in range(len(pieces))]
    return "".join(pieces), [(ends[at - 1], ends[at]) for at in range(1, len(pieces), 2)]


def bounds(told: str) -> tuple[Decimal | None, Decimal | None]:
    """`5bn..7bn`, `..5bn`, `5bn..` or `5bn` as the lower and the upper bound."""
    low, dots, high = told.partition("..")
    return _value(low), _value(high if dots else low)


def _value(told: str) -> Decimal | None:
    if not told:
        return None
    found = re.fullmatch(r"([\d.]+)([a-z]*)", told)
    assert found, told
    return Decimal(found[1]) * _SCALES[found[2]]
