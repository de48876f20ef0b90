//! Asking the hub: what a revision holds, and the bytes of its files, from where the last try ended.
//!
//! Must not: send the token off the hub; keep bytes whose place in the file is not sure.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::time::Duration;

use data_encoding::HEXLOWER;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use ureq::http::{HeaderMap, Method, Request, Response, Uri};

use super::cache::{CONFIG, INDEX, Repo, SINGLE, shards};
use super::name::is_word;
use super::{Hub, HubError, HubName, Snapshot, Watch};

/// Most bytes of a listing.
const MAX_LISTING: u64 = 64 << 20;
/// Redirects that are followed.
const MAX_HOPS: u32 = 8;
/// Tries in a row that brought nothing.
const MAX_VAIN: u32 = 4;
const PAUSE: Duration = Duration::from_millis(300);
/// Bytes copied between two looks at whether to stop.
const PIECE: usize = 1 << 20;

/// What a revision is.
#[derive(Debug, Deserialize)]
struct Listing {
    sha: String,
    siblings: Vec<Sibling>,
}

#[derive(Debug, Deserialize)]
struct Sibling {
    rfilename: String,
}

/// What a file's content is called, and how long it is.
struct Content {
    etag: String,
    bytes: u64,
}

type Answer = Response<ureq::Body>;

impl Hub {
    /// Brings every file here that the engine reads.
    pub(super) fn download(
        &self,
        name: &HubName,
        repo: &Repo,
        watch: &mut dyn Watch,
    ) -> Result<Snapshot, HubError> {
        let listing = self.listing(name)?;
        let commit = listing.sha;
        let has = |file: &str| listing.siblings.iter().any(|sibling| sibling.rfilename == file);
        if !has(CONFIG) {
            return Err(HubError::Format(CONFIG));
        }
        let mut fetch = |file: &str| self.file(name, repo, &commit, file, watch);
        for sibling in listing.siblings.iter().filter(|sibling| is_read(&sibling.rfilename)) {
            fetch(&sibling.rfilename)?;
        }
        let folder = repo.snapshot(&commit);
        if has(INDEX) {
            let shards = shards(&folder.join(INDEX))
                .ok_or(HubError::Format("model.safetensors.index.json that names its files"))?;
            shards.iter().try_for_each(|shard| fetch(shard))?;
        } else if has(SINGLE) {
            fetch(SINGLE)?;
        } else {
            return Err(HubError::Format(SINGLE));
        }
        repo.refer(&commit)?;
        Ok(Snapshot { folder, commit })
    }

    fn listing(&self, name: &HubName) -> Result<Listing, HubError> {
        let HubName { repo, revision } = name;
        let url = format!("{}/api/models/{repo}/revision/{}", self.endpoint, revision.replace('/', "%2F"));
        let mut answer = self.ask(&Method::GET, &url, None, true)?;
        let what = format!("model {repo} of the revision {revision} on {}", self.endpoint);
        check_status(&answer, what)?;
        let text = answer
            .body_mut()
            .with_config()
            .limit(MAX_LISTING)
            .read_to_vec()
            .map_err(|error| HubError::Again(format!("the hub's answer broke off: {error}")))?;
        serde_json::from_slice::<Listing>(&text)
            .ok()
            .filter(|listing| is_word(&listing.sha))
            .ok_or_else(|| HubError::Again("the hub's answer is not understood".to_owned()))
    }

    /// Brings one file here.
    fn file(
        &self,
        name: &HubName,
        repo: &Repo,
        commit: &str,
        file: &str,
        watch: &mut dyn Watch,
    ) -> Result<(), HubError> {
        if repo.snapshot(commit).join(file).exists() {
            return Ok(());
        }
        let url = format!("{}/{}/resolve/{commit}/{file}", self.endpoint, name.repo);
        let content = self.content(&url, file)?;
        if !repo.blob(&content.etag).exists() {
            let (path, mut out) = repo.begin(&content.etag)?;
            let mut vain = 0;
            let broken = |error| HubError::Cache { path: path.clone(), error };
            loop {
                let before = out.metadata().map_err(broken)?.len();
                match self
                    .grow(&url, &content, &mut out, &broken, &mut |done| watch.at(file, done, content.bytes))
                {
                    Ok(()) => break,
                    Err(HubError::Again(why)) => {
                        vain = if out.metadata().map_err(broken)?.len() > before { 0 } else { vain + 1 };
                        if vain == MAX_VAIN {
                            return Err(HubError::Again(why));
                        }
                        tracing::debug!(file, why, "a download broke off and goes on");
                        std::thread::sleep(PAUSE * vain);
                    }
                    Err(error) => return Err(error),
                }
            }
            if !is_what_it_is_called(&mut out, &content.etag).map_err(broken)? {
                out.set_len(0).map_err(broken)?;
                return Err(HubError::Again(format!("{file} arrived damaged and was thrown away")));
            }
            repo.complete(&path, &content.etag)?;
        }
        repo.show(commit, file, &content.etag)
    }

