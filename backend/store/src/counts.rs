//! How many Runs each Machine has measured, how those of each Campaign stand and how many of each Model are not over: kept
//! in the transaction that moves a Run, rebuildable from the records, so that nobody counts what waits.
//!
//! A transaction moves its Runs first and counts them last, so a rebuild that has locked the counts sees either both or
//! neither; it counts all of them at once and in order, so that two never wait for each other in a ring. To lease a Run
//! counts nothing: what is leased is as much as machines are busy, and is looked up. Must not: be changed for a Run that
//! has not moved.

use std::collections::HashMap;

use common::run::RunState;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::columns::count;
use crate::{Error, Store};

/// How many Runs of a Campaign stand where.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    /// They wait.
    pub(crate) queued: u64,
    /// A Machine has them.
    pub(crate) leased: u64,
    /// They have a record.
    pub(crate) measured: u64,
    /// They have a reason.
    pub(crate) failed: u64,
    /// Somebody took them back.
    pub(crate) cancelled: u64,
}

impl Standing {
    /// By state, without those where none is.
    pub(crate) fn by_state(self) -> Vec<(RunState, u64)> {
        let all = [
            (RunState::Queued, self.queued),
            (RunState::Leased, self.leased),
            (RunState::Measured, self.measured),
            (RunState::Failed, self.failed),
            (RunState::Cancelled, self.cancelled),
        ];
        all.into_iter().filter(|(_, runs)| *runs > 0).collect()
    }
}

