//! Named figures in a row, each with its definition.

use leptos::prelude::*;

/// One named figure.
pub(crate) struct Fact {
    /// What it is called.
    pub(crate) name: String,
    /// The figure with its unit.
    pub(crate) value: String,
    /// What stands below it, such as an interval or a remark.
    pub(crate) remark: String,
    /// What it is, in a sentence.
    pub(crate) definition: String,
}

impl Fact {
    /// A figure with its definition.
    pub(crate) fn new(name: impl Into<String>, value: impl Into<String>, definition: impl Into<String>) -> Self {
        Self { name: name.into(), value: value.into(), remark: String::new(), definition: definition.into() }
    }

    /// The same with a remark below it.
    pub(crate) fn remark(self, remark: impl Into<String>) -> Self {
        Self { remark: remark.into(), ..self }
    }
}

/// Figures in a row that wraps.
pub(crate) fn facts(list: Vec<Fact>) -> AnyView {
    view! {
        <dl class="facts">
            {list
                .into_iter()
                .map(|fact| view! {
                    <div title=fact.definition>
                        <dt>{fact.name}</dt>
                        <dd>{fact.value}{(!fact.remark.is_empty()).then(|| view! { <small>{fact.remark}</small> })}</dd>
                    </div>
                })
                .collect_view()}
        </dl>
    }
    .into_any()
}

/// What figures mean, behind a disclosure.
pub(crate) fn meanings(title: &'static str, list: Vec<(String, String)>) -> AnyView {
    view! {
        <details class="meanings">
            <summary>{title}</summary>
            <dl>
                {list.into_iter().map(|(name, meaning)| view! { <div><dt>{name}</dt><dd>{meaning}</dd></div> }).collect_view()}
            </dl>
        </details>
    }
    .into_any()
}
