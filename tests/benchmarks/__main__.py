"""`make bench`: the figures the project promises, each beside its baseline in the same run. Never a timed test."""

from tests.benchmarks import intake, load, pages, questions

questions.main()
intake.main()
pages.main()
load.main()
