"""The files of the repository: requirements, notebooks, metadata, nothing of one machine."""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import evsyn

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SETS = ("run", "dev", "notebooks")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def tracked() -> list[Path]:
    """Files under version control; every file where there is none."""
    command = ["git", "ls-files", "-z"]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        hidden = (".venv", ".evsyn", ".git")
        found = (path for path in ROOT.rglob("*") if path.is_file())
        return [path for path in found if path.relative_to(ROOT).parts[0] not in hidden]
    paths = [ROOT / name for name in done.stdout.split("\0") if name]
    return [path for path in paths if path.is_file()]


def pins(name: str) -> dict[str, tuple[str, frozenset[str]]]:
    """Version and hashes by package; for which systems is the resolver's business."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    found: dict[str, tuple[str, frozenset[str]]] = {}
    for block in re.split(r"\n(?=\S)", text.strip()):
        first, *hashes = block.replace("\\\n", "\n").splitlines()
        requirement = Requirement(first.strip())
        digests = frozenset(line.strip() for line in hashes if line.strip())
        package = canonicalize_name(requirement.name)
        assert package not in found, f"{package} stands twice"
        found[package] = (str(requirement.specifier), digests)
    return found


@pytest.mark.parametrize("name", SETS)
def test_every_requirement_is_pinned_by_version_and_hash(name: str) -> None:
    for package, (version, hashes) in pins(name).items():
        assert version.startswith("=="), package
        assert hashes, package
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", found) for found in hashes), package


@pytest.mark.parametrize("name", ["dev", "notebooks"])
def test_larger_sets_hold_the_smaller_unchanged(name: str) -> None:
    smaller, larger = pins("run"), pins(name)
    assert len(larger) > len(smaller)
    for package, pin in smaller.items():
        assert larger[package] == pin, package


def test_sets_hold_what_the_project_declares() -> None:
    extras = PROJECT["project"]["optional-dependencies"]
    declared = {"run": [], "dev": extras["dev"], "notebooks": extras["notebooks"]}
    for name, more in declared.items():
        pinned = pins(name)
        for line in [*PROJECT["project"]["dependencies"], *more, "hatchling", "editables"]:
            requirement = Requirement(line)
            version = pinned[canonicalize_name(requirement.name)][0]
            assert requirement.specifier.contains(version.removeprefix("==")), line


@pytest.mark.parametrize(
    "path",
    ["Makefile", ".ci/run", "pyproject.toml", *(f"requirements/{name}.txt" for name in SETS)],
)
def test_no_index_is_named(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert "://" not in text
    assert not re.search(r"--(extra-)?index|--find-links|--trusted-host", text)


def test_no_path_of_one_machine() -> None:
    pattern = re.compile(rb"(?<![\w.~/:}>-])/(?:home|root|Users|work|mnt|opt)/\w")
    for path in tracked():
        if path.suffix in {".png", ".svgz", ".woff2"}:
            continue
        found = pattern.search(path.read_bytes())
        assert found is None, f"{path.relative_to(ROOT)}: {found and found[0]!r}"


def test_versions_agree() -> None:
    assert PROJECT["project"]["version"] == evsyn.__version__
    assert f"\nversion: {evsyn.__version__}\n" in (ROOT / "CITATION.cff").read_text("utf-8")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_sources_without_outputs_or_logic(path: Path) -> None:
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert [cell for cell in code if cell["outputs"] or cell["execution_count"]] == []
    tags = [tag for cell in code for tag in cell["metadata"].get("tags", [])]
    assert tags.count("parameters") == 1
    for cell in code:
        for node in ast.walk(ast.parse("".join(cell["source"]))):
            logic = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda | ast.While
            assert not isinstance(node, logic), ast.unparse(node)
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            outside = {name.partition(".")[0] for name in names} & {"numpy", "pandas", "scipy"}
            assert not outside, ast.unparse(node)


# The script that makes .venv ----------------------------------------------------------------------


@pytest.fixture
def script() -> ModuleType:
    path = ROOT / "requirements" / "environment.py"
    spec = importlib.util.spec_from_file_location("environment", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    (tmp_path / "requirements").mkdir()
    for name in SETS:
        (tmp_path / "requirements" / f"{name}.txt").write_text(f"{name} 1")
    (tmp_path / "pyproject.toml").write_text("[project]\nname = 'x'\n[tool.x]\ny = 1\n")
    return tmp_path


@pytest.fixture
def calls(
    script: ModuleType, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> list[tuple[str, ...]]:
    """Record what would be run: ``venv``, ``install SET``, ``editable``, or ``fail`` on demand."""
    made: list[tuple[str, ...]] = []

    def run(command: list[str], **_: object) -> SimpleNamespace:
        if "venv" in command:
            made.append(("venv",))
            python = checkout / ".venv" / "bin" / "python"
            python.parent.mkdir(parents=True, exist_ok=True)
            python.write_text("#!/bin/sh\n")
            python.chmod(0o755)
            for name in ("evsyn.json", "unfinished"):  # as --clear does
                (checkout / ".venv" / name).unlink(missing_ok=True)
        elif "--editable" in command:
            assert {"--no-deps", "--no-build-isolation"} <= set(command)
            made.append(("editable",))
        else:
            assert {"--require-hashes", "--no-deps"} <= set(command)
            made.append(("install", Path(command[-1]).stem))
            if (checkout / "fail").exists():
                return SimpleNamespace(returncode=1)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(script.subprocess, "run", run)
    return made


def refreshed(script: ModuleType, checkout: Path, calls: list[tuple[str, ...]], name: str) -> Any:
    calls.clear()
    script.Environment(checkout).refresh(name)
    return [" ".join(call) for call in calls]


def test_environment_is_made_once(
    script: ModuleType, checkout: Path, calls: list[tuple[str, ...]]
) -> None:
    assert refreshed(script, checkout, calls, "run") == ["venv", "install run", "editable"]
    assert refreshed(script, checkout, calls, "run") == []
    assert refreshed(script, checkout, calls, "dev") == ["install dev"]
    assert refreshed(script, checkout, calls, "run") == []
    assert refreshed(script, checkout, calls, "dev") == []


def test_environment_follows_its_files(
    script: ModuleType, checkout: Path, calls: list[tuple[str, ...]]
) -> None:
    refreshed(script, checkout, calls, "run")
    pyproject = checkout / "pyproject.toml"
    pyproject.write_text(pyproject.read_text().replace("y = 1", "y = 2"))
    assert refreshed(script, checkout, calls, "run") == []
    pyproject.write_text(pyproject.read_text().replace("'x'", "'z'"))
    assert refreshed(script, checkout, calls, "run") == ["editable"]
    (checkout / "requirements" / "run.txt").write_text("run 2")
    assert refreshed(script, checkout, calls, "run") == ["venv", "install run", "editable"]
    (checkout / "requirements" / "dev.txt").write_text("dev 2")
    assert refreshed(script, checkout, calls, "run") == []


def test_interrupted_environment_is_made_anew(
    script: ModuleType, checkout: Path, calls: list[tuple[str, ...]]
) -> None:
    (checkout / "fail").touch()
    with pytest.raises(SystemExit):
        refreshed(script, checkout, calls, "run")
    (checkout / "fail").unlink()
    assert refreshed(script, checkout, calls, "run") == ["venv", "install run", "editable"]
    (checkout / "fail").touch()
    with pytest.raises(SystemExit):
        refreshed(script, checkout, calls, "dev")
    (checkout / "fail").unlink()
    assert refreshed(script, checkout, calls, "run") == ["venv", "install run", "editable"]


@pytest.mark.parametrize("damage", ["moved", "python", "stamp", "interpreter"])
def test_untrustworthy_environment_is_made_anew(
    script: ModuleType, checkout: Path, calls: list[tuple[str, ...]], damage: str
) -> None:
    refreshed(script, checkout, calls, "run")
    stamp = checkout / ".venv" / "evsyn.json"
    if damage == "interpreter":
        (checkout / ".venv" / "bin" / "python").unlink()
    elif damage == "stamp":
        stamp.write_text("{")
    else:
        key = {"moved": "root", "python": "python"}[damage]
        stamp.write_text(json.dumps(json.loads(stamp.read_text()) | {key: "other"}))
    assert refreshed(script, checkout, calls, "run")[0] == "venv"


def test_unknown_set_is_refused(script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["everything"]) == 2
    assert "run|dev|notebooks" in capsys.readouterr().err
    assert script.main([]) == 2


def test_old_python_is_refused(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "OLDEST", (sys.version_info[0] + 1, 0))
    assert script.main(["run"]) == 2
    assert "is needed" in capsys.readouterr().err
