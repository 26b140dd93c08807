"""One contender at work on one file, in a process of its own: `python -m tests.benchmarks.contenders ours FILE STORE`.

It prints one line of JSON: the seconds of each run after `--warm` others, and the peak of memory of the whole process,
what it imports included (`VmHWM`: the maximum that `getrusage` tells is inherited from whoever started the process).
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeAlias

DIRECTORY: Final = "structures.parquet"
"""Beside the store: the codes that a contender without a store is given."""
Run: TypeAlias = Callable[[], dict[str, object]]

TYPED: Final = {
    "structure": "VARCHAR",
    "periode": "VARCHAR",
    "indicateur": "VARCHAR",
    "numerateur": "DOUBLE",
    "denominateur": "DOUBLE",
    "valeur": "DOUBLE",
    "segment": "VARCHAR",
    "commentaire": "VARCHAR",
}
PASS: Final = """
with checked as (
    select rows.*, known.structure is null as stranger, sheets.indicator is null as unknown,
        count(*) over (partition by rows.structure, periode, indicateur, segment) as alike
    from rows
    left join known on known.structure = rows.structure
    left join sheets on sheets.indicator = rows.indicateur
), summed as (
    select structure, periode, segment,
        sum(numerateur) filter (indicateur = 'dynamic_exit_rate') as total,
        sum(numerateur) filter (
            indicateur in ('durable_job_exit_rate', 'transition_job_exit_rate', 'positive_exit_rate')
        ) as parts,
        count(distinct denominateur) filter (indicateur like '%_exit_rate') as bases
    from rows group by all
), parted as (
    select structure, periode, indicateur,
        min(numerateur) filter (segment = 'ensemble') as whole,
        sum(numerateur) filter (segment like 'sexe=%') as parts,
        max(numerateur) filter (segment <> 'ensemble') as largest
    from rows group by all
)
select
    count(*) filter (structure is null or periode is null or indicateur is null) as c01_key,
    count(*) filter (numerateur is null or denominateur is null) as c01,
    count(*) filter (numerateur < 0 or denominateur < 0) as c06,
    count(*) filter (valeur not between 0 and 100) as c07,
    count(*) filter (numerateur <> floor(numerateur) or denominateur <> floor(denominateur)) as c08,
    count(*) filter (not regexp_full_match(periode, '20\\d\\d-T[1-4]')) as c09,
    count(*) filter (unknown) as c13,
    count(*) filter (length(commentaire) > 500) as c17,
    count(*) filter (stranger) as i07,
    count(*) filter (numerateur > denominateur) as x01,
    count(*) filter (abs(100 * numerateur / denominateur - valeur) > 0.0501) as x02,
    count(*) filter (alike > 1) as r07_r08,
    (select count(*) from summed where total <> parts) as x03,
    (select count(*) from parted where parts > whole or largest > whole) as x03_segments,
    (select count(*) from summed where bases > 1) as x05
from checked
"""


def peak_mib() -> float:
    """The most memory that this process has had at one time."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.findall(r"VmHWM:\s+(\d+)", status)[0]) / 1024


def ours(file: Path, store: Path) -> Run:
    """Everything that `pilotage check` does to a file, from its bytes to the report as JSON, and in its own way."""
    from indicators.intake.readers.reader_server import reader_server

    reader_server()
    return _examined_by(file, store)


def read_here(file: Path, store: Path) -> Run:
    """The same, the file being read in this process and not in one of its own: what the latter costs."""
    run = _examined_by(file, store)
    from indicators.intake import validate as examine
    from indicators.intake.readers.detect import open_file

    def read_file(content: bytes, file_name: str, meanwhile: Callable[[], object]) -> object:
        meanwhile()
        return open_file(content, file_name)

    examine.read_file = read_file  # type: ignore[assignment]
    return run


def _examined_by(file: Path, store: Path) -> Run:
    from indicators.runtime_tricks import prepare_imports

    prepare_imports(pages=False)
    from dashboards.wording.finding_messages import validation_json
    from dashboards.wording.translations import load_translator
    from indicators.intake.deposit import check
    from indicators.intake.rules import CollectionScope
    from indicators.network import Network
    from tests.builders import TODAY

    network = Network(str(store))
    say = load_translator("fr")

    def run() -> dict[str, object]:
        found = check(network, file.read_bytes(), file.name, CollectionScope(None, None), TODAY)
        report = json.dumps(validation_json(found, found.verdict, None, say), ensure_ascii=False)
        return {
            "verdict": found.verdict.value,
            "rows": found.rows_read,
            "report_bytes": len(report.encode()),
            "counts": {finding.group: finding.count for finding in found.findings},
            "listed": len(found.findings),
        }

    return run


