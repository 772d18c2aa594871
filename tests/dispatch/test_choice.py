"""Which backend runs, and what is said about it."""

import contextvars
import os
import threading
import warnings
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
import tensorflow as tf
from forks import Forks

import tfcustomact as tca
from tfcustomact import _dispatch
from tfcustomact.activations import ACTIVATIONS
from tfcustomact.backends import BACKENDS

pytestmark = pytest.mark.usefixtures("fresh_dispatch")

NOT_BUILT = "it was not built: install a compiler and install again"


class FakeBackends:
    """Three backends that say who ran, with reasons to be set by the test."""

    def __init__(self) -> None:
        self.reasons: dict[str, list[str]] = {name: [] for name in BACKENDS}
        self.ran: list[str] = []

    def fake(self, name: str) -> SimpleNamespace:
        def call(op: str, x: tf.Tensor, *arguments: float) -> tf.Tensor:
            self.ran.append(name)
            return x

        return SimpleNamespace(
            NAME=name,
            reasons_against=lambda op, device, dtype: list(self.reasons[name]),
            call=call,
            eager_call=lambda op, *arguments: partial(call, op),
        )


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> FakeBackends:
    fakes = FakeBackends()
    monkeypatch.setattr(_dispatch, "BACKENDS", {name: fakes.fake(name) for name in BACKENDS})
    return fakes


X = [-1.0, 2.0]


def test_the_first_that_can_run_is_chosen(fakes: FakeBackends) -> None:
    tca.swish(X)
    fakes.reasons["native"] = [NOT_BUILT]
    with pytest.warns(RuntimeWarning):
        tca.swish(X)
    fakes.reasons["xla"] = ["no XLA"]
    with pytest.warns(RuntimeWarning):
        tca.swish(X)
    assert fakes.ran == ["native", "xla", "python"]


def test_falling_back_is_said_once_with_the_remedy(fakes: FakeBackends, op: str) -> None:
    fakes.reasons["native"] = [NOT_BUILT]
    with pytest.warns(RuntimeWarning, match=f"'xla' instead of 'native': {NOT_BUILT}") as said:
        for x in (X, tf.constant(X), tf.constant(X, tf.float64)):
            getattr(tca, op)(x)
    assert len(said) == 1


def test_nothing_is_said_where_nothing_was_lost(fakes: FakeBackends) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        tca.swish(X)
        fakes.reasons["native"] = [NOT_BUILT]
        tca.swish(X, backend="python")


def test_precedence(fakes: FakeBackends, monkeypatch: pytest.MonkeyPatch) -> None:
    x = tf.constant(X)
    monkeypatch.setattr(_dispatch, "_from_environment", "python")
    tca.swish(x)
    with tca.use_backend("xla"):
        tca.swish(x)
        tca.swish(x, backend="native")
        with tca.use_backend("auto"):
            tca.swish(x)
        tca.swish(x)
        tca.swish(x, backend="auto")
    tca.swish(x)
    assert fakes.ran == ["python", "xla", "native", "native", "xla", "native", "python"]


def test_use_backend_ends_with_an_exception(fakes: FakeBackends) -> None:
    with pytest.raises(KeyError), tca.use_backend("python"):
        raise KeyError
    tca.swish(X)
    assert fakes.ran == ["native"]


def test_use_backend_holds_for_its_context_only(fakes: FakeBackends) -> None:
    with tca.use_backend("python"):
        thread = threading.Thread(target=lambda: tca.swish(tf.constant(X)))
        thread.start()
        thread.join()
        contextvars.copy_context().run(tca.swish, tf.constant(X))
    assert fakes.ran == ["native", "python"]


def test_a_traced_function_keeps_its_backend(fakes: FakeBackends) -> None:
    function = tf.function(lambda x: tca.swish(x), autograph=False)
    with tca.use_backend("python"):
        function(tf.constant(X))
    function(tf.constant(X))
    assert fakes.ran == ["python"]


@pytest.mark.parametrize("name", ["cuda", "", "Native", 3, ["xla"]])
def test_unknown_backend(name: object) -> None:
    for x in (X, tf.constant(X)):
        with pytest.raises(ValueError, match=r"'auto', 'native', 'xla', 'python' are accepted") as raised:
            tca.swish(x, backend=name)  # type: ignore[arg-type]
        assert repr(name) in str(raised.value)
    with pytest.raises(ValueError, match="are accepted"), tca.use_backend(name):  # type: ignore[arg-type]
        pass


