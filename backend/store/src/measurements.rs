//! Records of Measured Runs: written once, read back whole.
//!
//! Must not: change a record, or store a figure that can be computed.

use std::borrow::Cow;
use std::collections::HashMap;

use common::conversation::Conversation;
use common::ids::{LeaseId, MachineId, PromptId, RunId};
use common::machine::MachineProfile;
use common::measurement::{
    Answer, Baseline, Conditions, Facts, Measurement, Overhead, Reading, Repetition, Round, Software,
};
use common::meter::{MeterCard, NullReason};
use common::model::Model;
use common::steadiness::Steadiness;
use common::trace::{PowerTrace, Sample, Window};
use common::units::{Energy, Power};
use common::wall::Timeline;
use sqlx::PgConnection;
use sqlx::types::Json;
use time::OffsetDateTime;
use uuid::Uuid;

use crate::columns::{count, duration, durations, read, read_all, storable};
use crate::pages::Cursor;
use crate::prompts::leased_prompt;
use crate::{Error, grid};

/// Writes a record and all that belongs to it.
pub(crate) async fn insert(connection: &mut PgConnection, measurement: &Measurement) -> Result<(), Error> {
    let facts = &measurement.facts;
    let run_id = measurement.run_id.0;
    sqlx::query!(
        "insert into measurement (run_id, lease_id, machine_id, recorded_at, started_at, method_version, machine,
                                  zone, software, model, meters, conditions, overhead, timeline)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        run_id,
        measurement.lease_id.0,
        measurement.machine.id.0,
        measurement.recorded_at,
        facts.started_at,
        i64::from(facts.method_version),
        Json(&measurement.machine) as _,
        measurement.machine.zone.as_str(),
        Json(&facts.software) as _,
        Json(&facts.model) as _,
        Json(&facts.meters) as _,
        Json(&facts.conditions) as _,
        Json(&facts.overhead) as _,
        facts.timeline.as_ref().map(Json) as _,
    )
    .execute(&mut *connection)
    .await?;
    for (ordinal, baseline) in facts.baselines.iter().enumerate() {
        sqlx::query!(
            "insert into baseline (run_id, ordinal, domain, before_w, after_w, steadiness_before, steadiness_after,
                                   usual_w)
             values ($1, $2, $3, $4, $5, $6, $7, $8)",
            run_id,
            count::<_, i32>("baseline", ordinal)?,
            baseline.domain.to_string(),
            baseline.before.map(Power::watts),
            baseline.after.map(Power::watts),
            baseline.steadiness_before.map(Json) as _,
            baseline.steadiness_after.map(Json) as _,
            baseline.usual.map(Power::watts),
        )
        .execute(&mut *connection)
        .await?;
    }
    // What was forgotten while a machine had it is not kept when it comes.
    let is_forgotten = sqlx::query_scalar!(
        r#"select forgotten_at is not null as "is_forgotten!" from prompt where id = $1"#,
        measurement.prompt_id.0
    )
    .fetch_one(&mut *connection)
    .await?;
    for (ordinal, repetition) in facts.repetitions.iter().enumerate() {
        let mut repetition = Cow::Borrowed(repetition);
        if is_forgotten {
            let forgotten = repetition.to_mut();
            forgotten.output_text.clear();
            forgotten.others.iter_mut().for_each(|answer| answer.output_text.clear());
        }
        let repetition = &*repetition;
        insert_repetition(connection, run_id, count("repetition", ordinal)?, repetition).await?;
    }
    Ok(())
}

