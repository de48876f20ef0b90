//! Importing scores on public benchmarks from files of results, with where they come from.
//!
//! A file is refused as a whole, with what is to be mended. Must not: evaluate (that is `jouleboard-worker evaluate`), or
//! give a score to a Model that it is not of.

mod benchmark;
mod error;
pub(crate) mod file;

#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use common::ids::ModelId;
use common::machine::OfferedModel;
use common::model::Weights;
use store::{Store, models, quality};

use crate::clock;
use crate::config::Database;
use crate::error::StartError;
use error::QualityError;
use file::{Allow, Results};

/// What to do about scores.
#[derive(Debug, Subcommand)]
pub enum QualityCommand {
    /// Import files of results of lm-evaluation-harness, of the Open LLM Leaderboard or of `jouleboard-worker evaluate`.
    Import(Import),
    /// List what was imported.
    List(Database),
    /// Take back what a file brought.
    Remove(Remove),
}

/// What is imported, and of which models it is.
#[derive(Debug, Clone, Args)]
pub struct Import {
    /// Files of results, in JSON.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Where the records are.
    #[command(flatten)]
    pub database: Database,
    /// The model that they are of, by name (all its number formats that fit) or id. May be repeated. Results of
    /// `jouleboard-worker evaluate` name it themselves.
    #[arg(long = "model")]
    pub models: Vec<String>,
    /// Take scores of another number format too; the column's source says of which they are.
    #[arg(long)]
    pub any_dtype: bool,
    /// Take another number of examples than published tables have; it gets a column of its own.
    #[arg(long)]
    pub any_shots: bool,
    /// Take results of `jouleboard-worker evaluate` over other questions or prompts than those of the harness of 2023; they
    /// get a column of their own.
    #[arg(long)]
    pub any_requests: bool,
}

/// What is taken back.
#[derive(Debug, Clone, Args)]
pub struct Remove {
    /// SHA-256 of the file, as `list` says it.
    pub file_sha256: String,
    /// Where the records are.
    #[command(flatten)]
    pub database: Database,
}

/// Does it.
///
/// # Errors
/// [`StartError`] says which file and why.
pub async fn command(command: QualityCommand) -> Result<(), StartError> {
    match command {
        QualityCommand::Import(import) => import_files(import).await,
        QualityCommand::List(database) => list(database).await,
        QualityCommand::Remove(remove) => {
            let removed = quality::remove(&open(&remove.database).await?, &remove.file_sha256).await?;
            say(&format!("took {removed} scores back\n"))
        }
    }
}

/// All files are read and judged before one is kept.
async fn import_files(import: Import) -> Result<(), StartError> {
    let store = open(&import.database).await?;
    let offered = models::offered(&store, clock::now(), Duration::ZERO).await?;
    let mut wanted = Vec::new();
    for path in &import.files {
        let refuse =
            |error: QualityError| StartError::Argument(format!("the file {} {error}", path.display()));
        let bytes =
            std::fs::read(path).map_err(StartError::system(format!("could not read {}", path.display())))?;
        let allow = Allow { any_shots: import.any_shots, any_requests: import.any_requests };
        let results = file::read(&name(path), &bytes, allow, clock::now()).map_err(refuse)?;
        let models = choose(&results, &import, &offered).map_err(refuse)?;
        wanted.push((path, results, models));
    }
    for (path, results, models) in wanted {
        for id in models {
            let new = quality::keep(&store, &id, &results.scores).await?;
            let known = if new == 0 { " (known already)" } else { "" };
            say(&format!("{}: {} of {id}{known}\n", path.display(), results.generation))?;
            for score in &results.scores {
                say(&format!("  {}: {:.4}, n = {}\n", score.benchmark, score.score, score.n))?;
            }
        }
        if !results.left_out.is_empty() {
            say(&format!("  left out, because they are no columns: {}\n", results.left_out.join(", ")))?;
        }
    }
    Ok(())
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

/// The Models that a file is of.
fn choose(
    results: &Results,
    import: &Import,
    offered: &[OfferedModel],
) -> Result<Vec<ModelId>, QualityError> {
    let named: Vec<&String> = results.model_id.iter().filter(|_| import.models.is_empty()).collect();
    let names: Vec<&String> = if named.is_empty() { import.models.iter().collect() } else { named };
    if names.is_empty() {
        return Err(QualityError::NoModel);
    }
    let found = results.scores.first().and_then(|score| score.provenance.dtype.as_deref());
    let fits = |model: &OfferedModel| import.any_dtype || found.is_none_or(|found| is_same(found, model));
    let mut ids = Vec::new();
    for name in names {
        let of_name: Vec<&OfferedModel> = offered
            .iter()
            .filter(|model| model.id().as_str() == name.as_str() || model.model.name == *name)
            .collect();
        let Some(first) = of_name.first() else { return Err(QualityError::UnknownModel(name.clone())) };
        if first.model.weights == Weights::Random {
            return Err(QualityError::RandomWeights { model: first.id().to_string() });
        }
        let fitting: Vec<ModelId> =
            of_name.iter().filter(|model| fits(model)).map(|model| model.id().clone()).collect();
        if fitting.is_empty() {
            return Err(QualityError::OtherDtype {
                found: found.unwrap_or_default().to_owned(),
                model: first.id().to_string(),
                ours: first.model.dtype.to_string(),
            });
        }
        ids.extend(fitting);
    }
    ids.sort();
    ids.dedup();
    Ok(ids)
}

/// Whether a number format as files name it is that of a Model. Half precision of either kind counts as the same: both
/// hold the published weights without quantising them.
fn is_same(found: &str, model: &OfferedModel) -> bool {
    use common::model::Dtype;
    let found = found.trim_start_matches("torch.");
    match model.model.dtype {
        Dtype::F32 => matches!(found, "float32" | "float" | "fp32" | "f32"),
        Dtype::F16 | Dtype::Bf16 => {
            matches!(found, "float16" | "half" | "fp16" | "f16" | "bfloat16" | "bf16" | "auto")
        }
        Dtype::Int8 => matches!(found, "8bit" | "int8"),
        Dtype::Int4 => matches!(found, "4bit" | "int4"),
    }
}

async fn list(database: Database) -> Result<(), StartError> {
    for score in quality::list(&open(&database).await?).await? {
        let model = score.model_id.map(|id| id.to_string()).unwrap_or_default();
        let from = &score.provenance;
        say(&format!(
            "{model}\t{}\t{:.4}\tn = {}\t{}\t{}\n",
            score.benchmark, score.score, score.n, from.file_name, from.file_sha256
        ))?;
    }
    Ok(())
}

async fn open(database: &Database) -> Result<Store, StartError> {
    let store = Store::connect(&database.database_url.0, 2).await?;
    store.migrate().await?;
    Ok(store)
}

fn say(text: &str) -> Result<(), StartError> {
    write!(std::io::stdout(), "{text}").map_err(StartError::system("could not say what was imported"))
}
