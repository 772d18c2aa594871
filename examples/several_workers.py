"""Two workers train a model together, each on half of every batch, and end with the weights that one alone has.

Keras' ``fit`` does not run under ``MultiWorkerMirroredStrategy``, whatever the activations: the loop is written out.
Here the workers are two processes of one machine. On several, start one on each, with all addresses in TF_CONFIG.
"""

import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

import tfcustomact as tca

WORKERS = 2
random = np.random.default_rng(0)
x = random.normal(size=(640, 10)).astype(np.float32)
y = np.sin(x.sum(axis=1, keepdims=True))


def train(strategy: Any, worker: int = 0, workers: int = 1) -> tuple[keras.Model, list[float]]:
    """Returns the model, and the loss on this worker's part of every batch."""
    keras.utils.set_random_seed(0)
    with strategy.scope():
        layers = [keras.layers.Dense(32, activation=tca.swish), tca.layers.ELU(0.5), keras.layers.Dense(1)]
        model = keras.Sequential([keras.Input([10]), *layers])
        optimizer = keras.optimizers.Adam(0.01)
        optimizer.build(model.trainable_variables)

    def step(x: tf.Tensor, y: tf.Tensor) -> tf.Tensor:
        with tf.GradientTape() as tape:
            # Keras' optimizer sums the gradients of all workers: each has its share of the loss.
            loss = tf.reduce_mean(tf.square(model(x, training=True) - y)) / workers
        optimizer.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
        return loss * workers

    run = tf.function(lambda x, y: strategy.run(step, (x, y)))
    batches = zip(np.split(x, 10), np.split(y, 10), strict=True)
    return model, [float(run(xs[worker::workers], ys[worker::workers])) for xs, ys in batches]


def work() -> None:
    worker = json.loads(os.environ["TF_CONFIG"])["task"]["index"]
    # Before anything else of TensorFlow.
    model, _ = train(tf.distribute.MultiWorkerMirroredStrategy(), worker, WORKERS)
    np.savez(f"worker{worker}.npz", *model.get_weights())


def start(worker: int, addresses: list[str], folder: str) -> subprocess.Popen[bytes]:
    config = {"cluster": {"worker": addresses}, "task": {"type": "worker", "index": worker}}
    environment = {**os.environ, "TF_CONFIG": json.dumps(config), "TF_CPP_MIN_LOG_LEVEL": "2"}
    return subprocess.Popen([sys.executable, Path(__file__).resolve()], env=environment, cwd=folder)


def main() -> None:
    sockets = [socket.create_server(("localhost", 0)) for _ in range(WORKERS)]
    addresses = [f"localhost:{each.getsockname()[1]}" for each in sockets]
    for each in sockets:
        each.close()
    with tempfile.TemporaryDirectory() as folder:
        processes = [start(worker, addresses, folder) for worker in range(WORKERS)]
        model, losses = train(tf.distribute.get_strategy())
        exits = [process.wait(300) for process in processes]
        if any(exits):
            raise SystemExit("a worker failed")
        weights = [[*np.load(Path(folder) / f"worker{worker}.npz").values()] for worker in range(WORKERS)]
    print(f"loss {losses[0]:.3f} -> {losses[-1]:.3f}")
    for worker, theirs in enumerate(weights):
        same = all(np.allclose(a, b, rtol=1e-4, atol=1e-6) for a, b in zip(theirs, model.get_weights(), strict=True))
        print(f"worker {worker} has the weights that one alone has: {same}")


if __name__ == "__main__":
    work() if "TF_CONFIG" in os.environ else main()
