//! Battles: two hidden Models answer one Prompt, a person votes, then figures and names are told.
//!
//! What the server tells depends on what was voted: before the vote nothing names a Model, a Run or a Machine, nor when a
//! token came. `GET /events?battle={id}` tells a Battle's watchers how its answers come.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use utoipa::ToSchema;

use super::Endpoint;
use super::events::Event;
use crate::bradley_terry::Outcome;
use crate::ids::{BattleId, MachineName, ModelId, PromptId, RunId};
use crate::leaderboard::Boundary;
use crate::lease::Step;
use crate::meter::Label;
use crate::prompt::Task;
use crate::run::RunState;
use crate::word::words;

/// Most Battles that one answer lists, the newest.
pub const MAX_BATTLES: u32 = 10_000;

/// `POST /battles`: ask two Models that the server draws among those on offer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NewBattle {
    /// What is asked; 1 to 8,000 characters.
    #[schema(min_length = 1, max_length = 8000)]
    pub text: String,
    /// The Task, and with it the system prompt.
    #[serde(default)]
    pub task: Task,
}

/// A Battle was queued.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct BattleQueued {
    /// Names it; random, and whoever knows it may vote, once.
    pub battle_id: BattleId,
    /// What lets the submitter have the Prompt forgotten; told here and never again.
    pub secret: String,
}

impl Endpoint for NewBattle {
    const NAME: &'static str = "NewBattle";
    const METHOD: &'static str = "POST";
    const ROUTE: &'static str = "/battles";
    type Response = BattleQueued;
}

/// `GET /battles/{id}`: how a Battle stands.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GetBattle {
    /// Which one.
    pub id: BattleId,
}

impl Endpoint for GetBattle {
    const NAME: &'static str = "GetBattle";
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/battles/{id}";
    type Response = BattleView;
    fn path(&self) -> Cow<'static, str> {
        format!("/battles/{}", self.id).into()
    }
}

/// `POST /battles/{id}/forget`: remove what was asked and answered for good, as
/// [`ForgetPrompt`](super::prompts::ForgetPrompt) does. A vote that was given stays, without any text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ForgetBattle {
    /// Which Battle; in the route, not in the body.
    #[serde(skip)]
    pub id: Option<BattleId>,
    /// The secret that was told when it was queued.
    #[schema(min_length = 1, max_length = 200)]
    pub secret: String,
}

impl Endpoint for ForgetBattle {
    const NAME: &'static str = "ForgetBattle";
    const METHOD: &'static str = "POST";
    const ROUTE: &'static str = "/battles/{id}/forget";
    type Response = ();
    fn path(&self) -> Cow<'static, str> {
        format!("/battles/{}/forget", self.id.map(|id| id.to_string()).unwrap_or_default()).into()
    }
}

/// `POST /battles/{id}/vote`: say which answer is better; once, when both are there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Vote {
    /// Which Battle; in the route, not in the body.
    #[serde(skip)]
    pub id: Option<BattleId>,
    /// Which answer is better.
    pub vote: Outcome,
}

impl Endpoint for Vote {
    const NAME: &'static str = "Vote";
    const METHOD: &'static str = "POST";
    const ROUTE: &'static str = "/battles/{id}/vote";
    type Response = BattleView;
    fn path(&self) -> Cow<'static, str> {
        format!("/battles/{}/vote", self.id.map(|id| id.to_string()).unwrap_or_default()).into()
    }
}

/// `POST /battles/{id}/worth`: say whether the better answer was worth the energy that it took more; once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SayWorth {
    /// Which Battle; in the route, not in the body.
    #[serde(skip)]
    pub id: Option<BattleId>,
    /// Whether it was.
    pub worth: Worth,
}

impl Endpoint for SayWorth {
    const NAME: &'static str = "SayWorth";
    const METHOD: &'static str = "POST";
    const ROUTE: &'static str = "/battles/{id}/worth";
    type Response = BattleView;
    fn path(&self) -> Cow<'static, str> {
        format!("/battles/{}/worth", self.id.map(|id| id.to_string()).unwrap_or_default()).into()
    }
}

