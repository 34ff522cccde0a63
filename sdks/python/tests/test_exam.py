"""The exam for plugins in any language, strictly, for what this SDK makes."""

import subprocess
from pathlib import Path

from toru_plugin._pack import pack

ROOT = Path(__file__).parents[3]
EXAM_SECONDS = 240


def test_a_packed_plugin_passes_every_case_of_the_exam(tmp_path: Path) -> None:
    (tmp_path / "exam.py").write_bytes((Path(__file__).parent / "plugins" / "exam.py").read_bytes())
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "exam"\n')
    packed = pack(tmp_path)
    bun = ROOT / "node_modules" / ".bin" / "bun"
    ended = subprocess.run(
        [bun, "conformance/src/main.ts", "--strict", str(packed.path)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=EXAM_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "needs the exam route" not in ended.stdout
