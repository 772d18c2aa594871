"""Whether the compiled ops serve the GPUs that there are; with pretended GPUs, since no test machine need have one."""

from types import SimpleNamespace

import pytest
import tensorflow as tf

from tfcustomact import _dispatch
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.backends import native

pytestmark = pytest.mark.skipif(isinstance(native._LIBRARY, str), reason=str(native._LIBRARY))

BUILT_FOR = [75, 80, 86, 90]


@pytest.fixture
def gpus(monkeypatch: pytest.MonkeyPatch):
    """Pretends that these are the visible GPUs, each with its compute capability, and what the build has code for."""

    def pretend(capabilities: dict[str, tuple[int, int] | None], built_for: list[int] = BUILT_FOR) -> None:
        devices = {f"/physical_device:GPU:{i}": name for i, name in enumerate(capabilities)}

        def details(device: SimpleNamespace) -> dict[str, object]:
            name = devices[device.name]
            found = {"device_name": name, "compute_capability": capabilities[name]}
            return {key: value for key, value in found.items() if value is not None}

        visible = [SimpleNamespace(name=name, device_type="GPU") for name in devices]
        monkeypatch.setattr(tf.config, "get_visible_devices", lambda kind: visible if kind == "GPU" else [])
        monkeypatch.setattr(tf.config.experimental, "get_device_details", details)
        monkeypatch.setattr(native, "_architectures", lambda: built_for)

    return pretend


@pytest.mark.parametrize("op", [*filter(native._has_kernels, ACTIVATIONS)])
@pytest.mark.parametrize("capability", [(7, 5), (8, 0), (8, 6), (8, 7), (8, 9), (9, 0), (10, 0), (12, 1)])
def test_native_is_preferred_where_the_build_has_code(gpus, op: str, capability: tuple[int, int]) -> None:
    gpus({"a GPU": capability})
    for dtype in (tf.float16, tf.bfloat16, tf.float32, tf.float64):
        assert native.reasons_against(op, "GPU", dtype) == []
        assert _dispatch.choose(op, "GPU", dtype, None).NAME == "native"


@pytest.mark.parametrize("capability", [(6, 1), (7, 0), (7, 2)])
def test_a_gpu_older_than_the_build(gpus, fresh_dispatch: None, capability: tuple[int, int]) -> None:
    gpus({"new": (8, 0), "old": capability})
    has = ".".join(map(str, capability))
    reason = f"this build has CUDA code for compute capability 7.5, 8.0, 8.6, 9.0 and newer, and old has {has}"
    assert native.reasons_against("swish", "GPU", tf.float32) == [reason]
    with pytest.warns(RuntimeWarning, match="'xla' instead of 'native'"):
        assert _dispatch.choose("swish", "GPU", tf.float32, None).NAME == "xla"


def test_a_gpu_of_a_major_number_that_was_left_out(gpus) -> None:
    gpus({"a GPU": (8, 6)}, built_for=[75, 90])
    assert "a GPU has 8.6" in native.reasons_against("elu", "GPU", tf.float32)[0]


def test_a_gpu_that_is_not_for_cuda(gpus) -> None:
    gpus({"a GPU": None})
    assert native.reasons_against("elu", "GPU", tf.float32) == ["a GPU is no CUDA device"]


def test_a_build_without_cuda(gpus) -> None:
    gpus({"a GPU": (9, 0)}, built_for=[])
    (reason,) = native.reasons_against("elu", "GPU", tf.float32)
    assert "no CUDA kernels" in reason
    assert "nvcc" in reason


def test_the_cpu_has_kernels_whatever_the_gpus_are(gpus) -> None:
    gpus({"a GPU": (3, 5)}, built_for=[])
    assert native.reasons_against("elu", "CPU", tf.float32) == []


@pytest.mark.parametrize("device", ["CPU", "GPU"])
def test_a_build_without_kernels_of_an_activation(gpus, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    gpus({"a GPU": (9, 0)})
    monkeypatch.setattr(native, "_LIBRARY", SimpleNamespace(tfcustomact_elu=None, tfcustomact_elu_packed_tensor=None))
    assert native.reasons_against("elu", device, tf.float32) == []
    (reason,) = native.reasons_against("swish", device, tf.float32)
    assert reason.startswith("this build has no kernels for swish; install tfcustomact again")


def test_another_device_has_none(gpus) -> None:
    gpus({"a GPU": (9, 0)})
    assert native.reasons_against("elu", "TPU", tf.float32) == ["this build has no kernel for TPU"]
