"""The JSON API: filters, cursors, items with their evidence, feeds, problems, and that it needs nobody else."""

import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import feedparser
import pytest
from fastapi import FastAPI
from httpx import Response
from starlette.testclient import TestClient

from dealwire.settings import Settings
from dealwire.warehouse import load, queries
from dealwire.warehouse.connect import Warehouse
from dealwire.web import api
from dealwire.web.site import Site
from schemas import Alliance
from tests.warehouse import samples


def served(path: Path) -> FastAPI:
    """An app with nothing but the API on this warehouse."""
    app = FastAPI(title="dealwire", openapi_url="/api/openapi.json", docs_url=None, redoc_url=None)
    app.include_router(api.router(Site(Settings(database=path, lock_seconds=5))), prefix="/api")
    return app


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return samples.fill(tmp_path_factory.mktemp("api") / "sample.duckdb").path


@pytest.fixture(scope="module")
def client(filled: Path) -> Iterator[TestClient]:
    with TestClient(served(filled), raise_server_exceptions=False) as opened:
        yield opened


def ids(response: Response, name: str = "alliance_id") -> list[Any]:
    assert response.status_code == 200, response.text
    return [item[name] for item in response.json()["items"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["a-zeta", "a-gamma", "a-amd"]),
        ("company=open ai", ["a-amd"]),
        ("company=OPENAI", ["a-amd"]),
        ("kind=purchase&status=announced", ["a-zeta", "a-amd"]),
        ("status=planned", ["a-gamma"]),
        ("since=2025-11-16", ["a-zeta", "a-gamma"]),
        ("until=2025-11-16", ["a-amd"]),
        ("min_usd=50e9", ["a-amd"]),
        ("min_confidence=0.81", []),
        ("confirmed=true", ["a-amd"]),
        ("q=gamma delta", ["a-gamma"]),
        ("q=trade chips for stock", ["a-amd"]),
        ("q=nowhere", []),
    ],
)
def test_alliances_are_filtered(client: TestClient, asked: str, found: list[str]) -> None:
    assert ids(client.get(f"/api/alliances?{asked}")) == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("", ["d-round", "d-cloud", "d-talks", "d-chips", "d-stake"]),
        ("company=AMD&kind=investment", ["d-stake"]),
        ("min_usd=2000000000", ["d-round", "d-chips"]),
        ("q=purchase openai", ["d-chips"]),
        ("confirmed=1", ["d-chips"]),
    ],
)
def test_deals_are_filtered(client: TestClient, asked: str, found: list[str]) -> None:
    assert ids(client.get(f"/api/deals?{asked}"), "deal_id") == found


