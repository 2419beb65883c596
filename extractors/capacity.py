"""Capacity: electric power, and counts of chips, that measure compute."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from extractors.bounds import bound
from extractors.numbers import DIGITS, SPELLED, read_number, read_scale
from extractors.registry import extractor
from schemas import CapacityMention

if TYPE_CHECKING:
    from spacy.tokens import Doc

_TO = r"(?:\s?[-–—‑]\s?|\s+to\s+)"
_UNITS = {"k": Decimal("0.001"), "m": Decimal(1), "g": Decimal(1000), "t": Decimal(1_000_000)}
_POWER = re.compile(
    rf"(?<![\w$€£.,])(?:(?P<low>{DIGITS}|{SPELLED}){_TO})?(?P<number>{DIGITS}|{SPELLED})[\s\u00a0-]?"
    r"(?P<unit>GW|MW|TW|kW|gigawatts?|megawatts?|terawatts?|kilowatts?|gigs?\s+of\s+power)(?:p|dc|ac|e)?(?![\w])(?!-?h(?:ours?)?\b)(?!\s?hours?\b)",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"\b(?P<many>tens|dozens|hundreds|thousands)\s+of\s+(?P<unit>gigawatts|megawatts)\b|\b(?:multi-?|several\s+|multiple\s+|a\s+(?:couple|few)\s+of\s+|a\s+few\s+)(?P<hundred>hundred\s+)?(?P<some>gigawatts?|megawatts?)\b",
    re.IGNORECASE,
)
CHIP_NOUN = (
    r"(?:(?:[A-Z]{1,3}\d{1,4}[A-Z]{0,2}\s+|Ascend\s+|Blackwell\s+|Hopper\s+|Trainium\d?\s+|Gaudi\s+\d?\s*|TPU\s+)?(?:[A-Z]{0,4}[GTXNLDI]PUs?|(?:AI\s+|graphics\s+|server\s+|data[- ]cent(?:er|re)\s+|training\s+|inference\s+)?(?:accelerators?|(?:processors?|chips?|cards?)(?!\s?(?:maker|design)))|superchips?|processing\s+units)|"
    r"(?:[A-Z]{1,3}\d{2,4}[A-Z]?|Trainium\s?\d?|Blackwells?|Hoppers?|Ascends?|Gaudis?|MI\d{3}[A-Z]?|TPUs?)s?)"
)
_COUNT = re.compile(
    rf"(?<![\w$€£.,#-])(?:(?P<low>{DIGITS}){_TO})?(?P<number>\d{{1,3}}(?:[,\u202f]\d{{3}})+|\d+(?:\.\d+)?|{SPELLED})"
    r"(?:\+|\s?(?P<scale>k|thousand|million|m|mn|lakh|bn|billion)(?![\w]))?"
    rf"[\s\u00a0-](?P<middle>(?:of\s+)?(?:(?:of\s+(?:its|the|their)|the|its|new|more|additional|latest|newest|custom|high-end|next-generation|liquid-cooled|AI|(?:Nvidia|NVIDIA|AMD|Google|Google’s|Intel|Huawei|Amazon|Microsoft|Broadcom|Meta|Cerebras|Groq)(?:['’]s)?|Instinct|Blackwell(?:\s+Ultra)?|Hopper|Grace\s+(?:Blackwell|Hopper)|Vera\s+Rubin|Rubin|Ascend|Trainium\d?|Ironwood|Gaudi|[A-Z]{{1,3}}\d{{2,4}}[A-Z]?|NVL\d+|Ultra|Tensor|tensor)[\s-]+){{0,4}}?)"
    rf"(?P<noun>{CHIP_NOUN})(?![\w])(?!\s+(?:[A-Z]+\d|[A-Z]?\d{{2,}}))",
)
_MANY_CHIPS = re.compile(
    rf"\b(?P<many>tens|dozens|hundreds|thousands)\s+of\s+(?P<scale>thousands|millions)?(?:\s+of\s+)?(?:(?:more|new|the|its|advanced|Nvidia|NVIDIA|AMD|Google|AI|Instinct|Blackwell|Hopper|[A-Z]{{1,3}}\d{{2,4}})[\s-]+){{0,3}}(?:{CHIP_NOUN})(?!\w)"
)
_FACTORS = {"tens": 10, "dozens": 12, "hundreds": 100, "thousands": 1000}
_PER_ONE = re.compile(
    r"(?:\bper\s+(?:rack|chip|gpu|accelerator|server|cabinet|card|unit|socket|node)|\ba\s+(?:rack|chip|piece)\b|\beach\b|\bTDP\b)",
    re.IGNORECASE,
)
_CHEAP = re.compile(
    r"[GMTk]W|watt|PU|chip|accelerator|processor|card|[A-Z]\d{2}|Trainium|Ascend|Blackwell|Hopper|Gaudi"
)


@extractor("capacity", version="1", record=CapacityMention, table="capacity_mentions")
def capacity(doc: "Doc") -> Iterator[CapacityMention]:
    """Every power or chip count, in reading order."""
    yield from find_capacity(doc.text)


def find_capacity(text: str) -> list[CapacityMention]:
    """Every power or chip count in a text, in reading order, spans without hedges."""
    if not _CHEAP.search(text):
        return []
    found = [*_powers(text), *_counts(text)]
    found.sort(key=lambda one: (one.start, -one.end))
    out: list[CapacityMention] = []
    for one in found:
        if not out or one.start >= out[-1].end:
            out.append(one)
    return out


def _powers(text: str) -> Iterator[CapacityMention]:
    for match in _POWER.finditer(text):
        unit = match["unit"][0].lower()
        factor = _UNITS[unit]
        if unit == "k" or _PER_ONE.match(text[match.end() : match.end() + 20].lstrip()):
            continue
        high = read_number(match["number"]) * factor
        low, start = high, match.start()
        if match["low"]:
            low = read_number(match["low"]) * factor
            if low >= high:
                low, start = high, match.start("number")
        yield _power(text, start, match.end(), low, high)
    for match in _MANY.finditer(text):
        word = match["unit"] or match["some"]
        least = _UNITS[word[0].lower()] * _FACTORS.get((match["many"] or "").lower(), 100 if match["hundred"] else 1)
        yield CapacityMention(start=match.start(), end=match.end(), mw_min=float(least))


def _power(text: str, start: int, end: int, low: Decimal, high: Decimal) -> CapacityMention:
    side = bound(text, start, end) if low == high else "exact"
    return CapacityMention(
        start=start,
        end=end,
        mw_min=None if side == "max" else float(low),
        mw_max=None if side == "min" else float(high),
    )


def _counts(text: str) -> Iterator[CapacityMention]:
    for match in _COUNT.finditer(text):
        number = match["number"]
        scale = read_scale(match["scale"])
        high = read_number(number) * scale
        if number[0].isalpha() and (not match["scale"] or match["scale"] == "m"):
            continue
        if high < 50 or (1900 < high < 2100 and "," not in number) or high != high.to_integral_value():
            continue
        low, start = high, match.start()
        if match["low"]:
            low = read_number(match["low"]) * (scale if read_number(match["low"]) < 1000 else 1)
            if low >= high:
                low, start = high, match.start("number")
        side = bound(text, start, match.end()) if low == high else "exact"
        yield CapacityMention(
            start=start,
            end=match.end(),
            units_min=None if side == "max" else int(low),
            units_max=None if side == "min" else int(high),
        )
    for match in _MANY_CHIPS.finditer(text):
        scale = {"thousands": 1000, "millions": 1_000_000}.get(match["scale"] or "", 1)
        yield CapacityMention(start=match.start(), end=match.end(), units_min=_FACTORS[match["many"]] * scale)
