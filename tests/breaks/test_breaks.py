"""``check`` names every output that is wrong, whatever is broken in the kernels.

There is one build of the kernels in which one thing at a time can be broken: an operation of a loop of one activation,
pass, dtype and instruction set, a piece of the source of the loops, or how they are called. Whether an output is wrong
is decided by more inputs and parameters than ``check`` has.
"""

import functools
import itertools
import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import texts
from broken import DTYPES, Break, Kernels

from tfcustomact import testing
from tfcustomact._commands import check, machine
from tfcustomact._commands.check import NUMPY, OUTPUTS, Trial

pytestmark = pytest.mark.breaks

# A factor of x and another parameter; the others take minutes more to compile.
ACTIVATIONS = ("swish", "elu")

# Besides check's own.
PARAMETERS = (-0.3, 1e-3, 300.0, 1e-35)

# How many operations of an output are broken in each way.
SITES_PER_VARIANT = 1

# How many of the places where a break changes something are looked at before all are.
FEW = 1024

# So few wrong results among more than a hundred thousand are printed, but do not fail the test. An operation is broken
# in one of the vectors that a step computes side by side: `check`, which has to be quick, need not have the one number
# that shows it in that vector.
RARE = 8


class Output(NamedTuple):
    op: str
    derivative: int
    dtype: str

    def __str__(self) -> str:
        return f"{self.op} {OUTPUTS[self.derivative]} {self.dtype}"


EVERY_OUTPUT = [Output(*output) for output in itertools.product(ACTIVATIONS, range(3), DTYPES)]


class Outcome(NamedTuple):
    """What `check` says of an output with a break, and how many results are wrong if it says nothing."""

    words: str
    is_named: bool
    wrong: int


@pytest.fixture(scope="module")
def kernels(tmp_path_factory: pytest.TempPathFactory) -> Kernels:
    from kernels.test_kernels import build

    headers = tmp_path_factory.mktemp("headers")
    texts.write_broken_headers(headers)
    flags = f"-O1 -iquote {Path(__file__).parent / 'headers'} -iquote {headers}"
    few = f"-DTFCUSTOMACT_ONLY_ACTIVATIONS={';'.join(ACTIVATIONS)}"
    options = (few, "-DCMAKE_BUILD_TYPE=None", f"-DCMAKE_CXX_FLAGS={flags}")
    folder = build(tmp_path_factory.mktemp("broken"), *options, programs=["broken_kernels"])
    return Kernels(folder.parent / "breaks" / "libbroken_kernels.so")


