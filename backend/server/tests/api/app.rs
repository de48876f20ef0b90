//! A server on a fresh database, with verbs.

use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc;
use std::time::Duration;

use clap::Parser;
use common::api::{BASE, Endpoint, Problem};
use serde::de::DeserializeOwned;
use serde_json::Value;
use server::config::{Cli, Command};
use server::serve::{Settings, start};
use store::Store;
use store::machines::{NewMachine, Token};
use store::scratch::{Hold, Scratch};
use time::OffsetDateTime;

/// A server that listens, its database, and a client.
pub(crate) struct TestApp {
    pub(crate) base: String,
    pub(crate) agent: ureq::Agent,
    scratch: Option<Scratch>,
    handles: Vec<actix_web::dev::ServerHandle>,
    beside: Vec<tokio::task::JoinHandle<()>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn problem(&self) -> Problem {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(each, _)| each == name).map(|(_, value)| value.as_str())
    }
}

impl TestApp {
    /// A server with short times; `more` are arguments as the operator would give them.
    pub(crate) async fn start(more: &[&str]) -> Self {
        let url = std::env::var("DATABASE_URL").expect("DATABASE_URL; run `cargo xtask test`");
        let scratch = Scratch::create(&url).await.unwrap();
        let mut app = Self {
            base: String::new(),
            agent: ureq::Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .timeout_global(Some(Duration::from_secs(20)))
                .build()
                .into(),
            scratch: Some(scratch),
            handles: Vec::new(),
            beside: Vec::new(),
        };
        app.base = app.add_server(more).await;
        app
    }

    /// Another server on the same database; returns its address.
    pub(crate) async fn add_server(&mut self, more: &[&str]) -> String {
        let mut arguments =
            vec!["jouleboard-server", "serve", "--database-url", "unused", "--reap-seconds", "0.05"];
        arguments.extend(more);
        let Command::Serve(config) = Cli::parse_from(arguments).command else { unreachable!() };
        let patience = config.rules.patience.query_seconds;
        let store = self.scratch.as_ref().unwrap().second(patience).await.unwrap();
        let settings = Settings {
            address: "127.0.0.1:0".parse().unwrap(),
            dist: config.dist,
            public_url: config.public_url,
            cors_origins: config.cors_origins,
            threads: 1,
            rules: config.rules,
            grid: config.grid,
            heeds_signals: false,
        };
        let running = start(store, settings).await.unwrap();
        self.handles.push(running.server.handle());
        self.beside.extend(running.beside);
        actix_web::rt::spawn(running.server);
        format!("http://{}", running.address)
    }

    pub(crate) fn store(&self) -> &Store {
        &self.scratch.as_ref().unwrap().store
    }

    /// Holds a table so that no server may read it, until what comes back is dropped.
    pub(crate) async fn hold(&self, table: &str) -> Hold {
        self.scratch.as_ref().unwrap().hold(table).await.unwrap()
    }

    /// The address of its database.
    pub(crate) fn database_url(&self) -> String {
        self.scratch.as_ref().unwrap().url()
    }

    /// Enrols a machine; returns its token.
    pub(crate) async fn enrol(&self, name: &str) -> String {
        let token = format!("token-of-{name}");
        let new = NewMachine {
            name: name.parse().unwrap(),
            zone: "DE".parse().unwrap(),
            pue: 1.2,
            embodied: serde_json::from_value(
                serde_json::json!({"total_g": 181_000.0, "lifetime_s": 126_144_000.0, "source": "test"}),
            )
            .unwrap(),
        };
        let now = OffsetDateTime::now_utc();
        store::machines::enrol(self.store(), &new, &Token::new(token.clone()), true, now).await.unwrap();
        token
    }

    /// Any call, with a body as it is.
    pub(crate) async fn send(
        &self,
        method: &str,
        url: &str,
        token: Option<&str>,
        body: Option<String>,
    ) -> Reply {
        let (agent, method, url) = (self.agent.clone(), method.to_owned(), url.to_owned());
        let token = token.map(str::to_owned);
        actix_web::rt::task::spawn_blocking(move || send(&agent, &method, &url, token.as_deref(), body))
            .await
            .unwrap()
    }

