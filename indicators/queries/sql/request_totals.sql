-- One row is all the requests of some structures received between two days: how many came how far, and how many days
-- it took (medians, of those that came so far).
select
    count(*)::integer as received,
    count(answered_on)::integer as answered,
    count(reported_back_on)::integer as reported_back,
    (count(*) filter (decision = 'adopted'))::integer as adopted,
    (count(*) filter (decision = 'to_evaluate'))::integer as to_evaluate,
    (count(*) filter (decision = 'in_place'))::integer as in_place,
    (count(*) filter (decision = 'declined'))::integer as declined,
    count("action")::integer as with_action,
    median(date_diff('day', received_on, answered_on)) as days_to_answer,
    median(date_diff('day', answered_on, reported_back_on)) as days_to_report,
    max(date_diff('day', received_on, $today)) filter (answered_on is null)::integer as longest_unanswered,
    max(date_diff('day', answered_on, $today))
        filter (answered_on is not null and reported_back_on is null)::integer as longest_unreported
from current_requests($set_aside)
where
    structure between $lowest and $highest
    and ($everyone or structure in (select unnest($structures)))
    and received_on between $since and $until;
