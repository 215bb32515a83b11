//! Which server a workspace belongs to: a file beside it, where a confined instance cannot write.
//!
//! Its form: `webots-cloud-workspace 2`, then a line each for `pid`, `start`, `boot` and, if the
//! instance has one, `cgroup` with its folder. Version 1 has no cgroups.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, OFlags, flock};

pub(crate) use crate::platform::linux::identity::ProcessIdentity as Owner;
use crate::platform::linux::procfs;

const FIRST: &str = "webots-cloud-workspace 2";
const FIRST_OF_1: &str = "webots-cloud-workspace 1";
/// A mark is shorter; what is longer is none.
const LONGEST: u64 = 8192;

impl Owner {
    /// The beginning of its workspaces' names: `[0-9a-z-]` only, as sandboxes refuse much else.
    pub(crate) fn prefix(&self) -> String {
        format!("w{}-{}-{}", self.pid, self.start, short(&self.boot))
    }

    /// Whose workspace has this name.
    fn of_name(name: &str) -> Option<Self> {
        let mut parts = name.strip_prefix('w')?.split('-');
        let (pid, start) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        let (boot, number) = (parts.next()?, parts.next()?);
        number.parse::<u64>().ok()?;
        let this = procfs::boot_id().ok()?;
        let boot = if boot == short(&this) { &this } else { boot };
        parts.next().is_none().then(|| Self {
            pid,
            start,
            boot: boot.to_owned(),
        })
    }
}

fn short(boot: &str) -> String {
    let digits = boot.chars().filter(char::is_ascii_hexdigit).take(8);
    digits.collect::<String>().to_ascii_lowercase()
}

/// The owner, and the folder of the instance's cgroup.
fn parse(text: &str) -> Option<(Owner, Option<PathBuf>)> {
    let mut lines = text.lines();
    matches!(lines.next()?, FIRST | FIRST_OF_1).then_some(())?;
    let owner = Owner::parse(&mut lines)?;
    let cgroup = lines.next().and_then(|line| line.strip_prefix("cgroup "));
    Some((owner, cgroup.map(PathBuf::from)))
}

/// Where the mark of the workspace `name` lies.
pub(crate) fn mark_path(instances: &Path, name: &str) -> PathBuf {
    instances.join(format!(".{name}.owner"))
}

/// The workspace's name, if this is the file name of a mark.
pub(crate) fn marked_name(file: &str) -> Option<&str> {
    let name = file.strip_prefix('.')?.strip_suffix(".owner")?;
    let ours = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (!name.is_empty() && name.bytes().all(ours)).then_some(name)
}

/// Writes the mark and holds it locked: the lock ends with this process, whatever ends it, and is
/// seen from other pid namespaces too, where the pid says nothing.
pub(crate) fn claim(
    instances: &Path,
    name: &str,
    owner: &Owner,
    cgroup: Option<&Path>,
) -> io::Result<File> {
    let path = mark_path(instances, name);
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path)?;
    let cgroup = cgroup.map_or_else(String::new, |it| format!("cgroup {}\n", it.display()));
    let written = flock(&file, FlockOperation::NonBlockingLockExclusive)
        .map_err(io::Error::from)
        .and_then(|()| file.write_all(format!("{FIRST}\n{owner}{cgroup}").as_bytes()));
    if let Err(error) = written {
        let _ = std::fs::remove_file(path);
        return Err(error);
    }
    // A server of another pid namespace may have found it before it was locked.
    if file.metadata()?.nlink() == 0 {
        return Err(io::Error::other("the mark was swept away"));
    }
    Ok(file)
}

/// The mark of a dead server.
#[derive(Debug)]
pub(crate) struct Inherited {
    /// Locked; to be held until the workspace is gone: two sweeps do not meet.
    _mark: File,
    /// What it says of a cgroup.
    pub(crate) cgroup: Option<PathBuf>,
}

/// Takes over the mark of a workspace whose server is dead: `None` if it lives, if it is being
/// removed by somebody else, or if this is no mark.
pub(crate) fn inherit(instances: &Path, name: &str) -> io::Result<Option<Inherited>> {
    let mut file = OpenOptions::new()
        .read(true)
        .custom_flags(OFlags::NOFOLLOW.bits().cast_signed())
        .open(mark_path(instances, name))?;
    if !file.metadata()?.is_file() {
        return Ok(None);
    }
    let mut text = String::new();
    (&mut file).take(LONGEST).read_to_string(&mut text)?;
    // A server that is killed while it makes the file leaves it empty.
    let owner = match text.as_str() {
        "" => Owner::of_name(name).map(|owner| (owner, None)),
        text => parse(text),
    };
    match owner {
        Some((owner, cgroup)) if !owner.runs() => {
            let locked = flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok();
            Ok(locked.then_some(Inherited {
                _mark: file,
                cgroup,
            }))
        }
        Some(_) | None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_who_wrote_it() {
        let own = Owner::this_process().expect("Linux");
        let mark = format!("{FIRST}\n{own}");
        assert_eq!(parse(&mark), Some((own.clone(), None)));
        let old = mark.replace(FIRST, FIRST_OF_1);
        assert_eq!(parse(&old), Some((own.clone(), None)));
        let with_cgroup = format!("{mark}cgroup /sys/fs/cgroup/a b\n");
        assert_eq!(
            parse(&with_cgroup),
            Some((own.clone(), Some("/sys/fs/cgroup/a b".into())))
        );
        for wrong in [
            "",
            "pid 1\nstart 1\nboot x\n",
            "webots-cloud-workspace 1\npid x\n",
            "webots-cloud-workspace 3\npid 1\nstart 1\nboot x\n",
        ] {
            assert_eq!(parse(wrong), None);
        }
        assert!(
            own.prefix()
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
        );
    }

    #[test]
    fn an_empty_mark_is_its_names_owners() {
        let own = Owner::this_process().expect("Linux");
        let folder = tempfile::tempdir().expect("a folder");
        let dead = Owner {
            start: own.start + 1,
            ..own.clone()
        };
        let before = Owner {
            boot: "another".to_owned(),
            ..own.clone()
        };
        for (owner, is_dead) in [(own, false), (dead, true), (before, true)] {
            let name = format!("{}-7", owner.prefix());
            std::fs::write(mark_path(folder.path(), &name), "").expect("written");
            let inherited = inherit(folder.path(), &name).expect("readable");
            assert_eq!(inherited.is_some(), is_dead, "{name}");
        }
        for other in ["w1-2-a", "w1-2-a-x", "x1-2-a-3", "w1-2-a-3-4"] {
            assert_eq!(Owner::of_name(other), None);
        }
    }

    #[test]
    fn only_names_of_our_own_making_are_marks() {
        assert_eq!(marked_name(".w1-2-a-3.owner"), Some("w1-2-a-3"));
        for other in [
            "w1.owner",
            ".owner",
            "..owner",
            ".a/b.owner",
            ".A.owner",
            ".w1",
        ] {
            assert_eq!(marked_name(other), None, "{other}");
        }
    }
}
