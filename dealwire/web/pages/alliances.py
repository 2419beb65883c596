"""The start page: alliances, newest first."""

from dealwire.warehouse import queries
from dealwire.web import markup
from dealwire.web.frame import empty_state, frame, page, show
from dealwire.web.site import Site


def pages(site: Site) -> None:
    """Register `/`."""

    @page("/", active="/")
    async def alliances() -> None:
        rows = await site.read(queries.alliances, limit=30)
        with frame("Alliances", active="/"):
            if not rows:
                empty_state("No alliance was found yet.", "Add feeds on the page Feeds, and start `dealwire up`.")
                return
            show(
                markup.table(
                    ("date", "alliance", "sources"),
                    [(markup.day(row["announced_on"]), ", ".join(row["legs"]), row["sources"]) for row in rows],
                    caption="Alliances",
                )
            )
