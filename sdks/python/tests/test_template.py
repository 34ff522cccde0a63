"""The project that `toru new --lang python` makes: it builds, and its test passes, with nothing but Python."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from toru_plugin.testing import RunningPlugin

SDK = Path(__file__).parents[1]
LIMIT_SECONDS = 60
TOKENS = {"{{id}}": "my-plugin", "{{title}}": "My plugin", "{{ident}}": "my_plugin", "{{bundle}}": "page/bundle.js"}


def fill(text: str) -> str:
    for token, value in TOKENS.items():
        text = text.replace(token, value)
    return text


def instantiate(folder: Path, *, page: bool) -> None:
    for source in (SDK / "template").rglob("*.tmpl"):
        name = fill(source.relative_to(SDK / "template").as_posix()).removesuffix(".tmpl")
        target = folder / re.sub(r"(^|/)_(?=[^/]*$)", r"\1.", name)
        target.parent.mkdir(parents=True, exist_ok=True)
        text = source.read_text("utf-8")
        block = r"^[^\n]*\{\{#page\}\}[^\n]*\n(.*?)^[^\n]*\{\{/page\}\}[^\n]*\n"
        text = re.sub(block, r"\1" if page else "", text, flags=re.M | re.S)
        react = r"^[^\n]*\{\{#react\}\}[^\n]*\n.*?^[^\n]*\{\{/react\}\}[^\n]*\n"
        text = re.sub(react, "", text, flags=re.M | re.S)  # the page is a plain one
        target.write_text(fill(text), "utf-8")
    if page:
        (folder / "page").mkdir()
        (folder / "page" / "bundle.js").write_text("// the page")
    vendored = shutil.ignore_patterns("tests", "template", "__pycache__", ".*")
    shutil.copytree(SDK, folder / "vendor" / "toru-plugin", ignore=vendored)


def run(folder: Path, *arguments: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-W", "error", "-S", *arguments],
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": "vendor/toru-plugin/src", "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


@pytest.mark.parametrize("page", [False, True])
def test_a_new_project_is_tested_packed_and_answers(tmp_path: Path, page: bool) -> None:
    instantiate(tmp_path, page=page)
    files = sorted(file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*") if file.is_file())
    own = [name for name in files if not name.startswith(("vendor/", "page/"))]
    assert own == [".gitignore", "README.md", "pyproject.toml", "src/my_plugin.py", "tests/test_my_plugin.py"]
    assert not [name for name in own if "{{" in (tmp_path / name).read_text("utf-8")]
    assert "Ran 2 tests" in run(tmp_path, "-m", "unittest", "discover", "tests")
    printed = run(tmp_path, "-m", "toru_plugin", "pack", "--output", "dist/my-plugin.binary")
    assert printed.startswith("dist/my-plugin.binary: my-plugin 0.1.0, ")
    with RunningPlugin([tmp_path / "dist" / "my-plugin.binary"], env={"PYTHONPATH": ""}) as plugin:
        assert plugin.get("/", user="ada").text() == "Hello ada, from My plugin. Visits so far: 1.\n"
        assert plugin.page() == ("// the page" if page else None)
