"""What the files of the activations take from TensorFlow, where it can be used. They can be imported where it cannot:
exact values, and the functions of arrays, do without."""

from typing import TYPE_CHECKING

from tfcustomact._keras import reason_against_keras

if TYPE_CHECKING or reason_against_keras() is None:
    import tensorflow as tf
    from tensorflow.python.saved_model.save_context import in_save_context
else:
    tf = in_save_context = None

__all__ = ["in_save_context", "tf"]
