"""Arrays of the libraries themselves."""

from types import ModuleType

import numpy as np
import pytest
from device_tensors import DEVICE

import tfcustomact as tca

X = np.linspace(-3, 3, 24, dtype=np.float32)


def assert_near(got: np.ndarray) -> None:
    np.testing.assert_allclose(got, X / (1 + np.exp(-X)), rtol=1e-5)


def test_pytorch(torch: ModuleType) -> None:
    x = torch.from_numpy(X).to(DEVICE)
    y = tca.cuda.swish(x)
    assert type(y) is torch.Tensor
    assert (y.device, y.dtype, y.requires_grad) == (x.device, x.dtype, False)
    assert_near(y.cpu().numpy())


def test_a_tensor_that_requires_a_gradient_is_to_be_detached(torch: ModuleType) -> None:
    x = torch.from_numpy(X).to(DEVICE).requires_grad_()
    with pytest.raises(ValueError, match=r"array cannot be read through DLPack: .*detach\(\)"):
        tca.cuda.swish(x)
    assert_near(tca.cuda.swish(x.detach()).cpu().numpy())


def test_tensors_in_other_places_and_orders_are_refused(torch: ModuleType) -> None:
    x = torch.from_numpy(X).to(DEVICE)
    with pytest.raises(TypeError, match="array is in the host's memory"):
        tca.cuda.swish(x.cpu())
    with pytest.raises(TypeError, match="array is in the host's pinned memory"):
        tca.cuda.swish(x.cpu().pin_memory())
    with pytest.raises(TypeError, match="out is in the host's memory"):
        tca.cuda.swish(x, out=x.cpu())
    with pytest.raises(ValueError, match=r"array has strides \(1, 6\) in elements for the shape \(6, 4\)"):
        tca.cuda.swish(x.view(4, 6).T)
    before = x.clone()
    with pytest.raises(ValueError, match="out overlaps an input in part"):
        tca.cuda.swish(x[1:], out=x[:-1])
    assert torch.equal(x, before)


def test_cupy(torch: ModuleType) -> None:
    cupy = pytest.importorskip("cupy", reason="CuPy is not installed")
    x = cupy.asarray(X)
    y = tca.cuda.swish(x)
    assert type(y) is cupy.ndarray
    assert_near(y.get())
    stream = cupy.cuda.Stream(non_blocking=True)
    y = tca.cuda.swish(x, stream=stream)
    stream.synchronize()
    assert_near(y.get())
    with stream:
        y = tca.cuda.swish(x)
        assert_near(y.get())


def test_jax(torch: ModuleType) -> None:
    jax = pytest.importorskip("jax", reason="JAX is not installed")
    if jax.default_backend() != "gpu":
        pytest.skip("JAX cannot use the CUDA device")
    x = jax.numpy.asarray(X)
    y = torch.empty(24, device=DEVICE)
    assert_near(tca.cuda.swish(x, out=y).cpu().numpy())
    with pytest.raises(ValueError, match="arrays of JAX are immutable"):
        tca.cuda.swish(x)


class Interface:
    """What Numba's arrays offer, and no more."""

    def __init__(self, tensor: object) -> None:
        self.__cuda_array_interface__ = tensor.__cuda_array_interface__


def test_the_cuda_array_interface(torch: ModuleType) -> None:
    x = torch.from_numpy(X).to(DEVICE)
    y = torch.empty_like(x)
    torch.cuda.synchronize()
    tca.cuda.swish(Interface(x), out=Interface(y))
    torch.cuda.synchronize()
    assert_near(y.cpu().numpy())


def test_memory_of_the_host_is_not_taken_for_the_device_s(torch: ModuleType) -> None:
    x = torch.from_numpy(X).to(DEVICE)
    wrong = Interface(x)
    wrong.__cuda_array_interface__ = wrong.__cuda_array_interface__ | {"data": (X.ctypes.data, False)}
    with pytest.raises(TypeError, match="array's memory is on no CUDA device"):
        tca.cuda.swish(wrong, out=torch.empty_like(x))
