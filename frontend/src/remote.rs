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
    asked: Asked,
    what: PhantomData<fn() -> T>,
}

/// The same, whatever it is.
#[derive(Clone, Copy)]
pub(crate) struct Asked {
    kept: StoredValue<Kept, LocalStorage>,
    changes: RwSignal<u32>,
    load: StoredValue<Rc<dyn Fn()>, LocalStorage>,
}

#[derive(Default)]
struct Kept {
    /// The answer that was read last, as it came: the same answer again changes nothing.
    text: String,
    value: Option<Rc<dyn Any>>,
    error: Option<Error>,
    /// How often was asked, and which of these times what is here answers: answers overtake each other.
    asked: u32,
    answered: u32,
}

impl<T: 'static> Clone for Source<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: 'static> Copy for Source<T> {}

impl Asked {
    /// The same as a visitor asks for it, who sees that what failed is being fetched.
    fn reload(self) {
        if self.kept.try_with_value(|kept| kept.value.is_none() && kept.error.is_some()).unwrap_or_default() {
            self.let_go();
        }
        self.load();
    }

    /// Fetches what is there again. What never came is left to the visitor, who has been told.
    pub(crate) fn refresh(self) {
        if self.kept.try_with_value(|kept| kept.value.is_some()).unwrap_or_default() {
            self.load();
        }
    }

    /// Fetches again; what stands, be it that nothing came, stands until the answer is another.
    pub(crate) fn load(self) {
        if let Some(load) = self.load.try_get_value() {
            load();
        }
    }

    /// Nothing is here, and what is on its way does not count.
    fn let_go(self) {
        self.kept.update_value(|kept| {
            *kept = Kept { asked: kept.asked, answered: kept.asked, ..Kept::default() };
        });
        self.changes.update(|changes| *changes += 1);
    }
}

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
            let count = |kept: &mut Kept| {
                kept.asked += 1;
                kept.asked
            };
            // The page may be gone by now.
            let Some(time) = kept.try_update_value(count) else { return };
            api::ask(&request, Box::new(move |answer| keep(kept, changes, (time, answer), read)));
        });
        load();
        let asked = Asked { kept, changes, load: StoredValue::new_local(load) };
        Self { asked, what: PhantomData }
    }

    /// It, for whoever only asks for it again.
    pub(crate) fn asked(self) -> Asked {
        self.asked
    }

    /// Fetches again; what is there stays until the answer comes.
    pub(crate) fn reload(self) {
        self.asked.reload();
    }

    /// Lets go of what is there and fetches: it is not what it was.
    pub(crate) fn forget(self) {
        self.asked.let_go();
        self.asked.load();
    }

    /// How it stands.
    pub(crate) fn get(self) -> Remote<T> {
        self.asked.changes.track();
        self.asked.kept.with_value(|kept| match (kept.value.as_ref().and_then(as_arc), &kept.error) {
            (Some(value), _) => Remote::Ready(value),
            (None, Some(error)) => Remote::Failed(error.clone()),
            (None, None) => Remote::Loading,
        })
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
        self.asked.changes.track();
        self.asked.kept.with_value(|kept| kept.error.clone().filter(|_| kept.value.is_some()))
    }
}

/// What is kept, as what it is.
fn as_arc<T: 'static>(value: &Rc<dyn Any>) -> Option<Arc<T>> {
    value.downcast_ref::<Arc<T>>().map(Arc::clone)
}

fn keep(
    kept: StoredValue<Kept, LocalStorage>,
    changes: RwSignal<u32>,
    (time, answer): (u32, Result<String, Error>),
    read: fn(&str) -> Result<Rc<dyn Any>, Error>,
) {
    let change = |kept: &mut Kept| {
        if time <= kept.answered {
            return false;
        }
        kept.answered = time;
        let error = match answer {
            Ok(text) if kept.value.is_some() && text == kept.text => None,
            Ok(text) => match read(&text) {
                Ok(value) => {
                    (kept.text, kept.value, kept.error) = (text, Some(value), None);
                    return true;
                }
                Err(error) => Some(error),
            },
            Err(error) => Some(error),
        };
        let is_changed = kept.error != error;
        kept.error = error;
        is_changed
    };
    // The page may be gone by now.
    if kept.try_update_value(change).unwrap_or_default() {
        changes.update(|changes| *changes += 1);
    }
}
