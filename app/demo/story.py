"""Telling what happens: one line a step, with ids and milliseconds, and a table of artefacts at the end."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Story:
    """`directory` is where artefacts are written."""

    directory: Path
    artefacts: list[tuple[str, Path]] = field(default_factory=list)
    steps: int = 0

    def chapter(self, title: str) -> None:
        print(f"\n{title}", flush=True)

    @contextmanager
    def step(self, what: str) -> Iterator[list[str]]:
        """Time a step. What the block appends to the list is printed behind it."""
        said: list[str] = []
        started = time.perf_counter()
        yield said
        milliseconds = (time.perf_counter() - started) * 1000
        self.steps += 1
        print(f"  {what:<46} {milliseconds:>7.0f} ms  {'  '.join(said)}".rstrip(), flush=True)

    def keep(self, what: str, name: str, data: bytes) -> Path:
        """Write an artefact."""
        self.directory.mkdir(parents=True, exist_ok=True)
        path = self.directory / name
        path.write_bytes(data)
        self.artefacts.append((what, path))
        return path

    def table(self) -> None:
        """Print where the artefacts are."""
        width = max(len(what) for what, _ in self.artefacts)
        print("\nArtefacts")
        for what, path in self.artefacts:
            here = Path.cwd()
            print(f"  {what:<{width}}  {path.relative_to(here) if path.is_relative_to(here) else path}")
