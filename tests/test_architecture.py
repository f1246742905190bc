"""The shape of the code: layers, sizes, names, tests beside modules, what an import costs."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "evsyn"
MODULES = sorted(path for path in SOURCE.rglob("*.py"))
IDS = [str(path.relative_to(SOURCE)) for path in MODULES]

CODE_LINES = 300
FUNCTION_LINES = 50
POSITIONAL_PARAMETERS = 4  # of a public function; a private one may have one more
HEAVY = ("IPython", "bibtexparser", "jinja2", "matplotlib", "nbconvert", "nbformat", "numpy")
HEAVY += ("pandas", "pandera", "papermill", "scipy", "scipy.stats")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def docstring_lines(node: ast.AST) -> set[int]:
    if not isinstance(node, Function | ast.ClassDef | ast.Module) or not node.body:
        return set()
    first = node.body[0]
    if ast.get_docstring(node, clean=False) is None or first.end_lineno is None:
        return set()
    return set(range(first.lineno, first.end_lineno + 1))


def code_lines(path: Path) -> int:
    """Lines that are neither blank nor comment nor docstring."""
    documentation: set[int] = set()
    for node in ast.walk(tree(path)):
        documentation |= docstring_lines(node)
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
    return sum(
        bool(line.strip()) and not line.lstrip().startswith("#") and number not in documentation
        for number, line in lines
    )


def functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, Function))


def imported(path: Path) -> set[str]:
    """Absolute names that a module imports, wherever it does so."""
    found: set[str] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def test_imports_keep_their_contracts() -> None:
    code = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
    command = [sys.executable, "-W", "ignore", "-c", code]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_modules_do_not_import_each_other_in_circles() -> None:
    graph = grimp.build_graph("evsyn", cache_dir=None)
    edges = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(edges) >= len(MODULES)
    tuple(graphlib.TopologicalSorter(edges).static_order())  # raises CycleError with the circle


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_module_is_small_enough_to_read(path: Path) -> None:
    assert code_lines(path) <= CODE_LINES


def is_data(argument: ast.arg) -> bool:
    """Whether an argument is a column of data: mean, sd, n of each arm stand in a known order."""
    return argument.annotation is not None and ast.unparse(argument.annotation) == "ArrayLike"


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_functions_are_short_and_take_few_positional_arguments(path: Path) -> None:
    for function in functions(path):
        assert function.end_lineno is not None
        length = function.end_lineno - function.lineno + 1 - len(docstring_lines(function))
        assert length <= FUNCTION_LINES, f"{function.name}: {length} lines"
        if any("command" in ast.unparse(decorator) for decorator in function.decorator_list):
            continue  # called by click with names
        positional = [*function.args.posonlyargs, *function.args.args]
        named = [
            argument.arg
            for argument in positional
            if argument.arg not in {"self", "cls"} and not is_data(argument)
        ]
        allowed = POSITIONAL_PARAMETERS + function.name.startswith("_")
        assert len(named) <= allowed, f"{function.name}({', '.join(named)})"


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(tree(path)), "no docstring"
    vague = {"common", "helper", "helpers", "manager", "misc", "util", "utils"}
    assert path.stem.strip("_") not in vague
    named_by_others = {
        method.name
        for owner in ast.walk(tree(path))
        if isinstance(owner, ast.ClassDef) and owner.bases
        for method in owner.body
        if isinstance(method, Function)
    }
    for function in functions(path):
        if function.name not in named_by_others:
            assert not function.name.startswith(("get_", "handle_", "process_")), function.name


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_only_the_command_line_prints_and_exits(path: Path) -> None:
    if path.is_relative_to(SOURCE / "cli") or path.name == "__main__.py":
        return
    calls = (node.func for node in ast.walk(tree(path)) if isinstance(node, ast.Call))
    assert not {"print", "sys.exit", "exit"} & {ast.unparse(call) for call in calls}


@pytest.mark.parametrize("path", MODULES, ids=IDS)
def test_scipy_stats_is_not_imported(path: Path) -> None:
    assert not {name for name in imported(path) if name.startswith("scipy.stats")}


@pytest.mark.parametrize(
    "path",
    [path for path in MODULES if path.name != "__init__.py"],
    ids=[name for name in IDS if not name.endswith("__init__.py")],
)
def test_module_has_its_test_file(path: Path) -> None:
    parts = path.relative_to(SOURCE).parts
    folder = ROOT / "tests" if len(parts) == 1 else ROOT / "tests" / parts[0]
    name = f"test_{path.stem.strip('_')}.py"
    assert any(folder.rglob(name)), f"no {name} in {folder.relative_to(ROOT)}"


LOADED = f"print([name for name in {HEAVY!r} if name in sys.modules])"


def loaded_by(code: str) -> str:
    command = [sys.executable, "-c", f"import sys\n{code}\n{LOADED}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout.splitlines()[-1]


def test_import_loads_nothing_heavy() -> None:
    assert loaded_by("import evsyn") == "[]"


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["rates", "--help"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    code = f"sys.argv = ['evsyn', *{arguments!r}]\nfrom evsyn.__main__ import run\n"
    code += "try:\n    run()\nexcept SystemExit as ended:\n    assert not ended.code, ended.code"
    assert loaded_by(code) == "[]"
