"""Identity: one article a canonical address, and the ids that come from addresses."""

import re
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from schemas.ids import content_id

# Parameters that only say where the reader came from. Never a parameter that may name the story: id, v, p, article.
_TRACKING = re.compile(
    r"(?:utm_\w+|mtm_\w+|pk_\w+|hsa_\w+|_hs(?:enc|mi)|mc_[ce]id|mkt_tok|[fg]bclid|g(?:clid|clsrc|braid)|wbraid|dclid|"
    r"msclkid|yclid|twclid|igshid|ncid|cmpid|cmp|s_kwcid|ref_src|ref_url|rss|partner_?rss|ftag|guccounter|guce_\w+|"
    r"__twitter_impression|at_(?:medium|campaign|custom\d)|spm|share|sharetype|smid|smtyp|xtor)",
    re.IGNORECASE,
)


def canonical_url(url: str) -> str:
    """The address without what only tracks readers: fragment, tracking parameters, order and case of no meaning.

    Never merges addresses that may be different stories: every other parameter stays.
    """
    from w3lib.url import canonicalize_url

    plain = url.strip()
    parts = urlsplit(plain)
    if parts.query:
        kept = [
            (key, value)
            for key, value in parse_qsl(parts.query, keep_blank_values=True)
            if not _TRACKING.fullmatch(key)
        ]
        plain = urlunsplit(parts._replace(query=urlencode(kept)))
    fixed = str(canonicalize_url(plain, keep_blank_values=True, keep_fragments=False))
    parts = urlsplit(fixed)
    host = parts.netloc.lower().removesuffix(":80" if parts.scheme == "http" else ":443")
    return urlunsplit(parts._replace(scheme=parts.scheme.lower(), netloc=host, path=parts.path or "/"))


def article_id(url: str) -> str:
    """The id of the article at an address; the scheme and a leading www. do not count."""
    parts = urlsplit(canonical_url(url))
    return content_id("article", parts.netloc.removeprefix("www."), parts.path, parts.query)


def feed_id(url: str) -> str:
    """The id of the feed at an address."""
    return content_id("feed", url.strip())


def site(url: str) -> str:
    """The host without www.; sources are counted by it."""
    return (urlsplit(url).hostname or "").removeprefix("www.")
