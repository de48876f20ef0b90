//! Which Models can be asked.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Endpoint;
use super::parameter::{LIMIT, Of, Parameter};
use crate::ids::ModelId;
use crate::machine::OfferedModel;

/// `GET /models`: the Models that some enrolled Machine runs; a page of them only where a limit is said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListModels {
    /// Goes on where a page ended: its `next`.
    pub after: Option<ModelId>,
    /// Models of a page, 1 to 200; all if it is not said.
    pub limit: Option<u32>,
}

impl ListModels {
    /// What its query may hold.
    pub const PARAMETERS: &[Parameter] = &[
        Parameter {
            name: "after",
            about: "Go on where a page ended: its `next`.",
            of: Of::Text("^[A-Za-z0-9._/@:+-]{1,200}$"),
        },
        Parameter { about: "Lines of a page, 1 to 200; all if it is not said.", ..LIMIT },
    ];
}

impl Endpoint for ListModels {
    const NAME: &'static str = "ListModels";
    const METHOD: &'static str = "GET";
    const ROUTE: &'static str = "/models";
    type Response = Models;
    fn path(&self) -> Cow<'static, str> {
        super::parameter::path(self)
    }
}

/// The Models on offer, by name and dtype.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Models {
    /// One entry a Model.
    pub models: Vec<OfferedModel>,
    /// Where the next page starts; null at the end.
    #[serde(default)]
    pub next: Option<String>,
}
