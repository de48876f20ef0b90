//! The document around the app: what a browser sees before the wasm runs.
//!
//! Must not: contain a script or a style of its own; the content security policy forbids both.

use super::asset::Asset;

/// What search engines and link previews say.
const DESCRIPTION: &str = "Ask a language model and see what its answer cost: measured joules, watts, \
seconds and grams of CO2, per token and per answer, comparable across models and machines.";
/// The colour around the page in light and in dark mode; the same as the page's own background.
const THEME: [(&str, &str); 2] = [("light", "#fbfaf7"), ("dark", "#14171a")];

/// One program of the page: what wasm-bindgen made of it, and how the paths of its pages start.
pub(super) struct Program {
    glue: Asset,
    wasm: Asset,
    starts: Vec<String>,
}

impl Program {
    /// Of this name; `starts` has a line a path.
    pub(super) fn new(name: &str, (glue, wasm): (String, Vec<u8>), starts: &str) -> Self {
        Self {
            glue: Asset::hashed(name, "js", glue.into_bytes()),
            wasm: Asset::hashed(name, "wasm", wasm),
            starts: starts.lines().map(str::to_owned).collect(),
        }
    }
}

/// All files of the page. The first program has the pages that no other has.
pub(super) fn assemble(programs: Vec<Program>, style: &[u8], icon: &[u8]) -> Vec<Asset> {
    let style = Asset::hashed("site", "css", style.to_vec());
    let icon = Asset::hashed("icon", "svg", icon.to_vec());
    let boot = Asset::hashed("boot", "js", boot(&programs).into_bytes());
    let document = document(&style, &icon, &boot);
    let index = Asset::named("index.html", document.into_bytes());
    let files = programs.into_iter().flat_map(|program| [program.wasm, program.glue]);
    [index, boot, style, icon].into_iter().chain(files).collect()
}

/// Starts the program that has the page of the address; its two files are fetched side by side.
fn boot(programs: &[Program]) -> String {
    let lines: Vec<String> = programs
        .iter()
        .map(|program| {
            let starts: Vec<String> = program.starts.iter().map(|start| format!("'{start}'")).collect();
            let (glue, wasm) = (program.glue.file_name(), program.wasm.address());
            format!("  ['./{glue}', '{wasm}', [{}]],\n", starts.join(", "))
        })
        .collect();
    format!(
        "const start = location.pathname.split('/')[1];\n\
         const programs = [\n{}];\n\
         const [glue, wasm] = programs.find(([, , starts]) => starts.includes(start)) ?? programs[0];\n\
         const module_or_path = fetch(wasm);\n\
         (await import(glue)).default({{ module_or_path }});\n",
        lines.concat()
    )
}

fn document(style: &Asset, icon: &Asset, boot: &Asset) -> String {
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
         <script type=\"module\" src=\"{boot}\"></script>\n\
         </head>\n\
         <body>\n\
         <noscript><p>Jouleboard computes its figures in the browser and needs JavaScript and WebAssembly. \
         The same figures are served as JSON: see <a href=\"/api/docs\">the description of the API</a>.</p></noscript>\n\
         </body>\n\
         </html>\n",
        icon = icon.address(),
        style = style.address(),
        boot = boot.address(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_and_its_start_name_every_asset_and_nothing_is_inline() {
        let program = |name: &str, starts: &str| {
            Program::new(name, (format!("glue of {name}"), name.as_bytes().to_vec()), starts)
        };
        let assets =
            assemble(vec![program("app", ""), program("ranking", "kinds\ncarbon\n")], b"a{}", b"<svg/>");
        let text = assets[0].name.clone();
        assert_eq!(text, "index.html");
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("assets")).unwrap();
        for asset in &assets {
            asset.write(folder.path()).unwrap();
        }
        let document = std::fs::read_to_string(folder.path().join("index.html")).unwrap();
        let boot = std::fs::read_to_string(folder.path().join(&assets[1].name)).unwrap();
        for asset in &assets[1..4] {
            assert!(document.contains(&asset.address()), "{} is not in the document", asset.name);
        }
        for asset in &assets[4..] {
            assert!(boot.contains(asset.file_name()), "{} is not started", asset.name);
        }
        assert!(boot.contains("['kinds', 'carbon']"), "{boot}");
        assert!(!document.contains("<style") && !document.contains("style=\""), "{document}");
        assert_eq!(document.matches("<script").count(), 1);
        assert!(document.contains("></script>"), "the only script is external");
    }
}
