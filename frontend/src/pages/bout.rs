//! One battle: two hidden answers, the vote, what each took, whether that was worth it, and at last the names.
//!
//! Must not: guess what the server has not told.

use common::api::Endpoint;
use common::api::battles::{
    BattleView, ForgetBattle, GetBattle, SayWorth, Side, SideEnergy, SideEvent, Vote, Worth, ratio,
};
use common::bradley_terry::Outcome;
use common::ids::BattleId;
use common::run::RunState;
use leptos::prelude::*;

use crate::api::{self, Error};
use crate::browser;
use crate::components::badge::label_badge;
use crate::components::energy::big;
use crate::components::facts::quiet;
use crate::components::forget::forget;
use crate::components::states::{notice, stale};
use crate::components::table::model_id;
use crate::display::{self, MISSING, Quantity};
use crate::dom::{El, drawn, el, group, page, slot, text};
use crate::events::{self, Kept};
use crate::json::Read;
use crate::live::Live;
use crate::pace::{Ask, Pace};
use crate::pages::not_found::away;
use crate::remote::{Remote, Source};
use crate::view::View;

/// How the queue before it moves is told by no event: it would tell of other runs.
const PACE: Pace = Pace { soonest: 2, told: Some(10), untold: 2 };
const FORGOTTEN: &str = "Question and answers are removed and what waits is taken back; a vote that was given stays, without any text.";
const SIDES: [&str; 2] = ["A", "B"];

/// What a drawing needs besides the battle.
#[derive(Clone, Copy)]
struct Acts {
    id: BattleId,
    source: Source<BattleView>,
    refused: RwSignal<Option<Error>>,
    /// What has come of each side meanwhile.
    lives: [RwSignal<Live>; 2],
}

impl Acts {
    /// Says something, then shows what the server tells for it.
    fn say<E: Endpoint<Response = BattleView>>(self, what: &E)
    where
        BattleView: Read,
    {
        api::call(what, move |answer| {
            self.refused.set(answer.err());
            self.source.reload();
        });
    }

    /// Takes in what happens to a side.
    fn hear(self, event: SideEvent) -> Ask {
        match event {
            SideEvent::Moved => return Ask::Now,
            SideEvent::Step { side, step } => self.change(side, |live| live.go_on(step)),
            SideEvent::Words { side, words } => self.change(side, |live| live.add_words(words)),
        }
        Ask::Not
    }

    fn change(self, side: usize, change: impl FnOnce(&mut Live)) {
        if let Some(live) = self.lives.get(side) {
            live.update(change);
        }
    }
}

/// `/b/{battle_id}`
pub(crate) fn bout(id: BattleId) -> AnyView {
    browser::set_title("A battle");
    let source = Source::new(GetBattle { id });
    let lives = [RwSignal::new(Live::default()), RwSignal::new(Live::default())];
    let acts = Acts { id, source, refused: RwSignal::new(None), lives };
    let is_over =
        move || source.ready().is_some_and(|battle| battle.sides.iter().all(|side| side.state.is_final()));
    let kept = Kept {
        watched: format!("?battle={id}"),
        sources: vec![source.asked()],
        pace: PACE,
        is_over: move || untrack(is_over),
    };
    events::keep_up(kept, move |event| acts.hear(event));
    let told = move || match source.get() {
        Remote::Ready(battle) => group([stale(source), draw(&battle, acts)]),
        _ => away(source, "battle", "A battle"),
    };
    let refused = acts.refused;
    let said_no = move || group(refused.get().map(|error| notice(&error, move || refused.set(None))));
    let forgetting = move || group(source.ready().and_then(|_| forgetting(acts)));
    page("page page-battle", vec![drawn(told), drawn(said_no), drawn(forgetting)])
}

/// Having it removed.
fn forgetting(acts: Acts) -> Option<El> {
    let act = move |secret| {
        api::call(&ForgetBattle { id: Some(acts.id), secret }, move |answer| match answer {
            Ok(()) => acts.source.forget(),
            Err(error) => acts.refused.set(Some(error)),
        });
    };
    forget("b", &acts.id.to_string(), "Have this battle forgotten", FORGOTTEN, act)
}

fn draw(battle: &BattleView, acts: Acts) -> El {
    let asked = el("div", "asked")
        .add(text("h1", "hidden", "A battle"))
        .add(text("blockquote", "", &battle.text))
        .add(quiet(format!("{} · {}", display::task(battle.task), display::instant(battle.created_at))));
    let sides = SIDES.iter().zip(&battle.sides).enumerate().map(|(at, (name, side))| {
        let other = battle.sides.get(1 - at).map(|other| other.state);
        el("section", "battle-side")
            .set("aria-labelledby", &format!("side-{name}"))
            .set("data-state", side.state.name())
            .add(text("h2", "", format!("Answer {name}")).set("id", &format!("side-{name}")))
            .add(answer(side, other, acts.lives[at]))
            .maybe(battle.energies.map(|energies| took(energies[at])))
            .maybe(battle.names.as_ref().map(|names| {
                let view = View::current();
                el("p", "battle-name")
                    .add(model_id(el("b", ""), names[at].model_id.as_str()))
                    .text(" on ")
                    .text(names[at].machine.as_str())
                    .text(" · ")
                    .add(
                        text("a", "", "its record")
                            .set("href", &view.link(&format!("/r/{}", names[at].run_id))),
                    )
            }))
    });
    group([
        asked,
        el("div", "duo").all(sides),
        el("div", "battle-ask").set("aria-live", "polite").all(next(battle, acts)),
    ])
}

