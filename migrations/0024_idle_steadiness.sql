-- How steady idle power was, as `common::steadiness::Steadiness`; null where nobody looked.
alter table baseline add column steadiness_before jsonb, add column steadiness_after jsonb;
