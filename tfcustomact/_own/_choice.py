"""Which way an activation of one's own is computed."""

from dataclasses import dataclass
from typing import Any

import tensorflow as tf
from tensorflow.python.eager import record
from tensorflow.python.saved_model.save_context import in_save_context

from tfcustomact import _dispatch
from tfcustomact._own._own import Own, Value
from tfcustomact._own._passes import Pass, is_in_xla
from tfcustomact.backends import BACKENDS
from tfcustomact.backends.python import MAX_DIMENSIONS

# From how many elements on XLA's pass takes less time than the formula's ops, by kind of device.
CROSSING = {"CPU": 1 << 18, "GPU": 1 << 24, "TPU": 1}

# Compilations in eager mode: of so many activations, dtypes, numbers and sizes in all.
MAX_COMPILED = 64

_compiled: set[tuple[Any, ...]] = set()


@dataclass(frozen=True)
class Way:
    """How something is computed, and why."""

    backend: str
    """The name of the one whose way it is."""

    reason: str

    keeps_intermediates: bool = False

    below: int = 0
    """Eager tensors of fewer elements than this are computed in this way too."""


def way(own: Own, x: tf.Tensor, requested: str | None) -> Way:
    """Returns how an activation of x is computed.

    Raises:
        ValueError: if a backend is asked for that is unknown or cannot run.
    """
    device = _dispatch.device_kind(x)
    asked = _dispatch.resolve(requested)
    reasons = reasons_against(own, device, x.dtype)
    if asked != _dispatch.AUTO:
        if reasons[asked]:
            raise ValueError(f"backend {asked!r} cannot run {own.name}: {'; '.join(reasons[asked])}")
        is_small = tf.executing_eagerly() and x.shape.num_elements() < CROSSING.get(device, 0)
        as_it_is = asked == "python" and (is_small or in_save_context())
        return Way(asked, f"{asked} was asked for", keeps_intermediates=as_it_is)
    if in_save_context():
        return Way("python", "a saved model has TensorFlow's ops", keeps_intermediates=True)
    if not tf.executing_eagerly() and is_in_xla():
        return Way("python", "the function around it is compiled by XLA as a whole")
    crossing, size = CROSSING.get(device), x.shape.num_elements()
    if crossing is None or reasons["xla"]:
        return Way("python", "; ".join(reasons["xla"]) or f"what XLA takes on {device} was not measured")
    if size is None:
        return Way("python", "XLA would compile for every size, and the size is not known here")
    if size < crossing:
        reason = f"XLA takes less time only from {crossing:,} elements on"
        return Way("python", reason, keeps_intermediates=True, below=crossing if tf.executing_eagerly() else 0)
    return Way("xla", f"it takes less time from {crossing:,} elements on")


def reasons_against(own: Own, device: str, dtype: tf.DType) -> dict[str, list[str]]:
    """Returns for every backend why it cannot run an activation; nothing if it can."""
    found = {name: backend.reasons_against(own.name, device, dtype) for name, backend in BACKENDS.items()}
    found["native"] = ["there are no compiled kernels of activations of one's own"]
    return found


def explanation(own: Own, x: tf.Tensor) -> _dispatch.Explanation:
    """Returns which way an activation of x is computed, and why no other; the errors are those of `way`."""
    device, chosen = _dispatch.device_kind(x), way(own, x, None)
    others = {
        name: tuple(reasons) or (f"{chosen.backend} is taken: {chosen.reason}",)
        for name, reasons in reasons_against(own, device, x.dtype).items()
        if name != chosen.backend
    }
    return _dispatch.Explanation(own.name, device, x.dtype.name, chosen.backend, others)


def computed(
    own: Own, way: Way, x: tf.Tensor, numbers: tuple[float | None, ...], tensors: list[tf.Tensor]
) -> tf.Tensor:
    """Returns the activation of x in this way."""
    rank = x.shape.rank
    if (rank is None or rank > MAX_DIMENSIONS) and all(t.shape.rank == 0 for t in tensors):
        return tf.reshape(computed(own, way, tf.reshape(x, [-1]), numbers, tensors), tf.shape(x))
    value = Value(own, numbers)
    if way.keeps_intermediates:
        return as_written(value, x, tensors)
    if not tf.executing_eagerly():
        (y,) = _pass(value, x, tensors, way.backend == "xla")(x, *tensors)
        return y
    entry = (own, numbers, x.dtype, x.shape.num_elements(), *(t.shape for t in tensors))
    if entry not in _compiled:
        if len(_compiled) >= MAX_COMPILED:
            return as_written(value, x, tensors)
        _compiled.add(entry)
    run = _pass(value, x, tensors, way.backend == "xla")
    if x.shape.rank == 1 or any(t.shape.rank for t in tensors):
        (y,) = run(x, *tensors)
        return y
    # One dimension, so that what is compiled for a size serves every shape of it.
    (y,) = run(tf.reshape(x, [-1]), *tensors)
    return tf.reshape(y, x.shape)


def as_written(value: Value, x: tf.Tensor, tensors: list[tf.Tensor]) -> tf.Tensor:
    """Returns the value, computed by the formula's ops one by one.

    Their intermediate results are kept for the gradient, unless that is hand-written.
    """
    if value.own.gradient is None or not tf.executing_eagerly():
        (y,) = value(x, *tensors)
        return y
    # tf.custom_gradient takes longer.
    with record.stop_recording():
        y = value.plain(x, *tensors)
    record.record_operation("TfcustomactOwn", [y], [x, *tensors], lambda dy: value.pulled_back(dy, x, *tensors))
    return y


def _pass(value: Value, x: tf.Tensor, tensors: list[tf.Tensor], is_compiled: bool) -> Pass:
    inputs = (x.dtype, *(t.dtype for t in tensors))
    key = (value.numbers, x.dtype, is_compiled)
    made: Pass = value.own.passes.setdefault(key, Pass(value, is_compiled, inputs, (x.dtype,)))
    return made