async fn insert_repetition(
    connection: &mut PgConnection,
    run_id: Uuid,
    repetition: i32,
    fact: &Repetition,
) -> Result<(), Error> {
    let token_times: Vec<f64> = fact.token_times.iter().map(|time| time.as_secs_f64()).collect();
    let mut others = fact.others.clone();
    others.iter_mut().for_each(|answer| answer.output_text = storable(&answer.output_text));
    sqlx::query!(
        "insert into repetition (run_id, ordinal, output_text, finish, prompt_tokens, output_tokens,
                                 token_times_s, window_body_start_s, window_body_end_s, window_length_s, others,
                                 window_gaps_s, again)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        run_id,
        repetition,
        storable(&fact.output_text),
        fact.finish.name(),
        i64::from(fact.prompt_tokens),
        i64::from(fact.output_tokens),
        &token_times,
        fact.window.body_start.as_secs_f64(),
        fact.window.body_end.as_secs_f64(),
        fact.window.length.as_secs_f64(),
        (!others.is_empty()).then(|| Json(others)) as _,
        fact.window.gaps.as_secs_f64(),
        (!fact.again.is_empty()).then(|| Json(&fact.again)) as _,
    )
    .execute(&mut *connection)
    .await?;
    for (ordinal, reading) in fact.readings.iter().enumerate() {
        let ordinal: i32 = count("reading", ordinal)?;
        sqlx::query!(
            "insert into reading (run_id, repetition, ordinal, domain, label, method, energy_j, null_reason, faults,
                                  uncertainty_j)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            run_id,
            repetition,
            ordinal,
            reading.domain.to_string(),
            reading.label.name(),
            reading.method.name(),
            reading.energy.map(Energy::joules),
            reading.null_reason.map(NullReason::name),
            &reading.faults.iter().map(|fault| fault.name().to_owned()).collect::<Vec<_>>(),
            reading.uncertainty.map(Energy::joules),
        )
        .execute(&mut *connection)
        .await?;
        if reading.trace.0.is_empty() {
            continue;
        }
        let (at, power): (Vec<f64>, Vec<f64>) =
            reading.trace.0.iter().map(|sample| (sample.at.as_secs_f64(), sample.power.watts())).unzip();
        sqlx::query!(
            "insert into power_trace (run_id, repetition, ordinal, at_s, power_w) values ($1, $2, $3, $4, $5)",
            run_id,
            repetition,
            ordinal,
            &at,
            &power,
        )
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// The Runs measured after `after`, in the order in which they were recorded.
pub(crate) async fn page(
    connection: &mut PgConnection,
    after: Option<Cursor>,
    limit: i64,
) -> Result<Vec<Cursor>, Error> {
    let (recorded_at, run_id) = after.unwrap_or((OffsetDateTime::UNIX_EPOCH, Uuid::nil()));
    let rows = sqlx::query!(
        "select recorded_at, run_id from measurement
         where (recorded_at, run_id) > ($1, $2) order by recorded_at, run_id limit $3",
        recorded_at,
        run_id,
        limit
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.recorded_at, row.run_id)).collect())
}

/// The record of one Run, with the grid as far as known now.
pub(crate) async fn get(connection: &mut PgConnection, run_id: RunId) -> Result<Option<Measurement>, Error> {
    let row = sqlx::query!(
        r#"select measurement.lease_id, machine_id, recorded_at, started_at, method_version,
                  machine as "machine: Json<MachineProfile>", software as "software: Json<Software>",
                  model as "model: Json<Model>", meters as "meters: Json<Vec<MeterCard>>",
                  conditions as "conditions: Json<Conditions>", overhead as "overhead: Json<Overhead>",
                  timeline as "timeline: Json<Timeline>",
                  run.prompt_id, run.origin, prompt.text, prompt.task, prompt.max_output_tokens, prompt.temperature,
                  prompt.top_p, prompt.seed, prompt.forced_length, prompt.kind, prompt.expected,
                  prompt.conversation as "conversation: Json<Conversation>"
           from measurement join run on run.id = measurement.run_id join prompt on prompt.id = run.prompt_id
           where measurement.run_id = $1"#,
        run_id.0
    )
    .fetch_optional(&mut *connection)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let machine = MachineProfile { id: MachineId(row.machine_id), ..row.machine.0 };
    let facts = Facts {
        method_version: count("measurement", row.method_version)?,
        software: row.software.0,
        model: row.model.0,
        meters: row.meters.0,
        started_at: row.started_at,
        repetitions: repetitions(connection, run_id.0).await?,
        baselines: baselines(connection, run_id.0).await?,
        overhead: row.overhead.0,
        conditions: row.conditions.0,
        timeline: row.timeline.map(|timeline| timeline.0),
    };
    Ok(Some(Measurement {
        run_id,
        prompt_id: PromptId(row.prompt_id),
        lease_id: LeaseId(row.lease_id),
        prompt: leased_prompt!(row),
        origin: read("origin", &row.origin)?,
        grid: grid::over(connection, &machine.zone, facts.started_at, facts.ended_at()).await?,
        machine,
        recorded_at: row.recorded_at,
        facts,
    }))
}

