"""What the backends compute, to be held to the exact values."""

import functools
import itertools
from collections.abc import Iterator, Sequence

import numpy as np
import tensorflow as tf

import tfcustomact as tca
from tfcustomact._commands.availability import reasons_against_backend
from tfcustomact._commands.tensorflow_calls import value_and_gradient
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.backends import BACKENDS


def combinations(
    devices: Sequence[str], ops: Sequence[str], outputs: Sequence[str], dtypes: Sequence[str]
) -> Iterator[tuple[str, str, str, str, str]]:
    """Every backend that can run, with its device, op, output and dtype."""
    for backend, device, op, output, dtype in itertools.product(BACKENDS, devices, ops, outputs, dtypes):
        if not reasons_against_backend(backend, op, device, dtype):
            yield backend, device, op, output, dtype


def computed(backend: str, device: str, op: str, output: str, mode: str, parameter: float, x: np.ndarray) -> np.ndarray:
    """A backend's values or gradients of ``x``."""
    body = functools.partial(getattr(tca, op), **{ACTIVATIONS[op].argument_names[0]: parameter, "backend": backend})
    with tf.device(device):
        operands: tuple[tf.Tensor, ...] = (tf.identity(tf.constant(x)),)
        if output == "gradient":
            body = functools.partial(value_and_gradient, body)
            operands += (tf.ones_like(operands[0]),)
        if mode != "eager":
            body = tf.function(body, autograph=False, jit_compile=mode == "jit")
        outputs = body(*operands)
        return (outputs[1] if output == "gradient" else outputs).numpy()
