-- The other answers of a batch, in its order: they share the window and its energy with the first, which is the row's own.
-- Null for a prompt that was computed alone.
alter table repetition add column others jsonb;
