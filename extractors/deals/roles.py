"""Who is who around one trigger word: subject, object and prepositions of a typed sentence become roles."""

import re
from dataclasses import dataclass, field

from extractors.deals.lexicon import Frame, lexicon, triggers
from extractors.deals.needs import NEEDS, PART_OF, is_content, is_goods, is_site, needed
from extractors.deals.typed import VERBS, G, M, Names, Scene, is_group
from schemas.deal import DealKind


@dataclass
class Bound:
    """One reading of a trigger: sides by role, where it stands in the typed text, and its clause."""

    kind: DealKind
    confidence: float
    at: int
    left: int
    right: int
    sides: dict[str, Names] = field(default_factory=dict)
    chars: dict[str, int] = field(default_factory=dict)
    round: bool = False
    joins: bool = False
    follows: bool = False
    """Told of investors beside others: `A also invested`, `B took part`."""
    several: bool = False
    """A deal with each: `licences from A and B`."""

    def put(self, role: str, names: Names, at: int, *, more: bool = False) -> bool:
        """Fill a role; a filled one stays unless `more` companies are to be added to it."""
        if role in self.sides and not more:
            return False
        old = self.sides.get(role, ())
        self.sides[role] = old + tuple(n for n in names if n not in old)
        self.chars.setdefault(role, at)
        return True


def bind(scene: Scene, start: int, end: int, frame: Frame, form: str, *, told_of: bool = False) -> Bound | None:
    """The sides that `frame` gives the companies around code[start:end]; None if a side is missing.

    `told_of`: a round is being told, so that `A led` or `B joined` needs no word for it.
    """
    code = scene.code
    left, right = _clause(code, start, end)
    follows = frame.follows or (
        frame.kind is DealKind.INVESTMENT and not frame.noun and _is_too(code, start, end, right)
    )
    of_round = follows or frame.needs in ("money|round", "money|round|led_it", "round")
    if not (told_of and of_round and frame.subject == "payer") and not needed(
        frame, code[left:right], code[end:right], code[left:start]
    ):
        return None
    if follows and _STANDING.match(code, end, right):
        return None
    if frame.kind is DealKind.PURCHASE and not frame.noun and _LENT.match(code, end, right):
        return None
    if frame.kind is DealKind.PURCHASE and not frame.noun and frame.subject == "payer" and _BOOKED.match(code, end):
        return None
    bound = Bound(frame.kind, frame.confidence, start, left, right, round=of_round, follows=follows)
    bound.several = frame.noun and code[start:end].endswith("s") and frame.kind in _ONE_BY_ONE
    if frame.kind is DealKind.PURCHASE and frame.noun and frame.prior:
        if _TOGETHER.search(code, end, right):
            return None
        if NEEDS["their_content"].search(code, end, right):
            bound.kind = DealKind.LICENSING
    if frame.kind is DealKind.INVESTMENT and (of_round or frame.needs == "money"):
        if frame.subject == "payee" and not frame.noun and _ORDERED.match(code, end, right):
            return None
        if of_round and NEEDS["debt"].search(code, left, right) and not NEEDS["round"].search(code, left, right):
            bound.kind = DealKind.FINANCING
    passive = not frame.noun and form == "past" and _is_passive(code[left:start], code[end:right])
    passive = passive or (frame.kind is DealKind.ACQUISITION and form == "past" and _is_reduced(code, start, end))
    if frame.kind.directed:
        if passive:
            _passive(scene, bound, frame, start, end)
        else:
            _active(scene, bound, frame, start, end, form)
        _clean(bound)
        if frame.prior:
            _by_rank(bound, scene, start)
        return bound if bound.sides.get("payer") or bound.sides.get("payee") else None
    return _undirected(scene, bound, frame, start, end, form)


def _active(scene: Scene, bound: Bound, frame: Frame, start: int, end: int, form: str) -> None:
    if frame.noun and (named := _COMPOUND.search(scene.code, max(bound.left, start - 30), start)):
        _compound(scene, bound, frame, named.start(1), start)
    elif frame.subject:
        found = _owner(scene, bound, frame, start) if frame.noun else _subject(scene, bound.left, start, form)
        if found:
            bound.put(frame.subject, *found)
            relative = None if frame.noun else _WHOM.search(scene.code, bound.left, found[1])
            if relative and frame.object and ":" not in frame.object:
                # "B, the chip designer that A bought".
                bound.put(frame.object, scene.names(relative[1]), relative.start(1))
    _rightward(scene, bound, frame, end)
    also = _ALSO.search(scene.code, end, bound.right) if bound.round and frame.subject == "payer" else None
    if also and not set(scene.names(also[also.lastindex or 1])) & set(bound.sides.get("payee", ())):
        bound.put("payer", scene.names(also[also.lastindex or 1]), also.start(), more=True)
        _more_payers(scene, bound, also.end())


