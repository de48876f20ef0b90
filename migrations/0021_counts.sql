-- Roll-ups, kept in the transaction of each report and rebuildable from the facts, so that no list counts records.
-- How many runs each machine has measured.
create table machine_count (
    machine_id uuid primary key references machine,
    measured_runs bigint not null
);
insert into machine_count
select machine_id, count(*) from measurement group by machine_id;

-- How many runs a campaign has queued so far, and how many of these ended how; the rest waits or is leased.
create table campaign_count (
    campaign_id uuid primary key references campaign,
    runs bigint not null,
    measured_runs bigint not null default 0,
    failed_runs bigint not null default 0,
    cancelled_runs bigint not null default 0
);
insert into campaign_count
select campaign_id, count(*), count(*) filter (where state = 'measured'), count(*) filter (where state = 'failed'),
       count(*) filter (where state = 'cancelled')
from run join prompt on prompt.id = run.prompt_id
where campaign_id is not null
group by campaign_id;
