"""Keras layers of gated units, and layers of a matrix with an activation."""

from typing import Any

import keras
import tensorflow as tf

from tfcustomact import _arguments, _dispatch
from tfcustomact._gated import gated, shape_of, unit_of
from tfcustomact.activations import ACTIVATIONS

Shape = tuple[int | None, ...]

_register = keras.saving.register_keras_serializable(package="tfcustomact")


@_register
class Gated(keras.layers.Layer):
    """A gated unit, `tfcustomact.gated`: called with gate and up, or with one packed tensor.

    Args:
        activation: a function of this package, or its name.
        arguments: what the activation takes besides ``x``, a dictionary as in `keras.layers.Lambda`.
        backend: the backend to run on, as in `tfcustomact.gated`; it is saved with the model.
        **kwargs: what every Keras layer takes, such as ``name`` and ``dtype``.

    Raises:
        TypeError: if ``activation`` is neither a function nor a name, or ``arguments`` are not what it takes; when it
            is called, as `tfcustomact.gated` does, and for a list of gate and up, which are two arguments.
        ValueError: if ``activation`` is none of this package's, a number is not finite, or the backend is unknown.
        RuntimeError: if Keras runs on another backend than TensorFlow.
    """

    def __init__(
        self,
        activation: Any = "swish",
        arguments: dict[str, float] | None = None,
        backend: str | None = None,
        **kwargs: Any,
    ) -> None:
        _arguments.check_keras_backend()
        super().__init__(**kwargs)
        record, arguments = unit_of(activation, arguments or {})
        for number in record.arguments_of(arguments, "x"):
            _arguments.finite(record, number)
        if backend is not None:
            _dispatch.check_name(backend)
        self.activation, self.arguments, self.backend = record.name, arguments, backend
        self.supports_masking = True

    def call(self, gate: tf.Tensor, up: tf.Tensor | None = None) -> tf.Tensor:
        """Returns the unit of ``gate`` and ``up``, or of the halves of ``gate``."""
        _check_gate(gate)
        return gated(gate, up, self.activation, backend=self.backend, **self.arguments)

    def compute_output_spec(self, gate: keras.KerasTensor, up: keras.KerasTensor | None = None) -> keras.KerasTensor:
        """Returns a symbolic tensor of the unit's shape and dtype.

        Raises:
            TypeError: for dtypes that are not accepted, or sparse or ragged tensors.
            ValueError: if the shapes differ, or the last axis of a packed tensor is odd.
        """
        _check_gate(gate)
        operands = [gate] if up is None else [gate, up]
        for operand, name in zip(operands, ("gate", "up"), strict=False):
            _arguments.check_symbolic(ACTIVATIONS[self.activation], operand, name=name)
        return keras.KerasTensor(shape_of(*(each.shape for each in operands)).as_list(), dtype=gate.dtype)

    def compute_output_shape(self, gate_shape: Shape, up_shape: Shape | None = None) -> Shape:
        """Returns the shape of the unit of tensors of these shapes; the error is that of `compute_output_spec`."""
        return tuple(shape_of(gate_shape, up_shape).as_list())

    def get_config(self) -> dict[str, Any]:
        """Returns what the layer is made again from."""
        own = {"activation": self.activation, "arguments": dict(self.arguments), "backend": self.backend}
        return {**super().get_config(), **own}


@_register
class Dense(keras.layers.Dense):
    """`keras.layers.Dense` whose bias and activation are one pass over memory, in the gradient too.

    It takes the arguments of `keras.layers.Dense`. ``activation`` may be a function of this package or the name of one;
    where Keras has the same function, its name, and Keras' function itself, stand for the one of this package. With
    another activation, or none, or without a bias, and quantized, the layer computes what `keras.layers.Dense` does.
    ``model.quantize`` quantizes it as that.

    Raises:
        ValueError: for what `keras.layers.Dense` does not accept.
        RuntimeError: if Keras runs on another backend than TensorFlow.
    """

    def __init__(self, units: int, activation: Any = None, *args: Any, **kwargs: Any) -> None:
        _arguments.check_keras_backend()
        super().__init__(units, _ours(activation), *args, **kwargs)

    def call(self, inputs: tf.Tensor, training: bool | None = None) -> tf.Tensor:
        """Returns ``activation(inputs @ kernel + bias)``."""
        if self.bias is None or not _is_ours(self.activation):
            return super().call(inputs, training=training)
        return self.activation(keras.ops.matmul(inputs, self.kernel), bias=self.bias)

    def quantize(self, mode: str | None = None, type_check: bool = True, **kwargs: Any) -> None:
        """Quantizes the kernel, as `keras.layers.Dense` does, which by default refuses that for a class of its own."""
        super().quantize(mode, type_check=False, **kwargs)


_OF_DENSE = (
    "use_bias",
    "kernel_initializer",
    "bias_initializer",
    "kernel_regularizer",
    "bias_regularizer",
    "kernel_constraint",
    "bias_constraint",
)
_OF_QUANTIZED = ("dtype", "quantization_config")


