"""Pages that show something else than their story: paywalls, consent pages, checks for robots."""

import re
from urllib.parse import urlsplit

from schemas import Withheld

# A text longer than this is a story, whatever stands around it.
_STORY = 2500
_SHORT = 900

_PAYWALL = re.compile(
    r"subscribe (?:now )?(?:to|and) (?:continue|keep|read|unlock|access)|subscribers? only|for subscribers\b|"
    r"(?:available|reserved|exclusive(?:ly)?) (?:only )?(?:to|for) (?:\w+ )?(?:subscribers|members)|"
    r"already (?:a |have a )?(?:subscriber|subscription|member)|to (?:continue|keep) reading|to read the (?:full|rest|"
    r"whole|entire)|(?:log|sign) ?in (?:to|or) (?:continue|read|subscribe|register)|(?:unlock|read) (?:this|the full) "
    r"(?:article|story)|you(?:'|’)?(?:ve| have) reached your (?:\w+ )?limit|"
    r"free articles? (?:left|remaining|this month)|"
    r"this (?:article|story|content) is (?:for|only|exclusive|reserved|behind)|start your (?:free )?trial|"
    r"become a (?:paid )?(?:member|subscriber)|create (?:a|your) free account to|"
    r"register (?:for free )?to (?:continue|read)|"
    r"jetzt weiterlesen|nur für abonnenten|article réservé aux abonnés|réservé à nos abonnés",
    re.IGNORECASE,
)
_CONSENT = re.compile(
    r"we (?:and our (?:\d+ )?(?:partners|vendors)|value your privacy|use cookies)|before you continue|"
    r"(?:accept|reject|manage) (?:all )?(?:cookies|preferences|choices)|your (?:privacy|cookie) (?:choices|settings|"
    r"preferences)|(?:personal|precise geolocation) data|consent (?:to|management|preferences)|legitimate interest|"
    r"withdraw (?:your )?consent|cookie (?:policy|notice|wall)|privacy policy|wir und unsere partner|einwilligung|"
    r"nous et nos partenaires|store and/?or access information on a device",
    re.IGNORECASE,
)
_CONSENT_PLACE = re.compile(
    r"^(?:consent|privacy|cmp|guce|myprivacy|choices)\.|/(?:collectconsent|cookie-?consent|consent|privacy-?gate|"
    r"cookiewall|gdpr-consent)(?:/|$)",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"just a moment\b|attention required|checking (?:if the site connection is secure|your browser)|"
    r"(?:are you|verify (?:that )?you(?:'|’)?(?:re| are)) (?:a |not a )?(?:human|robot)|"
    r"enable javascript and cookies to continue|access (?:to this page has been )?denied|unusual (?:traffic|activity)|"
    r"complete the (?:security check|captcha)|pardon our interruption|request unsuccessful\. incapsula|"
    r"bot verification|"
    r"verifying you are human|ddos protection by",
    re.IGNORECASE,
)
_MARKUP = re.compile(
    rb"cf-chl-|cf_chl_opt|_Incapsula_Resource|captcha-delivery\.com|px-captcha|challenge-platform", re.IGNORECASE
)


def withheld(*, text: str, title: str | None, body: bytes, url: str, free: bool | None) -> Withheld | None:
    """What a page shows in place of its story; None if it shows the story.

    `text` was read from the page's `body` at `url`, where redirects ended; `free` is what it declares of itself.
    """
    if len(text) >= _STORY:
        return None
    parts = urlsplit(url)
    head = f"{title or ''}\n{text}"
    if (len(text) < _SHORT and _CHALLENGE.search(head)) or (len(text) < 200 and _MARKUP.search(body[:200_000])):
        return "challenge"
    if _CONSENT_PLACE.search(parts.hostname or "") or _CONSENT_PLACE.search(parts.path):
        return "consent"
    signs = {found.lower() for found in _CONSENT.findall(head)}
    # An article about consent pages uses a phrase or two; a consent page consists of them.
    if len(signs) >= 2 and len(text) < 500 * len(signs) and _share(_CONSENT, text) > 0.4:
        return "consent"
    if free is False and len(text) < _STORY:
        return "paywall"
    if _PAYWALL.search(text[-400:] if len(text) > _SHORT else text):
        return "paywall"
    return None


def without_notices(text: str) -> str:
    """A stub without the lines that ask the reader to pay."""
    lines = [line for line in text.split("\n") if not (len(line) < 300 and _PAYWALL.search(line))]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _share(pattern: re.Pattern[str], text: str) -> float:
    """How much of the text lies in lines that match."""
    lines = [line for line in text.split("\n") if line.strip()]
    matching = sum(len(line) for line in lines if pattern.search(line))
    return matching / max(1, sum(map(len, lines)))
