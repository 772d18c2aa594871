"""The checks of the arguments that an activation of one's own is given."""

from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfcustomact import _arguments
from tfcustomact._own._own import Own
from tfcustomact.activations._activation import Activation


def number(activation: Activation, name: str, value: Any, dtype: tf.DType) -> float:
    """Returns an argument that is a number.

    Raises:
        TypeError: if it is no real number.
        ValueError: if it is not finite in the dtype that it is computed in.
    """
    besides = ", or a tensor or variable of floats that broadcasts to x,"
    return _arguments.number(f"{activation.name}'s {name}", value, dtype, besides)


def split(own: Own, arguments: tuple[Any, ...], x: tf.Tensor) -> tuple[tuple[float | None, ...], list[tf.Tensor]]:
    """Returns the numbers among the arguments, with None in the places of tensors, and these, in the dtype computed in.

    Raises:
        TypeError: if one is neither.
        ValueError: if a number is not finite, or a tensor does not broadcast to x.
    """
    dtype = tf.float64 if x.dtype == tf.float64 else tf.float32
    numbers: list[float | None] = []
    tensors = []
    for name, value in zip(own.argument_names, arguments, strict=True):
        if isinstance(value, (tf.Tensor, tf.Variable, keras.Variable, np.ndarray)):
            tensors.append(_tensor(own, name, value, x, dtype))
            numbers.append(None)
        else:
            numbers.append(number(own, name, value, dtype))
    return tuple(numbers), tensors


def _tensor(own: Own, name: str, value: Any, x: tf.Tensor, dtype: tf.DType) -> tf.Tensor:
    tensor = tf.convert_to_tensor(value)
    if not tensor.dtype.is_floating:
        raise TypeError(f"{own.name}'s {name} has dtype {tensor.dtype.name}: a tensor of floats is accepted")
    try:
        together = tf.broadcast_static_shape(tensor.shape, x.shape)
    except ValueError:
        together = None
    if together is None or not together.is_compatible_with(x.shape):
        raise ValueError(
            f"{own.name}'s {name} has shape {tensor.shape}, which does not broadcast to x's, {x.shape}: its axes have "
            "to be x's last ones, or of length 1"
        )
    return tf.cast(tensor, dtype)
