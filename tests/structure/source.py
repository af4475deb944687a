"""The source in figures: how long files and functions are, and which names a reader may stumble over."""

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import Final, NamedTuple, TypeGuard

from tests.structure import mirror, sentences

ROOT: Final = Path(__file__).parents[2]
# Numbers that a value may be given by their places.
MOST_NUMBERS: Final = 2
FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef

# Verbs that end as participles do, and participles that do not end in -ed.
NO_PARTICIPLES: Final = frozenset({"embed", "exceed", "feed", "need", "proceed", "seed", "shed", "speed"})
IRREGULAR: Final = frozenset(
    {
        *("begun", "bound", "broken", "built", "come", "done", "drawn", "driven", "found"),
        *("given", "gone", "held", "kept", "known", "laid", "left", "lent", "lost"),
        *("made", "meant", "met", "paid", "said", "seen", "sent", "shown", "spent"),
        *("spoken", "taken", "told", "thrown", "understood", "withdrawn", "worn", "written"),
    }
)


class Spread(NamedTuple):
    """How a figure is spread: how many there are, the median, the 90th percentile and the largest."""

    count: int
    median: float
    tail: int
    largest: int


class Figures(NamedTuple):
    """The figures of the source at one time."""

    files: Spread
    functions: Spread
    parameters: Spread
    scripts: Spread
    docstrings: Spread
    documents: Spread
    repeated: dict[str, int]
    participles: list[str]
    renamed: list[str]
    splatted: list[str]
    numbered: list[str]
    untested: list[str]


def measure(root: Path = ROOT) -> Figures:
    """Measure the source below a folder: what ships, not its tests."""
    paths = _find_sources(root)
    trees = _parse(root, paths)
    made = list(find_constructions(trees))
    functions = [(name, node) for name, tree in trees.items() for node in _functions(tree)]
    return Figures(
        files=_spread(count_lines(path) for path in paths),
        functions=_spread((node.end_lineno or node.lineno) - node.lineno + 1 for _, node in functions),
        parameters=_spread(_count_parameters(node) for _, node in functions),
        scripts=_spread(count_lines(path) for path in (root / "kumo/store/lua").rglob("*.lua")),
        docstrings=_spread(sentences.in_docstrings(trees.values())),
        documents=_spread(sentences.in_documents(root)),
        repeated=_find_repeated(trees),
        participles=[
            f"{name}:{node.name}" for name, node in functions if is_participle(node.name) and not _is_property(node)
        ],
        renamed=[found for name, tree in trees.items() for found in _find_renamed(name, tree)],
        splatted=[each.where for each in made if each.is_splatted],
        numbered=[each.where for each in made if each.numbers > MOST_NUMBERS],
        untested=mirror.find_untested(root, trees),
    )


def _find_sources(root: Path) -> list[Path]:
    return sorted([*(root / "kumo").rglob("*.py"), *(root / "worker").rglob("*.py"), root / "wsgi.py"])


def _parse(root: Path, paths: Iterable[Path]) -> dict[str, ast.Module]:
    return {path.relative_to(root).as_posix(): ast.parse(path.read_text()) for path in paths}


def count_lines(path: Path) -> int:
    """Return how many lines a file has."""
    return len(path.read_text().splitlines())


def is_participle(name: str) -> bool:
    """Return whether the first word of a function's name is a participle instead of a verb."""
    word = name.strip("_").partition("_")[0]
    return word in IRREGULAR or (word.endswith("ed") and word not in NO_PARTICIPLES)


def _functions(tree: ast.Module) -> Iterator[FunctionNode]:
    return (node for node in ast.walk(tree) if isinstance(node, FunctionNode))


def _is_property(node: FunctionNode) -> bool:
    """Return whether it is read as a value, for which an adjective is right."""
    return any(ast.unparse(each) in {"property", "cached_property"} for each in node.decorator_list)


def _count_parameters(node: FunctionNode) -> int:
    every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return len([each for each in every if each.arg not in {"self", "cls"}])


def _find_repeated(trees: dict[str, ast.Module]) -> dict[str, int]:
    """Return the names of classes that more than one module defines, and how many do."""
    places: dict[str, set[str]] = defaultdict(set)
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name != "Meta":  # what marshmallow calls a schema's options
                places[node.name].add(name)
    return {name: len(found) for name, found in sorted(places.items()) if len(found) > 1}


def _find_renamed(name: str, tree: ast.Module) -> Iterator[str]:
    """Find the imports of our own modules and names that are given another name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in {"kumo", "worker"}:
            for alias in node.names:
                if alias.asname not in {None, alias.name}:
                    yield f"{name}:{alias.name} as {alias.asname}"


def _spread(figures: Iterable[int]) -> Spread:
    found = sorted(figures)
    return Spread(len(found), median(found), found[len(found) * 9 // 10], found[-1])


class Construction(NamedTuple):
    """A call that makes a value of one of our own classes."""

    where: str
    call: ast.Call
    fields: dict[str, str]

    @property
    def is_splatted(self) -> bool:
        """Whether it takes fields out of a tuple, by their places."""
        return any(isinstance(each, ast.Starred) for each in self.call.args)

    @property
    def numbers(self) -> int:
        """Return how many numbers it passes by position: nobody notices if two are swapped."""
        placed = [annotation for annotation, _ in zip(self.fields.values(), self.call.args, strict=False)]
        return sum(_is_number(annotation) for annotation in placed)


def find_constructions(trees: dict[str, ast.Module]) -> Iterator[Construction]:
    """Find where values of our own classes are made: by calling the class, or the `maker` of one."""
    fields = {node.name: _fields(node) for tree in trees.values() for node in ast.walk(tree) if _is_class(node)}
    for tree in trees.values():
        makers = {found[0]: found[1] for node in ast.walk(tree) if (found := _read_maker(node))}
        fields |= {name: fields[kind] for name, kind in makers.items()}
    for name, tree in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and (called := _name_called(node)) in fields:
                yield Construction(f"{name}:{node.lineno} {called}", node, fields[called])


def _is_class(node: ast.AST) -> TypeGuard[ast.ClassDef]:
    return isinstance(node, ast.ClassDef)


def _fields(node: ast.ClassDef) -> dict[str, str]:
    """Return the fields of a class with the text of their types, in the order in which a call may give them."""
    rows = [each for each in node.body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)]
    return {ast.unparse(each.target): ast.unparse(each.annotation) for each in rows}


def _read_maker(node: ast.AST) -> tuple[str, str] | None:
    """Return the name and the class of `name = maker(Class)`."""
    if isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Call) and _name_called(node.value) == "maker":
        return ast.unparse(node.target), ast.unparse(node.value.args[0])
    return None


def _name_called(node: ast.Call) -> str:
    called = node.func
    return called.id if isinstance(called, ast.Name) else called.attr if isinstance(called, ast.Attribute) else ""


def _is_number(annotation: str) -> bool:
    return annotation.removesuffix(" | None") in {"int", "float", "Decimal"}
