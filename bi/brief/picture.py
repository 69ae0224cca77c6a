"""A picture of a brief, by the Chromium that is installed: `python -m bi.brief.picture PAGE PNG`.

The README's is taken from the simulated exchange, so no publisher's figure is in it:

    riskon demo
    python -m bi.brief.picture .riskon-demo/brief/2026-02-11.html bi/brief/example.png
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

WIDTH, HEIGHT = 1000, 1330


def take(page: Path, picture: Path) -> None:
    """Write the top of a page, from the verdict to the chart of the state, as a light PNG.

    Raises:
        FileNotFoundError: there is no such page, or no `chromium` on this machine.
        subprocess.CalledProcessError: Chromium gave up; its words are in the error's `stderr`.
    """
    chromium = shutil.which("chromium")
    if chromium is None:
        message = "expected `chromium` on the PATH; got none. Install it, or print the page."
        raise FileNotFoundError(message)
    source = page.resolve(strict=True)
    picture.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as profile:
        subprocess.run(  # noqa: S603  our own arguments
            [
                chromium,
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--hide-scrollbars",
                "--blink-settings=preferredColorScheme=1",
                f"--user-data-dir={profile}",
                f"--window-size={WIDTH},{HEIGHT}",
                f"--screenshot={picture.resolve()}",
                source.as_uri(),
            ],
            check=True,
            capture_output=True,
            text=True,
            timeout=120,
        )


if __name__ == "__main__":
    take(Path(sys.argv[1]), Path(sys.argv[2]))
