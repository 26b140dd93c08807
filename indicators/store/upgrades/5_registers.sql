-- From 4 to 5: the registers of a structure say more of an action and of an occasion; bodies, meetings, plans and requests
-- have tables of their own, which are made from the declarations of their datasets. Structures say since when they count
-- their actions.
alter table lake.actions add column if not exists reason varchar;
alter table lake.actions add column if not exists accepted_until date;
alter table lake.actions add column if not exists publishable varchar;
alter table lake.participation add column if not exists eligible integer;
alter table lake.participation add column if not exists invited_apart varchar;
alter table lake.participation add column if not exists prepared varchar;
alter table lake.participation add column if not exists dimension varchar;
alter table lake.participation add column if not exists publishable varchar;
alter table lake.structures add column if not exists actions_since date;
