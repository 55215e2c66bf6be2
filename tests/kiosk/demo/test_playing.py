"""The demo's own doings around the app that is played."""

from pathlib import Path

from kiosk.demo import playing


def test_a_fresh_demo_begins_without_what_the_last_one_kept(tmp_path: Path) -> None:
    """Scans that wait on the disk are of the shop that ends, and no other."""
    place = tmp_path / "demo"
    kept = playing._spools(place) / "ASSY-1.db"
    kept.parent.mkdir()
    kept.write_bytes(b"kept")
    other = tmp_path / "other"
    other.mkdir()
    playing._begin_anew(place)
    assert not kept.exists()
    assert other.exists()
