use super::super::attack::Outcome::{NotTried, Reached, ReachedByRoot};
use super::super::attack::{Attack, Then};

const NOT_THERE: &str = "it is not there";
const NO_LINK: &str = "the server removes the workspace without following links";

pub(crate) const ATTACKS: &[Attack] = &[
    Attack::program("shadow", "reads `/etc/shadow`")
        .confined(NOT_THERE)
        .none(ReachedByRoot),
    Attack::program("keys", "reads a key in `keyDir`")
        .confined(NOT_THERE)
        .none(Reached("")),
    Attack::program("server_files", "reads the server's configuration and log")
        .confined(NOT_THERE)
        .none(Reached("")),
    Attack::program("other_projects", "reads other projects in `projectsDir`, and the cache of git worlds")
        .confined(NOT_THERE)
        .none(Reached("")),
    Attack::program("other_workspace", "reads a file in the neighbour's workspace, and looks who is there")
        .confined(NOT_THERE)
        .none(Reached("")),
    Attack::program("owner_mark", "opens the mark that says whose its workspace is, for writing")
        .confined(NOT_THERE)
        .none(Reached("")),
    Attack::program("write_outside", "writes into a folder outside, and into `/usr`")
        .confined("what it sees of them is read-only")
        .none(Reached("")),
    Attack::program("hard_link", "makes a hard link to a file outside")
        .confined(NOT_THERE)
        .none(Reached("")),
    Attack::program("file_handle", "opens files by handle, past what hides their paths")
        .confined("it has no capabilities")
        .none(ReachedByRoot),
    Attack::outside("links_at_clearing", "leaves links to folders outside, `/` and each other in its workspace")
        .everywhere(NO_LINK),
    Attack::program("workspace_swap", "puts a link to a folder outside in the place of its workspace")
        .confined("the workspace cannot be moved from within")
        .none(Reached("what it moved away stays; the link is not followed")),
    Attack::outside("reset_through_link", "puts a link to a file outside in the place of its controller, which the server then restores")
        .then(Then::Resets)
        .everywhere("the server restores into files only"),
    Attack::outside("reset_through_folder", "the same with a folder on the way to the controller")
        .then(Then::Resets)
        .everywhere("the server restores through no link"),
    Attack::outside("reset_into_pipe", "the same with a pipe that nobody reads")
        .then(Then::Resets)
        .everywhere("the server restores into files only"),
    Attack::outside("closed_folders", "leaves folders and files without any permissions, and closes its workspace")
        .everywhere("the server opens them before it removes them"),
    Attack::program("immutable", "makes files that cannot be removed (immutable, append-only)")
        .confined("it has no capabilities")
        .none(ReachedByRoot),
    Attack::outside("deep_folders", "leaves 2000 folders one in the other, a path of 200 kB")
        .everywhere("the server removes them without recursion"),
    Attack::outside("odd_names", "leaves names with line ends, of 255 bytes, not in UTF-8, that look like options")
        .everywhere("the server passes names on to no shell"),
    Attack::outside("empty_workspace", "removes the project, the world and all other files of its workspace")
        .everywhere("only its own session suffers"),
    Attack::program("devices", "makes device files; leaves pipes and sockets")
        .confined("it has no capabilities")
        .none(ReachedByRoot),
    Attack::program("host_devices", "opens the machine's disks, memory, kernel log, KVM, FUSE")
        .confined("they are not there")
        .none(ReachedByRoot),
    Attack::program("kernel_settings", "looks for a file in `/proc` and `/sys` that opens for writing: `core_pattern`, `sysrq-trigger`, cgroups, …")
        .confined("they are read-only or not there")
        .none(NotTried),
    Attack::program("setuid_programs", "becomes root by setuid programs: the machine's, and its own copy")
        .confined("`no_new_privs`, no capabilities")
        .none(ReachedByRoot),
];
