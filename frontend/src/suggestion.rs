//! Which Model is picked before anybody chose one.
//!
//! Must not: rank Models for any other purpose; that is `board`.

use std::cmp::Ordering;

use common::machine::OfferedModel;

/// One that a Machine runs now, then the best answers, then the fewest bytes to read: so that a first question gets a
/// sensible answer for little.
pub fn suggested(models: &[OfferedModel]) -> Option<&OfferedModel> {
    models.iter().min_by(|one, other| merit(one, other))
}

fn merit(one: &OfferedModel, other: &OfferedModel) -> Ordering {
    let score = |offered: &OfferedModel| offered.model.quality.first().map_or(0.0, |quality| quality.score);
    let is_here = |offered: &OfferedModel| !offered.machines.is_empty();
    is_here(other)
        .cmp(&is_here(one))
        .then_with(|| score(other).total_cmp(&score(one)))
        .then_with(|| one.model.weight_bytes.cmp(&other.model.weight_bytes))
}

#[cfg(test)]
mod tests {
    use common::model::{Dtype, Model, Quality, Weights};

    use super::*;

    fn offered(name: &str, score: Option<f64>, weight_bytes: u64, machines: &[&str]) -> OfferedModel {
        let quality = score.map(|score| Quality {
            benchmark: "a test".to_owned(),
            score,
            n: 10,
            source: "a test".to_owned(),
            standard_error: None,
        });
        OfferedModel {
            model: Model {
                id: format!("{name}@1:f32").parse().unwrap(),
                name: name.to_owned(),
                family: "llama".to_owned(),
                parameters: 1,
                dtype: Dtype::F32,
                bits_per_weight: 32.0,
                weight_bytes,
                revision: "1".to_owned(),
                weights_sha256: String::new(),
                weights: Weights::Trained,
                context_length: 128,
                quality: quality.into_iter().collect(),
            },
            machines: machines.iter().map(|name| name.parse().unwrap()).collect(),
        }
    }

    #[test]
    fn the_best_answers_for_the_fewest_bytes_on_a_machine_that_is_here() {
        let models = [
            offered("small", Some(0.5), 1, &["lab"]),
            offered("wide", Some(0.9), 8, &["lab"]),
            offered("narrow", Some(0.9), 4, &["lab"]),
            offered("unknown", None, 2, &["lab"]),
            offered("gone", Some(1.0), 2, &[]),
        ];
        assert_eq!(suggested(&models).map(|offered| offered.model.name.as_str()), Some("narrow"));
        assert_eq!(suggested(&models[4..]).map(|offered| offered.model.name.as_str()), Some("gone"));
        assert!(suggested(&[]).is_none());
    }
}
