"""How long sentences are, in docstrings and in the documents: short ones are understood at once."""

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

# Not prose: code blocks, the rows of tables, headings, and the targets of links.
_NO_PROSE: Final = re.compile(r"^ *```.*?^ *```|^ *[|#][^\n]*$|(?<=\])\([^)]*\)", re.DOTALL | re.MULTILINE)
_CODE: Final = re.compile(r"`[^`]*`")
_END: Final = re.compile(r"[.!?](?=\s|$)|\n\s*\n|\n\s*(?:[-*]|\d+\.)\s")


def find_sentences(text: str) -> Iterator[int]:
    """Yield the words of each sentence; a piece of code is one word."""
    for sentence in _END.split(_CODE.sub("code", _NO_PROSE.sub("", text))):
        if words := len(re.findall(r"\w[\w'’-]*", sentence)):
            yield words


def in_docstrings(trees: Iterable[ast.Module]) -> Iterator[int]:
    """Yield the words of each sentence in the docstrings of modules."""
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                yield from find_sentences(ast.get_docstring(node) or "")


def in_documents(root: Path) -> Iterator[int]:
    """Yield the words of each sentence in README.md and in docs/."""
    for page in [root / "README.md", *sorted((root / "docs").glob("*.md"))]:
        yield from find_sentences(page.read_text())
