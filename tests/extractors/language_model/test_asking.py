"""Asking: within the budget, once for each text, patient for a while, and never in the way of the rest."""

import sqlite3
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from extractors.language_model import Options, prompt
from extractors.language_model.ask import Asker
from extractors.language_model.endpoint import Endpoint
from extractors.language_model.store import Store, Used
from schemas.errors import AnswersUnusable, LanguageModelSpent, LanguageModelUnavailable
from tests.extractors.language_model.conftest import Model, Read

TEXT = "Nvidia will buy Quorfle Robotics for $2 billion, {n} people said."
DEAL = {
    "kind": "acquisition",
    "payers": ["Nvidia"],
    "payees": ["Quorfle Robotics"],
    "amount": "$2 billion",
    "evidence": TEXT.replace("{n}", "1"),
}
KEY = "sk-very-secret-0123456789"
TODAY = datetime.now(UTC).date().isoformat()


def texts(count: int) -> list[str]:
    return [TEXT.replace("{n}", str(n + 1)) for n in range(count)]


def used(options: Options, day: str = TODAY) -> Used:
    return Store(options.cache).used(day)


def test_a_text_is_asked_about_once(model: Model, read: Read, options: Options) -> None:
    model.tells(DEAL)
    first, again = read(*texts(1)), read(*texts(1))
    assert first[0].records
    assert again[0].records == first[0].records
    assert len(model.asked) == 1
    assert used(options) == (1, 100)


def test_another_model_is_asked_anew(model: Model, read: Read) -> None:
    model.tells(DEAL)
    read(*texts(1))
    read(*texts(1), model="large")
    assert [asked["model"] for _, _, asked in model.asked] == ["tiny", "large"]


@pytest.mark.parametrize(
    "answer",
    [
        "I would say: Nvidia buys it.",
        '{"deals": [{"kind": "acquisition"',
        '["deals"]',
        '{"deals": "none"}',
        '{"deals": [{"kind": "gift", "evidence": "x"}, 5]}',
        "[" * 100_000,
        "",
    ],
    ids=lambda answer: answer[:30],
)
def test_an_answer_that_cannot_be_read_is_asked_for_again(
    model: Model, read: Read, options: Options, answer: str
) -> None:
    model.says(answer)
    model.tells(DEAL)
    (found,) = read(*texts(1))
    assert found.error is None
    assert len(found.records) == 1
    (_, _, first), (_, _, second) = model.asked
    assert second["messages"][: len(first["messages"])] == first["messages"]
    assert "cannot be read" in second["messages"][-1]["content"]
    assert used(options) == (2, 200)


def test_two_answers_that_cannot_be_read_are_an_error_and_are_not_kept(
    model: Model, read: Read, options: Options
) -> None:
    model.says("Sorry!")
    (found,) = read(*texts(1))
    assert (found.records, found.later) == ((), False)
    assert "the language model's answer cannot be read (it is no JSON: " in str(found.error)
    assert len(model.asked) == 2
    read(*texts(1))
    assert len(model.asked) == 4


@pytest.mark.parametrize(
    "content", ['```json\n{"deals": []}\n```', '<think>{"deals": 1}? No.</think>\n\n{"deals": []}', '  {"deals": []} ']
)
def test_an_answer_may_be_fenced_or_thought_about(model: Model, read: Read, content: str) -> None:
    model.says(content)
    (found,) = read(*texts(1))
    assert (found.error, found.records, len(model.asked)) == (None, (), 1)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>welcome</html>",
        {"choices": []},
        {"choices": [{"message": {"content": None}}]},
        b"\xff",
        b"x" * 3_000_000,
    ],
    ids=["html", "no choice", "no text", "no UTF-8", "too long"],
)
def test_what_is_no_completion_is_an_error(model: Model, read: Read, body: Any) -> None:
    model.sends(body)
    (found,) = read(*texts(1))
    assert "cannot be read" in str(found.error)
    assert not found.later


