-- Lists of runs walk an index to where their page starts, whatever they select by most; the campaign and the machine are
-- repeated here for that, under names of their own, so that queries of the version before stay unambiguous. The machine
-- is that of the run's last attempt, null before the first.
alter table run add column of_campaign_id uuid references campaign;
alter table run add column last_machine_id uuid references machine;
-- Each row is written once.
update run
set of_campaign_id = prompt.campaign_id,
    last_machine_id = (select machine_id from lease
                       where lease.run_id = run.id and lease.attempt = run.attempts
                         and lease.outcome is distinct from 'released')
from prompt
where prompt.id = run.prompt_id and (prompt.campaign_id is not null or run.attempts > 0);
create index run_public_of_state on run (state, queued_at desc, id desc) where is_public;
create index run_public_of_campaign on run (of_campaign_id, queued_at desc, id desc)
    where is_public and of_campaign_id is not null;
create index run_public_of_machine on run (last_machine_id, queued_at desc, id desc)
    where is_public and last_machine_id is not null;
drop index measurement_by_machine;
create index measurement_by_machine on measurement (machine_id, recorded_at desc, run_id desc);
