"""README and docs: their blocks, and the commands in them.

README's commands are run by `.ci/run`, like `info` and `check`, which stand in sentences; those of docs/wheels.md and
docs/installing.md, and each `pip` in a sentence, by tests/install, those of docs/benchmarking.md by tests/commands, and
those in a sentence of docs/own_activations.md by tests/own.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def _blocks(path: Path) -> list[tuple[str, str]]:
    return re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


# The languages and texts of each document's blocks. docs/api is made of the docstrings.
DOCUMENTS = {
    str(path.relative_to(ROOT)): _blocks(path) for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}


def commands(name: str) -> list[str]:
    """Returns the lines of a document's blocks of commands."""
    return [line for language, text in DOCUMENTS[name] if language == "sh" for line in text.splitlines()]


def commands_in_sentences(name: str, program: str = "python -m tfcustomact") -> list[str]:
    """Returns the commands of a program that stand in a document's sentences."""
    return re.findall(rf"`({program}[^`]*)`", (ROOT / name).read_text(encoding="utf-8"))


def run_in_shell(command: str, folder: Path, **variables: str) -> None:
    """Runs a command as it stands in a document, with the pip of this Python, and with more environment variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("TFCUSTOMACT_")}
    pip = f'pip() {{ {shlex.quote(sys.executable)} -m pip "$@"; }}\n'
    done = subprocess.run(
        ["/bin/bash", "-c", pip + command], cwd=folder, env={**kept, **variables}, text=True, capture_output=True
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
