-- Meters at the sockets of machines, read by whichever server has the duty, and what they said.
create table wall_meter (
    id uuid primary key default gen_random_uuid(),
    -- One machine, one meter: two figures of one socket could not both be the machine's.
    machine_id uuid not null unique references machine,
    -- How it is asked, as the server's own kinds of meters read it; no secret lies here, only the path of its file.
    settings jsonb not null,
    -- What is known of it, as `common::wall::WallCard`.
    card jsonb not null,
    enrolled_at timestamptz not null,
    -- Which server reads it, and until when it has the duty.
    reader text,
    reader_until timestamptz,
    -- Why it is not read now; null while it is.
    trouble text,
    trouble_at timestamptz,
    check ((reader is null) = (reader_until is null)),
    check ((trouble is null) = (trouble_at is null))
);

-- What it said: facts, joined to records by their instants. Kept while a lease lasted and shortly around it; of other
-- times only the newest minutes, for the idle level. They outlive the meter, which may be replaced.
create table wall_reading (
    machine_id uuid not null references machine,
    -- The middle of the call, by the server's clock.
    at timestamptz not null,
    took_s double precision not null check (took_s >= 0),
    power_w double precision,
    -- Since the meter began to count.
    energy_j double precision,
    primary key (machine_id, at),
    check (power_w is not null or energy_j is not null)
);
create index lease_by_machine on lease (machine_id, leased_at);

-- When it all happened by the worker's clock, as `common::wall::Timeline`; null from workers that did not say.
alter table measurement add column timeline jsonb;
-- Standard uncertainty of this very figure, where it is more than its meter's resolution.
alter table reading add column uncertainty_j double precision;
