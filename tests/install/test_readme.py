"""The Python in README and docs is run as it stands there.

A block that begins with ```python is run, after those before it in its document; what stands in a block without a
language is what it prints, but for the numbers, and with ``...`` for lines that are left out. A block that begins with
```py is not run: it needs a GPU, or files of the reader's. tests/documents.py says what runs the commands.
"""

import re
import subprocess
from collections.abc import Callable

import pytest
from documents import DOCUMENTS, commands

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


def test_the_documents_with_commands_are_those_whose_commands_are_run() -> None:
    # What is in no other language is a command.
    others = {"", "python", "py", "cpp"}
    found = [name for name, blocks in DOCUMENTS.items() if {language for language, _ in blocks} - others]
    assert found == ["README.md", "docs/benchmarking.md", "docs/installing.md", "docs/wheels.md"]
    assert all(map(commands, found))
