"""``check`` names every output that is wrong, whatever is broken in the kernels.

There is one build of the kernels in which one thing at a time can be broken: an operation of a loop of one activation,
pass, dtype and instruction set, or a piece of the source of the loops and of what is around them. Whether an output is
wrong is decided by more inputs and parameters than ``check`` has.
"""

import functools
import itertools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import texts
from broken import DTYPES, Kernels

from tfcustomact import testing
from tfcustomact._commands import check, machine
from tfcustomact._commands.check import NUMPY, OUTPUTS, Trial
from tfcustomact.activations import ACTIVATIONS

pytestmark = pytest.mark.breaks

PARAMETERS = (1.0, 1.7, -0.3, 1e-3, 300.0, 0.0, 1e-35, -1e35)

# How many of the places where a break changes something are looked at before all inputs are.
FEW = 4096

# So few wrong results among some hundred thousand are reported, but do not fail the test: `check`, which has to be
# quick, has fewer inputs than would show, for example, a correction of a rounding error that is left out.
RARE = 4


class Output(NamedTuple):
    op: str
    derivative: int
    dtype: str

    def __str__(self) -> str:
        return f"{self.op} {OUTPUTS[self.derivative]} {self.dtype}"


EVERY_OUTPUT = [Output(*output) for output in itertools.product(ACTIVATIONS, range(3), DTYPES)]


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Kernels:
    from kernels.test_kernels import build

    headers = tmp_path_factory.mktemp("headers")
    texts.write_broken_headers(headers)
    flags = f"-O1 -iquote {Path(__file__).parent / 'headers'} -iquote {headers}"
    options = ("-DCMAKE_BUILD_TYPE=None", f"-DCMAKE_CXX_FLAGS={flags}")
    folder = build(tmp_path_factory.mktemp("broken"), *options, programs=["broken_kernels"])
    return Kernels(folder.parent / "breaks" / "libbroken_kernels.so")


