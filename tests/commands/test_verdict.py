"""What the main job says and draws of given results."""

import re
from pathlib import Path

import pytest
from rich.console import Console

from tfcustomact._commands.cases import Case
from tfcustomact._commands.errors import ALL_LOST, Errors, middles
from tfcustomact._commands.results import plots, report, verdict
from tfcustomact._commands.timing.comparison import RELU, Comparison, Ratios, comparisons, from_json, sides
from tfcustomact._commands.timing.measurement import Measurement
from tfcustomact._commands.timing.models import Timed
from tfcustomact.activations import ACTIVATIONS

OPS = tuple(ACTIVATIONS)[:2]
RATIOS = Ratios(5.914, 0.9342, 5.523, 1.234e-3)


def compared(op: str, mode: str, direction: str, *powers: int) -> Comparison:
    ratios = {power: RATIOS._replace(faster=RATIOS.faster * power / 22) for power in powers}
    return Comparison("CPU:0", op, mode, direction, "float32", f"tf.nn.{op}", ratios)


COMPARED = [
    compared(op, mode, direction, *((10, 14, 18, 20, 22, 24) if mode == "eager" else (20, 22)))
    for op in ACTIVATIONS
    for mode in ("eager", "graph", "jit")
    for direction in ("forward", "both")
]
BY_X = tuple(0.5 for _ in middles())
ERRORS = [
    Errors(op, output, who, who == "ours", largest, -88.3, (largest, *BY_X[1:]))
    for op in OPS
    for output in ("value", "gradient")
    for who, largest in (("ours", 1.52), ("theirs", ALL_LOST if output == "gradient" else 8.2))
]


def test_the_verdict_says_how_many_times_as_fast_what_share_of_relu_and_the_errors():
    op = OPS[0]
    of_op = [each for each in COMPARED if each.op == op and each.mode != "graph"]
    assert verdict.of_activations(of_op, ERRORS, 22) == [
        f"{op}, eager: forward 5.9 times as fast as tf.nn.{op}, 0.93 of ReLU's time; "
        "training pass 5.9 times, 0.93 of ReLU's time",
        f"{op}, in jit_compile=True: forward 5.9 times as fast as tf.nn.{op}, 0.93 of ReLU's time; "
        "training pass 5.9 times, 0.93 of ReLU's time",
        f"{op}, 2^10 to 2^24, eager forward: 2.7 to 6.5 times as fast, 0.93 to 0.93 of ReLU's time",
        f"{op}, errors: value 1.5 ULP at most (theirs: 8.2 ULP at most); "
        "gradient 1.5 ULP at most (theirs: all digits lost at x = -88.3, elsewhere 0.5 ULP at most)",
    ]


def test_the_verdict_on_another_size_and_on_arrays_without_relu_says_so():
    arrays = Comparison("CPU:0", OPS[0], "array", "forward", "float64", "PyTorch", {20: Ratios(0.5, None, None, None)})
    assert verdict.of_activations([arrays], [], 22) == [
        f"{OPS[0]}, arrays, float64, 2^20: forward 0.5 times as fast as PyTorch"
    ]


def test_the_verdict_on_a_model_says_how_many_times_as_fast_it_became():
    steps = [Timed("A model", "graph", step, 2.0, 1.0, 0.5) for step in ("training step", "prediction")]
    assert verdict.of_models(steps) == [
        "A model, in a tf.function: training step 2.0 times, prediction 2.0 times as fast after tca.accelerate"
    ]


@pytest.mark.parametrize(("width", "tables"), [(160, 1), (80, 2), (45, 6)])
def test_tables_and_sentences_fit_100_columns_or_fewer(width, tables, capsys):
    out = Console(width=width)
    report.print_comparisons(out, COMPARED)
    report.print_sentences(out, verdict.of_activations(COMPARED, ERRORS, 22))
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 6 * len(ACTIVATIONS)
    # A terminal wraps the titles.
    titles = [line for line in lines if line.startswith("float32 on CPU:0")]
    assert len(titles) == tables
    assert max(len(line) for line in lines if line not in titles) <= min(width, 100)
    assert any("1.23 ms" in line for line in lines)
    assert any(re.search(r"5\.9 0\.93", line) for line in lines)


def test_comparisons_are_made_of_what_was_measured_together_and_survive_json():
    pytest.importorskip("tensorflow", reason="TensorFlow is not installed")
    case = Case("CPU:0", OPS[0], "eager", "forward", "float32", 2**20)
    ours, theirs, relu = sides(case)
    assert relu == (RELU, case)
    seconds = {ours: (1.0, 2.0, 3.0), theirs: (4.0, 8.0, 12.0), relu: (2.0, 4.0, 6.0)}
    group = {entry: Measurement(each, 1) for entry, each in seconds.items()}
    (found,) = comparisons([group, {ours: group[ours], relu: group[relu]}])
    assert found.ratios == {20: Ratios(4.0, 0.5, 2.0, 4.0)}
    assert from_json(found.as_json()) == found


@pytest.mark.parametrize("suffix", ["png", "svg"])
def test_plots_have_a_line_for_each_name(tmp_path: Path, suffix: str):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install tfcustomact[bench]")
    two = [each for each in COMPARED if each.op in OPS]
    speed, errors = tmp_path / f"speed.{suffix}", tmp_path / f"errors.{suffix}"
    names = [name for op in OPS for name in (f"tca.{op}", f"tf.nn.{op}")]
    assert [line.name for line in plots.speed(two, "CPU:0", "a caption", speed)] == 2 * names
    assert [line.name for line in plots.accuracy(ERRORS, "a caption", errors)] == [
        name for _ in ("value", "gradient") for op in OPS for name in (f"tca.{op}", "theirs")
    ]
    for path in (speed, errors):
        assert path.stat().st_size < 100_000
        if suffix == "svg":
            assert all(f">{name}</text>" in path.read_text() for name in (*(f"tca.{op}" for op in OPS), "a caption"))


def test_nothing_is_drawn_of_one_size_or_of_another_device(tmp_path):
    pytest.importorskip("matplotlib", reason="matplotlib is not installed: pip install tfcustomact[bench]")
    path = tmp_path / "speed.png"
    assert plots.speed([compared(OPS[0], "eager", "forward", 20)], "CPU:0", "", path) == []
    assert plots.speed(COMPARED, "GPU:0", "", path) == []
    assert plots.accuracy([], "", path) == []
    assert not path.exists()
