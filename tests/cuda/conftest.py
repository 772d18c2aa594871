"""``pytest tests/cuda``: the CUDA kernels on arrays of PyTorch, on the first device."""

from importlib.util import find_spec
from types import ModuleType

import pytest


@pytest.fixture(scope="session")
def torch() -> ModuleType:
    """PyTorch, where there is a device for the kernels to run on; else the test is skipped."""
    cuda = pytest.importorskip("tfcustomact.cuda", reason="installed without CUDA kernels", exc_type=ImportError)
    count, why = cuda._kernels.cuda.device_count()
    if not count:
        pytest.skip(f"there is no CUDA device: {why}")
    if not find_spec("torch"):
        pytest.skip("PyTorch, which makes the arrays, is not installed")
    import torch

    if not torch.cuda.is_available():
        pytest.skip(f"PyTorch {torch.__version__}, which makes the arrays, cannot use the CUDA device")
    return torch
