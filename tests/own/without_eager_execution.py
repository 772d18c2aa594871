"""Activations of one's own where eager execution is disabled: see test_own_derivatives.py."""

from typing import Any

import formulas
import numpy as np
import tensorflow as tf


def value_and_derivative(x: list[float], a: float) -> list[list[Any]]:
    """Of each formula, in a session."""
    tf.compat.v1.disable_eager_execution()
    tensor = tf.compat.v1.placeholder(tf.float32, [None])
    wanted = []
    for own in (formulas.derived, formulas.written):
        y = own(tensor, a)
        wanted.append([y, *tf.gradients(y, tensor)])
    with tf.compat.v1.Session() as session:
        found = session.run(wanted, {tensor: np.float32(x)})
    return np.array(found).tolist()
