"""`dealwire notify`: subscribers are added, listed, tried, told and removed; secrets are refused."""

import json
import shutil
from pathlib import Path

import pytest

from dealwire.warehouse import outbox
from dealwire.warehouse.connect import Warehouse
from tests.cli.conftest import Cli
from tests.notify.conftest import NOW, alliance

SECRET = "hunter2-hunter2"


@pytest.fixture(scope="session")
def empty_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = Warehouse(tmp_path_factory.mktemp("empty") / "empty.duckdb")
    with store.write():
        """An empty warehouse is all that is needed."""
    return store.path


@pytest.fixture
def asked(cli: Cli, tmp_path: Path, empty_once: Path, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Commands in a folder with an empty warehouse."""
    shutil.copy(empty_once, tmp_path / "dealwire.duckdb")
    monkeypatch.setenv("DEALWIRE_SMTP", "smtp://mail.example")
    monkeypatch.setenv("DEALWIRE_SMTP_FROM", "news@wire.example")
    return cli


def test_a_subscriber_is_added_told_once_and_removed(asked: Cli, tmp_path: Path) -> None:
    ran = asked(
        "notify", "add", "command", "cp /dev/stdin told.json", "--name", "me", "--party", "Example Labs",
        "--kind", "purchase", "--min-usd", "1e9", "--min-confidence", "0.5",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert "no article has named Example Labs yet" in ran.err
    assert "dealwire notify test me" in ran.err
    with Warehouse(tmp_path / "dealwire.duckdb").write() as con:
        outbox.add(con, [alliance("a"), alliance("b", usd=1)], now=NOW)
    assert "subscribers: 1 told" in asked("notify", "now").err
    assert json.loads((tmp_path / "told.json").read_text("utf-8"))["data"]["alliance_id"] == "a"
    (row,) = json.loads(asked("notify", "deliveries", "me", "--json").out)
    assert (row["subscriber"], row["state"], row["title"]) == ("me", "sent", "a: a deal")
    assert [one["title"] for one in json.loads(asked("notify", "deliveries", "--unfit", "--json").out)] == ["b: a deal"]
    listed = json.loads(asked("notify", "list", "--json").out)
    assert listed[0]["deliveries"] == {"sent": 1, "unfit": 1}
    shown = asked("notify", "list").out
    for words in ("with Example Labs", "purchase", "$1,000,000,000 or more", "confidence 0.5 or more"):
        assert words in shown
    assert asked("notify", "remove", "me").code == 0
    assert "nobody is told" in asked("notify", "list").err
    assert "no delivery was made yet" in asked("notify", "deliveries").err


def test_an_example_is_sent_and_what_fails_is_said(asked: Cli, tmp_path: Path) -> None:
    asked("notify", "add", "command", "cp /dev/stdin told.json", "--name", "good")
    asked("notify", "add", "command", "false", "--name", "bad")
    assert "good took it" in asked("notify", "test", "good").err
    assert json.loads((tmp_path / "told.json").read_text("utf-8"))["type"] == "dealwire.test"
    ran = asked("notify", "test", "bad")
    assert (ran.code, ran.err.splitlines()[-1]) == (1, "dealwire: false did not take it (exit code 1)")


def test_what_was_given_up_is_shown_and_tried_again(
    asked: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEALWIRE_NOTIFY_ATTEMPTS", "1")
    asked("notify", "add", "command", "test -e ready", "--name", "me")
    with Warehouse(tmp_path / "dealwire.duckdb").write() as con:
        outbox.add(con, [alliance("a")], now=NOW)
    assert "1 given up" in asked("notify", "now").err
    assert "exit code 1" in asked("notify", "deliveries", "--dead").out
    (tmp_path / "ready").touch()
    assert "no dead delivery" in asked("notify", "retry", "zzz").err
    assert "1 deliveries are tried again" in asked("notify", "retry", "--all").err
    assert "1 told" in asked("notify", "now").err


def test_a_pause_holds_until_it_is_ended(asked: Cli, tmp_path: Path) -> None:
    asked("notify", "add", "command", "true", "--name", "me")
    assert asked("notify", "pause", "me").code == 0
    assert "(paused)" in asked("notify", "list").out
    with Warehouse(tmp_path / "dealwire.duckdb").write() as con:
        outbox.add(con, [alliance("a")], now=NOW)
    assert "0 told" in asked("notify", "now").err
    assert asked("notify", "resume", "me").code == 0
    assert "1 told" in asked("notify", "now").err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("webhook", "https://you.example/hook"), "--secret-env NAME, or say --unsigned"),
        (("webhook", "https://you.example/hook", "--secret-env", f"{SECRET}=!"), "never the secret itself"),
        (("webhook", f"https://me:{SECRET}@you.example/", "--unsigned"), "a name and password"),
        (("webhook", f"https://you.example/?api_key={SECRET}", "--unsigned"), "holds a secret, api_key="),
        (("webhook", "ftp://you.example/", "--unsigned"), "https://"),
        (("webhook", "https://[you.example/", "--unsigned"), "cannot be read"),
        (("slack", f"https://hooks.slack.com/services/{SECRET}"), "in single quotes"),
        (("slack", "${SLACK_URL}", "--secret-env", "HOOK"), "only webhooks are signed"),
        (("email", "you"), "no mail address"),
        (("email", "you@home.example, all@home.example"), "no mail address"),
        (("command", "echo 'open"), "cannot be read"),
        (("command", " "), "in quotes"),
        (("command", "true", "--name", "With Space"), "lower-case letters"),
        (("command", "true", "--name", "there"), "already"),
    ],
)
def test_what_cannot_be_told_is_refused_and_leaves_no_secret(
    asked: Cli, tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    asked("notify", "add", "command", "true", "--name", "there")
    ran = asked("notify", "add", *words)
    assert ran.code == 1
    assert said in ran.err
    assert SECRET not in ran.err + ran.out
    assert SECRET.encode() not in (tmp_path / "dealwire.duckdb").read_bytes()
    assert len(json.loads(asked("notify", "list", "--json").out)) == 1


def test_mails_need_a_server_and_its_password_stays_in_the_environment(
    asked: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DEALWIRE_SMTP", "")
    assert "set smtp" in asked("notify", "add", "email", "you@home.example").err
    monkeypatch.setenv("DEALWIRE_SMTP", f"smtp://me:{SECRET}@mail.example")
    ran = asked("notify", "add", "email", "you@home.example")
    assert ran.code == 1
    assert "${NAME_OF_THE_VARIABLE}" in ran.err
    assert SECRET not in ran.err
    monkeypatch.setenv("DEALWIRE_SMTP", "smtp://${LOGIN}@mail.example")
    assert "you is told of new alliances" in asked("notify", "add", "email", "you@home.example").err


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("https://hooks.you.example/a", ["hooks-you-example", "hooks-you-example-2"]),
        ("${MY_HOOK}", ["webhook", "webhook-2"]),
    ],
)
def test_a_subscriber_without_a_name_is_given_one(asked: Cli, target: str, names: list[str]) -> None:
    for _ in names:
        assert asked("notify", "add", "webhook", target, "--unsigned").code == 0
    assert [one["name"] for one in json.loads(asked("notify", "list", "--json").out)] == names


def test_an_unknown_subscriber_is_said_with_those_there_are(asked: Cli) -> None:
    assert "`dealwire notify add` makes one" in asked("notify", "test", "me").err
    asked("notify", "add", "command", "true", "--name", "you")
    for words in (["remove", "me"], ["test", "me"], ["pause", "me"], ["deliveries", "me"]):
        ran = asked("notify", *words)
        assert ran.code == 1
        assert "there are you" in ran.err
