-- What a kilowatt-hour costs, where the campaign's file says so.
alter table campaign add column price_per_kwh double precision check (price_per_kwh >= 0);
alter table campaign add column currency text;
alter table campaign add check ((price_per_kwh is null) = (currency is null));

-- A roll-up, kept in the transaction of each report and rebuildable from the facts: what measuring a campaign has cost,
-- as `common::cost::Cost`. Emissions are those of the grid as it was known when the report came.
create table campaign_cost (
    campaign_id uuid primary key references campaign,
    runs bigint not null,
    runs_without_energy bigint not null,
    machine_time_s double precision not null,
    energy_j double precision not null,
    carbon_g double precision not null
);
