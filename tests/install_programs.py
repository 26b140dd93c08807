"""Finds or installs the programs that tests run beside ours: Chromium, nginx, an identity provider, faketime.

python -m tests.install_programs     what `make test` needs: a Chromium, else Playwright's own, an nginx, and Node with
                                     the provider that is locked in tests/server/identity_provider
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HEADLESS = "chromium-headless-shell"
"""A Chromium without a window, of the same version: a visit takes a fifth less of the processor."""
CHROMIUM = (HEADLESS, "chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
SYSTEM = f"{os.environ.get('PATH', '')}:/usr/sbin"
"""Where programs are looked for: those of administrators are not in everybody's path."""

ROOT = Path(__file__).parent.parent
PROVIDER_SOURCES = Path(__file__).parent / "server" / "identity_provider"
PROVIDER_FOLDER = ROOT / "build" / "identity_provider"
"""Where the identity provider is installed with what it needs, as its lock says."""
LOCK = "package-lock.json"


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


def install_identity_provider() -> Path:
    """Return the program of the identity provider, with the very packages that its lock names, installed if need be."""
    locked = PROVIDER_FOLDER / "node_modules" / LOCK
    wanted = (PROVIDER_SOURCES / LOCK).read_bytes()
    if not locked.exists() or locked.read_bytes() != wanted:
        if install("nodejs", "node") is None or install("npm", "npm") is None:
            raise SystemExit("node and npm are missing: install the packages nodejs and npm")
        PROVIDER_FOLDER.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", LOCK):
            shutil.copy(PROVIDER_SOURCES / name, PROVIDER_FOLDER)
        npm = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(npm, cwd=PROVIDER_FOLDER, check=True)
        # What is installed is known by its lock, written last.
        locked.write_bytes(wanted)
    # Node looks for packages beside the program.
    return Path(shutil.copy(PROVIDER_SOURCES / "provider.mjs", PROVIDER_FOLDER))


def main() -> None:
    if install(HEADLESS, HEADLESS) is None and install("chromium", *CHROMIUM) is None:
        subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
    if install("nginx-light", "nginx") is None:
        raise SystemExit("nginx is missing: install the package of that name")
    install_identity_provider()


if __name__ == "__main__":
    main()
