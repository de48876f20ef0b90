//! Runs by the million, made in SQL: what lists and counts go through, without documents, repetitions or traces.
//!
//! Indexes and keys are taken off meanwhile and made again from the finished tables, as after a restored dump: ten
//! million runs take minutes then, and the plans are those of any such database. Must not: touch a database in which
//! anybody else writes.

use std::process::Command;

use anyhow::Result;

use crate::postgres::query;
use crate::{clock, program, say};

/// Makes the runs of the prompts after the first and up to the second number, and the cells `factor` times as deep.
pub(super) fn grow(url: &str, (from, to): (u64, u64), factor: u64) -> Result<()> {
    let started = clock::now();
    let text = [TAKE_OFF, GENERATE, PUT_BACK, MULTIPLY, TIDY].join(";;");
    let text = text
        .replace("{from}", &from.to_string())
        .replace("{to}", &to.to_string())
        .replace("{factor}", &factor.to_string());
    let statements: Vec<&str> = text.split(";;").map(str::trim).collect();
    query(url, &statements)?;
    // What was just written is on its way to the disk, and takes the processor from whoever is asked next.
    program::run(&mut Command::new("sync"))?;
    let size = query(url, &["select pg_database_size(current_database()) >> 20"])?;
    let took = say::span(started.elapsed());
    say::line(format!("bench: made after {took}; the database has {} MB", size.trim()));
    Ok(())
}

/// Notes how each key and index of the tables is made, and drops it: foreign keys first, for they need the others.
const TAKE_OFF: &str = "
create temp table taken_off (place int, name text, owner regclass, made_by text);;
insert into taken_off
select case contype when 'f' then 3 else 1 end, conname, conrelid::regclass,
       format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
       || case contype when 'f' then ' not valid' else '' end
from pg_constraint
where contype in ('p', 'u', 'f')
  and (conrelid in ('prompt'::regclass, 'run'::regclass, 'lease'::regclass, 'measurement'::regclass,
                    'run_summary'::regclass)
       or confrelid in ('prompt'::regclass, 'run'::regclass, 'lease'::regclass, 'measurement'::regclass));;
insert into taken_off
select 2, indexrelid::regclass::text, indrelid::regclass, pg_get_indexdef(indexrelid)
from pg_index
where indrelid in ('prompt'::regclass, 'run'::regclass, 'lease'::regclass, 'measurement'::regclass,
                   'run_summary'::regclass)
  and not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u'));;
do $$
declare each record;
begin
    for each in select * from taken_off order by place desc loop
        if each.place = 2 then
            execute format('drop index %s', each.name);
        else
            execute format('alter table %s drop constraint %I', each.owner, each.name);
        end if;
    end loop;
end $$
";

/// Prompts of a campaign, each with a measured run on every model, older than every real one; one run in a hundred has
/// failed instead, so that a page of those is full over the fewest runs too, and one in ten has flagged figures.
const GENERATE: &str = "
set synchronous_commit = off;;
insert into campaign (name, about, created_at) values ('generated', '', '2026-01-01') on conflict do nothing;;
insert into prompt (campaign_id, text, task, max_output_tokens, temperature, top_p, seed, kind, created_at, is_public)
select campaign.id, 'generated ' || number, (array['chat', 'chat-concise', 'instruct', 'instruct-concise'])[1 + number % 4],
       512, 0.7, 1, 0, (array['code', 'math', 'questions', 'sql', 'translation'])[1 + number / 4 % 5],
       '2026-01-01'::timestamptz + number * interval '1 second', true
from generate_series({from} + 1, {to}) number cross join campaign
where campaign.name = 'generated';;
create temp table fresh as
select gen_random_uuid() as run_id, gen_random_uuid() as lease_id, prompt.id as prompt_id,
       prompt.campaign_id, model.id as model_id, machine.id as machine_id, machine.zone, prompt.created_at as at, random() < 0.01 as is_failed,
       random() < 0.1 as is_flagged
