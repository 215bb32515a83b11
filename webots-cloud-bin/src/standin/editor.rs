//! Controllers in the editor of the web page (W3.7).

use std::path::PathBuf;

use super::project::Project;

/// The largest source that is shown or saved.
const MAX_SOURCE: u64 = 1 << 20;
/// The most files of a controller that are shown.
const MAX_FILES: usize = 50;

/// The endings of what counts as source or data of a controller.
const ENDINGS: [&str; 14] = [
    "py", "c", "cc", "cpp", "h", "hpp", "java", "m", "sh", "txt", "json", "xml", "csv", "cfg",
];

/// The frames that show a controller: its main source first.
///
/// # Errors
/// A text for the log, where it may not be shown.
pub fn show(project: &Project, allowed: &[String], folder: &str) -> Result<Vec<String>, String> {
    check_folder(allowed, folder)?;
    let entries = std::fs::read_dir(project.root.join("controllers").join(folder));
    let entries = entries.map_err(|e| format!("cannot read controller {folder}: {e}"))?;
    let mut names: Vec<String> = entries
        .flatten()
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|name| shown(folder, name))
        .take(MAX_FILES)
        .collect();
    // The file with the name of the folder is the main one.
    names.sort_by_key(|name| {
        let main = name == folder
            || name
                .rsplit_once('.')
                .is_some_and(|(stem, _)| stem == folder);
        (!main, name.clone())
    });
    Ok(names
        .iter()
        .filter_map(|name| frame(project, folder, name).ok())
        .collect())
}

/// The frame that shows one file, `DIR/FILE`.
///
/// # Errors
/// A text for the log, where it may not be shown.
pub fn show_file(project: &Project, allowed: &[String], file: &str) -> Result<String, String> {
    let (folder, name) = split(allowed, file)?;
    frame(project, folder, name)
}

/// Overwrites an existing file.
///
/// # Errors
/// A text for the log, where it may not be changed.
pub fn save(
    project: &Project,
    allowed: &[String],
    file: &str,
    content: &str,
) -> Result<(), String> {
    let (folder, name) = split(allowed, file)?;
    if content.len() as u64 > MAX_SOURCE {
        return Err(format!("{file} is larger than {MAX_SOURCE} bytes"));
    }
    let path = path(project, folder, name)?;
    std::fs::write(&path, content).map_err(|e| format!("cannot write {file}: {e}"))
}

fn check_folder(allowed: &[String], folder: &str) -> Result<(), String> {
    let fine =
        !folder.is_empty() && !folder.contains(['.', '/', '\\', '\0', ':']) && folder != "void";
    if fine && allowed.iter().any(|name| name == folder) {
        Ok(())
    } else {
        Err(format!(
            "no robot of this world has this controller: {}",
            folder.escape_debug()
        ))
    }
}

fn split<'a>(allowed: &[String], file: &'a str) -> Result<(&'a str, &'a str), String> {
    let (folder, name) = file
        .split_once('/')
        .ok_or_else(|| format!("not DIR/FILE: {}", file.escape_debug()))?;
    check_folder(allowed, folder)?;
    if shown(folder, name) {
        Ok((folder, name))
    } else {
        Err(format!("not a source: {}", file.escape_debug()))
    }
}

fn shown(folder: &str, name: &str) -> bool {
    let plain = !name.starts_with('.')
        && !name.contains("..")
        && !name.contains(['/', '\\', '\0', ':', '\n']);
    let source = name == folder
        || name == "Makefile"
        || name
            .rsplit_once('.')
            .is_some_and(|(_, ending)| ENDINGS.contains(&ending));
    plain && source && name != "runtime.ini"
}

fn path(project: &Project, folder: &str, name: &str) -> Result<PathBuf, String> {
    let path = project.file(&format!("controllers/{folder}/{name}"));
    path.ok_or_else(|| format!("no such file: {folder}/{}", name.escape_debug()))
}

fn frame(project: &Project, folder: &str, name: &str) -> Result<String, String> {
    let path = path(project, folder, name)?;
    let size = path.metadata().map_err(|e| e.to_string())?.len();
    if size > MAX_SOURCE {
        return Err(format!("{folder}/{name} is larger than {MAX_SOURCE} bytes"));
    }
    let content =
        std::fs::read_to_string(&path).map_err(|e| format!("cannot read {folder}/{name}: {e}"))?;
    Ok(format!(
        "set controller:{folder}/{name}:{}\n{content}",
        content.lines().count()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_sources_of_controllers_in_the_world() {
        let temporary = tempfile::tempdir().unwrap();
        let root = temporary.path();
        std::fs::create_dir_all(root.join("worlds")).unwrap();
        std::fs::create_dir_all(root.join("controllers/drive")).unwrap();
        for (name, text) in [
            ("drive.py", "a\nb\n"),
            ("a.txt", "t"),
            ("runtime.ini", "x"),
            ("drive.o", "x"),
        ] {
            std::fs::write(root.join("controllers/drive").join(name), text).unwrap();
        }
        let project = Project::of_world(&root.join("worlds/a.wbt")).unwrap();
        let allowed = ["drive".to_owned(), "void".to_owned()];
        let frames = show(&project, &allowed, "drive").unwrap();
        assert_eq!(
            frames,
            [
                "set controller:drive/drive.py:2\na\nb\n",
                "set controller:drive/a.txt:1\nt"
            ]
        );
        save(&project, &allowed, "drive/drive.py", "new").unwrap();
        assert!(
            show_file(&project, &allowed, "drive/drive.py")
                .unwrap()
                .ends_with("\nnew")
        );
        for file in [
            "drive/new.py",
            "drive/runtime.ini",
            "drive/../x.py",
            "other/other.py",
            "void/v.py",
            "drive",
        ] {
            assert!(save(&project, &allowed, file, "x").is_err(), "{file}");
        }
        assert!(show(&project, &allowed, "..").is_err());
    }
}
