"""The shipped catalogue is whole, and `init` adds it."""

import json
from urllib.parse import urlsplit

import pytest

from dealwire.feeds import catalogue, identity
from schemas.errors import InvalidInput
from tests.cli.conftest import Cli, cli  # noqa: F401

GROUPS = ["chips", "cloud", "ai-labs", "funding", "general"]


def test_at_least_eighty_feeds_in_five_groups_none_twice() -> None:
    assert list(catalogue.groups()) == GROUPS
    assert all(catalogue.groups().values())
    listed = catalogue.feeds(["all"])
    assert len(listed) >= 80
    assert len({identity.canonical_url(one.url) for one in listed}) == len(listed)
    assert len({one.title for one in listed}) == len(listed)
    for one in listed:
        parts = urlsplit(one.url)
        assert parts.scheme == "https"
        assert "." in (parts.hostname or "")
        assert one.url == one.url.strip()


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_has_a_good_dozen(group: str) -> None:
    assert len(catalogue.feeds([group])) >= 12


def test_a_group_that_is_not_there_is_told() -> None:
    with pytest.raises(InvalidInput, match="chips, cloud"):
        catalogue.feeds(["chip"])


def test_init_adds_the_groups_asked_for(cli: Cli) -> None:  # noqa: F811
    ran = cli("init", "--feeds", "chips", "--feeds", "funding,cloud")
    assert ran.code == 0, ran.err
    feeds = json.loads(cli("feeds", "list", "--json").out)
    assert len(feeds) == sum(len(catalogue.feeds([name])) for name in ("chips", "cloud", "funding"))
    assert {feed["folder"] for feed in feeds} == {"chips", "cloud", "funding"}
    again = cli("init", "--feeds", "chips")
    assert again.code == 0
    assert "0 feeds added" in again.err
    assert cli("init").code == 1
    assert cli("init", "--feeds", "nothing").code == 1
    exported = cli("feeds", "export").out
    assert exported.count("xmlUrl") == len(feeds)
