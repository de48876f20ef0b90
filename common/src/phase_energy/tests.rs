//! Known coefficients come back, and what is not told apart is refused.

use proptest::prelude::*;

use super::*;

fn responses(lengths: &[u32], energy: impl Fn(f64) -> f64) -> Vec<Responses> {
    let of = |&n: &u32| Responses { output_tokens: n, energy_j: Moments::one(energy(f64::from(n))) };
    lengths.iter().map(of).collect()
}

const LENGTHS: [u32; 5] = [1, 64, 128, 256, 512];

#[test]
fn a_prefill_of_120_joules_and_3_5_joules_a_token_are_recovered_exactly() {
    let fit = PhaseEnergy::of(&responses(&LENGTHS, |n| 120.0 + 3.5 * n), Growth::Constant).unwrap();
    assert!((fit.prefill.energy.joules() - 120.0).abs() < 1e-9, "{fit:?}");
    assert!((fit.per_token.energy.joules() - 3.5).abs() < 1e-12, "{fit:?}");
    assert!(fit.prefill.half_width.unwrap().joules() < 1e-6);
    assert!((fit.response(100).joules() - 470.0).abs() < 1e-9);
    assert!((fit.per_input_token(60).unwrap().energy.joules() - 2.0).abs() < 1e-9);
    assert_eq!(fit.per_input_token(0), None);
}

#[test]
fn tokens_that_grow_dearer_with_the_cache_are_recovered_exactly() {
    let fit = PhaseEnergy::simplest(&responses(&LENGTHS, |n| 80.0 + 2.0 * n + 0.001 * n * n)).unwrap();
    assert!((fit.growth.unwrap().energy.joules() - 0.001).abs() < 1e-12, "{fit:?}");
    assert!((fit.prefill.energy.joules() - 80.0).abs() < 1e-8, "{fit:?}");
}

#[test]
fn a_growth_that_noise_could_be_is_left_out() {
    let noise = [0.4, -0.3, 0.5, -0.6, 0.2];
    let mut noisy = responses(&LENGTHS, |n| 120.0 + 3.5 * n);
    for (response, noise) in noisy.iter_mut().zip(noise) {
        response.energy_j.mean += noise;
    }
    let fit = PhaseEnergy::simplest(&noisy).unwrap();
    assert_eq!(fit.growth, None);
    assert!((fit.prefill.energy.joules() - 120.0).abs() <= fit.prefill.half_width.unwrap().joules());
    assert!(fit.worst_residual.joules() < 1.0);
}

#[test]
fn too_few_lengths_say_how_many_it_takes() {
    let same = responses(&[5, 5, 5], |n| n);
    assert_eq!(
        PhaseEnergy::of(&same, Growth::Constant),
        Err(PhaseError::TooFewLengths { found: 1, needed: 2 })
    );
    let two = PhaseEnergy::of(&responses(&[1, 9], |n| 4.0 + n), Growth::Constant).unwrap();
    assert_eq!(two.prefill.half_width, None, "two points leave nothing to judge by");
    assert_eq!(
        PhaseEnergy::of(&responses(&[1, 2], |_| f64::NAN), Growth::Constant),
        Err(PhaseError::NotFinite)
    );
}

#[test]
fn what_responses_of_one_length_deviate_by_widens_the_interval_as_much_as_single_ones_do() {
    let single: Vec<Responses> = LENGTHS
        .iter()
        .flat_map(|&n| {
            [-2.0, 2.0].map(|noise| Responses {
                output_tokens: n,
                energy_j: Moments::one(120.0 + 3.5 * f64::from(n) + noise),
            })
        })
        .collect();
    let merged: Vec<Responses> = LENGTHS
        .iter()
        .map(|&n| Responses {
            output_tokens: n,
            energy_j: Moments::of([-2.0, 2.0].map(|noise| 120.0 + 3.5 * f64::from(n) + noise)),
        })
        .collect();
    let (single, merged) = (PhaseEnergy::simplest(&single).unwrap(), PhaseEnergy::simplest(&merged).unwrap());
    let half = |fit: &PhaseEnergy| fit.prefill.half_width.unwrap().joules();
    assert!((half(&single) - half(&merged)).abs() < 1e-9 && half(&merged) > 0.5, "{single:?} {merged:?}");
    assert_eq!((single.n, merged.n), (10, 10));
    assert!(merged.prefill.is_resolved() && merged.per_token.is_resolved());
}

