"""Frames over typed sentences: every trigger word of a sentence is read, the best reading of each pair is kept."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from extractors.deals.amounts import amount, amounts, capacity
from extractors.deals.coreference import Discourse, resolve, stands_free
from extractors.deals.elided import left_out
from extractors.deals.lexicon import lexicon, triggers
from extractors.deals.merge import Told
from extractors.deals.roles import Bound, bind
from extractors.deals.rounds import RECENT, joining
from extractors.deals.status import status
from extractors.deals.typed import MONEY, G, M, Names, Scene, is_group, join_lists
from schemas.deal import DealKind


def walk(scenes: Iterable[tuple[Scene, bool]], *, title_end: int) -> Iterator[tuple[Scene, list[Told], Discourse]]:
    """Each sentence that names companies with its references resolved, what the frames read in it, and what was
    in mind when it began."""
    mind = Discourse()
    for scene, promising in scenes:
        scene.title = scene.end <= title_end
        if scene.groups or (promising and mind.recent):
            mind.described.note(scene)
            join_lists(scene)
            resolve(scene, mind)
            join_lists(scene)
            found = _sentence(scene, mind) if promising else []
            found += joining(scene, mind, found)
            yield scene, found, mind
            if found:
                mind.told(max(found, key=lambda one: one.confidence).everybody)
        mind.note(scene)


def _sentence(scene: Scene, mind: Discourse) -> list[Told]:
    found: list[tuple[Bound, Told]] = []
    if not scene.groups:
        return []
    words = lexicon()
    _announced(scene, mind)
    for match in triggers(scene.code):
        best: Bound | None = None
        readings = words.frames[match[0]]
        verbal = any(not frame.noun for frame, _ in readings)
        named = _NAMED.search(scene.code, max(0, match.start() - 16), match.start())
        willed = verbal and _TO.search(scene.code, max(0, match.start() - 8), match.start())
        for frame, form in readings:
            if named and form == "base" and not frame.noun:
                # "three contracts", "its orders": no verb here.
                continue
            if frame.noun and willed:
                # "to lease", "will order": no noun.
                continue
            bound = bind(scene, match.start(), match.end(), frame, form, told_of=mind.age < RECENT)
            if bound and bound.kind.directed and not _complete(bound, scene, mind):
                continue
            if bound and (best is None or bound.confidence > best.confidence):
                best = bound
        if best:
            found.extend((best, one) for one in _told(scene, best, mind))
    return _one_a_pair(_paid_once(scene, found))


def _paid_once(scene: Scene, found: list[tuple[Bound, Told]]) -> list[Told]:
    """`bought B in May and closed its $270 million takeover of C`: a sum is that of the noun behind it, else that of
    the last word before it that has one."""
    out: list[Told] = []
    for bound, one in found:
        rivals = {there.at for there, other in found if other.money is one.money and other.companies != one.companies}
        if one.money in scene.money and rivals:
            place = scene.code.index(chr(MONEY + scene.money.index(one.money)))
            if bound.at != min({bound.at, *rivals}, key=lambda at: _reach(scene.code, place, at)):
                own = [sum_ for sum_ in amounts(scene, bound.at, bound.right) if sum_ is not one.money]
                one = replace(one, money=own[0] if own else None)
        out.append(one)
    return out


def _reach(code: str, place: int, trigger: int) -> tuple[int, int]:
    """How far a trigger word is from a sum: nouns that it describes are nearest, then words before it."""
    between = code[min(place, trigger) + 1 : max(place, trigger)]
    described = trigger > place and not re.search(rf"{G}|,|\band\b", between)
    return (0 if described else 1 if trigger < place else 2), len(between)


def _complete(bound: Bound, scene: Scene, mind: Discourse) -> bool:
    """Whether both sides are there; investors told without the company join the round told before."""
    if other := left_out(bound, scene, mind):
        bound.put("payee" if "payer" in bound.sides else "payer", other, bound.at)
        bound.confidence -= 0.1
    payers, payees = bound.sides.get("payer", ()), bound.sides.get("payee", ())
    if bound.kind is DealKind.INVESTMENT:
        live = bool(mind.round) and mind.age < RECENT
        if payers and not payees and bound.round and not mind.round and _ROUND.search(scene.code):
            _raised_by_topic(payers, scene, bound, mind)
        if payers and not payees and bound.round and not live and (teller := _TELLER.search(scene.code)):
            bound.put("payee", scene.names(teller[1]), teller.start(1))
            payees = bound.sides["payee"]
        if payees and not payers and len(payees) == 1:
            mind.raising(payees, amount(scene, bound.at, bound.left, bound.right))
        if payers and not payees and bound.round and _may_join(payers, scene, bound, mind):
            bound.sides["payee"] = payees = mind.round
            bound.confidence -= 0.1
            bound.joins = True
            mind.backers.update(payers)
            mind.age = 0
        elif payers and payees and payees == mind.round and live and _is_same_round(bound, scene):
            bound.joins = True
            mind.backers.update(payers)
            mind.age = 0
        elif payers and payees and len(payees) == 1:
            mind.raising(payees)
            mind.backers.update(payers)
    return bool(payers and payees)


def _is_same_round(bound: Bound, scene: Scene) -> bool:
    """Whether investors of a company join the round told before: `A also invested`, `B led it`."""
    return bound.follows or (bound.round and amount(scene, bound.at, bound.left, bound.right) is None)


def _raised_by_topic(payers: Names, scene: Scene, bound: Bound, mind: Discourse) -> None:
    """`A led the $400 million series D`, and nobody was said to raise money: it is whom the article is about."""
    if len(mind.topic) == 1 and not set(mind.topic) & set(payers):
        mind.raising(mind.topic, amount(scene, bound.at, bound.left, bound.right))


def _may_join(payers: Names, scene: Scene, bound: Bound, mind: Discourse) -> bool:
    """Whether investors told alone are those of the round before: nobody else is spoken of first in their sentence."""
    if not mind.round or set(mind.round) & set(payers):
        return False
    first = scene.code[: bound.chars.get("payer", 0)]
    return all(set(scene.names(char)) <= {*mind.round, *mind.backers, *payers} for char in re.findall(G, first))


def _announced(scene: Scene, mind: Discourse) -> None:
    """A round that is told without its investors: `Today X announces a $7 million seed.`"""
    if not _ROUND.search(scene.code) or len(scene.money) != 1:
        return
    if (told := _ROUND_OF.search(scene.code)) and len(names := scene.names(told[1] or told[2])) == 1:
        mind.raising(names, scene.money[0])
        return
    free = [at for at, char in enumerate(scene.code) if is_group(char) and stands_free(scene.code, at)]
    names = scene.names(scene.code[free[0]]) if free and not _LEADS.match(scene.code, free[0] + 1) else ()
    if len(names) == 1 and (sums := amounts(scene, 0, len(scene.code))):
        mind.raising(names, sums[0])


def _told(scene: Scene, bound: Bound, mind: Discourse) -> list[Told]:
    sure = status(scene, bound.at, bound.left, bound.right)
    if sure is None:
        return []
    payers, payees = bound.sides.get("payer", ()), bound.sides.get("payee", ())
    base = Told(
        kind=bound.kind,
        payers=payers,
        payees=payees,
        parties=bound.sides.get("party", ()),
        status=sure,
        money=None,
        power=capacity(scene, bound.left, bound.right) if bound.kind is DealKind.PURCHASE else None,
        start=scene.start,
        end=scene.end,
        confidence=bound.confidence,
        title=scene.title,
        joint=bool(JOINT.search(scene.code)),
        joins=bound.joins,
    )
    if bound.several and (each := _one_by_one(base)):
        return each
    if bound.kind is DealKind.PARTNERSHIP:
        budget = amounts(scene, bound.left, bound.right) if _PROJECT.search(scene.code, bound.left, bound.right) else []
        return [replace(base, money=budget[0] if len(budget) == 1 else None)]
    if bound.kind is DealKind.ACQUISITION and len(payees) > 1 and not amounts(scene, bound.left, bound.right):
        # Each of them is bought for itself.
        return [replace(base, payees=(one,)) for one in payees]
    if apart := told_apart(base, scene, bound.left, bound.right):
        return apart
    money = amount(scene, bound.at, bound.left, bound.right, whole=bound.kind is DealKind.ACQUISITION)
    first = replace(base, money=mind.sum if bound.joins and money is None else money)
    return [first, *_again(first, scene, bound)]


def _one_by_one(base: Told) -> list[Told]:
    """`A signed licences with B and C`: two deals; none if there are several on both sides."""
    for side, other in (("payees", base.payers), ("payers", base.payees)):
        if len(names := getattr(base, side)) > 1 and len(other) == 1:
            each: list[dict[str, Any]] = [{side: (name,)} for name in names]
            return [replace(base, **one) for one in each]
    first, *others = base.parties or ("",)
    return [replace(base, parties=(first, name)) for name in others] if len(others) > 1 else []


def _again(first: Told, scene: Scene, bound: Bound) -> list[Told]:
    """`bought B in January for $1 billion and C in March for $2 billion`: the verb is said once."""
    if first.money is None or len(first.payees) != 1:
        return []
    more: list[Told] = []
    at = max(bound.chars.get("payee", bound.right), bound.at)
    for found in _GAPPED.finditer(scene.code, at, bound.right):
        more.append(replace(first, payees=scene.names(found[1]), money=scene.money[ord(found[2]) - MONEY], share=True))
    for found in _GAPPED_SUM.finditer(scene.code, bound.at, bound.right):
        side = "payers" if found[2] == "from" else "payees"
        if found.start() > bound.chars.get(side[:-1], bound.right):
            changed: dict[str, Any] = {
                side: scene.names(found[3]),
                "money": scene.money[ord(found[1]) - MONEY],
                "share": True,
            }
            more.append(replace(first, **changed))
    return [one for one in more if one.companies != first.companies and not set(one.payers) & set(one.payees)]


def told_apart(base: Told, scene: Scene, left: int, right: int) -> list[Told]:
    """A deal for each of the amounts of a clause, where it says so: `$10 billion and $5 billion, respectively`, or
    `three contracts, of $12 billion, $4 billion and $6.5 billion`; else none."""
    sums = amounts(scene, left, right)
    each = _EACH.search(scene.code, left, right)
    if each and len(sums) == 1:
        for side in ("payers", "payees"):
            if len(names := getattr(base, side)) > 1:
                return [_with(base, side, name, sums[0]) for name in names]
    if "respectively" in scene.code or each:
        for side in ("payers", "payees"):
            names = getattr(base, side)
            if len(names) > 1 and len(names) <= len(sums):
                return [_with(base, side, name, sum_) for name, sum_ in zip(names, sums[-len(names) :], strict=True)]
    if len(base.payers) == len(base.payees) == 1 and (counted := _COUNTED.search(scene.code, left, right)):
        several = [scene.money[ord(char) - MONEY] for char in re.findall(M, counted[2])]
        if len(several) == _NUMBERS.index(counted[1]) + 2:
            return [replace(base, money=one, share=True) for one in several]
    return []


def _with(base: Told, side: str, name: str, money: object) -> Told:
    changed: dict[str, Any] = {side: (name,), "money": money, "share": True}
    return replace(base, **changed)


def _one_a_pair(found: list[Told]) -> list[Told]:
    """Of readings of the same companies and the same kind in one sentence the surest; shares told apart stay apart."""
    apart = {(one.kind, name) for one in found if one.share for name in one.companies}
    best: dict[object, Told] = {}
    for one in found:
        if not one.share and all((one.kind, name) in apart for name in one.companies):
            continue
        key = (one.companies, one.kind, one.money if one.share else None)
        if key not in best or one.confidence > best[key].confidence:
            best[key] = one
    return list(best.values())


_ROUND = re.compile(r"\b(?:seed|pre-seed|series [a-h]|funding|funding round|financing round|fund-?raising|raise)\b")
_ROUND_OF = re.compile(
    rf"({G})'s (?:{M} |(?!(?:(?:co-)?led|leads|joined|backed|arm|fund|unit|office)\b)[\w-]+ ){{1,4}}?"
    r"(?:funding round|round|series [a-h]|funding|raise)\b|"
    rf"\b(?:round|series [a-h]|funding|raise) (?:that|which) ({G}) (?:has )?(?:completed|closed|raised|announced)"
)
"""`Anthropic's $450 million round`, `a $20 billion series E that xAI completed`."""
_PROJECT = re.compile(r"\b(?:together|jointly|joint project|joint investment)\b")
"""What a stated sum is the budget of."""
_LEADS = re.compile(
    r" (?:will |also |is |has |\w+ly |again ){0,2}(?:(?:co-)?le(?:d|ads?|ading)|join|invest|back(?:s|ed|ing)\b|"
    r"particip|t(?:ook|akes?) part|anchor|contribut|put)"
)
"""What a company does that invests in somebody else's round."""
_TO = re.compile(r"\b(?:to|will|would|can|could|may|might) $")
_EACH = re.compile(r"\b(?:each|apiece)\b")
_GAPPED = re.compile(rf"(?:,| and|, and) ({G}) (?:in [\w ]{{3,15}} )?for (?:about |around |some )?({M})")
_GAPPED_SUM = re.compile(
    rf"(?:,| and|, and) (?:another |a further |up to |about )?({M}) (in|into|to|for|from|on|with) ({G})"
)
_TELLER = re.compile(rf", ({G}) (?:said|announced)\b[^{G[1:-1]}]*$")
_NUMBERS = ("two", "three", "four", "five", "six")
_COUNTED = re.compile(rf"\b({'|'.join(_NUMBERS)}) [^;]*?\b(?:of|worth|for|at) ({M}(?:, {M})*,? and {M})")
_NAMED = re.compile(
    r"(?:\b(?:an?|the|its|their|his|two|three|four|five|six|several|many|some|these|those|new|further|recent|of|no|any)"
    rf"|{M}) $"
)
JOINT = re.compile(
    r"co-design|co-engineer|jointly|joint (?:engineering|selling|development|research)|co-develop|engineering|"
    r"optimi[sz]e|integrat|resell|distribut|together|cooperat|co-operat|collaborat"
)
