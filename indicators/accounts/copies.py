"""Copy of the accounts into those of another store: for a backup, a restoration, a move."""

from typing import Final

from sqlalchemy import insert, select

from indicators.accounts.database import AccountsDatabase
from indicators.accounts.tables import EVENTS, GRANTS, MAILS, PEOPLE, SAVED_CHOICES
from indicators.errors import StoreError

COPIED_TABLES: Final = (PEOPLE, GRANTS, SAVED_CHOICES, EVENTS, MAILS)
"""People, what they may do, keep and did, and the mails to them, of which a restored site sends none again.

Neither sessions nor links nor keys: what was revoked stays revoked.
"""


def copy_accounts(source: AccountsDatabase, target: AccountsDatabase) -> int:
    """Copy people, roles and journal into empty accounts, all or nothing; return the number of people.

    A `StoreError` if the target has people already.
    """
    with source.read() as connection:
        rows = {
            # A database numbers events itself, and would give the numbers of copied ones again.
            table: [
                {name: value for name, value in row.items() if name != "number"}
                for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()
            ]
            for table in COPIED_TABLES
        }
    with target.write() as connection:
        if connection.execute(select(PEOPLE.c.person)).first() is not None:
            raise StoreError(f"accounts of {target.name}: have people already; choose an empty place")
        for table, copied in rows.items():
            if copied:
                connection.execute(insert(table), copied)
    return len(rows[PEOPLE])
