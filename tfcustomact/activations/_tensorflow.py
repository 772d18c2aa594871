"""What the files of the activations take from TensorFlow, where it can be used. They can be imported where it cannot:
exact values, and the functions of arrays, do without."""

from typing import TYPE_CHECKING, Any

from tfcustomact._keras import reason_against_keras

_reason = reason_against_keras()

if TYPE_CHECKING or _reason is None:
    import tensorflow as tf
    from tensorflow.python.saved_model.save_context import in_save_context

    from tfcustomact._run import run
else:
    tf = in_save_context = None

    def run(name: str, *arguments: Any) -> Any:
        """Raises ``ImportError``, saying why."""
        raise ImportError(f"tfcustomact.{name} {_reason}")


__all__ = ["in_save_context", "run", "tf"]
