"""Feeds that the cases are made of, written by us."""

import html
import json


def rss(count: int = 3, *, name: str = "wire", items: str = "", head: str = "", declaration: str = "") -> str:
    """RSS 2.0 with so many plain stories, and `items` after them."""
    stories = "".join(item(f"Story {number}", f"https://news.example/{name}/{number}") for number in range(count))
    first = declaration or '<?xml version="1.0" encoding="utf-8"?>'
    return (
        f'{first}<rss version="2.0"><channel><title>{name}</title><link>https://news.example/</link>{head}'
        f"{stories}{items}</channel></rss>"
    )


def item(title: str, link: str | None, *, guid: str | None = None, text: str = "Some words.", date: str = "") -> str:
    """One item; texts are escaped."""
    return (
        f"<item><title>{html.escape(title)}</title>"
        + (f"<link>{html.escape(link)}</link>" if link is not None else "")
        + (f'<guid isPermaLink="false">{html.escape(guid)}</guid>' if guid else "")
        + (f"<pubDate>{date}</pubDate>" if date else "")
        + f"<description>{html.escape(text)}</description></item>"
    )


def json_feed(items: list[object]) -> str:
    """A JSON Feed."""
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "wire", "items": items})
