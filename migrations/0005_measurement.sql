-- Records of measured runs: facts only, never changed. Whatever can be computed from them is computed on reading.
create table measurement (
    run_id uuid primary key references run,
    lease_id uuid not null unique references lease,
    machine_id uuid not null references machine,
    recorded_at timestamptz not null,
    started_at timestamptz not null,
    method_version bigint not null,
    -- The machine as it was enrolled and described at that time; its zone apart, for the grid.
    machine jsonb not null,
    zone text not null,
    software jsonb not null,
    model jsonb not null,
    meters jsonb not null,
    conditions jsonb not null,
    overhead jsonb not null
);
create index measurement_in_order on measurement (recorded_at, run_id);
create index measurement_by_machine on measurement (machine_id);

-- Idle power of one domain beside the windows.
create table baseline (
    run_id uuid not null references measurement,
    ordinal integer not null,
    domain text not null,
    before_w double precision,
    after_w double precision,
    primary key (run_id, ordinal)
);

-- One execution of the prompt, in its own window.
create table repetition (
    run_id uuid not null references measurement,
    ordinal integer not null,
    output_text text not null,
    finish text not null,
    prompt_tokens bigint not null,
    output_tokens bigint not null,
    -- When each written token was on the host, since the body of the window started.
    token_times_s double precision[] not null,
    window_body_start_s double precision not null,
    window_body_end_s double precision not null,
    window_length_s double precision not null,
    primary key (run_id, ordinal)
);

-- What one meter read over one window. Missing energy is null with a reason, never 0.
create table reading (
    run_id uuid not null,
    repetition integer not null,
    ordinal integer not null,
    domain text not null,
    label text not null,
    method text not null,
    energy_j double precision,
    null_reason text,
    faults text[] not null,
    primary key (run_id, repetition, ordinal),
    foreign key (run_id, repetition) references repetition (run_id, ordinal),
    check ((energy_j is null) = (null_reason is not null))
);

-- The power readings of one meter over one window, in the order of time; apart, because they are long.
create table power_trace (
    run_id uuid not null,
    repetition integer not null,
    ordinal integer not null,
    at_s double precision[] not null,
    power_w double precision[] not null,
    primary key (run_id, repetition, ordinal),
    foreign key (run_id, repetition, ordinal) references reading (run_id, repetition, ordinal),
    check (cardinality(at_s) = cardinality(power_w))
);
