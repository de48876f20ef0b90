-- Fair order and back-off. Each further run of one submitter is placed as if it had come a while later (`due_at`), so
-- that submitters take turns and nobody waits for ever; campaigns follow persons.
alter table run add column due_at timestamptz;
update run set due_at = queued_at;
alter table run alter column due_at set not null;
-- Who submitted it, as a salted hash that nobody can read back; null once it has ended.
alter table run add column submitter text;
-- A run that was given back waits until then.
alter table run add column not_before timestamptz;
-- What it asks of a machine besides running its model.
alter table run add column needs_accelerator boolean not null default false;
alter table run add column needs_measured boolean not null default false;
alter table run add column needs_memory_bytes bigint not null default 0 check (needs_memory_bytes >= 0);

drop index run_claim;
-- Claiming walks this index from its start; it holds only what waits.
create index run_claim on run (priority, due_at, ticket) where state = 'queued';
-- Limits a submitter look at what is not over yet.
create index run_of_submitter on run (submitter) where state in ('queued', 'leased');

-- When a machine had a campaign's run last: persons go first, but a campaign is not starved.
alter table machine add column campaign_leased_at timestamptz;

-- What salts the hashes of submitters: made once, the same for all servers of this database.
create table client_salt (
    id boolean primary key default true check (id),
    salt uuid not null default gen_random_uuid()
);
insert into client_salt default values;
