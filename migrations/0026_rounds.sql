-- Further executions in the window of a repetition: idle between them, and when each began and had its tokens; null where
-- there was one.
alter table repetition add column window_gaps_s double precision not null default 0, add column again jsonb;
