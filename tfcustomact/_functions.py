"""The public functions."""

import math
from collections.abc import Callable
from numbers import Real
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.eager.core import _NotOkStatusException
from tensorflow.python.framework.ops import raise_from_not_ok_status

from tfcustomact import _dispatch
from tfcustomact._activations import ELU, SWISH, Activation
from tfcustomact._remedies import KERAS_ON_TENSORFLOW

_EagerTensor = tf.__internal__.EagerTensor
_ACCEPTED = ("float16", "bfloat16", "float32", "float64")
_LARGEST_SINGLE = float(np.finfo(np.float32).max)

# What eager calls came to: (parameter, backend asked for, dtype, device) -> the backend's call. A hit costs two
# microseconds less than a decision, of the twelve that the whole call of tf.nn.relu takes.
_Calls = dict[tuple[float, str | None, int, str], Callable[[tf.Tensor], tf.Tensor]]
_swish_calls: _Calls = {}
_elu_calls: _Calls = {}
_MOST_CALLS = 1024
_overrides = _dispatch.overrides


def swish(x: Any, beta: float = 1.0, *, backend: str | None = None) -> tf.Tensor:
    """Swish, ``x * sigmoid(beta * x)``; with ``beta = 1`` it is SiLU, and `silu` is this same function.

    Source: P. Ramachandran, B. Zoph, Q. V. Le, "Searching for Activation Functions", 2017 (arXiv:1710.05941);
    S. Elfwing, E. Uchibe, K. Doya, "Sigmoid-Weighted Linear Units for Neural Network Function Approximation in
    Reinforcement Learning", 2017 (arXiv:1702.03118). It is differentiable any number of times.

    Infinite ``x`` give the limits, NaN stays NaN, zeros keep their sign, subnormal ``x`` may count as zeros of theirs;
    with ``beta = 0`` the result is ``x / 2``.

    Args:
        x: a tensor of any shape, of dtype ``float16``, ``bfloat16``, ``float32`` or ``float64``, or what
            ``tf.convert_to_tensor`` makes one of; or a Keras input, which gets a layer of its dtype.
        beta: a finite real number, not a tensor. It is rounded to ``float64`` if ``x`` is ``float64``, else to
            ``float32``; the two half precisions are computed in ``float32`` and rounded once. A number that is
            subnormal then may count as zero.
        backend: ``"native"``, ``"xla"``, ``"python"`` or ``"auto"``; None asks `use_backend`, then the environment
            variable ``TFCUSTOMACT_BACKEND`` as it was when the package was imported, then means ``"auto"``.

    Returns:
        A tensor with x's shape and dtype.

    Raises:
        TypeError: if ``x`` has another dtype or is ragged, sparse or no tensor, or ``beta`` is no real number.
        ValueError: if ``beta`` is not finite, or a backend is asked for that is unknown or cannot run here.
    """
    if type(x) is _EagerTensor and type(beta) is float and not _overrides:
        try:
            call = _swish_calls[beta, backend, x._datatype_enum(), x.device]
        except (KeyError, TypeError):
            pass
        else:
            try:
                return call(x)
            except _NotOkStatusException as error:
                raise_from_not_ok_status(error, None)
    return _apply(SWISH, x, beta, backend, _swish_calls)


def elu(x: Any, alpha: float = 1.0, *, backend: str | None = None) -> tf.Tensor:
    """ELU, ``x if x > 0 else alpha * expm1(x)``.

    Source: D.-A. Clevert, T. Unterthiner, S. Hochreiter, "Fast and Accurate Deep Network Learning by Exponential Linear
    Units (ELUs)", 2015 (arXiv:1511.07289). It is differentiable any number of times; at 0 its gradient is
    ``alpha``.

    Infinite ``x`` give the limits, NaN stays NaN, zeros keep their sign, subnormal ``x`` may count as zeros of theirs.

    Args:
        x: a tensor of any shape, of dtype ``float16``, ``bfloat16``, ``float32`` or ``float64``, or what
            ``tf.convert_to_tensor`` makes one of; or a Keras input, which gets a layer of its dtype.
        alpha: a finite real number, not a tensor. It is rounded to ``float64`` if ``x`` is ``float64``, else to
            ``float32``; the two half precisions are computed in ``float32`` and rounded once. A number that is
            subnormal then may count as zero.
        backend: ``"native"``, ``"xla"``, ``"python"`` or ``"auto"``; None asks `use_backend`, then the environment
            variable ``TFCUSTOMACT_BACKEND`` as it was when the package was imported, then means ``"auto"``.

    Returns:
        A tensor with x's shape and dtype.

    Raises:
        TypeError: if ``x`` has another dtype or is ragged, sparse or no tensor, or ``alpha`` is no real number.
        ValueError: if ``alpha`` is not finite, or a backend is asked for that is unknown or cannot run here.
    """
    if type(x) is _EagerTensor and type(alpha) is float and not _overrides:
        try:
            call = _elu_calls[alpha, backend, x._datatype_enum(), x.device]
        except (KeyError, TypeError):
            pass
        else:
            try:
                return call(x)
            except _NotOkStatusException as error:
                raise_from_not_ok_status(error, None)
    return _apply(ELU, x, alpha, backend, _elu_calls)