def _compound(scene: Scene, bound: Bound, frame: Frame, named: int, start: int) -> None:
    """`A completes B acquisition`, `A jumps on B order`: the other side stands before the noun."""
    other = frame.preps.get("of") or frame.preps.get("in") or frame.preps.get("with", "")
    found = _subject(scene, bound.left, named, "noun")
    if found is None or other not in ("payer", "payee") or ":" in frame.subject:
        return
    owned = scene.code.startswith("'s ", found[1] + 1) and not scene.code.startswith(("offer", "bid"), start)
    light = frame.light and frame.light.search(scene.code, found[1], named)
    if not owned and not light and not _STIRRED.search(scene.code, found[1], named):
        return
    customer = bound.kind is DealKind.PURCHASE and scene.code.startswith(("order", "contract", "lease"), start)
    bound.put("payee" if customer else frame.subject, *found)
    bound.put("payer" if customer else other, scene.names(scene.code[named]), named)


def _passive(scene: Scene, bound: Bound, frame: Frame, start: int, end: int) -> None:
    by = re.search(rf"\bby [^\ue000-\uefff]{{0,60}}?({G})", scene.code[end : bound.right])
    role = frame.subject
    if by and role:
        at = end + by.start(1)
        bound.put(role, scene.names(by[1]), at)
        _more_payers(scene, bound, at + 1)
    found = _subject(scene, bound.left, start, "passive")
    if found and by and frame.needs == "round":
        # "A led, joined by B": who was joined is no company that money goes into.
        found = None
    elif found:
        bound.put(frame.object.removeprefix("owned:") or ("payee" if role == "payer" else "payer"), *found)
    elif not by:
        return
    if role not in bound.sides or not found:
        _rightward(scene, bound, frame, end)


def _rightward(scene: Scene, bound: Bound, frame: Frame, end: int) -> None:
    code = scene.code
    at = end
    first = True
    for found in re.finditer(G, code[end : bound.right]):
        here = end + found.start()
        gap = _BOUND.sub("", code[at:here])
        prep = _PREP.findall(gap)
        word = prep[-1] if prep and len(_after(gap, prep[-1]).split()) <= 6 else ""
        if first and _POSSESSOR.match(code, here + 1, bound.right):
            # "its unit B": B is meant.
            continue
        if code.startswith("'s", here + 1) and _is_subject(scene, bound, found[0]):
            # "sold its plant to B", "licensed its designs to C": not who acts, but what is told of behind.
            at, first = here + 1, False
            continue
        if len(gap) > 110 or _RELATIVE.search(gap) or (frame.kind in _OWNING and _begins_clause(code, gap, here)):
            break
        names = scene.names(found[0])
        tail = code[here + 1 : here + 40].removeprefix("'s")
        role = ""
        if word:
            role = frame.preps.get(word, "")
            if frame.kind is DealKind.ACQUISITION and _small_stake(gap) and word in ("in", "of"):
                role, bound.kind = "payee", DealKind.INVESTMENT
            if frame.kind is DealKind.ACQUISITION and word == "of" and is_goods(tail) and not _small_stake(gap):
                role, bound.kind = "payee", DealKind.PURCHASE
        elif first and frame.object and not _NEW_VERB.search(gap):
            role = frame.object
            if bound.follows and _BESIDE.search(gap):
                # "A joined existing backers B and C": all of them invest.
                bound.put("payer", names, here, more=True)
                role = ""
        if role == "payee" and bound.kind is DealKind.INVESTMENT and not bound.round and _spent_on(code, here):
            bound.kind = DealKind.PURCHASE
        if role and frame.kind is DealKind.ACQUISITION and role == "payee":
            role = _modified(bound, role, gap, tail)
        if role == "stake:payee":
            role = "payee" if _MOST.search(gap) or PART_OF.search(gap) else ""
        if role.startswith("owned:"):
            owned = code[here + 1 : here + 3] == "'s" or is_goods(tail)
            role = role.removeprefix("owned:") if owned else ""
        if role.startswith("content:"):
            role = role.removeprefix("content:") if is_content(code[here + 1 : here + 50]) else ""
        if role.startswith("site:"):
            role = role.removeprefix("site:") if is_site(tail) else ""
        if role == "pair":
            if len(names) == 2:
                bound.sides["payer"], bound.sides["payee"] = names[:1], names[1:]
            break
        if role.startswith("!"):
            role = role[1:]
            bound.sides.pop("payer" if role == "payee" else "payee", None)
            subject = bound.chars.get("payer", bound.chars.get("payee", -1))
            if 0 <= subject < len(code) and is_group(code[subject]):
                bound.put("payer" if role == "payee" else "payee", scene.names(code[subject]), subject)
            bound.sides[role] = names
            bound.chars[role] = here
        elif ":" in role:
            kind, role = role.split(":")
            if role not in bound.sides:
                bound.kind = DealKind(kind)
        if role and bound.put(role, names, here) and role == "payer":
            _more_payers(scene, bound, here + 1)
        first = False
        at = here + 1
        if "payer" in bound.sides and "payee" in bound.sides:
            break