/// The answer, or where it is on its way.
fn answer(side: &Side, other: Option<RunState>, live: RwSignal<Live>) -> El {
    match &side.answer {
        Some(answer) if answer.trim().is_empty() => text("pre", "answer answer-none", "(an empty answer)"),
        Some(answer) => text("pre", "answer", answer),
        None => {
            let side = side.clone();
            slot(move || live.with(|live| on_its_way(&side, other, live)))
        }
    }
}

fn on_its_way(side: &Side, other: Option<RunState>, live: &Live) -> El {
    let (title, why) = match (side.state, live.step.or(side.step)) {
        (RunState::Queued, _) if other == Some(RunState::Leased) => (
            "Waiting for the other answer".to_owned(),
            "A machine answers one prompt at a time and does nothing else meanwhile, so each answer's energy is its own."
                .to_owned(),
        ),
        (RunState::Queued, _) => (
            "In the queue".to_owned(),
            match side.queue_position {
                Some(0) | None => "The next free machine takes it.".to_owned(),
                Some(1) => "One run is before it.".to_owned(),
                Some(before) => format!("{} runs are before it.", display::compact(before)),
            },
        ),
        (RunState::Leased, Some(step)) => display::step(&step),
        (RunState::Leased | RunState::Measured, _) => {
            ("Taken by a machine".to_owned(), "It will say what it is doing in a moment.".to_owned())
        }
        (RunState::Failed | RunState::Cancelled, _) => (
            "No answer".to_owned(),
            "It could not be measured, so this battle cannot be voted on.".to_owned(),
        ),
    };
    let is_coming = side.state == RunState::Leased && live.token_count() > 0;
    el("div", "waiting").add(text("h3", "", title)).add(text("p", "quiet", why)).maybe(is_coming.then(|| {
        text("pre", "answer answer-live", live.text()).add(el("i", "caret").set("aria-hidden", "true"))
    }))
}

/// What one answer took.
fn took(side: SideEnergy) -> El {
    let Some(joules) = side.energy_j else {
        return group([big(MISSING, "")]).add(quiet("Its energy is missing."));
    };
    let written = display::figure(Quantity::Joules, joules, side.energy_off_j);
    let spread =
        written.spread.map(|spread| format!("±\u{a0}{spread}\u{a0}{} · ", written.unit)).unwrap_or_default();
    let more = [
        side.boundary.map(|boundary| display::boundary(boundary).to_owned()),
        side.latency_s.map(|seconds| display::plain(Quantity::Seconds, seconds)),
        side.output_tokens.map(|tokens| display::plain(Quantity::Tokens, tokens)),
    ];
    group([
        big(&written.number, &written.unit).set("data-testid", "battle-energy"),
        el("p", "energy-note")
            .add(label_badge(side.label, false))
            .text(&format!(" {spread}{}", more.into_iter().flatten().collect::<Vec<_>>().join(" · "))),
    ])
}

/// What is asked or said next.
fn next(battle: &BattleView, acts: Acts) -> Vec<El> {
    let is_there = |side: &Side| side.answer.is_some();
    let view = View::current();
    let again = || text("a", "", "Another battle").set("href", &view.link("/battle"));
    let Some(vote) = battle.vote else {
        if !battle.sides.iter().all(is_there) {
            let is_lost = battle.sides.iter().any(|side| side.state.is_final() && side.answer.is_none());
            return vec![if is_lost { again() } else { quiet("You vote when both answers are there.") }];
        }
        let options = [
            (Outcome::First, "A is better"),
            (Outcome::Second, "B is better"),
            (Outcome::Tie, "Both alike"),
            (Outcome::BothBad, "Both bad"),
        ];
        let buttons = options.map(|(vote, label)| {
            choice(&format!("vote-{}", vote.name()), label, move || {
                acts.say(&Vote { id: Some(acts.id), vote })
            })
        });
        return vec![
            text("h2", "", "Which answer is better?"),
            quiet("By what they say alone: what each took comes after your vote, and counts once."),
            el("div", "bar").all(buttons),
        ];
    };
    let mut said = vec![text("h2", "", verdict(vote)), compared(battle)];
    if battle.asks_worth {
        let options = [(Worth::Yes, "Worth it"), (Worth::No, "Not worth it"), (Worth::Unsure, "Hard to say")];
        let buttons = options.map(|(worth, label)| {
            choice(&format!("worth-{}", worth.name()), label, move || {
                acts.say(&SayWorth { id: Some(acts.id), worth })
            })
        });
        said.push(text("h2", "", "Was the better answer worth it?"));
        said.push(el("div", "bar").all(buttons));
    } else {
        said.push(el("p", "").add(again()));
    }
    said
}

fn choice(id: &str, label: &str, act: impl Fn() + 'static) -> El {
    text("button", "", label).set("type", "button").set("id", id).on("click", move |_| act())
}

const fn verdict(vote: Outcome) -> &'static str {
    match vote {
        Outcome::First => "You found A better.",
        Outcome::Second => "You found B better.",
        Outcome::Tie => "You found both alike.",
        Outcome::BothBad => "You found both bad.",
    }
}

/// The energies' ratio: the larger over the smaller.
fn compared(battle: &BattleView) -> El {
    let Some(ratio) = battle.energies.and_then(ratio) else {
        return quiet(
            "Their energies cannot be compared: one is missing, or their labels or boundaries differ.",
        );
    };
    let (more, less, factor) = if ratio >= 1.0 { ("B", "A", ratio) } else { ("A", "B", 1.0 / ratio) };
    let line = el("p", "")
        .add(text("b", "", more))
        .text(" used ")
        .add(text("strong", "", display::ratio(factor)))
        .text(" the energy of ")
        .add(text("b", "", less))
        .text(".");
    el("div", "comparison").add(line)
}
