-- Who may see a prompt: whoever knows its id, and everybody only if its submitter said so.
alter table prompt add column is_public boolean not null default false;
-- What lets its submitter have it forgotten: only the hash of the secret that was told once.
alter table prompt add column secret_sha256 bytea check (octet_length(secret_sha256) = 32);
-- When that was done: its texts are gone then, its figures stay.
alter table prompt add column forgotten_at timestamptz;
