"""`make bench`: the figures the project promises, each beside its baseline in the same run. Never a timed test."""

from tests.benchmarks import (
    first_page,
    intake,
    load,
    meetings,
    pages,
    papers,
    participation,
    questions,
    registers,
    sign_in,
)

for part in (questions, registers, meetings, participation, papers, first_page, intake, pages, load, sign_in):
    part.main()
