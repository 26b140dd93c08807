"""The only place where the machine is asked what day or what time it is; everything else is given it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime


@dataclass(frozen=True)
class Clock:
    """The clock of one process: of the machine, or stopped on a day for a demonstration, a training or a test.

    What is due, late, open or running is judged by `today`; what is recorded bears `now`.
    """

    stopped_on: date | None = None

    def today(self) -> date:
        """Return the day on which the clock is stopped, else the day where the machine stands (its time zone)."""
        return self.stopped_on or date.today()  # noqa: DTZ011 - a day is that of the people who use the site

    @staticmethod
    def now() -> datetime:
        """Return the moment in UTC, without a time zone, as stores keep it.

        Never that of a stopped clock: a receipt proves when something was stored, and moments decide which of two
        deposits is in force. One wrong day in a real store would stay there.
        """
        return datetime.now(UTC).replace(tzinfo=None)
