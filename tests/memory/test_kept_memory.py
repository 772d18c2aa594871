"""Memory that outputs come from and go back to: it is bounded, and nothing that a user does breaks it."""

import os
import textwrap
from collections.abc import Callable
from pathlib import Path
from unittest.mock import ANY

import numpy as np
import pytest
import tensorflow as tf
from forks import Forks

import tfcustomact as tca
from tfcustomact import _native_library
from tfcustomact._commands import machine

pytestmark = pytest.mark.skipif(isinstance(_native_library.load(), str), reason="the compiled ops were not built")

MIB = 1 << 20


@pytest.fixture
def run(forks: Forks, tmp_path: Path) -> Callable[..., str]:
    """Runs Python code in a process of its own; returns what it prints."""

    def run(code: str, **variables: str) -> str:
        done = forks.run(textwrap.dedent(code), tmp_path, os.environ | variables)
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    return run


def test_results_that_are_alive_never_share_memory():
    x = np.linspace(-3, 3, 1 << 19, dtype=np.float32)
    tensors = [tca.swish(tf.constant(x), beta=beta) for beta in (0.5, 1.0, 2.0)]
    arrays = [tca.numpy.swish(x, beta) for beta in (0.5, 1.0, 2.0)]
    view = arrays[1][10:20]
    copies = [np.array(result) for result in (*tensors, *arrays)]
    del tensors[1], arrays[1]
    tca.swish(tf.constant(x), beta=4.0)
    tca.numpy.swish(x, 4.0)
    for result, copy in zip(
        (tensors[0], tensors[1], arrays[0], arrays[1]), (copies[i] for i in (0, 2, 3, 5)), strict=True
    ):
        np.testing.assert_array_equal(result, copy)
    np.testing.assert_array_equal(view, copies[4][10:20])


def test_training_over_many_batch_sizes_stays_within_the_bound(run):
    out = run(
        """
        import resource
        import tensorflow as tf
        import tfcustomact as tca
        from tfcustomact import _native_library

        weights = tf.Variable(tf.random.normal([64, 512]) / 8)

        @tf.function(reduce_retracing=True)
        def step(x):
            with tf.GradientTape() as tape:
                y = tca.swish(tca.elu(x @ weights) @ tf.transpose(weights) @ weights)
                loss = tf.reduce_mean(y * y)
            weights.assign_sub(1e-3 * tape.gradient(loss, weights))

        peak = 0
        for i in range(500):
            step(tf.ones([600 + 97 * (i % 20), 64]))
            facts = _native_library.kept_memory()
            assert facts["bound"] == 16 << 20 and facts["idle"] <= facts["bound"], facts
            peak = max(peak, facts["idle"])
        assert facts["in use"] == 0, facts
        print("peak idle", peak >> 20)
        """,
        TFCUSTOMACT_KEPT_MEMORY=str(16 * MIB),
    )
    assert int(out.split()[-1]) > 8


def test_where_memory_lacks_an_error_says_so_and_everything_goes_on(run):
    out = run(
        """
        import resource
        import numpy as np
        import tensorflow as tf
        import tfcustomact as tca

        array = np.ones(1 << 26, np.float32)
        of_array = (array, tca.numpy.swish, MemoryError)
        # TensorFlow waits for ten seconds before it gives up.
        calls = [of_array, (tf.constant(array), tca.swish, tf.errors.ResourceExhaustedError), of_array]
        for x, function, _ in calls:
            function(x[: 1 << 20])
        pages = int(open("/proc/self/statm").read().split()[0])
        limit = pages * resource.getpagesize() + (100 << 20)
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
        for x, function, error in calls:
            try:
                function(x)
            except error as caught:
                print(type(caught).__name__)
            assert abs(float(function(x[: 1 << 20])[-1]) - 0.7310586) < 1e-6
        """,
        TF_CPP_MIN_LOG_LEVEL="3",
    )
    assert out.split() == ["MemoryError", "ResourceExhaustedError", "MemoryError"]


def test_results_outlive_everything_and_a_forked_process_computes(run):
    out = run(
        """
        import os
        import numpy as np
        import tensorflow as tf
        import tfcustomact as tca

        x = np.ones(1 << 20, np.float32)
        kept = tca.swish(tf.constant(x)), tca.numpy.swish(x)
        tca.numpy.swish(x)
        child = os.fork()
        if child == 0:
            result = tca.numpy.swish(x)
            good = np.array_equal(result, kept[1]) and result.ctypes.data != kept[1].ctypes.data
            os._exit(0 if good else 1)
        assert os.waitpid(child, 0)[1] == 0
        import builtins
        builtins.kept_for_ever = kept, tca
        print("end")
        """
    )
    assert out.split()[-1] == "end"


def test_the_bound_can_be_zero_and_has_to_be_a_number(run):
    code = """
        import warnings
        import numpy as np

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            import tfcustomact as tca
            from tfcustomact._commands import machine

            tca.numpy
        print([str(warning.message) for warning in caught if "TFCUSTOMACT" in str(warning.message)])
        result = tca.numpy.swish(np.ones(1 << 20, np.float32)), tca.swish(np.ones(1 << 20, np.float32))
        for facts in machine.kept_memory().values():
            print(*facts.values())
        """
    assert run(code, TFCUSTOMACT_KEPT_MEMORY="0").splitlines()[-2:] == ["0 0 0", "0 0 0"]
    out = run(code, TFCUSTOMACT_KEPT_MEMORY="2G")
    assert "TFCUSTOMACT_KEPT_MEMORY is '2G': a number of bytes is accepted" in out
    bound, in_use, idle = map(int, out.splitlines()[-1].split())
    assert bound > 0
    assert (in_use, idle) == (4 * MIB, 0)


def test_what_is_dropped_is_idle_until_it_is_used_again():
    x = np.ones(1 << 20, np.float32)
    held = []
    for name, function in (("TensorFlow ops", tca.swish), ("tfcustomact.numpy", tca.numpy.swish)):
        held.append(function(x))
        used = machine.kept_memory()[name]["in use"]
        held.clear()
        assert machine.kept_memory()[name]["in use"] == used - 4 * MIB
        idle = machine.kept_memory()[name]["idle"]
        held.append(function(x))
        assert machine.kept_memory()[name] == {"bound": ANY, "in use": used, "idle": idle - 4 * MIB}
