"""Plots of speed and of errors: PNG or SVG, by the file's name."""

import itertools
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tfcustomact._commands import errors
from tfcustomact._commands.errors import ALL_LOST, Errors
from tfcustomact._commands.timing.comparison import RELU, Comparison

_PASSES = {"forward": "forward", "both": "forward + backward"}
_OUTPUTS = {"value": "values", "gradient": "gradients"}

# One for each activation; theirs has a lighter line of the same colour.
_COLOURS = ("tab:blue", "tab:orange")
_OURS, _THEIRS, _GREY = "tab:blue", "tab:red", "0.4"

_SHARES = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)
_SMALLEST_ULP = 0.1
_ULPS = (_SMALLEST_ULP, 1, 10, 100, 1e3, 1e4, 1e5, 1e6, ALL_LOST)
_X = (-100, -1, -1e-2, -1e-6, 1e-6, 1e-2, 1, 100)


class Line(NamedTuple):
    """A line, whose name stands at its right end."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    colour: str
    ours: bool = False


def speed(comparisons: Iterable[Comparison], device: str, caption: str, path: Path) -> list[Line]:
    """Draws the times in eager mode, as shares of ReLU's, over the size; a panel for each pass.

    Returns:
        The lines drawn. Where there are none, no file is written.
    """
    eager = [each for each in comparisons if (each.device, each.mode) == (device, "eager")]
    panels = {title: _shares([each for each in eager if each.direction == way]) for way, title in _PASSES.items()}
    panels = {title: lines for title, lines in panels.items() if lines}
    if not panels:
        return []
    figure = _figure(1, len(panels), caption)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    every = [line for lines in panels.values() for line in lines]
    lowest, highest = (limit(share for line in every for share in line.y) for limit in (min, max))
    for panel, (title, lines) in zip(axes, panels.items(), strict=True):
        sizes = sorted({size for line in lines for size in line.x})
        panel.set_xscale("log", base=2)
        panel.set_yscale("log")
        panel.set_xticks(sizes)
        panel.set_yticks(_SHARES, map("{:g}".format, _SHARES))
        panel.set_xlim(sizes[0], sizes[-1])
        panel.set_ylim(min(lowest, 1) / 1.25, max(highest, 1) * 1.25)
        _draw(panel, f"{title}, eager", [*lines, Line(RELU, sizes, [1.0] * len(sizes), _GREY)], marker=".")
        panel.set_xlabel("numbers in the tensor")
    axes[0].set_ylabel(f"time, in that of {RELU}")
    _save(figure, caption, path)
    return every


def accuracy(found: Sequence[Errors], caption: str, path: Path) -> list[Line]:
    """Draws the errors over x; a row of panels for values and one for gradients, a column for each activation.

    Returns:
        The lines drawn. Where there are none, no file is written.
    """
    ops = list(dict.fromkeys(each.op for each in found))
    outputs = [output for output in _OUTPUTS if any(each.output == output for each in found)]
    if not ops:
        return []
    figure = _figure(len(outputs), len(ops), caption)
    axes = figure.subplots(len(outputs), len(ops), sharex=True, sharey=True, squeeze=False)
    every = []
    for row, output in zip(axes, outputs, strict=True):
        for panel, op in zip(row, ops, strict=True):
            lines = [
                Line(_name(each.op, each.ours, each.who), errors.middles().tolist(), _drawn(each.by_x), *style)
                for each in found
                for style in [(_OURS, True) if each.ours else (_THEIRS, False)]
                if (each.op, each.output) == (op, output)
            ]
            panel.set_xscale("symlog", linthresh=float(errors.SIZES[0]), linscale=0.2)
            panel.set_yscale("log")
            panel.set_xticks(_X, [_power_of_ten(x) for x in _X])
            panel.set_yticks(_ULPS, ["none", *map(_power_of_ten, _ULPS[1:-1]), "all lost"])
            panel.set_xlim(-errors.SIZES[-1], errors.SIZES[-1])
            panel.set_ylim(_SMALLEST_ULP / 1.5, 3 * ALL_LOST)
            _draw(panel, f"{op}, {_OUTPUTS[output]}", lines)
            every += lines
        row[0].set_ylabel("largest error, ULP")
    for panel in axes[-1]:
        panel.set_xlabel("x")
    _save(figure, caption, path)
    return every


def _shares(comparisons: Iterable[Comparison]) -> list[Line]:
    """The lines of the activations that were timed at several sizes."""
    curves = [each for each in comparisons if len(each.ratios) > 1 and each.dtype == "float32"]
    lines = []
    for each, colour in zip(curves, _COLOURS, strict=False):
        sizes = [2.0**power for power in sorted(each.ratios)]
        ratios = [each.ratios[power] for power in sorted(each.ratios)]
        if all(ratio.of_relu and ratio.theirs_of_relu for ratio in ratios):
            lines.append(Line(_name(each.op, True, ""), sizes, [r.of_relu or 0 for r in ratios], colour, True))
            lines.append(Line(each.theirs, sizes, [r.theirs_of_relu or 0 for r in ratios], colour))
    return lines


def _name(op: str, ours: bool, theirs: str) -> str:
    return f"tca.{op}" if ours else theirs


def _power_of_ten(number: float) -> str:
    if 1e-2 <= abs(number) <= 1e3:
        return f"{number:g}"
    return f"${'-' if number < 0 else ''}10^{{{round(np.log10(abs(number)))}}}$"


def _drawn(by_x: Sequence[float]) -> list[float]:
    return np.clip(by_x, _SMALLEST_ULP, ALL_LOST).tolist()


def _draw(panel: Any, title: str, lines: Sequence[Line], marker: str = "") -> None:
    for line in sorted(lines, key=lambda line: line.ours):
        width, style = (2.5, "-") if line.ours else (1.2, "-" if line.colour in (_GREY, _THEIRS) else "--")
        panel.plot(line.x, line.y, style, color=line.colour, linewidth=width, marker=marker, clip_on=False)
    panel.set_title(title, fontsize=11)
    panel.minorticks_off()
    panel.grid(alpha=0.25)
    panel.spines[["top", "right"]].set_visible(False)
    low, high = np.log(panel.get_ylim())
    ends = [(np.log(line.y[-1]) - low) / (high - low) for line in lines]
    for line, height in zip(lines, _apart(ends), strict=True):
        weight = "bold" if line.ours else "normal"
        place = {"xy": (1.02, height), "xycoords": "axes fraction", "va": "center"}
        panel.annotate(line.name, **place, color=line.colour, fontweight=weight, fontsize=9, annotation_clip=False)


def _apart(heights: Sequence[float], distance: float = 0.07) -> list[float]:
    """Moves names, by their heights as shares of the panel's, so far apart that they can be read."""
    order = sorted(range(len(heights)), key=lambda index: heights[index])
    moved = list(heights)
    for below, above in itertools.pairwise(order):
        moved[above] = max(moved[above], moved[below] + distance)
    return moved


def _figure(rows: int, columns: int, caption: str) -> Any:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(5 * columns, 2.6 * rows + 1.2), layout="constrained")
    FigureCanvasAgg(figure)
    figure.supxlabel(caption, fontsize=8, color=_GREY)
    return figure


def _save(figure: Any, caption: str, path: Path) -> None:
    import matplotlib

    path.parent.mkdir(parents=True, exist_ok=True)
    # The same picture is the same file, without names and dates of its own. Letters stay letters: the file is small.
    with matplotlib.rc_context({"svg.hashsalt": "tfcustomact", "svg.fonttype": "none"}):
        metadata = {"Date": None, "Description": caption} if path.suffix == ".svg" else None
        figure.savefig(path, dpi=110, metadata=metadata)
