"""The derivatives of a gated unit beyond its gradient."""

from collections.abc import Callable

import tensorflow as tf

from tfcustomact._gated_backends.operands import like, pair
from tfcustomact.backends._compositions import computed
from tfcustomact.backends.python import Orders


def gradients_of_gradient(activation: Orders) -> Callable[..., list[tf.Tensor]]:
    """Returns the gradients of a unit's gradients, composed of what TensorFlow differentiates further.

    A unit's gradients are ``dy up f'(gate)`` and ``dy f(gate)``. The function returned takes what comes in for these
    two, then ``dy`` and the unit's operands, and returns the gradients of the latter. Half precision is computed in
    float32.
    """

    def gradients(*given: tf.Tensor) -> list[tf.Tensor]:
        count = len(given) // 2
        incoming, dy, operands = given[:count], computed(given[count]), given[count + 1 :]
        by_dgate, by_dup = map(computed, pair(incoming))
        gate, up = map(computed, pair(operands))
        of_dy = activation.derivative(by_dgate * up, gate) + by_dup * activation.value(gate)
        of_gate = activation.second(by_dgate, dy * up, gate) + activation.derivative(by_dup * dy, gate)
        of_up = activation.derivative(by_dgate * dy, gate)
        return [tf.cast(each, given[0].dtype) for each in (of_dy, *like(operands, of_gate, of_up))]

    return gradients
