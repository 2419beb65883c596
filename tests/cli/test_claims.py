"""`dealwire claims`: what is reported as wrong makes no deal, until it is restored."""

import json
from pathlib import Path

from dealwire import relink
from dealwire.warehouse.connect import Warehouse
from tests.cli.conftest import Cli
from tests.test_relink import _deal, _tell


def deals(cli: Cli) -> list[dict[str, object]]:
    return json.loads(cli("deals", "--json").out)


def test_a_claim_is_rejected_listed_and_restored(cli: Cli, tmp_path: Path) -> None:
    store = Warehouse(tmp_path / "dealwire.duckdb")
    with store.write() as con:
        _tell(con, 0, 0, [_deal("Nvidia", "Anthropic")])
    relink.relink(store)
    (deal,) = deals(cli)
    shown = cli("why", str(deal["deal_id"]))
    claim = json.loads(cli("why", str(deal["deal_id"]), "--json").out)["claims"][0]["claim_id"]
    assert f"claim {claim[:10]}" in shown.out
    assert cli("claims", "reject", claim[:10], "--reason", "it is a rumour").code == 0
    assert deals(cli) == []
    (listed,) = json.loads(cli("claims", "rejected", "--json").out)
    assert (listed["claim_id"], listed["reason"]) == (claim, "it is a rumour")
    assert "it is a rumour" in cli("claims", "rejected").out
    assert cli("claims", "reject", claim).code == 1
    assert cli("claims", "restore", claim).code == 0
    assert [row["deal_id"] for row in deals(cli)] == [deal["deal_id"]]
    assert "no claim" in cli("claims", "rejected").err
    assert cli("claims", "restore", claim).code == 1
