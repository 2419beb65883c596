"""Identity: one article a canonical address, and the ids that come from addresses."""

import re
from functools import lru_cache
from urllib.parse import quote, urlsplit, urlunsplit

from schemas.ids import content_id

# Parameters that only say where the reader came from. Never one that may name the story: id, v, p, article, uid, cid.
# courlan's own filter is not used: it takes every name that begins with `ga`, `gl` or `ref` and drops `?12345`.
_TRACKING = re.compile(
    r"(?:(?:utm|mtm|pk|piwik|matomo|hsa|ga|gs|itm|mc|mkt|ml|oly|vero|guce|trk)_\w+|utm|_hs(?:enc|mi)|_?hsctatracking|"
    r"mc_[ce]id|mkt_tok|(?:fb|gb|tw|y|dc|g)clid|gclsrc|[gw]braid|msclkid|igshid|igsh|ttclid|li_fat_id|epik|_ga|_gl|"
    r"ncid|cmpid|cmp|s_kwcid|s_cid|ref_src|ref_url|referrer|rss|partner_?rss|ftag|guccounter|__twitter_impression|"
    r"at_(?:medium|campaign|custom\d)|spm|share|sharetype|smid|smtyp|xtor|sref|srnd|sk_?source|feature_share|"
    r"__cf_chl_\w+|fbc|wt_mc|ocid|icid|ito|taid|nl_?id|linkid_share|outputtype|traffic_source)",
    re.IGNORECASE,
)
# These may name a story, and only track when their value names a channel.
_MAYBE = re.compile(r"(?:ref|source|src|from|cid|campaign|medium|via|partner|feature|mod|intcmp|output)", re.IGNORECASE)
_CHANNEL = re.compile(
    r"(?:rss|feeds?|feedburner|atom|xml|amp|twitter|x|facebook|fb|linkedin|reddit|hn|hackernews|newsletter|e-?mail|share|"
    r"social(?:flow)?|home(?:page)?|google(?:-?news)?|flipboard|apple-?news|yahoo|msn|bing|pocket|telegram|whatsapp|"
    r"(?:rss|feed|email|social|twitter|newsletter)[_.-][\w.-]+|\w+[_.-](?:rss|feed))",
    re.IGNORECASE,
)
# A fragment that leads to another story: an application's route, or a dated part of a page of release notes.
_OTHER_STORY = re.compile(r"[!/].|(?!.*comment).*(?:19|20)\d\d[-_./]?\d\d|[A-Za-z]+_\d{1,2}_20\d\d", re.IGNORECASE)
_PLAIN = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)+(?:(?:/[A-Za-z0-9_-][A-Za-z0-9._~-]*)*/?)")
_PLAIN_QUERY = re.compile(r"[A-Za-z0-9_-]+=[A-Za-z0-9._~-]*(?:&[A-Za-z0-9_-]+=[A-Za-z0-9._~-]*)*")
_SAFE = "/%!=:,-?&+;@~$'()*[]"
_MOBILE = re.compile(r"^(?:www\d?|m|mobile|amp)\.")


@lru_cache(maxsize=4096)
def canonical_url(url: str) -> str:
    """The address without what only tracks readers: fragment, tracking parameters, order and case of no meaning.

    Never merges addresses that may be different stories: every other parameter stays, and it stays fetchable.
    """
    url = url.strip()
    if _PLAIN.fullmatch(url):
        return url if url.count("/") > 2 else f"{url}/"
    parts = urlsplit(url)
    query = _without_tracking(parts.query)
    fragment = quote(parts.fragment, safe=_SAFE) if _OTHER_STORY.match(parts.fragment) else ""
    plain = urlunsplit(parts._replace(query="", fragment=""))
    # Most links are plain already, and the two libraries take ten times as long over them.
    if _PLAIN.fullmatch(plain) and (not query or _PLAIN_QUERY.fullmatch(query)):
        sorted_query = "&".join(sorted(query.split("&"), key=lambda piece: piece.split("=")))
        return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", sorted_query, fragment))
    return _canonicalised(plain, query, fragment)


def article_id(url: str) -> str:
    """The id of the article at an address; the scheme, a leading www. and a slash at the end do not count."""
    canonical = canonical_url(url)
    if plain := _host_and_path(canonical):
        host, path = plain
        return content_id("article", host.removeprefix("www."), path.rstrip("/") or "/", "")
    parts = urlsplit(canonical)
    told = [parts.netloc.removeprefix("www."), parts.path.rstrip("/") or "/", parts.query]
    return content_id("article", *told, *([parts.fragment] if parts.fragment else []))


def same_publisher(one: str, other: str) -> bool:
    """Whether two addresses lie on one host, its mobile or its AMP edition, or one below the other."""
    first, second = ((urlsplit(url).hostname or "") for url in (one, other))
    first, second = _MOBILE.sub("", first), _MOBILE.sub("", second)
    return first == second or first.endswith(f".{second}") or second.endswith(f".{first}")


def feed_id(url: str) -> str:
    """The id of the feed at an address."""
    return content_id("feed", url.strip())


def site(url: str) -> str:
    """The host without www.; sources are counted by it."""
    plain = _host_and_path(url)
    return (plain[0] if plain else urlsplit(url).hostname or "").removeprefix("www.")


def _host_and_path(url: str) -> tuple[str, str] | None:
    """Of an address that is plain, as most are; None for all others, which are to be taken apart with more care."""
    if not _PLAIN.fullmatch(url):
        return None
    host, slash, path = url.partition("://")[2].partition("/")
    return host, slash + path


def _canonicalised(plain: str, query: str, fragment: str) -> str:
    from courlan import normalize_url
    from w3lib.url import canonicalize_url

    plain = normalize_url(plain, strict=False)
    # Both libraries would turn `?12345` into `?12345=` or into nothing.
    named = all("=" in piece for piece in query.split("&"))
    with_query = f"{plain}?{query}" if query and named else plain
    fixed = urlsplit(str(canonicalize_url(with_query, keep_blank_values=True, keep_fragments=False)))
    host = fixed.netloc.lower().removesuffix(":80" if fixed.scheme == "http" else ":443").rstrip(".")
    rest = fixed.query if named else quote(query, safe=_SAFE)
    return urlunsplit((fixed.scheme.lower(), host, fixed.path or "/", rest, fragment))


def _without_tracking(query: str) -> str:
    """The query's pieces as they are written, without those that only track."""
    return "&".join(piece for piece in query.replace("&amp;", "&").split("&") if piece and not _tracks(piece))


def _tracks(piece: str) -> bool:
    name, equals, value = piece.partition("=")
    if _TRACKING.fullmatch(name):
        # `?rss` and `?share` alone say so too; `?spm` of another kind would be an id without a name.
        return bool(equals) or name.lower() in ("rss", "share", "amp")
    return name.lower() == "amp" or bool(_MAYBE.fullmatch(name) and _CHANNEL.fullmatch(value))