fn profiled(prompt_tokens: u32, output_tokens: u32, joules: f64) -> Profiled {
    let none = Moments::default();
    Profiled {
        prompt_tokens,
        output_tokens,
        ttft_s: none,
        latency_s: none,
        least_ttft_s: 0.0,
        least_latency_s: 0.0,
        energy_j: Moments::one(joules),
        prefill_energy_j: none,
    }
}

#[test]
fn a_profile_is_taken_apart_by_prompt_length_and_by_token() {
    let energy = |p: u32, n: u32| 10.0 + 0.5 * f64::from(p) + 3.0 * f64::from(n);
    let lengths = [(20, 4), (20, 40), (20, 90), (60, 4), (60, 70), (90, 5)];
    let profile: Vec<Profiled> = lengths.iter().map(|&(p, n)| profiled(p, n, energy(p, n))).collect();
    let by_prompt = PhaseEnergy::by_prompt(&profile);
    assert_eq!(
        by_prompt.iter().map(|fit| fit.0).collect::<Vec<_>>(),
        [20, 60],
        "one length of 90 tells nothing"
    );
    assert!((by_prompt[0].1.prefill.energy.joules() - 20.0).abs() < 1e-6, "{by_prompt:?}");
    let by_token = TokenEnergy::of(&profile).unwrap();
    let near = |found: Fitted, truth: f64| (found.energy.joules() - truth).abs() < 1e-6;
    assert!(near(by_token.start, 10.0) && near(by_token.per_input_token, 0.5), "{by_token:?}");
    assert!(near(by_token.per_output_token, 3.0) && by_token.n == 6, "{by_token:?}");
}

#[test]
fn a_phase_that_comes_out_below_nothing_is_no_price_however_narrow_its_interval() {
    let steep = responses(&LENGTHS, |n| 3.5 * n - 120.0 + n % 3.0);
    let fit = PhaseEnergy::of(&steep, Growth::Constant).unwrap();
    assert!(fit.prefill.is_resolved() && fit.prefill.energy < Energy::ZERO, "{fit:?}");
    assert!(!fit.prefill.is_price() && fit.per_token.is_price(), "{fit:?}");
}

#[test]
fn lengths_that_go_together_are_not_taken_apart() {
    let together: Vec<Profiled> = [10, 20, 30].map(|n| profiled(n, n, f64::from(n))).to_vec();
    assert_eq!(TokenEnergy::of(&together), Err(PhaseError::Together));
    assert_eq!(TokenEnergy::of(&together[..1]), Err(PhaseError::TooFewLengths { found: 1, needed: 3 }));
    assert_eq!(PhaseEnergy::by_prompt(&together), []);
}

proptest! {
    #[test]
    fn the_interval_is_about_the_truth(
        prefill in 1.0f64..500.0,
        per_token in 0.01f64..20.0,
        noise in prop::collection::vec(-1.0f64..1.0, 20),
    ) {
        let lengths: Vec<u32> = LENGTHS.iter().flat_map(|&n| [n; 4]).collect();
        let mut measured = responses(&lengths, |n| prefill + per_token * n);
        for (response, noise) in measured.iter_mut().zip(&noise) {
            response.energy_j.mean += noise;
        }
        let fit = PhaseEnergy::of(&measured, Growth::Constant).unwrap();
        // Uniform noise of ±1 J over 20 points: four standard errors are well below 2 J.
        prop_assert!((fit.prefill.energy.joules() - prefill).abs() < 2.0, "{:?}", fit);
        prop_assert!((fit.per_token.energy.joules() - per_token).abs() < 0.01, "{:?}", fit);
    }
}
