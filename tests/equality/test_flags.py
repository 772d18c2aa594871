"""A flag chooses between two activations, which are one public function."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from modes import Mode

import tfcustomact as tca
from tfcustomact.activations import ACTIVATIONS

WITH_FLAG = tuple(op for op, activation in ACTIVATIONS.items() if activation.flag)
X = np.linspace(-3, 3, 13, dtype=np.float32)


def called_with(function: Callable[..., tf.Tensor], **given: Any) -> Callable[[tf.Tensor], tf.Tensor]:
    # A tf.function would make tensors of a partial's arguments.
    return lambda x: function(x, **given)


@pytest.mark.parametrize("op", WITH_FLAG)
def test_the_function_and_its_layer_are_those_of_the_variant(op: str, backend: str, mode: Mode) -> None:
    activation = ACTIVATIONS[op]
    function, variant = getattr(tca, op), getattr(tca, activation.variant)
    layer = getattr(tca.layers, activation.layer)
    plain, other = function(X, backend=backend).numpy(), variant(X, backend=backend).numpy()
    assert not np.array_equal(plain, other)
    # Twice, since a call is remembered by its flag.
    for _ in range(2):
        for flag, expected in ((False, plain), (True, other), (np.True_, other)):
            for given in ({}, {activation.flag: flag}):
                got = mode(called_with(function, backend=backend, **given))(tf.constant(X))
                np.testing.assert_allclose(got, expected if given else plain, rtol=1e-6)
            made = layer.from_config(layer(flag, backend=backend).get_config())
            np.testing.assert_allclose(made(X), expected, rtol=1e-6)


@pytest.mark.parametrize("op", WITH_FLAG)
@pytest.mark.parametrize("flag", [1.0, 1, None, "tanh"])
def test_a_flag_that_is_no_bool(op: str, flag: Any) -> None:
    words = f"{op}'s {ACTIVATIONS[op].flag} is .*: a bool is accepted"
    for given in (X, tf.constant(X), keras.Input([3])):
        with pytest.raises(TypeError, match=words):
            getattr(tca, op)(given, flag)
    with pytest.raises(TypeError, match=words):
        getattr(tca.layers, ACTIVATIONS[op].layer)(flag)
