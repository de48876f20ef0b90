//! What a page fetched: loading, there, or failed; and fetching it again without an empty moment.
//!
//! Must not: draw.

use std::any::Any;
use std::marker::PhantomData;
use std::rc::Rc;
use std::sync::Arc;

use common::api::Endpoint;
use leptos::prelude::*;

use crate::api::{self, Error};
use crate::json::Read;

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
///
/// Only reading an answer depends on what it is; how things stand is kept in one shape for all.
pub(crate) struct Source<T: 'static> {
    kept: StoredValue<Kept, LocalStorage>,
    changes: RwSignal<u32>,
    load: StoredValue<Rc<dyn Fn()>, LocalStorage>,
    what: PhantomData<fn() -> T>,
}

#[derive(Clone, Default)]
struct Kept {
    /// The answer that was read last, as it came: the same answer again changes nothing.
    text: String,
    value: Option<Rc<dyn Any>>,
    error: Option<Error>,
}

impl<T: 'static> Clone for Source<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: 'static> Copy for Source<T> {}

impl<T: 'static> Source<T> {
    /// Fetches now, and whenever asked to.
    pub(crate) fn new<E: Endpoint<Response = T> + 'static>(request: E) -> Self
    where
        T: Read,
    {
        let kept = StoredValue::new_local(Kept::default());
        let changes = RwSignal::new(0_u32);
        let load: Rc<dyn Fn()> = Rc::new(move || {
            let read =
                |text: &str| api::read::<T>(text).map(|value| -> Rc<dyn Any> { Rc::new(Arc::new(value)) });
            api::ask(&request, Box::new(move |answer| keep(kept, changes, answer, read)));
        });
        load();
        Self { kept, changes, load: StoredValue::new_local(load), what: PhantomData }
    }

    /// Fetches again; what is there stays until the answer comes.
    pub(crate) fn reload(self) {
        let is_failed =
            self.kept.try_with_value(|kept| kept.value.is_none() && kept.error.is_some()).unwrap_or_default();
        if is_failed {
            self.kept.set_value(Kept::default());
            self.changes.update(|changes| *changes += 1);
        }
        if let Some(load) = self.load.try_get_value() {
            load();
        }
    }

    /// Lets go of what is there and fetches: it is not what it was.
    pub(crate) fn forget(self) {
        self.kept.set_value(Kept::default());
        self.changes.update(|changes| *changes += 1);
        self.reload();
    }

    /// How it stands.
    pub(crate) fn get(self) -> Remote<T> {
        self.changes.track();
        let Kept { value, error, .. } = self.kept.get_value();
        match (value.and_then(|value| as_arc(&value)), error) {
            (Some(value), _) => Remote::Ready(value),
            (None, Some(error)) => Remote::Failed(error),
            (None, None) => Remote::Loading,
        }
    }

    /// What is there, if anything.
    pub(crate) fn ready(self) -> Option<Arc<T>> {
        match self.get() {
            Remote::Ready(value) => Some(value),
            _ => None,
        }
    }

    /// Why what is shown could not be brought up to date.
    pub(crate) fn trouble(self) -> Option<Error> {
        self.changes.track();
        self.kept.with_value(|kept| kept.error.clone().filter(|_| kept.value.is_some()))
    }
}

/// What is kept, as what it is.
fn as_arc<T: 'static>(value: &Rc<dyn Any>) -> Option<Arc<T>> {
    value.downcast_ref::<Arc<T>>().map(Arc::clone)
}

fn keep(
    kept: StoredValue<Kept, LocalStorage>,
    changes: RwSignal<u32>,
    answer: Result<String, Error>,
    read: fn(&str) -> Result<Rc<dyn Any>, Error>,
) {
    // The page may be gone by now.
    let Some(mut now) = kept.try_get_value() else { return };
    let before = (now.text.clone(), now.error.clone());
    match answer {
        Ok(text) if now.value.is_some() && text == now.text => now.error = None,
        Ok(text) => match read(&text) {
            Ok(value) => now = Kept { text, value: Some(value), error: None },
            Err(error) => now.error = Some(error),
        },
        Err(error) => now.error = Some(error),
    }
    let is_changed = before != (now.text.clone(), now.error.clone());
    kept.set_value(now);
    if is_changed {
        changes.update(|changes| *changes += 1);
    }
}
