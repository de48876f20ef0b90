-- A roll-up, kept in the transaction of each report and rebuildable from the facts: all runs that share a key, as
-- `common::leaderboard::Sums`. A document, because it is read and written whole and nothing selects by it.
create table leaderboard_cell (
    model_id text not null references model,
    machine_id uuid not null references machine,
    task text not null,
    kind text,
    origin text not null,
    label text not null,
    boundary text not null,
    batch bigint not null,
    engine_version text not null,
    method_version bigint not null,
    sums jsonb not null,
    unique nulls not distinct
        (model_id, machine_id, task, kind, origin, label, boundary, batch, engine_version, method_version)
);
