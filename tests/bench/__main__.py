"""`python -m tests.bench [--runs N]`: a table, and the same as JSON on the last line. Nothing here is asserted.

Figures are medians of whole processes on one machine in one go; quote ratios, not seconds.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from pathlib import Path

from tests.bench import beside_az, layers, many, prompts, screen, scripts
from tests.bench.figure import Figure
from tests.bench.stage import Stage


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench")
    parser.add_argument("--runs", type=int, default=7, help="counted runs of each start-up figure")
    runs = parser.parse_args().runs
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        for measure in (screen.first_paint, screen.live_data, screen.memory, scripts.status):
            figures += _on_stage(Path(folder) / measure.__name__, measure, runs)
        figures += _on_stage(Path(folder) / "quiet", screen.idle, runs, "healthy")
        for measure in (screen.first_request, scripts.overhead, layers.snapshot):
            figures += _on_stage(Path(folder) / measure.__name__, measure, runs)
    figures += many.figures(runs)
    figures += beside_az.figures(runs)
    figures += prompts.figures(runs)
    print(f"\n{platform.machine()}, Python {platform.python_version()}, {runs} runs\n")
    for figure in figures:
        print(figure.row())
    print("\n" + json.dumps({"schema": 1, "figures": [figure.body() for figure in figures]}))


def _on_stage(folder: Path, measure: object, runs: int, scenario: str = "bad-image") -> list[Figure]:
    print(f"measuring {getattr(measure, '__name__', '')} …", flush=True)
    with Stage(folder, scenario) as stage:
        assert callable(measure)
        return list(measure(stage, runs))


if __name__ == "__main__":
    main()
