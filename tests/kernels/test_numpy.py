"""The kernels on NumPy arrays: exact to the promise, and bad input refused with a message that says what helps."""

import inspect
import numbers
import os
import re
import subprocess
import sys
from fractions import Fraction
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from parameters import every_op_with, given

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact.activations import ACTIVATIONS

pytest.importorskip("tfcustomact._kernels", reason="installed without the native backend (TFCUSTOMACT_NATIVE=0)")

X = np.linspace(-3, 3, 24, dtype=np.float32)
DERIVATIVES = {function: int(function.endswith("_grad")) for function in tca.numpy.__all__}


def call(function: str, x: np.ndarray, *arguments: Any, **keywords: Any) -> np.ndarray:
    inputs = (np.ones_like(x), x) if DERIVATIVES[function] else (x,)
    return getattr(tca.numpy, function)(*inputs, *arguments, **keywords)


def argument_names(function: str) -> tuple[str, ...]:
    return ACTIVATIONS[function.removesuffix("_grad")].argument_names


@every_op_with(1.0, 1.7, -0.3)
@pytest.mark.parametrize("suffix", ["", "_grad"])
def test_within_the_promise(op: str, parameter: float | None, suffix: str, dtype: np.dtype[Any]) -> None:
    function = op + suffix
    if function not in DERIVATIVES:
        pytest.skip(f"this build has no kernels for {op}")
    x = testing.hard_inputs(op, dtype, parameter)
    errors = testing.activation_error(
        op, x, call(function, x, *given(parameter)), parameter, derivative=DERIVATIVES[function]
    )
    assert errors.max() <= testing.ulp_limit("native", dtype, op=op)


@pytest.mark.parametrize("function", DERIVATIVES)
def test_threads_change_nothing(function: str) -> None:
    x = np.random.default_rng(0).normal(0, 5, 1_000_003).astype(np.float32)
    pieces = [call(function, piece) for piece in np.array_split(x, 100)]
    np.testing.assert_array_equal(call(function, x), np.concatenate(pieces))


def test_subnormal_numbers_are_computed() -> None:
    x = np.array([1e-40, -1e-40, -100.0], np.float32)
    errors = np.abs(tca.numpy.swish(x).astype(np.float64) - testing.exact("swish", x)) / 2.0**-149
    assert errors.max() <= 1


@pytest.mark.parametrize("function", DERIVATIVES)
def test_signature(function: str) -> None:
    signature = inspect.signature(getattr(tca.numpy, function))
    names = argument_names(function)
    assert [*signature.parameters] == [*["dy"] * DERIVATIVES[function], "a", *names, "out"]
    assert [signature.parameters[name].default for name in names] == [1.0] * len(names)
    for words in ("Returns ", "Raises:", *(f"    {name}: " for name in signature.parameters)):
        assert words in getattr(tca.numpy, function).__doc__
    for name in names:
        np.testing.assert_array_equal(call(function, X, **{name: 2.0}), call(function, X, 2.0))


def read_only() -> np.ndarray:
    out = np.zeros_like(X)
    out.flags.writeable = False
    return out


@pytest.mark.parametrize("function", DERIVATIVES)
@pytest.mark.parametrize(
    ("out", "error", "message"),
    [
        (np.zeros(23, np.float32), ValueError, "out has shape (23,): (24,), the input's, is accepted"),
        (np.zeros((4, 6), np.float32), ValueError, "out has shape (4, 6): (24,), the input's, is accepted"),
        (np.zeros(24), TypeError, "out has dtype float64: float32, the input's, is accepted"),
        (np.zeros(48, np.float32)[::2], ValueError, "out has strides (8,): a C-contiguous array is accepted"),
        (read_only(), ValueError, "out is read-only: a writeable array is accepted"),
        ([0.0] * 24, TypeError, "out is of type list: a NumPy array is accepted"),
    ],
)
def test_wrong_out(function: str, out: Any, error: type[Exception], message: str) -> None:
    before = np.array(out)
    with pytest.raises(error, match=re.escape(message)):
        call(function, X, out=out)
    np.testing.assert_array_equal(out, before)


@pytest.mark.parametrize("function", DERIVATIVES)
@pytest.mark.parametrize("shift", [-1, 1])
def test_out_that_overlaps_in_part(function: str, shift: int) -> None:
    memory = np.arange(26, dtype=np.float32)
    before = memory.copy()
    with pytest.raises(ValueError, match="out overlaps an input in part"):
        call(function, memory[1:25], out=memory[1 + shift : 25 + shift])
    np.testing.assert_array_equal(memory, before)


class bfloat(np.void):
    """A structured dtype of this type and of two bytes has the name bfloat16."""


