"""The kernels on NumPy arrays: within the promised errors; messages about bad input say what is accepted."""

import inspect
import numbers
import os
import re
import subprocess
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import ml_dtypes
import mpmath
import numpy as np
import pytest
from parameters import accepted, assert_sums, every_op_with, given

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact.activations import ACTIVATIONS

pytest.importorskip("tfcustomact._kernels", reason="installed without the native backend (TFCUSTOMACT_NATIVE=0)")

X = np.linspace(-3, 3, 24, dtype=np.float32)
OPS = [op for op in ACTIVATIONS if op in tca.numpy.__all__]
DERIVATIVES = {op + suffix: derivative for op in OPS for derivative, suffix in enumerate(("", "_grad"))}


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
    assert [*signature.parameters] == [*["dy"] * DERIVATIVES[function], "a", *names, "out", "bias"]
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
        (np.zeros(23, np.float32), ValueError, "out has shape (23,): (24,), a's, is accepted"),
        (np.zeros((4, 6), np.float32), ValueError, "out has shape (4, 6): (24,), a's, is accepted"),
        (np.zeros(24), TypeError, "out has dtype float64: float32, a's, is accepted"),
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
    [("1", TypeError), (True, TypeError), (None, TypeError), ([1.0], TypeError)]
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
    with pytest.raises(MemoryError):
        tca.numpy.swish(X, bias=endless)


def test_real_numbers_of_any_kind() -> None:
    for beta in (2, np.float32(2), np.int64(2), np.float64(2), ml_dtypes.bfloat16(2)):
        np.testing.assert_array_equal(tca.numpy.swish(X, beta), tca.numpy.swish(X, 2.0))


# Of the array, and of what holds one number per channel.
SHAPES = (((48,), ()), ((4, 6), (6,)), ((4, 6), (4, 1)), ((2, 3, 4), (3, 1)), ((3, 2, 4), (3, 1, 4)), ((2, 6), (2, 6)))


def some(shape: tuple[int, ...], dtype: np.dtype[Any], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, 3, shape).astype(dtype)


def signs(shape: tuple[int, ...], dtype: np.dtype[Any], seed: int) -> np.ndarray:
    """Factors whose products have no rounding errors."""
    return np.random.default_rng(seed).choice([-1, 1], shape).astype(dtype)


def of_each(function: Any, op: str, x: np.ndarray, parameters: np.ndarray | None, derivative: int) -> np.ndarray:
    """What a function of `testing` gives for each number of ``x`` and its own parameter."""
    if parameters is None:
        return function(op, x, derivative=derivative)
    parameters = np.broadcast_to(parameters, x.shape)
    result = np.zeros(x.shape, function(op, x, derivative=derivative).dtype)
    for number in np.unique(parameters):
        where = parameters == number
        result[where] = function(op, x[where], float(number), derivative=derivative)
    return result


