//! Lines placed by two figures: who is on the front, in which layer, dominated by whom, and what was so at a date.
//!
//! Must not: draw, or place a line that lacks a figure.

use std::sync::Arc;

use common::pareto;
use common::stats::Estimate;
use time::OffsetDateTime;

use crate::figures::{Figure, Line};
use crate::scale;
use crate::view_state::ViewState;

/// A line with both figures.
#[derive(Debug, Clone)]
pub struct Placed<'a> {
    /// The line.
    pub line: &'a Line,
    /// Its two figures.
    pub at: [Estimate; 2],
    /// In which layer it lies; 1 is the front.
    pub layer: usize,
    /// Which of the placed dominates it.
    pub dominator: Option<usize>,
    /// Whether it is dominated, but within the intervals of both figures.
    pub is_tied: bool,
}

/// Lines placed by two figures.
#[derive(Debug, Clone, Default)]
pub struct Front<'a> {
    /// Those with both figures, layer after layer, each layer from the least first figure on.
    pub placed: Vec<Placed<'a>>,
    /// Those that lack one.
    pub apart: Vec<&'a Line>,
}

/// What counts as worse: a figure of which more is better counts the other way round.
fn cost(value: f64, figure: &Figure) -> f64 {
    if figure.more_is_better() { -value } else { value }
}

fn figures_of(line: &Line, x: &Figure, y: &Figure, view: &ViewState) -> Option<[Estimate; 2]> {
    let of = |figure: &Figure| figure.of(line, view).filter(|estimate| estimate.mean.is_finite());
    Some([of(x)?, of(y)?])
}

impl<'a> Front<'a> {
    /// All lines that were there, placed or not.
    pub fn lines(&self) -> impl Iterator<Item = &'a Line> {
        self.placed.iter().map(|each| each.line).chain(self.apart.iter().copied())
    }

    /// Places the lines that were there at the date of the view. One that does not say when it was first measured was
    /// there always.
    pub fn of(lines: &'a [Arc<Line>], x: &Figure, y: &Figure, view: &ViewState) -> Self {
        let was_there = |line: &&'a Arc<Line>| match (line.row.sums.first_measured_at, view.until) {
            (Some(first), Some(until)) => first.unix_timestamp() <= until,
            _ => true,
        };
        let mut front = Self::default();
        for line in lines.iter().filter(was_there) {
            match figures_of(line, x, y, view) {
                Some(at) => {
                    front.placed.push(Placed { line, at, layer: 0, dominator: None, is_tied: false });
                }
                None => front.apart.push(line),
            }
        }
        front.order(|placed| placed.at[0].mean);
        front.rank(x, y);
        front.order(|placed| scale::float(placed.layer));
        // Dominators are named by their place, which is known only now.
        front.rank(x, y);
        front
    }

    fn order(&mut self, by: fn(&Placed) -> f64) {
        let places = scale::order(&self.placed.iter().map(by).collect::<Vec<f64>>());
        self.placed = places.into_iter().filter_map(|place| self.placed.get(place).cloned()).collect();
    }

    fn rank(&mut self, x: &Figure, y: &Figure) {
        let costs: Vec<[f64; 2]> =
            self.placed.iter().map(|each| [cost(each.at[0].mean, x), cost(each.at[1].mean, y)]).collect();
        let widths: Vec<[f64; 2]> =
            self.placed.iter().map(|each| each.at.map(|at| at.half_width.unwrap_or(0.0))).collect();
        let found = pareto::layers(&costs).into_iter().zip(pareto::dominators(&costs));
        for ((placed, (layer, dominator)), is_tied) in
            self.placed.iter_mut().zip(found).zip(pareto::tied(&costs, &widths))
        {
            (placed.layer, placed.dominator, placed.is_tied) = (layer, dominator, is_tied);
        }
    }
}

/// The dates at which the front of these lines changed.
pub fn changes(lines: &[Arc<Line>], x: &Figure, y: &Figure, view: &ViewState) -> Vec<OffsetDateTime> {
    let (mut points, mut dates) = (Vec::new(), Vec::new());
    for line in lines {
        if let (Some([a, b]), Some(date)) = (figures_of(line, x, y, view), line.row.sums.first_measured_at) {
            points.push([cost(a.mean, x), cost(b.mean, y)]);
            dates.push(date);
        }
    }
    let seconds: Vec<f64> =
        dates.iter().map(|date| (*date - OffsetDateTime::UNIX_EPOCH).as_seconds_f64()).collect();
    pareto::changes(&points, &seconds).into_iter().filter_map(|index| dates.get(index).copied()).collect()
}

/// Colour of a point: how many bits each weight really takes. Class and name.
pub const BITS: [(&str, &str); 4] =
    [("bits-32", "over 16 bits a weight"), ("bits-16", "16"), ("bits-8", "8"), ("bits-4", "4 or fewer")];

/// The class of so many bits, scales included: 8.5 is an 8-bit format with its scales.
pub fn bits_class(bits: f64) -> &'static str {
    let place = [18.0, 10.0, 6.0].iter().position(|least| bits > *least).unwrap_or(3);
    BITS.get(place).map_or("", |class| class.0)
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::board;

    /// Three lines of one ground with energies 1, 2 and 3 and latencies of 2 s each, first measured on three days.
    fn lines() -> Vec<Arc<Line>> {
        let mut sections = board::sections(&board::tests::board(), &ViewState::default());
        let mut lines = sections.swap_remove(0).lines;
        lines.push(Arc::clone(&lines[0]));
        assert_eq!(lines.len(), 3);
        for (index, line) in (0i32..).zip(&mut lines) {
            let line = Arc::make_mut(line);
            line.row.sums.energy_j = common::stats::Moments::one(f64::from(index) + 1.0);
            line.row.sums.first_measured_at =
                Some(OffsetDateTime::UNIX_EPOCH + Duration::days((2 - index).into()));
        }
        lines
    }

    #[test]
    fn the_front_comes_first_and_each_other_line_names_who_beats_it() {
        let lines = lines();
        let front = Front::of(&lines, &Figure::Energy, &Figure::Latency, &ViewState::default());
        let layers: Vec<usize> = front.placed.iter().map(|placed| placed.layer).collect();
        let dominators: Vec<Option<usize>> = front.placed.iter().map(|placed| placed.dominator).collect();
        assert_eq!(layers, [1, 2, 3]);
        assert_eq!(dominators, [None, Some(0), Some(0)]);
    }

    #[test]
    fn a_line_without_a_figure_is_listed_apart() {
        let lines = lines();
        let front =
            Front::of(&lines, &Figure::Energy, &Figure::Quality("arc".to_owned()), &ViewState::default());
        assert_eq!((front.placed.len(), front.apart.len()), (0, 3));
    }

    #[test]
    fn at_a_date_only_what_was_measured_by_then_is_there() {
        let lines = lines();
        let view = ViewState { until: Some(86_400), ..ViewState::default() };
        let front = Front::of(&lines, &Figure::Energy, &Figure::Latency, &view);
        let energies: Vec<f64> = front.placed.iter().map(|placed| placed.at[0].mean).collect();
        assert_eq!(energies, [2.0, 3.0]);
        let changes = changes(&lines, &Figure::Energy, &Figure::Latency, &view);
        assert_eq!(changes.len(), 3);
        assert!(changes.is_sorted());
    }

    #[test]
    fn the_colour_is_that_of_the_true_storage() {
        let names = [32.0, 16.0, 16.5, 8.5, 8.0, 4.5].map(bits_class);
        assert_eq!(names, ["bits-32", "bits-16", "bits-16", "bits-8", "bits-8", "bits-4"]);
    }
}
