//! Closed lists of words: an enum whose every value has one name, the same on the wire, in links, on the command line and
//! in the database.
//!
//! Must not: hold what people read on a page (that is `frontend::display`).

/// A word that is none of a closed list; the message names all that are.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown {what} {text:?}: use one of {}", .words.join(", "))]
pub struct UnknownWord {
    what: &'static str,
    text: String,
    words: &'static [&'static str],
}

impl UnknownWord {
    pub(crate) fn new(what: &'static str, text: &str, words: &'static [&'static str]) -> Self {
        Self { what, text: text.chars().take(80).collect(), words }
    }
}

/// Makes the enum `$name` of a closed list of words. `$what` says in an error what was looked for.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident, $what:literal, {
        $($(#[$of_word:meta])* $variant:ident = $word:tt,)+
    }) => {
        $(#[$meta])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash,
            serde::Serialize, serde::Deserialize, utoipa::ToSchema,
        )]
        pub enum $name {
            $($(#[$of_word])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            const WORDS: &[&'static str] = &[$($word),+];

            /// All of them, in the order in which they are defined.
            pub const ALL: [Self; Self::WORDS.len()] = [$(Self::$variant),+];

            /// The name on the wire, in links and in the database.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.name())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::word::UnknownWord;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                let known = Self::ALL.into_iter().find(|known| known.name() == text);
                known.ok_or_else(|| $crate::word::UnknownWord::new($what, text, Self::WORDS))
            }
        }
    };
}
pub(crate) use words;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fmt::{Debug, Display};
    use std::str::FromStr;

    use serde::Serialize;
    use serde::de::DeserializeOwned;

    use super::UnknownWord;

    fn check<W>(all: &[W])
    where
        W: Copy + Debug + PartialEq + Display + FromStr<Err = UnknownWord> + Serialize + DeserializeOwned,
    {
        let names: BTreeSet<String> = all.iter().map(W::to_string).collect();
        assert_eq!(names.len(), all.len(), "each name once: {names:?}");
        for word in all {
            let name = word.to_string();
            assert_eq!(serde_json::to_value(word).unwrap(), name.as_str());
            assert_eq!(serde_json::from_value::<W>(name.as_str().into()).unwrap(), *word);
            assert_eq!(name.parse::<W>().unwrap(), *word);
        }
    }

    #[test]
    fn a_name_is_the_same_on_the_wire_as_in_links_and_in_the_database() {
        check(&crate::api::battles::Worth::ALL);
        check(&crate::bradley_terry::Outcome::ALL);
        check(&crate::carbon::GridQuality::ALL);
        check(&crate::conversation::Role::ALL);
        check(&crate::leaderboard::Boundary::ALL);
        check(&crate::measurement::Finish::ALL);
        check(&crate::meter::Fault::ALL);
        check(&crate::meter::Label::ALL);
        check(&crate::meter::Method::ALL);
        check(&crate::meter::NullReason::ALL);
        check(&crate::model::Dtype::ALL);
        check(&crate::model::Weights::ALL);
        check(&crate::prompt::Kind::ALL);
        check(&crate::prompt::Origin::ALL);
        check(&crate::prompt::Task::ALL);
        check(&crate::run::RunState::ALL);
        check(&crate::verdict::Grade::ALL);
        check(&crate::verdict::Reason::ALL);
        check(&crate::wall::WallRole::ALL);
    }

    #[test]
    fn an_unknown_word_is_answered_with_all_that_are_known() {
        let error = "socket".parse::<crate::wall::WallRole>().unwrap_err();
        assert_eq!(error.to_string(), "unknown role \"socket\": use one of whole, supply, check");
    }
}
