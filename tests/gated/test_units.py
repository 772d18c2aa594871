"""Gated units: their values and gradients, of two tensors and of one packed tensor."""

from typing import Any

import ml_dtypes
import numpy as np
import tensorflow as tf
from gated_unit import Unit, every_computation_of_few_units, few_ops_with_a_parameter
from modes import Mode
from parameters import FEW, every_op_with

import tfcustomact as tca
from tfcustomact import testing
from tfcustomact._gated_backends.operands import op_name
from tfcustomact.activations import ACTIVATIONS


@few_ops_with_a_parameter
def test_values_and_gradients(op: str, parameter: float | None, dtype: np.dtype[Any], backend: str) -> None:
    check_values_and_gradients(op, parameter, dtype, backend)


@every_op_with(1.0)
def test_values_and_gradients_of_every_unit(op: str, parameter: float | None) -> None:
    name = op_name(op, 2)
    check_values_and_gradients(op, parameter, np.dtype(np.float32), tca.explain(name, np.float32(0)).backend)


def check_values_and_gradients(op: str, parameter: float | None, dtype: np.dtype[Any], backend: str) -> None:
    gate = testing.hard_inputs(op, dtype, parameter, count=1 << 11)[: 1 << 16]
    # A subnormal number may count as zero, where ELU's derivative jumps.
    gate = gate[~(np.abs(gate) < ml_dtypes.finfo(dtype).tiny) | (gate == 0)]
    # Where the activation overflows, it is infinite before it is multiplied.
    with np.errstate(over="ignore"):
        value = testing.exact(op, gate, parameter).astype(dtype)
    gate = gate[~np.isinf(value) | np.isinf(gate)]
    random = np.random.default_rng(0)
    # No larger than 1 / 2: where the activation is subnormal, and may count as zero, the product is subnormal too.
    up, dy = random.uniform(-0.5, 0.5, (2, *gate.shape)).astype(dtype)
    wide_up, wide_dy = up.astype(np.longdouble), dy.astype(np.longdouble)
    outputs = []
    for derivative, factor in ((0, wide_up), (1, wide_dy * wide_up), (0, wide_dy)):
        with np.errstate(all="ignore"):
            exact = testing.exact(op, gate, parameter, derivative=derivative) * factor
        outputs.append((exact, testing.floor(op, gate, parameter, derivative=derivative) * np.abs(factor)))
    # Compiled, the backend xla computes what the backend python does.
    for mode in (Mode("eager"), Mode("jit"))[: 1 if backend == "xla" else 2]:
        # Two multiplications round once each; half precision is computed in float32.
        limit = testing.ulp_limit(backend, dtype, op=op, jit=mode.jit) + (dtype.itemsize > 2)
        # See `every_computation_of_few_units`.
        for packed in (False, True) if backend == "native" else (op == FEW[0],):
            got = mode(Unit(op, parameter, backend, packed).value_and_gradients)(*map(tf.constant, (gate, up, dy)))
            for output, (exact, floor) in zip(got, outputs, strict=True):
                testing.assert_max_ulp(output.numpy(), exact, limit, floor=floor.astype(float))


@every_computation_of_few_units
def test_infinities_nan_and_zeros(op: str, backend: str, mode: Mode, packed: bool) -> None:
    gates, ups = [np.inf, -np.inf, 0.0, -0.0, np.nan], [2.0, -3.0, 0.0, -0.0, np.inf, -np.inf, np.nan]
    gate, up = (np.float32(each).ravel() for each in np.meshgrid(gates, ups))
    dy = np.full_like(gate, -1.5)
    inputs = [tf.constant(each) for each in (gate, up, dy)]
    for special in ACTIVATIONS[op].special_values[:2]:
        got = mode(Unit(op, *(special.arguments or [None]), backend, packed).value_and_gradients)(*inputs)
        value, derivative = (
            np.tile(np.float32([*each, np.nan]), len(ups)) for each in (special.values, special.derivatives)
        )
        with np.errstate(invalid="ignore"):
            expected = (value * up, dy * (up * derivative), dy * value)
        for output, wanted, factor in zip(got, expected, (value, derivative, value), strict=True):
            np.testing.assert_array_equal(output, wanted)
            # Derivatives go to zero from either side.
            signed = (wanted == 0) & ((factor is value) | (factor != 0))
            np.testing.assert_array_equal(np.signbit(output)[signed], np.signbit(wanted)[signed])
