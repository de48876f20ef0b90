//! What a page fetched: loading, there, or failed; and fetching it again without an empty moment.
//!
//! Must not: draw.

use std::sync::Arc;

use common::api::Endpoint;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::api::{self, Error};

/// How fetching stands.
#[derive(Debug)]
pub(crate) enum Remote<T> {
    /// Nothing has come yet.
    Loading,
    /// It is there.
    Ready(Arc<T>),
    /// Nothing came, and why.
    Failed(Error),
}

impl<T> Clone for Remote<T> {
    fn clone(&self) -> Self {
        match self {
            Self::Loading => Self::Loading,
            Self::Ready(value) => Self::Ready(Arc::clone(value)),
            Self::Failed(error) => Self::Failed(error.clone()),
        }
    }
}

/// Something that can be fetched again.
pub(crate) struct Source<T: Send + Sync + 'static> {
    state: RwSignal<Remote<T>>,
    trouble: RwSignal<Option<Error>>,
    load: Callback<()>,
}

impl<T: Send + Sync + 'static> Clone for Source<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for Source<T> {}

impl<T: Send + Sync + PartialEq + 'static> Source<T> {
    /// Fetches now, and whenever asked to.
    pub(crate) fn new<E>(request: E) -> Self
    where
        E: Endpoint<Response = T> + Clone + Send + Sync + 'static,
    {
        let state = RwSignal::new(Remote::Loading);
        let trouble = RwSignal::new(None);
        let load = Callback::new(move |()| {
            let request = request.clone();
            spawn_local(async move {
                let answer = api::call(request).await;
                // The page may be gone by now.
                let Some(before) = state.try_get_untracked() else { return };
                match (answer, before) {
                    (Ok(value), Remote::Ready(old)) if value == *old => trouble.set(None),
                    (Ok(value), _) => {
                        trouble.set(None);
                        state.set(Remote::Ready(Arc::new(value)));
                    }
                    (Err(error), Remote::Ready(_)) => trouble.set(Some(error)),
                    (Err(error), _) => state.set(Remote::Failed(error)),
                }
            });
        });
        load.run(());
        Self { state, trouble, load }
    }

    /// Fetches again; what is there stays until the answer comes.
    pub(crate) fn reload(self) {
        if self.state.with_untracked(|state| matches!(state, Remote::Failed(_))) {
            self.state.set(Remote::Loading);
        }
        self.load.run(());
    }

    /// How it stands.
    pub(crate) fn get(self) -> Remote<T> {
        self.state.get()
    }

    /// What is there, if anything.
    pub(crate) fn ready(self) -> Option<Arc<T>> {
        self.state.with(|state| match state {
            Remote::Ready(value) => Some(Arc::clone(value)),
            _ => None,
        })
    }

    /// Why what is shown could not be brought up to date.
    pub(crate) fn trouble(self) -> Option<Error> {
        self.trouble.get()
    }
}
