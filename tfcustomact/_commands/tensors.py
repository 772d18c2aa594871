"""Contestants on TensorFlow's tensors: from an activation to the call that is timed, the same code for all of them."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import tensorflow as tf

from tfcustomact._commands import machine
from tfcustomact._commands.cases import Case, inputs
from tfcustomact._commands.timing.measurement import FLUSHED_BYTES, Call, Runner, waiting_clock
from tfcustomact._dispatch import explanation
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.backends import BACKENDS

Function = Callable[[tf.Tensor], Any]


def theirs(op: str) -> dict[str, Function]:
    """What TensorFlow offers for an activation, and compositions of its ops."""
    activation = ACTIVATIONS[op]
    name = activation.peers.get("tf.nn")
    return ({f"tf.nn.{name}": getattr(tf.nn, name)} if name else {}) | dict(activation.compositions)


def reasons_against(case: Case) -> list[str]:
    found = case.device in machine.tensor_devices()
    return [] if found else [f"TensorFlow does not compute on {case.device}"]


def reasons_against_backend(backend: str, case: Case) -> list[str]:
    reasons = reasons_against(case)
    return reasons or BACKENDS[backend].reasons_against(case.op, case.kind, tf.as_dtype(case.dtype))


def backend_runner(backend: str, case: Case) -> Runner:
    activation = ACTIVATIONS[case.op]
    function = activation.function
    if activation.chooses_by_size or explanation(case.op, case.kind, tf.as_dtype(case.dtype)).backend != backend:
        function = functools.partial(function, backend=backend)
    return runner(function, case)


def runner(function: Function, case: Case) -> Runner:
    return runner_of(function, case, *inputs_on(case.device, case.dtype, case.size))


def runner_of(function: Function, case: Case, x: Any, dy: tf.Tensor) -> Runner:
    """Times a function of ``x``, one tensor or several, with respect to these."""
    call = _call(function, case.mode, case.direction, x, dy)
    if case.kind == "CPU":
        return Runner(call)
    wait = tf.test.experimental.sync_devices

    def flush() -> object:
        with tf.device(case.device):
            return tf.fill([FLUSHED_BYTES // 4], 1.0)

    return Runner(call, wait, clock=waiting_clock(flush, wait) if case.kind == "GPU" else None)


def computed(function: Function, device: str, mode: str, output: str, x: np.ndarray) -> np.ndarray:
    """The values or gradients of ``x``."""
    with tf.device(device):
        tensor = tf.identity(tf.constant(x))
        direction = "forward" if output == "value" else "both"
        outputs: Any = _call(function, mode, direction, tensor, tf.ones_like(tensor))()
        return (outputs if output == "value" else outputs[1]).numpy()


@functools.lru_cache(maxsize=4)
def inputs_on(device: str, dtype: str, size: int) -> tuple[tf.Tensor, tf.Tensor]:
    with tf.device(device):
        x, dy = (tf.identity(tf.constant(array)) for array in inputs(dtype, size))
    return x, dy


def _call(function: Function, mode: str, direction: str, x: Any, dy: tf.Tensor) -> Call:
    """Forward, the gradient alone, or both; a gradient alone has its forward pass recorded before in eager mode,
    and in a graph whatever of the forward pass it needs."""
    if mode == "eager" and direction == "forward":
        return functools.partial(function, x)
    if mode == "eager" and direction == "backward":
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(x)
            y = function(x)
        return functools.partial(tape.gradient, y, x, output_gradients=dy)
    bodies: dict[str, Callable[..., Any]] = {"forward": _value, "backward": _gradient, "both": _both}
    body: Any = functools.partial(bodies[direction], function)
    if mode != "eager":
        body = tf.function(body, autograph=False, jit_compile=mode == "jit")
    return functools.partial(body, x) if direction == "forward" else functools.partial(body, x, dy)


def _value(function: Function, x: Any) -> tf.Tensor:
    # Not the function itself: tf.function takes the longer, the more arguments with defaults a function has.
    return function(x)


def _gradient(function: Function, x: Any, dy: tf.Tensor) -> Any:
    return _both(function, x, dy)[1]


def _both(function: Function, x: Any, dy: tf.Tensor) -> tuple[tf.Tensor, Any]:
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return y, tape.gradient(y, x, output_gradients=dy)
