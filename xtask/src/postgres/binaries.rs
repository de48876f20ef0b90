//! Where the programs of PostgreSQL are.
//!
//! Must not: install them (that is `setup`).

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::program;

/// Where Debian keeps each version's programs.
const DEBIAN: &str = "/usr/lib/postgresql";

/// A folder with `initdb` and `postgres`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binaries(PathBuf);

impl Binaries {
    /// `PG_BIN`, then the newest of Debian's versions, then whatever PATH leads to. A cluster that exists
    /// needs the version that made it.
    pub(crate) fn find(version: Option<&str>) -> Result<Self> {
        if let Some(folder) = std::env::var_os("PG_BIN") {
            let folder = PathBuf::from(folder);
            return Self::at(&folder).with_context(|| {
                format!("PG_BIN is {}, but initdb and postgres are not there", folder.display())
            });
        }
        if let Some(version) = version {
            let folder = Path::new(DEBIAN).join(version).join("bin");
            if let Some(found) = Self::at(&folder) {
                return Ok(found);
            }
        }
        newest(Path::new(DEBIAN)).or_else(on_path).context(
            "no PostgreSQL server is installed: `apt-get install postgresql`, or name one's programs \
                      in PG_BIN, or a running database in DATABASE_URL",
        )
    }

    /// One of the programs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn at(folder: &Path) -> Option<Self> {
        let has = |name: &str| program::is_program(&folder.join(name));
        (has("initdb") && has("postgres")).then(|| Self(folder.to_path_buf()))
    }
}

/// The version that made a cluster; `None` where there is none yet.
pub(super) fn version_of(data: &Path) -> Result<Option<String>> {
    let path = data.join("PG_VERSION");
    if !path.exists() {
        return Ok(None);
    }
    let version = fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))?;
    let version = version.trim().to_owned();
    if version.is_empty() {
        bail!("{} is empty: the cluster there is damaged; move it away", path.display());
    }
    Ok(Some(version))
}

fn newest(debian: &Path) -> Option<Binaries> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir(debian)
        .ok()?
        .filter_map(|entry| {
            let path = entry.ok()?.path();
            Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin")))
        })
        .collect();
    versions.sort();
    versions.iter().rev().find_map(|(_, folder)| Binaries::at(folder))
}

/// A link on PATH leads to the folder where the rest is.
fn on_path() -> Option<Binaries> {
    let initdb = program::on_path("initdb")?.canonicalize().ok()?;
    Binaries::at(initdb.parent()?)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn install(debian: &Path, version: &str, names: &[&str]) {
        let folder = debian.join(version).join("bin");
        fs::create_dir_all(&folder).unwrap();
        for name in names {
            fs::write(folder.join(name), "").unwrap();
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
    }

    #[test]
    fn version_9_is_older_than_15_and_a_client_alone_is_no_server() {
        let debian = tempfile::tempdir().unwrap();
        install(debian.path(), "9", &["initdb", "postgres"]);
        install(debian.path(), "15", &["initdb", "postgres"]);
        install(debian.path(), "17", &["psql"]);
        let found = newest(debian.path()).unwrap();
        assert_eq!(found.program("initdb"), debian.path().join("15/bin/initdb"));
    }
}
