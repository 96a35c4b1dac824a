"""The main job, acted out over HTTP: `main` takes three customers through the whole platform."""

import time
from pathlib import Path

import requests

from app.demo.checks import cross_check, run_reports
from app.demo.client import NotAsExpected
from app.demo.journeys import World, asha, bharat, chitra
from app.demo.story import Story


def main(api_url: str, sandbox_url: str, directory: Path) -> int:
    """Act everything out against a running stack. Returns 0, or 1 if a step was not as expected."""
    started = time.monotonic()
    story = Story(directory / "artefacts")
    world = World(api_url, sandbox_url, story)
    try:
        loan = asha(world)
        bharat(world)
        chitra(world)
        run_reports(world, loan)
        cross_check(world, loan)
    except (NotAsExpected, requests.RequestException) as error:
        print(f"\nNOT AS EXPECTED: {error}\nLogs: {directory / 'logs'}", flush=True)
        return 1
    story.table()
    print(f"\n{story.steps} steps, all as expected, in {time.monotonic() - started:.1f} s", flush=True)
    return 0
