"""`python -m dashboards` is the command line."""

from dashboards.start import main

main()
