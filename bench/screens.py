"""How long a scan takes to its verdict on the terminal, and a start to its first paint; not measured yet."""

from bench.report import Report


def measure(report: Report) -> None:
    """Say that there are no figures of the screens."""
    report.heading("Screens")
    report.note("not measured yet")