@_register
class GatedDense(keras.layers.Layer):
    """A gated unit of two dense layers: ``activation(x @ a + b) * (x @ c + d)``, by one product of matrices.

    ``kernel``, of shape ``[inputs, 2 * units]``, has ``a`` in its first half and ``c`` in the second; ``bias``, of
    shape ``[2 * units]``, likewise ``b`` and ``d``. An initializer is called once, with these shapes: one that looks at
    the number of outputs, as ``"glorot_uniform"`` does, sees ``2 * units``.

    ``model.quantize`` quantizes the product as that of a `keras.layers.Dense`.

    Source: N. Shazeer, "GLU Variants Improve Transformer", 2020 (arXiv:2002.05202).

    Args:
        units: the length of the last axis of the output.
        activation: a function of this package or the name of one, as in `Dense`, for which `tfcustomact.gated` is
            called; or what else `keras.layers.Dense` accepts, by which the first half is replaced before the product.
        use_bias: whether there is a bias.
        kernel_initializer: as in `keras.layers.Dense`, like the others.
        bias_initializer: likewise.
        kernel_regularizer: likewise.
        bias_regularizer: likewise.
        activity_regularizer: likewise.
        kernel_constraint: likewise.
        bias_constraint: likewise.
        **kwargs: what every Keras layer takes, such as ``name`` and ``dtype``.

    Raises:
        ValueError: if ``units`` is no positive integer, or for what `keras.layers.Dense` does not accept.
        RuntimeError: if Keras runs on another backend than TensorFlow.
    """

    def __init__(
        self,
        units: int,
        activation: Any = "swish",
        use_bias: bool = True,
        kernel_initializer: Any = "glorot_uniform",
        bias_initializer: Any = "zeros",
        kernel_regularizer: Any = None,
        bias_regularizer: Any = None,
        activity_regularizer: Any = None,
        kernel_constraint: Any = None,
        bias_constraint: Any = None,
        **kwargs: Any,
    ) -> None:
        _arguments.check_keras_backend()
        super().__init__(activity_regularizer=activity_regularizer, **kwargs)
        if not isinstance(units, int) or units <= 0:
            raise ValueError(f"units is {units!r}: a positive integer is accepted")
        self.units = units
        self.activation = keras.activations.get(_ours(activation))
        self.dense = keras.layers.Dense(
            2 * units,
            use_bias=use_bias,
            kernel_initializer=kernel_initializer,
            bias_initializer=bias_initializer,
            kernel_regularizer=kernel_regularizer,
            bias_regularizer=bias_regularizer,
            kernel_constraint=kernel_constraint,
            bias_constraint=bias_constraint,
            dtype=self.dtype_policy,
        )
        self.supports_masking = True

    @property
    def kernel(self) -> Any:
        """The kernel, which exists once the layer is built."""
        return self.dense.kernel

    @property
    def bias(self) -> Any:
        """The bias, which exists once the layer is built; None without one."""
        return self.dense.bias

    def build(self, input_shape: Shape) -> None:
        """Makes kernel and bias for inputs of this shape."""
        self.dense.build(input_shape)

    def call(self, inputs: tf.Tensor) -> tf.Tensor:
        """Returns the unit of ``inputs``."""
        packed = self.dense(inputs)
        if _is_ours(self.activation):
            return gated(packed, activation=self.activation)
        gate, up = keras.ops.split(packed, 2, axis=-1)
        return self.activation(gate) * up

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns ``input_shape`` with ``units`` as its last axis."""
        return *input_shape[:-1], self.units

    def get_config(self) -> dict[str, Any]:
        """Returns what the layer is made again from."""
        of_dense = self.dense.get_config()
        config = {
            **super().get_config(),
            "units": self.units,
            "activation": keras.activations.serialize(self.activation),
            "activity_regularizer": keras.regularizers.serialize(self.activity_regularizer),
            **{name: of_dense[name] for name in _OF_DENSE},
        }
        if self.dense.dtype_policy != self.dtype_policy:
            config["quantized"] = {name: of_dense.get(name) for name in _OF_QUANTIZED}
        return config

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> "GatedDense":
        """Returns the layer of a configuration."""
        config = dict(config)
        quantized = config.pop("quantized", None)
        made: GatedDense = super().from_config(config)
        if quantized is not None:
            made.dense.dtype_policy = keras.dtype_policies.get(quantized["dtype"])
            made.dense.quantization_config = keras.saving.deserialize_keras_object(quantized["quantization_config"])
        return made


def _ours(given: Any) -> Any:
    """Returns this package's function for its name, or for what Keras has of the same name; else what is given."""
    for activation in ACTIVATIONS.values():
        peer = activation.peers.get("keras")
        same = [*activation.names, *([peer, getattr(keras.activations, peer)] if peer else [])]
        if any(given is each or (isinstance(given, str) and given == each) for each in same):
            return activation.function
    return given


def _check_gate(gate: Any) -> None:
    if isinstance(gate, (list, tuple)):
        raise TypeError(f"gate is a {type(gate).__name__} of {len(gate)}: a tensor is accepted, and up beside it")


def _is_ours(function: Any) -> bool:
    return any(function is activation.function for activation in ACTIVATIONS.values())
