//! What idle power of a Machine was in the days before: the rolling median of its records.
//!
//! Derived each time, from a few Runs of each day, so that a day of many Runs does not outweigh the others. Must not: count
//! idle power that is configured; of that nobody read how steady it was.

use common::ids::MachineId;
use common::measurement::{Facts, LEAST_USUAL_RUNS, USUAL_DAYS, USUAL_RUNS_A_DAY, UsualIdle};
use common::units::Power;
use sqlx::PgConnection;
use time::OffsetDateTime;

use crate::Error;
use crate::columns::read;

/// The median of each Domain that enough Runs told of.
pub(crate) async fn usual(
    connection: &mut PgConnection,
    machine_id: MachineId,
    now: OffsetDateTime,
) -> Result<Vec<UsualIdle>, Error> {
    let rows = sqlx::query!(
        r#"select domain, percentile_cont(0.5) within group (order by before_w) as "usual_w!"
           from generate_series(0, $3 - 1) as day
             cross join lateral (
               select run_id from measurement
               where machine_id = $1 and recorded_at <= $2::timestamptz - day * interval '1 day'
                 and recorded_at > $2::timestamptz - (day + 1) * interval '1 day'
               order by recorded_at desc
               limit $4
             ) newest
             join baseline on baseline.run_id = newest.run_id
           where before_w is not null and steadiness_before is not null
           group by domain
           having count(*) >= $5
           order by domain"#,
        machine_id.0,
        now,
        i32::try_from(USUAL_DAYS).unwrap_or(i32::MAX),
        i64::from(USUAL_RUNS_A_DAY),
        i64::from(LEAST_USUAL_RUNS),
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(UsualIdle { domain: read("domain", &row.domain)?, power: Power::from_watts(row.usual_w) })
        })
        .collect()
}

/// Adds it to what a worker reported, of each Domain whose idle power was read.
pub(crate) async fn tell(
    connection: &mut PgConnection,
    machine_id: MachineId,
    facts: &mut Facts,
    now: OffsetDateTime,
) -> Result<(), Error> {
    let usual = usual(connection, machine_id, now).await?;
    for baseline in facts.baselines.iter_mut().filter(|baseline| baseline.steadiness_before.is_some()) {
        baseline.usual = usual.iter().find(|usual| usual.domain == baseline.domain).map(|usual| usual.power);
    }
    Ok(())
}