async fn baselines(connection: &mut PgConnection, run_id: Uuid) -> Result<Vec<Baseline>, Error> {
    let rows = sqlx::query!(
        r#"select domain, before_w, after_w, steadiness_before as "steadiness_before: Json<Steadiness>",
                  steadiness_after as "steadiness_after: Json<Steadiness>", usual_w
           from baseline where run_id = $1 order by ordinal"#,
        run_id
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Baseline {
                domain: read("domain", &row.domain)?,
                before: row.before_w.map(Power::from_watts),
                after: row.after_w.map(Power::from_watts),
                steadiness_before: row.steadiness_before.map(|known| known.0),
                steadiness_after: row.steadiness_after.map(|known| known.0),
                usual: row.usual_w.map(Power::from_watts),
            })
        })
        .collect()
}

async fn repetitions(connection: &mut PgConnection, run_id: Uuid) -> Result<Vec<Repetition>, Error> {
    let mut readings = readings(connection, run_id).await?;
    let rows = sqlx::query!(
        r#"select ordinal, output_text, finish, prompt_tokens, output_tokens, token_times_s, window_body_start_s,
                window_body_end_s, window_length_s, others as "others: Json<Vec<Answer>>", window_gaps_s,
                again as "again: Json<Vec<Round>>"
         from repetition where run_id = $1 order by ordinal"#,
        run_id
    )
    .fetch_all(connection)
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Repetition {
                output_text: row.output_text,
                finish: read("finish", &row.finish)?,
                prompt_tokens: count("repetition", row.prompt_tokens)?,
                output_tokens: count("repetition", row.output_tokens)?,
                token_times: durations("repetition", &row.token_times_s)?,
                window: Window {
                    body_start: duration("window", row.window_body_start_s)?,
                    body_end: duration("window", row.window_body_end_s)?,
                    length: duration("window", row.window_length_s)?,
                    gaps: duration("window", row.window_gaps_s)?,
                },
                readings: readings.remove(&row.ordinal).unwrap_or_default(),
                others: row.others.map(|others| others.0).unwrap_or_default(),
                again: row.again.map(|again| again.0).unwrap_or_default(),
            })
        })
        .collect()
}

/// All Readings of a Run, by Repetition.
async fn readings(connection: &mut PgConnection, run_id: Uuid) -> Result<HashMap<i32, Vec<Reading>>, Error> {
    let rows = sqlx::query!(
        r#"select repetition, domain, label, method, energy_j, null_reason, faults, uncertainty_j,
                  coalesce(at_s, '{}') as "at_s!", coalesce(power_w, '{}') as "power_w!"
           from reading left join power_trace using (run_id, repetition, ordinal)
           where run_id = $1 order by repetition, ordinal"#,
        run_id
    )
    .fetch_all(connection)
    .await?;
    let mut readings: HashMap<i32, Vec<Reading>> = HashMap::new();
    for row in rows {
        let samples = durations("power trace", &row.at_s)?
            .into_iter()
            .zip(row.power_w)
            .map(|(at, power)| Sample { at, power: Power::from_watts(power) })
            .collect();
        readings.entry(row.repetition).or_default().push(Reading {
            domain: read("domain", &row.domain)?,
            label: read("label", &row.label)?,
            method: read("method", &row.method)?,
            energy: row.energy_j.map(Energy::from_joules),
            null_reason: row.null_reason.map(|reason| read("null reason", &reason)).transpose()?,
            uncertainty: row.uncertainty_j.map(Energy::from_joules),
            trace: PowerTrace(samples),
            faults: read_all("fault", &row.faults)?,
        });
    }
    Ok(readings)
}
