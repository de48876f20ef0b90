-- What the text is said in: the submitter's own system prompt and earlier turns; null for most. A document, because it
-- is read and written whole and nothing selects by it.
alter table prompt add column conversation jsonb;
