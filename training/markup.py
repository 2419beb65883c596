"""Annotated news as people write and read it: marks in the running text, deals in a line each.

    === rounds-101 | wire | 2025-11-13
    Chip start-up [Etched](C) raises [$500 million](M USD 5e8)

    [Etched](C) said [Stripes](C) led a round of [$500 million](M USD 5e8). …
    --- deals
    investment announced: Stripes -> Etched | USD 5e8 | - | [Etched](C) said

Marks are `[words as printed](LETTER value)`. C company, H chip, L model: the value is the canonical name, left out when
it is what is printed. O outlet. M money: `USD 5e8`, `USD ..1e10` (up to), `USD 5e9..` (at least), `USD 5e9..7e9`.
P capacity: `1000mw` or `22000u`, bounds as for money. The first line is the title; a headline has nothing more.
Deals: `kind status: payers -> payees | amount | megawatts | first words of the sentence that states it best`, `-` for
what is not stated, names divided by `;`, undirected kinds with parties alone.

Run as `python -m training.markup check|jsonl|text FILE…`: `check` prints what looks wrong, `jsonl` writes the shape of
`docs/annotation.md` to stdout, `text` turns such JSON lines into this form.
"""

import json
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

from extractors.nlp import pipeline
from extractors.run import sentences

Document = dict[str, Any]
_HEAD = re.compile(r"^=== ?([\w.-]+) ?\| ?(\w+) ?\| ?(\d{4}-\d\d-\d\d)$")
_MARK = re.compile(r"\[([^\[\]\n]+)\]\(([CHLMPO])(?: ([^()\n]*(?:\([^()\n]*\)[^()\n]*)*))?\)")
_DEAL = re.compile(r"^(\w+) (planned|announced|ended): (.+?) \| ([^|]*?) \| ([^|]*?) \| (.+)$")
_LABELS = {"C": "COMPANY", "H": "CHIP", "L": "MODEL", "M": "MONEY", "P": "CAPACITY", "O": "OUTLET"}
_LETTERS = {label: letter for letter, label in _LABELS.items()}
_DIRECTED = ("investment", "acquisition", "purchase", "financing", "licensing")
_UNDIRECTED = ("joint_venture", "partnership")
_STYLES = ("wire", "blog", "newsletter", "press_release", "headline", "analysis")


class Malformed(ValueError):
    """A text that does not follow the form; says where."""


