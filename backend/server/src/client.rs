//! Who calls, told apart by a salted hash of the address, and how much each may.
//!
//! Must not: keep or log an address, or limit Machines (their token says who they are).

use std::collections::HashMap;
use std::fmt;
use std::future::{Ready, ready};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::{FromRequest, HttpRequest, HttpResponse, ResponseError, web};
use clap::Args;
use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::app::App;
use crate::clock;
use crate::error::ApiError;

/// Clients remembered at once; those with a full bucket are forgotten first.
const REMEMBERED: usize = 20_000;

/// How much one client may; 0 is without limit.
#[derive(Debug, Clone, Copy, Args)]
pub struct Limits {
    /// Requests of one client a minute, on each server.
    #[arg(long, env = "JOULEBOARD_REQUESTS_PER_MINUTE", default_value_t = 1200)]
    pub requests_per_minute: u32,
    /// Runs of one client that wait or run at once.
    #[arg(long, env = "JOULEBOARD_RUNS_PER_CLIENT", default_value_t = 32)]
    pub runs_per_client: u32,
    /// Tokens that the waiting and running runs of one client may write together.
    #[arg(long, env = "JOULEBOARD_TOKENS_PER_CLIENT", default_value_t = 32_768)]
    pub tokens_per_client: u32,
    /// Take a client's address from the last entry of X-Forwarded-For: only behind a proxy that sets it.
    #[arg(long, env = "JOULEBOARD_BEHIND_PROXY")]
    pub behind_proxy: bool,
}

/// Who calls.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Client(String);

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client(…)")
    }
}

impl Client {
    /// What the queue tells submitters apart by.
    pub(crate) fn hash(&self) -> &str {
        &self.0
    }

    fn of(request: &HttpRequest, app: &App) -> Self {
        let peer = request.peer_addr().map(|address| address.ip());
        let forwarded = || {
            let header = request.headers().get_all("x-forwarded-for").last()?.to_str().ok()?;
            header.rsplit(',').next()?.trim().parse::<IpAddr>().ok()
        };
        let address = if app.rules.limits.behind_proxy { forwarded().or(peer) } else { peer };
        Self(hash(app.salt, address))
    }
}

/// 64 bits of the hash of salt and address; of IPv6 the network counts, because one client has all of it.
fn hash(salt: Uuid, address: Option<IpAddr>) -> String {
    let mut hash = Sha256::new();
    hash.update(salt.as_bytes());
    match address {
        Some(IpAddr::V4(address)) => hash.update(address.octets()),
        Some(IpAddr::V6(address)) => hash.update(&address.octets()[..8]),
        None => {}
    }
    HEXLOWER.encode(&hash.finalize()[..8])
}

impl FromRequest for Client {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let app = request.app_data::<web::Data<App>>();
        ready(app.map(|app| Self::of(request, app)).ok_or_else(ApiError::unauthorized))
    }
}

/// How many requests each client has left: a bucket each that fills up again with time.
#[derive(Debug, Default)]
pub(crate) struct Buckets(Mutex<HashMap<Client, Bucket>>);

#[derive(Debug, Clone, Copy)]
struct Bucket {
    left: f64,
    at: Instant,
}

impl Buckets {
    /// Takes one request out of a client's bucket; `Err` says how long to wait for the next.
    fn take(&self, client: Client, per_minute: u32, now: Instant) -> Result<(), Duration> {
        if per_minute == 0 {
            return Ok(());
        }
        let (size, rate) = (f64::from(per_minute), f64::from(per_minute) / 60.0);
        let filled = |bucket: &Bucket| (bucket.left + (now - bucket.at).as_secs_f64() * rate).min(size);
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= REMEMBERED {
            buckets.retain(|_, bucket| filled(bucket) < size);
        }
        let bucket = buckets.entry(client).or_insert(Bucket { left: size, at: now });
        let left = filled(bucket);
        let is_left = left >= 1.0;
        *bucket = Bucket { left: if is_left { left - 1.0 } else { left }, at: now };
        if is_left { Ok(()) } else { Err(Duration::from_secs_f64((1.0 - left) / rate)) }
    }
}

/// Answers 429 to a client that asks too often. What Machines call is not limited.
pub(crate) async fn limit<B: MessageBody + 'static>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, actix_web::Error> {
    let path = request.path();
    let is_limited = (path.starts_with("/api/v1/") || path.starts_with("/v1/"))
        && !(path.starts_with("/api/v1/leases") || path.starts_with("/api/v1/worker"));
    let app = request.app_data::<web::Data<App>>().cloned();
    if let (true, Some(app)) = (is_limited, app) {
        let client = Client::of(request.request(), &app);
        let per_minute = app.rules.limits.requests_per_minute;
        if let Err(wait) = app.buckets.take(client, per_minute, clock::instant()) {
            let response = refuse(request.path(), wait);
            return Ok(request.into_response(response).map_into_right_body());
        }
    }
    Ok(next.call(request).await?.map_into_left_body())
}

fn refuse(path: &str, wait: Duration) -> HttpResponse {
    let seconds = wait.as_secs() + 1;
    let error = ApiError::refuse(
        StatusCode::TOO_MANY_REQUESTS,
        "too_many_requests",
        format!("You ask too often; wait {seconds} s."),
    );
    let mut response =
        if path.starts_with("/v1/") { crate::openai::refused(error) } else { error.error_response() };
    response.headers_mut().insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_empties_and_fills_up_again_and_is_of_one_client() {
        let (buckets, start) = (Buckets::default(), clock::instant());
        let (one, other) = (Client("one".to_owned()), Client("other".to_owned()));
        for _ in 0..60 {
            assert_eq!(buckets.take(one.clone(), 60, start), Ok(()));
        }
        let wait = buckets.take(one.clone(), 60, start).unwrap_err();
        assert!(wait <= Duration::from_secs(1), "{wait:?}");
        assert_eq!(buckets.take(other, 60, start), Ok(()));
        assert_eq!(buckets.take(one.clone(), 60, start + Duration::from_secs(1)), Ok(()));
        assert!(buckets.take(one.clone(), 60, start + Duration::from_secs(1)).is_err());
        assert_eq!(buckets.take(one, 0, start), Ok(()), "0 is without limit");
    }

    #[test]
    fn a_hash_tells_addresses_apart_but_not_hosts_of_one_ipv6_network_and_depends_on_its_salt() {
        let of = |salt: u128, address: &str| hash(Uuid::from_u128(salt), address.parse().ok());
        assert_ne!(of(1, "10.0.0.1"), of(1, "10.0.0.2"));
        assert_ne!(of(1, "10.0.0.1"), of(2, "10.0.0.1"));
        assert_eq!(of(1, "2001:db8::1"), of(1, "2001:db8::2"));
        assert_ne!(of(1, "2001:db8::1"), of(1, "2001:db8:0:1::1"));
    }
}