def _begins_clause(code: str, gap: str, here: int) -> bool:
    """`A put in $1 million, and a week later B led …`: who does something of its own is no side of this."""
    return bool(_LINKED.search(gap) and _NEW_CLAUSE.match(code, here + 1))


def _is_subject(scene: Scene, bound: Bound, char: str) -> bool:
    """Whether a group is the one that acts, or the one that it is told of."""
    return any(bound.sides.get(side) == scene.names(char) for side in ("payer", "payee"))


def _undirected(scene: Scene, bound: Bound, frame: Frame, start: int, end: int, form: str) -> Bound | None:
    found = _owner(scene, bound, frame, start) if frame.noun else _subject(scene, bound.left, start, form)
    if found and not frame.noun and _WITH.search(scene.code, max(0, found[1] - 12), found[1]):
        # "With A and B they set up a venture": who they are was said before.
        return None
    names = found[0] if found else ()
    near = re.match(
        rf"[^\ue000-\ue7ff]{{0,60}}?\b(with|between|of|by|from|and|on|through|via|in)\b[^\ue000-\ue7ff,;]{{0,40}}({G})",
        scene.code[end : bound.right],
    )
    if near and frame.preps.get(near[1]):
        other = scene.names(near[2])
        names = (
            other
            if near[1] == "between" or (near[1] == "of" and len(other) > 1)
            else names + tuple(n for n in other if n not in names)
        )
    if len(names) == 1 and frame.object and (direct := _DIRECT.match(scene.code, end, bound.right)):
        names += tuple(n for n in scene.names(direct[1]) if n not in names)
    if len(names) < 2:
        return None
    bound.sides["party"] = names
    return bound


def _subject(scene: Scene, left: int, start: int, form: str) -> tuple[Names, int] | None:
    """The company that does it: the nearest one to the left that no preposition or possessive governs."""
    code = scene.code
    if _COORDINATED.search(code, max(left, start - 24), start):
        # "A buys B and invests in C": whoever does the one does the other.
        earlier = [found.start() for found in triggers(code[left:start])]
        if earlier and re.search(G, code[left + earlier[-1] : start]):
            start = left + earlier[-1]
    fallback = None
    for at in range(start - 1, left - 1, -1):
        if not is_group(code[at]):
            continue
        if _RELATED.match(code, at + 1) and not re.search(G, code[at + 1 : start]):
            return scene.names(code[at]), at
        if ")" in code[at:start] and "(" not in code[at : code.index(")", at)]:
            # Named in an aside: "A (B and C are members) is buying".
            continue
        before = code[max(left, at - 24) : at]
        if code[at + 1 : at + 3] == "'s":
            if fallback is None and start - at < 60:
                fallback = at
            continue
        governed = None if _WHICH.search(before) else _GOVERNED.search(before)
        if governed and not (governed[1] == "with" and form == "ing"):
            if fallback is None and start - at < 40:
                fallback = at
            continue
        return scene.names(code[at]), at
    return (scene.names(code[fallback]), fallback) if fallback is not None else None


