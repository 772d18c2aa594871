"""The numbers that every contestant works on: one pair of arrays for each dtype and size, shared by all."""

import functools

import numpy as np
import tensorflow as tf


@functools.lru_cache(maxsize=4)
def host_arrays(dtype: str, size: int) -> tuple[np.ndarray, np.ndarray]:
    """``x`` and the incoming gradient ``dy``, both from a standard normal distribution."""
    random = np.random.default_rng(size)
    target = tf.as_dtype(dtype).as_numpy_dtype
    x, dy = (random.standard_normal(size, dtype=np.float32).astype(target, copy=False) for _ in range(2))
    return x, dy


@functools.lru_cache(maxsize=4)
def tensors(device: str, dtype: str, size: int) -> tuple[tf.Tensor, tf.Tensor]:
    with tf.device(device):
        x, dy = (tf.identity(tf.constant(array)) for array in host_arrays(dtype, size))
    return x, dy
