"""The feeds: how each is doing in words, and adding, pausing, removing and importing them."""

from datetime import UTC, datetime
from typing import Any

import duckdb
from markupsafe import Markup
from starlette.requests import Request

from dealwire import watching, wording
from dealwire.settings import Settings
from dealwire.warehouse import browse, pending, queries
from dealwire.web import markup
from dealwire.web.frame import asking, empty_state, frame, page, show
from dealwire.web.site import Site
from dealwire.web.visitors import Visitor
from schemas.errors import WarehouseMissing

Row = dict[str, Any]
_STATES = {
    "healthy": ("healthy", "announced"),
    "new": ("not polled yet", "plain"),
    "paused": ("paused", "plain"),
    "odd": ("odd", "planned"),
    "silent": ("silent", "planned"),
    "failing": ("failing", "ended"),
    "gone": ("gone", "ended"),
}
_SHOWN_MOST = 500


def pages(site: Site) -> None:
    """Register `/feeds`."""

    @page("/feeds", active="/feeds")
    async def feeds(request: Request) -> None:
        only = request.query_params.get("state")
        try:
            found = await site.read(_found, site.settings)
        except WarehouseMissing:
            found = {"feeds": [], "polls": [], "lags": [], "waiting": None}
        with frame("Feeds", active="/feeds"):
            who = asking()
            show(_strip(found, running=bool(watching.parts(site.settings)["running"])))
            if who.role == "admin":
                show(_forms(who))
            else:
                show(Markup('<p class="quiet">Feeds are added and paused by an admin.</p>'))
            if not found["feeds"]:
                empty_state(
                    "No feed is there yet.",
                    "Give the address of a site or feed above, or import the list of another reader (OPML).",
                )
                return
            show(_states(found["feeds"], only))
            rows = [row for row in found["feeds"] if only not in _STATES or row["state"] == only]
            show(
                Markup('<ul class="cards">{}</ul>').format(
                    Markup("").join(_feed(row, who) for row in rows[:_SHOWN_MOST])
                )
            )
            if len(rows) > _SHOWN_MOST:
                show(markup.note(f"These are {_SHOWN_MOST} of {len(rows):,}; `dealwire feeds list` has all."))
            show(_polls(found["polls"]))


def _strip(found: Row, *, running: bool) -> Markup:
    counts: dict[str, int] = {}
    for row in found["feeds"]:
        counts[row["state"]] = counts.get(row["state"], 0) + 1
    sick = sum(counts.get(state, 0) for state in ("failing", "gone", "silent", "odd"))
    lags = {row["stage"]: row for row in found["lags"]}
    waiting = found["waiting"]
    told = [
        ("Feeds", f"{len(found['feeds']):,}"),
        ("Need a look", f"{sick:,}"),
        ("Due now", f"{waiting.feeds_due:,}" if waiting else "0"),
        ("Articles to read", f"{waiting.to_read + waiting.to_extract:,}" if waiting else "0"),
        ("Polled by itself", "yes" if running else "no"),
    ]
    for stage, name in (("published to stored", "Published to stored"), ("stored to queryable", "Stored to queryable")):
        if stage in lags:
            told.append((name, wording.lasting(lags[stage]["p50"])))
    if running:
        return markup.strip(told)
    return markup.strip(told) + Markup(
        '<p class="note info">Nothing polls these feeds now: <code>dealwire up</code> does so by itself, '
        "<code>dealwire run</code> once.</p>"
    )


def _forms(who: Visitor) -> Markup:
    return Markup(
        '<div class="beside"><form class="card stacked" method="post" action="/change/feed/add">'
        '<input type="hidden" name="csrf" value="{csrf}"><label for="url">Address of a site or feed</label>'
        '<span class="together"><input id="url" name="url" required maxlength="2000" placeholder="news.example" '
        'autocomplete="off" spellcheck="false"><button class="button">Add</button></span>'
        '<p class="quiet small">It is fetched first; the feed of a site is looked for.</p></form>'
        '<form class="card stacked" method="post" action="/change/feed/import" enctype="multipart/form-data">'
        '<input type="hidden" name="csrf" value="{csrf}"><label for="file">OPML file, or a list of addresses</label>'
        '<span class="together"><input id="file" name="file" type="file" required accept=".opml,.xml,.txt,text/plain">'
        '<button class="button">Import</button></span>'
        '<p class="quiet small">They are added without being fetched. <a href="/feeds.opml">Export all as OPML</a></p>'
        "</form></div>"
    ).format(csrf=who.csrf)


