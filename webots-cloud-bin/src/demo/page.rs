//! The demo's plain web page: one file, for machines where the site was not built.

use std::path::Path;

use serde_json::json;

const PAGE: &str = include_str!("page.html");

/// Where the page's script finds what it has to know.
const SETTINGS: &str = "/*SETTINGS*/null";

/// The page for a session server on this port of the page's own host, with these worlds.
pub(super) fn page(session_port: u16, worlds: &[(String, String)]) -> String {
    let settings = json!({ "sessionPort": session_port, "worlds": worlds });
    // `<` would end the script early if a folder is named so.
    let settings = settings.to_string().replace('<', "\\u003c");
    PAGE.replace(SETTINGS, &settings)
}

/// `[project, world]` of each world, sorted.
pub(super) fn worlds(projects: &Path) -> std::io::Result<Vec<(String, String)>> {
    let mut worlds = Vec::new();
    for project in std::fs::read_dir(projects)? {
        let project = project?;
        let Ok(files) = std::fs::read_dir(project.path().join("worlds")) else {
            continue;
        };
        for file in files {
            let file = file?.file_name().to_string_lossy().into_owned();
            if file.ends_with(".wbt") {
                let project = project.file_name().to_string_lossy().into_owned();
                worlds.push((project, file));
            }
        }
    }
    worlds.sort();
    Ok(worlds)
}
