-- Battles: two hidden models answer one prompt, and whoever knows the battle's id votes, once.
create table battle (
    id uuid primary key default gen_random_uuid(),
    -- Its runs are the two sides, in the order that chance gave them.
    prompt_id uuid not null unique references prompt,
    created_at timestamptz not null
);

create table battle_vote (
    battle_id uuid primary key references battle,
    vote text not null check (vote in ('first', 'second', 'tie', 'both_bad')),
    voted_at timestamptz not null,
    -- A roll-up of the two records, so that a ranking need not read them: two `common::api::battles::SideEnergy`.
    energies jsonb not null,
    -- Whether the better answer was worth the energy that it took more; null where that was not asked or not answered.
    worth text check (worth in ('yes', 'no', 'unsure')),
    worth_at timestamptz,
    check ((worth is null) = (worth_at is null))
);
create index battle_vote_in_order on battle_vote (voted_at desc);