def _owner(scene: Scene, bound: Bound, frame: Frame, start: int) -> tuple[Names, int] | None:
    """Whose purchase: `A's $3bn purchase`, or the subject of a verb that goes with the noun."""
    code = scene.code
    near = re.search(rf"({G})'s? ?[^\ue000-\ue7ff,;]{{0,60}}$", code[bound.left : start])
    if near and "'s" in near[0][:3] and not (frame.kind is DealKind.INVESTMENT and _LED.search(near[0])):
        if frame.kind is DealKind.INVESTMENT and _SELLS.search(code, bound.left, bound.left + near.start()):
            # "is selling its stake in B": it gives no money.
            return None
        return scene.names(near[1]), bound.left + near.start(1)
    found = _subject(scene, bound.left, start, "noun")
    if found and frame.light and frame.light.search(code[found[1] : start]):
        return found
    if found and frame.kind is DealKind.PURCHASE and frame.prior and _STIRRED.search(code, found[1], start):
        return found
    return None


def _more_payers(scene: Scene, bound: Bound, at: int) -> None:
    """Further investors behind the first: `led by A, with participation from B and C`."""
    if bound.kind not in (DealKind.INVESTMENT, DealKind.FINANCING):
        return
    while found := _MORE.match(scene.code, at, bound.right):
        bound.put("payer", scene.names(found[1]), found.start(1), more=True)
        at = found.end()


def _spent_on(code: str, at: int) -> bool:
    """`committed $38 billion to A's cloud`: it is for goods."""
    tail = code[at + 1 : at + 60].removeprefix("'s").lstrip()
    return code.startswith("'s", at + 1) and is_goods(tail) and not _A_BUSINESS.match(tail)


def _modified(bound: Bound, role: str, gap: str, tail: str) -> str:
    words = lexicon()
    first = " ".join(re.findall(r"[\w-]+", tail)[:3])
    if is_goods(tail):
        bound.kind = DealKind.PURCHASE
    elif words.shares.match(first) or _small_stake(gap):
        bound.kind = DealKind.INVESTMENT
    return role


def _by_rank(bound: Bound, scene: Scene, start: int) -> None:
    """Where words leave it open who pays: not whose goods are named, nor who has won the contract, else the usual
    customer.

    Two companies on one side are split.
    """
    payers, payees = bound.sides.get("payer", ()), bound.sides.get("payee", ())
    if len(payers) == 2 and not payees:
        payers, payees = payers[:1], payers[1:]
    if not payers or not payees:
        return
    sellers = {
        name
        for found in _OWN_GOODS.finditer(scene.code, bound.left, bound.right)
        if bound.kind is DealKind.PURCHASE or not scene.code.endswith("for ", 0, found.start())
        for name in scene.names(found[1] or found[2])
    }
    payer_sells, payee_sells = not sellers.isdisjoint(payers), not sellers.isdisjoint(payees)
    rank = lexicon().rank
    x, y = (max(rank.get(n, 1) for n in side) for side in (payers, payees))
    at = bound.chars.get("payer", start)
    if payer_sells != payee_sells:
        turned = payer_sells
    elif (
        bound.kind is DealKind.PURCHASE
        and at < start
        and scene.names(scene.code[at]) == payers
        and (_WON.match(scene.code, at, start) or (x == y and _GAINED.match(scene.code, at, start)))
    ):
        turned = True
    else:
        turned = (x > y and (x >= 2 or bound.kind is DealKind.LICENSING)) or (
            bound.kind is DealKind.LICENSING and y == 0 < x
        )
    bound.sides["payer"], bound.sides["payee"] = (payees, payers) if turned else (payers, payees)


def _small_stake(gap: str) -> bool:
    # Paid in shares is not paid for shares.
    gap = _PAID_IN.sub("", gap)
    if _MOST.search(gap):
        return False
    return bool(lexicon().shares.search(gap) or re.search(r"%|per ?cent", gap))


def _clean(bound: Bound) -> None:
    payers, payees = bound.sides.get("payer", ()), bound.sides.get("payee", ())
    if set(payers) & set(payees):
        if len(payers) > len(payees):
            bound.sides["payer"] = tuple(n for n in payers if n not in payees)
        else:
            bound.sides["payee"] = tuple(n for n in payees if n not in payers)


def _clause(code: str, start: int, end: int) -> tuple[int, int]:
    left = 0
    for found in _CUT.finditer(code, 0, start):
        left = found.end()
    after = _CUT.search(code, end)
    return left, after.start() if after else len(code)


def _is_too(code: str, start: int, end: int, right: int) -> bool:
    """`A also invested`, `A and B invested, too`."""
    return bool(_ALSO_BEFORE.search(code, max(0, start - 6), start) or _TOO.match(code, end, right))


