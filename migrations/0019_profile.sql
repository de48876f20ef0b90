-- Answers of profiling campaigns go on to a forced length; the same text to another length is another prompt.
alter table prompt add column forced_length boolean not null default false;
drop index prompt_once_a_campaign;
create unique index prompt_once_a_campaign on prompt
    (campaign_id, task, md5(text), coalesce(kind, ''), max_output_tokens, temperature, top_p, seed, batch, forced_length)
    where campaign_id is not null;
alter table run drop constraint run_origin_check;
alter table run add constraint run_origin_check check (origin in ('interactive', 'campaign', 'profile'));
