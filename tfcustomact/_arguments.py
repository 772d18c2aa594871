"""The checks of what an activation is given."""

import math
from numbers import Real
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from tfcustomact._remedies import KERAS_ON_TENSORFLOW
from tfcustomact.activations._activation import Activation

_ACCEPTED = ("float16", "bfloat16", "float32", "float64")


def finite(activation: Activation, value: object, dtype: tf.DType | None = None) -> float:
    """Returns the argument of an activation that has one, as a float.

    Raises:
        TypeError: if it is no real number.
        ValueError: if it is not finite in the dtype that tensors of ``dtype`` are computed in.
    """
    name = f"{activation.name}'s {activation.argument_names[0]}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise TypeError(f"{name} is {value!r}, of type {type(value).__name__}: a finite real number is accepted")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} is {number}: a finite number is accepted")
    if dtype not in (None, tf.float64) and not np.isfinite(_float32(number)):
        raise ValueError(f"{name} is {number}, which is infinite in float32: a number finite in float32 is accepted")
    return number


def check_symbolic(activation: Activation, x: keras.KerasTensor) -> None:
    """Raises ``TypeError`` if a symbolic tensor stands for tensors that are not accepted."""
    for kind in ("sparse", "ragged"):
        if getattr(x, kind, False):
            raise TypeError(f"{activation.name}'s x is a {kind} Keras tensor: a dense one is accepted")
    _check_dtype(activation, x.dtype)


def check_keras_backend() -> None:
    """Raises ``RuntimeError`` if Keras runs on another backend than TensorFlow."""
    backend = keras.config.backend()
    if backend != "tensorflow":
        raise RuntimeError(
            f"tfcustomact's layers need Keras on TensorFlow, and its backend is {backend!r}: {KERAS_ON_TENSORFLOW}"
        )


def tensor(activation: Activation, x: Any) -> tf.Tensor:
    """Returns x as a tensor.

    Raises:
        TypeError: if it makes none, or none that is accepted.
    """
    if isinstance(x, (tf.RaggedTensor, tf.SparseTensor)):
        raise TypeError(f"{activation.name}'s x is a {type(x).__name__}: a dense tensor is accepted")
    library = type(x).__module__.partition(".")[0]
    if library == "tf_keras":
        raise TypeError(
            f"{activation.name}'s x is a {type(x).__name__} of tf_keras: a tensor of Keras 3 is accepted; in tf_keras, "
            f"use tf_keras.layers.Lambda(tfcustomact.{activation.name})"
        )
    if library in ("jax", "jaxlib", "torch") and keras.config.backend() != "tensorflow":
        raise TypeError(
            f"{activation.name}'s x is a {type(x).__name__} of {library}, as Keras' backend is "
            f"{keras.config.backend()!r}: {KERAS_ON_TENSORFLOW}"
        )
    try:
        made = tf.convert_to_tensor(x)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{activation.name}'s x, of type {type(x).__name__}, makes no tensor: a tensor, a variable, an array or a "
            f"list of floats is accepted ({error})"
        ) from error
    _check_dtype(activation, made.dtype.name)
    return made


def _check_dtype(activation: Activation, dtype: str) -> None:
    if dtype not in _ACCEPTED:
        raise TypeError(f"{activation.name}'s x has dtype {dtype}: {', '.join(_ACCEPTED)} are accepted")


def _float32(number: float) -> np.float32:
    with np.errstate(over="ignore"):
        return np.float32(number)
