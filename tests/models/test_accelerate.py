"""Models whose activations of Keras are replaced by ours."""

import inspect
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import tfcustomact as tca
from tfcustomact import _dispatch
from tfcustomact.activations import ACTIVATIONS

PEERS = {op: activation.peers["keras"] for op, activation in ACTIVATIONS.items() if "keras" in activation.peers}


@pytest.fixture(scope="module")
def data() -> tuple[np.ndarray, np.ndarray]:
    x = np.random.default_rng(0).normal(size=(32, 8)).astype(np.float32)
    return x, np.sin(x.sum(axis=1, keepdims=True))


@pytest.fixture
def decided(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The activations of ours that were called, where each call is decided anew."""
    ops: list[str] = []
    choose = _dispatch.choose
    monkeypatch.setattr(_dispatch, "choose", lambda op, *rest: ops.append(op) or choose(op, *rest))
    return ops


def functional() -> tuple[keras.Model, list[tuple[str, str]]]:
    """Every activation in all the ways that Keras takes one, and where they are, with what each shall become."""
    places = []
    inputs = x = keras.Input([8], name="x")

    def name(op: str, how: str, after: str = "") -> str:
        places.append((f"{op}_{how}", f"tfcustomact.{op}{after}"))
        return f"{op}_{how}"

    for op, peer in PEERS.items():
        function = getattr(keras.activations, peer)
        shared = layers.Dense(8, peer, name=name(op, "dense"))
        x = shared(shared(x))
        x = layers.Activation(function, name=name(op, "activation"), dtype="float64")(x)
        x = layers.Lambda(function, name=name(op, "lambda"))(x)
        if operation := getattr(keras.ops, peer, None):
            # Where the defaults differ, the operation's counts.
            theirs = inspect.signature(operation).parameters
            ours = [*ACTIVATIONS[op].arguments, (ACTIVATIONS[op].flag, False)]
            defaults = [(each, theirs[each].default, default) for each, default in ours if each in theirs]
            others = ", ".join(f"{each}={default}" for each, default, our in defaults if default != our)
            after = f"({others})" if others else ""
            x = operation(x)
            x._keras_history.operation.name = name(op, "ops", after)
            x = layers.Dense(8, operation, name=name(op, "ops_function", after))(x)
        if layer := getattr(keras.layers, ACTIVATIONS[op].layer, None):
            (argument,) = ACTIVATIONS[op].argument_names
            x = layer(0.5, name=name(op, "layer", f"({argument}=0.5)"))(inputs=x)
            x = layers.Lambda(function, arguments={argument: 0.5}, name=name(op, "arguments", f"({argument}=0.5)"))(x)
            x = layers.Dense(8, partial(function, **{argument: 0.25}), name=name(op, "partial", f"({argument}=0.25)"))(
                x
            )
        if flag := ACTIVATIONS[op].flag:
            x = layers.Activation(partial(function, **{flag: True}), name=name(op, "flag", f"({flag}=True)"))(x)
    return keras.Model(inputs, layers.Dense(1, name="last")(x), name="functional"), places


def check_exchange(model: keras.Model, twin: keras.Model, folder: Path) -> None:
    """What is saved of one of them is read by the other one."""
    weights, zeros = model.get_weights(), [np.zeros_like(weight) for weight in model.get_weights()]
    for one, other in ((model, twin), (twin, model)):
        checkpoint = tf.train.Checkpoint(one).write(str(folder / "checkpoint"))
        one.save_weights(folder / "model.weights.h5")
        model.set_weights(zeros)
        tf.train.Checkpoint(other).read(checkpoint).assert_existing_objects_matched()
        read = model.get_weights()
        model.set_weights(zeros)
        other.load_weights(folder / "model.weights.h5")
        for of_checkpoint, of_file, same in zip(read, model.get_weights(), weights, strict=True):
            np.testing.assert_array_equal(of_checkpoint, same)
            np.testing.assert_array_equal(of_file, same)


def test_a_functional_model(data: tuple[np.ndarray, np.ndarray], decided: list[str], tmp_path: Path) -> None:
    model, places = functional()
    model.compile("sgd", "mse", metrics=["mae"])
    model.fit(*data, verbose=0)
    before = model.predict(data[0], verbose=0)
    reports = []
    twin = tca.accelerate(model, report=reports.append)
    assert sorted((where, after) for where, _, after in reports[0].replaced) == sorted(places)
    assert not reports[0].left
    assert type(twin) is type(model)
    assert twin.name == model.name
    assert [id(weight) for weight in twin.weights] == [id(weight) for weight in model.weights]
    assert all(len(each.layers[-1]._inbound_nodes) == 1 for each in (model, twin))

    decided.clear()
    with tca.use_backend("python"):
        # Not by the function that the model made when it was fitted.
        np.testing.assert_allclose(twin.predict(data[0], verbose=0), before, rtol=1e-4, atol=1e-5)
        assert {*decided} == {*PEERS} | {ACTIVATIONS[op].variant for op in PEERS} - {None}
        decided.clear()
        np.testing.assert_array_equal(model.predict(data[0], verbose=0), before)
        assert not decided
    np.testing.assert_allclose(twin.evaluate(*data, verbose=0), model.evaluate(*data, verbose=0), rtol=1e-4)
    twin.save(tmp_path / "twin.keras")
    np.testing.assert_array_equal(keras.models.load_model(tmp_path / "twin.keras")(data[0]), twin(data[0]))
    # None of the model's own layers is in the twin.
    tca.accelerate(twin, report=reports.append)
    assert not reports[1].replaced
    again = tca.portable(twin, report=None)
    np.testing.assert_allclose(again(data[0]), model(data[0]), rtol=1e-4, atol=1e-5)


def test_a_sequential_model(data: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> None:
    model = keras.Sequential([keras.Input([8]), layers.Dense(8, "silu"), layers.ELU(0.5), layers.Dense(1)])
    # Without an optimizer, which keeps track of the variables too.
    check_exchange(model, tca.accelerate(model, report=None), tmp_path)
    model.compile("sgd", "mse", metrics=["mae"], run_eagerly=True)
    twin = tca.accelerate(model, report=None)
    assert type(twin) is keras.Sequential
    assert twin.layers[0].activation is tca.swish
    assert type(twin.layers[1]) is tca.layers.ELU
    assert twin.get_compile_config() == model.get_compile_config()
    np.testing.assert_allclose(twin(data[0]), model(data[0]), rtol=1e-5, atol=1e-6)


def test_what_ours_refuse_is_left(data: tuple[np.ndarray, np.ndarray]) -> None:
    """A number that Keras takes, and ours does not."""
    inputs = x = keras.Input([8])
    left = []
    for op, peer in PEERS.items():
        function = getattr(keras.activations, peer)
        for argument in ACTIVATIONS[op].argument_names:
            if argument not in inspect.signature(function).parameters:
                continue
            is_sign = ACTIVATIONS[op].divides_x
            number = -0.5 if is_sign else float("inf")
            x = layers.Dense(8, partial(function, **{argument: number}), name=f"{op}_partial")(x)
            x = layers.Lambda(function, arguments={argument: number}, name=f"{op}_lambda")(x)
            x = getattr(keras.ops, peer)(x, number)
            x._keras_history.operation.name = f"{op}_ops"
            reason = f"{op}'s {argument} is {number}: a {'positive' if is_sign else 'finite'} number is accepted"
            theirs = dict.fromkeys(("partial", "lambda"), f"keras.activations.{peer}") | {"ops": f"keras.ops.{peer}"}
            left += [(f"{op}_{how}", name, reason) for how, name in theirs.items()]
    model = keras.Model(inputs, x)
    reports: list[Any] = []
    twin = tca.accelerate(model, report=reports.append)
    assert left
    assert sorted(reports[0].left) == sorted(left)
    assert not reports[0].replaced
    np.testing.assert_array_equal(twin(data[0]), model(data[0]))


@pytest.mark.parametrize("given", [{"ragged": True}, {"sparse": True}, {"dtype": "complex64"}])
def test_tensors_that_ours_refuse(given: dict[str, Any]) -> None:
    inputs = keras.Input([None], **given)
    both = layers.Activation("silu", name="activation"), layers.Lambda(tf.nn.silu, name="lambda")
    model = keras.Model(inputs, [layer(inputs) for layer in both])
    reports: list[Any] = []
    twin = tca.accelerate(model, report=reports.append)
    assert [place.where for place in reports[0].left] == ["activation", "lambda"]
    assert not reports[0].replaced
    if "ragged" in given:
        ragged = tf.ragged.constant([[1.0, 2.0], [3.0]])
        for ours, theirs in zip(twin(ragged), model(ragged), strict=True):
            np.testing.assert_array_equal(ours.values, theirs.values)


def test_what_another_layer_makes_of_a_sparse_tensor() -> None:
    inputs = keras.Input([3], sparse=True)
    reports: list[Any] = []
    tca.accelerate(keras.Model(inputs, layers.Dense(4, "silu")(inputs)), report=reports.append)
    assert len(reports[0].replaced) == 1


def of_your_own(x: tf.Tensor) -> tf.Tensor:
    return x


class Callable_:
    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        return x


def test_what_is_left_is_said() -> None:
    """Of functions in every form in which Keras takes them."""
    functions = {
        "replaced": tf.nn.silu,
        "relu": tf.nn.relu,
        "of_your_own": of_your_own,
        "partial": partial(of_your_own),
        "object": Callable_(),
    }
    both = [
        layer
        for name, function in functions.items()
        for layer in (layers.Dense(8, function, name=f"{name}_dense"), layers.Lambda(function, name=f"{name}_lambda"))
    ]
    reports: list[Any] = []
    twin = tca.accelerate(keras.Sequential([keras.Input([8]), *both]), report=reports.append)
    tca.portable(twin, report=reports.append)
    for report in reports:
        assert [place.where for place in report.replaced] == ["replaced_dense", "replaced_lambda"]
        names = {"of_your_own": "of_your_own", "partial": "of_your_own", "object": "Callable_"}
        left = [(f"{name}_dense", what) for name, what in names.items()]
        left += [(f"{name}_lambda", f"what {what} calls") for name, what in names.items()]
        # TensorFlow's is no obstacle for what is portable.
        left += [("relu_dense", "relu")] if report is reports[0] else []
        assert sorted((place.where, place.what) for place in report.left) == sorted(left)


class Block(layers.Layer):
    def __init__(self) -> None:
        super().__init__(name="block")
        self.by_name = {"a": [layers.Dense(8, "silu", name="a")]}
        self.pair = (layers.Dense(8, "elu", name="b"), "a")
        self.act = keras.activations.silu

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return keras.activations.elu(self.act(self.pair[0](self.by_name["a"][0](x))))


class Subclassed(keras.Model):
    def __init__(self) -> None:
        super().__init__(name="subclassed")
        self.block = Block()
        self.convolution = layers.Conv1D(4, 1, activation="elu", name="convolution")
        self.recurrent = layers.Bidirectional(layers.LSTM(4, "silu", name="rnn"), name="both")
        self.distributed = layers.TimeDistributed(layers.Dense(4, "relu", name="inner"), name="distributed")
        inputs = keras.Input([4])
        silu = keras.ops.silu(inputs)
        silu._keras_history.operation.name = "silu"
        functional = keras.Model(inputs, layers.Dense(1, name="d")(silu), name="functional")
        self.tail = keras.Sequential([layers.Dense(4, "elu", name="c"), functional], name="tail")
        self.finish = self._finish

    def _finish(self, x: tf.Tensor) -> tf.Tensor:
        return self.tail(x)

    def call(self, x: tf.Tensor) -> tf.Tensor:
        x = self.convolution(tf.reshape(self.block(x), [-1, 2, 4]))
        return self.finish(self.recurrent(self.distributed(x)))


def test_a_subclassed_model(data: tuple[np.ndarray, np.ndarray], decided: list[str], tmp_path: Path) -> None:
    def fitted(then: Callable[[keras.Model], keras.Model]) -> keras.Model:
        keras.utils.set_random_seed(1)
        model = Subclassed()
        model.compile(keras.optimizers.Adam(0.01), "mse", run_eagerly=True)
        model.fit(*data, shuffle=False, verbose=0)
        after = then(model)
        after.fit(*data, shuffle=False, verbose=0)
        return model

    reports: list[Any] = []
    twins = []

    def accelerated(model: keras.Model) -> keras.Model:
        twins.append(tca.accelerate(model, report=reports.append))
        return twins[0]

    wanted = fitted(lambda model: model)
    assert not decided
    with tca.use_backend("python"):
        model = fitted(accelerated)
    # The twin went on with the optimizer's state, and trained the model's variables.
    for got, same in zip(model.weights, wanted.weights, strict=True):
        np.testing.assert_allclose(got, same, rtol=1e-3, atol=1e-5)
    assert {*decided} == {"swish", "elu"}
    # Where the attributes lead.
    assert twins[0].finish.__self__ is twins[0]
    assert twins[0].block.by_name["a"][0].activation is tca.swish
    assert twins[0].block.pair[0].activation is tca.elu
    cells = [f"both/{way}_rnn/lstm_cell" for way in ("forward", "backward")]
    assert sorted(place.where for place in reports[0].replaced) == sorted(
        ["block/a", "block/b", "block", "convolution", *cells, "tail/c", "tail/functional/silu"]
    )
    left = [(place.where, place.what) for place in reports[0].left]
    assert sorted(left) == sorted(
        [
            ("subclassed", "what Subclassed.call calls"),
            ("block", "what Block.call calls"),
            ("distributed/inner", "relu"),
            *((cell, "sigmoid") for cell in cells),
        ]
    )
    assert "left relu, tfcustomact has none: distributed/inner" in str(reports[0])

    check_exchange(model, twins[0], tmp_path)


@pytest.mark.parametrize("make", [tca.accelerate, tca.portable])
def test_what_is_no_built_model(make: Callable[..., keras.Model]) -> None:
    with pytest.raises(TypeError, match=r"model is a .*\.Dense: a keras.Model is accepted"):
        make(layers.Dense(1))
    with pytest.raises(ValueError, match="the model 'unbuilt' is not built: call it"):
        make(keras.Sequential([layers.Dense(1)], name="unbuilt"))
