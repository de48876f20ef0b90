//! How a talk is written down for the model: the chat template, once as the text that is stored with the
//! tokenizer and once as code; a test keeps the two equal.
//!
//! Must not: know more of tokens than the marks.

/// Ends every answer.
pub(crate) const END: &str = "<|end|>";
/// Fills a batch's short sequences; never asked about.
pub(crate) const PAD: &str = "<|pad|>";
/// Opens the system prompt.
pub(crate) const SYSTEM: &str = "<|system|>";
/// Opens what the user says.
pub(crate) const USER: &str = "<|user|>";
/// Opens the answer.
pub(crate) const ASSISTANT: &str = "<|assistant|>";

/// Every mark, in the order of their ids, which start at 0.
pub(crate) const MARKS: [&str; 5] = [END, PAD, SYSTEM, USER, ASSISTANT];

/// The template as every reader of a tokenizer's folder understands it.
pub(crate) const TEMPLATE: &str = "{% for message in messages %}{{ '<|' + message['role'] + '|>' + message['content'] }}\
{% if message['role'] == 'assistant' %}{{ '<|end|>' }}{% endif %}{% endfor %}\
{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}";

/// The text that the model continues.
pub(crate) fn prompt(system: Option<&str>, user: &str) -> String {
    let system = system.map(|system| format!("{SYSTEM}{system}")).unwrap_or_default();
    format!("{system}{USER}{user}{ASSISTANT}")
}

#[cfg(test)]
mod tests {
    use minijinja::{Value, context};

    use super::*;

    #[test]
    fn the_template_and_the_code_write_the_same_talk() {
        let mut jinja = minijinja::Environment::new();
        jinja.add_template("chat", TEMPLATE).unwrap();
        let message = |role: &str, content: &str| context! { role => role, content => content };
        let render = |messages: Vec<Value>| {
            let context = context! { messages => Value::from(messages), add_generation_prompt => true };
            jinja.get_template("chat").unwrap().render(context).unwrap()
        };
        let user = message("user", "Hello");
        assert_eq!(render(vec![user.clone()]), prompt(None, "Hello"));
        assert_eq!(render(vec![message("system", "Be brief."), user]), prompt(Some("Be brief."), "Hello"));
    }
}