# Not by a decorator: Keras has no types, and what an untyped decorator returns has none to type checkers either.
keras.saving.register_keras_serializable(package="tfcustomact")(swish)
keras.saving.register_keras_serializable(package="tfcustomact")(elu)

silu = swish


def explain(op: str, x: Any) -> _dispatch.Explanation:
    """Says which backend would run an activation of ``x`` here, and why each other one would not.

    Args:
        op: ``"swish"``, ``"silu"`` or ``"elu"``.
        x: a tensor, or what ``tf.convert_to_tensor`` makes one of, as for the activation itself.

    Returns:
        An object with the fields ``op``, ``device``, ``dtype``, ``backend`` and ``reasons_against`` (a mapping from
        each other backend to its reasons); ``str()`` of it is for reading.

    Raises:
        TypeError: if ``x`` has a dtype that is not accepted.
        ValueError: for an unknown ``op``, or if `use_backend` or ``TFCUSTOMACT_BACKEND`` ask for a backend that is
            unknown or cannot run.
    """
    activations = {"swish": SWISH, "silu": SWISH, "elu": ELU}
    if op not in activations:
        raise ValueError(f"op is {op!r}: {', '.join(map(repr, activations))} are accepted")
    tensor = _tensor(activations[op], x)
    return _dispatch.explanation(activations[op].name, _dispatch.device_kind(tensor), tensor.dtype)


def finite_parameter(activation: Activation, value: object, dtype: tf.DType | None = None) -> float:
    """Returns an activation's parameter as a float.

    Raises:
        TypeError: if it is no real number.
        ValueError: if it is not finite in the dtype that tensors of ``dtype`` are computed in.
    """
    name = f"{activation.name}'s {activation.parameter}"
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, Real):
        raise TypeError(f"{name} is {value!r}, of type {type(value).__name__}: a finite real number is accepted")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} is {number}: a finite number is accepted")
    if dtype not in (None, tf.float64) and not np.isfinite(_single(number)):
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


def _apply(activation: Activation, x: Any, parameter: Any, backend: str | None, calls: _Calls) -> tf.Tensor:
    op = activation.name
    if isinstance(x, keras.KerasTensor):
        from tfcustomact import layers

        check_symbolic(activation, x)
        return layers.BY_ACTIVATION[op](parameter, backend=backend, dtype=x.dtype)(x)
    tensor = _tensor(activation, x)
    number = finite_parameter(activation, parameter, tensor.dtype)
    chosen = _dispatch.choose(op, _dispatch.device_kind(tensor), tensor.dtype, backend)
    if not tf.executing_eagerly():
        return chosen.call(op, tensor, number)
    call = chosen.eager_call(op, number)
    if number and not _overrides:  # 0.0 and -0.0 would be one key
        if len(calls) >= _MOST_CALLS:
            calls.clear()
        calls[number, backend, tensor._datatype_enum(), tensor.device] = call
    try:
        return call(tensor)
    except _NotOkStatusException as error:
        # What an eager op raises before it is made one of tf.errors.
        raise_from_not_ok_status(error, None)


def _tensor(activation: Activation, x: Any) -> tf.Tensor:
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
        tensor = tf.convert_to_tensor(x)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{activation.name}'s x, of type {type(x).__name__}, makes no tensor: a tensor, a variable, an array or a "
            f"list of floats is accepted ({error})"
        ) from error
    _check_dtype(activation, tensor.dtype.name)
    return tensor


def _check_dtype(activation: Activation, dtype: str) -> None:
    if dtype not in _ACCEPTED:
        raise TypeError(f"{activation.name}'s x has dtype {dtype}: {', '.join(_ACCEPTED)} are accepted")


def _single(number: float) -> np.float32:
    with np.errstate(over="ignore"):
        return np.float32(number)
