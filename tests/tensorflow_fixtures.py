"""Fixtures of the tests of tensors; a plugin, which conftest.py names where TensorFlow is installed."""

import warnings
from collections.abc import Iterator

import pytest
import tensorflow as tf
from forks import Forks
from modes import Mode

from tfcustomact import _dispatch, _run
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.backends import BACKENDS, xla


def runs_on_cpu(backend: str) -> bool:
    return any(not BACKENDS[backend].reasons_against(op, "CPU", tf.float32) for op in ACTIVATIONS)


def pytest_report_header() -> list[str]:
    lines = [str(_dispatch.explanation(op, "CPU", tf.float32)).splitlines() for op in ACTIVATIONS]
    return [line for each in lines for line in each]


@pytest.fixture(params=[backend for backend in BACKENDS if runs_on_cpu(backend)])
def backend(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(params=["eager", "graph", "jit"])
def mode(request: pytest.FixtureRequest) -> Mode:
    return Mode(request.param)


@pytest.fixture(autouse=True)
def _backend_has_the_op(request: pytest.FixtureRequest) -> None:
    """Skips a test of a backend on an activation that this installation has no kernels for."""
    callspec = getattr(request.node, "callspec", None)
    op, backend = (callspec and callspec.params.get(name) for name in ("op", "backend"))
    if op and backend and (reasons := BACKENDS[backend].reasons_against(op, "CPU", tf.float32)):
        pytest.skip("; ".join(reasons))


@pytest.fixture(autouse=True)
def _quiet_fallback() -> Iterator[None]:
    # Whether the native library is built is not what these tests are about; those that are reset this themselves.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="tfcustomact runs on its backend", category=RuntimeWarning)
        yield


@pytest.fixture(autouse=True)
def _room_to_compile(monkeypatch: pytest.MonkeyPatch) -> None:
    # Without it the backend "xla" would be full after a while, and the tests of it would test "python".
    monkeypatch.setattr(xla, "_compiled", set())


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    forks = Forks(tmp_path_factory.mktemp("forks"))
    yield forks
    forks.end()


@pytest.fixture
def fresh_dispatch(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The dispatcher as after the import: nothing said, nothing decided, nothing asked for by the environment."""
    monkeypatch.setattr(_dispatch, "_warned", set())
    monkeypatch.setattr(_dispatch, "_from_environment", _dispatch.AUTO)
    for known in _run.calls.values():
        known.clear()
    yield
    for known in _run.calls.values():
        known.clear()
