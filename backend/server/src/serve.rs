//! Starting and stopping a server.
//!
//! Must not: start to listen before the schema is up to date.

use std::io::Write;
use std::net::{SocketAddr, TcpListener};

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App as ActixApp, HttpServer, web};
use store::Store;
use store::wake::Wake;

use crate::app::{self, App};
use crate::client::Buckets;
use crate::config::{Database, GridSettings, Rules, Serve};
use crate::error::StartError;
use crate::table::Table;
use crate::{carbon, chance, clock, reaper, wall};

/// How long requests under way may take when the server stops; streams of events never end by themselves.
const STOP_AFTER_SECONDS: u64 = 2;

/// What a server needs besides its database.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where to listen.
    pub address: SocketAddr,
    /// Folder of the bundled pages.
    pub dist: Option<std::path::PathBuf>,
    /// Sites whose pages may call the API from a browser; `*` is any.
    pub cors_origins: Vec<String>,
    /// Where permalinks start, if the operator says so.
    pub public_url: Option<String>,
    /// Threads that answer requests.
    pub threads: usize,
    /// What is decided about runs.
    pub rules: Rules,
    /// Where live intensities come from.
    pub grid: GridSettings,
    /// Whether SIGINT and SIGTERM stop it.
    pub heeds_signals: bool,
}

/// A server that listens. It answers while [`Running::server`] is awaited.
pub struct Running {
    /// Await it to serve; its handle stops it.
    pub server: Server,
    /// Where it listens.
    pub address: SocketAddr,
    /// What runs beside it; to be aborted when it has stopped.
    pub beside: Vec<tokio::task::JoinHandle<()>>,
}

/// Brings the schema up to date, loads the static intensities, and listens.
///
/// # Errors
/// [`StartError`] if the database cannot be used or the address is taken.
pub async fn start(store: Store, settings: Settings) -> Result<Running, StartError> {
    settings.grid.check()?;
    store.migrate().await?;
    store::counts::recount_queue(&store).await?;
    carbon::load(&store, clock::now()).await?;
    let wake = Wake::start(&store).await?;
    let salt = store::clients::salt(&store).await?;
    if let Some(dist) = &settings.dist
        && !dist.join("index.html").is_file()
    {
        return Err(StartError::Argument(format!(
            "{} holds no index.html; make the pages with `cargo xtask bundle` or leave --dist out",
            dist.display()
        )));
    }
    let taken = |address| StartError::system(format!("could not listen on {address}"));
    let listener = TcpListener::bind(settings.address).map_err(taken(settings.address))?;
    let address = listener.local_addr().map_err(taken(settings.address))?;
    let beside = vec![
        tokio::spawn(reaper::run(store.clone(), settings.rules.reap_seconds)),
        tokio::spawn(carbon::run(store.clone(), settings.grid)),
        tokio::spawn(complete(store.clone())),
        tokio::spawn(wall::run(
            store.clone(),
            chance::secret("server").map_err(StartError::system("could not read random bytes"))?,
        )),
    ];
    let data = web::Data::new(App {
        store,
        wake,
        rules: settings.rules,
        document: Table::of_all().document(),
        dist: settings.dist,
        public_url: settings.public_url,
        salt,
        buckets: Buckets::default(),
    });
    let origins = settings.cors_origins;
    let patience = data.rules.patience;
    let mut server = HttpServer::new(move || {
        ActixApp::new()
            .wrap(from_fn(app::hurry))
            .wrap(from_fn(app::negotiate))
            .wrap(from_fn(app::limit))
            .wrap(app::cors(&origins))
            .wrap(app::headers(data.public_url.as_deref()))
            .wrap(from_fn(app::heed_head))
            .wrap(from_fn(app::follow))
            .app_data(data.clone())
            .configure(app::configure(data.clone()))
    })
    .workers(settings.threads)
    .client_request_timeout(patience.head_seconds)
    // A worker that hung up must not be handed a run: without this its wait would go on and claim one.
    .h1_allow_half_closed(false)
    .shutdown_timeout(STOP_AFTER_SECONDS);
    if !settings.heeds_signals {
        server = server.disable_signals();
    }
    let server = server.listen(listener).map_err(taken(address))?.run();
    Ok(Running { server, address, beside })
}

/// Records that are older than lists of them get their lines; lists are shorter until then.
async fn complete(store: Store) {
    match store::summaries::complete(&store).await {
        Ok(0) => {}
        Ok(records) => tracing::info!(records, "older records were put into lists"),
        Err(error) => tracing::warn!(%error, "older records could not be put into lists"),
    }
}

/// Serves until SIGINT or SIGTERM.
///
/// # Errors
/// [`StartError`] if it cannot start.
pub async fn run(config: Serve) -> Result<(), StartError> {
    let url = &config.database.database_url.0;
    // To bring the schema up to date may take longer than any query of a request.
    let unhurried = Store::connect(url, 2).await?;
    unhurried.migrate().await?;
    unhurried.close().await;
    let store = Store::connect_within(url, config.connections, config.rules.patience.query_seconds).await?;
    let settings = Settings {
        address: SocketAddr::new(config.bind, config.port),
        dist: config.dist,
        public_url: config.public_url,
        cors_origins: config.cors_origins,
        threads: usize::from(config.threads),
        rules: config.rules,
        grid: config.grid,
        heeds_signals: true,
    };
    let running = start(store.clone(), settings).await?;
    let said = |source| StartError::System { what: "could not say that it is ready".to_owned(), source };
    writeln!(std::io::stdout(), "jouleboard-server is ready at http://{}", running.address).map_err(said)?;
    let ended = running.server.await;
    running.beside.iter().for_each(tokio::task::JoinHandle::abort);
    store.close().await;
    tracing::info!("the server has stopped");
    ended.map_err(StartError::system("the server ended by an error"))
}

/// Makes all sums of the ranking anew from the records.
///
/// # Errors
/// [`StartError`] if the database cannot be used.
pub async fn rebuild_leaderboard(database: Database) -> Result<(), StartError> {
    let store = Store::connect(&database.database_url.0, 2).await?;
    store.migrate().await?;
    let records = store::leaderboard::rebuild(&store).await?;
    store::summaries::rebuild(&store).await?;
    writeln!(std::io::stdout(), "made the ranking anew from {records} records")
        .map_err(StartError::system("could not say so"))
}
