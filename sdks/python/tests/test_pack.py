"""`pack`: one executable file of a project."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from running import SOURCE

from toru_plugin import PackError
from toru_plugin._pack import pack
from toru_plugin._project import read_wanted
from toru_plugin.testing import LIMIT_SECONDS, RunningPlugin

PROGRAM = """
from toru_plugin import Plugin
{imports}

plugin = Plugin(id="my-plugin", name="Mine", version="1.2.3", icon="box")


@plugin.get("/")
async def answer():
    return {value}


if __name__ == "__main__":
    plugin.serve()
"""


def project(
    folder: Path, *, imports: str = "", value: str = '"packed"', toml: str = "", files: dict[str, str] | None = None
) -> Path:
    pyproject = f'[project]\nname = "my-plugin"\nversion = "1.2.3"\n{toml}'
    written = {
        "pyproject.toml": pyproject,
        "my_plugin.py": PROGRAM.format(imports=imports, value=value),
        **(files or {}),
    }
    for name, text in written.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    return folder


def wheel(folder: Path, name: str, files: dict[str, str], tag: str = "py3-none-any") -> None:
    """A package, made by hand, where pip finds it without a network."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-1.0.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    about = {f"{info}/METADATA": metadata, f"{info}/WHEEL": f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n"}
    with zipfile.ZipFile(folder / f"{name}-1.0-{tag}.whl", "w") as packed:
        for path, text in {**files, **about, f"{info}/RECORD": ""}.items():
            packed.writestr(path, text)


@pytest.fixture(name="wheels")
def folder_of_wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "wheels"))
    (tmp_path / "wheels").mkdir()
    return tmp_path / "wheels"


def names(file: Path) -> list[str]:
    with zipfile.ZipFile(file) as packed:
        return packed.namelist()


def test_the_file_runs_as_it_is(tmp_path: Path) -> None:
    packed = pack(project(tmp_path))
    assert packed.path == tmp_path / "dist" / "my-plugin.binary"
    assert (packed.manifest["id"], packed.size) == ("my-plugin", packed.path.stat().st_size)
    assert packed.path.read_bytes().startswith(b"#!/usr/bin/env python3\n")
    with RunningPlugin([packed.path], env={"PYTHONPATH": ""}) as plugin:
        assert plugin.get("/").text() == "packed"
        assert plugin.stop() == 0
        assert plugin.stderr == ""


def test_the_same_input_makes_the_same_bytes(tmp_path: Path) -> None:
    first = pack(project(tmp_path / "a", files={"page/bundle.js": "x"}))
    for file in (tmp_path / "a").rglob("*"):
        os.utime(file, (1, 1))
    second = pack(project(tmp_path / "b", files={"page/bundle.js": "x"}))
    assert first.sha256 == second.sha256
    assert pack(project(tmp_path / "b", value='"other"')).sha256 != first.sha256


@pytest.mark.parametrize("place", ["bundle.js", "page/bundle.js", "page/dist/bundle.js", "frontend/out.js"])
def test_the_page_is_inside(tmp_path: Path, place: str) -> None:
    toml = f'[tool.toru-plugin]\nbundle = "{place}"\n' if place.startswith("frontend") else ""
    packed = pack(project(tmp_path, toml=toml, files={place: "// é"}))
    with RunningPlugin([packed.path]) as plugin:
        assert plugin.page() == "// é"


def test_a_package_in_src_with_its_data_and_page(tmp_path: Path) -> None:
    program = PROGRAM.format(
        imports="import importlib.resources\nfrom my_plugin import other",
        value='other.NAME + importlib.resources.files("my_plugin").joinpath("data.txt").read_text()',
    )
    files = {
        "src/my_plugin/__main__.py": program,
        "src/my_plugin/__init__.py": "",
        "src/my_plugin/other.py": 'NAME = "other "',
        "src/my_plugin/data.txt": "data",
        "page/bundle.js": "page",
    }
    root = project(tmp_path, files=files)
    (root / "my_plugin.py").unlink()
    packed = pack(root)
    with RunningPlugin([packed.path]) as plugin:
        assert plugin.get("/").text() == "other data"
        assert plugin.page() == "page"


def test_further_modules_are_named(tmp_path: Path) -> None:
    files = {"second.py": "A = 1", "third/__init__.py": "B = 2", "test_my_plugin.py": "not inside"}
    root = project(tmp_path, imports="from second import A\nfrom third import B", value="[A, B]", files=files)
    with pytest.raises(PackError, match="second is not inside: add it to the dependencies"):
        pack(root)
    toml = '[tool.toru-plugin]\ninclude = ["second.py", "third"]\n'
    packed = pack(project(tmp_path, imports="from second import A\nfrom third import B", value="[A, B]", toml=toml))
    assert "test_my_plugin.py" not in names(packed.path)
    with RunningPlugin([packed.path]) as plugin:
        assert plugin.get("/").json() == [1, 2]