/// One more record of this Machine.
pub(crate) async fn add_measured(connection: &mut PgConnection, machine: Uuid) -> Result<(), Error> {
    sqlx::query!(
        "insert into machine_count (machine_id, measured_runs) values ($1, 1)
         on conflict (machine_id) do update set measured_runs = machine_count.measured_runs + 1",
        machine
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// These Runs are new and wait.
pub(crate) async fn add_queued(connection: &mut PgConnection, runs: &[Uuid]) -> Result<(), Error> {
    sqlx::query!(
        "insert into campaign_count (campaign_id, runs)
         select of_campaign_id, count(*) from run where id = any($1) and of_campaign_id is not null
         group by of_campaign_id order by of_campaign_id
         on conflict (campaign_id) do update set runs = campaign_count.runs + excluded.runs",
        runs,
    )
    .execute(&mut *connection)
    .await?;
    move_queue(connection, runs, true).await
}

/// These Runs have moved; counted are those of them that have ended so.
pub(crate) async fn add_ended(connection: &mut PgConnection, runs: &[Uuid]) -> Result<(), Error> {
    sqlx::query!(
        "insert into campaign_count (campaign_id, runs, measured_runs, failed_runs, cancelled_runs)
         select of_campaign_id, 0, count(*) filter (where state = 'measured'), count(*) filter (where state = 'failed'),
                count(*) filter (where state = 'cancelled')
         from run where id = any($1) and ended_at is not null and of_campaign_id is not null
         group by of_campaign_id order by of_campaign_id
         on conflict (campaign_id) do update
             set measured_runs = campaign_count.measured_runs + excluded.measured_runs,
                 failed_runs = campaign_count.failed_runs + excluded.failed_runs,
                 cancelled_runs = campaign_count.cancelled_runs + excluded.cancelled_runs",
        runs,
    )
    .execute(&mut *connection)
    .await?;
    move_queue(connection, runs, false).await
}

/// Counts those of these Runs that are open as more, or those that have ended as less.
async fn move_queue(connection: &mut PgConnection, runs: &[Uuid], are_open: bool) -> Result<(), Error> {
    sqlx::query!(
        "insert into queue_count (model_id, batch, open_runs)
         select model_id, needs_batch, case when $2 then count(*) else -count(*) end
         from run where id = any($1) and (ended_at is null) = $2
         group by model_id, needs_batch order by model_id, needs_batch
         on conflict (model_id, batch) do update set open_runs = queue_count.open_runs + excluded.open_runs",
        runs,
        are_open,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// How many Runs wait, and how many a Machine has now.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn of_queue(store: &Store) -> Result<(u64, u64), Error> {
    let row = sqlx::query!(
        r#"select coalesce((select sum(open_runs) from queue_count), 0)::bigint as "open!",
                  (select count(*) from run where state = 'leased') as "leased!""#
    )
    .fetch_one(&store.pool)
    .await?;
    Ok((count("queue", (row.open - row.leased).max(0))?, count("queue", row.leased)?))
}

/// How many Runs wait that each of these Machines could compute by their Model and batch.
pub(crate) async fn of_machines(
    connection: &mut PgConnection,
    machines: &[Uuid],
) -> Result<HashMap<Uuid, u64>, Error> {
    let rows = sqlx::query!(
        r#"select machine_id,
                  -- Beside a server of the version before, which does not count, the difference may fall below nothing.
                  greatest(sum(open_runs - coalesce(leased_runs, 0)), 0)::bigint as "waiting!"
           from machine_model
           join queue_count using (model_id)
           left join (
               select model_id, needs_batch as batch, count(*) as leased_runs from run
               where state = 'leased' group by model_id, needs_batch
           ) leased using (model_id, batch)
           where machine_id = any($1) and batch <= max_batch
           group by machine_id"#,
        machines,
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter().map(|row| Ok((row.machine_id, count("queue", row.waiting)?))).collect()
}

/// How the Runs of one Campaign stand, or of each.
pub(crate) async fn of_campaigns(
    connection: &mut PgConnection,
    one: Option<Uuid>,
) -> Result<HashMap<Uuid, Standing>, Error> {
    let rows = sqlx::query!(
        r#"select campaign_count.campaign_id, runs, measured_runs, failed_runs, cancelled_runs,
                  coalesce(leased_runs, 0) as "leased_runs!"
           from campaign_count
           -- As many as machines that are busy; these alone are counted.
           left join (
               select of_campaign_id as campaign_id, count(*) as leased_runs from run
               where state = 'leased' group by of_campaign_id
           ) open using (campaign_id)
           where $1::uuid is null or campaign_count.campaign_id = $1"#,
        one
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            let known = row.measured_runs + row.failed_runs + row.cancelled_runs + row.leased_runs;
            let standing = Standing {
                queued: count("campaign", (row.runs - known).max(0))?,
                leased: count("campaign", row.leased_runs)?,
                measured: count("campaign", row.measured_runs)?,
                failed: count("campaign", row.failed_runs)?,
                cancelled: count("campaign", row.cancelled_runs)?,
            };
            Ok((row.campaign_id, standing))
        })
        .collect()
}

/// Counts the queue anew, as every server does when it starts: one of the version before may have moved Runs uncounted.
///
/// # Errors
/// [`Error::Database`].
pub async fn recount_queue(store: &Store) -> Result<(), Error> {
    let mut transaction = store.pool.begin().await?;
    sqlx::query!("lock table queue_count in exclusive mode").execute(&mut *transaction).await?;
    rebuild_queue(&mut transaction).await?;
    Ok(transaction.commit().await?)
}

async fn rebuild_queue(connection: &mut PgConnection) -> Result<(), Error> {
    sqlx::query!("delete from queue_count").execute(&mut *connection).await?;
    sqlx::query!(
        "insert into queue_count
         select model_id, needs_batch, count(*) from run where state in ('queued', 'leased')
         group by model_id, needs_batch"
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Makes all counts anew from what is counted; whoever calls has locked them.
pub(crate) async fn rebuild(connection: &mut PgConnection) -> Result<(), Error> {
    sqlx::query!("delete from machine_count").execute(&mut *connection).await?;
    sqlx::query!(
        "insert into machine_count select machine_id, count(*) from measurement group by machine_id"
    )
    .execute(&mut *connection)
    .await?;
    sqlx::query!("delete from campaign_count").execute(&mut *connection).await?;
    sqlx::query!(
        "insert into campaign_count
         select campaign_id, count(*), count(*) filter (where state = 'measured'),
                count(*) filter (where state = 'failed'), count(*) filter (where state = 'cancelled')
         from run join prompt on prompt.id = run.prompt_id
         where campaign_id is not null
         group by campaign_id"
    )
    .execute(&mut *connection)
    .await?;
    rebuild_queue(connection).await
}
