"""Telling: each alliance once to each subscriber that it fits, whatever fails or is killed on the way."""

import base64
import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import threading
from datetime import timedelta
from decimal import Decimal

import pytest

from dealwire.notify import journal
from dealwire.notify.tell import tell, try_out
from dealwire.settings import Settings
from dealwire.warehouse import subscribers
from schemas.errors import DeliveryFailed, NotifyBusy
from schemas.events import AllianceAnnounced, AllianceUpdated
from schemas.subscriber import DeliveryState
from tests.notify.conftest import NOW, News, Receiver

TELL = """
import sys
from dealwire.notify.tell import tell
from dealwire.settings import Settings
tell(Settings(database=sys.argv[1], allow_private_hosts=("127.0.0.1",), lock_seconds=20))
"""


def test_a_webhook_gets_one_signed_call_an_alliance(news: News, receiver: Receiver) -> None:
    news.subscriber("webhook", f"{receiver.url}/hook")
    news.announce("a", "b")
    report = tell(news.settings, now=news.now)
    assert (report.queued, report.sent, report.waiting, report.errors) == (2, 2, 0, ())
    assert tell(news.settings, now=news.now).sent == 0
    news.announce("c")
    assert tell(news.settings, now=news.now).sent == 1
    assert [json.loads(call.body)["data"]["alliance_id"] for call in receiver.calls] == ["a", "b", "c"]
    for call in receiver.calls:
        told = json.loads(call.body)
        assert (call.path, call.headers["content-type"]) == ("/hook", "application/json")
        assert told["type"] == "dealwire.alliance.announced"
        assert told["id"] == call.headers["webhook-id"]
        assert AllianceAnnounced.model_validate(told["data"]).parties == ("Example Labs", "Example Cloud")
        signed = f"{told['id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
        expected = base64.b64encode(hmac.new(b"secret bytes", signed, hashlib.sha256).digest()).decode()
        assert call.headers["webhook-signature"] == f"v1,{expected}"
    assert {one.state for one in news.deliveries()} == {DeliveryState.SENT}


def test_each_subscriber_is_told_of_what_fits_it(news: News, receiver: Receiver) -> None:
    news.subscriber("webhook", f"{receiver.url}/all", name="all")
    news.subscriber("webhook", f"{receiver.url}/large", name="large", min_usd=Decimal(10**10))
    news.subscriber("webhook", f"{receiver.url}/late", name="late", position=10**6)
    news.announce("small", usd=1e9)
    news.announce("large", usd=20e9)
    tell(news.settings, now=news.now)
    told = sorted((call.path, json.loads(call.body)["data"]["alliance_id"]) for call in receiver.calls)
    assert told == [("/all", "large"), ("/all", "small"), ("/large", "large")]


def test_a_failed_delivery_is_made_again_later_and_later_and_is_the_same(news: News, receiver: Receiver) -> None:
    news.subscriber("webhook", receiver.url)
    news.announce("a")
    receiver.answers = [500, 404]
    report = tell(news.settings, now=news.now)
    assert (report.sent, report.failed, report.waiting) == (0, 1, 1)
    assert report.next_at == NOW + timedelta(seconds=30)
    assert report.errors == ("one: status 500",)
    tell(news.settings, now=news.now)
    assert len(receiver.calls) == 1, "not before it is due"
    news.pass_by(seconds=30)
    assert tell(news.settings, now=news.now).next_at == NOW + timedelta(seconds=120)
    news.pass_by(seconds=90)
    assert tell(news.settings, now=news.now).sent == 1
    assert len(set(receiver.ids)) == 1
    assert len({call.body for call in receiver.calls}) == 1
    (one,) = news.deliveries()
    assert (one.attempts, one.error, one.sent_at) == (3, None, news.at)


def test_what_waits_behind_one_that_reached_nobody_waits_with_it(news: News, receiver: Receiver) -> None:
    news.subscriber("webhook", receiver.url)
    news.announce("a", "b", "c")
    receiver.answers = [503]
    assert tell(news.settings, now=news.now).waiting == 3
    assert tell(news.settings, now=news.now).sent == 0
    assert len(receiver.calls) == 1
    news.pass_by(seconds=30)
    assert tell(news.settings, now=news.now).sent == 3
    assert [json.loads(call.body)["data"]["alliance_id"] for call in receiver.calls] == ["a", "a", "b", "c"]


