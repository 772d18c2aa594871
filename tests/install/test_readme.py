"""The Python in README and docs is run as it stands there, and the commands are understood.

A block that begins with ```python is run, after those before it in its document; what stands in a block without a
language is what it prints, but for the numbers, and with ``...`` for lines that are left out. A block that begins with
```py is not run: it needs a GPU, or files of the reader's. docs/api is made of the docstrings.

The commands of the installation, of wheels and of the tests are run by `.ci/run` and the tests beside this one.
"""

import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tfcustomact._commands import bench

ROOT = Path(__file__).resolve().parents[2]


def blocks(path: Path) -> list[tuple[str, str]]:
    """Returns the languages and texts of a document's blocks."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", path.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)


DOCUMENTS = {
    str(path.relative_to(ROOT)): blocks(path) for path in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
}
WITH_PYTHON = [name for name, blocks in DOCUMENTS.items() if any(language == "python" for language, _ in blocks)]


def without_numbers(text: str) -> str:
    return re.sub(r"-?\d[\d.]*(e[+-]?\d+)?", "#", text)


@pytest.mark.usefixtures("native")
@pytest.mark.parametrize("name", WITH_PYTHON)
def test_the_code_in_a_document_runs(name: str, run: Callable[..., subprocess.CompletedProcess[str]]) -> None:
    program = "\n".join(text for language, text in DOCUMENTS[name] if language == "python")
    printed = run(program).stdout
    for language, text in DOCUMENTS[name]:
        if not language:
            for part in text.split("  ...\n"):
                assert without_numbers(part) in without_numbers(printed)


def test_the_commands_of_the_documents_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    # Also where the package is not run in a clone.
    monkeypatch.setattr(bench.processors, "folder", lambda: ROOT)
    lines = [
        line for each in DOCUMENTS.values() for language, text in each if language == "sh" for line in text.splitlines()
    ]
    commands = [line.partition("-m tfcustomact bench")[2] for line in lines if "-m tfcustomact bench" in line]
    assert len(commands) > 5
    for command in commands:
        bench._options(shlex.split(command, comments=True))
