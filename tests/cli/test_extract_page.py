"""`dealwire extract --html`: a page of one file, whatever the text holds."""

import json
import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.cli.conftest import Cli

TEXT = (
    "Nvidia <script>alert('1')</script> & \"co\"\n\n"
    "Nvidia will invest up to $10 billion in Anthropic. The H100 <b onclick=x>ships</b> 🤝 {0} \ud800 later."
)
_MARK = re.compile(r'<mark style="[^"]*" title="([A-Z]+)">([^<]*)</mark>')


class Tags(HTMLParser):
    """The names of all elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}


@pytest.fixture
def page(cli: Cli, tmp_path: Path) -> str:
    lines = [{"id": "<i>a</i>", "text": TEXT}, {"id": "b", "text": "Nothing to see."}]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(one) + "\n" for one in lines))
    ran = cli("extract", "a.jsonl", "--html", "out.html")
    assert ran.code == 0, ran.err
    assert ran.out == ""
    assert "wrote out.html: 2 texts" in ran.err
    return (tmp_path / "out.html").read_text("utf-8")


def test_mentions_and_deals_are_shown(page: str) -> None:
    article = page[page.index("<h1>") :]
    assert _MARK.findall(article)[:3] == [("COMPANY", "Nvidia"), ("COMPANY", "Nvidia"), ("MONEY", "$10 billion")]
    assert ("CHIP", "H100") in _MARK.findall(article)
    assert "<strong>NVIDIA → Anthropic</strong>: investment up to $10B, announced" in page
    quoted = re.findall(r"<blockquote>(.*?)</blockquote>", page, re.DOTALL)
    assert unescape(re.sub(r"<[^>]+>", "", quoted[0])) == "Nvidia will invest up to $10 billion in Anthropic."
    assert _MARK.findall(quoted[0]) == [("COMPANY", "Nvidia"), ("MONEY", "$10 billion"), ("COMPANY", "Anthropic")]
    assert "No deal." in page


def test_the_page_needs_nothing_else_and_runs_nothing(page: str) -> None:
    tags = Tags(page)
    assert not tags.elements & {"script", "link", "img", "iframe", "i", "b"}
    assert not tags.attributes & {"src", "href", "onclick"}
    assert "http://" not in page
    assert "https://" not in page
    assert "&lt;script&gt;alert" in page


def test_a_page_that_cannot_be_finished_leaves_the_old_one(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "out.html").write_text("before")
    (tmp_path / "a.jsonl").write_text('{"id": 1, "text": "Nothing."}\nbroken\n')
    ran = cli("extract", "a.jsonl", "--html", "out.html")
    assert ran.code == 1
    assert "a.jsonl line 2" in ran.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jsonl", "out.html"]
    assert (tmp_path / "out.html").read_text() == "before"


def test_a_folder_that_is_not_there_is_told(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Nothing.")
    ran = cli("extract", "a.txt", "--html", "nowhere/out.html")
    assert ran.code == 1
    assert "nowhere/out.html cannot be written (No such file or directory)" in ran.err
