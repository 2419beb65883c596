"""Pages that show something else than their story: paywalls, consent pages, checks for robots.

The phrases that tell are in `withheld.toml`, in ten languages; what a page declares of itself, `metadata` reads.
"""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from schemas import Withheld

# A text longer than this is a story, whatever stands around it.
_STORY = 2500
_SHORT = 900
# A language that needs no spaces says as much in a third of the characters.
_DENSE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_PHRASES = Path(__file__).with_name("withheld.toml")

_CONSENT_PLACE = re.compile(
    r"^(?:consent|privacy|cmp|guce|myprivacy|choices)\.|/(?:collectconsent|cookie-?consent|consent|privacy-?gate|"
    r"cookiewall|gdpr-consent)(?:/|$)",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    rb"cf-chl-|cf_chl_opt|_Incapsula_Resource|captcha-delivery\.com|px-captcha|challenge-platform", re.IGNORECASE
)


def withheld(*, text: str, title: str | None, body: bytes, url: str, free: bool | None) -> "Withheld | None":
    """What a page shows in place of its story; None if it shows the story.

    `text` was read from the page's `body` at `url`, where redirects ended; `free` is what it declares of itself.
    """
    length = len(text) + 2 * len(_DENSE.findall(text))
    if length >= _STORY:
        return None
    paywall, consent, challenge = (_pattern(kind) for kind in ("paywall", "consent", "challenge"))
    parts = urlsplit(url)
    head = f"{title or ''}\n{text}"
    if (length < _SHORT and challenge.search(head)) or (len(text) < 200 and _MARKUP.search(body[:200_000])):
        return "challenge"
    if _CONSENT_PLACE.search(parts.hostname or "") or _CONSENT_PLACE.search(parts.path):
        return "consent"
    signs = {found[0].lower() for found in consent.finditer(head)}
    # An article about consent pages uses a phrase or two; a consent page consists of them.
    if len(signs) >= 2 and length < 500 * len(signs) and _share(consent, text) > 0.4:
        return "consent"
    if free is False:
        return "paywall"
    if paywall.search(text[-400:] if length > _SHORT else text):
        return "paywall"
    return None


def without_notices(text: str) -> str:
    """A stub without the lines that ask the reader to pay."""
    paywall = _pattern("paywall")
    lines = [line for line in text.split("\n") if not (len(line) < 300 and paywall.search(line))]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


@cache
def _pattern(kind: str) -> re.Pattern[str]:
    """Any phrase of a kind, in any language."""
    phrases = tomllib.loads(_PHRASES.read_text(encoding="utf-8"))[kind].values()
    told = "|".join(f"(?:{phrase})" for language in phrases for phrase in language)
    return re.compile(told.replace("’", "['’]"), re.IGNORECASE)


def _share(pattern: re.Pattern[str], text: str) -> float:
    """How much of the text lies in lines that match."""
    lines = [line for line in text.split("\n") if line.strip()]
    matching = sum(len(line) for line in lines if pattern.search(line))
    return matching / max(1, sum(map(len, lines)))
