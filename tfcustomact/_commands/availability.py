"""What the commands ask of the dispatcher, for devices named like ``CPU:0``."""

import tensorflow as tf

from tfcustomact._dispatch import Explanation, explanation
from tfcustomact.backends import BACKENDS


def explained(op: str, device: str, dtype: str) -> Explanation:
    return explanation(op, _kind(device), tf.as_dtype(dtype))


def reasons_against_backend(name: str, op: str, device: str, dtype: str) -> list[str]:
    return BACKENDS[name].reasons_against(op, _kind(device), tf.as_dtype(dtype))


def _kind(device: str) -> str:
    return device.partition(":")[0]
