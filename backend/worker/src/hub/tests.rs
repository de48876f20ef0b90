//! The client against a stub hub on this machine: what is fetched, what is kept, what is said when it does not work.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use data_encoding::HEXLOWER;
use serde_json::json;

use super::*;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// What the stub hub does.
#[derive(Default)]
struct Rules {
    files: BTreeMap<String, Vec<u8>>,
    /// Whoever does not say this is refused.
    token: Option<String>,
    /// Bytes after which a connection breaks, while there are breaks left.
    breaks: (usize, u32),
    /// Sends weights from this other address.
    elsewhere: Option<String>,
    /// Sends other bytes than it says.
    lies: bool,
    /// `METHOD path range authorization`, as they came.
    seen: Vec<String>,
}

type Shared = Arc<Mutex<Rules>>;

fn start(rules: &Shared) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let rules = Arc::clone(rules);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            serve(stream.unwrap(), &mut rules.lock().unwrap());
        }
    });
    address
}

fn serve(stream: TcpStream, rules: &mut Rules) {
    let mut reader = BufReader::new(stream);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
            break;
        }
        lines.push(line.trim().to_owned());
    }
    let Some(first) = lines.first() else { return };
    let header = |name: &str| {
        let found = lines.iter().filter_map(|line| line.split_once(": "));
        found.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.to_owned()).next()
    };
    let mut words = first.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap(), words.next().unwrap());
    let (range, token) = (header("range"), header("authorization"));
    rules.seen.push(format!("{method} {path} {range:?} {token:?}"));
    let out = reader.get_mut();
    let mut answer = |head: &str, body: &[u8]| {
        let _ = out.write_all(format!("HTTP/1.1 {head}\r\nconnection: close\r\n\r\n").as_bytes());
        let _ = out.write_all(body);
    };
    if rules.token.is_some() && token != rules.token.as_ref().map(|token| format!("Bearer {token}")) {
        let status = if token.is_some() { "403 no" } else { "401 no" };
        return answer(
            &format!("{status}\r\nx-error-message: Access is restricted.\r\ncontent-length: 0"),
            b"",
        );
    }
    if path == "/api/models/org/tiny/revision/main" {
        let siblings: Vec<_> = rules.files.keys().map(|file| json!({ "rfilename": file })).collect();
        let body = json!({ "sha": COMMIT, "siblings": siblings }).to_string();
        return answer(&format!("200 ok\r\ncontent-length: {}", body.len()), body.as_bytes());
    }
    let file = path.rsplit('/').next().unwrap();
    let Some(content) = rules.files.get(file).filter(|_| path.contains(COMMIT)) else {
        return answer("404 no\r\nx-error-message: Repository not found\r\ncontent-length: 0", b"");
    };
    let mut content = content.clone();
    let etag = if file.ends_with(".safetensors") {
        HEXLOWER.encode(&Sha256::digest(&content))
    } else {
        format!("etag-of-{file}")
    };
    let named = format!("etag: \"{etag}\"\r\nx-repo-commit: {COMMIT}");
    if rules.lies {
        content.reverse();
    }
    if let (Some(elsewhere), true) = (&rules.elsewhere, file.ends_with(".safetensors")) {
        let named = format!("x-linked-etag: \"{etag}\"\r\nx-linked-size: {}", content.len());
        return answer(
            &format!("302 there\r\n{named}\r\nlocation: {elsewhere}{path}\r\ncontent-length: 0"),
            b"",
        );
    }
    if method == "HEAD" {
        return answer(&format!("200 ok\r\n{named}\r\ncontent-length: {}", content.len()), b"");
    }
    let from: usize = range.map_or(0, |range| range["bytes=".len()..range.len() - 1].parse().unwrap());
    let rest = &content[from..];
    let head = if from > 0 {
        format!("206 part\r\ncontent-range: bytes {from}-{}/{}", content.len() - 1, content.len())
    } else {
        "200 ok".to_owned()
    };
    let sent = if rules.breaks.1 > 0 && rest.len() > rules.breaks.0 {
        rules.breaks.1 -= 1;
        &rest[..rules.breaks.0]
    } else {
        rest
    };
    answer(&format!("{head}\r\n{named}\r\ncontent-length: {}", rest.len()), sent);
}

use sha2::{Digest, Sha256};