def test_one_that_is_refused_does_not_hold_up_the_others(news: News, receiver: Receiver) -> None:
    news.subscriber("webhook", receiver.url)
    news.announce("a", "b")
    receiver.answers = [400]
    report = tell(news.settings, now=news.now)
    assert (report.sent, report.failed) == (1, 1)


def test_what_is_given_up_is_kept_and_can_be_tried_again(news: News, receiver: Receiver) -> None:
    settings = news.settings.model_copy(update={"notify_attempts": 2})
    news.subscriber("webhook", receiver.url)
    news.announce("a")
    receiver.answers = [500, 500]
    tell(settings, now=news.now)
    news.pass_by(seconds=30)
    assert tell(settings, now=news.now).dead == 1
    news.pass_by(days=30)
    assert tell(settings, now=news.now).sent == 0
    (one,) = news.deliveries()
    assert (one.state, one.attempts, one.error) == (DeliveryState.DEAD, 2, "status 500")
    assert one.body
    with news.store.write() as con:
        assert subscribers.revive(con, news.at, [one.delivery_id[:6]]) == 1
    assert tell(settings, now=news.now).sent == 1
    assert len(set(receiver.ids)) == 1


def test_a_receiver_that_is_gone_is_not_called_again(news: News, receiver: Receiver) -> None:
    news.subscriber("webhook", receiver.url)
    news.announce("a")
    receiver.answers = [410]
    assert tell(news.settings, now=news.now).dead == 1
    news.pass_by(days=9)
    tell(news.settings, now=news.now)
    assert len(receiver.calls) == 1


def test_changes_are_told_to_those_who_want_them(news: News, receiver: Receiver) -> None:
    news.subscriber("webhook", f"{receiver.url}/changes", name="changes", updates=True)
    news.subscriber("webhook", f"{receiver.url}/first", name="first")
    news.announce("a")
    tell(news.settings, now=news.now)
    news.update("b", previous_id="a")
    news.update("c", previous_id="b")
    tell(news.settings, now=news.now)
    told = sorted((call.path, json.loads(call.body)["type"].rpartition(".")[2]) for call in receiver.calls)
    assert told == [
        ("/changes", "announced"),
        ("/changes", "updated"),
        ("/changes", "updated"),
        ("/first", "announced"),
    ]
    last = json.loads(receiver.calls[-1].body)
    assert AllianceUpdated.model_validate(last["data"]).previous_id == "b"


def test_an_alliance_that_comes_to_fit_is_told_once(news: News, receiver: Receiver) -> None:
    news.subscriber("webhook", receiver.url, min_usd=Decimal(10**10))
    news.announce("a", usd=1e9)
    tell(news.settings, now=news.now)
    assert (news.states(), receiver.calls) == (["unfit"], [])
    news.update("b", previous_id="a", usd=20e9)
    tell(news.settings, now=news.now)
    news.update("b", usd=30e9)
    tell(news.settings, now=news.now)
    assert [json.loads(call.body)["data"]["usd_max"] for call in receiver.calls] == [20e9]


def test_a_change_of_what_was_announced_before_the_subscriber_is_no_news(news: News, receiver: Receiver) -> None:
    news.subscriber("webhook", receiver.url)
    news.update("old")
    assert tell(news.settings, now=news.now).queued == 0


def test_a_paused_subscriber_is_told_when_it_is_resumed(news: News, receiver: Receiver) -> None:
    one = news.subscriber("webhook", receiver.url, paused=True)
    news.announce("a")
    assert tell(news.settings, now=news.now).sent == 0
    with news.store.write() as con:
        subscribers.store(con, [one.model_copy(update={"paused": False})])
    assert tell(news.settings, now=news.now).sent == 1


