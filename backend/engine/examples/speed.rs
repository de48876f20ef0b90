//! Prefill and decode speed of a shape with random weights, beside the read bandwidth of this machine.
//!
//! usage: speed CONFIG.json [dtype,dtype…] [threads] [prompt tokens] [output tokens] [rounds] [batch,batch…] [json]
#![expect(clippy::print_stdout, reason = "a program for people")]

use std::path::Path;

use common::model::Dtype;
use engine::bench::{self, Plan, Row};
use engine::{Engine, LoadOptions};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let word = |at: usize| arguments.get(at).map(String::as_str);
    let number = |at: usize, default: u32| word(at).map_or(Ok(default), str::parse);
    let config = Path::new(word(0).ok_or("name a config.json; some lie in shapes/")?);
    let dtypes: Vec<Dtype> =
        word(1).unwrap_or("f32,f16,bf16,int8,int4").split(',').map(str::parse).collect::<Result<_, _>>()?;
    let threads = number(2, u32::try_from(std::thread::available_parallelism()?.get())?)?;
    let (prompt_tokens, output_tokens, rounds) = (number(3, 128)?, number(4, 64)?, number(5, 3)?);
    let batches: Vec<u32> =
        word(6).unwrap_or("1").split(',').map(str::parse::<u32>).collect::<Result<_, _>>()?;
    let json = word(7) == Some("json");
    if !json {
        println!("{}", Row::HEAD);
    }
    for dtype in dtypes {
        let options = LoadOptions {
            dtype: Some(dtype),
            threads: Some(usize::try_from(threads)?),
            ..LoadOptions::default()
        };
        let mut engine = Engine::random(config, 1, &options)?;
        for &batch in &batches {
            let plan = Plan { prompt_tokens, output_tokens, batch };
            let _ = bench::round(&mut engine, &Plan { output_tokens: 4, ..plan })?;
            let mut timed = Vec::new();
            for _ in 0..rounds {
                timed.push((engine.bandwidth(), bench::round(&mut engine, &plan)?));
            }
            let row = Row::of(&engine, &plan, &timed).ok_or("no round was asked for")?;
            if json { println!("{}", serde_json::to_string(&row)?) } else { println!("{row}") }
        }
    }
    Ok(())
}
