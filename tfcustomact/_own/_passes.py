"""Passes: functions of tensors that keep nothing but their inputs for their gradients.

The gradient of a pass is a pass again, so that there are derivatives of every order.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property

import tensorflow as tf
from tensorflow.python.framework import ops
from tensorflow.python.ops import control_flow_util

from tfcustomact.backends.python import with_gradient

Function = Callable[..., list[tf.Tensor]]


@dataclass(eq=False)
class Pass:
    """A function of tensors, computed at once.

    Called eagerly it is one TensorFlow function, compiled by XLA if ``is_compiled``; in a graph such a function if
    ``is_compiled``, and otherwise its ops become part of the graph.
    """

    function: Function
    is_compiled: bool
    inputs: tuple[tf.DType, ...]
    outputs: tuple[tf.DType, ...]
    """Their dtypes, as those of the inputs."""

    twins: int = 0
    """From which input on the inputs have the shapes of the outputs."""

    def __call__(self, *inputs: tf.Tensor) -> list[tf.Tensor]:
        """Returns what the function does."""
        run = self._as_one if self.is_compiled or tf.executing_eagerly() else self.function
        # Not self._gradient itself, which is made when it is needed.
        made: list[tf.Tensor] = with_gradient(run, lambda *given: self._gradient(*given), *inputs)
        if not tf.executing_eagerly():
            for y, x in zip(made, inputs[self.twins :], strict=False):
                # A function of tensors of any shape does not know that it keeps the shape.
                y.set_shape(x.shape)
        return made

    @cached_property
    def _as_one(self) -> Function:
        # Any shape: what is traced once serves all of them, and XLA compiles for each.
        signature = [tf.TensorSpec(None, dtype) for dtype in self.inputs]
        function = tf.function(self.function, jit_compile=self.is_compiled, autograph=False, input_signature=signature)
        # In a thread of its own, which has no tapes, forward accumulators, graphs and scopes. Those around a call would
        # have their part in what is traced, and this may be called where TensorFlow has stopped them.
        with ThreadPoolExecutor(1) as thread:
            made: Function = thread.submit(function.get_concrete_function).result()
        return made

    @cached_property
    def _gradient(self) -> "Pass":
        function = _PullBack(self.function, len(self.outputs), self.is_compiled)
        return Pass(function, self.is_compiled, (*self.outputs, *self.inputs), self.inputs, len(self.outputs))


@dataclass(frozen=True)
class _PullBack:
    """The gradients of a function's inputs, of those of its outputs and its inputs: computes the function again."""

    function: Function
    outputs: int
    is_compiled: bool

    def __call__(self, *given: tf.Tensor) -> list[tf.Tensor]:
        dys, inputs = given[: self.outputs], given[self.outputs :]
        after = _after_in_xla if self.is_compiled or is_in_xla() else _after
        inputs = after(dys[0], inputs)
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(inputs)
            ys = self.function(*inputs)
        gradients: list[tf.Tensor] = tape.gradient(
            ys, list(inputs), list(dys), unconnected_gradients=tf.UnconnectedGradients.ZERO
        )
        return gradients


def is_in_xla() -> bool:
    """Says whether what is traced now is for XLA, because a function around it has ``jit_compile=True``."""
    found: bool = control_flow_util.GraphOrParentsInXlaContext(ops.get_default_graph())
    return found


# TensorFlow's and XLA's optimizers compute once what occurs twice: without one of these, they would keep every
# intermediate result of the function until its gradient needs it.


def _after(dy: tf.Tensor, inputs: Sequence[tf.Tensor]) -> tuple[tf.Tensor, ...]:
    """Returns the inputs, from which nothing is computed before dy is there."""
    with tf.control_dependencies([dy]):
        return tuple(map(tf.identity, inputs))


def _after_in_xla(dy: tf.Tensor, inputs: Sequence[tf.Tensor]) -> tuple[tf.Tensor, ...]:
    """Returns the inputs, as if they depended on dy: XLA takes no notice of dependencies without data.

    What is added is always -0, but XLA does not see that. `tf.recompute_grad` does it likewise.
    """
    some = dy if dy.shape.rank == 0 else tf.reduce_max(tf.reshape(dy, [-1])[:1])
    known = tf.cast(some, tf.bool)
    zero = tf.where(tf.equal(known, known), -0.0, float("nan"))
    return tuple(x + tf.cast(zero, x.dtype) for x in inputs)
