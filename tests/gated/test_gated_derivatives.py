"""Derivatives of gated units beyond the gradient, and gradients of batches."""

import functools
from collections.abc import Callable

import numpy as np
import pytest
import tensorflow as tf
from gated_unit import Unit, every_computation_of_few_units, packed_or_not
from modes import Mode
from parameters import FEW, defined

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

    def by_gate(order: int, gate: tf.Tensor, up: tf.Tensor) -> tuple[list[tf.Tensor], list[tf.Tensor]]:
        """The derivatives by gate up to this order, and those of them by up."""
        if order == 0:
            return [unit(*unit.operands(gate, up))], []
        with tf.GradientTape(persistent=True) as tape:
            tape.watch([gate, up])
            found, by_up = by_gate(order - 1, gate, up)
        by_up = [*by_up, tape.gradient(found[-1], up)]
        return [*found, tape.gradient(found[-1], gate)], by_up

    def derivatives(gate: tf.Tensor, up: tf.Tensor) -> list[tf.Tensor]:
        found, by_up = by_gate(4, gate, up)
        return [found[4], by_up[2], by_up[3]]

    got = mode(derivatives)(tf.constant(gate), tf.constant(up))
    for each, order, factor in zip(got, (4, 2, 3), (up, 1, 1), strict=True):
        exact = np.array([defined(op, parameter, x, order) for x in gate], float) * factor
        # At 0 they may have a root.
        assert np.all(np.abs(each - exact) <= 2e-14 * np.abs(exact) + 1e-15 * (gate == 0)), (order, each, exact)


def everything(unit: Function, gate: tf.Tensor, up: tf.Tensor, direction: tf.Tensor) -> list[tf.Tensor]:
    """A gated unit and its derivatives, in forward mode and of batches."""
    gradient = derivative_by(0, lambda gate, up: tf.square(unit(gate, up)))
    with tf.autodiff.ForwardAccumulator(gate, direction) as forward:
        results = [unit(gate, up), gradient(gate, up)]
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([gate, up])
        y = unit(gate, up)
        mapped = tf.vectorized_map(lambda each: gradient(each, up[0]), gate, fallback_to_while_loop=False)
    jacobians = [*tape.jacobian(y, [gate, up]), tape.batch_jacobian(y, gate)]
    return [*results, *map(forward.jvp, results), *jacobians, mapped, *tape.gradient(mapped, [gate, up])]


def some_inputs() -> list[tf.Tensor]:
    return tf.unstack(tf.random.stateless_normal([3, 5, 4], [1, 2], dtype=tf.float64))


@functools.cache
def everything_of_plain_ops(op: str) -> list[tf.Tensor]:
    """Once for all backends and modes."""
    activation = ACTIVATIONS[op]
    arguments = [argument.default for argument in activation.arguments]
    return everything(lambda gate, up: activation.value(gate, *arguments) * up, *some_inputs())


@every_computation_of_few_units
def test_forward_mode_and_batches(op: str, backend: str, mode: Mode, packed: bool) -> None:
    unit = Unit(op, None, backend, packed)
    got = mode(lambda *inputs: everything(lambda *pair: unit(*unit.operands(*pair)), *inputs))(*some_inputs())
    for ours, plain in zip(got, everything_of_plain_ops(op), strict=True):
        np.testing.assert_allclose(ours, plain, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize(
    ("backend", "mode"), [("native", "eager"), ("native", "jit"), ("python", "eager")], indirect=True
)
@packed_or_not
def test_derivatives_where_the_argument_is_a_tensor(backend: str, mode: Mode, packed: bool) -> None:
    op = FEW[0]
    gate, up = tf.unstack(tf.random.stateless_normal([2, 3, 5, 4], [1, 2], dtype=tf.float64))
    arguments = tf.random.stateless_uniform([3, 4], [3, 4], 0.5, 1.5, dtype=tf.float64)

    def gradients(function: Function, *inputs: tf.Tensor) -> list[tf.Tensor]:
        with tf.GradientTape() as tape:
            tape.watch(inputs)
            y = tf.sin(function(*inputs))
        return tape.gradient(y, inputs)

    def in_one(function: Function) -> Function:
        return lambda *inputs: tf.concat([tf.reshape(each, [-1]) for each in gradients(function, *inputs)], 0)

    def of_three_inputs(unit: Function, gate: tf.Tensor, up: tf.Tensor, arguments: tf.Tensor) -> list[tf.Tensor]:
        inputs = (gate, up, arguments[0])
        with tf.autodiff.ForwardAccumulator(inputs, tuple(map(tf.cos, inputs))) as forward:
            y = unit(*inputs)
        results, function = [y, forward.jvp(y)], unit
        for _ in range(3):
            results += gradients(function, *inputs)
            function = in_one(function)
        every = (gate, up, arguments)
        mapped = tf.vectorized_map(lambda each: gradients(unit, *each), every, fallback_to_while_loop=False)
        return [*results, *mapped]

    def ours(gate: tf.Tensor, up: tf.Tensor, argument: tf.Tensor) -> tf.Tensor:
        unit = Unit(op, argument, backend, packed)
        return unit(*unit.operands(gate, up))

    (composition,) = ACTIVATIONS[op].of_argument.compositions.values()
    expected = of_three_inputs(lambda gate, up, argument: composition(gate, argument) * up, gate, up, arguments)
    for mine, plain in zip(mode(functools.partial(of_three_inputs, ours))(gate, up, arguments), expected, strict=True):
        np.testing.assert_allclose(mine, plain, rtol=1e-11, atol=1e-13)
