"""Small files and what is done with them, in plain functions: nobody and nothing here is real."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

from indicators.definitions.periods import WINDOW_SIGN, Period, Span, Window
from indicators.intake.deposit import Accepted, Outcome, check
from indicators.intake.deposit import deposit as store_file
from indicators.intake.rules import CollectionScope
from indicators.intake.validate import ValidationResult
from indicators.network import Network
from indicators.store.deposits import Receipt, Submission, new_deposit_id, store_submission
from schemas.findings import Finding

TODAY: Final = date(2026, 11, 24)
"""The day it is in every test, page, command and served site, unless a test gives another: never the machine's."""
NOW: Final = datetime(2026, 11, 24, 9, 30, tzinfo=UTC).replace(tzinfo=None)
"""The moment at which tests deposit and withdraw, in UTC: each later than the one before by a microsecond."""
AUTHOR: Final = "accueil (fictif)"

MEASURES: Final = "structure;periode;indicateur;numerateur;denominateur;valeur;segment;commentaire"
STRUCTURES: Final = "structure;nom;type;groupe;region;departement;pays;siret;bce;ouverte_le;fermee_le"
ACTIONS: Final = (
    "structure;reference;genre;origine;processus;axe;constat;cause;action;pilote;"
    "ouverte_le;echeance;faite_le;critere;verifiee_le;efficacite;statut"
)
PARTICIPATION: Final = "structure;reference;date;forme;theme;invites;presents;dont_en_parcours;duree_h"
TARGETS: Final = "perimetre;indicateur;debut;fin;valeur;origine;convenue_le"
MEMBERS: Final = "adresse;role;perimetre;du;au"

TERNOISE_SIREN: Final = "000900001"
TERNOISE: Final = "00090000100017"
"""Invented numbers: no SIREN begins with 000; their check digits are right."""
DIRECTORY: Final = (
    f"atelier-ternoise;Atelier Ternoise (fictif);ACI;Groupe Ternoise (fictif);normandie;76;FR;{TERNOISE};;2010-01-01;",
    "regie-ternoise;Régie Ternoise (fictive);EI;Groupe Ternoise (fictif);normandie;76;FR;00090001900019;;2012-01-01;",
    "regie-ternoise-nord;Régie Ternoise Nord (fictive);EI;;normandie;76;FR;00090001900027;;2012-01-01;",
    "chantier-lorette;Chantier Lorette (fictif);ACI;;bretagne;29;FR;;;2015-01-01;2024-12-31",
    "ecole-valbrune;École Valbrune (fictive);ECO;;be-hainaut;;BE;;0000000196;1998-09-01;",
    "aide-valbrune;Aide Valbrune (fictive);TS;;be-liege;;BE;;;2026-02-01;",
)
"""Structures of most kinds of case: a group, two establishments of one SIREN, one closed, one just opened, a school."""


def environment(**settings: str) -> dict[str, str]:
    """Return the environment of a process started by a test: these settings and no others, on the day of the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PILOTAGE_")}
    return {**kept, "PILOTAGE_TODAY": TODAY.isoformat(), **settings}


def parse_span(code: str) -> Span:
    """Read a period or a window in its canonical spelling."""
    return Window.parse(code) if WINDOW_SIGN in code else Period.parse(code)


def data_folder(network: Network) -> Path:
    """Return the folder of the data files of a store that has one."""
    return Path(network.lake._location.data)


@dataclass(frozen=True)
class Store:
    """Where a store is: its address, and the folder of its Parquet files when they do not stand beside it."""

    address: str
    data: str | None = None

    def open(self) -> Network:
        return Network(self.address, self.data)

    @property
    def options(self) -> list[str]:
        return ["--store", self.address]

    @property
    def settings(self) -> dict[str, str]:
        """The settings by which a command line started by a test finds it."""
        return {"PILOTAGE_STORE": self.address} | ({"PILOTAGE_DATA": self.data} if self.data else {})

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a command line started by a test: these settings, the tests' day, and no others."""
        return environment(**self.settings)


def table(header: str, *rows: str) -> bytes:
    """Write a file of semicolons, in UTF-8."""
    return "".join(f"{line}\n" for line in (header, *rows)).encode()


def measures(*rows: str) -> bytes:
    return table(MEASURES, *rows)


def structures(*rows: str) -> bytes:
    return table(STRUCTURES, *rows)


