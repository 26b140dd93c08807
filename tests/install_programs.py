"""Finds or installs the programs that tests run beside ours: Chromium, nginx, another day (faketime).

python -m tests.install_programs     what `make test` needs: a Chromium, else Playwright's own, and an nginx
"""

import os
import shutil
import subprocess
import sys

HEADLESS = "chromium-headless-shell"
"""A Chromium without a window, of the same version: a visit takes a fifth less of the processor."""
CHROMIUM = (HEADLESS, "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
SYSTEM = f"{os.environ.get('PATH', '')}:/usr/sbin"
"""Where programs are looked for: those of administrators are not in everybody's path."""


def find(*names: str) -> str | None:
    """Path of the first of some programs that is installed, or nothing."""
    return next(filter(None, (shutil.which(name, path=SYSTEM) for name in names)), None)


def find_chromium() -> str | None:
    """Path of an installed Chromium, or nothing."""
    return find(*CHROMIUM)


def install(package: str, *names: str) -> str | None:
    """Return the path of a program, its Debian package installed first where it is missing and that is allowed."""
    if find(*names) is None and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = {"stdout": subprocess.DEVNULL, "check": False}
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", package], **quiet)
    return find(*names)


def main() -> None:
    if install(HEADLESS, HEADLESS) is None and install("chromium", *CHROMIUM) is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
    if install("nginx-light", "nginx") is None:
        raise SystemExit("nginx is missing: install the package of that name")


if __name__ == "__main__":
    main()
