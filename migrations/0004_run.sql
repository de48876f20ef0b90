-- One prompt on one model, as queued work. `common::run::next` owns the legal moves between states.
create table run (
    id uuid primary key default gen_random_uuid(),
    prompt_id uuid not null references prompt,
    model_id text not null references model,
    -- Place among the runs of its prompt, in the order asked.
    position integer not null,
    origin text not null check (origin in ('interactive', 'campaign')),
    -- The queue is served by priority, then by ticket; a run that comes back keeps its ticket.
    priority smallint not null,
    ticket bigint not null generated always as identity,
    repetitions integer not null check (repetitions > 0),
    streamed boolean not null,
    state text not null default 'queued'
        check (state in ('queued', 'leased', 'measured', 'failed', 'cancelled')),
    attempts integer not null default 0,
    max_attempts integer not null check (max_attempts > 0),
    -- The current lease: there is one exactly while the run is leased.
    lease_id uuid,
    queued_at timestamptz not null,
    ended_at timestamptz,
    -- Why it failed, or why its last attempt did.
    failure_code text,
    failure_message text,
    unique (prompt_id, model_id),
    check ((state = 'leased') = (lease_id is not null)),
    check ((state in ('measured', 'failed', 'cancelled')) = (ended_at is not null)),
    check ((failure_code is null) = (failure_message is null))
);
-- Claiming walks this index from its start; it holds only what waits.
create index run_claim on run (priority, ticket) where state = 'queued';
create index run_queued_by_model on run (model_id) where state = 'queued';
create index run_leased on run (lease_id) where state = 'leased';

-- A machine's dated right to one run; one lease is one attempt.
create table lease (
    id uuid primary key default gen_random_uuid(),
    run_id uuid not null references run,
    machine_id uuid not null references machine,
    attempt integer not null,
    leased_at timestamptz not null,
    expires_at timestamptz not null,
    -- What the machine is doing with it.
    step jsonb not null,
    ended_at timestamptz,
    outcome text check (outcome in ('measured', 'retry', 'reject', 'expired', 'cancelled')),
    -- What was reported and answered, so that the same report again gets the same answer.
    report_sha256 bytea,
    answer text,
    unique (run_id, attempt),
    check ((ended_at is null) = (outcome is null)),
    check ((report_sha256 is null) = (answer is null))
);
alter table run add foreign key (lease_id) references lease deferrable initially deferred;
-- The reaper walks the open leases by their end; a machine's page looks for its own.
create index lease_open on lease (expires_at) where ended_at is null;
create index lease_open_by_machine on lease (machine_id) where ended_at is null;