    /// What the hub calls a file's content; asked of the hub itself, not of where it redirects.
    fn content(&self, url: &str, file: &str) -> Result<Content, HubError> {
        let answer = self.ask(&Method::HEAD, url, None, false)?;
        if !answer.status().is_redirection() {
            check_status(&answer, format!("file {file} at {url}"))?;
        }
        let headers = answer.headers();
        let etag = text(headers, "x-linked-etag").or_else(|| text(headers, "etag"));
        let etag = etag.map(|etag| etag.trim_start_matches("W/").trim_matches('"').to_owned());
        let bytes = text(headers, "x-linked-size").or_else(|| text(headers, "content-length"));
        match (etag.filter(|etag| is_word(etag)), bytes.and_then(|bytes| bytes.parse().ok())) {
            (Some(etag), Some(bytes)) => Ok(Content { etag, bytes }),
            _ => Err(HubError::Again(format!("the hub does not say what {file} is"))),
        }
    }

    /// Adds what is missing to a file that is only ever added to.
    fn grow(
        &self,
        url: &str,
        content: &Content,
        out: &mut File,
        broken: &dyn Fn(std::io::Error) -> HubError,
        told: &mut dyn FnMut(u64) -> bool,
    ) -> Result<(), HubError> {
        let again = |why: String| Err(HubError::Again(why));
        let mut done = out.metadata().map_err(broken)?.len();
        if done > content.bytes {
            out.set_len(0).map_err(broken)?;
            done = 0;
        }
        if done == content.bytes {
            return Ok(());
        }
        let answer = self.ask(&Method::GET, url, (done > 0).then_some(done), true)?;
        let is_continued = answer.status().as_u16() == 206
            && text(answer.headers(), "content-range").is_some_and(|range| {
                range.strip_prefix("bytes ").is_some_and(|range| range.starts_with(&format!("{done}-")))
            });
        if done > 0 && !is_continued {
            // The part is not worth more than the certainty of the whole.
            out.set_len(0).map_err(broken)?;
            done = 0;
            if answer.status().as_u16() != 200 {
                check_status(&answer, format!("file at {url}"))?;
                return again("the hub does not continue files; starting anew".to_owned());
            }
        }
        check_status(&answer, format!("file at {url}"))?;
        let mut body = answer.into_body().into_reader().take(content.bytes - done);
        let mut piece = vec![0; PIECE];
        loop {
            if !told(done) {
                return Err(HubError::Stopped);
            }
            match body.read(&mut piece) {
                Ok(0) => break,
                Ok(length) => {
                    out.write_all(&piece[..length]).map_err(broken)?;
                    done += u64::try_from(length).unwrap_or(0);
                }
                Err(error) => {
                    return again(format!(
                        "the connection broke at byte {done} of {}: {error}",
                        content.bytes
                    ));
                }
            }
        }
        if done < content.bytes {
            return again(format!("the connection ended at byte {done} of {}", content.bytes));
        }
        Ok(())
    }

