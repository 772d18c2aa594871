"""How `tf.vectorized_map`, jacobians and whatever else maps a function over a batch run the compiled ops.

An op that such a loop calls in each iteration becomes one call, whose inputs have one more axis in front, that of the
iterations, if they are not the same for all of them. Without these rules TensorFlow would run a loop. So it would for
`tf.bitcast`, which formulas of the backend ``python`` call, and which TensorFlow has no rule for.
"""

from collections.abc import Callable, Sequence
from typing import Any

import tensorflow as tf
from tensorflow.python.ops.parallel_for import pfor

from tfcustomact.backends._compositions import computed

Op = Callable[..., Any]


def _convert_bitcast(loop: Any) -> Any:
    return pfor.wrap(tf.bitcast(loop.stacked_input(0), loop.get_attr("type")), True)


# A later TensorFlow may have a rule of its own.
if "Bitcast" not in pfor._pfor_converter_registry:
    pfor.RegisterPFor("Bitcast")(_convert_bitcast)


def register_elementwise(op_type: str, run: Op, arguments: int) -> None:
    """Registers an op of some numbers and, after these, arrays of one shape.

    Args:
        op_type: what TensorFlow calls the op.
        run: calls it.
        arguments: how many numbers it takes.
    """

    @pfor.RegisterPFor(op_type)
    def convert(loop: Any) -> Any:
        numbers, arrays = _split(loop, arguments)
        return [pfor.wrap(y, True) for y in tf.nest.flatten(run(*numbers, *arrays))]


def register_of_tensor(op_type: str, run: Op, run_gradient: Op) -> None:
    """Registers an op of a tensor argument and arrays of one shape, and that of its gradient."""

    @pfor.RegisterPFor(op_type)
    def convert(loop: Any) -> Any:
        argument = loop.inputs[0]
        loop.stack_inputs(range(1, loop.num_inputs))
        arrays = [each.t for each in loop.inputs[1:]]
        return pfor.wrap(run(_in_front(argument.t, arrays[0]) if argument.is_stacked else argument.t, *arrays), True)

    @pfor.RegisterPFor(f"{op_type}Grad")
    def convert_gradient(loop: Any) -> Any:
        # The argument's gradient is wanted per iteration: it has to be an argument per iteration.
        loop.stack_inputs()
        argument, *arrays = (each.t for each in loop.inputs)
        *by_arrays, by_argument = run_gradient(_in_front(argument, arrays[0]), *arrays)
        return [pfor.wrap(each, True) for each in (*by_arrays, tf.reshape(by_argument, tf.shape(argument)))]


def register_biased(op_type: str, run: Op, run_unbiased: Op, derivative: Op, arguments: int) -> None:
    """Registers an op of some numbers, x and a bias, and that of its gradient.

    Args:
        op_type: what TensorFlow calls the op.
        run: calls it.
        run_unbiased: calls the op of the numbers and x alone.
        derivative: calls the op of the numbers, dy and x.
        arguments: how many numbers it takes.
    """

    @pfor.RegisterPFor(op_type)
    def convert(loop: Any) -> Any:
        bias = loop.inputs[-1]
        loop.stack_inputs([arguments])
        numbers = [each.t for each in loop.inputs[:arguments]]
        x = loop.stacked_input(arguments)
        if bias.is_stacked:
            return pfor.wrap(run_unbiased(*numbers, x + _in_front(bias.t, x)), True)
        return pfor.wrap(run(*numbers, x, bias.t), True)

    @pfor.RegisterPFor(f"{op_type}Grad")
    def convert_gradient(loop: Any) -> Any:
        numbers, (dy, x, bias) = _split(loop, arguments)
        by_x = derivative(*numbers, dy, x + _in_front(bias, x))
        by_bias = tf.reduce_sum(computed(by_x), axis=tf.range(1, tf.rank(x) - 1))
        return [pfor.wrap(by_x, True), pfor.wrap(tf.cast(by_bias, bias.dtype), True)]


def _split(loop: Any, arguments: int) -> tuple[Sequence[tf.Tensor], Sequence[tf.Tensor]]:
    """Returns the numbers, which are the same in each iteration, and the arrays, one of each per iteration."""
    loop.stack_inputs(range(arguments, loop.num_inputs))
    inputs = [each.t for each in loop.inputs]
    return inputs[:arguments], inputs[arguments:]


def _in_front(operand: tf.Tensor, x: tf.Tensor) -> tf.Tensor:
    """Returns what was to be broadcast in each iteration with as many dimensions as ``x``, both one per iteration."""
    shape = tf.shape(operand)
    ones = tf.ones([tf.rank(x) - tf.rank(operand)], shape.dtype)
    return tf.reshape(operand, tf.concat([shape[:1], ones, shape[1:]], 0))