/// A stub hub with the tiny model, and a client with an empty cache.
fn hub(root: &Path, change: impl FnOnce(&mut Rules)) -> (Shared, Hub) {
    let model = root.join("model");
    engine::tiny::write(&model, 5).unwrap();
    let mut rules = Rules::default();
    for file in std::fs::read_dir(model).unwrap() {
        let file = file.unwrap();
        rules.files.insert(file.file_name().into_string().unwrap(), std::fs::read(file.path()).unwrap());
    }
    rules.files.insert("README.md".to_owned(), b"words".to_vec());
    rules.files.insert("pytorch_model.bin".to_owned(), b"not read".to_vec());
    change(&mut rules);
    let rules = Arc::new(Mutex::new(rules));
    let hub = Hub { endpoint: start(&rules), cache: root.join("cache"), is_offline: false, ..Hub::nowhere() };
    (rules, hub)
}

fn name() -> HubName {
    HubName::parse("org/tiny").unwrap()
}

fn seen(rules: &Shared) -> Vec<String> {
    rules.lock().unwrap().seen.clone()
}

#[test]
fn a_model_by_name_is_fetched_once_and_answers_with_its_commit_in_the_record() {
    let root = tempfile::tempdir().unwrap();
    let (rules, hub) = hub(root.path(), |_| {});
    let snapshot = hub.fetch(&name(), &mut ()).unwrap();
    assert_eq!(snapshot.commit, COMMIT);
    let reference = root.path().join("cache/models--org--tiny/refs/main");
    assert_eq!(std::fs::read_to_string(reference).unwrap(), COMMIT);
    assert!(!seen(&rules).iter().any(|call| call.contains("README") || call.contains(".bin")));

    let place: crate::source::ModelPlace = "org/tiny:f16".parse().unwrap();
    let found = crate::source::find(&place, &hub, &mut ()).unwrap();
    let engine = found.open(&crate::source::Opening::default(), true).unwrap();
    let model = engine.model();
    assert_eq!((model.name.as_str(), model.revision.as_str()), ("org/tiny", COMMIT));
    assert_eq!(model.id.as_str(), format!("org/tiny@{COMMIT}:f16"));
    assert_eq!(model.weights_sha256.len(), 64);
    let gets = seen(&rules).iter().filter(|call| call.contains("model.safetensors")).count();
    assert_eq!(gets, 2, "asked what it is and fetched, once");
}

#[test]
fn a_download_that_breaks_goes_on_where_it_ended() {
    let root = tempfile::tempdir().unwrap();
    let (rules, hub) = hub(root.path(), |rules| rules.breaks = (100_000, 2));
    let snapshot = hub.fetch(&name(), &mut ()).unwrap();
    let fetched = std::fs::read(snapshot.folder.join("model.safetensors")).unwrap();
    assert_eq!(fetched, rules.lock().unwrap().files["model.safetensors"]);
    let ranges: Vec<String> = seen(&rules).into_iter().filter(|call| call.contains("bytes=")).collect();
    assert!(ranges[0].contains("bytes=100000-") && ranges[1].contains("bytes=200000-"), "{ranges:?}");
}

#[test]
fn a_download_that_was_stopped_goes_on_in_the_next_start_and_shows_nothing_before() {
    struct StopAt(u64);
    impl Watch for StopAt {
        fn at(&mut self, file: &str, done_bytes: u64, _: u64) -> bool {
            file != "model.safetensors" || done_bytes < self.0
        }
    }
    let root = tempfile::tempdir().unwrap();
    let (rules, hub) = hub(root.path(), |rules| rules.breaks = (50_000, 1));
    let stopped = hub.fetch(&name(), &mut StopAt(50_000)).unwrap_err();
    assert!(matches!(stopped, HubError::Stopped), "{stopped}");
    let offline = Hub { is_offline: true, ..hub.clone() };
    assert!(matches!(offline.fetch(&name(), &mut ()), Err(HubError::Offline { .. })));
    hub.fetch(&name(), &mut ()).unwrap();
    assert!(seen(&rules).iter().any(|call| call.contains("bytes=50000-")));
}

#[test]
fn offline_is_what_is_here_and_nothing_else_and_asks_nobody() {
    let root = tempfile::tempdir().unwrap();
    let (rules, hub) = hub(root.path(), |_| {});
    let offline = Hub { is_offline: true, ..hub.clone() };
    let error = offline.fetch(&name(), &mut ()).unwrap_err();
    assert!(error.to_string().contains("HF_HUB_OFFLINE"), "{error}");
    assert!(seen(&rules).is_empty());
    let online = hub.fetch(&name(), &mut ()).unwrap();
    let calls = seen(&rules).len();
    assert_eq!(offline.fetch(&name(), &mut ()).unwrap(), online);
    let commit = HubName { revision: COMMIT.to_owned(), ..name() };
    assert_eq!(offline.fetch(&commit, &mut ()).unwrap(), online, "a commit needs no reference");
    assert_eq!(seen(&rules).len(), calls);
}

