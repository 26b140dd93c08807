"""What a store is asked leaves nothing on the standard output, however long it takes."""

from __future__ import annotations

from indicators.store.extensions import connect

IS_DRAWN = "select current_setting('enable_progress_bar')"


def test_no_bar_is_drawn_while_a_question_is_answered() -> None:
    with connect() as connection:
        assert connection.execute(IS_DRAWN).fetchall() == [(False,)]
        assert connection.cursor().execute(IS_DRAWN).fetchall() == [(False,)], "each question has a cursor of its own"