def read(path: Path) -> list[Document]:
    """The documents of a file in either form. Raises `Malformed`."""
    text = path.read_text("utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    return list(parse(text, path.name))


def parse(text: str, name: str = "text") -> Iterator[Document]:
    """The documents of a marked-up text. Raises `Malformed` with the document at fault."""
    blocks = re.split(r"(?m)^(?====)", text)
    if blocks[0].strip():
        raise Malformed(f"{name} does not begin with a line like: === id | wire | 2025-11-18")
    for block in blocks[1:]:
        head, _, rest = block.partition("\n")
        found = _HEAD.match(head.strip())
        if not found or found[2] not in _STYLES:
            raise Malformed(f"{name}: the line {head!r} should be: === id | {'|'.join(_STYLES)} | 2025-11-18")
        body, _, deals = rest.partition("--- deals")
        yield _document(found[1], found[2], found[3], body.strip("\n"), deals)


def _document(key: str, style: str, published: str, marked: str, deals: str) -> Document:
    text, mentions = _unmarked(key, marked)
    title, _, body = text.partition("\n")
    whole = title + ("\n\n" + body.lstrip("\n") if body.strip() else "")
    if body.strip() and not body.startswith("\n"):
        raise Malformed(f"{key}: a blank line should follow the title")
    if len(whole) != len(text):
        raise Malformed(f"{key}: just one blank line should follow the title")
    one: Document = {
        "id": key,
        "title": title,
        "text": whole,
        "published": published,
        "style": style,
        "mentions": mentions,
        "deals": [],
    }
    spans = sentences(pipeline()(whole))
    one["deals"] = [_deal(key, line.strip(), whole, spans) for line in deals.splitlines() if line.strip()]
    return one


def _unmarked(key: str, marked: str) -> tuple[str, list[Document]]:
    parts: list[str] = []
    mentions: list[Document] = []
    at = length = 0
    for mark in _MARK.finditer(marked):
        between = marked[at : mark.start()]
        parts += [between, mark[1]]
        start = length + len(between)
        length = start + len(mark[1])
        at = mark.end()
        value = (mark[3] or "").strip()
        label = _LABELS[mark[2]]
        mention: Document = {"start": start, "end": length, "label": label}
        try:
            if label == "MONEY":
                mention |= _money(value)
            elif label == "CAPACITY":
                mention |= _capacity(value)
            elif label != "OUTLET":
                mention["entity"] = value or mark[1]
        except ValueError as error:
            raise Malformed(f"{key}: {mark[0]!r}: {error}") from error
        mentions.append(mention)
    parts.append(marked[at:])
    text = "".join(parts)
    if "](" in text:
        at = text.index("](")
        raise Malformed(f"{key}: a mark that cannot be read near {text[max(0, at - 40) : at + 40]!r}")
    return text, mentions


def _deal(key: str, line: str, text: str, spans: list[tuple[int, int]]) -> Document:
    found = _DEAL.match(line)
    if not found or found[1] not in _DIRECTED + _UNDIRECTED:
        raise Malformed(f"{key}: {line!r} should be: kind status: A; B -> C | USD 5e8 | - | first words")
    kind, status, sides, amount, power, words = found.groups()
    left, arrow, right = sides.partition(" -> ")
    if bool(arrow) != (kind in _DIRECTED):
        raise Malformed(f"{key}: {line!r}: {kind} goes with {'payers -> payees' if kind in _DIRECTED else 'A; B'}")
    names = [[name.strip() for name in side.split(";") if name.strip()] for side in (left, right)]
    words = _unmarked(key, words)[0].rstrip("….").strip()
    at = text.find(words)
    if at < 0:
        raise Malformed(f"{key}: the evidence {words!r} does not stand in the text")
    start, end = next(span for span in spans if at < span[1])
    money = {"currency": None, "min": None, "max": None} if amount.strip() in ("-", "") else _money(amount.strip())
    return {
        "kind": kind,
        "status": status,
        "payers": names[0] if arrow else [],
        "payees": names[1],
        "parties": [] if arrow else names[0],
        **money,
        "capacity_mw": None if power.strip() in ("-", "") else _plain(float(power)),
        "evidence": [start, end],
    }


def _money(value: str) -> Document:
    currency, _, amount = value.partition(" ")
    if not re.fullmatch("[A-Z]{3}", currency):
        raise ValueError("begin with a currency code: USD 5e8")
    low, high = _bounds(amount)
    return {"currency": currency, "min": low, "max": high}


def _capacity(value: str) -> Document:
    found = re.fullmatch(r"([\d.e+]*?(?:\.\.)?[\d.e+]*?)(mw|u)(\.\.)?", value)
    if not found:
        raise ValueError("write 1000mw, ..1000mw, 1000mw.. or 22000u")
    low, high = _bounds(found[1] + (found[3] or ""))
    unit = "mw" if found[2] == "mw" else "units"
    return {f"{unit}_min": low, f"{unit}_max": high}


def _bounds(amount: str) -> tuple[int | float | None, int | float | None]:
    low, dots, high = amount.partition("..")
    values = [_plain(float(part)) if part.strip() else None for part in (low, high if dots else low)]
    if values == [None, None]:
        raise ValueError("there is no amount")
    return values[0], values[1]


def _plain(value: float) -> int | float:
    return int(value) if value == int(value) else value


def render(one: Document) -> str:
    """The document in the marked-up form."""
    text, parts, at = one["text"], [], 0
    for mention in sorted(one["mentions"], key=lambda m: m["start"]):
        printed = text[mention["start"] : mention["end"]]
        parts += [text[at : mention["start"]], f"[{printed}]({_value(mention, printed)})"]
        at = mention["end"]
    parts.append(text[at:])
    lines = [f"=== {one['id']} | {one['style']} | {one['published'][:10]}", "".join(parts), "--- deals"]
    return "\n".join(lines + [_deal_line(deal, text) for deal in one["deals"]]) + "\n"


def _value(mention: Document, printed: str) -> str:
    label = mention["label"]
    letter = _LETTERS[label]
    if label == "OUTLET" or (label not in ("MONEY", "CAPACITY") and mention.get("entity", printed) == printed):
        return letter
    if label == "MONEY":
        return f"{letter} {mention['currency']} {_shown(mention['min'], mention['max'])}"
    if label == "CAPACITY":
        low, high = _both(mention, "mw")
        unit = "mw"
        if low is None and high is None:
            (low, high), unit = _both(mention, "units"), "u"
        shown = _shown(low, high)
        return f"{letter} {shown[:-2]}{unit}.." if shown.endswith("..") else f"{letter} {shown}{unit}"
    return f"{letter} {mention['entity']}"


def _both(mention: Document, unit: str) -> tuple[Any, Any]:
    same = mention.get(unit)
    return mention.get(f"{unit}_min", same), mention.get(f"{unit}_max", same)


def _shown(low: float | None, high: float | None) -> str:
    shown = ["" if value is None else _short(value) for value in (low, high)]
    return shown[0] if low == high else "..".join(shown)


def _short(value: float) -> str:
    digits = f"{value:.10e}"
    mantissa, _, power = digits.partition("e")
    short = f"{mantissa.rstrip('0').rstrip('.')}e{int(power)}"
    return (
        short if value >= 100_000 and float(short) == value and len(short) < len(f"{value:g}") + 4 else f"{value:.10g}"
    )


def _deal_line(deal: Document, text: str) -> str:
    if deal["kind"] in _DIRECTED:
        sides = f"{'; '.join(deal['payers'])} -> {'; '.join(deal['payees'])}"
    else:
        sides = "; ".join(dict.fromkeys([*deal["parties"], *deal["payers"], *deal["payees"]]))
    amount = f"{deal['currency']} {_shown(deal['min'], deal['max'])}" if deal.get("currency") else "-"
    power = "-" if deal.get("capacity_mw") is None else f"{deal['capacity_mw']:.10g}"
    start, end = deal["evidence"]
    words = text[start:end].split("\n")[0]
    return f"{deal['kind']} {deal['status']}: {sides} | {amount} | {power} | {_opening(words, text, start)}"


def _opening(words: str, text: str, start: int) -> str:
    """The shortest run of opening words that stands first where the sentence begins."""
    parts = words.split(" ")
    for count in range(min(4, len(parts)), len(parts)):
        short = " ".join(parts[:count])
        if text.find(short.rstrip("….").strip()) == start:
            return short
    return words


def check(one: Document) -> Iterator[str]:
    """What looks wrong in a document, a line each."""
    text = one["text"]
    covered = sorted((m["start"], m["end"]) for m in one["mentions"])
    for (_, end), (start, stop) in pairwise(covered):
        if start < end:
            yield f"marks overlap at {text[start:stop]!r}"
    names = {m["entity"] for m in one["mentions"] if m["label"] == "COMPANY"}
    for deal in one["deals"]:
        for name in {*deal["payers"], *deal["payees"], *deal["parties"]} - names:
            yield f"{name!r} is in a deal and is no COMPANY mark of the text"
    surfaces = {text[m["start"] : m["end"]] for m in one["mentions"] if m["label"] != "OUTLET"}
    for surface in sorted(surfaces):
        for found in re.finditer(rf"(?<!\w){re.escape(surface)}(?!\w)", text):
            if not any(start < found.end() and found.start() < end for start, end in covered):
                around = text[max(0, found.start() - 30) : found.end() + 30].replace("\n", " ")
                yield f"{surface!r} is unmarked in {around!r} (right if it is part of a product or another name)"
    for found in re.finditer(r"[$€£¥₹]\s?\d|\d\s?[GM]W\b|gigawatt|megawatt", text):
        if not any(start <= found.start() < end for start, end in covered):
            around = text[max(0, found.start() - 30) : found.end() + 30].replace("\n", " ")
            yield f"unmarked amount in {around!r} (right for the power of one chip or rack, and for ordinals)"


def _main(command: str, paths: Iterable[Path]) -> int:
    seen: set[str] = set()
    problems = count = deals = 0
    for path in paths:
        try:
            for one in read(path):
                if command == "jsonl":
                    print(json.dumps(one, ensure_ascii=False))
                elif command == "text":
                    print(render(one))
                else:
                    faults = [*check(one), *(["this id stands there twice"] if one["id"] in seen else [])]
                    for fault in faults:
                        print(f"{one['id']}: {fault}")
                    problems += len(faults)
                    count, deals = count + 1, deals + len(one["deals"])
                    seen.add(one["id"])
        except Malformed as error:
            print(error, file=sys.stderr)
            problems += 1
    if command == "check":
        print(f"{count} documents, {deals} deals, {problems} things to look at", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in ("check", "jsonl", "text"):
        sys.exit(__doc__)
    sys.exit(_main(sys.argv[1], map(Path, sys.argv[2:])))
