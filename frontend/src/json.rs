//! Reading the server's answers: JSON into the types of `common`.
//!
//! `serde_json` reads the text; from there a deserializer of our own goes on, which asks of a type only what JSON can
//! hold. A derived struct can be read from a list as well as from an object, a field's name from bytes and numbers as
//! well as from text, and `serde_json` compiles all of that for every type: 100 kB that no answer ever needs.
//!
//! Must not: read a type differently from `serde_json`.

use common::api::Problem;
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
use serde::de::value::BorrowedStrDeserializer;
use serde::de::{
    DeserializeOwned, DeserializeSeed, Deserializer, EnumAccess, Error, Expected, MapAccess, SeqAccess,
    Unexpected, VariantAccess, Visitor,
};
use serde_json::{Map, Value};

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

as_their_types_say!(() Campaigns Health Hours Machine Machines Models Problem PromptView RunPage RunView Submitted);

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

fn other_type<T>() -> Result<T, Malformed> {
    Err(Malformed("a value has another type".to_owned()))
}

/// A value that is being read.
#[derive(Clone, Copy)]
struct Node<'de>(&'de Value);

impl<'de> Node<'de> {
    fn number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match (self.0.as_u64(), self.0.as_i64()) {
            (Some(number), _) => visitor.visit_u64(number),
            (None, Some(number)) => visitor.visit_i64(number),
            (None, None) => other_type(),
        }
    }

    fn float<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.0.as_f64() {
            Some(number) => visitor.visit_f64(number),
            None => other_type(),
        }
    }

    fn text<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.0 {
            Value::String(text) => visitor.visit_borrowed_str(text),
            _ => other_type(),
        }
    }

    fn list<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.0 {
            Value::Array(members) => visitor.visit_seq(Members(members.iter())),
            _ => other_type(),
        }
    }

    fn object<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.0 {
            Value::Object(fields) => visitor.visit_map(Fields::of(fields)),
            _ => other_type(),
        }
    }
}

/// Every kind of number goes one way.
macro_rules! each {
    ($way:ident: $($name:ident)*) => {
        $(fn $name<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
            self.$way(visitor)
        })*
    };
}

