"""`python -m dashboards` is the command line."""

from dashboards.bootstrap import main

main()
