//! Which Machine calls: its token in the `Authorization` header.
//!
//! Must not: say why a token does not fit, or log one.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{FromRequest, HttpRequest, web};
use store::machines::{Caller, Token};

use crate::app::App;
use crate::clock;
use crate::error::ApiError;

/// The Machine that calls; a handler that takes it answers 401 to everybody else.
pub(crate) struct Machine(Caller);

impl Deref for Machine {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl FromRequest for Machine {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let token = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| Token::new(token.trim()));
        let app = request.app_data::<web::Data<App>>().cloned();
        Box::pin(async move {
            let (Some(token), Some(app)) = (token, app) else { return Err(ApiError::unauthorized()) };
            // As a task of its own: whoever sends nonsense beside a token is refused while this is asked, and a question
            // that is dropped costs its connection to the database.
            let asked = actix_web::rt::spawn(async move {
                store::machines::authenticate(&app.store, &token, clock::now()).await
            });
            let caller = asked.await.map_err(|error| ApiError::broken(error.into()))??;
            caller.map(Self).ok_or_else(ApiError::unauthorized)
        })
    }
}
