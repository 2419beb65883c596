"""Which amount and which capacity of a sentence belong to a deal."""

import re

from extractors.deals.typed import MONEY, Scene
from schemas.mention import CapacityMention, MoneyMention


def amount(scene: Scene, at: int, left: int, right: int, *, whole: bool = False) -> MoneyMention | None:
    """The sum nearest to the trigger at `at` inside its clause that is no valuation, price a share or revenue.

    `whole`: all of a company is bought, so what the deal values it at is the price where none is told.
    """
    best: tuple[int, MoneyMention] | None = None
    valued: MoneyMention | None = None
    for position in range(left, right):
        code = ord(scene.code[position])
        if not MONEY <= code < MONEY + 0x200:
            continue
        if is_value(scene.code, position):
            if whole and valued is None and position > at and _VALUING.search(scene.code, 0, position):
                valued = scene.money[code - MONEY]
            continue
        distance = abs(position - at) + (25 if position < at else 0)
        if best is None or distance < best[0]:
            best = (distance, scene.money[code - MONEY])
    return best[1] if best else valued


def amounts(scene: Scene, left: int, right: int) -> list[MoneyMention]:
    """All sums of a clause that can be a deal's, in reading order."""
    return [
        scene.money[ord(scene.code[i]) - MONEY]
        for i in range(left, right)
        if MONEY <= ord(scene.code[i]) < MONEY + 0x200 and not is_value(scene.code, i)
    ]


def capacity(scene: Scene, left: int, right: int) -> CapacityMention | None:
    """The power named in the clause, if it is one figure."""
    found = [
        scene.power[ord(c) - 0xEA00]
        for c in scene.code[left:right]
        if 0xEA00 <= ord(c) < 0xEC00 and (scene.power[ord(c) - 0xEA00].mw_max or scene.power[ord(c) - 0xEA00].mw_min)
    ]
    return found[0] if found else None


def is_value(code: str, position: int) -> bool:
    """True for valuations, prices a share, revenue and the like."""
    before = code[max(0, position - 60) : position]
    return bool((_BEFORE.search(before[-48:]) and not _DEAL_VALUED.search(before)) or _AFTER.match(code, position + 1))


_BEFORE = re.compile(
    r"(?:valu(?:ed|es|ing|ation)\b[^\ue000-\uefff]{0,36}"
    r"(?:[\ue000-\ue7ff] (?:at|on) (?:about |around |some |roughly )?)?|market cap\w*[^\ue000-\uefff]{0,20}|"
    r"post-money[^\ue000-\uefff]{0,20}|pre-money[^\ue000-\uefff]{0,20}|"
    r"\bworth (?:some |about |around |roughly )?on paper |"
    r"[\ue000-\ue7ff](?: itself)? (?:is|was|were) (?:\w+ )?worth (?:some |about |around |roughly |more than |nearly )?|"
    r"\bat a (?:\w+ )?value of (?:some |about |around |roughly )?|"
    r"\b(?:creat(?:es?|ing)|form(?:s|ing)|mak(?:es?|ing)) an? (?:[\w-]+ )?(?:company|group|business|giant|firm)\b"
    r"[^.;\ue800-\uefff]{0,36}|revenues? (?:of|to|was|were|is|at|hit|reached|"
    r"topped)[^\ue000-\uefff]{0,16}|pric(?:ed|ing) (?:it |the \w+ )?at |sales of |profit of |"
    r"bring(?:s|ing)? [^\ue000-\uefff]{0,60}\bto (?:about |around |more than |over |nearly |some )?|"
    r"(?:break-?up|termination|break) fee of (?:\w+ )?|fine of |at a price of |pretty )$"
)
_DEAL_VALUED = re.compile(
    r"\b(?:deal|transaction|contract|agreement|order|arrangement|merger|pact|package|takeover|purchase|acquisition|"
    r"buyout|partnership|lease)s?,? (?:(?:that|which) )?(?:is |was |are |were |being )?(?:\w+ly )?"
    r"valued at [^.;,]{0,24}$"
)
"""It is the deal that is valued, not a company."""
_VALUING = re.compile(r"\b(?:values|valuing|that valued|which valued|would value|put the value of) [^.;]{1,60}$")
_AFTER = re.compile(
    r" (?:post-money|pre-money|valuation|market cap|a share|per share|apiece|each|in (?:annual |yearly |"
    r"quarterly )?(?:revenue|sales|profit)|valuation|revenue|"
    r"(?:break-?up|termination|break) fee|company|start-?up|fine|of revenue)\b|-a-share|(?:,)? or more a share"
)
