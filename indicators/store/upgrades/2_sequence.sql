-- From 1 to 2: what is current goes by a sequence number, no longer by the moment. Until now each moment was made later
-- than all before it, so their order is that in which the deposits were made.
alter table lake.deposits add column sequence bigint;
alter table lake.deposits add column newer_moment timestamp;
alter table lake.structures add column sequence bigint;
alter table lake.measures add column sequence bigint;
alter table lake.actions add column sequence bigint;
alter table lake.participation add column sequence bigint;
alter table lake.targets add column sequence bigint;
create temp table places as
select deposit, row_number() over (order by submitted_at, deposit) as sequence from lake.deposits;
update lake.deposits set sequence = places.sequence from places where places.deposit = deposits.deposit;
update lake.structures set sequence = places.sequence from places where places.deposit = structures.deposit;
update lake.measures set sequence = places.sequence from places where places.deposit = measures.deposit;
update lake.actions set sequence = places.sequence from places where places.deposit = actions.deposit;
update lake.participation set sequence = places.sequence from places where places.deposit = participation.deposit;
update lake.targets set sequence = places.sequence from places where places.deposit = targets.deposit;
drop table places;
