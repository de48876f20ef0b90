-- Machines: how their operators enrolled them and what their workers say. A token is kept only as its SHA-256.
create table machine (
    id uuid primary key default gen_random_uuid(),
    name text not null unique,
    token_sha256 bytea not null unique check (octet_length(token_sha256) = 32),
    zone text not null,
    pue double precision not null check (pue >= 1),
    embodied_total_g double precision not null check (embodied_total_g >= 0),
    embodied_lifetime_s double precision not null check (embodied_lifetime_s > 0),
    embodied_source text not null,
    enrolled_at timestamptz not null,
    -- A revoked machine keeps its records; its token opens nothing any more.
    revoked_at timestamptz,
    last_seen_at timestamptz,
    -- What its worker said when it started last; all null before the first start.
    announced_at timestamptz,
    worker_version text,
    hardware jsonb,
    meters jsonb,
    missing_meters text[],
    check ((announced_at is null) = (worker_version is null)),
    check ((announced_at is null) = (hardware is null)),
    check ((announced_at is null) = (meters is null)),
    check ((announced_at is null) = (missing_meters is null))
);
