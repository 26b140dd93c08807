"""The web server: application, middleware, open-data API, page shells, static files, workers, log and metrics."""
