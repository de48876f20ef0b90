//! The document around the app: what a browser sees before the wasm runs.
//!
//! Must not: contain a script or a style of its own; the content security policy forbids both.

use super::asset::Asset;

/// What search engines and link previews say.
const DESCRIPTION: &str = "Ask a language model and see what its answer cost: measured joules, watts, \
seconds and grams of CO2, per token and per answer, comparable across models and machines.";
/// The colour around the page in light and in dark mode; the same as the page's own background.
const THEME: [(&str, &str); 2] = [("light", "#fbfaf7"), ("dark", "#14171a")];

/// All files of the page.
pub(super) fn assemble(wasm: &[u8], glue: &str, style: &[u8], icon: &[u8]) -> Vec<Asset> {
    let wasm = Asset::hashed("app", "wasm", wasm.to_vec());
    let glue = Asset::hashed("app", "js", glue.as_bytes().to_vec());
    let style = Asset::hashed("app", "css", style.to_vec());
    let icon = Asset::hashed("icon", "svg", icon.to_vec());
    let boot = format!(
        "import init from './{}';\ninit({{ module_or_path: '{}' }});\n",
        glue.file_name(),
        wasm.address()
    );
    let boot = Asset::hashed("boot", "js", boot.into_bytes());
    let document = document(&wasm, &glue, &style, &icon, &boot);
    let index = Asset::named("index.html", document.into_bytes());
    vec![index, wasm, glue, boot, style, icon]
}

fn document(wasm: &Asset, glue: &Asset, style: &Asset, icon: &Asset, boot: &Asset) -> String {
    let themes: String = THEME
        .iter()
        .map(|(scheme, colour)| {
            format!(
                "<meta name=\"theme-color\" media=\"(prefers-color-scheme: {scheme})\" content=\"{colour}\">\n"
            )
        })
        .collect();
    format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <head>\n\
         <meta charset=\"utf-8\">\n\
         <title>Jouleboard</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"description\" content=\"{DESCRIPTION}\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         {themes}\
         <link rel=\"icon\" type=\"image/svg+xml\" href=\"{icon}\">\n\
         <link rel=\"stylesheet\" href=\"{style}\">\n\
         <link rel=\"modulepreload\" href=\"{glue}\">\n\
         <link rel=\"preload\" as=\"fetch\" type=\"application/wasm\" crossorigin href=\"{wasm}\">\n\
         <script type=\"module\" src=\"{boot}\"></script>\n\
         </head>\n\
         <body>\n\
         <noscript><p>Jouleboard computes its figures in the browser and needs JavaScript and WebAssembly. \
         The same figures are served as JSON: see <a href=\"/api/docs\">the description of the API</a>.</p></noscript>\n\
         </body>\n\
         </html>\n",
        icon = icon.address(),
        style = style.address(),
        glue = glue.address(),
        wasm = wasm.address(),
        boot = boot.address(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_names_every_asset_and_has_nothing_inline() {
        let assets = assemble(b"wasm", "glue", b"a{}", b"<svg/>");
        let text = assets[0].name.clone();
        assert_eq!(text, "index.html");
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("assets")).unwrap();
        for asset in &assets {
            asset.write(folder.path()).unwrap();
        }
        let document = std::fs::read_to_string(folder.path().join("index.html")).unwrap();
        for asset in &assets[1..] {
            assert!(document.contains(&asset.address()), "{} is not in the document", asset.name);
        }
        assert!(!document.contains("<style") && !document.contains("style=\""), "{document}");
        assert_eq!(document.matches("<script").count(), 1);
        assert!(document.contains("></script>"), "the only script is external");
    }
}
