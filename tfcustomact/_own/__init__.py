"""Activations of one's own, made of a formula in TensorFlow's ops.

A call goes through `_function` (what users hold), `_arguments` (checks), `_choice` (which way it is computed) and
`_passes` (how each way is computed and differentiated); `_own` is what all of them know of the activation.
"""

from tfcustomact._own._choice import explanation as explanation_of
from tfcustomact._own._function import activation, own_of

__all__ = ["activation", "explanation_of", "own_of"]
