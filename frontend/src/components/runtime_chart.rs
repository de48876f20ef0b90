//! Time over the length of the answer: the fits as lines, what was measured as dots.
//!
//! Must not: draw a fit that there is not.

use common::leaderboard::Profiled;
use common::runtime_fit::{FitError, RuntimeFit};

use crate::components::plot::{room, spot};
use crate::components::power_chart::key;
use crate::display::{self, Column, Quantity};
use crate::dom::{El, el, svg};
use crate::scale::{self, Axis};
use crate::stacks::Stack;

/// The fits of one stack for a prompt of this length, and its measured answers: those to prompts of the nearest measured
/// length, and the others.
pub(crate) fn runtime_chart(stack: &Stack, (prompt_tokens, output_tokens): (u32, u32)) -> El {
    let room = room(300.0);
    let (_, longest) = stack.longest();
    let most = f64::from(longest.max(output_tokens)) * 1.05;
    let x = Axis::from_zero(most, room.across.0, room.across.1);
    let end = |fit: &Result<RuntimeFit, FitError>| {
        fit.as_ref().ok().map(|fit| {
            let start = fit.predict(prompt_tokens, 1).value;
            (start, start + fit.beta * (x.most() - 1.0))
        })
    };
    let fits = [("series series-0", end(&stack.time)), ("series series-2", end(&stack.least))];
    let slowest = stack
        .profile
        .iter()
        .map(|each| each.latency_s.mean)
        .chain(fits.iter().filter_map(|(_, ends)| Some(ends.as_ref()?.1)))
        .fold(0.0, f64::max);
    let y = Axis::from_zero(slowest, room.up.0, room.up.1);
    let seconds = Column::of_ticks(Quantity::Seconds, &room.ticks_up(&y));
    let lines = fits.into_iter().filter_map(|(class, ends)| {
        let (from, to) = ends?;
        let path = scale::line([(x.place(1.0), y.place(from)), (x.place(x.most()), y.place(to))]);
        Some(svg("path", class).set("d", &path))
    });
    let near = stack.nearest((prompt_tokens, output_tokens)).map_or(0, |each| each.prompt_tokens);
    // Dots of the lines' own prompt length lie over those of others.
    let (own, others): (Vec<&Profiled>, Vec<&Profiled>) =
        stack.profile.iter().partition(|each| each.prompt_tokens == near);
    let dots = others.into_iter().chain(own).map(|each| {
        let at = (x.place(f64::from(each.output_tokens)), y.place(each.latency_s.mean));
        let about = format!(
            "{} read, {} written: {}, n = {}",
            each.prompt_tokens,
            each.output_tokens,
            display::plain(Quantity::Seconds, each.latency_s.mean),
            each.latency_s.n
        );
        spot(
            &room,
            if each.prompt_tokens == near { "point point-front" } else { "point" },
            &about,
            svg("circle", "point-dot").at([("cx", at.0), ("cy", at.1), ("r", 3.5)]),
            at,
        )
    });
    let here = x.place(f64::from(output_tokens));
    let marker = svg("line", "marker").at([("x1", here), ("x2", here), ("y1", room.up.1), ("y2", room.up.0)]);
    let sentence = format!(
        "Time over tokens written: {} measured pairs of lengths as dots, and the fits for a prompt of {prompt_tokens} tokens as lines. The table below holds what the fits say.",
        stack.profile.len()
    );
    let name = format!("time, {}", seconds.unit);
    el("figure", "chart")
        .add(
            room.frame(
                (&x, &y),
                (&|value| format!("{value:.0}"), &|value| seconds.cell(value)),
                ("tokens written", &name),
                &sentence,
            )
            .add(marker)
            .all(lines)
            .all(dots),
        )
        .add(
            el("figcaption", "")
                .add(key("key-line", "idealized"))
                .add(key("key-line key-2", "denoised"))
                .add(key("key-dot", &format!("measured, prompts of {near}")))
                .add(key("key-dot key-hollow", "measured, other prompts")),
        )
}
