//! Pages of lists that are too long to be looked through: where one starts, and how far it looks.
//!
//! Must not: know what is listed.

use time::OffsetDateTime;
use time::macros::datetime;
use uuid::Uuid;

/// A place in a list: after this one.
pub type Cursor = (OffsetDateTime, Uuid);

/// Comes before all that there is, the newest first.
pub(crate) const NEWEST: Cursor = (datetime!(9999-12-31 00:00:00 UTC), Uuid::max());

/// How many rows of a list are looked through at most for one page, whatever is asked for.
pub(crate) const WINDOW: i64 = 500;
