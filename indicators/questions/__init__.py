"""The one way out of the store: each question is a function and, beside it, the `.sql` file of the same name."""
