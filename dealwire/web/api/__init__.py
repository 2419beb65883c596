"""The JSON API: what was found, for programs. `router` is to be included under `/api`.

Lists have filters and cursors, items all that they rest on. Nothing can be changed here. See docs/api.md.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any, TypeVar

import duckdb
from fastapi import APIRouter, Path, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Match

from dealwire import atom, wording
from dealwire.warehouse import browse, keyset, listing, listing_articles, queries
from dealwire.warehouse.queries import Row
from dealwire.web.api import cursors, feeds, filters, models, problems, reference, results
from dealwire.web.api.problems import NotFound, problem, routes
from dealwire.web.sandbox import LONGEST_QUERY
from dealwire.web.site import Site

M = TypeVar("M", bound=BaseModel)
_Id = Annotated[str, Path(max_length=200)]


def _described(about: str) -> dict[str, Any]:
    """A problem, as OpenAPI describes it."""
    schema = models.Problem.model_json_schema()
    return {"description": about, "content": {problems.MEDIA_TYPE: {"schema": schema}}}


_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: _described("A filter, a cursor or a question that cannot be used."),
    422: _described("A parameter that does not exist, or has no such value."),
    503: _described("There is no warehouse yet, or it is being written to."),
}
_ONE: dict[int | str, dict[str, Any]] = {404: _described("There is none with this id.")}


def router(site: Site) -> APIRouter:
    """The routes, all of them below the place where they are included."""
    api = APIRouter(route_class=routes(site.settings.database), responses=_PROBLEMS)
    _add_deals(api, site)
    _add_names(api, site)
    _add_feeds(api, site)
    _add_sql(api, site)

    @api.get("", include_in_schema=False)
    @api.get("/docs", include_in_schema=False)
    def docs(request: Request) -> HTMLResponse:
        return HTMLResponse(reference.page(request.app.openapi()))

    @api.api_route("/{path:path}", methods=_METHODS, include_in_schema=False)
    def nothing(path: str, request: Request) -> Response:
        scope = {"type": "http", "path": request.url.path, "root_path": "", "method": "GET", "headers": []}
        known = [
            route for route in request.app.router.routes
            if getattr(route, "endpoint", None) is not nothing and route.matches(scope)[0] is Match.FULL
        ]  # fmt: skip
        if known and request.method != "GET":
            return problem(405, f"{request.method} is not possible here; the API only answers", {"Allow": "GET"})
        raise NotFound("there is nothing at this address; /api/docs lists what there is")

    return api


def _add_deals(api: APIRouter, site: Site) -> None:
    @api.get("/alliances", tags=["alliances"])
    async def list_alliances(asked: Annotated[filters.Deals, Query()]) -> models.Listed[models.Alliance]:
        """Alliances, newest first: what one announcement ties together, with its deals.

        Kind, status and confidence have to fit one deal of an alliance.
        """
        return await site.read(_listed, listing.alliances, "alliances", asked, _alliance)

    @api.get("/alliances/{alliance_id}", tags=["alliances"], responses=_ONE)
    async def one_alliance(alliance_id: _Id) -> models.WholeAlliance:
        """An alliance with every claim of every deal, sentence and source, and earlier ones of the same companies."""
        return await site.read(_whole_alliance, alliance_id)

    @api.get("/deals", tags=["deals"])
    async def list_deals(asked: Annotated[filters.Deals, Query()]) -> models.Listed[models.Deal]:
        """Deals, newest first, each with the sentence that tells it best."""
        return await site.read(_listed, listing.deals, "deals", asked, _deal)

    @api.get("/deals/{deal_id}", tags=["deals"], responses=_ONE)
    async def one_deal(deal_id: _Id) -> models.WholeDeal:
        """A deal with its history and every claim that it rests on: sentence, source, amount, extractor."""
        return await site.read(_one_deal, deal_id)

    @api.get("/flows", tags=["flows"])
    async def list_flows(asked: Annotated[filters.Deals, Query()]) -> models.Listed[models.Flow]:
        """Money from company to company, newest first: a row a payer, payee and deal.

        Where several share a sum, their own parts are not known; the whole stands in `round_amount_min` and `_max`.
        """
        return await site.read(_listed, listing.flows, "flows", asked, models.Flow.model_validate)


def _add_names(api: APIRouter, site: Site) -> None:
    @api.get("/companies", tags=["companies"])
    async def list_companies(asked: Annotated[filters.Companies, Query()]) -> models.Listed[models.Company]:
        """Companies that articles name, in the order of their names."""
        return await site.read(_companies, asked)

    @api.get("/companies/{company_id}", tags=["companies"], responses=_ONE)
    async def one_company(company_id: _Id) -> models.WholeCompany:
        """A company with what it pays and is paid, and with whom it deals."""
        return models.WholeCompany.model_validate(
            _there(await site.read(listing_articles.company, company_id), "company")
        )

    @api.get("/articles", tags=["articles"])
    async def list_articles(asked: Annotated[filters.Articles, Query()]) -> models.Listed[models.Article]:
        """Articles, newest first, without their texts."""
        return await site.read(_articles, asked)

    @api.get("/articles/{article_id}", tags=["articles"], responses=_ONE)
    async def one_article(article_id: _Id) -> models.WholeArticle:
        """An article with its text, its claims, and what it names where."""
        return await site.read(_whole_article, article_id)

    @api.get("/mentions", tags=["mentions"])
    async def list_mentions(asked: Annotated[filters.Mentions, Query()]) -> models.Listed[models.Mention]:
        """Places where articles name something, of the newest articles first, in reading order."""
        return await site.read(_mentions, asked)


def _add_feeds(api: APIRouter, site: Site) -> None:
    @api.get(
        "/alliances.atom",
        tags=["feeds"],
        response_class=Response,
        responses={200: {"content": {"application/atom+xml": {}}, "description": "Atom (RFC 4287)"}},
    )
    async def atom_feed(asked: Annotated[filters.Deals, Query()]) -> Response:
        """The newest alliances that fit, as a feed that a reader can subscribe to."""
        rows, told = await site.read(feeds.newest, asked)
        return Response(atom.feed(rows, told, asked=asked.asked()), media_type="application/atom+xml")

    @api.get(
        "/alliances.json-feed",
        tags=["feeds"],
        response_class=Response,
        responses={200: {"content": {"application/feed+json": {}}, "description": "JSON Feed 1.1"}},
    )
    async def json_feed(asked: Annotated[filters.Deals, Query()], request: Request) -> Response:
        """The same as JSON Feed."""
        rows, told = await site.read(feeds.newest, asked)
        found = feeds.json_feed(rows, told, asked=asked.asked(), url=str(request.url))
        return JSONResponse(found, media_type="application/feed+json")


def _add_sql(api: APIRouter, site: Site) -> None:
    forms: dict[str, dict[str, Any]] = {kind.partition(";")[0]: {} for kind in results.MEDIA_TYPES.values()}

    @api.get("/sql", tags=["sql"], responses={200: {"content": forms, "description": "The rows"}})
    async def ask_sql(
        query: Annotated[str, Query(min_length=1, max_length=LONGEST_QUERY, description="One SELECT.")],
        form: Annotated[results.Form, Query(description="`json` has names and types beside the rows.")] = (
            results.Form.JSON
        ),
        limit: Annotated[int | None, Query(ge=1, description="Most rows; never more than `web.sql_rows`.")] = None,
        download: Annotated[bool, Query(description="As a file; JSON then is a list of objects.")] = False,
    ) -> models.Result:
        """Ask the warehouse in DuckDB's SQL; docs/schema.md describes tables and views.

        Runs in a process of its own that can read the warehouse and nothing else, for `web.sql_seconds` at most. The
        header `X-More-Rows: true` says that rows were cut off.
        """
        answer = await results.ask(site, query, rows=limit)
        if form is results.Form.JSON and not download:
            return results.shown(answer)
        headers = {"X-More-Rows": "true" if answer.more else "false"}
        if download:
            headers["Content-Disposition"] = f'attachment; filename="dealwire.{form}"'
        body = results.file(answer, form)
        return Response(body, headers=headers, media_type=results.MEDIA_TYPES[form])  # type: ignore[return-value]


_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"]


def _listed(
    con: duckdb.DuckDBPyConnection,
    find: Callable[..., keyset.Page],
    of: str,
    asked: filters.Deals,
    make: Callable[[Row], M],
) -> models.Listed[M]:
    position = cursors.read(asked.cursor, of, asked.asked())
    page = find(con, asked.wanted(con), after=position, limit=asked.limit)
    return _made(page, of, asked, make)


def _made(page: keyset.Page, of: str, asked: filters.Some, make: Callable[[Row], M]) -> models.Listed[M]:
    return models.Listed[M](items=[make(row) for row in page.rows], next=cursors.written(page.after, of, asked.asked()))


def _companies(con: duckdb.DuckDBPyConnection, asked: filters.Companies) -> models.Listed[models.Company]:
    position = cursors.read(asked.cursor, "companies", asked.asked())
    page = listing_articles.companies(
        con, text=asked.q, kind=asked.kind, known=asked.known, after=position, limit=asked.limit
    )
    return _made(page, "companies", asked, models.Company.model_validate)


def _articles(con: duckdb.DuckDBPyConnection, asked: filters.Articles) -> models.Listed[models.Article]:
    page = listing_articles.articles(
        con,
        company=queries.company_named(con, asked.company) if asked.company else None,
        label=asked.label,
        site=asked.site,
        since=asked.since,
        until=asked.until,
        text=asked.q,
        in_text=asked.in_text,
        after=cursors.read(asked.cursor, "articles", asked.asked()),
        limit=asked.limit,
    )
    return _made(page, "articles", asked, models.Article.model_validate)


def _mentions(con: duckdb.DuckDBPyConnection, asked: filters.Mentions) -> models.Listed[models.Mention]:
    page = listing_articles.mentions(
        con,
        article_id=asked.article,
        label=asked.label,
        entity=asked.entity,
        since=asked.since,
        until=asked.until,
        after=cursors.read(asked.cursor, "mentions", asked.asked()),
        limit=asked.limit,
    )
    return _made(page, "mentions", asked, models.Mention.model_validate)


def _whole_alliance(con: duckdb.DuckDBPyConnection, alliance_id: str) -> models.WholeAlliance:
    found = listing.alliances_of(con, [alliance_id])
    row = _there(found[0] if found else None, "alliance")
    deals = listing.deals_of(con, [deal["deal_id"] for deal in row["deals"]])
    whole = {
        **row,
        "legs": [_whole_deal(con, deal) for deal in deals],
        "related": listing.related(con, alliance_id),
    }
    return models.WholeAlliance.model_validate(whole)


def _one_deal(con: duckdb.DuckDBPyConnection, deal_id: str) -> models.WholeDeal:
    found = listing.deals_of(con, [deal_id])
    return models.WholeDeal.model_validate(_whole_deal(con, _there(found[0] if found else None, "deal")))


def _whole_deal(con: duckdb.DuckDBPyConnection, deal: Row) -> Row:
    return {
        **deal,
        "text": wording.deal(deal),
        "history": queries.history_of(con, deal["deal_id"]),
        "claims": queries.evidence_of(con, deal["deal_id"]),
    }


def _whole_article(con: duckdb.DuckDBPyConnection, article_id: str) -> models.WholeArticle:
    row = _there(listing_articles.article(con, article_id), "article")
    source = {name: row[name] for name in ("site", "title", "url", "published_at")}
    claims = [{**claim, "claim_id": claim["record_id"], **source} for claim in browse.claims_in(con, article_id)]
    places = listing_articles.mentions(con, article_id=article_id, limit=_MOST_MENTIONS).rows
    return models.WholeArticle.model_validate({**row, "told": claims, "mentions": places})


def _alliance(row: Mapping[str, Any]) -> models.Alliance:
    return models.Alliance.model_validate({**row, "legs": [_with_text(deal) for deal in row["deals"]]})


def _deal(row: Row) -> models.Deal:
    return models.Deal.model_validate(_with_text(row))


def _with_text(deal: Row) -> Row:
    return {**deal, "text": wording.deal(deal)}


def _there(row: Row | None, what: str) -> Row:
    if row is None:
        raise NotFound(f"there is no {what} with this id")
    return row


_MOST_MENTIONS = 5000
