//! Scores that were imported: kept, read with their Model, replaced by newer ones, taken back.

use common::api::quality::Score;
use serde_json::json;
use sqlx::PgPool;
use store::{Error, leaderboard, models, quality, queue};

use crate::made_up::{MINUTE, MODEL, START, bench, measured, second, submit};

fn score(value: f64, file: &str, seconds: u64) -> Score {
    serde_json::from_value(json!({
        "model_id": null, "benchmark": "ARC-Challenge acc_norm, 25-shot (harness 2023)", "task": "arc_challenge",
        "task_version": "0", "metric": "acc_norm", "shots": 25, "score": value, "standard_error": 0.0145, "n": 1172,
        "provenance": {"generation": "harness_2023", "harness_version": null, "git_hash": null,
                       "model_arguments": "pretrained=a", "model_revision": null, "dtype": "float32",
                       "few_shot_seed": 42, "chat_template_sha256": null, "evaluated_at": null,
                       "file_name": "a.json", "file_sha256": file},
        "imported_at": second(seconds).format(&time::format_description::well_known::Rfc3339).unwrap(),
    }))
    .unwrap()
}

#[sqlx::test(migrations = "../../migrations")]
async fn an_imported_score_stands_beside_what_the_worker_announced_and_the_newest_is_read(pool: PgPool) {
    let (store, caller) = bench(pool).await;
    let id = MODEL.parse().unwrap();
    assert_eq!(quality::keep(&store, &id, &[score(0.5, "aa", 1)]).await.unwrap(), 1);
    assert_eq!(quality::keep(&store, &id, &[score(0.5, "aa", 2)]).await.unwrap(), 0, "the same file again");
    assert_eq!(quality::keep(&store, &id, &[score(0.6, "bb", 3)]).await.unwrap(), 1);
    let read = async || {
        let offered = models::offered(&store, START, MINUTE).await.unwrap().remove(0).model.quality;
        offered.into_iter().map(|quality| (quality.score, quality.standard_error)).collect::<Vec<_>>()
    };
    assert_eq!(read().await, [(0.5, None), (0.6, Some(0.0145))]);
    submit(&store, "2+2?").await;
    let lease = queue::lease(&store, &caller, MINUTE, START).await.unwrap().unwrap();
    queue::report(&store, &caller, lease.id, &measured(3.0), second(5)).await.unwrap();
    let board = leaderboard::get(&store, START).await.unwrap();
    assert_eq!(board.models[0].quality.len(), 2);
    assert!(board.models[0].quality[1].source.contains("file a.json"), "{:?}", board.models[0].quality);

    let listed = quality::list(&store).await.unwrap();
    assert_eq!((listed.len(), listed[0].model_id.clone()), (1, Some(id)));
    assert_eq!(quality::remove(&store, "bb").await.unwrap(), 1);
    assert_eq!(read().await, [(0.5, None), (0.5, Some(0.0145))]);
    assert!(matches!(quality::remove(&store, "bb").await, Err(Error::Missing { .. })));
    let nobody = "nobody@a:f32".parse().unwrap();
    assert!(matches!(quality::keep(&store, &nobody, &[]).await, Err(Error::Missing { .. })));
}
