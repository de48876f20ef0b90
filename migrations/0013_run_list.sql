-- Runs that everybody may see, and what lists say of them. Public are those of campaigns, and those whose submitter said
-- so; the prompt's own mark is repeated here, so that a list walks an index of nothing else.
alter table run add column is_public boolean not null default false;
update run set is_public = true
from prompt
where prompt.id = run.prompt_id and (prompt.is_public or prompt.campaign_id is not null);
create index run_public on run (queued_at desc, id desc) where is_public;
create index run_public_of_model on run (model_id, queued_at desc, id desc) where is_public;

-- A roll-up, kept in the transaction of each report and rebuildable from the facts: a measured run in a line, as
-- `common::summary::Summary`. Label and grade stand apart, because lists select by them.
create table run_summary (
    run_id uuid primary key references measurement,
    label text not null,
    grade text not null,
    summary jsonb not null
);
