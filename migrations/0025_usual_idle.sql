-- What idle power of this domain was in the days before, as the run was held against it; null where too few runs told.
alter table baseline add column usual_w double precision;
