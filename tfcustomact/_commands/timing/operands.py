"""Contestants with a tensor beside x, which are timed for what is promised of them, and in no table."""

from collections.abc import Callable
from typing import Any

import tensorflow as tf

from tfcustomact._commands import tensors
from tfcustomact._commands.cases import Case
from tfcustomact._commands.timing.measurement import Runner
from tfcustomact.activations import ACTIVATIONS

_CHANNELS = 256

Function = Callable[[tf.Tensor, tf.Tensor], Any]


def per_channel(function: Function, case: Case) -> Runner:
    """Times a function of ``x`` and of one number per channel, with respect to both."""
    x, dy = (tf.reshape(each, [-1, _CHANNELS]) for each in tensors.inputs_on(case.device, case.dtype, case.size))
    with tf.device(case.device):
        numbers = tf.random.stateless_uniform([_CHANNELS], [1, 2], 0.5, 1.5, case.dtype)
    return tensors.runner_of(lambda operands: function(*operands), case, (x, numbers), dy)


def with_argument(case: Case) -> Runner:
    """Times the case's activation, whose argument is a number per channel."""
    return per_channel(ACTIVATIONS[case.op].function, case)


def with_bias(case: Case) -> Runner:
    """Times the case's activation of ``x`` and a bias."""
    function = ACTIVATIONS[case.op].function
    return per_channel(lambda x, bias: function(x, bias=bias), case)


def after_bias_add(case: Case) -> Runner:
    """Times the case's activation of what `tf.nn.bias_add` returns."""
    function = ACTIVATIONS[case.op].function
    return per_channel(lambda x, bias: function(tf.nn.bias_add(x, bias)), case)


def with_variable(case: Case) -> Runner:
    """Times the case's activation, whose argument is a variable."""
    function, variable = ACTIVATIONS[case.op].function, _variable(case)
    return tensors.runner(lambda x: function(x, variable), case)


def beside_variable(case: Case) -> Runner:
    """Times the case's activation, whose argument is a number, and the reading of a variable."""
    function, variable = ACTIVATIONS[case.op].function, _variable(case)
    return tensors.runner(lambda x: (tf.convert_to_tensor(variable), function(x, 1.5))[1], case)


def _variable(case: Case) -> tf.Variable:
    with tf.device(case.device):
        return tf.Variable(1.5, trainable=False, dtype=case.dtype)
