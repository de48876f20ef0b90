-- Under which labels the energies of a bill are, and what they sum: empty until the next report or rebuild.
alter table campaign_cost add column labels text[] not null default '{}';
alter table campaign_cost add column boundaries text[] not null default '{}';
