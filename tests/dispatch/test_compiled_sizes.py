"""In eager mode XLA compiles once per size: the number of sizes is bounded."""

import warnings
from collections.abc import Iterator

import numpy as np
import pytest
import tensorflow as tf

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact.backends import xla


@pytest.fixture(autouse=True)
def _room_for_three(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(xla, "MAX_COMPILED", 3)
    xla._warn_that_it_is_full.cache_clear()
    yield
    xla._warn_that_it_is_full.cache_clear()


def swish(*shape: int, beta: float = 1.0) -> None:
    x = tf.random.normal(shape, seed=1)
    y = tca.swish(x, beta, backend="xla")
    assert y.shape == shape
    assert np.all(testing.activation_error("swish", x.numpy(), y.numpy(), beta) <= 8)


def test_beyond_the_bound_python_runs_and_that_is_said_once() -> None:
    for size in (5, 6, 7):
        swish(size)
    with pytest.warns(RuntimeWarning, match="has compiled 3 combinations.*Call from a tf.function") as said:
        swish(8)
        swish(9)
    assert len(said) == 1
    assert len(xla._compiled) == 3


def test_what_is_compiled_stays_in_use() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for _ in range(3):
            swish(5)
            swish(6)
            swish(5, beta=2.0)


def test_shapes_of_one_size_count_once() -> None:
    for shape in ((12,), (3, 4), (2, 3, 2), (12, 1)):
        swish(*shape)
    assert len(xla._compiled) == 1


def test_one_size_is_traced_once() -> None:
    for shape in ((12,), (3, 4), (13,)):
        swish(*shape, beta=1.25)
    assert xla._compiled_passes("swish", tf.float32, 1.25).value.experimental_get_tracing_count() == 1


def test_graphs_are_not_counted() -> None:
    function = tf.function(lambda x: tca.swish(x, backend="xla"), autograph=False)
    for size in range(5, 10):
        x = tf.random.normal([size], seed=1)
        assert np.all(testing.activation_error("swish", x.numpy(), function(x).numpy()) <= 8)
    assert not xla._compiled


def test_many_parameters_are_no_retracing(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(xla, "MAX_COMPILED", 64)
    tf.get_logger().addHandler(caplog.handler)
    try:
        for parameter in range(11, 19):
            swish(3, beta=parameter / 8)
    finally:
        tf.get_logger().removeHandler(caplog.handler)
    assert "retracing" not in caplog.text
