import gc
import os
import sysconfig
from importlib.util import find_spec

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
# cmake and ninja, in an environment that is not activated.
os.environ["PATH"] = os.pathsep.join([sysconfig.get_path("scripts"), os.environ.get("PATH", os.defpath)])

from typing import Any

import ml_dtypes  # noqa: F401 - gives NumPy the name bfloat16
import numpy as np
import pytest

from tfcustomact.activations import ACTIVATIONS

DTYPES = ("float16", "bfloat16", "float32", "float64")

if find_spec("tensorflow"):
    pytest_plugins = ["tensorflow_fixtures"]
else:
    # What is about tensors. The others say themselves what they need.
    folders = "breaks dispatch equality gated gradients install keras models numerics own"
    commands = "check command_line info promises"
    collect_ignore = [*folders.split(), *(f"commands/test_{name}.py" for name in commands.split())]


def pytest_report_header() -> str | None:
    return None if find_spec("tensorflow") else "TensorFlow is not installed: the tests of tensors are left out"


@pytest.fixture(params=DTYPES)
def dtype(request: pytest.FixtureRequest) -> np.dtype[Any]:
    return np.dtype(request.param)


@pytest.fixture(params=ACTIVATIONS)
def op(request: pytest.FixtureRequest) -> str:
    return request.param


def pytest_collection_finish() -> None:
    # What has been imported stays: no collection of garbage need look at it again.
    gc.collect()
    gc.freeze()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # First, so that of several workers one builds the programs, and is not left alone with them in the end.
    items.sort(key=lambda item: "programs" not in getattr(item, "fixturenames", ()))
