"""The pages, one module a page or a few that belong together; each has `pages(site)`, which registers them."""

from dealwire.web.pages import alliances, articles, companies, deals, feeds, hardware, map, sql
from dealwire.web.site import Site

_MODULES = (alliances, deals, articles, feeds, map, companies, hardware, sql)


def register(site: Site) -> None:
    """Register all pages."""
    for module in _MODULES:
        module.pages(site)
