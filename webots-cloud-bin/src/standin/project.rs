//! The folder of a project: `worlds/`, `controllers/` and what else clients may read.

use std::path::{Path, PathBuf};

/// The most worlds that are listed.
const MAX_WORLDS: usize = 500;

/// A project's folder and the world in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// The folder, without symbolic links.
    pub root: PathBuf,
    /// The folder of the worlds.
    pub worlds: PathBuf,
    /// The name of the world, like `simple.wbt`.
    pub world: String,
}

impl Project {
    /// The project of a world.
    ///
    /// # Errors
    /// A text for people, where there is no such world.
    pub fn of_world(path: &Path) -> Result<Self, String> {
        let path = std::path::absolute(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| format!("{}: not the name of a world", path.display()))?;
        if !name.ends_with(".wbt") {
            return Err(format!(
                "could not open file: '{}' is not a .wbt file",
                path.display()
            ));
        }
        let folder = path.parent().unwrap_or(&path);
        let worlds = folder
            .canonicalize()
            .map_err(|e| format!("could not open file: '{}': {e}", path.display()))?;
        let root = match (
            worlds.file_name().and_then(|name| name.to_str()),
            worlds.parent(),
        ) {
            (Some("worlds"), Some(parent)) => parent.to_path_buf(),
            (Some(_) | None, _) => worlds.clone(),
        };
        Ok(Self {
            root,
            worlds,
            world: name.to_owned(),
        })
    }

    /// The text of a world of this project; a symbolic link out of the project is none.
    ///
    /// # Errors
    /// A text for people.
    pub fn read_world(&self, name: &str) -> Result<String, String> {
        let path = self.worlds.join(name);
        let fail = |e: std::io::Error| format!("could not open file: '{}': {e}", path.display());
        let real = path.canonicalize().map_err(fail)?;
        let found = real.metadata().map_err(fail)?;
        let fits = found.is_file() && found.len() <= super::wbt::MAX_TEXT as u64;
        if !fits || !real.starts_with(&self.root) {
            return Err(format!(
                "could not open file: '{}': not a file of the project, or too large",
                path.display()
            ));
        }
        std::fs::read_to_string(&real).map_err(fail)
    }

    /// The names of the worlds, in order.
    #[must_use]
    pub fn list_worlds(&self) -> Vec<String> {
        let entries = std::fs::read_dir(&self.worlds)
            .into_iter()
            .flatten()
            .flatten();
        let mut names: Vec<String> = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| is_world_name(name))
            .take(MAX_WORLDS)
            .collect();
        names.sort();
        names
    }

    /// A file of the project by its path from there or from the folder of the worlds, where it may be
    /// read: no `..`, no hidden names, no symbolic link out of the folder.
    #[must_use]
    pub fn readable(&self, path: &str) -> Option<PathBuf> {
        self.file(path).or_else(|| {
            let worlds = self.worlds.strip_prefix(&self.root).ok()?.to_str()?;
            self.file(&format!("{worlds}/{path}"))
        })
    }

    /// A file of the project by its path, with the same rules.
    #[must_use]
    pub fn file(&self, path: &str) -> Option<PathBuf> {
        let fine = |part: &str| {
            !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', '\0', ':'])
        };
        if path.len() > 1024 || !path.split('/').all(fine) {
            return None;
        }
        let real = self.root.join(path).canonicalize().ok()?;
        (real.starts_with(&self.root) && real.is_file()).then_some(real)
    }
}

/// May a client ask for this world?
#[must_use]
pub fn is_world_name(name: &str) -> bool {
    name.ends_with(".wbt")
        && name.len() > 4
        && !name.starts_with('.')
        && !name.contains(['/', '\\', '\0', ';', ':'])
        && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_belongs_to_the_project() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("p");
        std::fs::create_dir_all(root.join("worlds/textures")).unwrap();
        std::fs::write(root.join("worlds/a.wbt"), "x").unwrap();
        std::fs::write(root.join("worlds/.a.wbproj"), "x").unwrap();
        std::fs::write(root.join("worlds/textures/t.png"), "x").unwrap();
        std::fs::write(folder.path().join("secret"), "x").unwrap();
        std::os::unix::fs::symlink(folder.path().join("secret"), root.join("link")).unwrap();
        let project = Project::of_world(&root.join("worlds/a.wbt")).unwrap();
        assert_eq!(
            (project.root.clone(), project.world.as_str()),
            (root, "a.wbt")
        );
        assert_eq!(project.list_worlds(), ["a.wbt"]);
        assert_eq!(project.read_world("a.wbt").unwrap(), "x");
        assert!(project.read_world("../link").is_err());
        assert!(project.file("worlds/textures/t.png").is_some());
        assert!(project.file("textures/t.png").is_none());
        let found = project.readable("worlds/textures/t.png");
        assert!(found.is_some() && found == project.readable("textures/t.png"));
        assert!(project.readable("../../secret").is_none());
        for path in [
            "../secret",
            "worlds/../../secret",
            "link",
            "worlds",
            "",
            "/etc/passwd",
            "worlds/.a.wbproj",
        ] {
            assert!(project.file(path).is_none(), "{path}");
        }
        assert!(Project::of_world(Path::new("/nowhere/worlds/a.wbt")).is_err());
        assert!(Project::of_world(Path::new("a.txt")).is_err());
    }
}