def test_unknown_backend_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_dispatch, "_from_environment", "cuda")
    for call in (lambda: tca.swish(X), lambda: tca.explain("swish", X)):
        with pytest.raises(ValueError, match=r"TFCUSTOMACT_BACKEND is 'cuda'.*'python' are accepted"):
            call()
    tca.swish(X, backend="python")
    with tca.use_backend("python"):
        tca.swish(X)


def test_the_environment_is_read(forks: Forks, tmp_path: Path) -> None:
    program = (
        "import tensorflow as tf, tfcustomact as tca\n"
        "print(tca.explain('elu', [1.0]).backend, tca.explain('elu', [1.0]).reasons_against['xla'])"
    )
    done = forks.run(program, tmp_path, os.environ | {"TFCUSTOMACT_BACKEND": "python"})
    assert done.stdout == "python ('python was asked for',)\n", done.stderr


def test_a_backend_that_cannot_run(fakes: FakeBackends) -> None:
    fakes.reasons["native"] = [NOT_BUILT, "no driver"]
    for x in (X, tf.constant(X)):
        with pytest.raises(ValueError, match="'native' cannot run swish of float32 on CPU") as raised:
            tca.swish(x, backend="native")
        lines = str(raised.value).splitlines()[1:]
        assert lines == [f"  native: {NOT_BUILT}; no driver", "  xla: can run", "  python: can run"]


def test_a_symbolic_tensor_without_a_device_goes_to_the_gpu_if_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    kinds = []

    @tf.function(autograph=False)
    def function(x: tf.Tensor) -> tf.Tensor:
        kinds.append(_dispatch.device_kind(x))
        with tf.device("/GPU:0"):
            kinds.append(_dispatch.device_kind(tf.identity(x)))
        with tf.device("/CPU:0"):
            kinds.append(_dispatch.device_kind(tf.identity(x)))
        return x

    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: ["a GPU"] if kind == "GPU" else [])
    function.get_concrete_function(tf.TensorSpec([2]))
    monkeypatch.setattr(tf.config, "list_logical_devices", lambda kind: [])
    function.get_concrete_function(tf.TensorSpec([3]))
    assert kinds == ["GPU", "GPU", "CPU", "CPU", "GPU", "CPU"]


def test_an_unknown_device_runs_plain_ops(fakes: FakeBackends) -> None:
    assert _dispatch.choose("swish", "NPU", tf.float32, None).NAME == "python"


def test_explain(fakes: FakeBackends) -> None:
    fakes.reasons["native"] = [NOT_BUILT, "no driver"]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        explained = tca.explain("silu", X)
    assert (explained.op, explained.device, explained.dtype, explained.backend) == ("swish", "CPU", "float32", "xla")
    assert explained.reasons_against == {"native": (NOT_BUILT, "no driver"), "python": ("xla is preferred on CPU",)}
    assert str(explained).splitlines() == [
        "swish of float32 on CPU: xla",
        f"  not native: {NOT_BUILT}; no driver",
        "  not python: xla is preferred on CPU",
    ]
    assert _dispatch.explanation("swish", "CPU", tf.float32) == explained
    with tca.use_backend("python"):
        assert tca.explain("swish", X).reasons_against["xla"] == ("python was asked for",)
    with tca.use_backend("native"), pytest.raises(ValueError, match=NOT_BUILT):
        tca.explain("swish", X)
    with pytest.raises(ValueError, match=r"'relu': 'swish', 'silu', 'elu'.* are accepted"):
        tca.explain("relu", X)
    with pytest.raises(ValueError, match=r"op is '<function elu .*>': 'swish'"):
        tca.explain(tf.nn.elu, X)
    for activation in ACTIVATIONS.values():
        for name in activation.names:
            assert tca.explain(name, X).op == tca.explain(activation.function, X).op == activation.name
    with pytest.raises(TypeError, match="int32"):
        tca.explain("elu", [1])


def test_explain_tells_what_runs(op: str, backend: str) -> None:
    with tca.use_backend(backend):
        assert tca.explain(op, X).backend == backend
