-- Several meters at the sockets of one machine: each has a name there, and a role that says what it stands for.
alter table wall_meter drop constraint wall_meter_machine_id_key;
alter table wall_meter
    add column name text not null default 'socket',
    -- The whole machine; one of several supplies, whose sum is the machine; or the whole once more, for comparison.
    add column role text not null default 'whole' check (role in ('whole', 'supply', 'check')),
    add unique (machine_id, name);
create unique index wall_meter_of_whole on wall_meter (machine_id) where role = 'whole';

-- What each of them said. Readings outlive their meter, so they hold its name and not its row.
alter table wall_reading add column meter text not null default 'socket';
alter table wall_reading drop constraint wall_reading_pkey;
alter table wall_reading add primary key (machine_id, meter, at);
