//! Who owns a cluster: us, or, where we are root, a user who may do nothing else.
//!
//! Must not: create users.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};

/// A user to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) uid: u32,
    pub(super) gid: u32,
}

impl Owner {
    /// `None` where we are no root and simply stay who we are.
    pub(super) fn choose() -> Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        let users = fs::read_to_string("/etc/passwd").context("/etc/passwd cannot be read")?;
        let owner = ["postgres", "nobody"].into_iter().find_map(|name| find(&users, name));
        owner.map(Some).context("PostgreSQL refuses root, and there is neither a user postgres nor nobody")
    }

    /// Gives him the folder.
    pub(super) fn take(self, folder: &Path) -> Result<()> {
        std::os::unix::fs::chown(folder, Some(self.uid), Some(self.gid))
            .with_context(|| format!("{} cannot be given to user {}", folder.display(), self.uid))
    }

    /// Lets the command run as him.
    pub(super) fn run(self, command: &mut Command) {
        use std::os::unix::process::CommandExt as _;
        command.uid(self.uid).gid(self.gid);
    }
}

fn find(users: &str, name: &str) -> Option<Owner> {
    users.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        Some(Owner { uid: fields.nth(1)?.parse().ok()?, gid: fields.next()?.parse().ok()? })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_found_by_the_whole_name() {
        let users = "postgres-old:x:7:8::/:/bin/sh\npostgres:x:105:112:PostgreSQL:/var/lib:/bin/bash\n";
        assert_eq!(find(users, "postgres"), Some(Owner { uid: 105, gid: 112 }));
        assert_eq!(find(users, "nobody"), None);
    }
}