#[test]
fn a_hub_that_is_away_leaves_what_is_here() {
    let root = tempfile::tempdir().unwrap();
    let (_, hub) = hub(root.path(), |_| {});
    let online = hub.fetch(&name(), &mut ()).unwrap();
    let away = Hub { endpoint: "http://127.0.0.1:9".to_owned(), ..hub };
    assert_eq!(away.fetch(&name(), &mut ()).unwrap(), online);
    let empty = Hub { cache: root.path().join("other"), ..away };
    assert!(matches!(empty.fetch(&name(), &mut ()), Err(HubError::Again(_))));
}

#[test]
fn a_closed_model_asks_for_a_token_and_takes_it() {
    let root = tempfile::tempdir().unwrap();
    let (_, hub) = hub(root.path(), |rules| rules.token = Some("mine".to_owned()));
    let error = hub.fetch(&name(), &mut ()).unwrap_err();
    assert!(matches!(error, HubError::Access { status: 401, .. }), "{error}");
    assert!(error.to_string().contains("HF_TOKEN") && error.to_string().contains("restricted"), "{error}");
    let wrong = Hub { token: Some(Token::new("other")), ..hub.clone() };
    assert!(matches!(wrong.fetch(&name(), &mut ()), Err(HubError::Access { status: 403, .. })));
    let right = Hub { token: Some(Token::new("mine")), ..hub };
    right.fetch(&name(), &mut ()).unwrap();
}

#[test]
fn a_name_that_the_hub_does_not_know_is_said_with_where_it_was_asked() {
    let root = tempfile::tempdir().unwrap();
    let (_, hub) = hub(root.path(), |_| {});
    let error = hub.fetch(&HubName::parse("org/other").unwrap(), &mut ()).unwrap_err();
    let text = error.to_string();
    assert!(
        text.contains("model org/other") && text.contains("404") && text.contains(&hub.endpoint),
        "{text}"
    );
}

#[test]
fn the_token_does_not_follow_a_redirect_to_another_host() {
    let root = tempfile::tempdir().unwrap();
    let (files, there) = hub(root.path(), |_| {});
    let (rules, hub) = hub(root.path(), |rules| {
        rules.token = Some("mine".to_owned());
        rules.elsewhere = Some(there.endpoint.clone());
    });
    Hub { token: Some(Token::new("mine")), ..hub }.fetch(&name(), &mut ()).unwrap();
    assert!(seen(&rules).iter().all(|call| call.contains("Bearer mine")));
    let there = seen(&files);
    assert!(!there.is_empty() && !there.iter().any(|call| call.contains("mine")), "{there:?}");
}

#[test]
fn bytes_that_are_not_what_the_hub_calls_them_are_thrown_away() {
    let root = tempfile::tempdir().unwrap();
    let (rules, hub) = hub(root.path(), |rules| rules.lies = true);
    let error = hub.fetch(&name(), &mut ()).unwrap_err();
    assert!(error.to_string().contains("model.safetensors arrived damaged"), "{error}");
    rules.lock().unwrap().lies = false;
    // The configuration was believed, because the hub says no hash of small files.
    std::fs::remove_dir_all(root.path().join("cache")).unwrap();
    hub.fetch(&name(), &mut ()).unwrap();
}

#[test]
fn a_model_without_safetensors_is_refused_before_anything_large_is_fetched() {
    let root = tempfile::tempdir().unwrap();
    let (_, hub) = hub(root.path(), |rules| {
        rules.files.remove("model.safetensors");
    });
    let error = hub.fetch(&name(), &mut ()).unwrap_err();
    assert!(matches!(error, HubError::Format("model.safetensors")), "{error}");
}

#[test]
fn a_checkpoint_in_several_files_is_fetched_by_its_index() {
    let root = tempfile::tempdir().unwrap();
    let (_, hub) = hub(root.path(), |rules| {
        let whole = rules.files.remove("model.safetensors").unwrap();
        rules.files.insert("model-00001-of-00001.safetensors".to_owned(), whole);
        rules.files.insert("consolidated.safetensors".to_owned(), b"not read".to_vec());
        let index = json!({ "weight_map": { "model.norm.weight": "model-00001-of-00001.safetensors" } });
        rules.files.insert("model.safetensors.index.json".to_owned(), index.to_string().into_bytes());
    });
    let snapshot = hub.fetch(&name(), &mut ()).unwrap();
    assert!(snapshot.folder.join("model-00001-of-00001.safetensors").exists());
    assert!(!snapshot.folder.join("consolidated.safetensors").exists());
}
