"""The plot of a record: nanoseconds per element over size."""

from pathlib import Path
from typing import Any

_MODES = ("eager", "graph", "jit", "array")
_DIRECTIONS = ("forward", "both")


def draw(content: dict[str, Any], device: str, path: Path) -> bool:
    """Write a PNG of the float32 results on a device: a row per op and direction, a column per mode, a line per
    contestant with its 20th to 80th percentiles shaded. False if there is nothing to draw."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    results = [r for r in content["results"] if (r["dtype"], r["device"]) == ("float32", device)]
    rows = [(op, way) for op in dict.fromkeys(r["op"] for r in results) for way in _DIRECTIONS]
    rows = [row for row in rows if any((r["op"], r["direction"]) == row for r in results)]
    columns = [mode for mode in _MODES if any(r["mode"] == mode for r in results)]
    if not rows or not columns:
        return False
    colours = {name: f"C{index}" for index, name in enumerate(dict.fromkeys(r["contestant"] for r in results))}
    figure = Figure(figsize=(4.5 * len(columns), 3.2 * len(rows)), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(len(rows), len(columns), squeeze=False, sharex=True)
    for (op, direction), line in zip(rows, axes, strict=True):
        for mode, panel in zip(columns, line, strict=True):
            chosen = [r for r in results if (r["op"], r["direction"], r["mode"]) == (op, direction, mode)]
            _panel(panel, chosen, colours)
            panel.set_title(f"{op}, {'forward + backward' if direction == 'both' else direction}, {mode}", fontsize=10)
    for panel in axes[-1]:
        panel.set_xlabel("elements")
    for panel in axes[:, 0]:
        panel.set_ylabel("ns per element")
    figure.suptitle(f"{_where(content['machine'], device)}, float32, {content['date']}")
    figure.savefig(path, dpi=110)
    return True


def _where(machine: dict[str, Any], device: str) -> str:
    if device.startswith("CPU"):
        return f"{machine['cpu']}, {machine['threads']} threads"
    return ", ".join(name for name in machine["devices"] if name.startswith(device.partition(":")[0]))


def _panel(panel: Any, results: list[dict[str, Any]], colours: dict[str, str]) -> None:
    for name in dict.fromkeys(result["contestant"] for result in results):
        own = sorted((r for r in results if r["contestant"] == name), key=lambda r: r["size"])
        sizes = [r["size"] for r in own]
        low, middle, high = ([r["seconds"][key] * 1e9 / r["size"] for r in own] for key in ("p20", "median", "p80"))
        panel.plot(sizes, middle, color=colours[name], marker=".", linewidth=2 if own[0]["ours"] else 1, label=name)
        panel.fill_between(sizes, low, high, color=colours[name], alpha=0.2, linewidth=0)
    panel.set_xscale("log", base=2)
    panel.set_yscale("log")
    panel.minorticks_off()
    panel.grid(alpha=0.3)
    if results:
        panel.legend(fontsize=7)