def _is_reduced(code: str, start: int, end: int) -> bool:
    """`A, bought from B in 2019 for $2 billion, …`: what is bought stands before."""
    return bool(_BEHIND_NAME.search(code, max(0, start - 3), start) and _SINCE.match(code, end))


def _is_passive(before: str, after: str) -> bool:
    return bool(_BE.search(before) or _BY.match(after))


def _after(gap: str, word: str) -> str:
    return gap[gap.rfind(word) + len(word) :]


_CUT = re.compile(
    r"; | — | – |: |, (?:while|but|whereas|although|though|even as|days after|months after|weeks after|a (?:day|"
    r"week|month|year) after) |\. "
)
_PREP = re.compile(
    r"\b(in|into|from|by|with|to|for|of|on|at|between|against|behind|over|after|as|than|via|through|under|"
    r"alongside|including)\b"
)
_GOVERNED = re.compile(
    r"\b(of|with|in|from|by|against|for|to|at|like|than|over|on|as|after|into|between|alongside|"
    r"behind)(?: (?:the|a|an|its|rival|chipmaker|partner|customer|[\w-]+))?(?: [\w-]+)? ?$"
)
_BE = re.compile(
    r"\b(?:be|is|are|was|were|been|being|gets?|got)(?: \w+ly| not| also| already|"
    r" now)?(?: reportedly)? $"
)
_BY = re.compile(r" (?:(?!(?:co-)?led|headed|anchored|backed|joined|followed)[\w%'-]+ ){0,5}by ")
_MOST = re.compile(
    r"\b(?:major|controlling|full|remaining|rest of|all (?:of|the|outstanding|issued)|"
    r"(?<![\d.])(?:5[1-9]|[6-9]\d|100)(?:\.\d+)?(?:%| per ?cent))"
)
"""A share of a company that makes its buyer the owner."""
_ALSO_BEFORE = re.compile(r"\balso $")
_TOO = re.compile(
    r" again\b|"
    rf"(?: (?:about |another |up to |some )?{M})?(?: in (?:it|the round))?\.?$|"
    r"[^;\ue000-\ue7ff]{0,30}(?:\btoo\b|\bas well\b(?! as)|\balongside\b)"
)
_BESIDE = re.compile(
    r"\b(?:existing|earlier|previous|returning|current|fellow) (?:\w+ )?(?:backers?|investors?|shareholders?) $"
)
_BEHIND_NAME = re.compile(rf"{G}, $")
_SINCE = re.compile(r" (?:from|in|last|for|at|earlier)\b")
_RELATIVE = re.compile(r"\b(?:in|of|from|by|with|for|to|under|at|on) (?:which|whom|whose)\b")
_STANDING = re.compile(
    r" (?:the |its |their )?(?:\w+'s )?(?:existing|earlier|previous|current|largest|biggest|main) (?:\w+ )?"
    r"(?:share|invest|back)"
)
_BOOKED = re.compile(r" (?:[\w-]+ ){0,3}(?:orders|contracts)\b")
"""`A booked new orders from B`: A is paid."""
_DIRECT = re.compile(rf" (?:(?!such\b|like\b|including\b|to\b|of\b|in\b|for\b|and\b|on\b)[\w-]+ ){{0,3}}?({G})")
_TOGETHER = re.compile(
    r"[^;]{0,60}\bto (?:jointly|co-|explore|collaborate|cooperate|co-operate|work together|integrate)"
)
_SELLS = re.compile(
    r"\b(?:sell(?:s|ing)?|sold|offload(?:s|ed|ing)?|divest(?:s|ed|ing)?|exit(?:s|ed|ing)?|trim(?:s|med)?) $"
)
_LED = re.compile(r"\b(?:(?:co-)?led|leads|leading|joined|backed|anchored)\b")
_LINKED = re.compile(r"(?:, (?:and|while|but|when)| and) (?:(?!with\b|from\b|by\b)[\w-]+ ){0,4}$")
_NEW_CLAUSE = re.compile(rf" (?:also |then |each |later )?{VERBS}")
_WITH = re.compile(r"\bwith (?:the )?$")
_WHICH = re.compile(r"\b(?:which|whom) $")
_BOUND = re.compile(r"\b(?:up to|according to|as much as|as many as|in addition to)\b")
_PAID_IN = re.compile(r"\bin (?:cash and |its own |new )?(?:stock|shares|equity)\b")
_LENT = re.compile(
    r"[^;]{0,60}\b(?:loan|credit|debt|financing|facility|borrowing)s?\b(?! (?:services|cards?|assessment))"
)
_ALSO = re.compile(
    rf"\b(?:alongside|along with|together with|as did|as were) [^{G[1:-1]},;]{{0,40}}?({G})|"
    rf"\b(?:participation|money|support|backing|contributions?) (?:from|by) [^{G[1:-1]},;]{{0,30}}?({G})"
    rf"|\bwith ({G})(?: also)? (?:joining|participating|taking part|contributing|following|investing|alongside|"
    r"as (?:co-leads?|co-leaders|further|other|investors|backers)|among (?:the |its )?(?:other |new |existing )?"
    r"(?:investors|backers|participants|shareholders))\b"
)
_WHOM = re.compile(rf"({G}),?(?: (?:the|an?) [^,;{G[1:-1]}]{{2,80}})? (?:that|which|whom) $")
_RELATED = re.compile(r",? (?:which|who|that)\b")
_COORDINATED = re.compile(r"\band (?:\w+ly |also |then |will |has |have |had |to |in turn )*$")
_ORDERED = re.compile(
    rf"[^{G[1:-1]};]{{0,60}}\b(?:contract|order|deal|agreement|loan|credit|debt|facility|licen[cs]e|mandate|business)s?\b"
)
_POSSESSOR = re.compile(rf"'s (?:(?!in\b|of\b|to\b|from\b|for\b|with\b|at\b|on\b|under\b)[\w-]+ ){{0,4}}{G}")
_NEW_VERB = re.compile(r"\b(?:that|which|who|said|says|because|will|would|has|have|is|was|are|were)\b")
_MORE = re.compile(
    rf"(?:'s)?[^\ue000-\ue9ff;]{{0,30}}\b(?:and|with (?:participation|backing|money|support|contributions?|"
    rf"cheques) (?:from|by)|participation (?:from|by)|including|joined by|followed by|alongside|"
    rf"with|as well as|plus|together with|along with|(?:and )?from|other investors included|"
    rf"also)\b[^\ue000-\uefff;]{{0,40}}?({G})(?! (?:also )?{VERBS})"
)
_OWN_GOODS = re.compile(
    rf"({G})'s (?:[\w-]+ ){{0,2}}(?:models?|technolog(?:y|ies)|software|chips?|gpus?|processors?|accelerators|cloud|"
    r"services?|products?|tools?|platform|assistant|archives?|catalogu?e?s?|content|articles|journalism|stories|news|"
    r"patents|designs|library|characters|recordings)\b"
    rf"|\b(?:from|at) ({G})'s (?:[\w-]+ ){{0,4}}(?:farms?|plants?|sites?|campus(?:es)?|data cent(?:er|re)s?|reactors?|"
    r"facilit(?:y|ies)|projects?)\b"
)
"""`OpenAI's models`: what a company sells."""
_COMPOUND = re.compile(rf"({G}) (?:{M} |stock |share |all-stock |mega-?|blockbuster )?$")
_STIRRED = re.compile(
    r"\b(?:shares|stock|jumps?|jumped|surge[sd]?|soar(?:s|ed)?|r[io]ses?|gain(?:s|ed)?|climb(?:s|ed)?|slid(?:es?)?|f[ae]lls?|"
    r"rall(?:y|ies|ied)|sinks?|sank|tumble[sd]?|drop(?:s|ped))\b[^;]*\b(?:on|after|despite|following)\b"
)
_A_BUSINESS = re.compile(r"(?:[\w-]+ ){1,3}(?:business|unit|division|arm|venture|company|project|round|stock|shares)\b")
_WON = re.compile(rf"{G}[^{G[1:-1]};]*\b(?:wins?|won|winning|lands?|landed|bags?|bagged|backlog|order book)\b")
_GAINED = re.compile(
    rf"{G}(?:'s)?(?: shares| stock|[^{G[1:-1]};]*\b(?:secure[sd]?|receive[sd]?|clinche[sd]|books?|booked)\b)"
)
"""Who is said to have won, or to have risen on, a contract is paid for it."""
_OWNING = (DealKind.INVESTMENT, DealKind.ACQUISITION)
_ONE_BY_ONE = (DealKind.LICENSING, DealKind.PARTNERSHIP)
