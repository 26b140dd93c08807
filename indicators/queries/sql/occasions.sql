-- One row is one occasion of participation of some structures between two days, newest first (by structure, if there
-- are several, in the order of their names), with how many there are in all. The composition of a board is no occasion.
with named as (
    select unnest($by_name::varchar[]) as structure, generate_subscripts($by_name::varchar[], 1) as place
)
select
    structure,
    reference,
    held_on,
    form,
    dimension,
    theme,
    eligible,
    invited,
    present,
    in_pathway,
    invited_apart,
    prepared,
    hours,
    publishable,
    count(*) over ()::integer as total
from current_participation($set_aside) left join named using (structure)
where
    form <> 'board_seats'
    and structure between $lowest and $highest
    and ($everyone or structure in (select unnest($structures)))
    and held_on between $since and $until
    and ($form is null or form = $form)
    and ($dimension is null or coalesce(dimension, 'none') = $dimension)
order by place, held_on desc, structure, reference
limit $rows offset $first;
