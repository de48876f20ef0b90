-- How clean the power of a zone is: a yearly mean (`year`) or the value of an instant (`at`), never without its source.
create table grid_intensity (
    zone text not null,
    zone_name text not null,
    intensity_g_per_kwh double precision not null check (intensity_g_per_kwh >= 0),
    quality text not null,
    source text not null,
    year integer,
    factor_type text not null,
    at timestamptz,
    retrieved_at timestamptz not null,
    unique nulls not distinct (zone, source, factor_type, year, at)
);
create index grid_intensity_latest on grid_intensity (zone, at desc nulls last, year desc nulls last);
