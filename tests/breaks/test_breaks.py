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
            changed = self._changed(output, trial.parameter, wide=False)
            if changed is None and not in_every_layout:
                continue
            if changed is not None and changed > check._limit(trial):
                # The largest error that check finds is no smaller.
                return True
            if not check.judge(trial).holds:
                return True
        return False

    def is_wrong(self, output: Output) -> bool:
        limit = check._limit(self.trials(output)[0])
        parameters = PARAMETERS if ACTIVATIONS[output.op].arguments else (None,)
        return any((self._changed(output, p, wide=True) or 0) > limit for p in parameters)

    def _changed(self, output: Output, parameter: float | None, *, wide: bool) -> float | None:
        """The largest error at (some of) the inputs where there is another result than of sound kernels; None if there
        is none."""
        x, sound, right = self._sound(self.kernels.instruction_set, output, parameter, wide)
        got = self.kernels(output.op, output.derivative, x, parameter)
        places = np.flatnonzero((check._bits(got) != sound) & right)
        if not places.size:
            return None
        if not wide:
            places = places[:: 1 + places.size // FEW]
        errors = testing.activation_error(
            output.op, x[places], got[places], parameter, derivative=output.derivative
        )
        return float(np.where(np.isnan(errors), np.inf, errors).max())

    def _sound_now(self, instruction_set: str, output: Output, parameter: float | None, wide: bool):
        assert instruction_set == self.kernels.instruction_set
        state = self.kernels.broken
        self.kernels.mend()
        x = testing.hard_inputs(output.op, output.dtype, parameter, **({"count": 1 << 18, "seed": 1} if wide else {}))
        got = self.kernels(output.op, output.derivative, x, parameter)
        right = np.ones(x.size, bool)
        if wide:
            # Of second derivatives, less is promised for other parameters.
            errors = testing.activation_error(output.op, x, got, parameter, derivative=output.derivative)
            right = errors <= check._limit(self.trials(output)[0])
        self.kernels.restore(state)
        return x, check._bits(got), right


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


def report(tried: int, named: int, missed: list[str]) -> None:
    print(f"{tried} breaks; {named + len(missed)} outputs made wrong, {named} of them named")
    assert named > 0
    assert not missed, "\n".join(missed)


def test_every_broken_operation_is_named(kernels: Kernels, judges: Judges) -> None:
    every = int(os.environ.get("TFCUSTOMACT_EVERY_BREAK", "1"))
    tried, named, missed = 0, 0, []
    for kernels.instruction_set in kernels.instruction_sets:
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
                if judges.is_named(output, in_every_layout=False):
                    named += 1
                elif judges.is_wrong(output):
                    where = f"{kernels.instruction_set}, {kernels.loop(site)}, part {site.part}, operation {site.number}"
                    missed.append(f"{output}: {where}, {name}")
    kernels.mend()
    report(tried, named, missed)


def test_every_broken_piece_of_source_is_named(kernels: Kernels, judges: Judges) -> None:
    tried, named, missed = 0, 0, []
    for kernels.instruction_set in kernels.instruction_sets:
        for number, text in enumerate(texts.TEXTS):
            tried += 1
            for output in EVERY_OUTPUT:
                kernels.mend()
                kernels.break_text(number)
                if judges.is_named(output, in_every_layout=True):
                    named += 1
                elif judges.is_wrong(output):
                    missed.append(f"{output}: {kernels.instruction_set}, {text.file}: {text.broken}")
    kernels.mend()
    report(tried, named, missed)
