"""Patterns that tell a company's name from other capitalised words by what stands around it."""

import re

from extractors.catalog import words


def _any(*choices: str) -> str:
    return f"(?:{'|'.join(choices)})"


_WORD = r"[A-Z0-9][\w+]*(?:[.'’&-](?=\w)[\w+]+)*"
RUN = re.compile(rf"(?<![\w$€£#@.])(?=[A-Z]|\d\w*[A-Z]){_WORD}(?:(?: & | ){_WORD})*")
"""A run of capitalised words, joined by blanks and `&`."""

_LEGAL_FORMS = (
    r"Incorporated|Inc|Corporation|Corp|Company|Co|Limited|Ltd|LLC|LLP|L\.P|LP|PLC|plc|GmbH|AG|SE|SA|S\.A|NV|N\.V|AB|ASA"
    r"|Oyj|AS|BV|B\.V|KK|Pte|Pty|SpA|S\.p\.A|Holdings?|Group"
)
LEGAL = re.compile(rf",? (?:{_LEGAL_FORMS})(?![\w])(?:\.(?=[\s,;)]|$)(?![ \n]+[A-Z“\"]))?")
"""A legal form after a name; the full stop belongs to it unless it may end the sentence."""

KIND_LAST = re.compile(rf".* {_any(*sorted(words('business_words')))}\.?")
"""A run whose last word says that it is a business."""

_TRADE = _any(*sorted(words("trades")))
_SUCH_AS = r"(?:investors?|backers?|companies|firms|partners|customers) (?:including|such as|like)"
TRADE_BEFORE = re.compile(rf"(?:\b{_TRADE}|{_SUCH_AS}),? $")
"""A trade's name directly before: `start-up X`, `chipmaker X`, `investors including X`."""

_WORKS = _any("makes", "sells", "builds", "develops", "runs", "operates", "designs", "rents", "hosts", "provides")
APPOSED = re.compile(rf", (?:an?|the) [^.;:\n]{{0,60}}?\b{_TRADE}\b|, which {_WORKS}\b")
"""A trade's name behind: `X, a maker of lasers`."""

_HELPING = r"(?:has |have |had |is |also |will |would |recently |just |to |reportedly )*"
_ACTS = _any(
    "rais(?:es|ed|ing)", "acquir(?:es|ed|ing|e)", "agree[sd]?", "bought", "buys?", "invest(?:s|ed|ing)?",
    "announce[sd]?", "launche[sd]", "sign(?:s|ed)", "secure[sd]", "sells?", "sold", "makes", "builds",
    "partner(?:s|ed)", "supplies", "operates", "filed", "files", "unveil(?:s|ed)", "closed", "close[sd] (?:a|an|its)",
    "values", "valued at", "participated", "co-led", "led (?:the|a) ", "leads (?:the|a) ", "shares", "reported",
    "posted",
)  # fmt: skip
DOES = re.compile(rf"(?:,? which)? {_HELPING}{_ACTS}\b")
"""What businesses do, behind a name."""

_POSTS = r"CEO|CTO|CFO|COO|chief executive|co-?founder|founder"
LEADER = re.compile(
    rf"(?:'s|’s)? (?:{_POSTS}|chief \w+ officer|spokes\w+"
    r"|shares|stock|investors|customers|employees|revenue|engineers)\b"
)
"""What businesses have, behind a name."""

_WITH = _any("partner(?:s|ed|ing)?", "merge", "merger", "partnership", "deal", "agreement", "contract")
_DONE_TO = _any(
    "acquir(?:e|es|ed|ing)", "acquisition of", "takeover of", "buy", "buys", "buying", "bought", "led by",
    "co-led by", "backed by", "invest(?:s|ed|ing)? in", "investment in", "stake in", "shares (?:of|in)",
    "funding from", "participation (?:from|by)", "owned by", "alongside", "spun out of", "owner of", "joined by",
    "founded",
)  # fmt: skip
BUYS = re.compile(rf"\b(?:{_DONE_TO}|{_WITH} with) (?:the )?$", re.IGNORECASE)
"""What is done to businesses or together with them, before a name."""

_OFFICES = _any(
    "CEO", "CTO", "CFO", "COO", "founder", "co-?founder", "president", "chairman", "chair", "chief executive",
    "executive", "analyst", "minister", "director", "judge", "Mr", "Mrs", "Ms", "Dr", "Sir", "senator", "officer",
    "head",
)  # fmt: skip
POST_BEFORE = re.compile(rf"\b{_OFFICES}\.?,? $", re.IGNORECASE)
_LEADS = "CEO|chief|president|founder|co-founder"
POST_AFTER = re.compile(
    rf",? (?:who\b|the (?:company's|group's|firm's)? ?(?:{_LEADS})|(?:its|their) (?:CEO|chief|president|founder)"
    rf"|(?:{_LEADS}|an analyst|analyst|head of|chairman|managing|partner at|director|vice)\b)"
)
PERSON_SAYS = re.compile(r" (?:wrote|told|tweeted|posted on|added|joked|argues?|recalled)\b")
"""Three signs of a person."""
