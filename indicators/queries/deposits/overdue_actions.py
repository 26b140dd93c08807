"""Actions of the registers that are still to be done after their day."""

from collections.abc import Mapping
from datetime import date

from indicators.snapshot import Snapshot, per_version


@per_version
def overdue_actions(snapshot: Snapshot, today: date) -> Mapping[str, int]:
    """Return the number of overdue actions of each structure that has any."""
    return dict(snapshot.query("overdue_actions", today=today).select("structure", "overdue").iter_rows())
