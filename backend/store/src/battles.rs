//! Battles and the votes on them.
//!
//! Must not: take a second vote, or decide what may be told (that is the server's).

use common::api::battles::{SideEnergy, Voted, Worth};
use common::api::prompts::PromptView;
use common::bradley_terry::Outcome;
use common::ids::{BattleId, ModelId, PromptId};
use sqlx::types::Json;
use time::OffsetDateTime;

use crate::columns::{read, read_all};
use crate::{Error, Store, prompts};

/// A Battle with all that is known of it: nobody else may see that before the vote.
#[derive(Debug, Clone, PartialEq)]
pub struct Battle {
    /// The Prompt; its two Runs are the sides.
    pub prompt: PromptView,
    /// When it was queued.
    pub created_at: OffsetDateTime,
    /// Which side was better, and what both took.
    pub vote: Option<(Outcome, [SideEnergy; 2])>,
    /// Whether the better one was worth more energy.
    pub worth: Option<Worth>,
}

/// Makes a Prompt's two Runs the sides of a Battle.
///
/// # Errors
/// [`Error::Database`].
pub async fn open(store: &Store, prompt_id: PromptId, now: OffsetDateTime) -> Result<BattleId, Error> {
    let id = sqlx::query_scalar!(
        "insert into battle (prompt_id, created_at) values ($1, $2) returning id",
        prompt_id.0,
        now
    )
    .fetch_one(&store.pool)
    .await?;
    Ok(BattleId(id))
}

/// A Battle.
///
/// # Errors
/// [`Error::Missing`] if there is none, [`Error::Forgotten`] if its Prompt was.
pub async fn get(store: &Store, id: BattleId) -> Result<Battle, Error> {
    let row = sqlx::query!(
        r#"select prompt_id, created_at, vote as "vote?", energies as "energies?: Json<[SideEnergy; 2]>", worth
           from battle left join battle_vote on battle_id = id where id = $1"#,
        id.0
    )
    .fetch_optional(&store.pool)
    .await?
    .ok_or_else(|| Error::missing("battle", id))?;
    let vote = match row.vote.zip(row.energies) {
        Some((vote, energies)) => Some((read("vote", &vote)?, energies.0)),
        None => None,
    };
    Ok(Battle {
        prompt: prompts::get(store, PromptId(row.prompt_id)).await?,
        created_at: row.created_at,
        vote,
        worth: row.worth.map(|worth| read("answer", &worth)).transpose()?,
    })
}

/// Keeps the vote, once.
///
/// # Errors
/// [`Error::Answered`] if there is one already.
pub async fn vote(
    store: &Store,
    id: BattleId,
    vote: Outcome,
    energies: [SideEnergy; 2],
    now: OffsetDateTime,
) -> Result<(), Error> {
    let done = sqlx::query!(
        "insert into battle_vote (battle_id, vote, voted_at, energies) values ($1, $2, $3, $4) on conflict do nothing",
        id.0,
        vote.name(),
        now,
        Json(energies) as _
    )
    .execute(&store.pool)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Answered("vote")) }
}

/// Keeps the answer to the second question, once.
///
/// # Errors
/// [`Error::Answered`] if there is one already, or no vote yet.
pub async fn say_worth(store: &Store, id: BattleId, worth: Worth, now: OffsetDateTime) -> Result<(), Error> {
    let done = sqlx::query!(
        "update battle_vote set worth = $2, worth_at = $3 where battle_id = $1 and worth is null",
        id.0,
        worth.name(),
        now
    )
    .execute(&store.pool)
    .await?;
    if done.rows_affected() == 1 { Ok(()) } else { Err(Error::Answered("second question")) }
}

/// The newest votes, the newest first.
///
/// # Errors
/// [`Error::Database`] or [`Error::Corrupt`].
pub async fn votes(store: &Store, limit: u32) -> Result<Vec<Voted>, Error> {
    let rows = sqlx::query!(
        r#"select vote, worth, energies as "energies: Json<[SideEnergy; 2]>",
                  array(select model_id from run where run.prompt_id = battle.prompt_id order by position) as "models!"
           from battle_vote join battle on battle.id = battle_id
           order by voted_at desc, battle_id limit $1"#,
        i64::from(limit)
    )
    .fetch_all(&store.pool)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Voted {
                models: read_all::<ModelId>("model", &row.models)?
                    .try_into()
                    .map_err(|_| Error::corrupt("battle", "it has not two sides"))?,
                vote: read("vote", &row.vote)?,
                worth: row.worth.map(|worth| read("answer", &worth)).transpose()?,
                energies: row.energies.0,
            })
        })
        .collect()
}
