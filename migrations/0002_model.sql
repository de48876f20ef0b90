-- Models as workers announced them. An id names exactly one set of weights in one dtype.
create table model (
    id text primary key,
    name text not null,
    family text not null,
    parameters bigint not null check (parameters >= 0),
    dtype text not null,
    bits_per_weight double precision not null,
    weight_bytes bigint not null check (weight_bytes >= 0),
    revision text not null,
    weights_sha256 text not null,
    weights text not null,
    context_length bigint not null check (context_length >= 0),
    quality jsonb not null,
    first_seen_at timestamptz not null
);

-- Which machine runs which model, as its worker said when it started last.
create table machine_model (
    machine_id uuid not null references machine,
    model_id text not null references model,
    primary key (machine_id, model_id)
);
create index machine_model_by_model on machine_model (model_id);
