//! Battles: two hidden Models, one vote, then what both took, then who they were.
//!
//! Must not: tell a Model, a Run, a Machine or a figure before the vote, or a name before both questions are answered.

use std::num::NonZeroU32;

use actix_web::http::StatusCode;
use actix_web::web::{Data, Json, Path};
use common::api::battles::{
    BattleQueued, BattleView, Battles, ForgetBattle, GetBattle, ListBattles, MAX_BATTLES, NewBattle,
    SayWorth, Side, SideEnergy, SideName, Vote, asks_worth,
};
use common::api::runs::RunView;
use common::ids::{BattleId, ModelId};
use common::machine::OfferedModel;
use common::measurement::Measurement;
use common::model::Weights;
use common::prompt::{NewPrompt, Prompt};
use common::summary::Summary;
use store::battles::{self, Battle};
use store::models;

use crate::answer::Answer;
use crate::app::App;
use crate::chance;
use crate::client::Client;
use crate::clock;
use crate::error::ApiError;

pub(crate) async fn start(
    app: Data<App>,
    client: Client,
    new: Json<NewBattle>,
) -> Result<Answer<NewBattle>, ApiError> {
    let now = clock::now();
    let offered = models::offered(&app.store, now, app.rules.alive_seconds).await?;
    let ids = models::ids(&offered);
    let NewBattle { text, task } = new.into_inner();
    // What is asked is checked before anybody is drawn.
    let asked = |models: Vec<String>| NewPrompt { text: text.clone(), models, task, ..NewPrompt::default() };
    let some = ids.iter().take(1).map(ToString::to_string).collect::<Vec<_>>();
    if !some.is_empty() {
        Prompt::parse(asked(some), &ids)?;
    }
    let pair = draw(&offered)?.map(|id| id.to_string());
    let prompt = Prompt::parse(asked(pair.into()), &ids)?;
    let submitted = crate::submit::submit(&app, &client, &prompt, NonZeroU32::MIN, now).await?;
    let battle_id = battles::open(&app.store, submitted.prompt_id, now).await?;
    tracing::info!("a battle was queued");
    Ok(Answer(BattleQueued { battle_id, secret: submitted.secret }))
}

pub(crate) async fn forget(
    app: Data<App>,
    id: Path<BattleId>,
    forget: Json<ForgetBattle>,
) -> Result<Answer<ForgetBattle>, ApiError> {
    let battle = battles::get(&app.store, id.into_inner()).await?;
    super::prompts::forget_of(&app, battle.prompt.id, &forget.secret).await?;
    Ok(Answer(()))
}

pub(crate) async fn get(app: Data<App>, id: Path<BattleId>) -> Result<Answer<GetBattle>, ApiError> {
    let id = id.into_inner();
    Ok(Answer(told(id, battles::get(&app.store, id).await?)?))
}

pub(crate) async fn vote(
    app: Data<App>,
    id: Path<BattleId>,
    vote: Json<Vote>,
) -> Result<Answer<Vote>, ApiError> {
    let id = id.into_inner();
    let battle = battles::get(&app.store, id).await?;
    let Some(energies) = energies(&battle) else {
        return Err(ApiError::refuse(
            StatusCode::CONFLICT,
            "answers_missing",
            "A vote is taken when both answers are there.",
        ));
    };
    battles::vote(&app.store, id, vote.vote, energies, clock::now()).await?;
    Ok(Answer(told(id, battles::get(&app.store, id).await?)?))
}

pub(crate) async fn say_worth(
    app: Data<App>,
    id: Path<BattleId>,
    said: Json<SayWorth>,
) -> Result<Answer<SayWorth>, ApiError> {
    let id = id.into_inner();
    let battle = battles::get(&app.store, id).await?;
    if !battle.vote.is_some_and(|(vote, energies)| asks_worth(vote, energies)) {
        return Err(ApiError::refuse(
            StatusCode::CONFLICT,
            "not_asked",
            "This is asked only after a vote, and only where the better answer took more energy.",
        ));
    }
    battles::say_worth(&app.store, id, said.worth, clock::now()).await?;
    Ok(Answer(told(id, battles::get(&app.store, id).await?)?))
}