impl<'de> Deserializer<'de> for Node<'de> {
    type Error = Malformed;

    each!(number: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64);
    each!(float: deserialize_f32 deserialize_f64);
    each!(text: deserialize_str deserialize_string deserialize_char deserialize_identifier
        deserialize_bytes deserialize_byte_buf);
    each!(list: deserialize_seq);
    each!(object: deserialize_map);

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(flag) => visitor.visit_bool(*flag),
            Value::Number(number) if number.is_f64() => self.float(visitor),
            Value::Number(_) => self.number(visitor),
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Array(_) => self.list(visitor),
            Value::Object(_) => self.object(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        match self.0 {
            Value::Bool(flag) => visitor.visit_bool(*flag),
            _ => other_type(),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        if self.0.is_null() { visitor.visit_unit() } else { other_type() }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Malformed> {
        self.list(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: usize,
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        self.list(visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        self.object(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        match self.0 {
            Value::String(name) => visitor.visit_enum(Variant { name, content: None }),
            Value::Object(fields) if fields.len() == 1 => match fields.iter().next() {
                Some((name, content)) => visitor.visit_enum(Variant { name, content: Some(Node(content)) }),
                None => other_type(),
            },
            _ => other_type(),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Malformed> {
        visitor.visit_unit()
    }
}

/// The members of a list that are still to be read.
struct Members<'de>(std::slice::Iter<'de, Value>);

impl<'de> SeqAccess<'de> for Members<'de> {
    type Error = Malformed;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Malformed> {
        self.0.next().map(|member| seed.deserialize(Node(member))).transpose()
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.0.len())
    }
}

/// The fields of an object that are still to be read.
struct Fields<'de> {
    rest: serde_json::map::Iter<'de>,
    content: Option<&'de Value>,
}

impl<'de> Fields<'de> {
    fn of(fields: &'de Map<String, Value>) -> Self {
        Self { rest: fields.iter(), content: None }
    }
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = Malformed;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Malformed> {
        let Some((name, content)) = self.rest.next() else { return Ok(None) };
        self.content = Some(content);
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Malformed> {
        match self.content.take() {
            Some(content) => seed.deserialize(Node(content)),
            None => other_type(),
        }
    }
}

/// One of several shapes, by its name.
struct Variant<'de> {
    name: &'de str,
    content: Option<Node<'de>>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Malformed;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), Malformed> {
        Ok((seed.deserialize(BorrowedStrDeserializer::new(self.name))?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = Malformed;

    fn unit_variant(self) -> Result<(), Malformed> {
        if self.content.is_none() { Ok(()) } else { other_type() }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Malformed> {
        match self.content {
            Some(content) => seed.deserialize(content),
            None => other_type(),
        }
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Malformed> {
        match self.content {
            Some(content) => content.list(visitor),
            None => other_type(),
        }
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Malformed> {
        match self.content {
            Some(content) => content.object(visitor),
            None => other_type(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use common::lease::{LiveSample, LiveToken, Step};
    use common::machine::MachineState;
    use common::run::RunState;
    use common::trace::Sample;
    use common::units::Power;
    use serde::{Deserialize, Serialize};

    use super::*;

    /// What is written reads back the same, here and in `serde_json`.
    fn same<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(&plain::<T>(&serde_json::from_str(&text).unwrap()).unwrap(), value, "{text}");
        assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value);
    }

    /// The same of what is written out here by hand.
    fn same_by_hand<T: Read + Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) {
        same(value);
        let text = serde_json::to_string(value).unwrap();
        assert_eq!(&read::<T>(&text).unwrap(), value, "{text}");
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum Shape {
        Dot,
        Circle(f64),
        Line(i8, u64),
        Box { wide: u32, high: Option<f32> },
    }

    #[test]
    fn every_shape_that_json_can_hold_reads_back() {
        same(&vec![Shape::Dot, Shape::Circle(-1e-7), Shape::Line(-3, u64::MAX), Shape::Circle(2.0)]);
        same(&Shape::Box { wide: 7, high: None });
        same(&BTreeMap::from([("a".to_owned(), Some(true)), ("b".to_owned(), None)]));
        same(&((), "é \"\n".to_owned(), 'x', [1u8, 2, 3]));
    }

    #[test]
    fn the_types_of_answers_read_back_tagged_and_flattened_ones_too() {
        let (prompt_id, run_id) = (PromptId(uuid::Uuid::nil()), RunId(uuid::Uuid::max()));
        let at = std::time::Duration::from_millis(250);
        let domain = common::meter::Domain::Gpu(1);
        let sample = LiveSample { domain, sample: Sample { at, power: Power::from_watts(7.5) } };
        for event in [
            Event::Run { prompt_id, run_id, state: RunState::Leased },
            Event::Step { prompt_id, run_id, step: Step::Measuring { repetition: 1, of: 3 } },
            Event::Progress {
                prompt_id,
                run_id,
                tokens: vec![LiveToken { index: 1, text: "é".to_owned(), at }],
                samples: vec![sample],
            },
            Event::Machine { name: "alpha".parse().unwrap() },
            Event::Board,
        ] {
            same_by_hand(&event);
        }
        same(&MachineState::Busy { step: Step::Cooling { expected: None, temperature: None } });
        same(&MachineState::Idle);
        let mut board = crate::board::tests::board();
        board.cells[0].sums.first_measured_at = Some(time::OffsetDateTime::UNIX_EPOCH);
        same_by_hand(&board);
    }

    #[test]
    fn what_is_wrong_is_said() {
        let why = |text: &str| read::<Problem>(text).unwrap_err().0;
        assert_eq!(why(r#"{"code":"a"}"#), "the field message is missing");
        assert_eq!(why(r#"{"code":1,"message":"b"}"#), "a value has another type");
        assert_eq!(why("[]"), "a value has another type");
        assert!(why("{").contains("EOF"));
        assert_eq!(plain::<Shape>(&Value::from("Cube")).unwrap_err().0, "\"Cube\" is unknown");
        assert_eq!(plain::<u8>(&Value::from(300)).unwrap_err().0, "a value is out of range");
    }
}
