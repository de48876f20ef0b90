//! What is known of an instrument: of one on the machine, and of the one at its socket.
//!
//! Must not: leave out the label, or what its figures hold.

use common::meter::{Characterised, MeterCard};
use common::wall::WallMeter;

use crate::browser;
use crate::components::badge::label_badge;
use crate::components::facts::quiet;
use crate::components::power_chart::domain_name;
use crate::display::{self, Quantity};
use crate::dom::{El, el, text};

/// The meter at a machine's socket, which the server reads.
pub(crate) fn wall_meter(meter: &WallMeter) -> El {
    let mut known = Vec::new();
    if let Some(step) = meter.card.power_resolution {
        known.push(format!("power in steps of {}", display::plain(Quantity::Watts, step.watts())));
    }
    if let Some(last) = meter.last {
        let power = last.power.map(|power| display::plain(Quantity::Watts, power.watts()));
        let ago = display::ago(last.at, browser::now());
        known.push(format!("{} {ago}", power.unwrap_or_else(|| "read".to_owned())));
    }
    let trouble = meter.trouble.as_ref().map(|trouble| {
        text("p", "hint", format!("{}: {}", display::ago(trouble.at, browser::now()), trouble.message))
    });
    meter_card(&meter.card.card)
        .set("data-testid", "wall-meter")
        .add(quiet(format!(
            "{}: read by the server, not on the machine. {} {}",
            meter.meter,
            display::wall_role(meter.role),
            known.join(" · ")
        )))
        .maybe(trouble)
}

/// What is known of an instrument.
pub(crate) fn meter_card(card: &MeterCard) -> El {
    let mut known = vec![display::method(card.method).to_owned()];
    if let Some(period) = card.update_period {
        known.push(format!("a new value every {}", display::span(period)));
    }
    if let Some(resolution) = card.resolution {
        known.push(format!("steps of {}", display::plain(Quantity::Joules, resolution.joules())));
    }
    if let Some(averaging) = card.averaging {
        known.push(format!("each a mean over {}", display::span(averaging)));
    }
    known.push(format!("gain uncertain by {} (k\u{a0}=\u{a0}1)", display::share(card.gain_uncertainty)));
    let name = card
        .version
        .as_ref()
        .map_or_else(|| card.name.clone(), |version| format!("{}, {version}", card.name));
    el("div", "meter")
        .add(
            el("p", "")
                .add(label_badge(card.label, false))
                .add(text("b", "", domain_name(card.domain)))
                .text(" ")
                .add(text("span", "quiet", name)),
        )
        .add(text("p", "", &card.boundary))
        .add(quiet(known.join(" · ")))
        .maybe(card.characterised.as_ref().map(characterised))
}

/// What was measured of an instrument on its own machine.
fn characterised(found: &Characterised) -> El {
    let mut known = vec![format!("Characterised {}", display::instant(found.at))];
    if let Some(period) = found.update_period {
        known.push(format!("a new value every {}", display::span(period)));
    }
    if let Some((window, half)) = found.averaging.zip(found.averaging_half_width) {
        known.push(format!("each a mean over {} ± {}", display::span(window), display::span(half)));
    }
    known.push(format!("a look takes {}", display::span(found.read)));
    let shares = [
        ("counter over power readings", found.counter_bias),
        ("over a reference meter", found.gain_error),
        ("of a core for the sampler", found.sampler_core_share),
        ("slower with the sampler", found.sampler_slowdown),
    ];
    known.extend(
        shares.into_iter().filter_map(|(name, share)| Some(format!("{} {name}", display::share(share?)))),
    );
    if let Some(wall) = &found.wall {
        let half = wall.slope_half_width.map_or_else(String::new, |half| format!(" ± {half:.3}"));
        known.push(format!(
            "{:.3}{half}\u{a0}W at the socket ({}) for each watt of all parts",
            wall.slope, wall.name
        ));
        if let Some((behind, half)) = wall.delay_s.zip(wall.delay_half_width_s) {
            known.push(format!("whose readings lie behind by {behind:.2} ± {half:.2}\u{a0}s"));
        }
    }
    if let Some(idle) = found.idle_power {
        known.push(format!("{} idle", display::plain(Quantity::Watts, idle.watts())));
    }
    if let Some(seconds) = found.clock_residual_s {
        known.push(format!("its clock ahead by {}", display::plain(Quantity::Seconds, seconds)));
    }
    quiet(known.join(" · "))
}
