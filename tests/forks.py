"""Runs Python programs, each in a fork of a process that has imported TensorFlow, which takes seconds, and no more."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

# Seconds that a program may take.
LIMIT = 300


class Forks:
    """The process that is forked.

    Args:
        folder: for what programs print.
    """

    def __init__(self, folder: Path) -> None:
        self._printed = {name: folder / name for name in ("stdout", "stderr")}
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, program: str, folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Runs a program as ``python -c`` does, in this folder, with these environment variables and no others."""
        for path in self._printed.values():
            path.write_text("")
        request = {"program": program, "folder": str(folder), "environment": dict(environment)}
        print(json.dumps(request | {name: str(path) for name, path in self._printed.items()}), file=self._process.stdin)
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        return subprocess.CompletedProcess(program, status, *(path.read_text() for path in self._printed.values()))

    def end(self) -> None:
        self._process.communicate()


def become(request: dict[str, Any]) -> None:
    """Runs a program in this process."""
    signal.alarm(LIMIT)
    os.environ.clear()
    os.environ.update(request["environment"])
    os.chdir(request["folder"])
    for descriptor, path in enumerate((os.devnull, request["stdout"], request["stderr"])):
        os.dup2(os.open(path, os.O_RDWR), descriptor)
    sys.path[:1] = ["", *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    exec(compile(request["program"], "<program>", "exec"), {"__name__": "__main__"})


def serve() -> None:
    import tensorflow  # noqa: F401

    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            become(json.loads(line))
            return
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    serve()
