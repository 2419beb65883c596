"""Feeds to be added, as users give them: an address, a site, an OPML file, a list of addresses."""

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from schemas import Feed
from schemas.errors import InvalidInput

if TYPE_CHECKING:
    from dealwire.feeds.client import Client
    from dealwire.feeds.parse import Parse

# A site's address as people write it, without https://
_BARE = re.compile(r"(?:[\w-]+\.)+(?:[a-zA-Z][\w-]+|\d{1,3})(?::\d+)?(?:/\S*)?|localhost(?::\d+)?(?:/\S*)?")


def feed(url: str, title: str | None = None, site_url: str | None = None, folder: str | None = None) -> Feed:
    """A feed at this address. Raises `InvalidInput` if it is none, or holds a login."""
    from dealwire.feeds import identity

    if not url.lower().startswith(("http://", "https://")) or len(url.split("//", 1)[1]) < 3 or " " in url:
        raise InvalidInput(f"{url!r} is no web address; it should begin with https://")
    if "@" in url.split("//", 1)[1].split("/", 1)[0]:
        raise InvalidInput(
            "a login does not belong into an address, which is stored: put name:password into an environment variable "
            "and add --header 'Authorization: Basic ${NAME_OF_THE_VARIABLE}'"
        )
    told = {"title": title, "site_url": site_url, "folder": folder}
    return Feed(feed_id=identity.feed_id(url), url=url, added_at=datetime.now(UTC), **told)


def find(url: str, *, client: "Client", parser: "Parse") -> tuple[Feed, tuple[str, ...]]:
    """The feed at an address, or of the site there, fetched and read; and the addresses of others that it names.

    Raises `InvalidInput` and what fetching and reading raise.
    """
    from dealwire.feeds import discover

    if not _BARE.fullmatch(url):
        feed(url)
    one = discover.find(url, client=client, parser=parser)
    return feed(one.url, one.feed.title, one.feed.site_url), tuple(one.others)


def listed(data: bytes) -> tuple[list[Feed], list[str]]:
    """The feeds of an OPML file or of a list with one address a line, and what could not be used of it."""
    from dealwire.feeds import opml

    # OPML tells its own encoding; a plain list is UTF-8.
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        outlines, complaints = opml.read(data)
        found = (feed(one.url, one.title, one.site_url, one.folder) for one in outlines)
        return list({one.feed_id: one for one in found}.values()), complaints
    feeds: dict[str, Feed] = {}
    complaints = []
    for number, line in enumerate(data.decode("utf-8-sig", "replace").splitlines(), 1):
        if not (address := line.strip()) or address.startswith("#"):
            continue
        try:
            one = feed(address)
        except InvalidInput as error:
            complaints.append(f"line {number}: {error}")
        else:
            feeds[one.feed_id] = one
    return list(feeds.values()), complaints
