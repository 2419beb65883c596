"""A feed is due when it should have something new, when it allows it, and never is it given up."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealwire.feeds import freshness, schedule
from dealwire.feeds.schedule import Rhythm
from schemas import Feed

NOW = datetime(2025, 11, 18, 15, 20, tzinfo=UTC)
RHYTHM = Rhythm(usual=timedelta(minutes=30))


def feed(**fields: object) -> Feed:
    return Feed(feed_id="f", url="https://news.example/f", added_at=NOW, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("fields", "minutes"),
    [
        ({}, 30),
        ({"quiet_polls": 8}, 67.5),
        ({"gap_seconds": 60.0, "changed_at": NOW}, 10),
        ({"gap_seconds": 7200.0, "changed_at": NOW}, 60),
        ({"gap_seconds": 30 * 86400.0, "changed_at": NOW}, 24 * 60),
        ({"gap_seconds": 3600.0, "changed_at": NOW - timedelta(hours=80)}, 600),
        ({"ttl_seconds": 7200.0}, 120),
        ({"ttl_seconds": 90 * 86400.0}, 24 * 60),
        # However long it wants to be left alone, its list would be full of other stories by then.
        ({"ttl_seconds": 86400.0, "gap_seconds": 600.0, "listed": 10, "changed_at": NOW}, 50),
        ({"skip_hours": (15, 16)}, 100),
        ({"skip_days": (1,)}, 520),
        ({"skip_hours": tuple(range(24))}, 30),
    ],
)
def test_when_a_healthy_feed_is_due(fields: dict[str, object], minutes: float) -> None:
    assert schedule.due(feed(**fields), NOW, RHYTHM) - NOW == timedelta(minutes=minutes)


def test_headers_count_too_and_zero_means_always() -> None:
    assert schedule.due(feed(), NOW, RHYTHM, fresh_for=timedelta(hours=3)) == NOW + timedelta(hours=3)
    assert schedule.due(feed(ttl_seconds=9e9), NOW, Rhythm(usual=timedelta(0))) == NOW


@given(st.integers(1, 10_000))
def test_back_off_grows_to_a_day_and_no_further(failures: int) -> None:
    wait, more = (schedule.back_off(number, RHYTHM) for number in (failures, failures + 1))
    assert timedelta(minutes=10) <= wait <= more <= timedelta(hours=24)


def test_the_gap_is_learned_from_dates_that_can_be_believed() -> None:
    dates = [NOW - timedelta(hours=hours) for hours in (1, 3, 5)]
    assert schedule.usual_gap([*dates, None, NOW + timedelta(days=900)], NOW) == timedelta(hours=2)
    assert schedule.usual_gap(dates[:2], NOW) is None


@pytest.mark.parametrize(
    ("body", "hints"),
    [
        (b"<rss><channel><ttl>45</ttl><item/>", freshness.Hints(timedelta(minutes=45))),
        (b"<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>",
         freshness.Hints(timedelta(minutes=30))),
        (b"<skipHours><hour>3</hour><hour>24</hour></skipHours><skipDays><day>Sunday</day><day>Foo</day></skipDays>",
         freshness.Hints(None, (0, 3), (6,))),
        (b"<item><ttl>5</ttl></item>" + b" " * 5000, freshness.Hints()),
        (b"{}", freshness.Hints()),
    ],
)  # fmt: skip
def test_what_a_feed_says_of_its_rhythm(body: bytes, hints: freshness.Hints) -> None:
    assert freshness.hints(body) == hints


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=600"}, 600),
        ({"cache-control": "max-age=600", "age": "200"}, 400),
        ({"cache-control": "no-cache, max-age=600"}, None),
        ({"expires": "Tue, 18 Nov 2025 16:20:00 GMT", "date": "Tue, 18 Nov 2025 16:00:00 GMT"}, 1200),
        ({"expires": "0"}, None),
        ({"expires": "-1", "cache-control": "max-age=soon"}, None),
        ({}, None),
    ],
)
def test_how_long_an_answer_is_fresh(headers: dict[str, str], seconds: float | None) -> None:
    found = freshness.max_age(headers, NOW)
    assert (found.total_seconds() if found is not None else None) == seconds


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("120", 120), ("Tue, 18 Nov 2025 15:30:00 GMT", 600), ("Tue, 18 Nov 2005 15:30:00 GMT", 0), ("soon", None), ("", None)],
)  # fmt: skip
def test_retry_after_is_read_in_both_forms(said: str, seconds: float | None) -> None:
    assert freshness.retry_after({"retry-after": said}, NOW) == seconds
