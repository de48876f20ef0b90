//! Named figures in a row, each with its definition; lists of names and values.

use crate::dom::{El, el, text};

/// One named figure.
pub(crate) struct Fact {
    /// What it is called.
    pub(crate) name: String,
    /// The figure with its unit.
    value: String,
    /// What stands below it, such as an interval or a remark.
    remark: String,
    /// What it is, in a sentence.
    pub(crate) definition: String,
}

impl Fact {
    /// A figure with its definition.
    pub(crate) fn new(name: &str, value: String, definition: impl Into<String>) -> Self {
        Self { name: name.to_owned(), value, remark: String::new(), definition: definition.into() }
    }

    /// The same with a remark below it.
    pub(crate) fn remark(self, remark: String) -> Self {
        Self { remark, ..self }
    }
}

/// Figures in a row that wraps.
pub(crate) fn facts(list: &[Fact]) -> El {
    el("dl", "facts").all(list.iter().map(|fact| {
        let remark = (!fact.remark.is_empty()).then(|| text("small", "", &fact.remark));
        el("div", "")
            .set("title", &fact.definition)
            .add(text("dt", "", &fact.name))
            .add(text("dd", "", &fact.value).maybe(remark))
    }))
}

/// What figures mean, behind a disclosure.
pub(crate) fn meanings(id: &str, title: &str, list: impl IntoIterator<Item = (String, String)>) -> El {
    el("details", "meanings")
        .set("id", id)
        .add(text("summary", "", title))
        .add(el("dl", "").all(list.into_iter().map(|(name, meaning)| pair(&name, &meaning))))
}

/// A titled list of names and values.
pub(crate) fn list<'a>(title: &str, entries: impl IntoIterator<Item = (&'a str, String)>) -> El {
    el("section", "list")
        .add(text("h3", "", title))
        .add(el("dl", "").all(entries.into_iter().map(|(name, value)| pair(name, &value))))
}

/// A name and what belongs to it.
pub(crate) fn pair(name: &str, value: &str) -> El {
    el("div", "").add(text("dt", "", name)).add(text("dd", "", value))
}

/// A quiet sentence.
pub(crate) fn quiet(sentence: impl AsRef<str>) -> El {
    text("p", "quiet", sentence)
}
