"""What the gated units of `tfcustomact.numpy` and `tfcustomact.cuda` share: their kernels and their docstrings."""

from collections.abc import Callable, Mapping
from types import ModuleType
from typing import Any, NamedTuple

from tfcustomact.activations._activation import activation_of

Function = Callable[..., Any]


class Module(NamedTuple):
    """A module with gated units."""

    name: str
    kernels: ModuleType
    functions: Mapping[str, Function]
    """Its functions of activations."""

    def kernel(self, suffix: str, activation: Any, given: Mapping[str, Any]) -> tuple[Function, dict[str, Any]]:
        """Returns the kernel of an activation's gated unit, and the arguments of the activation, by name.

        Raises:
            TypeError: if ``activation`` is neither one of the functions nor a name, or does not take what is given.
            ValueError: if it is none of the module's.
        """
        record = activation_of(activation, self.functions, self.name, "a function of this module")
        arguments = dict(zip(record.argument_names, record.arguments_of(given, "gate"), strict=True))
        return getattr(self.kernels, record.name + suffix), arguments


_DOCSTRING = """

Source: N. Shazeer, "GLU Variants Improve Transformer", 2020 (arXiv:2002.05202).

With one array, ``gate`` is packed: the first half of its last axis is activated, and multiplied by the second half.
Both are read in place.

Args:{dy}
    gate: what is activated: {array},
        of dtype float16, bfloat16, float32 or float64. Without ``up``, both halves.
    up: what the activation is multiplied by: an array of gate's shape and dtype.{arguments} a finite real number,
        rounded to float32 unless ``gate`` is float64; or {row} of numbers, finite or not, that
        broadcasts to the value's shape, of gate's dtype, or float32 beside float16 and bfloat16: one number for each
        channel, for example.
    out: {out}{stream}

Returns:
    {returns}

Raises:
    TypeError: {type_error}{type}.
    ValueError: if an array has another shape, a packed array has no even last axis, a number is not finite,{value} or
        {value_error}
        Nothing is written then.
    {other_errors}
"""

OF_ANY = {
    "arguments": """
    activation: a function of this module for an activation, such as `elu`, or its name.
    **arguments: what the activation takes, such as ``alpha=0.5``:""",
    "type": """, or if the activation does not take one of the ``arguments``, or
        that is no real number""",
    "value": " ``activation`` is none of this package's,",
}
OF_SWISH = {
    "arguments": "\n    beta:",
    "type": ", or if ``beta`` is no real number",
    "value": "",
}
OF_VALUE = {"dy": ""}
OF_GRADIENT = {"dy": "\n    dy: an array of the value's shape and dtype."}

OF_ROW = """ Beside an array for the activation's argument, there is
    one more: its gradient, of its shape and dtype, for each of its numbers the sum of ``dy * up`` times the derivative
    of f with respect to it, with the same bits {always}."""
"""What the gradients' docstrings say of the gradient of an array."""


def documented(*words: Mapping[str, str]) -> Callable[[Function], Function]:
    """Returns a decorator that adds to a docstring what gated units have in common, with these words for its fields."""

    def document(function: Function) -> Function:
        together = {key: text for some in words for key, text in some.items()}
        function.__doc__ = f"{function.__doc__}{_DOCSTRING.format(**together)}"
        return function

    return document
