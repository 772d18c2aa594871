"""Which devices TensorFlow finds kernels for."""

import pytest
from tensorflow.python.framework import kernels

from tfcustomact import _libraries, _native_library
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.backends import native


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("op", [*filter(native._has_kernels, ACTIVATIONS)])
@pytest.mark.parametrize("derivative", ["", "Grad", "GradGrad"])
def test_gpus_have_kernels_only_where_the_cuda_kernels_were_built(op: str, derivative: str) -> None:
    # Where there are none, TensorFlow runs a loaded model's op on the CPU.
    expected = {"CPU", "XLA_CPU_JIT", "XLA_GPU_JIT"}
    if _libraries.kernels().cuda.architectures():
        expected.add("GPU")
    op_type = _native_library.op_type(op) + derivative
    registered = kernels.get_registered_kernels_for_op(op_type).kernel
    assert {kernel.device_type for kernel in registered} == expected