def by_parameter(op: str, x: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    """The derivative with respect to the parameter, from the definition."""

    def at(x: float, parameter: float) -> float:
        return float(mpmath.diff(lambda c: ACTIVATIONS[op].definition(mpmath, mpmath.mpf(x), c), parameter))

    numbers = np.broadcast_arrays(x.astype(np.float64), parameters.astype(np.float64))
    return np.vectorize(at, otypes=[np.float64])(*numbers)


@pytest.mark.parametrize("row", ["parameter", "bias"])
def test_one_number_per_channel(op: str, dtype: np.dtype[Any], row: str) -> None:
    if op not in OPS or (row == "parameter" and not ACTIVATIONS[op].arguments):
        pytest.skip("there is no such function")
    computed = np.float64 if dtype == np.float64 else np.float32
    for seed, (shape, row_shape) in enumerate(SHAPES):
        for row_dtype in {dtype, np.dtype(computed)}:
            a, dy, numbers = some(shape, dtype, seed), signs(shape, dtype, seed), some(row_shape, row_dtype, seed + 9)
            if row == "bias":
                given, parameters, x = {"bias": numbers}, None, a.astype(computed) + numbers.astype(computed)
            else:
                numbers = accepted(op, numbers)
                given, parameters, x = {ACTIVATIONS[op].argument_names[0]: numbers}, numbers, a
            y = getattr(tca.numpy, op)(a, **given)
            dx, gradient = getattr(tca.numpy, op + "_grad")(dy, a, **given)
            for got, derivative in ((y, 0), (dx / dy, 1)):
                exact, floor = (of_each(f, op, x, parameters, derivative) for f in (testing.exact, testing.floor))
                assert got.dtype == dtype
                assert testing.ulp_error(got, exact, floor=floor).max() <= testing.ulp_limit("native", dtype, op=op)
            assert gradient.dtype == row_dtype
            assert gradient.shape == row_shape
            by_row = exact if parameters is None else by_parameter(op, x, parameters)
            assert_sums(gradient, dy.astype(np.float64) * by_row.astype(np.float64), computed)
            out = np.empty_like(a)
            result, again = getattr(tca.numpy, op + "_grad")(dy, a, **given, out=out)
            assert result is out
            np.testing.assert_array_equal(out, dx)
            np.testing.assert_array_equal(again, gradient)


@pytest.mark.parametrize("op", [op for op in OPS if ACTIVATIONS[op].arguments])
def test_gated_with_one_number_per_channel(op: str, dtype: np.dtype[Any]) -> None:
    computed, limit = (np.float64 if dtype == np.float64 else np.float32), testing.ulp_limit("native", dtype, op=op)
    for seed, (shape, row_shape) in enumerate(SHAPES):
        for row_dtype in {dtype, np.dtype(computed)}:
            gate, up, dy = some(shape, dtype, seed), signs(shape, dtype, seed), signs(shape, dtype, seed + 1)
            numbers = accepted(op, some(row_shape, row_dtype, seed + 9))
            given: dict[str, Any] = {"activation": op, ACTIVATIONS[op].argument_names[0]: numbers}
            packed = np.concatenate([gate, up], -1)
            *of_pair, of_row = tca.numpy.gated_grad(dy, gate, up, **given)
            y = np.empty_like(gate)
            assert tca.numpy.gated(packed, out=y, **given) is y
            dpacked, of_row_of_packed = tca.numpy.gated_grad(dy, packed, out=packed, **given)
            assert dpacked is packed
            terms = (dy * up).astype(np.float64) * by_parameter(op, gate, numbers)
            for value, (dgate, dup), gradient in (
                (tca.numpy.gated(gate, up, **given), of_pair, of_row),
                (y, np.split(dpacked, 2, -1), of_row_of_packed),
            ):
                for got, derivative in ((value / up, 0), (dup / dy, 0), (dgate / (dy * up), 1)):
                    exact, floor = (of_each(f, op, gate, numbers, derivative) for f in (testing.exact, testing.floor))
                    assert got.dtype == dtype
                    assert testing.ulp_error(got, exact, floor=floor).max() <= limit
                assert gradient.dtype == row_dtype
                assert gradient.shape == row_shape
                assert_sums(gradient, terms, computed)


@pytest.mark.parametrize("dtype", [np.float32, ml_dtypes.bfloat16])
def test_sums_overflow_only_if_their_terms_or_results_do(op: str, dtype: type[Any]) -> None:
    if op not in OPS:
        pytest.skip("there is no such function")
    large = float(ml_dtypes.finfo(dtype).max) / 1.0625
    columns = {
        0.0: [large] * 3 + [-large] * 3,
        large: [large] * 4 + [-large] * 3,
        np.inf: [large] * 5 + [-large] * 2,
        -np.inf: [-np.inf, large, large],
        np.nan: [np.inf, large, -np.inf],
    }
    # Neither the rows nor the columns are a multiple of what is added at a time; the terms are in the last rows.
    dy, bias = np.zeros((1999, 1027), dtype), np.zeros(1027, dtype)
    for kind, terms in enumerate(columns.values()):
        dy[-len(terms) :, kind :: len(columns)] = np.array(terms, dtype)[:, np.newaxis]
    grad = getattr(tca.numpy, op + "_grad")
    _, sums = grad(dy, np.full_like(dy, 40), bias=bias)
    derivative = float(grad(np.ones(1, dtype), np.full(1, 40, dtype))[0])
    expected = np.resize(np.array(list(columns)) * derivative, 1027)
    np.testing.assert_allclose(sums.astype(np.float64), expected, rtol=2**-8)


def test_sums_have_the_same_bits_for_every_number_of_threads() -> None:
    code = """
import hashlib
a = np.random.default_rng(0).normal(0, 3, (3000, 700)).astype(np.float32)
up, half = a[::-1], a[:, :350].copy()
gradients = (
    *kernels.swish_grad(up, a, a[0], None, None)[1:],
    *kernels.swish_grad(up, a, 1.0, a[0], None)[1:],
    *(kernels.swish_gated_grad(up, a, up, beta, None)[2] for beta in (a[0], a[:, :1])),
    *(kernels.swish_gated_grad(half, a, None, beta, None)[1] for beta in (half[0], half[:, :1], half[0, 0:1])),
)
sums = [hashlib.sha256(gradient.tobytes()).hexdigest() for gradient in gradients]
"""
    here: dict[str, Any] = {"np": np, "kernels": tca._kernels}
    exec(code, here)
    run(f"{code}assert sums == {here['sums']}", TFCUSTOMACT_NUM_THREADS="1")


@pytest.mark.parametrize("shape", [(24,), (5, 6), (3, 0), (2, 3, 150)])
def test_gated(op: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> None:
    if op not in OPS:
        pytest.skip("there is no such function")
    gate, up, dy = some(shape, dtype, 1), signs(shape, dtype, 2), signs(shape, dtype, 3)
    packed = np.concatenate([gate, up], -1)
    limit = testing.ulp_limit("native", dtype, op=op)

    def assert_right(got: np.ndarray, factor: np.ndarray, derivative: int) -> None:
        assert got.dtype == dtype
        assert got.shape == shape
        assert testing.activation_error(op, gate, got / factor, derivative=derivative).max(initial=0) <= limit

    y = tca.numpy.gated(gate, up, op)
    assert_right(y, up, 0)
    dgate, dup = tca.numpy.gated_grad(dy, gate, up, getattr(tca.numpy, op))
    assert_right(dgate, dy * up, 1)
    assert_right(dup, dy, 0)
    out = np.empty_like(y)
    assert tca.numpy.gated(packed, activation=op, out=out) is out
    gradient = tca.numpy.gated_grad(dy, packed, activation=op)
    assert tca.numpy.gated(gate, up, op, out=gate) is gate
    assert tca.numpy.gated_grad(dy, packed, activation=op, out=packed) is packed
    for result, expected in ((out, y), (gate, y), (gradient, np.concatenate([dgate, dup], -1)), (packed, gradient)):
        np.testing.assert_array_equal(result, expected)


def test_gated_with_an_argument() -> None:
    np.testing.assert_array_equal(tca.numpy.swiglu(X, X, 1.7), tca.numpy.gated(X, X, "silu", beta=1.7))
    assert (tca.numpy.swiglu(X, X, 1.7) != tca.numpy.swiglu(X, X)).any()
    for one, other in zip(
        tca.numpy.swiglu_grad(X, X, X, 1.7), tca.numpy.gated_grad(X, X, X, tca.numpy.swish, beta=1.7), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    for function in ("gated", "gated_grad", "swiglu", "swiglu_grad"):
        for name in inspect.signature(getattr(tca.numpy, function)).parameters:
            assert f"    {'**' * (name == 'arguments')}{name}: " in getattr(tca.numpy, function).__doc__


Y, HALF, DOUBLE = X.reshape(4, 6), X[:12], X.astype(np.float64)
NP = tca.numpy


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: NP.swish(X, X[:5]), ValueError, "beta has shape (5,): one that broadcasts to (24,), a's, is accepted"),
        (lambda: NP.swish(X, Y), ValueError, "beta has shape (4, 6): one that broadcasts to (24,), a's, is accepted"),
        (lambda: NP.swish(X, DOUBLE), TypeError, "beta has dtype float64: float32, a's, is accepted"),
        (lambda: NP.swish(X, X.astype(np.float16)), TypeError, "beta has dtype float16: float32, a's, is accepted"),
        (lambda: NP.swish(X, X.astype(np.int32)), TypeError, "beta has dtype int32: float16, bfloat16, "),
        (lambda: NP.swish(X, X, X), ValueError, "out overlaps beta: memory apart from it is accepted"),
        (lambda: NP.elu_grad(X, X, bias=X[:5]), ValueError, "bias has shape (5,): one that broadcasts to (24,), a's"),
        (lambda: NP.elu(X, bias=1.0), TypeError, "bias is of type float: a NumPy array is accepted"),
        (lambda: NP.elu(X, bias=DOUBLE), TypeError, "bias has dtype float64: float32, a's, is accepted"),
        (lambda: NP.elu(X.astype(np.float16), bias=DOUBLE), TypeError, "float64: float16, a's, and float32 are accept"),
        (lambda: NP.elu(X, X, bias=X), TypeError, "alpha is an array, and there is a bias: a finite real number is"),
        (lambda: NP.elu(X, "1", bias=X), TypeError, "alpha is '1', of type str: a finite real number is accepted"),
        (lambda: NP.swiglu(X[:5]), ValueError, "gate has shape (5,), and there is no up: a packed array is accepted"),
        (lambda: NP.swiglu(X[0:1].reshape(())), ValueError, "gate has shape (), and there is no up"),
        (lambda: NP.swiglu(X, Y), ValueError, "up has shape (4, 6): (24,), gate's, is accepted"),
        (lambda: NP.swiglu(X, DOUBLE), TypeError, "up has dtype float64: float32, gate's, is accepted"),
        (lambda: NP.swiglu(X, X, X[:5]), ValueError, "beta has shape (5,): one that broadcasts to (24,), gate's, is"),
        (lambda: NP.swiglu(X, beta=X), ValueError, "beta has shape (24,): one that broadcasts to (12,), of half of ga"),
        (lambda: NP.swiglu(X, X, DOUBLE), TypeError, "beta has dtype float64: float32, gate's, is accepted"),
        (lambda: NP.swiglu_grad(X, X, X, Y), ValueError, "beta has shape (4, 6): one that broadcasts to (24,), gate's"),
        (lambda: NP.swiglu_grad(X, X, X, X.astype(np.int32)), TypeError, "beta has dtype int32: float16, bfloat16, "),
        (lambda: NP.swiglu(Y, Y, X[:6], out=Y), ValueError, "out overlaps beta: memory apart from it is accepted"),
        (lambda: NP.swiglu_grad(HALF.copy(), X, beta=HALF, out=X), ValueError, "out overlaps beta: memory apart from"),
        (lambda: NP.swiglu_grad(X, X, X, X, out=X), TypeError, "out is given beside up: None is accepted then"),
        (lambda: NP.gated(X, X, "celu", alpha="1"), TypeError, "alpha is '1', of type str: a finite real number is"),
        (lambda: NP.swiglu(X, out=X), ValueError, "out has shape (24,): (12,), of half of gate, is accepted"),
        (lambda: NP.swiglu(X, out=HALF), ValueError, "out overlaps an input in part"),
        (lambda: NP.swiglu_grad(X, X), ValueError, "dy has shape (24,): (12,), of half of gate, is accepted"),
        (lambda: NP.swiglu_grad(X, X, X, out=X), TypeError, "out is given beside up: None is accepted then"),
        (lambda: NP.swiglu_grad(HALF, X, out=HALF), ValueError, "out has shape (12,): (24,), gate's, is accepted"),
        (lambda: NP.gated(X, X, "relu"), ValueError, "activation is 'relu': of tfcustomact.numpy, swish, silu, "),
        (lambda: NP.gated(X, X, 1.0), TypeError, "activation is 1.0: a function of this module or a name is accepted"),
        (lambda: NP.gated(X, X, alpha=1.0), TypeError, "swish was given alpha: besides gate it takes beta"),
    ],
)
def test_wrong_operands(call: Callable[[], Any], error: type[Exception], message: str) -> None:
    before = X.copy()
    with pytest.raises(error, match=re.escape(message)):
        call()
    np.testing.assert_array_equal(X, before)


def test_no_memory_for_sums() -> None:
    run(
        """
import resource
a = np.ones((1, 1 << 22), np.float16)
kernels.elu_grad(a[:, :9], a[:, :9], 1.0, a[:, :9], None)
with open("/proc/self/statm") as statm:
    used = int(statm.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (40 << 20), resource.RLIM_INFINITY))
try:
    kernels.elu_grad(a, a, 1.0, a, None)
except MemoryError:
    sys.exit(0)
sys.exit("no error")
"""
    )


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
        kernels.swish(a, 1.0, None, a)
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
kernels.swish(a, 1.0, None, None)
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
    kernels.swish(a, 1.0, None, None)
except ValueError as error:
    assert str(error) == "the environment variable TFCUSTOMACT_NUM_THREADS is 'many': a positive integer is accepted"
else:
    sys.exit("accepted")
""",
        TFCUSTOMACT_NUM_THREADS="many",
    )
