"""The command line: ``python -m tfcustomact info|check|bench``."""

import argparse
import importlib
import os
import sys
from importlib.util import find_spec

_COMMANDS = {
    "info": "versions, build, devices, and which backend runs what, with reasons",
    "check": "hold every backend on every device to the exact values; exit status 1 if one misses",
    "bench": "check, then time every backend against TensorFlow, and PyTorch and JAX where installed",
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command that the arguments name; returns its exit status."""
    lines = [f"  {name:6} {purpose}" for name, purpose in _COMMANDS.items()]
    parser = argparse.ArgumentParser(
        prog="python -m tfcustomact",
        usage="%(prog)s [-h] {" + ",".join(_COMMANDS) + "} ...",
        description="commands:\n" + "\n".join(lines),
        epilog="Each has arguments of its own: try --help after it.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("command", choices=_COMMANDS, metavar="{" + ",".join(_COMMANDS) + "}")
    given = sys.argv[1:] if arguments is None else arguments
    parsed = parser.parse_args(given[:1])
    # TensorFlow and JAX would each take all of a GPU's memory, and leave none to the others.
    os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
    os.environ.setdefault("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    command = importlib.import_module(f"tfcustomact._commands.{parsed.command}")
    status: int = command.main(given[1:])
    return status


if __name__ == "__main__":
    if find_spec("tensorflow"):
        import tensorflow as tf

        # Its warnings of retracing are for training loops; here every case is a function of its own.
        tf.get_logger().setLevel("ERROR")
    sys.exit(main())