words! {
    /// Whether a better answer was worth more energy.
    Worth, "answer", {
        /// It was.
        Yes = "yes",
        /// It was not.
        No = "no",
        /// Hard to say.
        Unsure = "unsure",
    }
}

/// A Battle as far as it may be told.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct BattleView {
    /// Names it.
    pub id: BattleId,
    /// What was asked.
    pub text: String,
    /// Under which Task.
    pub task: Task,
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// The two answers, in an order drawn by chance.
    pub sides: [Side; 2],
    /// Which was better; null before the vote.
    pub vote: Option<Outcome>,
    /// Whether the second question is to be answered: the better one took more energy.
    pub asks_worth: bool,
    /// The answer to it.
    pub worth: Option<Worth>,
    /// What both took; null before the vote.
    pub energies: Option<[SideEnergy; 2]>,
    /// Who they were; null until both questions are answered.
    pub names: Option<[SideName; 2]>,
}

/// One of two hidden answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Side {
    /// Where it stands.
    pub state: RunState,
    /// Runs before it in the queue; only while it is queued.
    pub queue_position: Option<u64>,
    /// What its Machine is doing with it.
    pub step: Option<Step>,
    /// What was answered; only when it is measured.
    pub answer: Option<String>,
}

/// What happens to a Battle while its answers are made.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum SideEvent {
    /// A side moved: what is shown is to be fetched anew.
    Moved,
    /// A Machine goes on with a side.
    Step {
        /// Which side, from 0.
        side: usize,
        /// What the Machine is doing with it.
        step: Step,
    },
    /// Pieces of a side's answer.
    Words {
        /// Which side, from 0.
        side: usize,
        /// Pieces since the last such event.
        words: Vec<Word>,
    },
}

/// A piece of a hidden answer while it is made: when it came is part of what the vote reveals.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Word {
    /// Which token, from 0.
    pub index: u32,
    /// Its text; may be empty where a character is not complete yet.
    pub text: String,
}

impl SideEvent {
    /// What the watchers of a Battle with these Runs may know of an event; `None` where that is nothing.
    pub fn of(event: &Event, runs: &[RunId]) -> Option<Self> {
        let side = |run: &RunId| runs.iter().position(|known| known == run);
        match event {
            Event::Run { run_id, .. } => side(run_id).map(|_| Self::Moved),
            Event::Step { run_id, step, .. } => Some(Self::Step { side: side(run_id)?, step: *step }),
            Event::Progress { run_id, tokens, .. } => {
                let side = side(run_id)?;
                let words = tokens.iter().map(|token| Word { index: token.index, text: token.text.clone() });
                (!tokens.is_empty()).then(|| Self::Words { side, words: words.collect() })
            }
            Event::Machine { .. } | Event::Board => None,
        }
    }
}

/// What one answer took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SideEnergy {
    /// Where the energy comes from.
    pub label: Label,
    /// What the energy sums.
    pub boundary: Option<Boundary>,
    /// Energy inside the boundary, gross.
    pub energy_j: Option<f64>,
    /// How far it may be off, at k = 2.
    pub energy_off_j: Option<f64>,
    /// Start of prefill to the last token.
    pub latency_s: Option<f64>,
    /// Tokens written.
    pub output_tokens: Option<f64>,
}

/// Who gave one answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SideName {
    /// The Model.
    pub model_id: ModelId,
    /// The Machine.
    pub machine: MachineName,
    /// Its Run.
    pub run_id: RunId,
    /// The Prompt of both.
    pub prompt_id: PromptId,
}

/// `GET /battles`: all votes, the newest first.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct ListBattles;

impl Endpoint for ListBattles {
    const NAME: &'static str = "ListBattles";
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/battles";
    type Response = Battles;
}

/// All votes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Battles {
    /// One a Battle, without what was asked and answered.
    pub votes: Vec<Voted>,
}

/// One Battle that was voted on, and whose second question is not open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Voted {
    /// The two Models, in the order of the Battle.
    pub models: [ModelId; 2],
    /// Which was better.
    pub vote: Outcome,
    /// Whether the better one was worth more energy, where that was asked and answered.
    pub worth: Option<Worth>,
    /// What both took.
    pub energies: [SideEnergy; 2],
}

