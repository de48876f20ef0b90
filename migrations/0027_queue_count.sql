-- A roll-up, kept in the transaction that queues or ends a run and rebuildable from the runs: how many of each model and
-- batch are not over. What waits is the rest of these that no machine has now, so that to lease a run counts nothing.
create table queue_count (
    model_id text not null references model,
    batch integer not null,
    open_runs bigint not null,
    primary key (model_id, batch)
);
insert into queue_count
select model_id, needs_batch, count(*) from run where state in ('queued', 'leased') group by model_id, needs_batch;
