"""Draws the speaker around an interruption: `plot.py WAVEFORMS.json PICTURE.png`.

Runs in the second environment, which has matplotlib. The file holds a list of objects with `name`,
`rate_hz`, `before_s` (from the first sample to `interrupted`), `stop_ms` and `samples`.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

BEFORE_MS = 150
AFTER_MS = 450


def draw(waveforms: list[dict[str, Any]], picture: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(
        len(waveforms), 1, sharex=True, figsize=(8, 1.4 * len(waveforms) + 0.8), squeeze=False
    )
    for axis, wave in zip(axes[:, 0], waveforms, strict=True):
        step_ms = 1000 / wave["rate_hz"]
        times_ms = [i * step_ms - 1000 * wave["before_s"] for i in range(len(wave["samples"]))]
        axis.plot(times_ms, wave["samples"], linewidth=0.4, color="#1f5fa8")
        axis.axvline(0, color="#c0392b", linewidth=1)
        axis.axvline(wave["stop_ms"], color="#7f8c8d", linewidth=0.8, linestyle="--")
        axis.set_title(f"{wave['name']}: silent after {wave['stop_ms']:.0f} ms", fontsize=9)
        axis.set_yticks([])
        axis.set_xlim(-BEFORE_MS, AFTER_MS)
    axes[-1, 0].set_xlabel("ms from `interrupted`")
    figure.tight_layout()
    figure.savefig(picture, dpi=110, metadata={"Software": ""})


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    draw(json.loads(source.read_text(encoding="utf-8")), target)