@pytest.mark.parametrize("of", ["alliances", "deals", "flows", "companies", "articles", "mentions"])
def test_pages_together_are_the_whole_list(client: TestClient, of: str) -> None:
    whole = client.get(f"/api/{of}?limit=100").json()
    assert whole["next"] is None
    found, cursor = [], ""
    for _ in range(50):
        page = client.get(f"/api/{of}?limit=2{cursor}").json()
        found += page["items"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert found == whole["items"]
    assert len(found) > 2


def test_what_is_stored_meanwhile_shifts_no_page(tmp_path: Path) -> None:
    store = samples.fill(tmp_path / "own.duckdb")
    with TestClient(served(store.path)) as client:
        first = client.get("/api/alliances?limit=2").json()
        with store.write() as con:
            newer = Alliance(
                alliance_id="a-new", title="New", parties=("N",), announced_on=date(2025, 11, 19), deals=1, sources=1
            )
            load.put(con, "alliances", [load.as_row(newer)])
        assert ids(client.get(f"/api/alliances?limit=2&cursor={first['next']}")) == ["a-amd"]
        assert ids(client.get("/api/alliances?limit=1")) == ["a-new"]


def test_rows_are_those_of_the_views(client: TestClient, filled: Path) -> None:
    with Warehouse(filled).read() as con:
        alliances = queries.rows(con, "SELECT * FROM alliance_overview")
        deals = queries.rows(con, "SELECT * FROM deal_overview")
        flows = queries.rows(con, "SELECT * FROM money_flows")
        mentions = queries.rows(con, "SELECT * FROM mentions")
    same(client.get("/api/alliances").json()["items"], alliances, ("alliance_id",), but=("legs", "deals"))
    same(client.get("/api/deals").json()["items"], deals, ("deal_id",), but=("capacity_mw",))
    same(client.get("/api/flows").json()["items"], flows, ("deal_id", "payer", "payee"))
    same(client.get("/api/mentions?limit=100").json()["items"], mentions, ("record_id",))


def same(
    items: list[dict[str, Any]], rows: list[dict[str, Any]], key: tuple[str, ...], but: tuple[str, ...] = ()
) -> None:
    """Each row is told, with the same in every column."""
    found = {tuple(item[name] for name in key): item for item in items}
    assert len(found) == len(items) == len(rows) > 0
    for row in rows:
        item = found[tuple(row[name] for name in key)]
        for name, value in row.items():
            if name in but:
                continue
            if isinstance(value, Decimal):
                assert Decimal(item[name]) == value, name
            elif hasattr(value, "isoformat"):
                assert item[name].replace("Z", "+00:00") == value.isoformat(), name
            else:
                assert item[name] == value, name


def test_amounts_are_texts_with_all_digits(client: TestClient) -> None:
    deal = client.get("/api/deals/d-chips").json()
    assert (deal["amount_min"], deal["amount_max"]) == (None, "90000000000")


def test_a_deal_comes_with_its_history_and_every_sentence(client: TestClient) -> None:
    deal = client.get("/api/deals/d-chips").json()
    assert deal["text"] == "OpenAI → AMD: purchase up to $90B, 6 GW"
    assert [step["status"] for step in deal["history"]] == ["planned", "announced"]
    assert {claim["site"] for claim in deal["claims"]} == {"wire.example", "paper.example"}
    for claim in deal["claims"]:
        article = client.get(f"/api/articles/{claim['article_id']}").json()
        assert article["text"][claim["start_char"] : claim["end_char"]] == claim["evidence"]
        assert claim["url"] == article["url"]


def test_an_alliance_comes_with_the_claims_of_each_deal(client: TestClient) -> None:
    alliance = client.get("/api/alliances/a-zeta").json()
    assert [leg["deal_id"] for leg in alliance["legs"]] == ["d-round", "d-cloud"]
    assert all(leg["claims"][0]["evidence"] for leg in alliance["legs"])
    assert alliance["related"] == []


def test_an_article_comes_with_claims_and_mentions_in_their_places(client: TestClient) -> None:
    article = client.get(f"/api/articles/{samples.FIRST.article_id}").json()
    assert {claim["kind"] for claim in article["told"]} == {"purchase", "investment"}
    assert len(article["mentions"]) == 5
    for one in article["mentions"]:
        assert article["text"][one["start_char"] : one["end_char"]] == one["text"]


def test_a_company_is_told_with_sums_and_partners(client: TestClient) -> None:
    company = client.get("/api/companies/openai").json()
    assert (company["name"], company["paid_usd"], company["received_usd"]) == ("OpenAI", "90000000000", None)
    assert company["partners"] == [{"name": "AMD", "deals": 2}]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("articles?company=AMD", {samples.FIRST.article_id, samples.SECOND.article_id}),
        ("articles?label=CHIP", {samples.FIRST.article_id}),
        ("articles?site=wire.example&since=2025-11-17", {samples.THIRD.article_id}),
        ("articles?q=sells amd", {samples.SECOND.article_id}),
        ("articles?q=talks", set()),
        ("articles?q=talks&in_text=true", {samples.FOURTH.article_id}),
        ("mentions?label=MODEL", {samples.FIRST.article_id}),
        ("mentions?entity=amd", {samples.FIRST.article_id, samples.SECOND.article_id}),
        (f"mentions?article={samples.FOURTH.article_id}", {samples.FOURTH.article_id}),
    ],
)
def test_articles_and_mentions_are_filtered(client: TestClient, asked: str, found: set[str]) -> None:
    assert set(ids(client.get(f"/api/{asked}"), "article_id")) == found


def test_companies_are_filtered(client: TestClient) -> None:
    assert ids(client.get("/api/companies?q=open"), "name") == ["OpenAI"]
    assert ids(client.get("/api/companies?known=true"), "name") == ["AMD", "OpenAI"]
    assert ids(client.get("/api/companies?kind=lab"), "name") == ["OpenAI"]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("alliances/nothing", 404, "there is no alliance with this id"),
        ("deals/..%2F..%2Fetc%2Fpasswd", 404, "there is nothing at this address"),
        ("nowhere", 404, "/api/docs lists what there is"),
        ("deals?company=OpenIA", 400, "did you mean OpenAI?"),
        ("deals?cursor=nonsense", 400, "that is no cursor"),
        ("deals?compny=AMD", 422, "there is no parameter compny"),
        ("deals?limit=1000", 422, "limit: input should be less than or equal to 100"),
        ("deals?kind=theft", 422, "kind: input should be 'investment'"),
        ("deals?since=yesterday", 422, "since: input should be a valid date"),
        ("sql?query=select 1; select 2", 400, "give one SELECT"),
    ],
)
def test_problems_are_told_in_a_line(client: TestClient, path: str, status: int, said: str) -> None:
    response = client.get(f"/api/{path}")
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert said in response.json()["detail"]
    assert "\n" not in response.json()["detail"]


