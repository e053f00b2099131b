"""A line plot as SVG: how many times longer than at the smallest size, both axes logarithmic. The same numbers give the same bytes."""

from collections.abc import Mapping, Sequence
from math import log10
from pathlib import Path

WIDTH, HEIGHT = 860, 430
LEFT, TOP, RIGHT, BOTTOM = 60, 30, 560, 370
COLOURS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df", "#57606a")
DASHES = ("", "6 3", "2 3")


def write_plot(path: Path, lines: Mapping[str, Sequence[float]], sizes: Sequence[int]) -> None:
    """Write `lines` (name → one value a size) as ratios to their first value."""
    ratios = {name: [value / values[0] for value in values] for name, values in lines.items() if values[0]}
    top = max((value for values in ratios.values() for value in values), default=10.0)
    path.write_text(_svg(ratios, sizes, max(10.0, top)), "utf-8")


def _svg(ratios: Mapping[str, Sequence[float]], sizes: Sequence[int], top: float) -> str:
    span = log10(sizes[-1] / sizes[0]) or 1

    def place(size: int, ratio: float) -> str:
        x = LEFT + (RIGHT - LEFT) * log10(size / sizes[0]) / span
        y = BOTTOM - (BOTTOM - TOP) * (log10(max(ratio, 0.5)) - log10(0.5)) / (log10(top) - log10(0.5))
        return f"{x:.1f},{y:.1f}"

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="12">',
        "<title>Time as a multiple of the time at the smallest catalog</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    for ratio in (1, 3, 10, 30, 100):
        if ratio <= top:
            y = place(sizes[0], ratio).split(",")[1]
            parts.append(f'<line x1="{LEFT}" y1="{y}" x2="{RIGHT}" y2="{y}" stroke="#d0d7de"/>')
            parts.append(f'<text x="{LEFT - 8}" y="{y}" dy="4" text-anchor="end">{ratio} ×</text>')
    for size in sizes:
        x = place(size, 1).split(",")[0]
        parts.append(f'<text x="{x}" y="{BOTTOM + 20}" text-anchor="middle">{size:,}</text>')
    parts.append(f'<text x="{(LEFT + RIGHT) // 2}" y="{BOTTOM + 42}" text-anchor="middle">models in the catalog</text>')
    for at, (name, values) in enumerate(sorted(ratios.items(), key=lambda one: -one[1][-1])):
        style = (
            f'stroke="{COLOURS[at % len(COLOURS)]}" stroke-width="2" stroke-dasharray="{DASHES[at // len(COLOURS)]}"'
        )
        points = " ".join(map(place, sizes, values))
        line = TOP + 8 + at * 22
        parts.append(f'<polyline points="{points}" fill="none" {style}/>')
        parts.append(f'<line x1="{RIGHT + 20}" y1="{line}" x2="{RIGHT + 50}" y2="{line}" {style}/>')
        parts.append(f'<text x="{RIGHT + 58}" y="{line}" dy="4">{name} ({values[-1]:.1f} ×)</text>')
    return "\n".join([*parts, "</svg>", ""])