def test_a_short_wait_that_it_asks_for_is_waited(model: Model, options: Options) -> None:
    waited: list[float] = []
    model.sends({}, 429, Retry_After="7")
    until = datetime(2026, 5, 1, 12, 0, 9, tzinfo=UTC)
    model.sends({}, 503, Retry_After=until.strftime("%a, %d %b %Y %H:%M:%S GMT"))
    model.tells(DEAL)
    patient = options.model_copy(update={"wait_seconds": 20})
    endpoint = Endpoint(patient, pause=waited.append, now=lambda: until - timedelta(seconds=4))
    assert Asker(patient, endpoint=endpoint).told(TEXT)
    assert waited == [7, 4]
    assert used(options) == (3, 100)


def test_a_long_wait_puts_the_articles_off(model: Model, read: Read) -> None:
    model.sends({}, 429, Retry_After="3600")
    model.tells(DEAL)
    found = read(*texts(3))
    assert [one.later for one in found] == [True] * 3
    assert "status 429, to be asked again in 3600 s" in str(found[0].error)
    assert "asked to be left alone for another" in str(found[1].error)
    assert len(model.asked) == 1
    # The next pass tries anew.
    assert [one.later for one in read(*texts(3))] == [False] * 3


def test_an_endpoint_that_is_down_is_left_alone_after_three_tries(model: Model, read: Read) -> None:
    model.sends({"error": "out of memory"}, 500)
    found = read(*texts(6))
    assert [one.later for one in found] == [True] * 6
    assert "status 500" in str(found[2].error)
    assert "3 times in a row" in str(found[3].error)
    assert len(model.asked) == 3


def test_one_failure_is_not_the_end(model: Model, read: Read) -> None:
    model.sends({}, 500)
    model.sends({}, 500)
    model.tells(DEAL)
    model.sends({}, 500)
    assert [one.later for one in read(*texts(5))] == [True, True, False, True, True]


def test_nobody_there_costs_no_request(read: Read, options: Options) -> None:
    (found,) = read(*texts(1), endpoint="http://127.0.0.1:9/v1")
    assert found.later
    assert used(options) == (0, 0)


def test_no_answer_in_time_puts_the_article_off(model: Model, read: Read) -> None:
    model.hangs()
    started = time.monotonic()
    (found,) = read(*texts(1), answer_seconds=0.2)
    assert found.later
    assert "no answer within 0.2 s" in str(found.error)
    assert time.monotonic() - started < 8


def test_an_answer_that_trickles_is_no_answer_in_time(model: Model, read: Read) -> None:
    def trickle(handler: Any) -> None:
        handler.send_response(200)
        handler.end_headers()
        while not model.release.wait(0.02):
            handler.wfile.write(b" ")

    model.answers.append(trickle)
    (found,) = read(*texts(1), answer_seconds=0.3)
    assert "no answer within 0.3 s" in str(found.error)


def test_a_question_that_is_refused_fails_for_good(model: Model, read: Read) -> None:
    model.sends({"error": {"message": "Unsupported value:\n'temperature'"}}, 400)
    (found,) = read(*texts(1))
    assert not found.later
    assert "refuses the question (status 400: Unsupported value: 'temperature')" in str(found.error)
    assert len(model.asked) == 1


def test_requests_of_the_day_are_kept_to(model: Model, read: Read, options: Options) -> None:
    model.tells(DEAL)
    found = read(*texts(3), requests_a_day=2)
    assert [one.later for one in found] == [False, False, True]
    assert "budget of the day is used up (2 requests or 500,000 tokens a day)" in str(found[2].error)
    assert (len(model.asked), used(options)) == (2, (2, 200))


def test_tokens_of_the_day_are_kept_to(model: Model, read: Read, options: Options) -> None:
    model.tells(DEAL, tokens=3_000)
    found = read(*texts(3), tokens_a_day=4_000)
    assert [one.later for one in found] == [False, True, True]
    assert used(options) == (1, 3_000)


