"""Capacity: electric power, and counts of chips, that measure compute."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from extractors.anchors import Anchors
from extractors.bounds import bound
from extractors.nlp import text_of
from extractors.numbers import DIGITS, SPELLED, read_number, read_scale
from extractors.registry import extractor
from schemas import CapacityMention

if TYPE_CHECKING:
    from spacy.tokens import Doc

_TO = r"(?:\s?[-–—‑]\s?|\s+to\s+)"
_UNITS = {"k": Decimal("0.001"), "m": Decimal(1), "g": Decimal(1000), "t": Decimal(1_000_000)}
_WATT = r"GW|MW|TW|kW|gigawatts?|megawatts?|terawatts?|kilowatts?|gigs?\s+of\s+power"
_POWER = re.compile(
    rf"(?<![\w$€£.,])(?:(?P<low>{DIGITS}|{SPELLED})(?:[\s-]?(?P<low_unit>{_WATT}))?(?:{_TO}|(?P<both>\s+and\s+)))?"
    rf"(?P<number>{DIGITS}|{SPELLED})(?:[\s-](?P<thousand>thousand))?[\s\u00a0-]?(?P<plus>\+\s?)?"
    rf"(?P<unit>{_WATT})(?:p|dc|ac|e)?(?![\w])(?!-?h(?:ours?)?\b)(?!\s?hours?\b)(?!/h)",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"\b(?:(?P<many>tens|dozens|hundreds|thousands)\s+of\s+|(?:a\s+few|several)\s+(?P<few>hundred|dozen|thousand)\s+)"
    r"(?P<unit>gigawatts?|megawatts?|[GM]W)\b"
    r"|\b(?:multi-?\s?|several\s+|multiple\s+)(?P<some>gigawatts?|megawatts?|GW)\b"
    r"|(?<![\w-])(?P<scale>gigawatt)-scale\b",
    re.IGNORECASE,
)
_MAKER = (
    r"(?:Nvidia|NVIDIA|AMD|Google|Intel|Huawei|Amazon|Microsoft|Broadcom|Meta|Cerebras|Groq|Qualcomm|Cambricon|AWS)"
    r"(?:['’]s)?"
)
_FAMILY = (
    r"(?:Instinct|Blackwells?|Hoppers?|Grace|Vera|Rubins?|Ascends?|Trainiums?\s?\d?|Inferentias?\s?\d?|Ironwoods?"
    r"|Gaudis?(?:\s\d)?"
    r"|Maias?(?:\s\d+)?|Kunlun(?:xin)?|[A-Z]{1,3}\d{1,4}[A-Z]?e?s?|\d{3}[A-Z]s?|NVL\d+|Ultras?|Superpods?)"
)
_ADJECTIVE = (
    r"(?:of\s+(?:its|the|their)|the|its|new|more|additional|latest|newest|custom|high-end|high-performance|"
    r"next-generation|"
    r"liquid-cooled|AI|advanced|used|top-end|state-of-the-art|cutting-edge|specialised|specialized|graphics|server"
    r"|data[- ]cent(?:er|re)"
    r"|training|inference|[Tt]ensor|neural)"
)
CHIP_NOUN = (
    r"(?:[A-Z]{0,4}[GTXNLDI]PUs?(?!-)|accelerators?|(?:processors?|chips?|cards?)(?!-|\s?(?:maker|design))|superchips?"
    r"|processing\s+units"
    rf"|{_FAMILY}(?:-equivalents?)?)"
)
_MIDDLE = rf"(?:(?:{_ADJECTIVE}|{_MAKER}|{_FAMILY})[\s-]+){{0,5}}"
_COUNT = re.compile(
    rf"(?<![\w$€£.,#/-])(?:(?P<low>{DIGITS})(?:\s?(?P<low_scale>k|thousand|million)\b)?{_TO})?"
    rf"(?P<number>\d{{1,3}}(?:[,\u202f]\d{{3}})+|\d+(?:\.\d+)?|(?i:{SPELLED}))(?P<plus>\+)?"
    r"(?:[\s-]?(?P<scale>[kK]|thousand|million|[mM]|mn|lakh|bn|billion)(?P<plus2>\+)?(?![\w]))?"
    rf"(?P<of>\s+of)?[\s\u00a0-](?P<middle>{_MIDDLE})(?P<noun>{CHIP_NOUN})(?![\w])",
)
_MANY_CHIPS = re.compile(
    r"\b(?:(?P<many>tens|dozens|hundreds|thousands|millions)\s+of\s+(?:(?P<scale>thousands|millions)\s+of\s+)?"
    r"|(?:several|a\s+few)\s+(?P<few>hundred|thousand|dozen)\s+(?P<few_scale>thousand\s+)?)"
    rf"{_MIDDLE}{CHIP_NOUN}(?!\w)",
    re.IGNORECASE,
)
_FACTORS = {"tens": 10, "dozens": 12, "dozen": 12, "hundreds": 100, "hundred": 100} | {
    "thousands": 1000,
    "thousand": 1000,
    "millions": 1_000_000,
}
_PER_ONE = re.compile(
    r"\s?(?:per\s+(?:rack|chip|gpu|accelerator|server|cabinet|card|unit|socket|node|pod)"
    r"|an?\s+(?:rack|chip|piece|pod|cabinet|card)\b"
    r"|each\b|TDP\b|apiece\b)",
    re.IGNORECASE,
)
# `$8 million a megawatt`, `a megawatt is a megawatt`: the unit itself, no amount of power.
_UNIT_ITSELF = re.compile(r"(?:(?:[mb]illion|bn|\d|euros|dollars|cents|m|is|costs|per)\s+)$", re.IGNORECASE)
_NOUNS = (
    "PU",
    "hip",
    "HIP",
    "ccelerator",
    "rocessor",
    "cards",
    "rocessing units",
    "watt",
    "WATT",
    "gigs of power",
    "gig of power",
)
_UNIT_SIGNS = tuple(
    f"{lead}{unit}" for lead in (" ", "-", "\u00a0", *"0123456789", "+") for unit in ("GW", "MW", "TW", "gw", "mw")
)
_FAMILIES = (
    "Blackwell",
    "Hopper",
    "Rubin",
    "Ascend",
    "Trainium",
    "Inferentia",
    "Ironwood",
    "Gaudi",
    "Maia",
    "Superpod",
)
_anchors = Anchors((*_NOUNS, *_UNIT_SIGNS, *_FAMILIES))
_CODE_NAME = re.compile(r"[A-Z]\d\d+")


@extractor("capacity", version="1", record=CapacityMention, table="capacity_mentions")
def capacity(doc: "Doc") -> Iterator[CapacityMention]:
    """Every power or chip count, in reading order."""
    yield from find_capacity(text_of(doc))


def find_capacity(text: str) -> list[CapacityMention]:
    """Every power or chip count in a text, in reading order, spans without hedges."""
    named = [match.start() for match in _CODE_NAME.finditer(text)]
    found: list[CapacityMention] = []
    for start, end in _anchors.windows(text, before=75, after=45, more=named):
        found += _powers(text, start, end)
        found += _counts(text, start, end)
    found.sort(key=lambda one: (one.start, -one.end))
    out: list[CapacityMention] = []
    for one in found:
        if not out or one.start >= out[-1].end:
            out.append(one)
    return out


def _powers(text: str, begin: int, stop: int) -> Iterator[CapacityMention]:
    for match in _POWER.finditer(text, begin, stop):
        unit = match["unit"][0].lower()
        factor = _UNITS[unit]
        if unit == "k" or _PER_ONE.match(text, match.end()):
            continue
        number = match["number"].lower()
        before = text[max(0, match.start("number") - 16) : match.start("number")]
        if number in ("a", "an") and (match["number"] == "A" or _UNIT_ITSELF.search(before)):
            continue
        high = read_number(number) * factor * (1000 if match["thousand"] else 1)
        low, start = high, match.start()
        if match["low"]:
            low_unit = match["low_unit"]
            low = read_number(match["low"]) * (_UNITS[low_unit[0].lower()] if low_unit else factor)
            listed = match["both"] and not re.search(r"\b[Bb]etween\s+$", text[max(0, start - 9) : start])
            steps = low_unit and re.search(r"\bfrom\s+$", text[max(0, start - 6) : start])
            if low >= high or listed or steps:
                low, start = high, match.start("number")
                if low_unit:
                    yield from _powers(text, match.start(), match.end("low_unit"))
        yield _power(text, start, match.end(), low, high, plus=bool(match["plus"]))
    for match in _MANY.finditer(text, begin, stop):
        word = match["unit"] or match["some"] or match["scale"]
        least = _UNITS[word[0].lower()] * _FACTORS.get((match["many"] or match["few"] or "").lower(), 1)
        yield CapacityMention(start=match.start(), end=match.end(), mw_min=float(least))


def _power(text: str, start: int, end: int, low: Decimal, high: Decimal, *, plus: bool) -> CapacityMention:
    side = "min" if plus else bound(text, start, end) if low == high else "exact"
    if side == "min" and text[end : end + 1] == "+":
        end += 1
    return CapacityMention(
        start=start,
        end=end,
        mw_min=None if side == "max" else float(low),
        mw_max=None if side == "min" else float(high),
    )


def _counts(text: str, begin: int, stop: int) -> Iterator[CapacityMention]:
    for match in _COUNT.finditer(text, begin, stop):
        number = match["number"]
        scale = read_scale(match["scale"])
        high = read_number(number) * scale
        if number.lower() in ("a", "an", "one") and not match["scale"]:
            continue
        if not _is_count(text, match, high):
            continue
        low, start = high, match.start()
        if match["low"]:
            low = read_number(match["low"])
            low *= read_scale(match["low_scale"]) if match["low_scale"] or low >= 1000 else scale
            if low >= high:
                low, start = high, match.start("number")
        plus = match["plus"] or match["plus2"]
        side = "min" if plus else bound(text, start, match.end()) if low == high else "exact"
        yield CapacityMention(
            start=start,
            end=match.end(),
            units_min=None if side == "max" else int(low),
            units_max=None if side == "min" else int(high),
        )
    for match in _MANY_CHIPS.finditer(text, begin, stop):
        many = _FACTORS[(match["many"] or match["few"]).lower()]
        times = {"thousands": 1000, "millions": 1_000_000}.get((match["scale"] or "").lower(), 1)
        times = 1000 if match["few_scale"] else times
        yield CapacityMention(start=match.start(), end=match.end(), units_min=many * times)


def _is_count(text: str, match: "re.Match[str]", value: Decimal) -> bool:
    """Whether the number counts chips, rather than being a year or part of a name: `RTX PRO 6000 Blackwell`."""
    number, noun = match["number"], match["noun"]
    if value != value.to_integral_value() or value < 2:
        return False
    if (number.isdigit() and 1990 <= value <= 2035 and not match["scale"]) or (
        number[0].isdigit()
        and re.search(r"(?:\b[A-Z]{2,}\w*|Series|Gaudi|Xeon|Core)\s$", text[max(0, match.start() - 9) : match.start()])
    ):
        return False
    if value < 50 and not match["scale"]:
        # `eight H200s`, `two GPUs`, but not `two accelerators`: small numbers count only chips with a name.
        return noun.endswith("s") and (noun.endswith("PUs") or any(c.isdigit() for c in noun))
    return True
