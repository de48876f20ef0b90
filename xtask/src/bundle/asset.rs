//! One file of the page: named by its content, written with its compressed forms beside it.
//!
//! Must not: know what the file is for.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use anyhow::Result;
use flate2::Compression;
use flate2::write::GzEncoder;

use super::{Size, digest};

/// One file of the page.
#[derive(Debug)]
pub(super) struct Asset {
    /// Where it goes, below `dist`.
    pub(super) name: String,
    content: Vec<u8>,
}

impl Asset {
    /// A file that may be cached for ever, because its name changes with its content.
    pub(super) fn hashed(stem: &str, extension: &str, content: Vec<u8>) -> Self {
        let hash = digest(&[&content]);
        Self { name: format!("assets/{stem}.{}.{extension}", &hash[..16]), content }
    }

    /// A file whose name people and browsers know.
    pub(super) fn named(name: &str, content: Vec<u8>) -> Self {
        Self { name: name.to_owned(), content }
    }

    /// The address that the page uses.
    pub(super) fn address(&self) -> String {
        format!("/{}", self.name)
    }

    /// The name without its folder, for imports between assets.
    pub(super) fn file_name(&self) -> &str {
        self.name.rsplit('/').next().unwrap_or(&self.name)
    }

    /// Writes the file, its `.gz` and its `.br`.
    pub(super) fn write(&self, dist: &Path) -> Result<Size> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(&self.content)?;
        let gzip = gzip.finish()?;

        let mut brotli = Vec::new();
        let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
        brotli::BrotliCompress(&mut self.content.as_slice(), &mut brotli, &params)?;

        let path = dist.join(&self.name);
        fs::write(&path, &self.content)?;
        fs::write(dist.join(format!("{}.gz", self.name)), &gzip)?;
        fs::write(dist.join(format!("{}.br", self.name)), &brotli)?;
        Ok(Size {
            name: self.name.clone(),
            raw_bytes: self.content.len(),
            gzip_bytes: gzip.len(),
            brotli_bytes: brotli.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::*;

    #[test]
    fn the_compressed_forms_unpack_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let content = b"joule ".repeat(500);
        let asset = Asset::named("page.html", content.clone());
        let size = asset.write(folder.path()).unwrap();
        assert_eq!(size.raw_bytes, 3000);

        let mut gunzipped = Vec::new();
        let gz = fs::File::open(folder.path().join("page.html.gz")).unwrap();
        flate2::read::GzDecoder::new(gz).read_to_end(&mut gunzipped).unwrap();
        assert_eq!(gunzipped, content);

        let mut unbrotlied = Vec::new();
        let br = fs::File::open(folder.path().join("page.html.br")).unwrap();
        brotli::Decompressor::new(br, 4096).read_to_end(&mut unbrotlied).unwrap();
        assert_eq!(unbrotlied, content);
    }

    #[test]
    fn a_name_changes_with_the_content_only() {
        let name = |content: &[u8]| Asset::hashed("app", "css", content.to_vec()).name;
        assert_eq!(name(b"a"), name(b"a"));
        assert_ne!(name(b"a"), name(b"b"));
    }
}