def _states(rows: list[Row], only: str | None) -> Markup:
    counts = {state: sum(row["state"] == state for row in rows) for state in _STATES}
    links = [("", "all", len(rows))] + [(state, _STATES[state][0], count) for state, count in counts.items() if count]
    told = Markup("").join(
        Markup('<li><a class="button quiet-button" href="{}"{}>{} ({})</a></li>').format(
            markup.address("/feeds", {"state": state}),
            Markup(' aria-current="true"') if state == (only or "") else "",
            name,
            count,
        )
        for state, name, count in links
    )
    return Markup('<nav aria-label="Feeds by state"><ul class="choices">{}</ul></nav>').format(told)


def _feed(row: Row, who: Visitor) -> Markup:
    name, tone = _STATES[row["state"]]
    facts = (
        Markup("<span>last poll {}</span>").format(markup.ago(row["last_polled_at"])),
        Markup("<span>{}</span>").format(_next(row["next_due_at"])) if row["state"] not in ("paused", "gone") else "",
        Markup("<span>{}</span>").format(wording.count(row["entries"], "entry")),
        Markup("<span>last new {}</span>").format(markup.ago(row["last_new_at"])),
        Markup("<span>{}, {} failed</span>").format(wording.count(row["polls"], "poll"), f"{row['failed_polls']:,}"),
        Markup("<span>{:.1f} s a poll</span>").format(row["mean_seconds"]) if row["mean_seconds"] else "",
    )
    buttons = Markup("")
    if who.role == "admin":
        fields = {"feed": row["feed_id"]}
        turn = ("resume", "Resume") if row["state"] == "paused" else ("pause", "Pause")
        unseen = Markup('<span class="unseen"> {}</span>').format(row["title"] or row["url"])
        buttons = Markup('<div class="facts">{}{}</div>').format(
            markup.form_button(f"/change/feed/{turn[0]}", Markup("{}{}").format(turn[1], unseen), who.csrf, fields),
            markup.form_button(
                "/change/feed/remove",
                Markup("Remove{}").format(unseen),
                who.csrf,
                fields,
                ask="Poll this feed no more? Its articles stay.",
            ),
        )
    return Markup(
        '<li class="card feed"><h2>{} <span class="chip status-{}">{}</span></h2><p class="small">{}</p>{}'
        '<div class="facts">{}</div>{}</li>'
    ).format(
        row["title"] or row["url"],
        tone,
        name,
        markup.outside(row["url"], row["url"]),
        "" if row["health"] in ("healthy", name) else Markup("<p>{}</p>").format(row["health"]),
        Markup(" ").join(Markup("{}").format(fact) for fact in facts if fact),
        buttons,
    )


def _next(due: datetime | None) -> Markup:
    if due is None or due <= datetime.now(UTC):
        return Markup("due now")
    return Markup("next poll {}").format(markup.ago(due))


def _polls(rows: list[Row]) -> Markup:
    if not rows:
        return Markup("")
    table = markup.table(
        ("When", "Feed", "Result", "New", "Seconds", "What went wrong"),
        [
            (
                markup.ago(row["polled_at"]),
                row["title"] or row["url"],
                row["status"].replace("_", " "),
                row["new"],
                round(row["seconds"], 2) if row["seconds"] is not None else None,
                row["error"] or row["note"],
            )
            for row in rows
        ],
        caption="Last polls",
    )
    return Markup("<h2>Last polls</h2>{}").format(table)


def _found(con: duckdb.DuckDBPyConnection, settings: Settings) -> Row:
    now = datetime.now(UTC)
    return {
        "feeds": queries.feed_health(con),
        "polls": browse.polls(con),
        "lags": pending.lags(con, now=now),
        "waiting": pending.pending(con, now=now, attempts=settings.read_attempts, again_hours=settings.reread_hours),
    }
