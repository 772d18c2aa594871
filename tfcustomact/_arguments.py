"""The checks of what an activation is given."""

import math
from numbers import Real
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from tensorflow.python.ops.resource_variable_ops import ResourceVariable

from tfcustomact._remedies import KERAS_ON_TENSORFLOW
from tfcustomact.activations._activation import Activation

_ACCEPTED = ("float16", "bfloat16", "float32", "float64")

_VARIABLES = (tf.Variable, keras.Variable)

_EagerTensor = tf.__internal__.EagerTensor

# What is taken as an argument with one or several numbers.
_TENSORS = (tf.Tensor, *_VARIABLES, keras.KerasTensor, np.ndarray)


def readable(given: Any) -> Any:
    """Returns a variable as a tensor, or as a `ResourceVariable`, which eager ops read; all else as it is given.

    They read it in C++: `tf.convert_to_tensor`, in Python, takes longer than an op.
    """
    if given is None or not isinstance(given, _VARIABLES):
        return given
    variable = given.value if isinstance(given, keras.Variable) else given
    if isinstance(variable, tf.Tensor):
        # Keras has cast it.
        return variable
    # Inside a tf.function, whose constants are eager tensors, the variable is read when the function runs.
    if type(variable) is ResourceVariable and tf.executing_eagerly() and variable.shape.is_fully_defined():
        return variable
    return tf.convert_to_tensor(given)


def kind_of(given: Any) -> tuple[Any, ...]:
    """Returns what a decision depends on of an eager tensor, or of a variable that eager ops read: dtype and shape;
    nothing of anything else."""
    if type(given) is _EagerTensor:
        return given._datatype_enum(), given._shape_tuple()
    return (given.dtype.as_datatype_enum, tuple(given.shape.as_list())) if type(given) is ResourceVariable else ()


def parameter(activation: Activation, value: Any, x: tf.Tensor) -> float | tf.Tensor:
    """Returns the argument of an activation of ``x``: a float if it is one number, else a tensor.

    Raises:
        TypeError: if it is neither a real number nor a tensor, variable or array, or one of another dtype.
        ValueError: if it is a number that is not finite, or not positive where it has to be, in the dtype that ``x``
            is computed in, or does not broadcast to x's shape.
    """
    if isinstance(value, np.ndarray) and value.ndim == 0:
        value = value[()]
    if not isinstance(value, _TENSORS):
        return finite(activation, value, x.dtype)
    name = f"{activation.name}'s {activation.argument_names[0]}"
    made = _converted(name, value)
    accepted = (x.dtype,) if x.dtype == tf.float64 else (x.dtype, tf.float32)
    if made.dtype not in accepted:
        names = " or ".join(dict.fromkeys(dtype.name for dtype in accepted))
        raise TypeError(f"{name} has dtype {made.dtype.name}: beside an x of {x.dtype.name}, {names} is accepted")
    if not _broadcasts(made.shape, x.shape):
        raise ValueError(f"{name} has shape {made.shape}: one that broadcasts to that of x, {x.shape}, is accepted")
    return made


def bias_tensor(activation: Activation, value: Any, x: tf.Tensor) -> tf.Tensor:
    """Returns a bias of ``x`` as a tensor.

    Raises:
        TypeError: if it makes no tensor of x's dtype.
        ValueError: if it is not as long as the last axis of ``x``.
    """
    name = f"{activation.name}'s bias"
    made = _converted(name, value)
    if made.dtype != x.dtype:
        raise TypeError(f"{name} has dtype {made.dtype.name}: that of x, {x.dtype.name}, is accepted")
    if x.shape.rank == 0 or not made.shape.is_compatible_with(x.shape[-1:]):
        raise ValueError(f"{name} has shape {made.shape}: that of the last axis of x, which has {x.shape}, is accepted")
    return made


def finite(activation: Activation, value: object, dtype: tf.DType | None = None) -> float:
    """Returns the argument of an activation that has one, as a float.

    Raises:
        TypeError: if it is no real number.
        ValueError: if it is not finite, or not positive where it has to be, in the dtype that tensors of ``dtype`` are
            computed in.
    """
    name = f"{activation.name}'s {activation.argument_names[0]}"
    made = number(name, value, dtype)
    if activation.divides_x and (made if dtype in (None, tf.float64) else _float32(made)) <= 0:
        raise ValueError(f"{name} is {made}: a positive number is accepted")
    return made


