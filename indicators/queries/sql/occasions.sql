-- One row is one occasion of participation of some structures between two days, newest first (by structure, if there
-- are several), with how many there are in all. The composition of a board is no occasion.
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
from current_participation($set_aside)
where
    form <> 'board_seats'
    and structure between $lowest and $highest
    and ($everyone or structure in (select unnest($structures)))
    and held_on between $since and $until
    and ($form is null or form = $form)
    and ($dimension is null or coalesce(dimension, 'none') = $dimension)
order by if($by_structure, structure, ''), held_on desc, structure, reference
limit $rows offset $first;
