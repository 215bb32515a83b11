//! What `/proc` tells about processes. Every answer may be old by the time it is read.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::MetadataExt;

/// One process, of `/proc/PID/stat`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stat {
    /// `R`, `S`, `T`, `Z` …
    pub(crate) state: u8,
    pub(crate) parent: i32,
    pub(crate) session: i32,
    /// Processor time of its own, in clock ticks.
    pub(crate) ticks: u64,
    /// That of the children it waited for, theirs included.
    pub(crate) waited_ticks: u64,
    pub(crate) threads: u64,
    /// Clock ticks from boot to its start: with the pid and the boot it names a process for ever.
    pub(crate) start: u64,
}

impl Stat {
    /// Ended, but not yet waited for.
    pub(crate) fn is_zombie(&self) -> bool {
        matches!(self.state, b'Z' | b'X')
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.state == b'T'
    }
}

/// The process' state, if it is there.
pub(crate) fn stat(pid: i32) -> Option<Stat> {
    parse_stat(&fs::read(format!("/proc/{pid}/stat")).ok()?)
}

fn parse_stat(bytes: &[u8]) -> Option<Stat> {
    // The name in parentheses may itself hold spaces, parentheses and any byte.
    let after = bytes.iter().rposition(|byte| *byte == b')')? + 1;
    let text = std::str::from_utf8(bytes.get(after..)?).ok()?;
    let fields: Vec<&str> = text.split_ascii_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    Some(Stat {
        state: *fields.first()?.as_bytes().first()?,
        parent: fields.get(1)?.parse().ok()?,
        session: fields.get(3)?.parse().ok()?,
        ticks: number(11)?.saturating_add(number(12)?),
        waited_ticks: number(13)?.saturating_add(number(14)?),
        threads: number(17)?,
        start: number(19)?,
    })
}

/// All processes.
pub(crate) fn processes() -> Vec<i32> {
    numbers("/proc")
}

fn numbers(folder: &str) -> Vec<i32> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok())
        .collect()
}

/// Whether `/proc` is there and counts processes as this process' own system calls do. A sandbox may
/// hide it, or show the one of another pid namespace, whose numbers must not be used.
pub(crate) fn is_ours() -> bool {
    fs::read_link("/proc/self")
        .is_ok_and(|own| own.to_str() == Some(std::process::id().to_string().as_str()))
}

/// Names this process' pid namespace, on this machine.
pub(crate) fn pid_namespace() -> Option<u64> {
    fs::metadata("/proc/self/ns/pid").ok().map(|it| it.ino())
}

/// Every process below `root` that is there now, parents before their children, zombies included.
pub(crate) fn descendants(root: i32) -> Vec<i32> {
    some_descendants(root, usize::MAX)
}

/// The same, but not many more than `enough`: for trees that grow faster than they are looked at.
pub(crate) fn some_descendants(root: i32, enough: usize) -> Vec<i32> {
    let by_kernel = fs::exists(format!("/proc/{root}/task/{root}/children")).unwrap_or(false);
    let parents: Vec<(i32, i32)> = if by_kernel {
        Vec::new()
    } else {
        processes()
            .into_iter()
            .filter_map(|pid| Some((pid, stat(pid)?.parent)))
            .collect()
    };
    let children_of = |pid: i32| -> Vec<i32> {
        if by_kernel {
            return children(pid);
        }
        let own = parents.iter().filter(|(_, parent)| *parent == pid);
        own.map(|(child, _)| *child).collect()
    };
    let mut seen = BTreeSet::from([root]);
    let mut found = Vec::new();
    let mut next = vec![root];
    while let Some(pid) = next.pop()
        && found.len() < enough
    {
        for child in children_of(pid) {
            if seen.insert(child) {
                found.push(child);
                next.push(child);
            }
        }
    }
    found
}

/// The processes whose parent is `pid` now.
pub(crate) fn children(pid: i32) -> Vec<i32> {
    let mut found = Vec::new();
    for task in numbers(&format!("/proc/{pid}/task")) {
        if let Ok(text) = fs::read_to_string(format!("/proc/{pid}/task/{task}/children")) {
            let pids = text.split_ascii_whitespace();
            found.extend(pids.filter_map(|pid| pid.parse::<i32>().ok()));
        }
    }
    found
}

/// Whether the process is below `root` right now, by the chain of its parents.
pub(crate) fn is_descendant(root: i32, pid: i32) -> bool {
    let mut at = pid;
    // Longer chains than this are not waited for: every link is a file to be read.
    for _ in 0..4096 {
        match stat(at) {
            Some(stat) if stat.parent == root => return true,
            Some(stat) if stat.parent > 1 => at = stat.parent,
            _ => return false,
        }
    }
    false
}

/// Whether the process was started with this variable, as `NAME=value`. `false` where it cannot be
/// read.
pub(crate) fn has_variable(pid: i32, assignment: &str) -> bool {
    fs::read(format!("/proc/{pid}/environ")).is_ok_and(|all| {
        all.split(|byte| *byte == 0)
            .any(|one| one == assignment.as_bytes())
    })
}

/// Whether this word is one of the process' arguments.
pub(crate) fn has_argument(pid: i32, word: &str) -> bool {
    fs::read(format!("/proc/{pid}/cmdline")).is_ok_and(|all| {
        all.split(|byte| *byte == 0)
            .any(|one| one == word.as_bytes())
    })
}

/// Names this start of the machine.
pub(crate) fn boot_id() -> std::io::Result<String> {
    let text = fs::read_to_string("/proc/sys/kernel/random/boot_id")?;
    Ok(text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_does_not_shift_the_fields() {
        let line = b"7 (a) R (b) S 3 4 5 0 -1 1 2 3 4 5 6 7 8 9 20 0 1 0 4242 11 12\n";
        let stat = parse_stat(line).expect("well-formed");
        assert_eq!(
            (stat.state, stat.parent, stat.session, stat.start),
            (b'S', 3, 5, 4242)
        );
        assert_eq!(
            (stat.ticks, stat.waited_ticks, stat.threads),
            (6 + 7, 8 + 9, 1)
        );
        assert_eq!(parse_stat(b"7 (a"), None);
        assert_eq!(parse_stat(b"7 (a) S"), None);
    }

    #[test]
    fn this_process_is_below_its_parent_and_not_below_itself() {
        let own = i32::try_from(std::process::id()).expect("pids are small");
        let parent = stat(own).expect("it runs").parent;
        assert!(is_descendant(parent, own));
        assert!(!is_descendant(own, own));
        assert!(is_ours());
    }
}
