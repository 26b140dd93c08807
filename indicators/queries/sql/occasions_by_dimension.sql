-- One row is one dimension of the occasions of some structures between two days: how many there were, and who came.
select
    coalesce(dimension, 'none') as dimension,
    count(*)::integer as occasions,
    sum(present)::bigint as present,
    sum(in_pathway)::bigint as in_pathway,
    sum(hours) as hours,
    (count(*) filter (invited_apart = 'yes'))::integer as invited_apart,
    (count(*) filter (prepared = 'yes'))::integer as prepared,
    count(prepared)::integer as known_prepared
from current_participation($set_aside)
where
    form <> 'board_seats'
    and structure between $lowest and $highest
    and ($everyone or structure in (select unnest($structures)))
    and held_on between $since and $until
group by all
order by dimension;
