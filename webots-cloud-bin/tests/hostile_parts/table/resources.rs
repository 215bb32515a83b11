use super::super::attack::Attack;
use super::super::attack::Outcome::{Depends, NotTried, Reached, ReachedByRoot};

const WARDEN: &str = "the session ends: its warden sees the limit passed";
const DISK: &[&str] = &["disk"];
const MEMORY: &[&str] = &["memory"];
const PROCESSES: &[&str] = &["processes"];

pub(crate) const ATTACKS: &[Attack] = &[
    Attack::limit("disk_files", "fills the disk with 24 files of 8 MiB", DISK).everywhere(WARDEN),
    Attack::limit(
        "disk_one_file",
        "fills the disk with one file of 192 MiB",
        DISK,
    )
    .confined("no file may be larger than the whole (`EFBIG`)")
    .none(super::super::attack::Outcome::Stopped(WARDEN)),
    Attack::limit(
        "disk_deleted",
        "fills the disk with files that are deleted and held open",
        DISK,
    )
    .everywhere(WARDEN),
    Attack::limit(
        "temporary_files",
        "fills `/tmp` and `/dev/shm` with 192 MiB",
        &["disk", "memory"],
    )
    .confined(WARDEN)
    .none(NotTried),
    Attack::limit("many_files", "makes 100 000 files", &["files"]).everywhere(WARDEN),
    Attack::limit(
        "fork_bomb",
        "a fork bomb (of at most 200 processes)",
        PROCESSES,
    )
    .everywhere(WARDEN),
    Attack::limit("thread_bomb", "200 threads", PROCESSES).everywhere(WARDEN),
    Attack::limit("memory_bomb", "takes 1 GiB in one process", MEMORY)
        .confined("no process may have more data than all may have (`ENOMEM`)")
        .none(super::super::attack::Outcome::Stopped(WARDEN)),
    Attack::limit("memory_of_many", "takes 1.2 GiB in six processes", MEMORY).everywhere(WARDEN),
    Attack::limit("memory_shared", "takes 1 GiB of shared memory", MEMORY).everywhere(WARDEN),
    Attack::limit(
        "memory_in_files",
        "takes 960 MiB in files that lie nowhere (`memfd_create`)",
        &["disk", "memory"],
    )
    .everywhere(WARDEN),
    Attack::program("open_files", "opens 1000 files at a time")
        .confined("`EMFILE`")
        .none(Reached("limits of single processes are set by sandboxes")),
    Attack::program("raise_limits", "raises its own limits")
        .confined("the limits are hard ones, and it has no capabilities")
        .none(Depends("the limits of the server, which it has")),
    Attack::program("core_dump", "dies with a core dump of 32 MiB")
        .confined("no process writes core dumps")
        .none(Depends("the limits of the server, which it has")),
    Attack::program(
        "priority",
        "takes the processor before all others: nice, real-time",
    )
    .confined("it has no capabilities")
    .none(ReachedByRoot),
];
