"""What a competent person writes in an hour on the same store: DuckDB, `st.metric`, one chart. Run by Streamlit itself.

The folder of the store and the indicators to show, with commas between them, are the arguments of the script; the
address chooses the page: `?page=board&structure=s00123`, `?page=network` or `?page=comparison`. It knows no permission,
no withheld figure, no judgement, and reads French from nowhere.
"""

import sys

import altair as alt
import duckdb
import polars as pl
import streamlit as st

FILES = f"{sys.argv[1]}/data/main/measures/**/*.parquet"
DIRECTORY = f"{sys.argv[1]}/data/main/structures/**/*.parquet"
INDICATORS = sys.argv[2].split(",")
"""Those that the other page shows: whoever writes this page knows which they are."""


@st.cache_resource
def database() -> duckdb.DuckDBPyConnection:
    return duckdb.connect()


def ask(sql: str, **values: object) -> pl.DataFrame:
    return database().cursor().execute(sql, values or None).pl()


@st.cache_data
def periods() -> list[str]:
    found = ask("select distinct period from read_parquet($files) order by period desc", files=FILES)
    return found["period"].to_list()


@st.cache_data
def indicators() -> list[str]:
    found = ask("select distinct indicator from read_parquet($files) order by indicator", files=FILES)
    return [name for name in found["indicator"] if name in INDICATORS]


def tiles(where: str, period: str, shown: int | None = None, **values: object) -> None:
    """Draw a tile an indicator: its value, the change since the quarter before, and eight quarters."""
    found = ask(
        "select indicator, period, 100 * sum(numerator) / sum(denominator) as value from read_parquet($files)"
        f" where {where} and period <= $period and period >= $since and list_contains($shown, indicator)"
        " group by all order by indicator, period",
        files=FILES,
        shown=INDICATORS,
        period=period,
        since=f"{int(period[:4]) - 2}{period[4:]}",
        **values,
    )
    columns = st.columns(4)
    for place, (name, history) in enumerate(list(found.group_by("indicator", maintain_order=True))[:shown]):
        past = history["value"].to_list()[-8:]
        change = f"{past[-1] - past[-2]:+.1f}" if len(past) > 1 else None
        with columns[place % 4]:
            st.metric(str(name[0]), f"{past[-1]:.1f} %", change, chart_data=past, border=True)


def board() -> None:
    structure = st.query_params["structure"]
    st.title(f"Structure {structure}")
    period = st.selectbox("Période", periods())
    tiles("structure = $structure", period, structure=structure)


def network() -> None:
    st.title("Réseau")
    period = st.selectbox("Période", periods())
    tiles("structure is not null", period, shown=8)
    indicator = st.selectbox("Indicateur", indicators())
    history = ask(
        "select period, 100 * sum(numerator) / sum(denominator) as value,"
        " quantile_cont(100 * numerator / denominator, 0.1) as low,"
        " quantile_cont(100 * numerator / denominator, 0.9) as high"
        " from read_parquet($files) where indicator = $indicator and period <= $period group by all order by period",
        files=FILES,
        indicator=indicator,
        period=period,
    )
    base = alt.Chart(history, title=indicator).encode(x=alt.X("period:N", title=None))
    band = base.mark_area(opacity=0.2).encode(y=alt.Y("low:Q", title="%"), y2="high:Q")
    st.altair_chart(band + base.mark_line().encode(y="value:Q", tooltip=["period", "value", "low", "high"]))
    st.dataframe(ask("select name, kind, region from read_parquet($files) order by name", files=DIRECTORY))


def comparison() -> None:
    st.title("Comparer")
    period = st.selectbox("Période", periods())
    indicator = st.selectbox("Indicateur", indicators())
    points = ask(
        "select name, numerator, denominator, 100 * numerator / denominator as value from read_parquet($files)"
        " join (select structure, any_value(name) as name from read_parquet($directory) group by all) using (structure)"
        " where indicator = $indicator and period = $period",
        files=FILES,
        directory=DIRECTORY,
        indicator=indicator,
        period=period,
    )
    st.caption(f"{indicator}, {period} : {points.height} structures")
    base = alt.Chart(points).mark_point()
    st.altair_chart(base.encode(x="denominator:Q", y="value:Q", tooltip=["name", "numerator", "denominator", "value"]))


PAGES = {"board": board, "network": network, "comparison": comparison}
st.set_page_config(page_title="Page nue", layout="wide")
PAGES[st.query_params["page"]]()
