-- One row is one deposit that would be current again for some keys if another were withdrawn; null if there is none.
with rows as (select deposit, sequence, key from deposited_rows() where dataset = $dataset),
own as (select distinct key from rows where deposit = $deposit),
deposits as (
    select distinct deposit, sequence, key
    from rows semi join own using (key)
    where not list_contains($set_aside, deposit)
),
ordered as (
    select
        key,
        list(deposit order by sequence desc) as deposits
    from deposits
    group by key
)
select deposits[2] as deposit, file_name, made.submitted_at, count(*)::integer as keys
from ordered left join lake.deposits as made on made.deposit = deposits[2]
where deposits[1] = $deposit
group by all
order by max(made.sequence) desc nulls last;
