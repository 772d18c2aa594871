"""The derivatives of a gated unit beyond its gradient."""

from collections.abc import Callable

import tensorflow as tf

from tfcustomact._gated_backends.operands import like, pair
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.backends._compositions import computed, summed
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


def gradients_of_tensor_gradient(
    op: str, activation: Callable[[tf.Tensor, tf.Tensor], tf.Tensor], *given: tf.Tensor
) -> list[tf.Tensor]:
    """Returns the gradients of a unit's gradients where the activation's argument is a tensor, likewise.

    Args:
        op: the activation's name.
        activation: the activation, of its argument and x, in the dtype that is computed in.
        *given: the argument, ``dy`` and the unit's operands, and what comes in for the gradients of the operands and
            of the argument.
    """
    of_argument = ACTIVATIONS[op].of_argument
    assert of_argument is not None
    count = (len(given) - 3) // 2
    operands, incoming = given[2 : 2 + count], given[2 + count : -1]
    a, dy, by_da = map(computed, (*given[:2], given[-1]))
    gate, up, by_dgate, by_dup = map(computed, (*pair(operands), *pair(incoming)))
    f, (f_x, f_a, f_xx, f_xa, f_aa) = activation(a, gate), of_argument.partials(gate, a)
    by_product = by_dgate * f_x + by_da * f_a
    product = dy * up
    of_a = summed(product * (by_dgate * f_xa + by_da * f_aa) + by_dup * dy * f_a, given[0])
    of_dy = up * by_product + by_dup * f
    of_gate = product * (by_dgate * f_xx + by_da * f_xa) + by_dup * dy * f_x
    gradients = (of_a, of_dy, *like(operands, of_gate, dy * by_product))
    return [tf.cast(gradient, each.dtype) for gradient, each in zip(gradients, given, strict=False)]
