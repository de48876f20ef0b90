-- How many sequences are computed at once: part of what a campaign asks, so the same text in another batch is another
-- prompt; and what that asks of a machine, beside the run's other needs.
alter table prompt add column batch integer not null default 1 check (batch > 0);
drop index prompt_once_a_campaign;
create unique index prompt_once_a_campaign on prompt
    (campaign_id, task, md5(text), coalesce(kind, ''), max_output_tokens, temperature, top_p, seed, batch)
    where campaign_id is not null;
alter table run add column needs_batch integer not null default 1 check (needs_batch > 0);
-- How many a machine can compute of this model, as its worker said when it started last.
alter table machine_model add column max_batch integer not null default 1 check (max_batch > 0);

-- A worker that stops hands its lease back, and no attempt is spent: the next lease has the same number.
alter table lease drop constraint lease_outcome_check;
alter table lease add constraint lease_outcome_check
    check (outcome in ('measured', 'retry', 'reject', 'released', 'expired', 'cancelled'));
alter table lease drop constraint lease_run_id_attempt_key;
create unique index lease_once_an_attempt on lease (run_id, attempt) where outcome is distinct from 'released';
