-- A cell's profile by length apart from its other sums: it is most of the bytes, and only one view needs it. A server of
-- the version before goes on writing it among the sums; it is read from both.
alter table leaderboard_cell add column profile jsonb not null default '[]';
update leaderboard_cell set profile = sums -> 'profile', sums = sums - 'profile' where sums ? 'profile';
