//! The names of things: uuids for what the database makes, checked text for what people type.
//!
//! Must not: make new ids (that needs chance, which this crate has not).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

uuid_id! {
    /// Names a Prompt; random, so that its permalink cannot be guessed.
    PromptId
}
uuid_id! {
    /// Names a Run; random, so that its permalink cannot be guessed.
    RunId
}
uuid_id! {
    /// Names a Lease.
    LeaseId
}
uuid_id! {
    /// Names a Machine.
    MachineId
}
uuid_id! {
    /// Names a Battle; random, so that only who knows it may vote.
    BattleId
}

/// A name that does not fit its rule; the message says the rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {text:?} {rule}")]
pub struct NameError {
    what: &'static str,
    text: String,
    rule: &'static str,
}

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident, $what:literal, $rule:literal, $pattern:tt, $fits:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String, pattern = $pattern)]
        pub struct $name(String);

        impl $name {
            /// The name as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NameError;
            fn from_str(text: &str) -> Result<Self, NameError> {
                let fits: fn(&str) -> bool = $fits;
                if fits(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    Err(NameError { what: $what, text: text.chars().take(80).collect(), rule: $rule })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = NameError;
            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id! {
    /// Names a Model: `name@revision:dtype`, such as `demo-1m@3f9c21ab:f32`.
    ModelId, "model id", "must be 1 to 200 characters of letters, digits and ._-/@:+",
    "^[A-Za-z0-9._/@:+-]{1,200}$",
    |text| (1..=200).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-/@:+".contains(&byte))
}
text_id! {
    /// Names a grid area: an Electricity Maps zone such as `FR` or `US-CAL-CISO`, or `WORLD`.
    Zone, "zone", "must be 2 to 24 capital letters, digits and hyphens",
    "^[A-Z0-9-]{2,24}$",
    |text| (2..=24).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'-')
}
text_id! {
    /// Names a Machine for people: what the operator chose when enrolling it.
    MachineName, "machine name", "must be 1 to 64 lower-case letters, digits, dots and hyphens",
    "^[a-z0-9.-]{1,64}$",
    |text| (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
}

impl Zone {
    /// The country that it lies in, by its code: what stands before the first hyphen.
    pub fn country(&self) -> &str {
        self.0.split('-').next().unwrap_or(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_id_is_checked_where_it_enters() {
        assert!("meta/llama-3@abc:bf16".parse::<ModelId>().is_ok());
        assert!("".parse::<ModelId>().is_err());
        assert!(serde_json::from_str::<ModelId>("\"a b\"").is_err());
        assert_eq!(serde_json::to_string(&"a:f32".parse::<ModelId>().unwrap()).unwrap(), "\"a:f32\"");
    }

    #[test]
    fn the_error_of_a_bad_zone_says_the_rule() {
        let error = "fr".parse::<Zone>().unwrap_err();
        assert_eq!(error.to_string(), "zone \"fr\" must be 2 to 24 capital letters, digits and hyphens");
    }
}