class Judges:
    """``check``'s trials of the kernels, and a judgement of more."""

    def __init__(self, kernels: Kernels) -> None:
        self.kernels = kernels
        self._sound = functools.cache(self._sound_now)

    def trials(self, output: Output) -> list[Trial]:
        """The trials in which ``check`` judges this output of the kernels."""
        return [trial for trial in _trials() if Output(trial.op, OUTPUTS.index(trial.output), trial.dtype) == output]

    def call(self, trial: Trial):
        derivative = OUTPUTS.index(trial.output)
        return lambda x, out=None: self.kernels(trial.op, derivative, x, trial.parameter, out)

    def is_named(self, output: Output, *, in_every_layout: bool) -> bool:
        for trial in self.trials(output):
            inputs = check._inputs_and_expected(output.op, output.dtype, trial.parameter, output.derivative)[0]
            # The largest error that check finds is no smaller.
            if self._error_of_changed(output, trial.parameter, inputs) > check._limit(trial):
                return True
            if in_every_layout and not check.judge(trial).holds:
                return True
        return False

    def most_wrong(self, output: Output) -> int:
        """How many results of `_more_inputs` are wrong, with the parameter for which most are."""
        trials = self.trials(output)
        # Of second derivatives, less is promised for other parameters.
        parameters = [trial.parameter for trial in trials]
        if output.derivative < 2 and None not in parameters:
            parameters += PARAMETERS
        limit, most = check._limit(trials[0]), 0
        for parameter in parameters:
            x = _more_inputs(output, parameter)
            got = self.kernels(output.op, output.derivative, x, parameter)
            sound = self._sound(self.kernels.instruction_set, output, parameter, x.size)
            places = np.flatnonzero(check._bits(got) != sound)
            errors = testing.activation_error(
                output.op, x[places], got[places], parameter, derivative=output.derivative
            )
            most = max(most, np.count_nonzero(~(errors <= limit)))
        return most

    def _error_of_changed(self, output: Output, parameter: float | None, x: np.ndarray) -> float:
        """The largest error where there is another result than of sound kernels."""
        got = self.kernels(output.op, output.derivative, x, parameter)
        places = np.flatnonzero(
            check._bits(got) != self._sound(self.kernels.instruction_set, output, parameter, x.size)
        )
        largest = 0.0
        # Most often a few of them show it.
        for some in (places[:: 1 + places.size // FEW], places if places.size > FEW else places[:0]):
            errors = testing.activation_error(output.op, x[some], got[some], parameter, derivative=output.derivative)
            largest = max(largest, float(np.where(np.isnan(errors), np.inf, errors).max(initial=0)))
            if largest > check._limit(self.trials(output)[0]):
                break
        return largest

    def _sound_now(self, instruction_set: str, output: Output, parameter: float | None, size: int) -> np.ndarray:
        broken = self.kernels.broken
        self.kernels.mend()
        x = check._inputs_and_expected(output.op, output.dtype, parameter, output.derivative)[0]
        if x.size != size:
            x = _more_inputs(output, parameter)
        got = self.kernels(output.op, output.derivative, x, parameter)
        self.kernels.restore(broken)
        return check._bits(got)


@functools.cache
def _more_inputs(output: Output, parameter: float | None) -> np.ndarray:
    x = testing.hard_inputs(output.op, output.dtype, parameter, count=1 << 17, seed=1)
    # Of another size than check's own, in whichever dtype, and in another order.
    return np.concatenate([x, np.random.default_rng(2).permutation(x[: x.size // 3])])


@functools.cache
def _trials() -> list[Trial]:
    return [
        trial
        for trial in check.trials([machine.HOST])
        if trial.backend == NUMPY or (trial.backend == "native" and trial.output not in OUTPUTS[:2])
    ]


@pytest.fixture(scope="module")
def judges(kernels: Kernels) -> Iterator[Judges]:
    judges = Judges(kernels)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(check, "_of_arrays", judges.call)
        patch.setattr(check, "_of_tensors", judges.call)
        yield judges


class Tally:
    """What came of all breaks."""

    def __init__(self) -> None:
        self.named = 0
        self.missed: list[str] = []
        self.rare: list[str] = []

    def add(self, judges: Judges, output: Output, what: str, *, in_every_layout: bool) -> None:
        if judges.is_named(output, in_every_layout=in_every_layout):
            self.named += 1
        elif wrong := judges.most_wrong(output):
            (self.rare if wrong <= RARE else self.missed).append(f"{output}: {what}: {wrong} wrong")

    def report(self, tried: int) -> None:
        count = self.named + len(self.missed) + len(self.rare)
        print(
            f"{tried} breaks; {count} outputs made wrong, {self.named} of them named, {len(self.rare)} too rarely wrong"
        )
        print(*self.rare, sep="\n")
        assert self.named > 0
        assert not self.missed, "\n".join(self.missed)


def test_every_broken_operation_is_named(kernels: Kernels, judges: Judges) -> None:
    """One in TFCUSTOMACT_EVERY_BREAK of them, so that it takes minutes."""
    every = int(os.environ.get("TFCUSTOMACT_EVERY_BREAK", "40"))
    tried, tally = 0, Tally()
    for instruction_set in kernels.instruction_sets:
        kernels.instruction_set = instruction_set
        for output in EVERY_OUTPUT:
            parameters = {trial.parameter for trial in judges.trials(output)}
            kernels.mend()
            breaks = [
                (site, variant, name)
                for site in kernels.sites(*output, parameters)
                for variant, name in enumerate(kernels.variants(site), 1)
            ]
            for site, variant, name in breaks[::every]:
                tried += 1
                kernels.break_operation(site, variant)
                where = f"{instruction_set}, {kernels.loop(site)}, part {site.part}, operation {site.number}"
                tally.add(judges, output, f"{where}, {name}", in_every_layout=False)
    kernels.mend()
    tally.report(tried)


def test_every_broken_piece_of_source_is_named(kernels: Kernels, judges: Judges) -> None:
    """In the kernels that users' ``check`` runs."""
    kernels.instruction_set = kernels.instruction_sets[0]
    kernels.threads = 2
    tally = Tally()
    for number, text in enumerate(texts.TEXTS):
        for output in EVERY_OUTPUT:
            kernels.break_text(number)
            tally.add(judges, output, f"{text.file}: {text.broken}", in_every_layout=True)
    kernels.mend()
    kernels.threads = 1
    tally.report(len(texts.TEXTS))