pub(crate) async fn list(app: Data<App>) -> Result<Answer<ListBattles>, ApiError> {
    Ok(Answer(Battles { votes: battles::votes(&app.store, MAX_BATTLES).await? }))
}

/// Two Models by chance, in an order by chance: of those with trained weights that a Machine runs now, and both on one
/// Machine where that can be, so that their energies can be compared.
fn draw(offered: &[OfferedModel]) -> Result<[ModelId; 2], ApiError> {
    let here: Vec<&OfferedModel> = offered
        .iter()
        .filter(|offered| offered.model.weights == Weights::Trained && !offered.machines.is_empty())
        .collect();
    let pick = |of: &[&OfferedModel]| chance::below(of.len()).map(|at| of.get(at).map(|one| (*one).clone()));
    let shares = |one: &OfferedModel, other: &OfferedModel| {
        one.machines.iter().any(|machine| other.machines.contains(machine))
    };
    let drawn = || -> std::io::Result<Option<[ModelId; 2]>> {
        let Some(one) = pick(&here)? else { return Ok(None) };
        let others: Vec<_> = here.iter().copied().filter(|other| other.id() != one.id()).collect();
        let beside: Vec<_> = others.iter().copied().filter(|other| shares(&one, other)).collect();
        let other = pick(if beside.is_empty() { &others } else { &beside })?;
        Ok(other.map(|other| [one.id().clone(), other.id().clone()]))
    };
    drawn().map_err(ApiError::broken)?.ok_or_else(|| {
        ApiError::refuse(
            StatusCode::CONFLICT,
            "too_few_models",
            "A battle needs two models that a machine runs now; there are fewer.",
        )
    })
}

/// The records of both sides, where both are there.
fn records(battle: &Battle) -> Option<[(&RunView, &Measurement); 2]> {
    let record = |run| -> Option<(&RunView, &Measurement)> {
        let run: &RunView = run;
        Some((run, run.measurement.as_deref()?))
    };
    match battle.prompt.runs.as_slice() {
        [first, second] => Some([record(first)?, record(second)?]),
        _ => None,
    }
}

fn energies(battle: &Battle) -> Option<[SideEnergy; 2]> {
    Some(records(battle)?.map(|(_, measurement)| {
        let line = Summary::of(&measurement.facts, &measurement.prompt);
        SideEnergy {
            label: line.label,
            boundary: line.boundary,
            energy_j: line.energy_j,
            energy_off_j: line.energy_off_j,
            latency_s: line.latency_s,
            output_tokens: line.output_tokens,
        }
    }))
}

/// What may be told of a Battle now.
fn told(id: BattleId, battle: Battle) -> Result<BattleView, ApiError> {
    let vote = battle.vote;
    let asks_worth =
        battle.worth.is_none() && vote.is_some_and(|(vote, energies)| asks_worth(vote, energies));
    let names = records(&battle).filter(|_| vote.is_some() && !asks_worth).map(|sides| {
        sides.map(|(run, measurement)| SideName {
            model_id: run.model.id.clone(),
            machine: measurement.machine.name.clone(),
            run_id: run.id,
            prompt_id: run.prompt_id,
        })
    });
    let sides: Vec<Side> = battle.prompt.runs.into_iter().map(side).collect();
    Ok(BattleView {
        id,
        text: battle.prompt.text,
        task: battle.prompt.task,
        created_at: battle.created_at,
        sides: sides.try_into().map_err(|_| {
            ApiError::Internal(store::Error::Corrupt {
                what: "battle",
                reason: "it has not two sides".to_owned(),
            })
        })?,
        vote: vote.map(|(vote, _)| vote),
        asks_worth,
        worth: battle.worth,
        energies: vote.map(|(_, energies)| energies),
        names,
    })
}

fn side(run: RunView) -> Side {
    let repetitions = run.measurement.map(|measurement| measurement.facts.repetitions).unwrap_or_default();
    Side {
        state: run.state,
        queue_position: run.queue_position,
        step: run.step,
        answer: repetitions.into_iter().next().map(|repetition| repetition.output_text),
    }
}
