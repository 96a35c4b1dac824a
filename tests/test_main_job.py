"""The main job: three customers through the whole platform, exactly as `make demo` acts it out."""

from pathlib import Path

from app.demo import main
from tests.platform import Platform


def test_it_works(platform: Platform, tmp_path: Path) -> None:
    with platform.working():
        assert main(platform.api.base_url, platform.sandbox.base_url, tmp_path) == 0
    assert len(list((tmp_path / "artefacts").iterdir())) >= 8
