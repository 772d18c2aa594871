"""Values and derivatives of activations of one's own, in every way that they are computed."""

import functools
import json
import os
from dataclasses import replace
from pathlib import Path

import formulas
import numpy as np
import pytest
import tensorflow as tf
from forks import Forks

from tfcustomact import testing
from tfcustomact._own import _choice

TOLERATED = {"bfloat16": 1.6e-2, "float64": 1e-14}
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
        for each in (formulas.derived, formulas.written):
            # A new record remembers nothing.
            monkeypatch.setattr(each, "record", replace(each.record))
    return request.param if request.param in ("python", "xla") else None


def sums(x, a, terms):
    return [terms[0], terms[1], terms[2].sum(0), terms[3], terms[4].sum(0)]


@pytest.mark.parametrize("dtype", ["bfloat16", "float64"])
def test_first_and_second_derivatives(own, way, mode, dtype):
    def computed(x, a):
        with tf.GradientTape(persistent=True) as outer:
            outer.watch([x, a])
            with tf.GradientTape() as inner:
                inner.watch([x, a])
                y = own(x, a, backend=way)
            by_x, by_a = inner.gradient(y, [x, a])
        return y, by_x, by_a, *outer.gradient(by_x, [x, a])

    x, a = tf.constant(X, dtype), tf.constant(A, dtype)
    got = mode(computed)(x, a)
    x, a = x.numpy().astype(np.float64), a.numpy().astype(np.float64)
    for each, exact in zip(got, sums(x, a, formulas.reference(x, a)), strict=True):
        assert each.dtype == dtype
        np.testing.assert_allclose(each.numpy().astype(np.float64), exact, atol=8 * TOLERATED[dtype])


def test_halves_are_computed_in_float32_and_rounded_once(own, way):
    x = tf.constant(np.linspace(-9, 9, 1001), tf.bfloat16)
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = own(x, 1.7, backend=way)
    gradient = tape.gradient(y, x)
    value, by_x, *_ = formulas.reference(x.numpy().astype(np.float64), np.float32(1.7))
    for got, exact in ((y, value), (gradient, by_x)):
        testing.assert_max_ulp(got.numpy(), exact, 0.51)


def test_forward_mode_and_the_third_derivative(own, way, request):
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

    # Not every order of them: TensorFlow itself fails for a gradient of forward mode twice.
    orders = [(0, 1, 0), (1, 1, 0), (1, 1, 1)]
    # It takes seconds, and of small tensors the formula's ops run as they are: once, of what XLA compiles.
    if (own, request.node.callspec.params["way"]) == (formulas.written, "xla"):
        orders.append((0, 0, 0))
    for order in orders:
        function = functools.partial(own, backend=way)
        for which in order:
            function = derivative(function)[which]
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
    np.testing.assert_allclose(own(x, 2), own(x, a=2.0), rtol=1e-6)
    with tf.GradientTape() as tape:
        y = own(x, variable, backend=way)
    expected = formulas.reference(X, 0.5)[2].sum()
    np.testing.assert_allclose(tape.gradient(y, variable), expected, rtol=1e-5)


@pytest.mark.parametrize("jit", [False, True])
def test_a_graph_of_unknown_size(own, jit):
    x, a = tf.constant(X), tf.constant(A)

    @tf.function(jit_compile=jit, input_signature=[tf.TensorSpec([None, 5], tf.float64)])
    def computed(x):
        with tf.GradientTape(persistent=True) as outer:
            outer.watch(x)
            with tf.GradientTape() as inner:
                inner.watch(x)
                y = own(x, a)
            by_x = inner.gradient(y, x)
        return y, by_x, outer.gradient(by_x, x)

    value, by_x, _, twice, _ = formulas.reference(X, A)
    for got, exact in zip(computed(x), (value, by_x, twice), strict=True):
        np.testing.assert_allclose(got, exact, atol=1e-13)


def test_where_eager_execution_is_disabled(forks: Forks, tmp_path: Path):
    x, a = [-2.0, 0.5, 3.0], 0.5
    program = f"import json, without_eager_execution as own\nprint(json.dumps(own.value_and_derivative({x}, {a})))"
    done = forks.run(program, tmp_path, os.environ | {"PYTHONPATH": str(Path(__file__).parent)})
    assert done.returncode == 0, done.stderr
    for found in json.loads(done.stdout):
        np.testing.assert_allclose(found, formulas.reference(x, a)[:2], rtol=1e-5)


def test_no_more_is_compiled_than_is_allowed(monkeypatch):
    monkeypatch.setattr(_choice, "_compiled", set())
    monkeypatch.setattr(_choice, "MAX_COMPILED", 1)
    for size in (3, 4):
        np.testing.assert_allclose(
            formulas.derived(tf.ones(size), backend="xla"), formulas.derived(tf.ones(size)), rtol=1e-6
        )
    assert len(_choice._compiled) == 1
