"""The surface of the command line: what exists, what it is called, what it explains."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

import dslnas
from cli.app import app

SPACE_OPTIONS = {"--data", "--data-root", "--preset", "--seed", "--out", "--device", "--set", "--json"}

# Every command with its arguments and options: scripts of users depend on them.
SURFACE: dict[str, tuple[list[str], set[str]]] = {
    "check": (["FILE..."], {"--json", "--fix", "--diff"}),
    "explain": (["[NAME]..."], {"--json"}),
    "fmt": (["FILE..."], {"--check", "--diff"}),
    "grammar": ([], {"--for", "--out", "-o"}),
    "diff": (["A", "B"], {"--data", "--preset", "--set", "--json", "--out", "-o"}),
    "plan": (["FILE"], {"--data", "--data-root", "--preset", "--set", "--space", "--json", "--probe"}),
    "run": (
        ["[FILE]"],
        SPACE_OPTIONS | {"--dry-run", "--resume", "--threads", "--log", "--engine", "--folds", "--baseline"},
    ),
    "search": (["FILE"], SPACE_OPTIONS | {"--threads", "--log", "--engine"}),
    "sweep": (
        ["FILE|FOLDER"],
        SPACE_OPTIONS - {"--data", "--seed"}
        | {"--only", "--dry-run", "--tables", "--engine", "--jobs", "--threads", "--publish"},
    ),
    "train": (
        ["GENOTYPE"],
        SPACE_OPTIONS | {"--space", "--threads", "--log", "--pick", "--ensemble", "--folds", "--baseline"},
    ),
    "front": (
        ["RUN"],
        {"--require", "--evolve", "--baseline", "--data-root", "--device", "--threads", "--json"},
    ),
    "rank": (["RUN"], {"--sample", "--steps", "--seed", "--data-root", "--device", "--threads", "--json"}),
    "test": (
        ["RUN"],
        {
            *("--unknown", "--keep", "--stream", "--labels", "--tolerance", "--hop", "--smooth", "--ignore"),
            *("--out", "-o", "--data", "--data-root", "--device", "--json"),
        },
    ),
    "bench": (["RUN"], {"--data-root", "--json"}),
    "print": (["GENOTYPE|RUN"], {"--name", "--out", "-o", "--json", "--darts"}),
    "import": (["FILE"], {"--name", "--space", "--set", "--out", "-o"}),
    "render": (["GENOTYPE|FILE|RUN"], {"--out", "-o", "--data", "--set", "--space"}),
    "report": (["RUN"], set()),
    "prune": (
        ["RUN"],
        {
            *("--method", "--nodes", "--to", "--epochs", "--set", "--out"),
            *("--data-root", "--device", "--threads", "--json"),
        },
    ),
    "transfer": (["RUN"], {"--data", "--retrain-head", "--data-root", "--device", "--set", "--json"}),
    "export": (
        ["RUN|GENOTYPE"],
        {
            *("--to", "--out", "-o", "--opset", "--features", "--int8", "--most-lost"),
            *("--runtime", "--space"),
            *("--data", "--data-root", "--preset", "--seed", "--set", "--json"),
        },
    ),
    "predict": (
        ["RUN", "FILE|FOLDER..."],
        {"--top", "--csv", "--processes", "--unknown", "--device", "--json"},
    ),
    "listen": (
        ["RUN"],
        {
            *("--file", "--microphone", "--microphones", "--threshold", "--hop", "--smooth", "--ignore"),
            *("--unknown", "--device", "--json"),
        },
    ),
    "toy": ([], {"--xi", "--json", "--out", "-o"}),
    "lsp": ([], set()),
    "cache": ([], {"--clear", "--older-than", "--json"}),
    "data check": (["DATA"], {"--json", "--data-root", "--page"}),
    "data list": ([], {"--data-root", "--json"}),
    "data prepare": (["DATA"], {"--data-root", "--space", "--set", "--json"}),
}


def commands() -> dict[str, Any]:
    """The commands by name, those of groups as `group command`."""
    found: dict[str, Any] = {}
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        found |= {f"{name} {sub}": one for sub, one in inner.items()} if inner else {name: command}
    return found


def options(command: Any) -> set[str]:
    named = (name for parameter in command.params for name in parameter.opts if name.startswith("-"))
    return set(named) - {"--help", "-h"}


def test_the_surface_is_as_it_was() -> None:
    found = {}
    for name, command in commands().items():
        arguments = [p.metavar for p in command.params if p.param_type_name == "argument"]
        found[name] = (arguments, options(command))
    assert found == SURFACE


@pytest.mark.parametrize("name", SURFACE)
def test_every_command_explains_itself_with_an_example(name: str) -> None:
    result = CliRunner().invoke(app, [*name.split(), "--help"], env={"COLUMNS": "200", "NO_COLOR": "1"})
    assert result.exit_code == 0
    assert f"Example: dslnas {name} " in result.output
    for option in SURFACE[name][1]:
        assert option in result.output


@pytest.mark.parametrize("name", SURFACE)
def test_the_options_of_the_example_exist(name: str) -> None:
    command = commands()[name]
    words = shlex.split(command.epilog.removeprefix("Example: "))
    assert words[: 1 + len(name.split())] == ["dslnas", *name.split()]
    assert {word for word in words if re.match("--?[a-z]", word)} <= options(command)


def test_the_version() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, f"dslnas {dslnas.__version__}\n")


@pytest.mark.parametrize(
    "arguments",
    [
        ["unknown"],
        ["check"],
        ["check", "ss1", "--unknown"],
        ["explain", "N9999"],
        ["plan", "ss1", "--preset", "huge"],
        ["run"],
        ["run", "ss1", "--seed", "-1"],
        ["run", "ss1", "--device", "abacus"],
        ["run", "ss1", "--resume", "runs/x"],
        ["run", "--resume", "runs/x", "--set", "search.epochs=1"],
        ["render", "ss1"],
        ["toy", "--xi", "-1"],
        ["data", "prepare"],
    ],
)
def test_usage_errors_exit_with_2(arguments: list[str]) -> None:
    result = CliRunner().invoke(app, arguments)
    assert result.exit_code == 2
    assert "Usage" in result.output and "Traceback" not in result.output


HEAVY = ("torch", "torchaudio", "numpy", "matplotlib", "soundfile", "torchmetrics")


@pytest.mark.parametrize(
    "arguments", [["--help"], ["run", "--help"], ["check", "ss1"], ["explain"], ["plan", "ss1"]]
)
def test_what_needs_no_torch_does_not_import_it(arguments: list[str]) -> None:
    assert imported(arguments, HEAVY) == "[]"


def test_check_loads_neither_what_draws_nor_what_converts() -> None:
    assert imported(["check", "ss1", "--json"], ("pydantic", "rich", "importlib.metadata")) == "[]"


def imported(arguments: list[str], names: tuple[str, ...]) -> str:
    """Those of the modules that a command loads."""
    code = (
        "import sys\nfrom cli.app import app\n"
        f"try:\n    app({arguments!r})\nexcept SystemExit as exit:\n    assert not exit.code\n"
        f"print('imported:', [name for name in {names!r} if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()[-1].removeprefix("imported: ")


def test_the_command_runs_as_a_process_and_its_exit_code_is_real() -> None:
    command = [sys.executable, "-m", "cli", "check", "no_such_space"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 1
    assert "error[N0102]" in done.stderr and "Traceback" not in done.stderr


def test_nothing_in_dslnas_imports_the_command_line() -> None:
    from pathlib import Path

    for path in Path(dslnas.__file__).parent.rglob("*.py"):
        assert not re.search(r"^\s*(from|import) (\.+|dslnas\.)?cli\b", path.read_text(), re.MULTILINE), path
