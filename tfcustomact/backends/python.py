"""Plain TensorFlow ops with hand-written gradients: runs wherever TensorFlow runs."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

import tensorflow as tf
from tensorflow.python.eager import record
from tensorflow.python.saved_model import save_context

from tfcustomact.activations import ACTIVATIONS
from tfcustomact.backends._compositions import computed, gradients_of_gradient, summed

NAME = "python"

# Some of TensorFlow's kernels support no more.
MAX_DIMENSIONS = 8


def reasons_against(op: str, device: str, dtype: tf.DType) -> list[str]:
    """Returns nothing: every device and dtype is served."""
    return []


def call(op: str, x: tf.Tensor, *arguments: float) -> tf.Tensor:
    """Returns the activation named ``op`` of ``x``."""
    return eager_call(op, *arguments)(x)


def eager_call(op: str, *arguments: float) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the activation named ``op`` with its arguments."""
    return differentiable(passes(op, *arguments))


def tensor_call(op: str) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Returns the activation named ``op``, of a tensor as its argument and x."""
    return differentiable_of_two(passes_of_argument(op), partial(gradients_of_gradient, op))


def biased_call(op: str, *arguments: float) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Returns the activation named ``op`` of the sum of x and a bias."""
    function = biased(passes(op, *arguments), passes_of_bias(op, *arguments))
    return lambda x, bias: function(bias, x)


