"""The two sheets of meetings: of every fortnight, and of the committee that meets every two months."""

from dashboards.papers.blocks import PaperWriter
from dashboards.papers.document import PaperBlank, PaperBlock, PaperSection, PaperText
from indicators.queries.papers.contents import CommitteeContent, FortnightContent, PlanOfYear


def fortnight_sections(content: FortnightContent | None, writer: PaperWriter) -> list[PaperSection]:
    """Return the fortnightly sheet: what changed, what is due or overdue, which decisions are awaited."""
    t = writer.t
    if content is None:
        return [PaperSection("public", t("paper.section.registers"), [PaperText(t("paper.public_only"))])]
    changed = [
        *writer.actions(t("paper.opened", count=len(content.opened)), content.opened, t("paper.opened.nothing")),
        *writer.actions(
            t("paper.completed", count=len(content.completed)), content.completed, t("paper.completed.nothing")
        ),
        *writer.meetings(content.meetings, t("paper.meetings.nothing")),
    ]
    if content.requests:
        changed += writer.requests(t("paper.requests", count=len(content.requests)), content.requests, "")
    overdue = writer.actions(
        t("paper.overdue", count=len(content.overdue)), content.overdue, t("paper.overdue.nothing")
    )
    due = writer.actions(t("paper.due", count=len(content.due_soon)), content.due_soon, t("paper.due.nothing"))
    return [
        PaperSection("changed", t("paper.section.changed"), changed),
        PaperSection("overdue", t("paper.section.overdue"), overdue),
        PaperSection("due", t("paper.section.due"), due),
        PaperSection("awaited", t("paper.section.awaited"), writer.awaited(content.awaited)),
    ]


def committee_sections(content: CommitteeContent, writer: PaperWriter) -> list[PaperSection]:
    """Return the committee sheet: overdue actions, new signals, the plan, decisions to take."""
    t = writer.t
    signals = PaperSection(
        "signals", t("paper.section.signals"), writer.signals(content.signals, t("paper.signals.nothing"))
    )
    if content.awaited is None:
        return [signals]
    overdue = writer.actions(
        t("paper.overdue", count=len(content.overdue)), content.overdue, t("paper.overdue.nothing")
    )
    decisions: list[PaperBlock] = [*writer.awaited(content.awaited), PaperBlank(t("paper.blank.decisions"), 4)]
    return [
        PaperSection("overdue", t("paper.section.overdue"), overdue),
        signals,
        PaperSection("plan", t("paper.section.plan"), _plan_blocks(content, writer)),
        PaperSection("meetings", t("paper.section.meetings"), writer.meetings(content.meetings, t("paper.no_meeting"))),
        PaperSection("decisions", t("paper.section.decisions"), decisions),
    ]


def _plan_blocks(content: CommitteeContent, writer: PaperWriter) -> list[PaperBlock]:
    t, year = writer.t, writer.subject.day.year
    plan = writer.plan(t("paper.plan.caption", year=year), content.plan, t("paper.plan.nothing"))
    years = [each for each in content.plan_years if each.planned]
    if not years:
        return plan
    headers = [t(f"paper.column.{name}") for name in ("year", "priorities", "completed", "share")]
    rows = [
        [str(each.year), writer.count(each.planned), writer.count(each.completed), _share(each, writer)]
        for each in years
    ]
    return [*plan, writer.table(t("paper.plan.years"), headers, rows, (25, 25, 25, 25))]


def _share(plan: PlanOfYear, writer: PaperWriter) -> str:
    return writer.t("paper.plan.share", completed=writer.count(plan.completed), planned=writer.count(plan.planned))
