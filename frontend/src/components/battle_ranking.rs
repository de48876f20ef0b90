//! The ranking that battles give, as a table.
//!
//! Must not: rank (that is `battles`).

use common::api::battles::Battles;

use crate::battles::{Place, places};
use crate::components::facts::quiet;
use crate::components::table;
use crate::display::{self, Column, MISSING, Quantity};
use crate::dom::{El, el, text};
use crate::export::{Field, Table};

/// Draws it.
pub(crate) fn battle_ranking(battles: &Battles) -> El {
    let (places, ground) = places(battles);
    let column = Column::of(Quantity::Joules, places.iter().filter_map(|place| Some(place.energy?.0)));
    let energies = ground.map_or_else(
        || "No answer has an energy yet.".to_owned(),
        |(label, boundary)| {
            format!("Energies are {}, {}.", display::label(label), display::boundary(boundary))
        },
    );
    let head = [
        table::head("num", "#"),
        table::head("", "Model"),
        table::head("num", "Strength").set(
            "title",
            "On the usual scale: 400 points more are tenfold odds of the better answer; the mean is 1000.",
        ),
        table::head("num p2", "Won, lost, alike"),
        table::head("num", &format!("Median energy, {}", column.unit)),
        table::head("num p2", "Worth it").set(
            "title",
            "Better answers that took more energy: of how many it was said that they were worth it.",
        ),
    ];
    let rows = (1..).zip(&places).map(|(rank, place)| row(rank, place, &column));
    el("div", "drawn")
        .add(table::table(
            "battle-ranking",
            "",
            &format!("{} votes. {energies}", battles.votes.len()),
            head,
            rows,
        ))
        .add(quiet(
            "Strengths by Bradley and Terry’s model, most likely values with 95 % intervals from the curvature of the likelihood. A tie, and “both bad”, counts as half a win for each. Who was never compared, even through others, with the ranked ones has no strength.",
        ))
}

fn row(rank: i32, place: &Place, column: &Column) -> El {
    let standing = &place.standing;
    let strength = match &standing.strength {
        Ok(strength) => table::number(format!("{:.0}", strength.points)).add(text(
            "small",
            "",
            format!("±\u{a0}{:.0}", strength.half_width),
        )),
        Err(_) => table::number(MISSING),
    };
    let why = standing.strength.as_ref().err().map(|why| text("small", "", why.to_string()));
    let [won, lost, alike] = standing.bouts;
    let (said, asked) = place.worth;
    let energy = match place.energy {
        Some((middle, n)) => table::number(column.cell(middle)).add(text("small", "", format!("n = {n}"))),
        None => table::number(MISSING),
    };
    let number = if standing.strength.is_ok() { rank.to_string() } else { String::new() };
    el("tr", "")
        .add(table::number(number))
        .add(table::model_id(table::row_head(""), standing.name).maybe(why))
        .add(strength)
        .add(
            table::number(format!("{won}\u{2009}–\u{2009}{lost}\u{2009}–\u{2009}{alike}"))
                .set("class", "num p2"),
        )
        .add(energy)
        .add(
            table::number(if asked > 0 { format!("{said} of {asked}") } else { MISSING.to_owned() })
                .set("class", "num p2"),
        )
}

/// The same in full digits.
pub(crate) fn table_of(battles: &Battles) -> Table {
    let (places, ground) = places(battles);
    let fields = [
        "model_id",
        "strength_points",
        "strength_half_width_95_points",
        "unranked_because",
        "won",
        "lost",
        "alike",
        "median_energy_j",
        "energies",
        "label",
        "boundary",
        "worth_it",
        "worth_asked",
    ];
    let count = |n: usize| Field::Count(u64::try_from(n).unwrap_or(u64::MAX));
    let rows = places
        .iter()
        .map(|place| {
            let strength = place.standing.strength.as_ref().ok();
            let why = place.standing.strength.as_ref().err().map(ToString::to_string);
            let [won, lost, alike] = place.standing.bouts.map(|n| Field::Count(n.into()));
            vec![
                place.standing.name.into(),
                strength.map(|strength| strength.points).into(),
                strength.map(|strength| strength.half_width).into(),
                why.as_deref().into(),
                won,
                lost,
                alike,
                place.energy.map(|energy| energy.0).into(),
                count(place.energy.map_or(0, |energy| energy.1)),
                ground.map(|ground| ground.0.name()).into(),
                ground.map(|ground| ground.1.name()).into(),
                count(place.worth.0),
                count(place.worth.1),
            ]
        })
        .collect();
    Table { fields: fields.map(str::to_owned).to_vec(), rows }
}