/// The second energy over the first, where both have the same label and boundary.
pub fn ratio([first, second]: [SideEnergy; 2]) -> Option<f64> {
    let is_alike =
        first.label == second.label && first.boundary.is_some() && first.boundary == second.boundary;
    let (first, second) = (first.energy_j?, second.energy_j?);
    (is_alike && first > 0.0 && second > 0.0).then(|| second / first)
}

/// Whether the better answer took more energy, so that the second question is asked.
pub fn asks_worth(vote: Outcome, energies: [SideEnergy; 2]) -> bool {
    let Some(ratio) = ratio(energies) else { return false };
    match vote {
        Outcome::First => ratio < 1.0,
        Outcome::Second => ratio > 1.0,
        Outcome::Tie | Outcome::BothBad => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn energy(joules: f64) -> SideEnergy {
        SideEnergy {
            label: Label::Measured,
            boundary: Some(Boundary::Cpu),
            energy_j: Some(joules),
            energy_off_j: None,
            latency_s: None,
            output_tokens: None,
        }
    }

    #[test]
    fn the_second_question_is_asked_only_where_the_better_one_took_more() {
        let energies = [energy(2.0), energy(6.0)];
        assert_eq!(ratio(energies), Some(3.0));
        assert_eq!(Outcome::ALL.map(|vote| asks_worth(vote, energies)), [false, true, false, false]);
        let turned = [energies[1], energies[0]];
        assert_eq!(Outcome::ALL.map(|vote| asks_worth(vote, turned)), [true, false, false, false]);
        assert!(!asks_worth(Outcome::First, [energy(2.0), energy(2.0)]));
    }

    #[test]
    fn watchers_of_a_battle_hear_which_side_goes_on_and_neither_when_nor_with_what_power() {
        let ids = ["1", "2", "3"].map(|end| format!("00000000-0000-4000-8000-00000000000{end}"));
        let [one, other, foreign]: [RunId; 3] = ids.each_ref().map(|id| id.parse().unwrap());
        let prompt_id: PromptId = ids[0].parse().unwrap();
        let at = std::time::Duration::from_millis(125);
        let tokens = vec![crate::lease::LiveToken { index: 4, text: "ice".to_owned(), at }];
        let sample = crate::trace::Sample { at, power: crate::units::Power::from_watts(61.0) };
        let domain = crate::meter::Domain::CpuPackage(0);
        let samples = vec![crate::lease::LiveSample { domain, sample }];
        let come =
            |run_id| Event::Progress { prompt_id, run_id, tokens: tokens.clone(), samples: samples.clone() };
        let told = SideEvent::of(&come(other), &[one, other]).unwrap();
        assert_eq!(
            serde_json::to_string(&told).unwrap(),
            r#"{"event":"words","side":1,"words":[{"index":4,"text":"ice"}]}"#
        );
        assert_eq!(SideEvent::of(&come(foreign), &[one, other]), None);
        let only_power = Event::Progress { prompt_id, run_id: one, tokens: vec![], samples };
        assert_eq!(SideEvent::of(&only_power, &[one, other]), None);
        let step = Event::Step { prompt_id, run_id: one, step: Step::WarmingUp };
        assert_eq!(
            SideEvent::of(&step, &[one, other]),
            Some(SideEvent::Step { side: 0, step: Step::WarmingUp })
        );
        let moved = Event::Run { prompt_id, run_id: one, state: RunState::Leased };
        assert_eq!(SideEvent::of(&moved, &[one, other]), Some(SideEvent::Moved));
        assert_eq!(SideEvent::of(&Event::Board, &[one, other]), None);
    }

    #[test]
    fn energies_of_different_labels_or_boundaries_have_no_ratio() {
        let [one, other] = [energy(2.0), energy(6.0)];
        assert_eq!(ratio([one, SideEnergy { label: Label::Modelled, ..other }]), None);
        assert_eq!(ratio([one, SideEnergy { boundary: Some(Boundary::Machine), ..other }]), None);
        assert_eq!(
            ratio([SideEnergy { boundary: None, ..one }, SideEnergy { boundary: None, ..other }]),
            None
        );
        assert_eq!(ratio([SideEnergy { energy_j: None, ..one }, other]), None);
    }
}
