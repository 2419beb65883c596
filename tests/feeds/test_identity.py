"""One address an article: tracking is stripped, different stories stay apart."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dealwire.feeds.identity import article_id, canonical_url, site


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/s?utm_source=rss&id=7", "https://a.example/s?id=7"),
        ("https://a.example/s#comments", "https://a.example/s"),
        ("HTTPS://A.Example:443/s", "https://a.example/s"),
        ("http://www.a.example/s", "https://a.example/s"),
        ("https://a.example/s?b=2&a=1", "https://a.example/s?a=1&b=2"),
        ("https://a.example/x/../s?fbclid=Q&gclid=1&_hsenc=p&mc_cid=9", "https://a.example/s"),
        ("https://a.example", "https://a.example/"),
    ],
)
def test_the_same_story_has_one_id(one: str, other: str) -> None:
    assert article_id(one) == article_id(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://a.example/s?id=7", "https://a.example/s?id=8"),
        ("https://a.example/watch?v=a", "https://a.example/watch?v=b"),
        ("https://a.example/?p=1", "https://a.example/?p=2"),
        ("https://a.example/s?article=1", "https://a.example/s?article=2"),
        ("https://a.example/s?story_id=1", "https://a.example/s"),
        ("https://a.example/S", "https://a.example/s"),
        ("https://a.example/s?q=chips", "https://a.example/s?q=clouds"),
        ("https://a.example/s", "https://b.example/s"),
    ],
)
def test_different_stories_have_different_ids(one: str, other: str) -> None:
    assert article_id(one) != article_id(other)


def test_sources_are_counted_by_host() -> None:
    assert site("https://www.news.example:8080/a") == "news.example"


@settings(deadline=None, max_examples=60)
@given(
    st.text("abcXYZ012-_.~%/ü", max_size=20),
    st.dictionaries(st.text("abcpidv_", min_size=1, max_size=6), st.text("abc 1&=ü%+", max_size=6), max_size=4),
)
def test_the_canonical_address_is_its_own(path: str, query: dict[str, str]) -> None:
    from urllib.parse import urlencode

    once = canonical_url(f"https://a.example/{path}?{urlencode(query)}")
    assert canonical_url(once) == once