def test_a_process_killed_in_the_middle_leaves_nothing_untold_and_tells_nothing_twice(
    news: News, receiver: Receiver
) -> None:
    news.subscriber("webhook", receiver.url)
    names = [f"a{number}" for number in range(8)]
    news.announce(*names)
    command = [sys.executable, "-c", TELL, str(news.settings.database)]
    with subprocess.Popen(command) as child:

        def kill(count: int) -> None:
            if count == 5:
                os.kill(child.pid, signal.SIGKILL)
                child.wait(10)

        receiver.on_call = kill
        assert child.wait(60) == -signal.SIGKILL
    assert news.states() == ["waiting"] * 8, "the warehouse does not know yet what was told"
    report = tell(news.settings)
    assert (report.repaired, report.sent, report.waiting) == (5, 3, 0)
    assert [json.loads(call.body)["data"]["alliance_id"] for call in receiver.calls] == names
    unsure = [one for one in news.deliveries() if one.error]
    assert [(one.alliance_id, one.state, one.error) for one in unsure] == [("a4", "sent", subscribers.UNSURE)]
    with news.store.write() as con:
        assert subscribers.revive(con, NOW, None) == 0
        assert subscribers.revive(con, NOW, [unsure[0].delivery_id]) == 1
    news.pass_by(seconds=1)
    assert tell(news.settings, now=news.now).sent == 1
    assert len(set(receiver.ids)) == 8


def test_two_processes_tell_once(news: News, receiver: Receiver) -> None:
    news.subscriber("webhook", receiver.url)
    news.announce(*(f"a{number}" for number in range(20)))
    threads = [threading.Thread(target=tell, args=[news.settings]) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(receiver.calls) == len(set(receiver.ids)) == 20


def test_who_waits_too_long_for_another_process_says_so(news: News) -> None:
    news.subscriber("command", "true")
    settings = news.settings.model_copy(update={"lock_seconds": 0.1})
    with journal.held(news.settings.database, wait_seconds=1), pytest.raises(NotifyBusy, match="another process"):
        tell(settings)


def test_half_a_line_of_the_journal_is_no_delivery(news: News) -> None:
    with journal.held(news.settings.database, wait_seconds=1) as notes:
        notes.taken("d1", NOW)
        notes.on_its_way("d2", NOW)
        notes.on_its_way("d3", NOW)
        notes.refused("d3", NOW)
    with news.settings.database.with_name(".news.duckdb.told").open("ab") as file:
        file.write(b"d4 2026-11-2")
    with journal.held(news.settings.database, wait_seconds=1) as notes:
        assert notes.delivered() == {"d1": (NOW, True), "d2": (NOW, False)}
        notes.clear()
        assert notes.delivered() == {}


def test_without_subscribers_or_a_warehouse_nothing_happens(news: News, settings: Settings) -> None:
    assert tell(news.settings).subscribers == 0
    absent = settings.model_copy(update={"database": settings.database.with_name("none.duckdb")})
    assert tell(absent).subscribers == 0
    assert not absent.database.exists()


def test_loopback_is_refused_unless_the_settings_name_it(news: News, receiver: Receiver) -> None:
    news.subscriber("webhook", receiver.url)
    news.announce("a")
    report = tell(news.settings.model_copy(update={"allow_private_hosts": ()}), now=news.now)
    assert "DEALWIRE_ALLOW_PRIVATE_HOSTS" in report.errors[0]
    assert (report.failed, receiver.calls) == (1, [])


def test_nobody_listening_and_a_missing_secret_are_said_and_tried_again(
    news: News, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    news.subscriber("webhook", receiver.url)
    news.subscriber("webhook", "http://127.0.0.1:9/", name="two")
    news.announce("a")
    monkeypatch.delenv("HOOK_SECRET")
    report = tell(news.settings, now=news.now)
    assert sorted(report.errors)[0] == "one: the environment variable HOOK_SECRET is not set"
    assert report.failed == 2
    monkeypatch.setenv("HOOK_SECRET", "plain text")
    news.pass_by(seconds=30)
    assert tell(news.settings, now=news.now).sent == 1


def test_an_example_is_marked_as_a_test_and_not_stored(news: News, receiver: Receiver) -> None:
    one = news.subscriber("webhook", receiver.url)
    try_out(news.settings, one)
    assert json.loads(receiver.calls[0].body)["type"] == "dealwire.test"
    assert news.deliveries() == []
    receiver.answers = [403]
    with pytest.raises(DeliveryFailed, match="status 403"):
        try_out(news.settings, one)
