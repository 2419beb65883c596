"""What a process was reading when it ended is known to the next one, until one has gone through."""

import shutil
from pathlib import Path

from dealwire import at_work
from dealwire.at_work import Left


def test_what_a_process_left_is_known_until_a_pass_has_gone_through(tmp_path: Path) -> None:
    database = tmp_path / "news.duckdb"
    with at_work.marked(database) as mark:
        mark.begin("early")
        mark.end()
        mark.article_id = "a7"
        mark.begin("chiefs")
        (own,) = tmp_path.iterdir()
        shutil.copy(own, tmp_path / f"{own.name}left")
        mark.end()
        shutil.copy(own, tmp_path / f"{own.name}idle")
        assert mark.left == ()
    for stopped in (True, False):
        try:
            with at_work.marked(database) as mark, at_work.marked(database) as other:
                # Those that live, and hold their files, have left nothing.
                assert (mark.left, other.left) == ((Left("a7", "chiefs"),), ())
                if stopped:
                    raise KeyboardInterrupt
        except KeyboardInterrupt:
            assert len(list(tmp_path.iterdir())) == 2
    assert list(tmp_path.iterdir()) == []


def test_where_no_file_can_be_written_nothing_is_known(tmp_path: Path) -> None:
    with at_work.marked(tmp_path / "nowhere" / "news.duckdb") as mark:
        mark.begin("chiefs")
        mark.end()
        assert mark.left == ()
