-- One row is one count of the registers of a structure (or of each of them) between two days, or one of its rows that the structure lets the
-- public read: newest first, a few of each part. The group that made a request is never among them. Requests are counted
-- in a year of their own, with what became of them by its end: a decision counts from the day of the answer.
with occasions as (
    select structure, held_on, theme, publishable
    from current_participation($set_aside)
    where ($everyone or structure = $structure) and form <> 'board_seats' and held_on between $since and $until
),
received as (
    select *
    from current_requests($set_aside)
    where ($everyone or structure = $structure) and received_on between $since and $until
),
counted as (
    select
        structure,
        answered_on is not null and answered_on <= $year_end as is_answered,
        coalesce(reported_back_on <= $year_end, false) as is_reported,
        is_answered and decision = 'adopted' as is_adopted
    from current_requests($set_aside)
    where ($everyone or structure = $structure) and received_on between $year_start and $year_end
),
improvements as (
    select
        *,
        kind in ('corrective', 'preventive') as is_counted,
        opened_on between $since and $until as is_opened,
        coalesce(
            status = 'closed' and coalesce(verified_on, done_on, opened_on) between $since and $until, false
        ) as is_closed
    from current_actions($set_aside)
    where $everyone or structure = $structure
),
counts as (
    select structure, 'occasions' as part, count(*)::integer as count from occasions group by all
    union all
    select structure, 'received', count(*) from counted group by all
    union all
    select structure, 'answered', count(*) filter (is_answered) from counted group by all
    union all
    select structure, 'reported', count(*) filter (is_reported) from counted group by all
    union all
    select structure, 'adopted', count(*) filter (is_adopted) from counted group by all
    union all
    select structure, 'opened', count(*) filter (is_counted and is_opened) from improvements group by all
    union all
    select structure, 'closed', count(*) filter (is_counted and is_closed) from improvements group by all
),
texts as (
    select structure, 'theme' as part, max(held_on) as day, theme as text, null as answer, null as state
    from occasions
    where publishable = 'yes' and theme is not null
    group by structure, theme
    union all
    select structure, 'request', answered_on, request, answer, decision
    from received
    where publishable = 'yes' and answer is not null
    union all
    select structure, 'action', opened_on, "action", null, case when status = 'closed' then 'closed' else 'open' end
    from improvements
    where publishable = 'yes' and (is_opened or is_closed) and status <> 'abandoned'
)
select structure, part, count, null::date as day, null as text, null as answer, null as state from counts
union all
(
    select structure, part, null, day, text, answer, state
    from texts
    qualify row_number() over (partition by structure, part order by day desc, text) <= $few
)
order by structure, part, day desc, text;
