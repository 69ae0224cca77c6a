"""README and CONTRIBUTING say what is there: every command, option, setting, file they name."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from flows.cli import app
from flows.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, flags=re.DOTALL)
COMMANDS = [
    line.split("#")[0].strip()
    for block in BLOCKS
    for line in block.splitlines()
    if line.startswith("riskon ")
]


def test_the_readme_opens_with_the_question_a_picture_and_two_commands() -> None:
    assert README.startswith("# Riskon\n\n**Is money rotating back into risk?**")
    assert README.index("![") < README.index("```sh")
    assert BLOCKS[0].strip().endswith("riskon demo")
    assert BLOCKS[1].strip() == ".ci/check"


def test_ci_runs_the_readme_s_second_command() -> None:
    assert (ROOT / ".ci" / "run").read_text(encoding="utf-8").rstrip().endswith("exec .ci/check")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_parses(command: str) -> None:
    words = shlex.split(command)[1:]
    function, bound, _ = app.parse_args(words, exit_on_error=False, print_error=False)
    assert function.__name__.rstrip("_") == words[0]
    assert bound is not None


def test_every_command_is_in_the_readme() -> None:
    named = {shlex.split(command)[1] for command in COMMANDS} | {"demo"}
    declared = {name for name in app if not name.startswith("-")}
    assert declared == named


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    told = re.findall(r"^\| `RISKON_([A-Z_]+)` \|(.*?)\|", README, flags=re.MULTILINE)
    rows = dict(told)
    assert len(rows) == len(told), "a setting is told twice"
    assert {name.lower() for name in rows} == set(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        shown = rows[name.upper()].strip("` ")
        default = "" if field.default is None else str(field.default)
        if name == "user_agent":
            shown, default = shown.split("/")[0], default.split("/")[0]
        assert shown == default.removesuffix(".0"), name


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_every_file_that_is_linked_exists(text: str) -> None:
    links = [link for link in re.findall(r"\]\(([^)]+)\)", text) if "://" not in link]
    assert links or text is CONTRIBUTING
    for link in links:
        assert (ROOT / link).exists(), link


def test_every_path_contributing_names_exists() -> None:
    for path in re.findall(r"`((?:flows|transforms|warehouse|bi|tests)/[\w/.]*)`", CONTRIBUTING):
        assert (ROOT / path).exists(), path
