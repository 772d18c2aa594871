"""What gated units are called with."""

import gc
from collections.abc import Callable

import ml_dtypes
import numpy as np
import pytest
import tensorflow as tf
from gated_unit import Unit, packed_or_not
from modes import Mode

import tfcustomact as tca
from tfcustomact import _dispatch, _gated

X = tf.constant([[1.0, -2.0], [3.0, 0.5]])


@pytest.mark.parametrize(
    ("call", "kind", "message"),
    [
        (lambda: tca.swiglu(X[:, :1]), ValueError, r"a packed tensor has shape \(2, 1\)"),
        (lambda: tca.swiglu(tf.constant(1.0)), ValueError, r"a packed tensor has shape \(\)"),
        (lambda: tca.swiglu(X, X[:1]), ValueError, r"gate has shape \(2, 2\), and up \(1, 2\)"),
        (lambda: tca.swiglu(X, tf.cast(X, tf.float64)), TypeError, "dtypes float32 and float64"),
        (lambda: tca.swiglu(X, [[1, 2], [3, 4]]), TypeError, "swish's up has dtype int32"),
        (lambda: tca.swiglu(tf.ragged.constant([[1.0]])), TypeError, "swish's gate is a RaggedTensor"),
        (lambda: tca.swiglu(X, beta=np.nan), ValueError, "swish's beta is nan"),
        (lambda: tca.swiglu(X, beta="1"), TypeError, "swish's beta is '1'"),
        (lambda: tca.swiglu(X, X, tf.ones([3])), ValueError, "swish's beta has shape"),
        (lambda: tca.swiglu(X, backend="cuda"), ValueError, "backend is 'cuda'"),
        (lambda: tca.gated(X, X, "relu"), ValueError, "activation is 'relu': of tfcustomact, swish, silu, elu"),
        (lambda: tca.gated(X, X, tf.nn.relu), ValueError, "activation is <function relu"),
        (lambda: tca.geglu(X, X, 1), TypeError, "gelu's approximate is 1"),
        (lambda: tca.gated(X, X, 1.5), TypeError, "activation is 1.5"),
        (lambda: tca.gated(X, X, "elu", beta=1.0), TypeError, "elu was given beta: besides x it takes alpha"),
    ],
)
def test_bad_input(call: Callable[[], tf.Tensor], kind: type[Exception], message: str) -> None:
    with pytest.raises(kind, match=message):
        call()


