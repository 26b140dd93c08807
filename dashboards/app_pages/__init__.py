"""Pages: each is one function read top to bottom: choose, ask, say if empty, draw."""