    /// One question; redirects to other hosts are followed only `away`, and never with the token.
    fn ask(&self, method: &Method, url: &str, from: Option<u64>, away: bool) -> Result<Answer, HubError> {
        let mut url = url.to_owned();
        for _ in 0..MAX_HOPS {
            let is_hub = is_same_host(&url, &self.endpoint);
            let mut request = Request::builder().method(method).uri(&url);
            if let (true, Some(token)) = (is_hub, &self.token) {
                request = request.header("authorization", token.bearer());
            }
            if let Some(from) = from {
                request = request.header("range", format!("bytes={from}-"));
            }
            let request = request
                .body(())
                .map_err(|error| HubError::Again(format!("{url} cannot be asked: {error}")))?;
            let answer = self
                .agent
                .run(request)
                .map_err(|error| HubError::Again(format!("{} does not answer: {error}", self.endpoint)))?;
            let next = text(answer.headers(), "location").filter(|_| answer.status().is_redirection());
            match next.and_then(|next| joined(&url, &next)) {
                Some(next) if away || is_same_host(&next, &self.endpoint) => url = next,
                _ => return Ok(answer),
            }
        }
        Err(HubError::Again("the hub redirects in circles".to_owned()))
    }
}

/// Whether the engine reads a file of this name, weights aside.
fn is_read(file: &str) -> bool {
    [CONFIG, INDEX, "generation_config.json", "chat_template.jinja"].contains(&file)
        || is_word(file) && file.starts_with("tokenizer") && file.ends_with(".json")
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name)?.to_str().ok().map(str::to_owned)
}

fn check_status(answer: &Answer, what: String) -> Result<(), HubError> {
    let status = answer.status().as_u16();
    let said = text(answer.headers(), "x-error-message").map_or_else(String::new, |said| {
        let said: String = said.chars().filter(|letter| !letter.is_control()).take(300).collect();
        format!(": {said}")
    });
    match status {
        200..=299 => Ok(()),
        401 | 403 => Err(HubError::Access { status, said }),
        408 | 429 | 500.. => Err(HubError::Again(format!("the hub answers with status {status}{said}"))),
        _ => Err(HubError::Name { what, status, said }),
    }
}

fn is_same_host(url: &str, other: &str) -> bool {
    let place = |url: &str| {
        let uri: Uri = url.parse().ok()?;
        Some((uri.scheme_str()?.to_owned(), uri.authority()?.as_str().to_owned()))
    };
    place(url).is_some_and(|found| place(other) == Some(found))
}

/// Where a redirect from `url` leads.
fn joined(url: &str, location: &str) -> Option<String> {
    if location.starts_with("http://") || location.starts_with("https://") {
        return Some(location.to_owned());
    }
    let uri: Uri = url.parse().ok()?;
    location.starts_with('/').then(|| {
        format!(
            "{}://{}{location}",
            uri.scheme_str().unwrap_or("https"),
            uri.authority().map_or("", |a| a.as_str())
        )
    })
}

/// Large files are called by their SHA-256; of others only the length is known to us.
fn is_what_it_is_called(file: &mut File, etag: &str) -> std::io::Result<bool> {
    if etag.len() != 64 || !etag.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(true);
    }
    file.seek(SeekFrom::Start(0))?;
    let mut hash = Sha256::new();
    let mut piece = vec![0; PIECE];
    loop {
        match file.read(&mut piece)? {
            0 => break,
            length => hash.update(&piece[..length]),
        }
    }
    Ok(HEXLOWER.encode(&hash.finalize()) == etag.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_read_from_the_page_it_is_on() {
        assert_eq!(joined("https://hub/a/b?x", "/c").as_deref(), Some("https://hub/c"));
        assert_eq!(joined("https://hub/a", "http://other/c").as_deref(), Some("http://other/c"));
        assert_eq!(joined("https://hub/a", "file:///etc/passwd"), None);
    }

    #[test]
    fn another_port_or_scheme_is_another_host() {
        assert!(is_same_host("https://hub/a", "https://hub"));
        assert!(!is_same_host("http://hub/a", "https://hub"));
        assert!(!is_same_host("https://hub:444/a", "https://hub"));
        assert!(!is_same_host("https://hub.evil.org/a", "https://hub"));
    }

    #[test]
    fn only_what_the_engine_reads_is_fetched() {
        assert!(
            ["config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"]
                .iter()
                .all(|f| is_read(f))
        );
        let others = [
            "pytorch_model.bin",
            "consolidated.safetensors",
            "README.md",
            "onnx/tokenizer.json",
            "tokenizer.model",
        ];
        assert!(!others.iter().any(|f| is_read(f)));
    }
}
