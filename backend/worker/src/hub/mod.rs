//! Models by name: fetches a checkpoint's files from the hub into the cache folder that every program of the hub
//! shares, and finds them there.
//!
//! A client of our own and not the `hf-hub` package: its new line (1.0) is asynchronous and brings a second HTTP stack
//! into a program that is synchronous by design; its old one changes features of packages below burn, does not check
//! what it downloaded, and sends the token to wherever the hub redirects. What is left to do is this room.
//!
//! The cache is the hub's own layout: `models--org--name/refs/main` holds a commit, `snapshots/<commit>/` links to
//! `blobs/<etag>`. Must not: send the token to another host than the hub; call a file complete whose length or hash
//! is not what the hub said; fetch what the engine does not read.

mod cache;
mod fetch;
mod name;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use self::cache::Repo;
pub(crate) use self::name::HubName;
use crate::client::Token;

/// How long the hub may take to be reached, and to begin its answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where the hub is and what it is told, as every program of the hub is told it.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Models by name")]
pub(crate) struct HubArgs {
    /// Folder of the hub's files on this machine. Default: huggingface in XDG_CACHE_HOME or ~/.cache.
    #[arg(long, env = "HF_HOME", value_name = "DIR")]
    hf_home: Option<PathBuf>,
    /// Folder of downloaded models. Default: hub in the folder above.
    #[arg(long, env = "HF_HUB_CACHE", value_name = "DIR")]
    hf_hub_cache: Option<PathBuf>,
    /// Address of the hub.
    #[arg(long, env = "HF_ENDPOINT", default_value = "https://huggingface.co")]
    hf_endpoint: String,
    /// Token for models that are not open to everybody. Default: the file `token` in HF_HOME.
    #[arg(long, env = "HF_TOKEN", hide_env_values = true)]
    hf_token: Option<String>,
    /// Ask no hub: what is not on this machine is not there. True where it is 1, true, yes or on.
    #[arg(long, env = "HF_HUB_OFFLINE", num_args = 0..=1, require_equals = true,
        default_value = "0", default_missing_value = "1")]
    hf_hub_offline: String,
}

impl HubArgs {
    /// The hub that they mean; `cache` is the user's folder of what can be had again.
    pub(crate) fn hub(&self, cache: Option<PathBuf>) -> Hub {
        let home = self.hf_home.clone().or_else(|| Some(cache?.join("huggingface")));
        let stored = || {
            let file = home.as_ref()?.join("token");
            std::fs::read_to_string(file).ok()
        };
        let token = self.hf_token.clone().or_else(stored).filter(|token| !token.trim().is_empty());
        let is_offline = ["1", "true", "yes", "on"].contains(&self.hf_hub_offline.to_lowercase().as_str());
        Hub {
            agent: agent(),
            cache: self
                .hf_hub_cache
                .clone()
                .or_else(|| Some(home.as_ref()?.join("hub")))
                .unwrap_or_else(|| PathBuf::from(".cache/huggingface/hub")),
            endpoint: self.hf_endpoint.trim_end_matches('/').to_owned(),
            token: token.map(|token| Token::new(&token)),
            is_offline,
        }
    }
}

fn agent() -> ureq::Agent {
    // Redirects are followed by hand: the token goes to the hub only.
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_connect(Some(PATIENCE))
        .timeout_recv_response(Some(PATIENCE))
        .user_agent(concat!("jouleboard-worker/", env!("CARGO_PKG_VERSION")))
        .build()
        .into()
}

/// The hub as one machine sees it.
#[derive(Debug, Clone)]
pub(crate) struct Hub {
    agent: ureq::Agent,
    cache: PathBuf,
    endpoint: String,
    token: Option<Token>,
    is_offline: bool,
}

/// Whoever is told how a download goes, and may end it.
pub(crate) trait Watch {
    /// So many bytes of a file are here; an answer of `false` ends the download, which goes on from there next time.
    fn at(&mut self, file: &str, done_bytes: u64, bytes: u64) -> bool;
}

/// Nobody.
impl Watch for () {
    fn at(&mut self, _: &str, _: u64, _: u64) -> bool {
        true
    }
}

/// A checkpoint on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) folder: PathBuf,
    pub(crate) commit: String,
}

/// Why a checkpoint is not here, named by what helps.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HubError {
    /// Ask for access on the model's page, and give a token that has it.
    #[error(
        "access is refused (status {status}{said}): if its page asks for it, accept the terms there, and give a token of yours as HF_TOKEN"
    )]
    Access { status: u16, said: String },
    /// Look at the name and the revision.
    #[error("there is no {what} (status {status}{said})")]
    Name { what: String, status: u16, said: String },
    /// Allow the network, or bring the files.
    #[error("it is not complete in {}, and the hub may not be asked (HF_HUB_OFFLINE)", cache.display())]
    Offline { cache: PathBuf },
    /// Try again later: what is here already is kept.
    #[error("{0}; what was fetched is kept, and the next try goes on from there")]
    Again(String),
    /// Choose another model: this one has no weights that the engine reads.
    #[error("it has no {0}; other formats, such as .bin or .gguf, must be converted first")]
    Format(&'static str),
    /// Make room or mend the cache folder.
    #[error("{}: {error}", path.display())]
    Cache { path: PathBuf, error: std::io::Error },
    /// The operator stopped it.
    #[error("the download was stopped; the next one goes on from there")]
    Stopped,
}

impl Hub {
    /// Brings a checkpoint here. Where the hub cannot be reached, what is here already is taken, with a warning.
    pub(crate) fn fetch(&self, name: &HubName, watch: &mut dyn Watch) -> Result<Snapshot, HubError> {
        let repo = Repo::new(&self.cache, name);
        if self.is_offline {
            return repo.find().ok_or_else(|| HubError::Offline { cache: repo.folder().to_owned() });
        }
        match self.download(name, &repo, watch) {
            Err(error @ HubError::Again(_)) => match repo.find() {
                Some(snapshot) => {
                    tracing::warn!(%error, "the hub cannot be asked; the files that are here already are used");
                    Ok(snapshot)
                }
                None => Err(error),
            },
            outcome => outcome,
        }
    }

    /// A hub that has nothing.
    #[cfg(test)]
    pub(crate) fn nowhere() -> Self {
        Self {
            agent: agent(),
            cache: PathBuf::from("/nonexistent"),
            endpoint: "http://127.0.0.1:9".to_owned(),
            token: None,
            is_offline: true,
        }
    }
}
