//! A checkpoint's name on the hub: `org/name`, with `@revision` where it is not the newest.
//!
//! Must not: let through what could leave the cache folder or the hub's paths.

/// A name that is safe in paths and addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HubName {
    /// `org/name`.
    pub(crate) repo: String,
    /// A branch, a tag or a commit.
    pub(crate) revision: String,
}

impl HubName {
    /// The name in this text, if it is one.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (repo, revision) = text.split_once('@').unwrap_or((text, "main"));
        let (org, name) = repo.split_once('/')?;
        let revision_fits = revision.len() <= 120 && revision.split('/').all(is_word);
        (is_word(org) && is_word(name) && repo.len() <= 96 && revision_fits)
            .then(|| Self { repo: repo.to_owned(), revision: revision.to_owned() })
    }
}

/// Letters, digits and `._-`, beginning with neither dot nor hyphen.
pub(super) fn is_word(text: &str) -> bool {
    !text.starts_with(['.', '-'])
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_two_words_and_may_have_a_revision() {
        let name = |repo: &str, revision: &str| {
            Some(HubName { repo: repo.to_owned(), revision: revision.to_owned() })
        };
        assert_eq!(HubName::parse("meta-llama/Llama-3.2-1B"), name("meta-llama/Llama-3.2-1B", "main"));
        assert_eq!(HubName::parse("a/b@refs/pr/1"), name("a/b", "refs/pr/1"));
    }

    #[test]
    fn what_is_a_path_or_would_leave_the_folder_is_no_name() {
        for text in
            ["demo", "/a/b", "./a", "../b", "a/b/c", "a/..", "a/b@", "a/b@../c", "a/b@x/../y", "a/b c", "~/b"]
        {
            assert_eq!(HubName::parse(text), None, "{text}");
        }
    }
}
