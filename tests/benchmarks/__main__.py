"""`make bench`: the figures the project promises, each beside its baseline in the same run. Never a timed test."""

from tests.benchmarks import first_page, intake, load, pages, papers, questions, sign_in

questions.main()
first_page.main()
intake.main()
pages.main()
papers.main()
load.main()
sign_in.main()
