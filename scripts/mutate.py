"""Measure the tests: break the code in one place at a time and see whether a test fails.

``python scripts/mutate.py tables --sample 150 --seed 1`` draws places from ``src/evsyn/tables``,
changes each (a comparison, an operator, a constant, a condition, a returned value), and runs the
module's own test file, then the other tests of its folder, then of the folders above, until one
fails. A run that takes far longer than the same tests took without a change counts as failed. All
of it happens in a copy of the repository, never in the working tree. Survivors are listed: code no
test would miss.
"""

from __future__ import annotations

import argparse
import ast
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "evsyn"
TESTS = Path("tests")
PASSED = (0, 5)
"""What pytest ends with: all passed, or no test there was."""
SECONDS = 60
"""What a run may take beyond five times the run without a change."""
COPIED = ("src", "tests", "data", "docs", "pyproject.toml", "references.bib")

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Div,
    ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.Pow: ast.Mult,
    ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}


@dataclass(frozen=True)
class Mutant:
    """One change: the module, its line, what was changed, and the changed source."""

    module: Path
    line: int
    change: str
    source: str


def _skipped(tree: ast.Module) -> set[int]:
    """Nodes that no test can be asked to notice: annotations, docstrings, ``__all__``."""
    found: set[int] = set()
    for node in ast.walk(tree):
        drop: list[ast.AST | None] = []
        if isinstance(node, ast.AnnAssign | ast.arg):
            drop.append(node.annotation)
        if isinstance(node, ast.FunctionDef):
            drop += [node.returns, *node.decorator_list]
        if isinstance(node, ast.ClassDef):
            drop += node.decorator_list
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            drop.append(node)
        if isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(one, ast.Name) and one.id == "__all__" for one in targets):
                drop.append(node)
        if isinstance(node, ast.JoinedStr):
            drop += [part for part in node.values if isinstance(part, ast.Constant)]
        for top in drop:
            if top is not None:
                found |= {id(inner) for inner in ast.walk(top)}
    return found


def _changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Every changed copy of a node, with what was done in words."""
    new = deepcopy(node)
    if isinstance(new, ast.Compare) and type(new.ops[0]) in COMPARISONS:
        old = type(new.ops[0])
        new.ops[0] = COMPARISONS[old]()
        yield f"{old.__name__} to {COMPARISONS[old].__name__}", new
    elif isinstance(new, ast.BinOp) and type(new.op) in OPERATORS:
        old_operator = type(new.op)
        new.op = OPERATORS[old_operator]()
        yield f"{old_operator.__name__} to {OPERATORS[old_operator].__name__}", new
    elif isinstance(new, ast.BoolOp):
        new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
        yield "and/or swapped", new
    elif isinstance(new, ast.UnaryOp) and isinstance(new.op, ast.Not):
        yield "not removed", new.operand
    elif isinstance(new, ast.UnaryOp) and isinstance(new.op, ast.USub):
        yield "minus removed", new.operand
    elif isinstance(new, ast.If | ast.IfExp | ast.While):
        new.test = ast.UnaryOp(ast.Not(), new.test)
        yield "condition negated", new
    elif isinstance(new, ast.Return) and not _is_none(new.value):
        new.value = ast.Constant(None)
        yield "None returned", new
    elif isinstance(new, ast.Continue):
        yield "continue to break", ast.Break()
    elif isinstance(new, ast.Call) and isinstance(new.func, ast.Name) and new.func.id in CALLS:
        old_name = new.func.id
        new.func.id = CALLS[old_name]
        yield f"{old_name} to {new.func.id}", new
    elif isinstance(new, ast.Constant):
        yield from _constants(new)


def _is_none(node: ast.AST | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def _constants(new: ast.Constant) -> Iterator[tuple[str, ast.AST]]:
    value = new.value
    if isinstance(value, bool):
        yield f"{value} to {not value}", ast.Constant(not value)
    elif isinstance(value, int | float):
        yield f"{value} to {value + 1}", ast.Constant(value + 1)
    elif isinstance(value, str) and value and " " not in value:  # keys and names, not sentences
        yield f"{value!r} changed", ast.Constant(f"{value}X")


class _Swap(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        """Replace the node, or go on."""
        return self.new if node is self.old else self.generic_visit(node)


def places(module: Path) -> list[tuple[Path, int, int]]:
    """Every place of a module that can be changed: the node by its position, and which change."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    skipped = _skipped(tree)
    return [
        (module, position, number)
        for position, node in enumerate(ast.walk(tree))
        if id(node) not in skipped
        for number, _ in enumerate(_changes(node))
    ]


