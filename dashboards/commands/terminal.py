"""What a command prints to: standard output, and standard error for all that is no result."""

from rich.console import Console

out = Console()
err = Console(stderr=True)


def print_plain(line: str, console: Console = out) -> None:
    """Print a line without interpreting rich markup: names may contain brackets."""
    console.print(line, markup=False, highlight=False, soft_wrap=True)