def test_eager_calls_are_decided_once(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = tf.Variable([0.5, 1.7])
    calls = [
        lambda: tca.swiglu(X, X),
        lambda: tca.swiglu(X),
        lambda: tca.swiglu(X, X, numbers),
        lambda: tca.geglu(X, X, True),
        lambda: tca.gated(X, X, "elu", alpha=1.0),
        lambda: tca.swish(X, numbers),
        lambda: tca.swish(X, bias=numbers),
    ]
    before = [call() for call in calls]

    def fail(*_: object) -> None:
        raise AssertionError("decided again")

    with monkeypatch.context() as patched:
        for module, name in ((_gated, "_decide"), (_dispatch, "choose")):
            patched.setattr(module, name, fail)
        for call, wanted in zip(calls, before, strict=True):
            np.testing.assert_array_equal(call(), wanted)
    for call in (lambda: tca.geglu(X, X, 1), lambda: tca.gated(X, X, "elu", alpha=True)):
        with pytest.raises(TypeError, match=r"is (1|True), of type"):
            call()


def test_shapes_that_are_known_at_run_time_alone(backend: str, mode: Mode) -> None:
    signature = [tf.TensorSpec(None), tf.TensorSpec([None, 2])]
    unit = tf.function(
        lambda gate, up: tca.swiglu(gate, up, backend=backend), input_signature=signature, jit_compile=mode.jit
    )
    packed = tf.function(lambda each: tca.swiglu(each, backend=backend), [signature[0]], jit_compile=mode.jit)
    np.testing.assert_allclose(unit(X, X), tca.swish(X) * X, rtol=1e-6)
    np.testing.assert_allclose(packed(X), tca.swish(X[:, :1]) * X[:, 1:], rtol=1e-6)
    for call in (lambda: unit(X, X[:1]), lambda: packed(X[:, :1])):
        with pytest.raises(tf.errors.InvalidArgumentError):
            call()


@packed_or_not
def test_long_ranks_and_no_elements(backend: str, packed: bool) -> None:
    unit = Unit("swish", None, backend, packed)
    for shape in ([1] * 8 + [4], [3, 0], [0, 4]):
        x = tf.random.stateless_normal(shape, [1, 2])
        y, *gradients = unit.value_and_gradients(x, x, x)
        np.testing.assert_allclose(y, tca.swish(x) * x, rtol=1e-6)
        assert [each.shape for each in gradients] == [x.shape] * 2


@packed_or_not
def test_beta_as_a_tensor(dtype: np.dtype, backend: str, packed: bool) -> None:
    gate, up = tf.cast(X, dtype), tf.cast(3 * X, dtype)
    # 8 ULP of the plain backends, and two products.
    tolerance = 10 * float(ml_dtypes.finfo(dtype).eps)
    wide = np.float64 if dtype == np.float64 else np.float32
    for numbers, axes, beta_dtype in (([0.5, 1.7], 0, dtype), ([[0.5], [-1.7]], 1, dtype), (1.2, None, wide)):
        beta = tf.Variable(numbers, dtype=beta_dtype)
        unit = Unit("swish", beta, backend, packed)
        # What the first call decided is remembered.
        for _ in range(2):
            with tf.GradientTape() as tape:
                tape.watch([gate, up])
                y = unit(*unit.operands(gate, up))
            *by_operands, by_beta = tape.gradient(y, [gate, up, beta])
        g, u, b = (np.float64(each) for each in (gate, up, beta))
        s = 1 / (1 + np.exp(-g * b))
        wanted = (g * s * u, u * s * (1 + g * b * (1 - s)), g * s)
        for each, exact in zip((y, *by_operands), wanted, strict=True):
            np.testing.assert_allclose(np.float64(each), exact, rtol=tolerance)
        terms = g**2 * s * (1 - s) * u
        error = np.abs(np.float64(by_beta) - terms.sum(axes).reshape(b.shape))
        assert np.all(error <= tolerance * np.abs(terms).sum(axes).reshape(b.shape))


@packed_or_not
def test_nothing_is_kept_for_the_gradient_but_the_operands(backend: str, packed: bool) -> None:
    unit = Unit("swish", None, backend, packed)
    operands = [tf.random.normal([7, 24_694 if packed else 12_347]) for _ in range(1 if packed else 2)]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(operands)
        y = unit(*operands)
        z = 2 * y
    gc.collect()
    shapes = [y.shape, operands[0].shape]
    long = [each for each in gc.get_objects() if isinstance(each, tf.Tensor) and each.shape in shapes]
    assert {id(each) for each in long} <= {*map(id, operands), id(y), id(z)}
    assert [each.shape for each in tape.gradient(z, operands)] == [each.shape for each in operands]


def test_geglu_is_of_either_gelu() -> None:
    for approximate in (False, True):
        np.testing.assert_allclose(tca.geglu(X, X, approximate), tca.gelu(X, approximate) * X, rtol=1e-6)
        layer = tca.layers.Gated(tca.gelu, {"approximate": approximate})
        np.testing.assert_array_equal(layer(X, X), tca.geglu(X, X, approximate))


def test_the_dispatcher_gives_reasons() -> None:
    assert (
        tca.explain("swish_gated", X).backend
        == tca.explain("swish_packed", X).backend
        == tca.explain("swish", X).backend
    )
    for op, value in (("swish_gated", lambda: tca.swiglu(X, X)), ("elu_packed", lambda: tca.gated(X, None, "elu"))):
        explanation = tca.explain(op, X)
        assert explanation.op == op
        with tca.use_backend(explanation.backend):
            assert "was asked for" in str(tca.explain(op, X))
            value()
