-- Campaigns: prompts that are asked of many models, written in a file.
create table campaign (
    id uuid primary key default gen_random_uuid(),
    name text not null unique,
    about text not null,
    created_at timestamptz not null
);

-- What is asked, as submitted and parsed once.
create table prompt (
    id uuid primary key default gen_random_uuid(),
    campaign_id uuid references campaign,
    text text not null,
    task text not null,
    max_output_tokens integer not null check (max_output_tokens > 0),
    temperature double precision not null,
    top_p double precision not null,
    seed bigint not null,
    -- What the question is about and the right answer, where a campaign says so.
    kind text,
    expected text,
    created_at timestamptz not null
);
-- A campaign asks the same thing once, however often it is started.
create unique index prompt_once_a_campaign on prompt
    (campaign_id, task, md5(text), coalesce(kind, ''), max_output_tokens, temperature, top_p, seed)
    where campaign_id is not null;
