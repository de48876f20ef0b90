//! Prefill and decode speed of a shape with random weights, beside the read bandwidth of this machine.
//!
//! usage: speed CONFIG.json [dtype,dtype…] [threads] [prompt tokens] [output tokens] [rounds]
#![expect(clippy::print_stdout, reason = "a program for people")]
#![expect(clippy::disallowed_methods, reason = "it measures bandwidth by itself")]

use std::path::Path;
use std::time::Instant;

use common::model::Dtype;
use engine::{Engine, LoadOptions};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let word = |at: usize| arguments.get(at).map(String::as_str);
    let number = |at: usize, default: usize| word(at).map_or(Ok(default), str::parse);
    let config = Path::new(word(0).ok_or("name a config.json; some lie in shapes/")?);
    let dtypes: Vec<Dtype> =
        word(1).unwrap_or("f32,f16,bf16,int8,int4").split(',').map(str::parse).collect::<Result<_, _>>()?;
    let threads = number(2, std::thread::available_parallelism()?.get())?;
    let (prompt, output, rounds) = (number(3, 128)?, number(4, 64)?, number(5, 3)?);
    println!("read bandwidth with {threads} threads: {:.1} GB/s", bandwidth(threads));
    println!("dtype | weights | prefill {prompt} tok/s | decode {output} tok/s | GB/s");
    for dtype in dtypes {
        let options = LoadOptions { dtype: Some(dtype), threads: Some(threads) };
        let mut engine = Engine::random(config, 1, &options)?;
        let ids: Vec<u32> = (0..u32::try_from(prompt)?).map(|n| n * 37 % 1000).collect();
        let (mut prefill, mut decode) = (0.0f64, 0.0f64);
        for _ in 0..rounds {
            let run = engine.generate_ids(&ids, u32::try_from(output)?)?;
            let (Some(first), Some(last)) = (run.token_times.first(), run.token_times.last()) else {
                continue;
            };
            prefill = prefill.max(f64::from(u32::try_from(prompt)?) / first.as_secs_f64());
            let gaps = f64::from(u32::try_from(run.token_times.len() - 1)?);
            decode = decode.max(gaps / (*last - *first).as_secs_f64());
        }
        let model = engine.model();
        let gigabytes = f64::from(u32::try_from(model.weight_bytes / 1000)?) / 1e6;
        println!(
            "{dtype} | {gigabytes:.3} GB | {prefill:.0} | {decode:.1} | {:.1}   ({}, {} threads)",
            gigabytes * decode,
            engine.device(),
            engine.threads()
        );
    }
    Ok(())
}

/// Best of five readings of half a gigabyte, each thread its part.
fn bandwidth(threads: usize) -> f64 {
    let numbers = vec![1u64; 1 << 26];
    let mut best = 0.0f64;
    for _ in 0..5 {
        let start = Instant::now();
        std::thread::scope(|scope| {
            for part in numbers.chunks(numbers.len().div_ceil(threads)) {
                scope.spawn(move || {
                    std::hint::black_box(part.iter().fold(0u64, |sum, &n| sum.wrapping_add(n)))
                });
            }
        });
        best = best.max(0.536_870_912 / start.elapsed().as_secs_f64());
    }
    best
}
