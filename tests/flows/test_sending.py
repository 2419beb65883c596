"""Events on their way from the outbox to a real server: in order, each once, whatever happens to the server."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dealwire.linking.link import link
from dealwire.linking.rates import Rates
from dealwire.settings import Settings
from dealwire.steps import warehouse
from dealwire.warehouse import load, outbox
from flows import sending, tasks
from schemas.events import ClaimsStored
from tests.linking.conftest import DAY, claim

pytestmark = pytest.mark.xdist_group("prefect")

Ask = Callable[..., Any]


def stored(settings: Settings, events: Ask, count: int, seconds: float = 30) -> list[dict[str, Any]]:
    """The events of the warehouse at the server, oldest first, once there are so many."""
    end = time.monotonic() + seconds
    while len(found := events(settings)) < count and time.monotonic() < end:
        time.sleep(0.2)
    return sorted(found, key=lambda one: one["occurred"])


def put(settings: Settings, *numbers: int) -> None:
    with warehouse(settings).write() as con:
        outbox.add(con, [ClaimsStored(articles=number, claims=0) for number in numbers])


def test_a_deal_reaches_the_server_with_resources_to_filter_by(api_url: str, settings: Settings, events: Ask) -> None:
    today = (datetime.now(UTC) - DAY).days
    with warehouse(settings).write() as con:
        load.store_links(con, link([claim("NVIDIA", "Anthropic", exact=1e10, day=today)], rates=Rates.load()))
    with tasks.here(api_url), sending.carrying_on():
        assert sending.send(settings).sent == 2
    found, announced = stored(settings, events, 2)
    assert [found["event"], announced["event"]] == ["dealwire.deal.found", "dealwire.alliance.announced"]
    assert found["resource"]["prefect.resource.id"].startswith("dealwire.deal.")
    assert found["resource"]["dealwire.kind"] == "investment"
    assert found["resource"]["dealwire.next"] == "running"
    roles = {one["prefect.resource.id"]: one["prefect.resource.role"] for one in found["related"]}
    assert roles["dealwire.company.nvidia"] == "payer"
    assert roles["dealwire.company.anthropic"] == "payee"
    assert "warehouse" in roles.values()
    assert announced["payload"]["deals"][0]["usd_max"] == 10_000_000_000
    assert announced["payload"]["version"] == 1


def test_what_a_dead_server_missed_arrives_later_in_order_and_once(
    api_url: str, settings: Settings, events: Ask
) -> None:
    put(settings, 1, 2)
    with tasks.here("http://127.0.0.1:9/api"):
        report = sending.send(settings)
    assert (report.sent, report.waiting) == (0, 2)
    assert report.error
    put(settings, 3)
    with tasks.here(api_url):
        # A server that is just back is given time: what it takes before it listens is lost for minutes.
        assert sending.send(settings).sent == 0
        time.sleep(sending._SETTLED_AFTER)
        assert sending.send(settings).sent == 3
        # Handed over, not shown yet: nothing is sent twice.
        assert sending.send(settings).sent == 0
        arrived = stored(settings, events, 3)
        assert sending.send(settings).waiting == 0
    assert [one["payload"]["articles"] for one in arrived] == [1, 2, 3]


def test_what_a_server_took_and_lost_is_handed_over_again_and_stays_one(
    api_url: str, settings: Settings, events: Ask
) -> None:
    put(settings, 1, 2)
    with tasks.here(api_url):
        sending.send(settings)
        stored(settings, events, 2)
        # As if only the first had been stored, and a while had passed.
        later = lambda: datetime.now(UTC) + timedelta(minutes=1)  # noqa: E731
        sending._stored, shown = (lambda client, tried: {tried[0].event_id} if tried else set()), sending._stored
        try:
            report = sending.send(settings, now=later)
        finally:
            sending._stored = shown
        assert (report.sent, report.arrived) == (1, 1)
        time.sleep(1)
        assert sending.send(settings).waiting == 0
    assert len(stored(settings, events, 2)) == 2


def test_an_event_that_the_server_refuses_does_not_stop_the_others(
    api_url: str, settings: Settings, events: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(settings, 1, 2, 3)
    good = sending.as_prefect

    def spoilt(one: Any, settings: Settings, **more: Any) -> dict[str, Any]:
        made = good(one, settings, **more)
        return made | {"resource": {}} if made["payload"]["articles"] == 2 else made

    monkeypatch.setattr(sending, "as_prefect", spoilt)
    with tasks.here(api_url):
        sending.send(settings)
        arrived = stored(settings, events, 2)
        assert sending.send(settings).waiting == 0
    assert [one["payload"]["articles"] for one in arrived] == [1, 3]
    with warehouse(settings).read() as con:
        assert "refused" in con.execute("SELECT error FROM outbox WHERE error IS NOT NULL").fetchall()[0][0]
