"""All that a person or a program outside sees: pages, charts, words, routes and the command line."""
