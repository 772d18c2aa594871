"""The choice between two tensors, element by element."""

from __future__ import annotations

from tfcustomact.activations._tensorflow import tf


def select(condition: tf.Tensor, x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
    """Returns ``x`` where ``condition``, else ``y``; all three have one shape.

    ``tf.where`` broadcasts: it takes longer even where there is nothing to broadcast, and has at most eight dimensions.
    """
    return tf.raw_ops.Select(condition=condition, x=x, y=y)
