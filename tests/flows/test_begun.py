"""Steps that begin before their run."""

import threading

import pytest

from dealwire import steps
from dealwire.settings import Settings
from flows import tasks
from flows.begun import begun, result
from flows.link import link
from schemas import LinkReport
from schemas.errors import InvalidInput


def test_a_step_is_at_work_before_it_is_asked_for_and_is_done_once() -> None:
    there, calls = threading.Event(), []

    def step() -> str:
        there.set()
        calls.append("begun")
        return "done"

    with begun({"one": step}):
        assert there.wait(10)
        assert result("one", lambda: "done again") == "done"
        assert result("one", lambda: "done again") == "done again"
    assert calls == ["begun"]


def test_steps_follow_one_another_and_the_block_ends_after_the_last() -> None:
    order: list[str] = []
    given = {name: lambda name=name: order.append(name) for name in ("first", "second")}
    with begun(given, over=lambda: order.append("over")):
        """Nobody asks for them."""
    assert order == ["first", "second", "over"]


def test_what_follows_a_step_that_fails_is_done_again() -> None:
    def fails() -> str:
        raise InvalidInput("not like this")

    over: list[str] = []
    with begun({"one": fails, "two": lambda: "too early"}, lambda: over.append("over")):
        with pytest.raises(InvalidInput, match="not like this"):
            result("one", lambda: "again")
        assert result("one", lambda: "again") == "again"
        assert result("two", lambda: "in its turn") == "in its turn"
    assert over == []


def test_without_a_step_begun_it_is_done_when_asked_for() -> None:
    assert result("one", lambda: "here") == "here"


def test_a_run_tells_what_the_step_that_was_begun_came_to(
    monkeypatch: pytest.MonkeyPatch, api_url: str, settings: Settings
) -> None:
    def again(*_: object, **__: object) -> LinkReport:
        raise AssertionError("it was done already")

    monkeypatch.setattr(steps, "link", again)
    with tasks.here(api_url), begun({"link": lambda: LinkReport(deals=4)}):
        assert link(database=str(settings.database)).deals == 4
