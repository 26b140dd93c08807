"""What the store makes from the declarations of datasets: their tables, and macros over all of them."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.bodies import MEETINGS_PER_YEAR
from schemas.columns import CellType, Dataset
from schemas.datasets import STORED_DATASETS

SQL_TYPES: Final[Mapping[CellType, str]] = MappingProxyType(
    {CellType.NUMBER: "double", CellType.WHOLE: "integer", CellType.DATE: "date"}
)
"""Types of stored columns other than text."""
TABLE: Final = """
create table if not exists lake.{table} (
    deposit varchar not null, sequence bigint not null, submitted_at timestamp not null, line integer not null,
    {columns}
);
"""
"""A row of a dataset with the deposit that it came in with, and its line in the file."""
CURRENT_ROWS: Final = """
create macro current_{table}(set_aside) as table
select * from lake.{table} where not list_contains(set_aside, deposit)
qualify rank() over (partition by {key} order by sequence desc) = 1;
"""
"""One row is the row of one key in the newest deposit in force (`set_aside` lists those that are not).

The columns of a key are in `partition by`: a filter on them is applied before the window is computed.
"""
DEPOSITED_ROWS: Final = """
select
    '{name}' as dataset, deposit, sequence, submitted_at, {holder} as holder, {structure} as structure,
    {period_end} as period_end, concat_ws(' ', {key}) as key
from lake.{table}
"""
"""One row is one deposited row of any dataset: whose it is, the end of its period if it has one, its key as text."""
CURRENT_REGISTERS: Final = """
select '{name}' as dataset, deposit, structure, greatest({days}) as newest from current_{table}(set_aside)
"""
"""One row is one current row of any register, with the newest of its days."""
FILED_REGISTERS: Final = """
select '{name}' as dataset, deposit, structure, greatest({days}) as newest from lake.{table}
"""
"""One row is one row of any register in any deposit, with the newest of its days."""
MEETINGS_OF_A_YEAR: Final = "create macro meetings_per_year(recurrence) as case recurrence {cases} end;\n"
"""Meetings that a recurrence asks for in a year."""


def dataset_tables() -> str:
    """Return the statements that make the tables of all datasets, where they are not there yet."""
    return "".join(TABLE.format(table=dataset.table, columns=_columns(dataset)) for dataset in STORED_DATASETS.values())


def dataset_macros() -> str:
    """Return the statements that make the macros: those of each dataset, and those over all of them."""
    registers = [dataset for dataset in STORED_DATASETS.values() if dataset.is_register]
    return "".join(
        [
            *(_fill(CURRENT_ROWS, dataset) for dataset in STORED_DATASETS.values()),
            f"create macro is_dataset(name) as name in ({_names(list(STORED_DATASETS.values()))});\n",
            f"create macro is_register(name) as name in ({_names(registers)});\n",
            MEETINGS_OF_A_YEAR.format(
                cases=" ".join(f"when '{word}' then {count}" for word, count in MEETINGS_PER_YEAR.items())
            ),
            "create macro deposited_rows() as table",
            "union all".join(_fill(DEPOSITED_ROWS, dataset) for dataset in STORED_DATASETS.values()),
            ";\ncreate macro current_registers(set_aside) as table",
            "union all".join(_fill(CURRENT_REGISTERS, dataset) for dataset in registers),
            ";\ncreate macro filed_registers() as table",
            "union all".join(_fill(FILED_REGISTERS, dataset) for dataset in registers),
            ";\n",
        ]
    )


def _columns(dataset: Dataset) -> str:
    return ", ".join(
        f'"{column.name}" {SQL_TYPES.get(column.cell_type, "varchar")}{" not null" if column.non_empty else ""}'
        for column in dataset.stored_columns
    )


def _fill(template: str, dataset: Dataset) -> str:
    return template.format(
        name=dataset.name,
        table=dataset.table,
        holder=dataset.holder,
        structure="structure" if dataset.holder == "structure" else "null::varchar",
        period_end="period_end" if "period_end" in dataset.stored_key else "null::date",
        key=", ".join(dataset.stored_key if template is CURRENT_ROWS else dataset.key),
        days=", ".join(dataset.days),
    )


def _names(datasets: list[Dataset]) -> str:
    return ", ".join(f"'{dataset.name}'" for dataset in datasets)
