//! Reading the server's answers: JSON into the types of `common`.
//!
//! `serde_json` reads the text; from there a deserializer of our own goes on, which asks of a type only what JSON can
//! hold. A derived struct can be read from a list as well as from an object, a field's name from bytes and numbers as
//! well as from text, and `serde_json` compiles all of that for every type: 100 kB that no answer ever needs.
//!
//! Must not: read a type differently from `serde_json`.

mod node;

use common::api::Problem;
use common::api::battles::{BattleQueued, BattleView, Battles, SideEvent};
use common::api::campaigns::Campaigns;
use common::api::carbon::Hours;
use common::api::events::Event;
use common::api::health::Health;
use common::api::machines::Machines;
use common::api::models::Models;
use common::api::prompts::{PromptView, Submitted};
use common::api::runs::{RunPage, RunView};
use common::ids::{PromptId, RunId};
use common::leaderboard::{Cell, Leaderboard};
use common::machine::Machine;
use serde::de::{DeserializeOwned, Error, Expected, Unexpected};
use serde_json::Value;

use crate::own_run::Times;
use crate::row_run::RunsOfRow;
use node::Node;

/// Why an answer was not understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed(pub String);

/// What can be read from an answer. Written out for each, because a type that is flattened into another or told apart by
/// a tag is otherwise compiled a second time, for the copy that is made of it first.
pub trait Read: Sized {
    /// Reads it.
    ///
    /// # Errors
    /// [`Malformed`] says what was not expected.
    fn read(value: &Value) -> Result<Self, Malformed>;
}

/// Reads an answer.
///
/// # Errors
/// [`Malformed`] says what was not expected.
pub fn read<T: Read>(text: &str) -> Result<T, Malformed> {
    T::read(&serde_json::from_str(text).map_err(|error| Malformed(error.to_string()))?)
}

/// Reads a value as its type says.
fn plain<T: DeserializeOwned>(value: &Value) -> Result<T, Malformed> {
    T::deserialize(Node(value))
}

/// Reads a field of an object.
fn field<T: DeserializeOwned>(value: &Value, name: &'static str) -> Result<T, Malformed> {
    plain(value.get(name).ok_or_else(|| Malformed::missing_field(name))?)
}

macro_rules! as_their_types_say {
    ($($name:ty)*) => {
        $(impl Read for $name {
            fn read(value: &Value) -> Result<Self, Malformed> {
                plain(value)
            }
        })*
    };
}

as_their_types_say!(() Campaigns Health Hours Machine RunPage BattleQueued BattleView Battles Machines Models Problem PromptView RunView RunsOfRow Submitted Times);

impl Read for Leaderboard {
    fn read(value: &Value) -> Result<Self, Malformed> {
        let cells = value.get("cells").and_then(Value::as_array);
        let cells = cells.ok_or_else(|| Malformed::missing_field("cells"))?;
        Ok(Self {
            // Key and figures lie side by side in one object; each takes what is its own.
            cells: cells
                .iter()
                .map(|cell| Ok(Cell { key: plain(cell)?, sums: plain(cell)? }))
                .collect::<Result<_, Malformed>>()?,
            models: field(value, "models")?,
            machines: field(value, "machines")?,
            zones: field(value, "zones")?,
        })
    }
}

impl Read for Event {
    fn read(value: &Value) -> Result<Self, Malformed> {
        let of = || -> Result<(PromptId, RunId), Malformed> {
            Ok((field(value, "prompt_id")?, field(value, "run_id")?))
        };
        match value.get("event").and_then(Value::as_str) {
            Some("run") => {
                let (prompt_id, run_id) = of()?;
                Ok(Self::Run { prompt_id, run_id, state: field(value, "state")? })
            }
            Some("step") => {
                let (prompt_id, run_id) = of()?;
                Ok(Self::Step { prompt_id, run_id, step: field(value, "step")? })
            }
            Some("progress") => {
                let (prompt_id, run_id) = of()?;
                Ok(Self::Progress {
                    prompt_id,
                    run_id,
                    tokens: field(value, "tokens")?,
                    samples: field(value, "samples")?,
                })
            }
            Some("machine") => Ok(Self::Machine { name: field(value, "name")? }),
            Some("board") => Ok(Self::Board),
            _ => Err(Malformed("this kind of event is unknown".to_owned())),
        }
    }
}

impl Read for SideEvent {
    fn read(value: &Value) -> Result<Self, Malformed> {
        match value.get("event").and_then(Value::as_str) {
            Some("moved") => Ok(Self::Moved),
            Some("step") => Ok(Self::Step { side: field(value, "side")?, step: field(value, "step")? }),
            Some("words") => Ok(Self::Words { side: field(value, "side")?, words: field(value, "words")? }),
            _ => Err(Malformed("this kind of event is unknown".to_owned())),
        }
    }
}

impl std::fmt::Display for Malformed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Malformed {}

/// The messages name fields and values; what else would have been understood is not told, because each type would bring
/// its own text for it.
impl Error for Malformed {
    fn custom<T: std::fmt::Display>(message: T) -> Self {
        Self(message.to_string())
    }

    fn invalid_type(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self("a value has another type".to_owned())
    }

    fn invalid_value(_: Unexpected<'_>, _: &dyn Expected) -> Self {
        Self("a value is out of range".to_owned())
    }

    fn invalid_length(length: usize, _: &dyn Expected) -> Self {
        Self(format!("a list has {length} members"))
    }

    fn unknown_variant(variant: &str, _: &'static [&'static str]) -> Self {
        Self(format!("\"{variant}\" is unknown"))
    }

    fn unknown_field(field: &str, _: &'static [&'static str]) -> Self {
        Self(format!("the field {field} is unknown"))
    }

    fn missing_field(field: &'static str) -> Self {
        Self(format!("the field {field} is missing"))
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self(format!("the field {field} stands twice"))
    }
}

#[cfg(test)]
mod tests;