def mutant(module: Path, position: int, number: int) -> Mutant:
    """Change one place of a module."""
    tree = ast.parse(module.read_text(encoding="utf-8"))
    node = next(node for at, node in enumerate(ast.walk(tree)) if at == position)
    change, new = list(_changes(node))[number]
    swapped = ast.fix_missing_locations(_Swap(node, new).visit(tree))
    return Mutant(module, getattr(node, "lineno", 0), change, ast.unparse(swapped))


def sample(modules: list[Path], size: int, seed: int) -> list[Mutant]:
    """Draw mutants at random, each place as likely as every other; always the same for a seed."""
    found = [place for module in modules for place in places(module)]
    chosen = random.Random(seed).sample(found, min(size, len(found)))
    return [mutant(*place) for place in sorted(chosen)]


def tests_of(module: Path) -> list[tuple[str, ...]]:
    """The module's own test file, then its folder without it, then the folders above.

    A subpackage's tests are in the folder of the same name: ``stats/pooling/pool.py`` is tested
    by ``tests/stats/pooling/test_pool.py``.
    """
    inside = module.relative_to(PACKAGE)
    own = TESTS / inside.parent / f"test_{inside.stem.lstrip('_')}.py"
    runs: list[tuple[str, ...]] = []
    seen = TESTS / "nowhere"
    for wider in (own, *own.parents):
        if wider == TESTS:
            break
        if (ROOT / wider).exists():
            ignored = (f"--ignore={seen}",) if (ROOT / seen).exists() else ()
            runs.append((str(wider), *ignored))
            seen = wider
    if not runs:
        raise SystemExit(f"{inside}: no tests beside {own}")
    return runs


def seconds_passed(copy: Path, tests: tuple[str, ...], limit: float | None) -> float | None:
    """How long the tests take in a copy of the repository; None where one fails."""
    quiet = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    command = [sys.executable, "-m", "pytest", *quiet, *tests]
    start = time.monotonic()
    try:
        done = subprocess.run(
            command,
            cwd=copy,
            env=os.environ | {"PYTHONPATH": str(copy / "src"), "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=limit,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return None
    return time.monotonic() - start if done.returncode in PASSED else None


def copied(target: Path) -> None:
    """Copy what the tests need of the repository."""
    ignored = shutil.ignore_patterns("__pycache__")
    for part in COPIED:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, target / part, ignore=ignored)
        else:
            shutil.copy(ROOT / part, target / part)


def survives(copy: Path, one: Mutant, limits: dict[tuple[str, ...], float]) -> bool:
    """Whether all tests pass with the change; ``limits`` keeps what each run may take."""
    target = copy / one.module.relative_to(ROOT)
    original = target.read_text(encoding="utf-8")
    for tests in tests_of(one.module):
        if tests not in limits:
            plain = seconds_passed(copy, tests, None)
            if plain is None:
                raise SystemExit(f"{' '.join(tests)} fails without any change; mend it first")
            limits[tests] = SECONDS + 5 * plain
        target.write_text(one.source, encoding="utf-8")
        passed = seconds_passed(copy, tests, limits[tests]) is not None
        target.write_text(original, encoding="utf-8")
        if not passed:
            return False
    return True


def main() -> int:
    """Draw, break, test, report."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", help="folder of src/evsyn: tables, stats, stats/pooling …")
    parser.add_argument("modules", nargs="*", help="modules of it; all by default")
    parser.add_argument("--sample", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    modules = sorted((PACKAGE / options.folder).rglob("*.py"))
    modules = [m for m in modules if m.name != "__init__.py"]
    if options.modules:
        modules = [module for module in modules if module.stem in options.modules]
    chosen = sample(modules, options.sample, options.seed)
    if not chosen:
        parser.error(f"no place to change in {options.folder}")
    survivors = 0
    limits: dict[tuple[str, ...], float] = {}
    with tempfile.TemporaryDirectory() as name:
        copied(Path(name))
        for at, one in enumerate(chosen, 1):
            if survives(Path(name), one, limits):
                survivors += 1
                kept = Path(name) / one.module.relative_to(ROOT)
                line = kept.read_text(encoding="utf-8").splitlines()[one.line - 1]
                where = f"{one.module.relative_to(ROOT)}:{one.line}"
                print(
                    f"{at}/{len(chosen)} survived {where}: {one.change}: {line.strip()}", flush=True
                )
    killed = len(chosen) - survivors
    print(f"{options.folder}: {killed} of {len(chosen)} killed ({100 * killed / len(chosen):.0f}%)")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