@pytest.mark.parametrize(
    ("x", "message"),
    [
        (X.astype(np.int32), "a has dtype int32: float16, bfloat16, float32 and float64 are accepted"),
        (X.astype(np.complex64), "a has dtype complex64: "),
        (X.astype(np.longdouble), "a has dtype float128: "),
        (X.astype(">f4"), "a has dtype >f4: .* in native byte order"),
        (X.astype(ml_dtypes.float8_e5m2), "a has dtype float8_e5m2: "),
        (np.zeros(24, np.dtype((bfloat, "u1,u1"))), "a has dtype .*bfloat"),
        ([1.0], "a is of type list: a NumPy array is accepted"),
        (1.0, "a is of type float: a NumPy array is accepted"),
    ],
)
def test_wrong_input(x: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        tca.numpy.swish(x)


def test_dy_that_does_not_fit() -> None:
    with pytest.raises(ValueError, match=re.escape("dy has shape (23,): (24,), a's, is accepted")):
        tca.numpy.elu_grad(X[:-1], X)
    with pytest.raises(TypeError, match="dy has dtype float64: float32, a's, is accepted"):
        tca.numpy.elu_grad(X.astype(np.float64), X)


@pytest.mark.parametrize("function", [function for function in DERIVATIVES if argument_names(function)])
@pytest.mark.parametrize(
    ("parameter", "error"),
    [("1", TypeError), (True, TypeError), (None, TypeError), (np.ones(2), TypeError)]
    + [(value, ValueError) for value in (np.inf, -np.inf, np.nan, 1e39, Fraction(10**5000), -(10**400))],
)
def test_wrong_parameter(function: str, parameter: Any, error: type[Exception]) -> None:
    out = np.zeros_like(X)
    (name,) = argument_names(function)
    with pytest.raises(error, match=f"^{name} is .*finite"):
        call(function, X, parameter, out=out)
    assert not out.any()


@pytest.mark.parametrize("changed", ["a", "out"])
def test_a_parameter_whose_conversion_resizes_an_array(changed: str) -> None:
    arrays = {"a": X.copy(), "out": np.zeros_like(X)}

    class Resizing:
        def __float__(self) -> float:
            arrays[changed].resize(4, refcheck=False)
            return 1.0

    numbers.Real.register(Resizing)
    with pytest.raises(ValueError, match="out has shape"):
        tca.numpy.swish(**arrays, beta=Resizing())


def test_a_copy_that_cannot_be_had() -> None:
    endless = np.broadcast_to(np.float32(1), (1 << 45,))
    for inputs in ((endless,), (X, endless), (endless, X)):
        with pytest.raises(MemoryError):
            (tca.numpy.swish if len(inputs) == 1 else tca.numpy.swish_grad)(*inputs)


def test_real_numbers_of_any_kind() -> None:
    for beta in (2, np.float32(2), np.int64(2), np.float64(2)):
        np.testing.assert_array_equal(tca.numpy.swish(X, beta), tca.numpy.swish(X, 2.0))


def run(code: str, **environment: str) -> None:
    """Runs ``code`` in a process that has the kernels and NumPy, and nothing else of what tests import."""
    code = f"""
import importlib.util, os, sys, threading
import numpy as np
spec = importlib.util.spec_from_file_location("_kernels", {tca._kernels.__file__!r})
kernels = importlib.util.module_from_spec(spec)
spec.loader.exec_module(kernels)
a = np.ones(1 << 22, np.float32)
{code}"""
    result = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert result.returncode == 0, result.stderr


def test_a_daemon_thread_at_work_when_the_interpreter_ends() -> None:
    run(
        """
begun = threading.Event()
def work():
    while True:
        kernels.swish(a, 1.0, a)
        begun.set()
threading.Thread(target=work, daemon=True).start()
begun.wait()
"""
    )


@pytest.mark.parametrize("limit", ["variable", "affinity mask"])
def test_no_thread_is_started_where_one_is_allowed(limit: str) -> None:
    run(
        """
if os.environ["LIMIT"] == "affinity mask":
    os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])
before = os.listdir("/proc/self/task")
kernels.swish(a, 1.0, None)
assert os.listdir("/proc/self/task") == before
assert "ml_dtypes" not in sys.modules
""",
        LIMIT=limit,
        **({"TFCUSTOMACT_NUM_THREADS": "1"} if limit == "variable" else {}),
    )


def test_a_wrong_number_of_threads() -> None:
    run(
        """
try:
    kernels.swish(a, 1.0, None)
except ValueError as error:
    assert str(error) == "the environment variable TFCUSTOMACT_NUM_THREADS is 'many': a positive integer is accepted"
else:
    sys.exit("accepted")
""",
        TFCUSTOMACT_NUM_THREADS="many",
    )
