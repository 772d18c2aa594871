"""What is tested of a gated unit."""

import pytest
import tensorflow as tf
from modes import COMPUTATIONS
from parameters import FEW, given

import tfcustomact as tca
from tfcustomact.activations import ACTIVATIONS

few_ops_with_a_parameter = pytest.mark.parametrize(
    ("op", "parameter"), [(op, 1.7 if ACTIVATIONS[op].arguments else None) for op in FEW]
)
packed_or_not = pytest.mark.parametrize("packed", [False, True], ids=["pair", "packed"])

# Of the ops all four: of both activations, of two tensors and of one. All else, which takes seconds, splits one tensor
# into two before it computes, whatever the activation: one of each.
every_computation_of_few_units = pytest.mark.parametrize(
    ("backend", "mode", "op", "packed"),
    [
        (*computation, op, packed)
        for computation in COMPUTATIONS
        for op in FEW
        for packed in (False, True)
        if computation == ("native", "eager") or packed == (op == FEW[0])
    ],
    indirect=["backend", "mode"],
)


class Unit:
    """A gated unit as a function of gate and up, which may be packed in between."""

    def __init__(self, op: str, parameter: float | None, backend: str, packed: bool) -> None:
        self.op, self.packed = op, packed
        names = ACTIVATIONS[op].argument_names
        self.keywords = {"backend": backend, **dict(zip(names, given(parameter), strict=False))}

    def operands(self, gate: tf.Tensor, up: tf.Tensor) -> list[tf.Tensor]:
        """Returns what the unit is called with."""
        return [tf.reshape(tf.stack([gate, up], -2), [*gate.shape[:-1], -1])] if self.packed else [gate, up]

    def __call__(self, *operands: tf.Tensor) -> tf.Tensor:
        return tca.gated(*operands, activation=self.op, **self.keywords)

    def value_and_gradients(self, gate: tf.Tensor, up: tf.Tensor, dy: tf.Tensor) -> list[tf.Tensor]:
        """Returns the unit, and its gradients by gate and up."""
        with tf.GradientTape() as tape:
            tape.watch([gate, up])
            y = self(*self.operands(gate, up))
        return [y, *tape.gradient(y, [gate, up], output_gradients=dy)]
