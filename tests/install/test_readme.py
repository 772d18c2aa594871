"""The Python in README and docs is run as it stands there.

A block that begins with ```python is run, after those before it in its document; what stands in a block without a
language is what it prints, but for the numbers, and with ``...`` for lines that are left out. A block that begins with
```py is not run: it needs a GPU, or files of the reader's. tests/documents.py says what runs the commands.
"""

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from documents import DOCUMENTS, ROOT, commands, commands_in_sentences, run_in_shell

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


@pytest.mark.install
def test_the_installations_in_sentences_run(source: Path, empty_environment: Path) -> None:
    installations = dict.fromkeys(each for name in DOCUMENTS for each in commands_in_sentences(name, "pip "))
    assert len(installations) >= 4
    for command in installations:
        # Compiled by the same commands it is in other tests.
        run_in_shell(command, source, PIP_PYTHON=str(empty_environment), TFCUSTOMACT_NATIVE="0")


def test_the_tests_that_documents_name_are_there() -> None:
    found = [command for name in DOCUMENTS for command in commands_in_sentences(name, "pytest ")]
    assert found
    for command in found:
        path, marker = re.fullmatch(r"pytest(?: (tests/\w+))?(?: -m (\w+))?", command).groups()
        texts = [file.read_text(encoding="utf-8") for file in (ROOT / (path or "tests")).rglob("test_*.py")]
        assert any(f"mark.{marker}" in text for text in texts) if marker else texts, command
