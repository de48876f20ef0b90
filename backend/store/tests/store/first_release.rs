//! A database of the first release is brought up to date without losing anything.
//!
//! `first_release.sql` is what `pg_dump` wrote of a database that the code of that time had made and filled, with
//! migrations up to 7: people's prompts, a campaign, a failed and a cancelled run, records, their cells.

use std::collections::BTreeMap;

use serde_json::Value;
use sqlx::{PgPool, Row};
use store::{Store, campaigns, leaderboard, prompts};

use crate::leaderboard::is_the_same;

const DUMP: &str = include_str!("first_release.sql");

/// How many rows each table of that time holds, and a digest of them in its columns of that time.
async fn contents(pool: &PgPool, columns: &BTreeMap<String, Vec<String>>) -> BTreeMap<String, (i64, String)> {
    let mut contents = BTreeMap::new();
    for (table, columns) in columns {
        let sql = format!(
            "select count(*), coalesce(md5(string_agg(line, '|' order by line)), '')
             from (select row({})::text as line from {table}) lines",
            columns.join(", ")
        );
        let row = sqlx::query(sqlx::AssertSqlSafe(sql)).fetch_one(pool).await.unwrap();
        contents.insert(table.clone(), (row.get(0), row.get(1)));
    }
    contents
}

#[sqlx::test(migrations = false)]
async fn the_first_releases_rows_are_kept_and_its_ranking_can_be_made_anew(pool: PgPool) {
    sqlx::raw_sql(DUMP).execute(&pool).await.unwrap();
    let mut columns: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in sqlx::query(
        "select table_name::text, column_name::text from information_schema.columns
         where table_schema = 'public' and table_name <> '_sqlx_migrations' order by ordinal_position",
    )
    .fetch_all(&pool)
    .await
    .unwrap()
    {
        columns.entry(row.get(0)).or_default().push(row.get(1));
    }
    let before = contents(&pool, &columns).await;
    for table in ["machine", "model", "prompt", "run", "lease", "measurement", "reading", "power_trace"] {
        assert!(before[table].0 > 0, "the dump has no {table}");
    }
    let cells: Vec<Value> = sqlx::query_scalar("select sums from leaderboard_cell order by origin, kind")
        .fetch_all(&pool)
        .await
        .unwrap();

    let store = Store::new(pool.clone());
    store.migrate().await.unwrap();
    store.migrate().await.unwrap();
    assert_eq!(contents(&pool, &columns).await, before);

    let records = leaderboard::rebuild(&store).await.unwrap();
    assert_eq!(i64::try_from(records).unwrap(), before["measurement"].0);
    let rebuilt: Vec<Value> = sqlx::query_scalar("select sums from leaderboard_cell order by origin, kind")
        .fetch_all(&pool)
        .await
        .unwrap();
    assert_eq!(rebuilt.len(), cells.len());
    for (cell, rebuilt) in cells.iter().zip(&rebuilt) {
        // Figures that were added since are new; those of that time are what they were.
        for (name, value) in cell.as_object().unwrap() {
            assert!(is_the_same(value, &rebuilt[name]), "{name}: {value} and {}", rebuilt[name]);
        }
    }
    let prompt: uuid::Uuid = sqlx::query_scalar("select prompt_id from run where state = 'measured' limit 1")
        .fetch_one(&pool)
        .await
        .unwrap();
    let view = prompts::get(&store, common::ids::PromptId(prompt)).await.unwrap();
    assert!(view.runs[0].measurement.is_some());
    let bill = campaigns::list(&store).await.unwrap().remove(0);
    assert_eq!((bill.cost.runs, bill.queued_runs), (bill.measured_runs, 0), "the rebuilt bill has every run");
}
