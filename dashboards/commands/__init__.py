"""The commands of `pilotage`, a module for those that belong together; `dashboards/cli.py` lists them."""
