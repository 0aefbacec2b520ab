"""How the measurements print."""

from collections.abc import Sequence


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which `share` (0–1) of the values lie; nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def show(title: str, rows: Sequence[tuple[str, str, str]]) -> None:
    """Print a Markdown table of measurement, value and bar."""
    print(f"\n{title}\n\n| measured | value | bar |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")