from prompt cross join model cross join machine
where prompt.text like 'generated %'
  and prompt.created_at > '2026-01-01'::timestamptz + {from} * interval '1 second';;
insert into run (id, prompt_id, model_id, position, origin, priority, repetitions, streamed, state, attempts, max_attempts,
                 queued_at, ended_at, due_at, is_public, failure_code, failure_message, of_campaign_id,
                 last_machine_id)
select run_id, prompt_id, model_id, 0, 'campaign', 1, 1, false, case when is_failed then 'failed' else 'measured' end, 1, 3,
       at, at, at, true, case when is_failed then 'generated' end, case when is_failed then 'generated' end, campaign_id,
       machine_id
from fresh;;
insert into lease (id, run_id, machine_id, attempt, leased_at, expires_at, step, ended_at, outcome)
select lease_id, run_id, machine_id, 1, at, at, '{}', at, case when is_failed then 'reject' else 'measured' end
from fresh;;
insert into measurement (run_id, lease_id, machine_id, recorded_at, started_at, method_version, machine, zone, software,
                         model, meters, conditions, overhead)
select run_id, lease_id, machine_id, at, at, 1, '{}', zone, '{}', '{}', '[]', '{}', '{}'
from fresh where not is_failed;;
insert into run_summary (run_id, label, grade, summary)
select fresh.run_id, label, case when is_flagged then 'flagged' else 'valid' end,
       summary || jsonb_build_object('grade', case when is_flagged then 'flagged' else 'valid' end)
from fresh cross join (select label, summary from run_summary limit 1) real
where not is_failed;;
insert into machine_count
select machine_id, count(*) from fresh where not is_failed group by machine_id
on conflict (machine_id) do update set measured_runs = machine_count.measured_runs + excluded.measured_runs;;
insert into campaign_count (campaign_id, runs, measured_runs, failed_runs)
select campaign.id, count(*), count(*) filter (where not is_failed), count(*) filter (where is_failed)
from fresh cross join campaign where campaign.name = 'generated' group by campaign.id
on conflict (campaign_id) do update
set runs = campaign_count.runs + excluded.runs, measured_runs = campaign_count.measured_runs + excluded.measured_runs,
    failed_runs = campaign_count.failed_runs + excluded.failed_runs;;
drop table fresh
";

/// Makes what was taken off again. Foreign keys are not looked through: generated measurements keep them by construction.
const PUT_BACK: &str = "
set maintenance_work_mem = '512MB';;
do $$
declare each record;
begin
    for each in select * from taken_off order by place loop
        execute each.made_by;
    end loop;
    update pg_constraint set convalidated = true where not convalidated;
end $$;;
drop table taken_off
";

/// Every cell as if each of its runs had been reported so many times: means stay, counts and squared deviations grow.
const MULTIPLY: &str = "
create or replace function multiplied(document jsonb, factor bigint) returns jsonb language plpgsql as $$
begin
    return case jsonb_typeof(document)
        when 'object' then (
            select jsonb_object_agg(key, case
                when key in ('n', 'm2', 'runs', 'flagged_runs', 'excluded_runs')
                then to_jsonb((value #>> '{}')::numeric * factor)
                else multiplied(value, factor) end)
            from jsonb_each(document))
        when 'array' then (
            select coalesce(jsonb_agg(multiplied(value, factor)), '[]') from jsonb_array_elements(document) value)
        else document end;
end $$;;
update leaderboard_cell set sums = multiplied(sums, {factor});;
drop function multiplied
";

/// As a database is that has been at rest: statistics known, pages marked, everything written, nobody tidying behind it.
const TIDY: &str = "vacuum analyze;; checkpoint;;
do $$
begin
    for look in 1..600 loop
        perform pg_stat_clear_snapshot();
        exit when not exists (select from pg_stat_activity where backend_type = 'autovacuum worker');
        perform pg_sleep(0.1);
    end loop;
end $$";
