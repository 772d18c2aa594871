"""Whether a formula is one of an activation: each element of the result comes from the element at its place alone."""

from functools import cache

import numpy as np
import tensorflow as tf
from tensorflow.python.eager import context, record

from tfcustomact._own._own import Own, Value

# Small enough that no formula in use overflows, different enough that a sum or an order over them shows.
_X = np.linspace(-2.75, 2.75, 23, dtype=np.float32)

# Neither the largest nor the smallest of them.
_SOME = slice(5, 16)

# XLA and Eigen compute elements at the end of an array otherwise than those before, by some ULPs.
_TOLERATED = {"rtol": 1e-4, "atol": 1e-5}


# It remembers those that nothing is wrong with.
@cache
def probe(own: Own) -> None:
    """Computes the formulas of a few numbers.

    Raises:
        TypeError: if one returns no tensor, or another dtype than x's, has an if about x, or uses a variable.
        ValueError: if one changes the shape, or is not element-wise.
    """
    # Eagerly on the CPU, also while a graph is made for another device, and where eager execution is disabled.
    with tf.init_scope(), context.eager_mode(), tf.device("CPU:0"):
        _hold_to_elements(own)


def _hold_to_elements(own: Own) -> None:
    value = Value(own, tuple(default for _, default in own.arguments))
    permuted = np.random.default_rng(0).permutation(_X.size)
    whole = _computed(value, _X)
    if not np.allclose(_computed(value, _X[permuted]), whole[permuted], equal_nan=True, **_TOLERATED):
        raise ValueError(
            f"{own.name} is not element-wise: of the same numbers in another order it makes other results. An "
            "activation computes every element of the result from the element of x at its place, and from nothing else"
        )
    # A softmax passes that: its elements depend on all others, in whatever order.
    half = np.where(np.arange(_X.size) % 2, _X, _X[permuted])
    same = half == _X
    found = np.concatenate([_computed(value, half)[same], _computed(value, _X[_SOME])])
    if not np.allclose(found, np.concatenate([whole[same], whole[_SOME]]), equal_nan=True, **_TOLERATED):
        raise ValueError(
            f"{own.name} is not element-wise: where x stays as it is, the result changes with the other elements of x. "
            "An activation computes every element of the result from the element of x at its place, and from nothing "
            "else"
        )


def _computed(value: Value, x: np.ndarray) -> np.ndarray:
    tensor = tf.constant(x)
    try:
        # A tape records nothing here: tf.init_scope stops them.
        with record.VariableWatcher() as watcher:
            y = value.plain(tensor)
    except ValueError as error:
        if "truth value" not in str(error):
            raise
        raise TypeError(
            f"{value.own.name} asks in Python whether x fulfils a condition, as an if does, and x is a tensor of many "
            "numbers: tf.where chooses for each of them"
        ) from error
    for variable in watcher.watched_variables():
        raise TypeError(
            f"{value.own.name} uses the variable {variable.name} of shape {variable.shape}, and only x and the "
            "arguments have gradients: a formula that has an argument with a number as default can be called with the "
            "variable"
        )
    if value.own.gradient is not None:
        value.pulled_back(tf.ones_like(tensor), tensor)
    made: np.ndarray = y.numpy()
    return made
