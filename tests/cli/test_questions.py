"""The commands that answer questions: filters, evidence, timelines, circles, files and the feed of alliances."""

import csv
import json
from pathlib import Path

import feedparser
import networkx
import pyarrow.parquet as parquet
import pytest

from tests.cli.conftest import Cli
from tests.warehouse import samples


@pytest.fixture
def asked(cli: Cli, tmp_path: Path) -> Cli:
    """Commands in a folder with the sample warehouse."""
    samples.fill(tmp_path / "dealwire.duckdb")
    return cli


def rows(asked: Cli, *words: str) -> list[dict[str, object]]:
    ran = asked(*words, "--json")
    assert ran.code == 0, ran.err
    found = json.loads(ran.out)
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        ((), ["a-zeta", "a-gamma", "a-amd"]),
        (("--party", "open ai"), ["a-amd"]),
        (("--min-usd", "50e9"), ["a-amd"]),
        (("--kind", "purchase", "--status", "announced"), ["a-zeta", "a-amd"]),
        (("--since", "2025-11-16", "--limit", "1"), ["a-zeta"]),
    ],
)
def test_alliances_are_filtered(asked: Cli, words: tuple[str, ...], titles: list[str]) -> None:
    assert [row["alliance_id"] for row in rows(asked, "alliances", *words)] == titles


def test_an_unknown_company_is_refused_with_the_nearest_names(asked: Cli) -> None:
    ran = asked("deals", "--party", "OpenIA")
    assert ran.code == 1
    assert "no company named 'OpenIA' is known here; did you mean OpenAI?" in ran.err


def test_filters_that_nothing_fits_say_so(asked: Cli) -> None:
    ran = asked("alliances", "--party", "Dormant")
    assert (ran.code, ran.out) == (0, "")
    assert "leave out a filter" in ran.err


def test_why_shows_each_claim_with_its_sentence_source_and_extractor(asked: Cli) -> None:
    (deal,) = (row for row in rows(asked, "deals", "--party", "AMD", "--kind", "purchase") if row["sources"] == 2)
    ran = asked("why", str(deal["deal_id"]))
    assert ran.code == 0
    for words in ("OpenAI → AMD", "paper.example", "wire.example", "by deals 1", "https://"):
        assert words in ran.out
    whole = json.loads(asked("why", str(deal["deal_id"]), "--json").out)
    assert len(whole["claims"]) == 2
    assert all(claim["evidence"] for claim in whole["claims"])
    assert whole["history"]


def test_why_says_what_to_do_about_an_unknown_or_short_id(asked: Cli) -> None:
    assert "`dealwire deals` shows them" in asked("why", "nothing").err
    assert "give more of it" in asked("why", "").err


def test_a_timeline_is_in_the_order_of_days(asked: Cli) -> None:
    found = rows(asked, "timeline", "openai")
    assert found
    assert [row["since"] for row in found] == sorted(str(row["since"]) for row in found)
    assert asked("timeline", "OpenAI").code == 0
    assert "no deal of Dormant is known" in asked("timeline", "Dormant").err


def test_flows_and_circles_print(asked: Cli) -> None:
    assert {row["payee"] for row in rows(asked, "flows", "--party", "amd")}
    assert "→" not in asked("flows").err
    assert asked("circles").code == 0
    assert asked("circles", "--hubs").code == 0
    assert {row["company"] for row in rows(asked, "circles", "--hubs")} == {
        name for row in rows(asked, "circles") for name in row["companies"]  # type: ignore[attr-defined]
    }  # fmt: skip


@pytest.mark.parametrize("subject", ["deals", "alliances", "flows"])
def test_every_form_holds_the_same_rows(asked: Cli, tmp_path: Path, subject: str) -> None:
    for form in ("csv", "json", "parquet"):
        ran = asked("export", subject, "--out", f"out.{form}")
        assert ran.code == 0, ran.err
    told = json.loads((tmp_path / "out.json").read_text("utf-8"))
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    assert len(told) == len(listed) == parquet.read_table(tmp_path / "out.parquet").num_rows > 0
    assert list(told[0]) == list(listed[0])
    assert asked("export", subject).out == (tmp_path / "out.csv").read_text("utf-8")


def test_lists_in_csv_are_readable(asked: Cli) -> None:
    listed = list(csv.DictReader(asked("export", "alliances").out.splitlines()))
    assert "OpenAI; AMD" in [row["parties"] for row in listed]


def test_flows_are_a_graph(asked: Cli, tmp_path: Path) -> None:
    assert asked("export", "flows", "--out", "flows.graphml").code == 0
    graph = networkx.read_graphml(tmp_path / "flows.graphml")
    assert graph.is_directed()
    assert graph.number_of_edges() == len(rows(asked, "flows", "--limit", "100"))
    assert graph.nodes["AMD"]["kind"] == "chips"
    assert graph.edges["OpenAI", "AMD"]["amount_max"] == 90e9


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("deals", "--format", "graphml"), "export flows"),
        (("deals", "--format", "parquet"), "give --out FILE"),
        (("deals", "--out", "deals.xlsx"), "give --format"),
        (("deals", "--out", "."), "is a folder"),
        (("deals", "--out", "missing/deals.csv"), "cannot be written"),
    ],
)
def test_what_cannot_be_exported_is_said(asked: Cli, tmp_path: Path, words: tuple[str, ...], said: str) -> None:
    ran = asked("export", *words)
    assert ran.code == 1
    assert said in ran.err
    assert [path.name for path in tmp_path.iterdir()] == ["dealwire.duckdb"]


def test_alliances_as_a_feed_that_readers_take(asked: Cli) -> None:
    ran = asked("alliances", "--format", "atom")
    assert ran.code == 0
    read = feedparser.parse(ran.out)
    assert not read.bozo
    assert [one.id.rsplit(":", 1)[1] for one in read.entries] == ["a-zeta", "a-gamma", "a-amd"]
    first = read.entries[-1]
    assert first.link.startswith("https://")
    assert "OpenAI → AMD: purchase" in first.content[0].value
    assert asked("alliances", "--format", "atom").out == ran.out
    other = feedparser.parse(asked("alliances", "--format", "atom", "--party", "AMD").out)
    assert other.feed.id != read.feed.id
