//! The answer to a digest challenge (RFC 7616) with SHA-256, as Shelly devices ask for it.
//!
//! Must not: answer a challenge of MD5, which those devices never make.

use data_encoding::HEXLOWER;
use sha2::{Digest, Sha256};

/// The `Authorization` header for a GET of `uri`; `None` if the challenge is of another kind.
pub(super) fn answer(challenge: &str, user: &str, password: &str, uri: &str) -> Option<String> {
    let fields =
        challenge.trim().strip_prefix("Digest ").or_else(|| challenge.trim().strip_prefix("digest "))?;
    let field = |name: &str| {
        parts(fields).find_map(|part| {
            let (key, value) = part.split_once('=')?;
            key.trim().eq_ignore_ascii_case(name).then(|| value.trim().trim_matches('"').to_owned())
        })
    };
    let (realm, nonce) = (field("realm")?, field("nonce")?);
    let is_sha256 = field("algorithm").is_some_and(|name| name.eq_ignore_ascii_case("SHA-256"));
    let has_auth = field("qop").is_some_and(|list| list.split(',').any(|qop| qop.trim() == "auth"));
    if !(is_sha256 && has_auth) {
        return None;
    }
    // A nonce of ours guards against a server that chose its own badly; that of the challenge, hashed, is as fresh.
    let cnonce = hash(&format!("{nonce}:{user}:{uri}"));
    let response = response(&Credentials { user, password, realm: &realm }, &nonce, &cnonce, uri);
    let opaque = field("opaque").map(|opaque| format!(", opaque=\"{opaque}\"")).unwrap_or_default();
    Some(format!(
        "Digest username=\"{user}\", realm=\"{realm}\", nonce=\"{nonce}\", uri=\"{uri}\", algorithm=SHA-256, \
         qop=auth, nc=00000001, cnonce=\"{cnonce}\", response=\"{response}\"{opaque}"
    ))
}

struct Credentials<'a> {
    user: &'a str,
    password: &'a str,
    realm: &'a str,
}

fn response(who: &Credentials<'_>, nonce: &str, cnonce: &str, uri: &str) -> String {
    let secret = hash(&format!("{}:{}:{}", who.user, who.realm, who.password));
    let what = hash(&format!("GET:{uri}"));
    hash(&format!("{secret}:{nonce}:00000001:{cnonce}:auth:{what}"))
}

fn hash(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}

/// Splits at commas outside quotes.
fn parts(fields: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    fields.split(move |sign| {
        is_quoted ^= sign == '"';
        sign == ',' && !is_quoted
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_is_answered_as_there() {
        let who = Credentials { user: "Mufasa", password: "Circle of Life", realm: "http-auth@example.org" };
        let (nonce, cnonce) =
            ("7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ");
        assert_eq!(
            response(&who, nonce, cnonce, "/dir/index.html"),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
        );
    }

    #[test]
    fn a_challenge_is_read_with_commas_in_quotes_and_another_kind_is_not_answered() {
        let challenge =
            r#"Digest qop="auth,auth-int", realm="shelly, one", nonce="60dc59c6", algorithm=SHA-256"#;
        let header = answer(challenge, "admin", "secret", "/rpc/x").unwrap();
        assert!(header.contains(r#"realm="shelly, one""#) && header.contains(r#"uri="/rpc/x""#), "{header}");
        assert!(!header.contains("secret"));
        assert_eq!(answer(r#"Basic realm="x""#, "admin", "secret", "/"), None);
        assert_eq!(answer(r#"Digest qop="auth", realm="x", nonce="1", algorithm=MD5"#, "a", "b", "/"), None);
    }
}