def test_dependencies_are_inside_with_theirs(tmp_path: Path, wheels: Path) -> None:
    wheel(wheels, "leaf", {"leaf/__init__.py": "VALUE = 'from a leaf'"})
    toml = 'dependencies = ["toru-plugin>=0.1", "leaf==1.0"]\n'
    root = project(
        tmp_path / "p",
        imports="import leaf\nfrom importlib.metadata import version",
        value="leaf.VALUE + version('leaf')",
        toml=toml,
    )
    packed = pack(root)
    with RunningPlugin([packed.path], env={"PYTHONPATH": ""}) as plugin:
        assert plugin.get("/").text() == "from a leaf1.0"
    for file in wheels.iterdir():
        file.unlink()
    assert pack(root).sha256 == packed.sha256  # pip is not asked again


def test_a_dependency_with_compiled_code_is_refused_in_words(tmp_path: Path, wheels: Path) -> None:
    wheel(wheels, "fast", {"fast/__init__.py": ""}, tag="cp311-cp311-manylinux_2_17_x86_64")
    root = project(tmp_path / "p", toml='dependencies = ["fast"]\n')
    with pytest.raises(PackError, match="no pure-Python wheel of fast: it does not exist, or holds compiled code"):
        pack(root)
    wheel(wheels, "sly", {"sly/_speed.so": "compiled"})
    root = project(tmp_path / "q", toml='dependencies = ["sly"]\n')
    with pytest.raises(PackError, match=r"sly/_speed.so of a dependency is compiled for one kind of machine"):
        pack(root)
    assert not list((tmp_path / "q" / "dist").glob("*.binary"))


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"pyproject.toml": "[project]\nname = my-plugin\n"}, "cannot be read"),
        ({"pyproject.toml": "[tool]\n"}, "say which module is the program"),
        ({"pyproject.toml": '[project]\nname = "other"\n'}, "there is neither other.py nor other/__main__.py"),
        (
            {"pyproject.toml": '[project]\nname = "my-plugin"\ndependencies = "x"\n'},
            "dependencies in pyproject.toml must",
        ),
        ({"my_plugin.py": "import no_such_module"}, "no_such_module is not inside"),
        ({"my_plugin.py": "raise SystemExit(3)"}, "the program failed with --metadata"),
        ({"my_plugin.py": "print('hello')"}, "did not print one JSON object"),
        ({"my_plugin.py": "x = 1"}, "must call serve when it is run"),
        (
            {"my_plugin.py": PROGRAM.replace("my-plugin", "my_plugin").format(imports="", value=1)},
            "id: must be 1 to 64",
        ),
    ],
)
def test_what_is_wrong_with_a_project_is_said(tmp_path: Path, files: dict[str, str], message: str) -> None:
    root = project(tmp_path, files=files)
    with pytest.raises(PackError, match=message):
        pack(root)
    assert not list(tmp_path.glob("dist/*"))


def test_missing_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"there is no pyproject.toml in"):
        pack(tmp_path)
    with pytest.raises(PackError, match=r"gone.py is missing"):
        pack(project(tmp_path, toml='[tool.toru-plugin]\ninclude = ["gone.py"]\n'))
    with pytest.raises(PackError, match=r"bundle .*gone.js is missing; build the page first"):
        pack(project(tmp_path, toml='[tool.toru-plugin]\nbundle = "gone.js"\n'))


def test_the_command_prints_what_it_made_or_what_is_wrong(tmp_path: Path) -> None:
    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "toru_plugin", "pack", *arguments],
            env={**os.environ, "PYTHONPATH": str(SOURCE)},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )

    project(tmp_path)
    ended = run("--output", "out/x.binary")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith("out/x.binary: my-plugin 1.2.3, ")
    assert os.access(tmp_path / "out" / "x.binary", os.X_OK)
    ended = run("no-such-folder")
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith("toru-plugin: there is no pyproject.toml in ")


def test_python_3_10_reads_of_a_pyproject_what_pack_wants() -> None:
    text = """
        # a comment
        [build-system]
        requires = ["setuptools"]
        [project] # the project
        name = "my-plugin" # its name
        version = '1'
        keywords = [ "a"
          , "b" ]
        dependencies = [
          "leaf>=1; python_version < '3.12'", # one
          'other[extra]',
        ]
        [tool.ruff]
        preview = true
        name = 1979-05-27
        [[tool.x.y]]
        dependencies = 7
        [tool.toru-plugin]
        main = "m"
        include = []
    """
    expected: dict[str, Any] = {
        "project": {"name": "my-plugin", "dependencies": ["leaf>=1; python_version < '3.12'", "other[extra]"]},
        "tool": {"toru-plugin": {"main": "m", "include": []}},
    }
    assert read_wanted(text) == expected
    if sys.version_info >= (3, 11):
        import tomllib

        whole = tomllib.loads(text)
        assert {key: whole["project"][key] for key in expected["project"]} == expected["project"]
        assert whole["tool"]["toru-plugin"] == expected["tool"]["toru-plugin"]
    for broken in ("[project]\nname = my-plugin", '[project]\ndependencies = ["a",\n'):
        with pytest.raises(ValueError, match="neither a text nor a list of texts"):
            read_wanted(broken)
