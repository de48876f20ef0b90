-- For how long a value holds from its instant on; null for yearly means and where the source does not say.
alter table grid_intensity add column span_s double precision check (span_s > 0);

-- Which live source is asked for a zone, and when next: whichever server comes first asks, the others wait their turn.
-- Back-off lies here, so that restarting a server does not ask a source again that wants to be left alone.
create table grid_watch (
    zone text primary key,
    source text not null,
    next_at timestamptz not null,
    answered_at timestamptz,
    -- When its last day, and what is missing before that, were asked for last.
    day_asked_at timestamptz,
    back_fill_asked_at timestamptz,
    failures integer not null default 0,
    -- What was wrong the last time; null while it answers.
    trouble text,
    check ((failures = 0) = (trouble is null))
);