    /// Any call without a body, with headers.
    pub(crate) async fn with(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let (agent, request) = (self.agent.clone(), request.body(String::new()).unwrap());
        actix_web::rt::task::spawn_blocking(move || answer(&agent, request)).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send("GET", &format!("{}{path}", self.base), None, None).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", &format!("{}{path}", self.base), None, Some(body.to_string())).await
    }

    /// A call of the contract, as the page and the worker make it.
    pub(crate) async fn call<E: Endpoint>(
        &self,
        token: Option<&str>,
        request: &E,
    ) -> Result<E::Response, (u16, Problem)> {
        self.call_at(&self.base, token, request).await
    }

    pub(crate) async fn call_at<E: Endpoint>(
        &self,
        base: &str,
        token: Option<&str>,
        request: &E,
    ) -> Result<E::Response, (u16, Problem)> {
        let body = (E::METHOD != "GET").then(|| serde_json::to_string(request).unwrap());
        let reply = self.send(E::METHOD, &format!("{base}{BASE}{}", request.path()), token, body).await;
        match reply.status {
            204 => Ok(serde_json::from_str("null").unwrap()),
            200 => Ok(serde_json::from_str(&reply.body).unwrap()),
            status => Err((status, reply.problem())),
        }
    }

    /// Follows the events of a server; they come out of the receiver until the server stops.
    pub(crate) async fn watch<T: DeserializeOwned + Send + 'static>(
        &self,
        base: &str,
        query: &str,
    ) -> mpsc::Receiver<T> {
        let (sender, receiver) = mpsc::channel();
        let (started, is_started) = tokio::sync::oneshot::channel();
        let url = format!("{base}{BASE}/events{query}");
        let agent: ureq::Agent = ureq::Agent::config_builder().build().into();
        std::thread::spawn(move || {
            let response = agent.get(&url).call().unwrap();
            let mut lines = BufReader::new(response.into_body().into_reader()).lines();
            assert_eq!(lines.next().unwrap().unwrap(), "retry: 1000");
            started.send(()).unwrap();
            for line in lines.map_while(Result::ok) {
                if let Some(json) = line.strip_prefix("data: ")
                    && sender.send(serde_json::from_str(json).unwrap()).is_err()
                {
                    return;
                }
            }
        });
        is_started.await.unwrap();
        receiver
    }

    /// Stops the servers and drops the database; a test that failed leaves it to whoever owns the cluster.
    pub(crate) async fn stop(mut self) {
        self.beside.iter().for_each(tokio::task::JoinHandle::abort);
        for handle in &self.handles {
            handle.stop(false).await;
        }
        if let Some(scratch) = self.scratch.take() {
            scratch.drop_database().await.unwrap();
        }
    }
}

fn send(agent: &ureq::Agent, method: &str, url: &str, token: Option<&str>, body: Option<String>) -> Reply {
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    if let Some(token) = token {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    if body.is_some() {
        request = request.header("Content-Type", "application/json");
    }
    answer(agent, request.body(body.unwrap_or_default()).unwrap())
}

fn answer(agent: &ureq::Agent, request: ureq::http::Request<String>) -> Reply {
    let response = agent.configure_request(request).allow_non_standard_methods(true).build();
    let response = agent.run(response).unwrap();
    let status = response.status().as_u16();
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    let mut body = Vec::new();
    response.into_body().into_reader().read_to_end(&mut body).unwrap();
    Reply { status, headers, body: String::from_utf8_lossy(&body).into_owned() }
}

/// The next event that `wanted` accepts, within two seconds.
pub(crate) async fn hear<T: Send + 'static>(
    events: mpsc::Receiver<T>,
    wanted: impl Fn(&T) -> bool + Send + 'static,
) -> (T, mpsc::Receiver<T>) {
    actix_web::rt::task::spawn_blocking(move || {
        loop {
            let event = events.recv_timeout(Duration::from_secs(2)).expect("the event did not come");
            if wanted(&event) {
                return (event, events);
            }
        }
    })
    .await
    .unwrap()
}
