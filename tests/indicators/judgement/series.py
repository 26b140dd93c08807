"""Series for the tests of behaviour over time, and the tests of special causes read word for word, in plain loops."""

from fractions import Fraction
from itertools import pairwise

from hypothesis import strategies as st

Series = list[float | None]


@st.composite
def with_gaps(draw: st.DrawFn, least: int = 0, most: int = 30) -> Series:
    """Noise, slopes, levels and gaps, one after the other, on whole values that meet often."""
    series: Series = []
    length = draw(st.integers(least, most))
    while len(series) < length:
        start, many = float(draw(st.integers(-9, 9))), draw(st.integers(5, 9))
        match draw(st.sampled_from(["noise", "noise", "slope", "level", "gap"])):
            case "noise":
                series += [start * draw(st.sampled_from([-3, -1, 0, 1, 3])) for _ in range(many)]
            case "slope":
                step = draw(st.sampled_from([-2.0, -1.0, 1.0, 2.0]))
                series += [start + step * at for at in range(many)]
            case "level":
                series += [start + draw(st.sampled_from([0.0, 0.0, 1.0])) for _ in range(many)]
            case _:
                series.append(None)
    return series[:length]


def plain_limits(part: Series) -> tuple[Fraction, Fraction, int] | None:
    """Mean, width of the limits and moving ranges of a series, without rounding; none under seven moving ranges.

    Mean and width are those of the shortest beginning with fifteen moving ranges, if there is one.
    """
    moved = ranges(part)
    if len(moved) < 7:
        return None
    basis = next((part[:stop] for stop in range(len(part)) if len(ranges(part[:stop])) == 15), part)
    values = [Fraction(value) for value in basis if value is not None]
    return sum(values) / len(values), Fraction(266, 100) * sum(ranges(basis)) / len(ranges(basis)), len(moved)


def ranges(part: Series) -> list[Fraction]:
    """The moving ranges of neighbours."""
    return [abs(Fraction(b) - Fraction(a)) for a, b in pairwise(part) if a is not None and b is not None]


def plain_tests(part: Series) -> list[list[str]]:
    """The tests that find each point: every window that holds it is looked at."""
    limits = plain_limits(part)
    found: list[list[str]] = [[] for _ in part]
    if limits is None:
        return found
    mean, width, _ = limits
    inner = width * 2 / 3
    for at, value in enumerate(part):
        if value is None:
            continue
        if not mean - width <= value <= mean + width:
            found[at].append("beyond")
        sevens = [part[first : first + 7] for first in range(at - 6, at + 1) if 0 <= first <= len(part) - 7]
        threes = [part[first : first + 3] for first in range(at - 2, at + 1) if 0 <= first <= len(part) - 3]
        full = [[one for one in seven if one is not None] for seven in sevens if None not in seven]
        if any(all(a < b for a, b in pairwise(seven)) or all(a > b for a, b in pairwise(seven)) for seven in full):
            found[at].append("steady")
        for three in ([one for one in three if one is not None] for three in threes if None not in three):
            above = all(one > mean for one in three) and sum(one > mean + inner for one in three) >= 2
            below = all(one < mean for one in three) and sum(one < mean - inner for one in three) >= 2
            if (above and value > mean + inner) or (below and value < mean - inner):
                found[at].append("two_of_three")
                break
        if any(all(one > mean for one in seven) or all(one < mean for one in seven) for seven in full):
            found[at].append("one_side")
    return found
