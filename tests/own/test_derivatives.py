"""Values and derivatives of activations of one's own, in every way that they are computed."""

import formulas
import numpy as np
import pytest
import tensorflow as tf

from tfcustomact import testing
from tfcustomact._own import _choice

TOLERATED = {"float16": 2e-3, "bfloat16": 1.6e-2, "float32": 2e-6, "float64": 1e-14}
X = np.random.default_rng(0).normal(scale=3, size=(4, 5))
A = np.linspace(0.5, 1.5, 5)


@pytest.fixture(params=[formulas.derived, formulas.written], ids=lambda own: own.__name__)
def own(request):
    return request.param


@pytest.fixture(params=["small", "large", "python", "xla"])
def way(request, monkeypatch):
    """Every way that an activation is computed; large arrays are those from one element on."""
    monkeypatch.setattr(_choice, "_compiled", set())
    if request.param == "large":
        monkeypatch.setattr(_choice, "CROSSING", dict.fromkeys(_choice.CROSSING, 1))
    return request.param if request.param in ("python", "xla") else None


def sums(x, a, terms):
    return [terms[0], terms[1], terms[2].sum(0), terms[3], terms[4].sum(0)]


@pytest.mark.parametrize("shape", [(4, 5), (None, 5)], ids=["known shape", "unknown shape"])
def test_first_and_second_derivatives(own, way, mode, dtype, shape):
    def computed(x, a):
        with tf.GradientTape(persistent=True) as outer:
            outer.watch([x, a])
            with tf.GradientTape() as inner:
                inner.watch([x, a])
                y = own(x, a, backend=way)
            by_x, by_a = inner.gradient(y, [x, a])
        return y, by_x, by_a, *outer.gradient(by_x, [x, a])

    if mode.name != "eager":
        signature = [tf.TensorSpec(shape, dtype), tf.TensorSpec([5], dtype)]
        computed = tf.function(computed, autograph=False, jit_compile=mode.jit, input_signature=signature)
    elif None in shape:
        pytest.skip("an eager tensor has a shape")
    x, a = tf.constant(X, dtype), tf.constant(A, dtype)
    got = computed(x, a)
    x, a = x.numpy().astype(np.float64), a.numpy().astype(np.float64)
    for each, exact in zip(got, sums(x, a, formulas.reference(x, a)), strict=True):
        assert each.dtype == dtype
        np.testing.assert_allclose(each.numpy().astype(np.float64), exact, atol=8 * TOLERATED[dtype.name])


def test_halves_are_computed_in_float32_and_rounded_once(own, way):
    x = tf.constant(np.linspace(-9, 9, 1001), tf.bfloat16)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = own(x, 1.7, backend=way)
    gradient = tape.gradient(y, x)
    value, by_x, *_ = formulas.reference(x.numpy().astype(np.float64), np.float32(1.7))
    for got, exact in ((y, value), (gradient, by_x)):
        testing.assert_max_ulp(got.numpy(), exact, 0.51)


def test_forward_mode_and_the_third_derivative(own, way):
    x = tf.constant(X[0])
    ones = tf.ones_like(x)

    def derivative(function):
        def forward(x):
            with tf.autodiff.ForwardAccumulator(x, ones) as accumulator:
                y = function(x)
            return accumulator.jvp(y)

        def backward(x):
            with tf.GradientTape() as tape:
                tape.watch(x)
                y = function(x)
            return tape.gradient(y, x)

        return forward, backward

    def by_hand(x):
        s, q = tf.sigmoid(x), tf.sigmoid(-x)
        return s * q * (3 * (q - s) + x * (1 - 6 * s * q))

    functions = [lambda x: own(x, backend=way)]
    for _ in range(3):
        functions = [each for function in functions for each in derivative(function)]
    for function in functions:
        np.testing.assert_allclose(function(x), by_hand(x), atol=1e-13)


def test_vectorized_map_and_jacobian(own, way):
    x, a = tf.constant(X), tf.constant(A)
    value, by_x, by_a, _, _ = formulas.reference(X, A)
    np.testing.assert_allclose(tf.vectorized_map(lambda x: own(x, a, backend=way), x), value, atol=1e-14)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([x, a])
        y = own(x, a, backend=way)
    np.testing.assert_allclose(tape.batch_jacobian(y, x), by_x[:, :, None] * np.eye(5), atol=1e-14)
    np.testing.assert_allclose(tape.jacobian(y, a), by_a[:, :, None] * np.eye(5), atol=1e-14)


def test_arguments_of_every_kind(own, way):
    x = tf.constant(X, tf.float32)
    variable = tf.Variable(0.5)
    for given in (0.5, np.float32(0.5), np.array(0.5), tf.constant(0.5), variable):
        np.testing.assert_allclose(own(x, given, backend=way), formulas.reference(X, 0.5)[0], atol=1e-6)
    np.testing.assert_array_equal(own(x, 2), own(x, a=2.0))
    with tf.GradientTape() as tape:
        y = own(x, variable, backend=way)
    expected = formulas.reference(X, 0.5)[2].sum()
    np.testing.assert_allclose(tape.gradient(y, variable), expected, rtol=1e-5)
