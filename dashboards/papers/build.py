"""A paper from what it is asked for: whom it is about, its sitting, for which audience, in which language."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from dashboards.papers.blocks import PaperWriter
from dashboards.papers.document import Paper, PaperBlank, PaperBlock, PaperRemark, PaperSection
from dashboards.papers.sheets import committee_sections, fortnight_sections
from dashboards.papers.yearly import dialogue_sections, review_sections
from dashboards.wording.formatting import format_day, format_days, format_short_day
from dashboards.wording.translations import Translator
from indicators.definitions.catalogue import Audience
from indicators.definitions.perimeters import Perimeter
from indicators.queries.papers.contents import (
    PaperSubject,
    committee_content,
    dialogue_content,
    fortnight_content,
    review_content,
    subject_of,
)
from indicators.queries.papers.sittings import PaperKind, Sitting
from indicators.snapshot import QueryContext
from indicators.store.papers import PaperComment, PaperKey, newest_comment


@dataclass(frozen=True)
class PaperChoice:
    """What a paper is asked for: its kind, perimeter and sitting; the name of its perimeter; the language."""

    kind: PaperKind
    perimeter: Perimeter
    sitting: Sitting
    name: str
    t: Translator

    @property
    def key(self) -> PaperKey:
        """The key by which its comments and its closings are found."""
        return PaperKey(self.kind.value, self.perimeter.code, self.sitting.code)


def build_paper(choice: PaperChoice, context: QueryContext, comments: Sequence[PaperComment]) -> Paper:
    """Return the paper for the audience of the context; comments are management's, and no other audience has them."""
    t, subject = choice.t, subject_of(context, choice.perimeter, choice.sitting)
    structures = context.snapshot.structures
    names = {code: structures[code].name for code in structures.members(choice.perimeter)}
    writer = PaperWriter(t, subject, choice.name, names)
    sections = _sections(choice.kind, context, subject, writer)
    is_internal = context.audience.sees(Audience.MANAGEMENT)
    if is_internal:
        sections = [_with_remark(section, comments, t) for section in sections]
    return Paper(
        t(f"paper.{choice.kind}"),
        t(
            "paper.subtitle",
            name=choice.name[:1].upper() + choice.name[1:],
            sitting=sitting_name(choice.kind, choice.sitting, t),
        ),
        t.language,
        source_sentence(context, t, is_internal=is_internal),
        foot_line(context, t, is_internal=is_internal),
        sections,
    )


def source_sentence(context: QueryContext, t: Translator, *, is_internal: bool) -> str:
    """Return for whom a paper is, the version of its data, and the day they were read on."""
    key = "paper.source.internal" if is_internal else "paper.source.public"
    return t(key, version=context.snapshot.version, day=format_day(context.today, t))


def foot_line(context: QueryContext, t: Translator, *, is_internal: bool) -> str:
    """Return the same in brief, for the foot of every page."""
    key = "paper.foot.internal" if is_internal else "paper.foot.public"
    return t(key, version=context.snapshot.version, day=format_short_day(context.today, t))


def sitting_name(kind: PaperKind, sitting: Sitting, t: Translator) -> str:
    """Return the name of a sitting: « 16–30 nov. 2026 », « nov.–déc. 2026 », « année 2026 »."""
    if kind in {PaperKind.REVIEW, PaperKind.DIALOGUE}:
        return t(f"paper.sitting.{kind}", first=sitting.start.year, last=sitting.end.year)
    return format_days(sitting.start, sitting.end, t, whole_months=kind is PaperKind.COMMITTEE)


def _sections(
    kind: PaperKind, context: QueryContext, subject: PaperSubject, writer: PaperWriter
) -> Sequence[PaperSection]:
    match kind:
        case PaperKind.FORTNIGHT:
            return fortnight_sections(fortnight_content(context, subject), writer)
        case PaperKind.COMMITTEE:
            return committee_sections(committee_content(context, subject), writer)
        case PaperKind.REVIEW:
            return review_sections(review_content(context, subject), writer)
        case PaperKind.DIALOGUE:
            return dialogue_sections(dialogue_content(context, subject), writer)


def _with_remark(section: PaperSection, comments: Sequence[PaperComment], t: Translator) -> PaperSection:
    """Return a section with the comment that holds in it, in place of the lines to fill in by hand."""
    comment = newest_comment(comments, section.key)
    if comment is None or comment.text is None:
        return section
    remark = PaperRemark(comment.text, written_sentence(comment.written_at, t))
    blocks: list[PaperBlock] = [block for block in section.blocks if not isinstance(block, PaperBlank)]
    return replace(section, blocks=[*blocks, remark])


def written_sentence(moment: datetime, t: Translator) -> str:
    """Return when a comment was written."""
    return t("paper.written", day=format_day(moment.date(), t))
