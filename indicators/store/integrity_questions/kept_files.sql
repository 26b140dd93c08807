-- One row is one file that is not as it was kept: deposited, but missing, stored more than once or different; or a closed
-- paper of which the bytes are others.
with kept as (select deposit, count(*) as copies, min(sha256(content)) as found from lake.files group by deposit)
select
    coalesce(deposits.deposit, kept.deposit),
    case
        when deposits.deposit is null then 'kept for no deposit'
        when kept.deposit is null then 'not kept'
        when copies > 1 then 'kept ' || copies || ' times'
        else 'sha256 ' || found || ' instead of ' || sha256
    end
from (from lake.deposits where sha256 is not null) as deposits full join kept using (deposit)
where deposits.deposit is null or kept.deposit is null or copies > 1 or found <> sha256
union all
select closing, 'sha256 ' || sha256(content) || ' instead of ' || sha256
from lake.papers
where sha256(content) <> sha256;
