"""The paper that the address asks for, as it stands: the document, its comments and its closings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from dashboards.app_pages.page_context import PERIOD_PARAM, PageContext
from dashboards.app_pages.registers.choice import RegisterChoice
from dashboards.papers.build import PaperChoice, build_paper
from dashboards.papers.document import Paper
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import slug
from indicators.definitions.roles import Right
from indicators.errors import UnknownError
from indicators.queries.papers.sittings import PaperKind, parse_sitting, sitting_containing
from indicators.snapshot import Snapshot
from indicators.store.papers import ClosedPaper, PaperComment, read_closed_papers, read_comments

PAPER_PARAM: Final = "papier"
VERSION_PARAM: Final = "version"
PUBLIC_VERSION: Final = "publique"


@dataclass(frozen=True)
class OpenPaper:
    """The paper of the address as it stands: what it was chosen by, the document, its comments and its closings."""

    choice: PaperChoice
    audience: Audience
    paper: Paper
    comments: Sequence[PaperComment]
    closings: Sequence[ClosedPaper]
    data_version: int
    may_edit: bool
    """Whether the reader may comment and close it."""

    @property
    def file_name(self) -> str:
        """Name of its PDF."""
        parts = (self.choice.kind.value, slug(self.choice.perimeter.code), self.choice.sitting.code)
        public = () if self.audience is Audience.MANAGEMENT else (PUBLIC_VERSION,)
        return f"{'-'.join((*parts, *public))}.pdf"

    @property
    def is_internal(self) -> bool:
        """Whether it holds what only management reads."""
        return self.audience is Audience.MANAGEMENT


def open_paper(context: PageContext, snapshot: Snapshot, registers: RegisterChoice) -> OpenPaper:
    """Return the paper of the address; an `UnknownError` for a kind or a sitting that there is not."""
    t, perimeter = context.t, registers.perimeter
    code = context.params.get(PAPER_PARAM, PaperKind.COMMITTEE.value)
    if code not in set(PaperKind):
        raise UnknownError("paper", code)
    kind = PaperKind(code)
    period = context.params.get(PERIOD_PARAM)
    sitting = parse_sitting(kind, period) if period else sitting_containing(kind, context.today)
    choice = PaperChoice(kind, perimeter, sitting, registers.name, t)
    is_public = context.params.get(VERSION_PARAM) == PUBLIC_VERSION
    audience = Audience.PUBLIC if is_public else Audience.MANAGEMENT
    comments = read_comments(snapshot.cursor, choice.key)
    paper = build_paper(choice, context.query(snapshot, audience), comments)
    closings = read_closed_papers(snapshot.cursor, choice.key)
    may_edit = context.visitor.may(Right.EDIT_REGISTERS, perimeter, snapshot.structures)
    return OpenPaper(choice, audience, paper, comments, closings, snapshot.version, may_edit)
