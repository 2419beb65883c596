"""How texts are read is a matter of settings: processes, the encoder, the spaCy pipeline."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import spacy

from dealwire.warehouse import corrections
from dealwire.warehouse.connect import Warehouse
from extractors.encoder import session
from schemas import CompanyMerge
from tests.cli.conftest import Cli

TEXT = "Nvidia spoke with Quorfle Dynamic Reach, which paid Oracle $5 million for H100s, {n}."


@pytest.fixture
def texts(tmp_path: Path) -> str:
    lines = [{"id": n, "text": TEXT.replace("{n}", str(n))} for n in range(9)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    return "a.jsonl"


def test_two_processes_write_what_one_writes(cli: Cli, texts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = cli("extract", texts, "--processes", "1")
    two = cli("extract", texts, "--processes", "2")
    assert (two.code, two.out) == (0, alone.out), two.err
    assert [json.loads(line)["id"] for line in two.out.splitlines()] == list(range(9))
    monkeypatch.setenv("DEALWIRE_PROCESSES", "2")
    assert cli("extract", texts).out == alone.out


def test_stored_articles_are_extracted_by_processes_as_well(
    cli: Cli, texts: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = [
        {"url": f"https://news.example/{n}", "title": f"Story {n}", "text": TEXT.replace("{n}", str(n)) * 3}
        for n in range(9)
    ]
    (tmp_path / "old.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    # With the encoder they read in the test above.
    monkeypatch.setenv("DEALWIRE_ENCODER", "false")
    found = []
    for count in ("1", "2"):
        monkeypatch.setenv("DEALWIRE_PROCESSES", count)
        database = f"with{count}.duckdb"
        assert cli("backfill", "old.jsonl", "--db", database).code == 0
        ran = cli("run", "--inline", "--db", database)
        assert ran.code == 0, ran.err
        assert "9 articles extracted" in ran.err
        query = "SELECT article_id, label, start_char, entity, currency, amount_max FROM mentions ORDER BY ALL"
        found.append(cli("sql", query, "--json", "--db", database).out)
    assert found[0] == found[1]
    assert len(json.loads(found[0])) > 50


def test_companies_are_named_as_the_archive_names_them(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("Dell agreed to acquire start-up Vultrix for $2 billion, the companies said.")
    (tmp_path / "aliases.csv").write_text("alias,company\nVultrix,Vultrix Clouds\n")

    def named() -> tuple[list[str], list[str]]:
        ran = cli("extract", "a.txt", "--no-encoder")
        assert ran.code == 0, ran.err
        assert "WARNING" not in ran.err
        found = json.loads(ran.out)
        companies = [one["entity"] for one in found["mentions"] if one["label"] == "COMPANY"]
        return companies, [name for deal in found["deals"] for name in (*deal["payers"], *deal["payees"])]

    assert named() == (["Dell", "Vultrix"], ["Dell", "Vultrix"])
    monkeypatch.setenv("DEALWIRE_CATALOG__ALIASES", "aliases.csv")
    assert named() == (["Dell", "Vultrix Clouds"], ["Dell", "Vultrix Clouds"])
    one = CompanyMerge(
        company_id="dell", name="Dell", into_id="dell-two", into_name="Dell Two", known=False, source="merge",
        merged_at=datetime.now(UTC),
    )  # fmt: skip
    with Warehouse(tmp_path / "dealwire.duckdb").write() as con:
        corrections.store(con, [one])
    assert named() == (["Dell Two", "Vultrix Clouds"], ["Dell Two", "Vultrix Clouds"])
    (tmp_path / "dealwire.duckdb").write_bytes(b"no database")
    assert "companies that were merged by command keep their own names here" in cli("extract", "a.txt").err


def test_without_onnxruntime_the_rest_works_and_says_so_once(
    cli: Cli, texts: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = cli("extract", texts, "--no-encoder")
    assert "installed" not in expected.err
    monkeypatch.setattr(session, "NEEDED", ("onnxruntime_that_is_not_there", "tokenizers"))
    session.lacking.cache_clear()
    session.available.cache_clear()
    try:
        ran = cli("extract", texts)
        assert ran.out == expected.out
        assert ran.err.count("onnxruntime_that_is_not_there not installed") == 1
        assert "not used: onnxruntime_that_is_not_there not installed" in cli("doctor").out
    finally:
        session.lacking.cache_clear()
        session.available.cache_clear()


def test_deals_can_be_read_without_the_large_network(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.txt").write_text("Microsoft has agreed to acquire the chip start-up Quorfle for $2 billion in cash.")
    asked: list[int] = []
    large = session.large
    monkeypatch.setattr(session, "large", lambda window: [asked.append(len(window.ids)), large(window)][1])
    assert '"acquisition"' in cli("extract", "a.txt", "--processes", "1").out
    assert asked
    asked.clear()
    monkeypatch.setenv("DEALWIRE_ENCODER", "small")
    assert '"acquisition"' in cli("extract", "a.txt", "--processes", "1").out
    assert not asked
    monkeypatch.setenv("DEALWIRE_ENCODER", "tiny")
    assert 'encoder: it is true, false or "small"' in cli("extract", "a.txt").err


def test_the_encoder_can_be_switched_off(cli: Cli, texts: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "available", lambda: True)
    monkeypatch.setattr(session, "_session", lambda: pytest.fail("the encoder was asked"))
    assert cli("extract", texts, "--no-encoder").code == 0
    for off in ("false", "off"):
        monkeypatch.setenv("DEALWIRE_ENCODER", off)
        assert cli("extract", texts).code == 0
        assert "switched off in the settings" in cli("doctor").out


def test_a_spacy_pipeline_is_named_in_the_settings(cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = spacy.blank("en")
    made.add_pipe("entity_ruler").add_patterns([{"label": "ORG", "pattern": "Quorfle Dynamic Reach"}])
    made.to_disk(tmp_path / "settings_orgs")
    (tmp_path / "a.txt").write_text("Nvidia spoke with Quorfle Dynamic Reach.")
    (tmp_path / "dealwire.toml").write_text('spacy_pipeline = "settings_orgs"\nencoder = false\n')
    ran = cli("extract", "a.txt")
    assert ran.code == 0, ran.err
    assert [one["entity"] for one in json.loads(ran.out)["mentions"]] == ["NVIDIA", "Quorfle Dynamic Reach"]
    assert cli("extract", "a.txt", "--processes", "2").out == ran.out
    assert "the folder settings_orgs" in cli("doctor").out


def test_a_spacy_pipeline_that_is_not_installed_is_told(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("Oracle spoke.")
    monkeypatch.setenv("DEALWIRE_SPACY_PIPELINE", "en_core_nowhere_trf")
    ran = cli("extract", "a.txt")
    assert ran.code == 1
    assert ran.err.startswith("dealwire: spacy_pipeline 'en_core_nowhere_trf': it is not installed; ")
    assert "python -m spacy download en_core_nowhere_trf" in ran.err
    assert cli("doctor").code == 1