class Inputs:
    """Inputs of an output's kernels with one parameter, and what the sound kernels make of them."""

    def __init__(self, kernels: Kernels, output: Output, parameter: float | None, x: np.ndarray) -> None:
        self._kernels = kernels
        self._call = functools.partial(kernels, output.op, output.derivative, x, parameter)
        self._inputs = check._Inputs(output.op, x, parameter, output.derivative)
        self._sound: dict[str, np.ndarray] = {}

    def errors(self, broken: Break, limit: float) -> np.ndarray:
        """The errors where the break makes a difference: some of them, if one is beyond the limit."""
        name = self._kernels.instruction_set
        if name not in self._sound:
            self._kernels.set_broken(Break())
            self._sound[name] = check._bits(self._call())
        self._kernels.set_broken(broken)
        got = self._call()
        places = np.flatnonzero(check._bits(got) != self._sound[name])
        some = places[:: 1 + places.size // FEW]
        errors = self._inputs.errors(got[some], some)
        if some.size == places.size or errors.max() > limit:
            return errors
        return self._inputs.errors(got[places], places)


class Judge:
    """What `check` says of one output of the kernels, and what more inputs say of it."""

    def __init__(self, kernels: Kernels, output: Output) -> None:
        self.kernels, self.output = kernels, output
        self.trials = [trial for trial in _trials() if (trial.op, OUTPUTS.index(trial.output), trial.dtype) == output]
        self.limit = check.limit(self.trials[0])
        self.parameters = [trial.parameter for trial in self.trials]
        self._of_check = [
            Inputs(kernels, output, parameter, testing.hard_inputs(output.op, output.dtype, parameter))
            for parameter in self.parameters
        ]

    def outcome(self, broken: Break, words: str, *, in_every_layout: bool) -> Outcome:
        named = self._is_named(broken, in_every_layout)
        wrong = 0 if named else max(self._wrong(broken))
        return Outcome(f"{self.kernels.instruction_set}, {self.output}: {words}", named, wrong)

    def _is_named(self, broken: Break, in_every_layout: bool) -> bool:
        # The largest error that check finds is no smaller.
        if any(inputs.errors(broken, self.limit).max(initial=0) > self.limit for inputs in self._of_check):
            return True
        self.kernels.set_broken(broken)
        # The default parameter is the one with other layouts.
        return in_every_layout and not check.judge(self.trials[0]).holds

    def _wrong(self, broken: Break) -> list[int]:
        return [np.count_nonzero(inputs.errors(broken, self.limit) > self.limit) for inputs in self._more]

    @functools.cached_property
    def _more(self) -> list[Inputs]:
        op, derivative, dtype = self.output
        # Of second derivatives, less is promised for other parameters.
        others = PARAMETERS if derivative < 2 and None not in self.parameters else ()
        return [
            Inputs(self.kernels, self.output, parameter, _more_inputs(op, dtype, parameter))
            for parameter in (*self.parameters, *others)
        ]


def _more_inputs(op: str, dtype: str, parameter: float | None) -> np.ndarray:
    """Others than check's, in another order."""
    x = testing.hard_inputs(op, dtype, parameter, count=1 << 16, seed=1)
    return np.concatenate([x, np.random.default_rng(2).permutation(x[: x.size // 3])])


@functools.cache
def _trials() -> list[Trial]:
    return [
        trial
        for trial in check.trials([machine.HOST], ACTIVATIONS)
        if trial.backend == NUMPY or (trial.backend == "native" and trial.output not in OUTPUTS[:2])
    ]


@pytest.fixture(autouse=True)
def _check_calls_kernels(kernels: Kernels, monkeypatch: pytest.MonkeyPatch) -> None:
    def call(trial: Trial):
        derivative = OUTPUTS.index(trial.output)
        return lambda x, out=None: kernels(trial.op, derivative, x, trial.parameter, out)

    monkeypatch.setattr(check, "_of_arrays", call)
    monkeypatch.setattr(check, "_of_tensors", call)


@pytest.fixture
def conclude(capsys: pytest.CaptureFixture[str]) -> Callable[..., None]:
    """Tries everything on all processors, and prints how many outputs were made wrong, and how many of them named."""

    def conclude(outcomes: Callable[..., Iterator[Outcome]], *arguments: Iterable[Any]) -> None:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            every = list(itertools.chain.from_iterable(pool.map(lambda *some: list(outcomes(*some)), *arguments)))
        named = sum(outcome.is_named for outcome in every)
        unnamed = [outcome for outcome in every if outcome.wrong]
        with capsys.disabled():
            print(f"\n{len(every)} breaks; {named + len(unnamed)} outputs made wrong, {named} of them named")
            for outcome in unnamed:
                print(f"{outcome.words}: {outcome.wrong} wrong")
        assert named > 0
        assert all(outcome.wrong <= RARE for outcome in unnamed)

    return conclude


def _operations(judge: Judge) -> Iterator[tuple[Break, str]]:
    """Some operations for each way to break one: others for each output and instruction set."""
    kernels = judge.kernels
    kernels.set_broken(Break())
    ways: dict[str, list[Break]] = {}
    for site in kernels.sites(*judge.output, judge.parameters):
        for variant, name in enumerate(kernels.variants(site), 1):
            ways.setdefault(name, []).append(Break(site.address, site.count, variant))
    random = np.random.default_rng([*map(ord, f"{kernels.instruction_set} {judge.output}")])
    for name, breaks in ways.items():
        for i in random.permutation(len(breaks))[:SITES_PER_VARIANT]:
            yield breaks[i], f"{name} at {breaks[i].address - kernels.address:#x}, {breaks[i].count}"


def test_every_broken_operation_is_named(kernels: Kernels, conclude: Callable[..., None]) -> None:
    def outcomes(output: Output) -> Iterator[Outcome]:
        judge = Judge(kernels, output)
        # The best has fused multiply-add, the last has not; those in between do the operations of the best.
        for instruction_set in dict.fromkeys((kernels.instruction_sets[0], kernels.instruction_sets[-1])):
            kernels.instruction_set = instruction_set
            for broken, words in list(_operations(judge)):
                yield judge.outcome(broken, words, in_every_layout=False)

    conclude(outcomes, EVERY_OUTPUT)


def test_every_broken_piece_of_source_and_call_is_named(kernels: Kernels, conclude: Callable[..., None]) -> None:
    """In the kernels that users' ``check`` runs, each for two of the activations' values and derivatives."""
    breaks = [(Break(text=number), f"{text.file}: {text.broken}") for number, text in enumerate(texts.TEXTS)]
    breaks += [(Break(call=number), name) for number, name in enumerate(kernels.calls)]

    half = 3 * len(ACTIVATIONS) // 2
    some = [breaks[(number + number // half) % half :: half] for number in range(2 * half)]

    def outcomes(output: Output, its_breaks: list[tuple[Break, str]]) -> Iterator[Outcome]:
        kernels.instruction_set = kernels.instruction_sets[0]
        judge = Judge(kernels, output)
        for broken, words in its_breaks:
            yield judge.outcome(broken, words, in_every_layout=True)

    conclude(outcomes, EVERY_OUTPUT, [its_breaks for its_breaks in some for _ in DTYPES])
