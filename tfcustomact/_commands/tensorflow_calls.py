"""From an activation in TensorFlow to the call that is timed, the same code for every contestant."""

import functools
from collections.abc import Callable

import tensorflow as tf

from tfcustomact._commands.cases import Case
from tfcustomact._commands.inputs import host_arrays
from tfcustomact._commands.timing import Call

Activation = Callable[[tf.Tensor], tf.Tensor]


def _value(activation: Activation, x: tf.Tensor) -> tf.Tensor:
    return activation(x)


@functools.lru_cache(maxsize=4)
def tensors(device: str, dtype: str, size: int) -> tuple[tf.Tensor, tf.Tensor]:
    with tf.device(device):
        x, dy = (tf.identity(tf.constant(array)) for array in host_arrays(dtype, size))
    return x, dy


def value_and_gradient(activation: Activation, x: tf.Tensor, dy: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = activation(x)
    return y, tape.gradient(y, x, output_gradients=dy)


def _gradient(activation: Activation, x: tf.Tensor, dy: tf.Tensor) -> tf.Tensor:
    return value_and_gradient(activation, x, dy)[1]


def _recorded_gradient(activation: Activation, x: tf.Tensor, dy: tf.Tensor) -> Call:
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        y = activation(x)
    return functools.partial(tape.gradient, y, x, output_gradients=dy)


def tensorflow_call(activation: Activation, case: Case) -> Call:
    """Forward, the gradient alone, or both; a gradient alone has its forward pass recorded before in eager mode,
    and in a graph whatever of the forward pass it needs."""
    x, dy = tensors(case.device, case.dtype, case.size)
    if case.mode == "eager" and case.direction == "backward":
        return _recorded_gradient(activation, x, dy)
    operands: tuple[tf.Tensor, ...] = (x, dy)
    if case.direction == "forward":
        if case.mode == "eager":
            return functools.partial(activation, x)
        # Not the activation itself: tf.function takes the longer, the more arguments with defaults a function has.
        body, operands = functools.partial(_value, activation), (x,)
    else:
        body = functools.partial(value_and_gradient if case.direction == "both" else _gradient, activation)
    if case.mode != "eager":
        body = tf.function(body, autograph=False, jit_compile=case.mode == "jit")
    return functools.partial(body, *operands)
