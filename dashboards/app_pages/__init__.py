"""Pages: each is one function read top to bottom: let the reader choose, query, render an empty state or figures."""
