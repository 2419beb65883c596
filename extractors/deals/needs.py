"""What has to stand beside a trigger word for its frame to be read: `needs` of the lexicon's frames."""

import re

from extractors.deals.lexicon import Frame, lexicon
from extractors.deals.typed import G, M, P


def needed(frame: Frame, clause: str, rest: str, before: str) -> bool:
    """Whether one of the words that a frame needs is there: in its clause, behind its trigger, or before it."""
    if not frame.needs:
        return True
    return any(
        NEEDS[need].search(before if need in _BEFORE else rest if need in _BEHIND else clause)
        for need in frame.needs.split("|")
    )


def is_site(tail: str) -> bool:
    """Whether a place is named where one rents: `data center`, `facility`."""
    return bool(_SITE.match(tail.lstrip()))


def is_goods(tail: str) -> bool:
    """Whether goods or services are named: `GPUs`, `cloud services`."""
    return bool(_GOODS.match(tail.lstrip()))


def is_content(tail: str) -> bool:
    """Whether what publishers and artists sell is named: `archive`, `news stories`."""
    return bool(_THEIR_CONTENT.match(tail.lstrip()))


_UNIT = (
    r"(?:business(?:es)?|units?|divisions?|arm|plants?|factor(?:y|ies)|fabs?|operations|assets|campus|portfolio|"
    r"production lines?|sites?|subsidiar(?:y|ies))"
)
"""Part of a company that has no company's name of its own."""
_CONTENT = (
    r"(?:archives?|articles?|content|catalogu?e?s?|journalism|stories|news|songs|music|recordings|images|library|books|"
    r"characters|footage|publications|reporting)"
)
_THEIR_CONTENT = re.compile(rf"(?:'s )?(?:[\w-]+ ){{0,3}}?{_CONTENT}\b")
_SITE = re.compile(
    r"(?!cloud)(?:[\w-]+ ){0,4}?(?:facilit(?:y|ies)|campus(?:es)?|sites?|data cent(?:er|re)s?|plants?|"
    r"halls?|cloud|servers)\b"
)
PART_OF = re.compile(rf"\b{_UNIT} of (?:the |[\w-]+ ){{0,4}}$")
"""`the robotics business of A`."""
_GOODS = re.compile(rf"(?:new |more |ai |custom |own )*(?:{lexicon().goods.pattern}|[\uec00-\uefff])")
_BEHIND = {
    "goods",
    "unit",
    "unit_from",
    "obligations",
    "to_supply",
    "to_deliver",
    "as_customer",
    "contract",
    "customer",
    "supplier",
    "sole_supplier",
    "for_goods",
    "led_it",
    "on_its",
    "access",
    "capacity",
    "their_content",
    "private",
    "itself",
    "by_company",
}
"""What has to stand behind the trigger word."""
_BEFORE = {"willed", "of_round"}
"""What has to stand before it."""
NEEDS = {
    "debt": re.compile(
        r"\b(?:loans?|financing|lending|credit|debt|bridge|facility|borrowings?|bonds?|revolver|mortgage|"
        r"term-loan)\b"
    ),
    "licence": re.compile(
        r"\b(?:licen[cs]\w*|archives?|articles|content|catalogues?|likeness|patents?|"
        r"royalt\w+)\b"
    ),
    "contract": re.compile(r"\b(?:contracts?|orders?|mandate|commission|deal|agreement|purchases)\b"),
    "as_customer": re.compile(
        r"\bas (?:an? |its |the |new |another )?(?:[\w-]+ ){0,3}(?:customer|client|tenant|user)s?\b"
    ),
    "private": re.compile(r"\A[^;]{0,60}\bprivate\b"),
    "itself": re.compile(rf"\A itself(?: off)? to (?:[\w-]+ ){{0,4}}{G}"),
    "by_company": re.compile(rf"\A(?: (?:bid|offer|deal|agreement|attempt))? by (?:[\w-]+ ){{0,6}}{G}"),
    "unit": re.compile(
        rf"\A(?: of)?(?: {G}'s)?(?:(?!\b(?:from|at|in|for|near)\b)[^{G[1:-1]};]){{0,90}}?"
        rf"\b{_UNIT}\b[^{G[1:-1]};]{{0,40}} to "
    ),
    "unit_from": re.compile(rf"\A[^{G[1:-1]};]{{0,90}}?\b{_UNIT}\b[^{G[1:-1]};]{{0,40}} from "),
    "obligations": re.compile(r"\b(?:lease|rent|payments?|obligations|debts?|loans?|liabilities|borrowings?)\b"),
    "to_deliver": re.compile(r"\bto (?:supply|provide|deliver|sell)\b"),
    "customer": re.compile(r"\b(?:customer|client|tenant|buyer|user|offtaker)\b"),
    "supplier": re.compile(r"\b(?:supplier|provider|vendor|host|foundry)\b"),
    "for_goods": re.compile(rf"\bfor [^;]{{0,60}}?(?:{P}|[\uec00-\uefff]|{lexicon().goods.pattern})"),
    "sole_supplier": re.compile(
        r"\b(?:exclusive|sole|main|primary|preferred|official|first) (?:[\w-]+ ){0,3}"
        r"(?:supplier|provider|vendor|host)\b"
    ),
    "venture": re.compile(
        r"\b(?:(?:joint|new|common|separate|jointly owned|50[-:]50) (?:[\w-]+ )?"
        r"(?:company|entity|firm|subsidiary|operator)|"
        r"(?:joint )?ventures?(?! (?:capital|arm|fund|firm|investor|studio))|jv)\b"
    ),
    "together": re.compile(r"\b(?:together|jointly|joint)\b"),
    "to_work": re.compile(
        r"\bto (?:jointly |co-|work together to )?(?:develop|collaborat|work|integrat|explor|cooperat|co-operat|market|"
        r"promot|test|research|advanc)\w*"
    ),
    "to_resell": re.compile(r"\b(?:resell\w*|resold|will distribut\w+|to distribut\w+)\b"),
    "willed": re.compile(r"\b(?:will|would|to) (?:be |also |exclusively )*$"),
    "warrant": re.compile(r"\bwarrants?\b"),
    "shares": re.compile(r"\b(?:shares|stock)\b"),
    "stake": re.compile(r"\b(?:stake|stakes|interest|shareholding|holding)\b"),
    "cash": re.compile(r"\b(?:money|cash|capital|funds|millions|billions)\b"),
    "money": re.compile(M),
    "round": re.compile(r"\b(?:round|series [a-h]\d?|funding|raise|stake|seed|investors?|in the lead|on board)\b"),
    "access": re.compile(r"\A[^;]{0,40}?\baccess\b"),
    "capacity": re.compile(rf"{P}|\b(?:capacity|megawatts|gigawatts|compute|computing|power|gpus|chips|supply)\b"),
    "their_content": re.compile(rf"\A[^;]{{0,40}}?\b{_CONTENT}\b"),
    "on_its": re.compile(
        rf"\A [^;{G[1:-1]}]{{0,20}}{G}'s (?:[\w-]+ ){{0,3}}"
        r"(?:models?|assistant|technology|ai|chatbot|software|agents?)\b"
        rf"[^;{G[1:-1]}]{{0,40}}\b(?:through|on|in|into|to|via|inside) {G}'s"
    ),
    "led_it": re.compile(r"\A (?:(?:the|this|that|a new) (?:\w+ )?(?:investment|deal|financing|transaction)|it)\b"),
    "told": re.compile(r"(?!)"),
    "of_round": re.compile(
        r"\b(?:round|series [a-h]\d?|financing|raise|syndicate|(?:new|other|additional|further|participating) (?:\w+ )?"
        r"(?:investors|backers|participants|shareholders))\b(?: in the round)?,?(?: led by [^,;]*,)? (?:that |which )?"
        r"(?:also |now |will )?$|\bled [^;]{0,40}(?:round|series [a-h]\d?|investment),? (?:that|which) (?:also )?$"
    ),
    "led": re.compile(r"\b(?:led|from|by|backed|in|for)\b"),
    "goods": re.compile(rf"{P}|[\uec00-\uefff]|{lexicon().goods.pattern}"),
    "to_supply": re.compile(
        r"\b(?:to (?:supply|provide|build|power|run|host|deliver|make|operate|deploy|install|manage|equip)|"
        r"as (?:its|the|a|their)|for its)\b"
        rf"|\bas (?:{G}'s )?(?:[\w-]+ ){{0,4}}(?:provider|supplier|vendor|partner|platform|host|foundry|cloud)\b"
    ),
}
