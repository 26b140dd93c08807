"""The table of the figures that a chart draws."""

from dashboards.app_pages.indicator.series import Followed
from dashboards.charts.signals import causes
from dashboards.charts.titles import absence
from dashboards.components.html import Cell, details, table, text
from dashboards.components.tiles import behind
from dashboards.wording import formatting as numbers
from dashboards.wording.translations import Words


def twin(followed: Followed, words: Words) -> str:
    """Return the table of the figures that the chart draws, newest first, folded away."""
    figures, indicator = followed.found.figures, followed.indicator
    told, spans = followed.told, followed.told_in
    intervals = any(figure.interval for figure in figures)
    targets = any(figure.target for figure in figures)
    special = any(one.side for one in told)
    headers = [words("table.period"), words("table.value"), words("table.behind")]
    headers += [words("table.interval")] * intervals + [words("table.target")] * targets
    headers += [words("table.cause")] * special
    rows = []
    for figure, cause in zip(reversed(figures), reversed(told), strict=True):
        value = numbers.amount(numbers.value_of(figure.shown, indicator), indicator, words) if figure.shown else None
        row = [
            Cell(text(numbers.period(figure.counted, words))),
            Cell(text(value or absence(figure, words)), numeric=True),
            Cell(text(behind(figure, words))),
        ]
        if intervals:
            limits = [numbers.number(limit, 0, words.language) for limit in figure.interval or ()]
            row.append(Cell(text(words("table.limits", low=limits[0], high=limits[1])) if limits else ""))
        if targets:
            row.append(Cell(text(numbers.target(figure.target.value, indicator, words)) if figure.target else "", True))
        if special:
            row.append(Cell(text(causes(cause, figure.period, words, spans)) if cause.side else ""))
        rows.append(row)
    caption = words("table.caption", label=indicator.label(words.language), name=followed.name)
    return details(words("table.open"), table(caption, headers, rows))
