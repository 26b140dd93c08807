"""`python -m dashboards` is the command `pilotage`."""

from dashboards.cli import main

main()
