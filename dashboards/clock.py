"""The only module that reads the machine's date and time; all other code receives them as arguments."""

from dataclasses import dataclass
from datetime import UTC, date, datetime


@dataclass(frozen=True)
class Clock:
    """The clock of one process: the machine's, or stopped on a day for a demonstration, a training or a test.

    `today` decides what is due, late, open or running; records are stamped with `now`.
    """

    stopped_on: date | None = None

    def today(self) -> date:
        """Return the day on which the clock is stopped, else today's date in the machine's time zone."""
        return self.stopped_on or date.today()  # noqa: DTZ011 - a day is that of the people who use the site

    @staticmethod
    def now() -> datetime:
        """Return the present moment in UTC, without a time zone, as stores record it.

        Never the day of a stopped clock: a receipt proves when something was stored, and moments decide which of two
        deposits is in force. A wrong day in a real store would stay there.
        """
        return datetime.now(UTC).replace(tzinfo=None)