def bare_duckdb(file: Path, store: Path) -> Run:
    """A typed `read_csv` whose dialect and columns are given, then one pass of the same constraints."""
    import duckdb

    from indicators.definitions.catalogue import read_catalogue
    from indicators.network import DATA_FOLDER

    bare = duckdb.connect()
    bare.execute("create table known as select * from read_parquet(?)", [str(store.with_name(DIRECTORY))])
    bare.execute("create table sheets (indicator varchar)")
    bare.executemany(
        "insert into sheets values (?)", [[sheet.id] for sheet in read_catalogue(DATA_FOLDER / "catalogue")]
    )

    def run() -> dict[str, object]:
        bare.execute(
            "create or replace table rows as from read_csv($file, auto_detect = false, delim = ';', quote = '\"',"
            f" escape = '\"', header = true, new_line = '\\n', decimal_separator = ',', columns = {TYPED})",
            {"file": str(file)},
        )
        answer = bare.execute(PASS)
        counts = dict(zip([column[0] for column in answer.description], answer.fetchone() or (), strict=True))
        return {"counts": {name: count for name, count in counts.items() if count}}

    return run


def pandera_on_frame(file: Path, store: Path) -> Run:
    """Our contract of `measures` on a frame that polars has parsed beforehand, which is not counted."""
    import polars as pl

    from schemas.datasets import DATASETS, find_violations

    french = {column.french: column.name for column in DATASETS["measures"].columns}
    types = {name: pl.Float64 if kind == "DOUBLE" else pl.String for name, kind in TYPED.items()}
    table = pl.read_csv(file, separator=";", schema=types, decimal_comma=True).rename(french)
    table = table.with_columns(pl.lit(value=True).alias("capped"))

    def run() -> dict[str, object]:
        return {"violations": sum(1 for _ in find_violations(DATASETS["measures"], table))}

    return run


def frictionless_validate(file: Path, store: Path) -> Run:
    """An equivalent schema: types, required cells, closed lists, bounds, pattern, key."""
    import polars as pl
    from frictionless import Dialect, Resource, Schema, system
    from frictionless.formats import CsvControl

    from indicators.definitions.catalogue import read_catalogue
    from indicators.network import DATA_FOLDER

    number = {"type": "number", "decimalChar": ","}
    codes = pl.read_parquet(store.with_name(DIRECTORY))["structure"].to_list()
    sheets = [sheet.id for sheet in read_catalogue(DATA_FOLDER / "catalogue")]
    fields = [
        {"name": "structure", "type": "string", "constraints": {"required": True, "enum": codes}},
        {"name": "periode", "type": "string", "constraints": {"required": True, "pattern": r"20\d\d-T[1-4]"}},
        {"name": "indicateur", "type": "string", "constraints": {"required": True, "enum": sheets}},
        {"name": "numerateur", **number, "constraints": {"required": True, "minimum": 0}},
        {"name": "denominateur", **number, "constraints": {"required": True, "minimum": 0}},
        {"name": "valeur", **number, "constraints": {"minimum": 0, "maximum": 100}},
        {"name": "segment", "type": "string"},
        {"name": "commentaire", "type": "string", "constraints": {"maxLength": 500}},
    ]
    key = ["structure", "periode", "indicateur", "segment"]

    def run() -> dict[str, object]:
        schema = Schema.from_descriptor({"fields": fields, "primaryKey": key})
        dialect = Dialect(controls=[CsvControl(delimiter=";")])
        with system.use_context(trusted=True):
            report = Resource(path=str(file), schema=schema, dialect=dialect, encoding="utf-8").validate()
        return {"valid": report.valid, "errors": report.stats["errors"]}

    return run


CONTENDERS: Final = {
    "ours": ours,
    "here": read_here,
    "duckdb": bare_duckdb,
    "pandera": pandera_on_frame,
    "frictionless": frictionless_validate,
}


def main() -> None:
    """Run one contender and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=CONTENDERS)
    parser.add_argument("file", type=Path)
    parser.add_argument("store", type=Path)
    parser.add_argument("--warm", type=int, default=0)
    parser.add_argument("--runs", type=int, default=1)
    options = parser.parse_args()
    run = CONTENDERS[options.name](options.file, options.store)
    seconds = []
    result: dict[str, object] = {}
    for _ in range(options.warm):
        run()
    for _ in range(options.runs):
        start = time.perf_counter()
        result = run()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": seconds, "peak_mib": peak_mib(), **result}))  # noqa: T201


if __name__ == "__main__":
    main()
