"""A language model that the settings name: asked in a pass, its claims beside those of `deals`, and told about."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from dealwire import settings
from extractors import language_model
from schemas.errors import SettingsInvalid
from tests.cli.conftest import Cli
from tests.extractors.language_model.conftest import Model

RULED = "Nvidia will buy Oracle for $2 billion, the companies said."
READ = "What Nvidia and Intel long denied has come to pass, and $5 billion have left for Intel."
DEALS = (
    {"kind": "acquisition", "payers": ["Nvidia"], "payees": ["Oracle"], "amount": "$2 billion", "evidence": RULED},
    {"kind": "investment", "payers": ["Nvidia"], "payees": ["Intel"], "amount": "$5 billion", "evidence": READ},
)


@pytest.fixture
def model() -> Iterator[Model]:
    one = Model()
    one.tells(*DEALS)
    yield one
    language_model.use(None)
    one.release.set()
    one.server.shutdown()
    one.server.server_close()


@pytest.fixture
def stored(cli: Cli, tmp_path: Path) -> Cli:
    """A warehouse with two articles, and the command line."""
    lines = [
        {"url": f"https://news.example/{n}", "title": f"Story {n}", "text": text}
        for n, text in enumerate((RULED, READ), 1)
    ]
    (tmp_path / "old.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    assert cli("backfill", "old.jsonl").code == 0
    return cli


def configure(folder: Path, model: Model, more: str = "") -> None:
    (folder / "dealwire.toml").write_text(
        f'encoder = false\n[language_model]\nendpoint = "{model.endpoint}"\nmodel = "tiny"\n{more}'
    )


def rows(cli: Cli, query: str) -> list[dict[str, object]]:
    ran = cli("sql", query, "--json")
    assert ran.code == 0, ran.err
    found: list[dict[str, object]] = json.loads(ran.out)
    return found


def test_its_claims_stand_beside_the_others_and_make_deals_once(stored: Cli, model: Model, tmp_path: Path) -> None:
    configure(tmp_path, model)
    ran = stored("run", "--inline")
    assert ran.code == 0, ran.err
    assert rows(stored, "SELECT extractor, kind, count(*) AS n FROM deal_claims GROUP BY ALL ORDER BY ALL") == [
        {"extractor": "deals", "kind": "acquisition", "n": 1},
        {"extractor": "language_model", "kind": "acquisition", "n": 1},
        {"extractor": "language_model", "kind": "investment", "n": 1},
    ]
    deals = rows(stored, "SELECT payers, usd_max::BIGINT AS usd, articles, evidence FROM deal_overview ORDER BY usd")
    assert [(one["usd"], one["articles"]) for one in deals] == [(2_000_000_000, 1), (5_000_000_000, 1)]
    assert deals[1]["evidence"] == READ
    assert len(model.asked) == 2
    # Nothing is pending any more.
    assert stored("run", "--inline").code == 0
    assert len(model.asked) == 2


def test_what_the_budget_does_not_allow_is_read_in_a_later_pass(stored: Cli, model: Model, tmp_path: Path) -> None:
    configure(tmp_path, model, "requests_a_day = 1\n")
    ran = stored("run", "--inline")
    assert (
        "1 articles are to be read by language_model in a later pass: the language model's budget of the day is used up"
        in ran.err
    )
    states = (
        "SELECT status, count(*) AS n FROM extractions WHERE extractor = 'language_model' GROUP BY ALL ORDER BY ALL"
    )
    assert rows(stored, states) == [{"status": "later", "n": 1}, {"status": "ok", "n": 1}]
    again = stored("run", "--inline")
    assert "WARNING: the language model is not asked: its budget of the day is used up (1 requests" in again.err
    assert "articles extracted" not in again.err
    configure(tmp_path, model, "requests_a_day = 5\n")
    assert stored("run", "--inline").code == 0
    assert rows(stored, states) == [{"status": "ok", "n": 2}]
    assert len(model.asked) == 2


def test_another_model_reads_the_archive_again(stored: Cli, model: Model, tmp_path: Path) -> None:
    configure(tmp_path, model)
    stored("run", "--inline")
    path = tmp_path / "dealwire.toml"
    path.write_text(path.read_text().replace("tiny", "large"))
    stored("run", "--inline")
    versions = rows(stored, "SELECT DISTINCT version FROM deal_claims WHERE extractor = 'language_model'")
    assert len(versions) == 1
    assert [asked["model"] for _, _, asked in model.asked] == ["tiny", "tiny", "large", "large"]


def test_a_model_that_is_down_costs_nothing_but_its_claims(stored: Cli, model: Model, tmp_path: Path) -> None:
    model.answers.clear()
    model.sends({}, 500)
    configure(tmp_path, model)
    ran = stored("run", "--inline")
    assert ran.code == 0
    assert "2 articles are to be read by language_model in a later pass: the language model at" in ran.err
    assert rows(stored, "SELECT extractor FROM deal_claims") == [{"extractor": "deals"}]


def test_its_claims_can_be_asked_for_and_dropped_alone(stored: Cli, model: Model, tmp_path: Path) -> None:
    configure(tmp_path, model)
    foretold = stored("extract", "--stale", "language_model", "--dry-run")
    assert "2 articles to read (language_model 2)" in foretold.out
    assert model.asked == []
    assert "2 articles read: 2 language_model" in stored("extract", "--stale", "language_model").err
    assert len(rows(stored, "SELECT * FROM deals")) == 2
    assert "2 records of language_model deleted" in stored("extractors", "drop", "language_model", "--yes").err
    assert rows(stored, "SELECT * FROM deal_claims") == []
    assert rows(stored, "SELECT * FROM extractions") == []


def test_several_processes_ask_as_one_does(stored: Cli, model: Model, tmp_path: Path) -> None:
    configure(tmp_path, model)
    (tmp_path / "a.jsonl").write_text(
        "".join(json.dumps({"id": n, "text": t}) + "\n" for n, t in enumerate([RULED, READ]))
    )
    two = stored("extract", "a.jsonl", "--processes", "2")
    assert two.code == 0, two.err
    first, second = [json.loads(line)["deals"] for line in two.out.splitlines()]
    # What `deals` tells as well is told once.
    assert [one.get("extractor") for one in first] == [None]
    assert [one.get("extractor") for one in second] == ["language_model"]
    assert stored("extract", "a.jsonl", "--processes", "1").out == two.out
    assert len(model.asked) == 2


def test_doctor_tells_of_it_and_keeps_the_key_to_itself(
    cli: Cli, model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "language model  none; [language_model] of the settings names one" in cli("doctor").out
    configure(tmp_path, model, 'key_variable = "TESTS_KEY"\n')
    assert "not asked: the environment variable TESTS_KEY, which" in cli("doctor").out
    monkeypatch.setenv("TESTS_KEY", "sk-very-secret")
    told = cli("doctor").out
    assert f"tiny at {model.endpoint}; today 0 of 200 requests and 0 of 500,000 tokens" in told
    assert "sk-very-secret" not in told
    assert model.asked == []
    assert not list(tmp_path.glob("*.sqlite"))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("ENDPOINT", "ftp://x", "write the base address of the API"),
        ("ENDPOINT", "http://me:secret@x/v1", "a secret does not belong into the address"),
        ("ENDPOINT", "http://x/v1?key=secret", "a secret does not belong into the address"),
        ("ENDPOINT", "http://x/v1", "set both endpoint and model"),
        ("KEY_VARIABLE", "sk-secret", "not the key itself"),
        ("REQUESTS_A_DAY", "-1", "greater than or equal to 0"),
        ("PARAMETERS", "warm", "language_model"),
    ],
)
def test_a_setting_that_cannot_be_is_told_without_its_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(f"DEALWIRE_LANGUAGE_MODEL__{name}", value)
    with pytest.raises(SettingsInvalid) as told:
        settings.load()
    assert message.lower() in str(told.value).lower()
    assert "secret" not in str(told.value).replace("a secret does not", "")


def test_an_unknown_setting_names_the_known_ones(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("[language_model]\nendpiont = 'x'\n")
    with pytest.raises(SettingsInvalid, match=r"language_model\.endpiont.*known are .*endpoint.*key_variable"):
        settings.load(tmp_path / "a.toml")