def structure(code: str, kind: str = "ACI", region: str = "normandie", group: str = "", **dates: str) -> str:
    """Write a row of `structures`; `opened` and `closed` are days."""
    country = "BE" if region.startswith("be-") else "FR"
    name = f"{code.replace('-', ' ').title()} (fictif)"
    return f"{code};{name};{kind};{group};{region};;{country};;;{dates.get('opened', '')};{dates.get('closed', '')}"


def measure(
    structure: str,
    period: str,
    indicator: str,
    numerator: object = "",
    denominator: object = "",
    value: str = "",
    segment: str = "ensemble",
    comment: str = "",
) -> str:
    """Write a row of `measures`."""
    return f"{structure};{period};{indicator};{numerator};{denominator};{value};{segment};{comment}"


def action(
    reference: str,
    kind: str = "corrective",
    opened: str = "2026-01-10",
    due: str = "",
    done: str = "",
    verified: str = "",
    verdict: str = "",
    status: str = "",
    structure: str = "atelier-ternoise",
    criterion: str = "",
) -> str:
    """Write a row of `actions`: unless given, the status is that of its days, and a closed one has a criterion."""
    status = status or ("faite" if done or verified or verdict else "ouverte")
    criterion = criterion or ("livret remis à l’arrivée" if status == "close" else "")
    return (
        f"{structure};{reference};{kind};audit;accueil;;Livret remis tard;;Réimprimer le livret;accueil;"
        f"{opened};{due};{done};{criterion};{verified};{verdict};{status}"
    )


def occasion(
    reference: str,
    held: str,
    present: object,
    in_pathway: object = "",
    invited: object = "",
    form: str = "reunion",
    structure: str = "atelier-ternoise",
) -> str:
    """Write a row of `participation`."""
    return f"{structure};{reference};{held};{form};Organisation du travail;{invited};{present};{in_pathway};1,5"


def examine(
    network: Network,
    content: bytes,
    file_name: str = "depot.csv",
    *,
    period: str | None = None,
    structure: str | None = None,
    today: date = TODAY,
) -> ValidationResult:
    """Examine a file; nothing is written."""
    return check(
        network, content, file_name, CollectionScope(Period.parse(period) if period else None, structure), today
    )


def deposit(
    network: Network,
    content: bytes,
    file_name: str = "depot.csv",
    *,
    period: str | None = None,
    structure: str | None = None,
    today: date = TODAY,
    author: str = AUTHOR,
    comment: str | None = None,
    deposit_id: str | None = None,
    at: datetime = NOW,
) -> Outcome:
    """Examine a file and store it if its verdict allows it."""
    examination = examine(network, content, file_name, period=period, structure=structure, today=today)
    return store_file(network, examination, author, at, comment, deposit_id)


def stored(network: Network, content: bytes, comment: str | None = None, at: datetime = NOW) -> Receipt:
    """Deposit a file that must be accepted, and return its receipt."""
    outcome = deposit(network, content, comment=comment, at=at)
    if not isinstance(outcome, Accepted):
        raise AssertionError([(f.code, f.row, f.header, f.value) for f in outcome.validation.findings])
    return outcome.receipt


def codes(found: ValidationResult) -> list[str]:
    """Codes of an examination's findings, without repetition, in the order of the alphabet."""
    return sorted({finding.code for finding in found.findings})


def findings_of(found: ValidationResult, code: str) -> list[Finding]:
    """Findings of one code, in the order of the rows."""
    return [finding for finding in found.findings if finding.code == code]


def places(findings: Iterable[Finding]) -> list[tuple[int | None, str | None]]:
    """Rows and column letters of findings."""
    return [(finding.row, finding.column) for finding in findings]


def badly_spaced(text: str) -> list[str]:
    """Find what French typography forbids: an ordinary space, or none, where a no-break one belongs."""
    return re.findall(r".{0,12}(?: [:;!?»%]|[\w)»][;!?»]|\w«|« |\d%|«\w).{0,8}", text)


def forced(network: Network, content: bytes, dataset: str = "measures") -> str:
    """Append the rows of a file whatever today's rules say of them, as older versions did; return the deposit's id."""
    table_ = examine(network, content).table
    assert table_ is not None
    submission = Submission(new_deposit_id(), AUTHOR, NOW, dataset, "ancien.csv", content, table_.height, table_)
    return store_submission(network.lake, submission).deposit