class Passes(NamedTuple):
    """The passes over memory that an activation takes: each is one computation, and knows nothing of the others."""

    value: Callable[[tf.Tensor], tf.Tensor]
    """f(x)"""
    derivative: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    """dy f'(x), of dy and x"""
    second: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]
    """ddx dy f''(x), of ddx, dy and x"""
    third: Callable[[tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]
    """d3x ddx dy f'''(x), of d3x, ddx, dy and x"""


def passes(op: str, *arguments: float) -> Passes:
    """Returns the passes of the activation named ``op``, in TensorFlow's ops."""
    activation = ACTIVATIONS[op]
    f1, f2, f3 = activation.derivatives

    def value(x: tf.Tensor) -> tf.Tensor:
        return tf.cast(activation.value(computed(x), *arguments), x.dtype)

    def derivative(dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        return tf.cast(computed(dy) * f1(computed(x), *arguments), x.dtype)

    def second(ddx: tf.Tensor, dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        return tf.cast(computed(ddx) * (computed(dy) * f2(computed(x), *arguments)), x.dtype)

    def third(d3x: tf.Tensor, ddx: tf.Tensor, dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        factors = computed(d3x) * (computed(ddx) * computed(dy))
        return tf.cast(factors * f3(computed(x), *arguments), x.dtype)

    return Passes(value, derivative, second, third)


class PassesOfTwo(NamedTuple):
    """The passes of an activation that is differentiated with respect to x and another tensor, the operand."""

    value: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    """Of the operand and x."""
    gradient: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tuple[tf.Tensor, tf.Tensor]]
    """The gradients with respect to x and the operand, of the operand, dy and x."""


def passes_of_argument(op: str) -> PassesOfTwo:
    """Returns the passes of the activation named ``op`` with a tensor as its argument, in TensorFlow's ops."""
    activation = ACTIVATIONS[op]
    assert activation.of_argument is not None
    by_x, by_argument = activation.derivatives[0], activation.of_argument.derivative

    def value(argument: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        y = tf.cast(activation.value(computed(x), computed(argument)), x.dtype)
        # An argument whose shape is known at run time alone may have enlarged it: that is an error.
        return y if x.shape.is_fully_defined() and x.shape == y.shape else tf.reshape(y, tf.shape(x))

    def gradient(argument: tf.Tensor, dy: tf.Tensor, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        operands, incoming = (computed(x), computed(argument)), computed(dy)
        of_x, of_argument = incoming * by_x(*operands), incoming * by_argument(*operands)
        return tf.cast(of_x, x.dtype), summed(of_argument, argument)

    return PassesOfTwo(value, gradient)


def passes_of_bias(op: str, *arguments: float) -> PassesOfTwo:
    """Returns the passes of the activation named ``op`` of the sum of a bias and x, in TensorFlow's ops."""
    activation = ACTIVATIONS[op]

    def value(bias: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        return tf.cast(activation.value(computed(x) + computed(bias), *arguments), x.dtype)

    def gradient(bias: tf.Tensor, dy: tf.Tensor, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        of_x = computed(dy) * activation.derivatives[0](computed(x) + computed(bias), *arguments)
        return tf.cast(of_x, x.dtype), summed(of_x, bias)

    return PassesOfTwo(value, gradient)


def differentiable(passes: Passes) -> Callable[[tf.Tensor], tf.Tensor]:
    """Returns the activation as a function that TensorFlow differentiates by its passes.

    The fourth and all later derivatives are TensorFlow's own of ``passes.third``.
    """
    return orders(passes).value


def differentiable_of_two(
    passes: PassesOfTwo, gradients_of_gradient: Callable[..., tuple[tf.Tensor, tf.Tensor, tf.Tensor]]
) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Returns the activation of the operand and x as a function that TensorFlow differentiates by its passes.

    Args:
        passes: the passes.
        gradients_of_gradient: differentiates ``passes.gradient``: of its arguments and what comes in for its results.
    """

    def value(operand: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        def pull_back(dy: tf.Tensor, operand: tf.Tensor, x: tf.Tensor) -> Sequence[tf.Tensor]:
            by_x, by_operand = gradient(operand, dy, x)
            return by_operand, by_x

        # It may be a variable.
        return with_gradient(passes.value, pull_back, tf.convert_to_tensor(operand), x)

    def gradient(operand: tf.Tensor, dy: tf.Tensor, x: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        if save_context.in_save_context():
            return passes.gradient(operand, dy, x)

        def pull_back(by_x: tf.Tensor, by_operand: tf.Tensor, *inputs: tf.Tensor) -> Sequence[tf.Tensor]:
            return gradients_of_gradient(*inputs, by_x, by_operand)

        gradients: tuple[tf.Tensor, tf.Tensor] = with_gradient(passes.gradient, pull_back, operand, dy, x)
        return gradients

    return value


def biased(passes: Passes, of_bias: PassesOfTwo) -> Callable[[tf.Tensor, tf.Tensor], tf.Tensor]:
    """Returns the activation of the sum of a bias and x, both differentiable, by its passes."""
    _, derivative, second = orders(passes)

    def gradients_of_gradient(
        bias: tf.Tensor, dy: tf.Tensor, x: tf.Tensor, d_by_x: tf.Tensor, d_by_bias: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        z, incoming = x + bias, d_by_x + d_by_bias
        by_z = second(incoming, dy, z)
        return summed(by_z, bias), derivative(incoming, z), by_z

    return differentiable_of_two(of_bias, gradients_of_gradient)


class Orders(NamedTuple):
    """The passes of an activation as functions that TensorFlow differentiates."""

    value: Callable[[tf.Tensor], tf.Tensor]
    derivative: Callable[[tf.Tensor, tf.Tensor], tf.Tensor]
    second: Callable[[tf.Tensor, tf.Tensor, tf.Tensor], tf.Tensor]


def orders(passes: Passes) -> Orders:
    """Returns the passes as functions that TensorFlow differentiates by those of higher order."""

    def value(x: tf.Tensor) -> tf.Tensor:
        if x.shape.rank is not None and x.shape.rank > MAX_DIMENSIONS:
            return tf.reshape(value(tf.reshape(x, [-1])), tf.shape(x))
        return with_gradient(passes.value, lambda dy, x: [derivative(dy, x)], x)

    def derivative(dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        if save_context.in_save_context():
            # TensorFlow saves a gradient with a model, but not that gradient's own.
            return passes.derivative(dy, x)
        return with_gradient(passes.derivative, lambda ddx, dy, x: [derivative(ddx, x), second(ddx, dy, x)], dy, x)

    def second(ddx: tf.Tensor, dy: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
        def pull_back(d3x: tf.Tensor, ddx: tf.Tensor, dy: tf.Tensor, x: tf.Tensor) -> list[tf.Tensor]:
            return [second(d3x, dy, x), second(d3x, ddx, x), passes.third(d3x, ddx, dy, x)]

        return with_gradient(passes.second, pull_back, ddx, dy, x)

    return Orders(value, derivative, second)


def with_gradient(
    one_pass: Callable[..., Any], pull_back: Callable[..., Sequence[tf.Tensor]], *inputs: tf.Tensor
) -> Any:
    """Returns ``one_pass(*inputs)``, one tensor or several, whose gradients are ``pull_back(*dy, *inputs)``."""
    if tf.executing_eagerly():
        # What tf.custom_gradient does, but nothing is recorded, and so kept, of the pass itself.
        with record.stop_recording():
            y = one_pass(*inputs)
        outputs = [y] if isinstance(y, tf.Tensor) else [*y]
        record.record_operation(NAME, outputs, inputs, lambda *dy: pull_back(*map(tf.convert_to_tensor, dy), *inputs))
        return y

    @tf.custom_gradient
    def graph_pass(*inputs: tf.Tensor) -> tuple[Any, Callable[..., Sequence[tf.Tensor]]]:
        # The identities bring the inputs into the graph that the gradient is built in: without them, a gradient of a
        # gradient taken outside a tf.function looks for a tensor inside it.
        return one_pass(*inputs), lambda *dy: pull_back(*map(tf.convert_to_tensor, dy), *map(tf.identity, inputs))

    # The gradient of a branch of tf.cond knows only tensors inside it: these bring others into it.
    return graph_pass(*map(tf.identity, inputs))
