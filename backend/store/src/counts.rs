//! How many Runs each Machine has measured and how those of each Campaign stand: kept in the transaction that moves a
//! Run, rebuildable from the records, so that no list counts them.
//!
//! A transaction moves its Runs first and counts them last, so a rebuild that has locked the counts sees either both or
//! neither. Must not: be changed for a Run that has not moved.

use std::collections::HashMap;

use common::run::RunState;
use sqlx::PgConnection;
use uuid::Uuid;

use crate::Error;
use crate::columns::count;

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

/// So many new Runs of a Campaign.
pub(crate) async fn add_queued(
    connection: &mut PgConnection,
    campaign: Uuid,
    runs: u64,
) -> Result<(), Error> {
    sqlx::query!(
        "insert into campaign_count (campaign_id, runs) values ($1, $2)
         on conflict (campaign_id) do update set runs = campaign_count.runs + excluded.runs",
        campaign,
        count::<_, i64>("campaign", runs)?,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// One Run of this Prompt has ended so; counted if the Prompt is a Campaign's.
pub(crate) async fn add_ended(
    connection: &mut PgConnection,
    prompt: Uuid,
    state: RunState,
) -> Result<(), Error> {
    sqlx::query!(
        "update campaign_count
         set measured_runs = measured_runs + ($2 = 'measured')::int, failed_runs = failed_runs + ($2 = 'failed')::int,
             cancelled_runs = cancelled_runs + ($2 = 'cancelled')::int
         from prompt where prompt.id = $1 and prompt.campaign_id = campaign_count.campaign_id",
        prompt,
        state.name(),
    )
    .execute(connection)
    .await?;
    Ok(())
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
                queued: count("campaign", row.runs - known)?,
                leased: count("campaign", row.leased_runs)?,
                measured: count("campaign", row.measured_runs)?,
                failed: count("campaign", row.failed_runs)?,
                cancelled: count("campaign", row.cancelled_runs)?,
            };
            Ok((row.campaign_id, standing))
        })
        .collect()
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
    .execute(connection)
    .await?;
    Ok(())
}