def test_a_cursor_belongs_to_its_filters(client: TestClient) -> None:
    cursor = client.get("/api/deals?limit=1").json()["next"]
    for path in ("/api/alliances", "/api/deals?kind=purchase"):
        other = client.get(path, params={**({"kind": "purchase"} if "?" in path else {}), "cursor": cursor})
        assert other.status_code == 400
        assert "other filters" in other.json()["detail"]


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_nothing_can_be_changed(client: TestClient, method: str) -> None:
    response = getattr(client, method)("/api/deals/d-chips")
    assert (response.status_code, response.headers["allow"]) == (405, "GET")


def test_without_a_warehouse_it_says_what_to_do(tmp_path: Path) -> None:
    with TestClient(served(tmp_path / "none.duckdb")) as client:
        response = client.get("/api/alliances")
    assert response.status_code == 503
    assert "`dealwire run` makes it" in response.json()["detail"]


def test_what_has_not_changed_is_not_sent_again(filled: Path, tmp_path: Path) -> None:
    store = samples.fill(tmp_path / "own.duckdb")
    with TestClient(served(store.path)) as client:
        first = client.get("/api/deals")
        tag = {"If-None-Match": first.headers["etag"]}
        again = client.get("/api/deals", headers=tag)
        assert (again.status_code, again.content) == (304, b"")
        assert client.get("/api/deals?limit=1", headers=tag).status_code == 200
        with store.write() as con:
            con.execute("DELETE FROM deals WHERE deal_id = 'd-talks'")
        assert "d-talks" not in ids(client.get("/api/deals", headers=tag), "deal_id")


def test_alliances_are_a_feed_in_both_forms(client: TestClient) -> None:
    response = client.get("/api/alliances.atom?company=AMD")
    assert response.headers["content-type"].startswith("application/atom+xml")
    read = feedparser.parse(response.text)
    assert not read.bozo
    assert [one.title for one in read.entries] == ["OpenAI, AMD: chips for stock"]
    assert "OpenAI → AMD: purchase" in read.entries[0].content[0].value
    found = client.get("/api/alliances.json-feed?company=AMD").json()
    assert found["version"] == "https://jsonfeed.org/version/1.1"
    assert [one["id"] for one in found["items"]] == [read.entries[0].id]
    assert found["items"][0]["content_html"] == read.entries[0].content[0].value
    assert found["items"][0]["url"].startswith("https://")


def test_the_reference_needs_no_other_server_and_no_script_of_its_own(client: TestClient) -> None:
    page = client.get("/api/docs").text
    assert not re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?\s*(?:https?:)?//""", page)
    assert "/api/alliances/{alliance_id}" in page
    assert "min_confidence" in page
    assert re.findall("<script[^>]*>", page) == re.findall('<script src="/static/page.js[^>]*>', page)


def test_every_route_and_parameter_is_described(client: TestClient) -> None:
    described = client.get("/api/openapi.json").json()
    for path, methods in described["paths"].items():
        for one in methods.values():
            assert one["description"], path
            assert one["responses"]["200"], path
    assert json.dumps(described).count("HTTPValidationError") == 0


def test_sql_is_answered_in_every_form(client: TestClient, tmp_path: Path) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    query = "SELECT deal_id, payers, usd_max FROM deals ORDER BY usd_max DESC NULLS LAST"
    told = client.get("/api/sql", params={"query": query, "limit": 2}).json()
    assert [column["name"] for column in told["columns"]] == ["deal_id", "payers", "usd_max"]
    assert told["rows"][0] == ["d-chips", ["OpenAI"], 90_000_000_000]
    assert (len(told["rows"]), told["more"]) == (2, True)
    asked = {"query": query, "download": True}
    listed = client.get("/api/sql", params={**asked, "form": "csv"})
    assert listed.headers["content-disposition"] == 'attachment; filename="dealwire.csv"'
    assert listed.text.splitlines()[:2] == ["deal_id,payers,usd_max", "d-chips,OpenAI,90000000000"]
    assert listed.headers["x-more-rows"] == "false"
    assert client.get("/api/sql", params={**asked, "form": "json"}).json()[0]["deal_id"] == "d-chips"
    table = parquet.read_table(pa.BufferReader(client.get("/api/sql", params={**asked, "form": "parquet"}).content))
    assert table.num_rows == 5
    with pa.ipc.open_stream(client.get("/api/sql", params={**asked, "form": "arrow"}).content) as stream:
        assert stream.read_all() == table


def test_formulas_in_csv_do_not_run_in_a_spreadsheet(client: TestClient) -> None:
    query = """SELECT '=HYPERLINK("x")' AS a, -5 AS b, '-2.5' AS c, '-cmd' AS d"""
    told = client.get("/api/sql", params={"query": query, "form": "csv"}).text
    assert told.splitlines()[1] == """"'=HYPERLINK(""x"")",-5,-2.5,'-cmd"""