def test_tokens_that_it_does_not_tell_are_estimated(model: Model, read: Read, options: Options) -> None:
    model.tells(DEAL, tokens=None)
    read(*texts(1))
    assert len(prompt.SYSTEM) / 5 < used(options).tokens < len(prompt.SYSTEM)


def test_the_next_day_has_its_own_budget(model: Model, options: Options) -> None:
    model.tells(DEAL)
    day = datetime(2026, 5, 1, tzinfo=UTC)
    one = options.model_copy(update={"requests_a_day": 1})
    asker = Asker(one, now=lambda: day)
    asker.told("first")
    with pytest.raises(LanguageModelSpent):
        asker.told("second")
    day += timedelta(days=1)
    asker.told("second")
    assert (used(options, "2026-05-01"), used(options, "2026-05-02")) == ((1, 100), (1, 100))


def test_two_that_ask_at_once_share_the_last_request(options: Options) -> None:
    store = Store(options.cache)
    most = Used(1, 1_000)
    assert [store.reserve(TODAY, 10, most), Store(options.cache).reserve(TODAY, 10, most)] == [True, False]


def test_the_key_goes_to_the_endpoint_and_nowhere_else(
    model: Model, read: Read, options: Options, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TESTS_KEY", KEY)
    model.tells(DEAL)
    model.sends({"error": {"message": f"bad request by {KEY}"}}, 422)
    model.sends({"error": {"message": f"no such key {KEY}"}}, 401)
    model.sends({}, 302, Location="http://127.0.0.2:1/elsewhere")
    with caplog.at_level("DEBUG", logger="dealwire"):
        found = read(*texts(4), key_variable="TESTS_KEY")
    assert [headers["authorization"] for _, headers, _ in model.asked] == [f"Bearer {KEY}"] * 4
    assert [one.later for one in found] == [False, False, True, True]
    assert "status 422: bad request by …" in str(found[1].error)
    assert "it does not accept the key" in str(found[2].error)
    assert "status 302" in str(found[3].error)
    told = "".join(str(one.error) for one in found) + caplog.text + repr(found)
    assert KEY not in told
    assert KEY.encode() not in Path(options.cache).read_bytes()


@pytest.mark.parametrize("key", ["", "  ", "sk\u2028x"])
def test_a_key_that_is_not_there_puts_the_articles_off(
    model: Model, read: Read, monkeypatch: pytest.MonkeyPatch, key: str
) -> None:
    monkeypatch.setenv("TESTS_KEY", key)
    (found,) = read(*texts(1), key_variable="TESTS_KEY")
    assert found.later
    assert "the environment variable TESTS_KEY" in str(found.error)
    assert model.asked == []


def test_a_model_on_this_machine_is_asked_past_the_proxy(
    model: Model, read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    model.tells(DEAL)
    assert read(*texts(1), proxy="http://127.0.0.1:9")[0].records


def test_a_file_that_keeps_no_answers_is_told(options: Options, tmp_path: Path) -> None:
    (tmp_path / "text.sqlite").write_text("This is no database, but a text that is long enough.\n" * 100)
    with pytest.raises(AnswersUnusable, match="not a database"):
        Store(str(tmp_path / "text.sqlite")).used(TODAY)
    with pytest.raises(AnswersUnusable, match="no such folder"):
        Store(str(tmp_path / "nowhere" / "answers.sqlite")).reserve(TODAY, 1, Used(1, 1))


def test_what_is_kept_says_what_it_is(model: Model, read: Read, options: Options) -> None:
    model.tells(DEAL)
    read(*texts(1))
    with sqlite3.connect(options.cache) as db:
        ((kept, version),) = db.execute("SELECT model, prompt FROM answers").fetchall()
    db.close()
    assert (kept, version) == ("tiny", prompt.VERSION)


def test_errors_survive_the_way_between_processes() -> None:
    import pickle

    for error in (LanguageModelUnavailable("http://x", "y"), LanguageModelSpent("http://x", 5, 6)):
        assert str(pickle.loads(pickle.dumps(error))) == str(error)