def number(name: str, value: object, dtype: tf.DType | None, besides: str = "") -> float:
    """Returns a real number as a float; as `finite`, of what errors call ``name``, and say is accepted ``besides``."""
    # ml_dtypes does not register its numbers as real numbers.
    is_real = isinstance(value, Real) or type(value).__module__ == "ml_dtypes"
    if isinstance(value, (bool, np.bool_)) or not is_real:
        raise TypeError(
            f"{name} is {value!r}, of type {type(value).__name__}: a finite real number{besides} is accepted"
        )
    try:
        made = float(value)  # type: ignore[arg-type]
    except OverflowError:
        made = math.inf
    if not math.isfinite(made):
        raise ValueError(f"{name} is {made}: a finite number is accepted")
    if dtype not in (None, tf.float64) and not np.isfinite(_float32(made)):
        raise ValueError(f"{name} is {made}, which is infinite in float32: a number finite in float32 is accepted")
    return made


def flag_of(activation: Activation, value: object) -> bool:
    """Returns the flag of an activation that has one.

    Raises:
        TypeError: if it is no bool.
    """
    if not isinstance(value, (bool, np.bool_)):
        raise TypeError(
            f"{activation.name}'s {activation.flag} is {value!r}, of type {type(value).__name__}: a bool is accepted"
        )
    return bool(value)


def check_symbolic(activation: Activation, x: keras.KerasTensor, *others: Any, name: str = "x") -> None:
    """Raises ``TypeError`` if a symbolic tensor stands for tensors that are not accepted.

    Args:
        activation: the activation.
        x: the symbolic tensor.
        *others: what is given beside it. Of a Keras input a layer is made, which takes numbers.
        name: what messages call ``x``.
    """
    for other in others:
        if isinstance(other, _TENSORS):
            raise TypeError(
                f"{activation.name}'s x is a Keras tensor: numbers are accepted beside it, not a "
                f"{type(other).__name__}; tfcustomact.layers has layers with variables"
            )
    for kind in ("sparse", "ragged"):
        if getattr(x, kind, False):
            raise TypeError(f"{activation.name}'s {name} is a {kind} Keras tensor: a dense one is accepted")
    _check_dtype(activation, x.dtype, name)


def check_keras_backend() -> None:
    """Raises ``RuntimeError`` if Keras runs on another backend than TensorFlow."""
    backend = keras.config.backend()
    if backend != "tensorflow":
        raise RuntimeError(
            f"tfcustomact's layers need Keras on TensorFlow, and its backend is {backend!r}: {KERAS_ON_TENSORFLOW}"
        )


def tensor(activation: Activation, x: Any, name: str = "x") -> tf.Tensor:
    """Returns ``x``, which messages call ``name``, as a tensor.

    Raises:
        TypeError: if it makes none, or none that is accepted.
    """
    if isinstance(x, (tf.RaggedTensor, tf.SparseTensor)):
        raise TypeError(f"{activation.name}'s {name} is a {type(x).__name__}: a dense tensor is accepted")
    library = type(x).__module__.partition(".")[0]
    if library == "tf_keras":
        raise TypeError(
            f"{activation.name}'s {name} is a {type(x).__name__} of tf_keras: a tensor of Keras 3 is accepted; in "
            f"tf_keras, use tf_keras.layers.Lambda(tfcustomact.{activation.name})"
        )
    if library in ("jax", "jaxlib", "torch") and keras.config.backend() != "tensorflow":
        raise TypeError(
            f"{activation.name}'s {name} is a {type(x).__name__} of {library}, as Keras' backend is "
            f"{keras.config.backend()!r}: {KERAS_ON_TENSORFLOW}"
        )
    try:
        made = tf.convert_to_tensor(x)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{activation.name}'s {name}, of type {type(x).__name__}, makes no tensor: a tensor, a variable, an array "
            f"or a list of floats is accepted ({error})"
        ) from error
    _check_dtype(activation, made.dtype.name, name)
    return made


def _converted(name: str, value: Any) -> tf.Tensor:
    try:
        return tf.convert_to_tensor(value)
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"{name}, of type {type(value).__name__}, makes no tensor: a tensor, a variable or an array is accepted "
            f"({error})"
        ) from error


def _broadcasts(shape: tf.TensorShape, to: tf.TensorShape) -> bool:
    """Says whether ``shape`` broadcasts to ``to``, as far as both are known."""
    if shape.rank is None or to.rank is None:
        return True
    ends = zip(reversed([*shape]), reversed([*to]), strict=False)
    return shape.rank <= to.rank and all(size in (1, None, wanted) or wanted is None for size, wanted in ends)


def _check_dtype(activation: Activation, dtype: str, name: str) -> None:
    if dtype not in _ACCEPTED:
        raise TypeError(f"{activation.name}'s {name} has dtype {dtype}: {', '.join(_ACCEPTED)} are accepted")


def _float32(number: float) -> np.float32:
    with np.errstate(over="ignore"):
        return np.float32(number)
