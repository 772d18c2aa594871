"""Contestants on gated units, which are timed for what is promised of them, and in no table."""

from collections.abc import Callable
from functools import partial
from typing import Any

import tensorflow as tf

from tfcustomact import _gated
from tfcustomact._commands import tensors
from tfcustomact._commands.cases import Case
from tfcustomact._commands.timing.measurement import Runner
from tfcustomact._gated_backends.operands import op_name
from tfcustomact.backends import BACKENDS

_CHANNELS = 256


def plain_swiglu(gate: tf.Tensor, up: tf.Tensor) -> tf.Tensor:
    """SwiGLU as one would write it."""
    return tf.nn.silu(gate) * up


def runner(function: Callable[..., Any], case: Case) -> Runner:
    """Times a function of gate and up, of ``case.size`` elements each, with respect to both."""
    gate, dy = (tf.reshape(each, [-1, _CHANNELS]) for each in tensors.inputs_on(case.device, case.dtype, case.size))
    return tensors.runner_of(lambda operands: function(*operands), case, (gate, tf.reverse(gate, [0])), dy)


def unit(case: Case) -> Runner:
    """Times the unit of the case's activation."""
    return runner(partial(_gated.gated, activation=case.op), case)


def reasons_against_unit(case: Case) -> list[str]:
    """Returns why the compiled unit cannot run."""
    reasons = tensors.reasons_against(case)
    return reasons or BACKENDS["native"].reasons_against(op_name(case.op, 2), case.kind, tf.as_dtype(case.dtype))
