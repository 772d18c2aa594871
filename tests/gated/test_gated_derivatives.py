"""Derivatives of gated units beyond the gradient, and gradients of batches."""

from collections.abc import Callable

import numpy as np
import tensorflow as tf
from gated_unit import Unit, every_computation_of_few_units
from modes import Mode
from parameters import defined

from tfcustomact.activations import ACTIVATIONS

Function = Callable[..., tf.Tensor]


def derivative_by(index: int, function: Function) -> Function:
    def derivative(*inputs: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            tape.watch(inputs[index])
            y = function(*inputs)
        return tape.gradient(y, inputs[index])

    return derivative


@every_computation_of_few_units
def test_derivatives_up_to_the_fourth(op: str, backend: str, mode: Mode, packed: bool) -> None:
    parameter = 1.7 if ACTIVATIONS[op].arguments else None
    unit = Unit(op, parameter, backend, packed)
    gate = np.array([-1000, -40, -17, -3, -0.7, 0, 0.4, 2.4, 12, 34, 1000])
    up = np.random.default_rng(0).normal(size=gate.size)

    def derivatives(gate: tf.Tensor, up: tf.Tensor) -> list[tf.Tensor]:
        by_gate: list[Function] = [lambda gate, up: unit(*unit.operands(gate, up))]
        for _ in range(4):
            by_gate.append(derivative_by(0, by_gate[-1]))
        return [by_gate[4](gate, up), derivative_by(1, by_gate[2])(gate, up), derivative_by(1, by_gate[3])(gate, up)]

    got = mode(derivatives)(tf.constant(gate), tf.constant(up))
    for each, order, factor in zip(got, (4, 2, 3), (up, 1, 1), strict=True):
        exact = np.array([defined(op, parameter, x, order) for x in gate], float) * factor
        # At 0 they may have a root.
        assert np.all(np.abs(each - exact) <= 2e-14 * np.abs(exact) + 1e-15 * (gate == 0)), (order, each, exact)


@every_computation_of_few_units
def test_forward_mode_and_batches(op: str, backend: str, mode: Mode, packed: bool) -> None:
    gate, up, direction = tf.unstack(tf.random.stateless_normal([3, 5, 4], [1, 2], dtype=tf.float64))
    unit = Unit(op, None, backend, packed)

    def everything(unit: Function, gate: tf.Tensor, up: tf.Tensor) -> list[tf.Tensor]:
        gradient = derivative_by(0, lambda gate, up: tf.square(unit(gate, up)))
        with tf.autodiff.ForwardAccumulator(gate, direction) as forward:
            results = [unit(gate, up), gradient(gate, up)]
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([gate, up])
            y = unit(gate, up)
            mapped = tf.vectorized_map(lambda each: gradient(each, up[0]), gate, fallback_to_while_loop=False)
        jacobians = [*tape.jacobian(y, [gate, up]), tape.batch_jacobian(y, gate)]
        return [*results, *map(forward.jvp, results), *jacobians, mapped, *tape.gradient(mapped, [gate, up])]

    activation = ACTIVATIONS[op]
    arguments = [argument.default for argument in activation.arguments]
    expected = everything(lambda gate, up: activation.value(gate, *arguments) * up, gate, up)
    got = mode(lambda *inputs: everything(lambda *pair: unit(*unit.operands(*pair)), *inputs))(gate, up)
    for ours, plain in zip(got, expected, strict=True):
        np.testing.assert_allclose(ours, plain, rtol=1e-12, atol=1e-14)
