use super::super::attack::Attack;
use super::super::attack::Outcome::{Depends, NotTried, Reached, ReachedByRoot, Stopped};

const CAPABILITIES: &str = "it has no capabilities";
const FILTER: &str = "the filter of system calls";
const KERNEL: &str = "the kernel's settings";

pub(crate) const ATTACKS: &[Attack] = &[
    Attack::program(
        "mount",
        "mounts file systems by the old and the new calls, `chroot`",
    )
    .confined("no capabilities; the filter of system calls")
    .none(NotTried),
    Attack::program(
        "namespaces",
        "makes user, mount, pid and network namespaces of its own",
    )
    .confined("the sandbox allows no further ones")
    .none(Depends(KERNEL)),
    Attack::program("join_namespaces", "joins the namespaces of other processes")
        .confined(CAPABILITIES)
        .none(ReachedByRoot),
    Attack::program(
        "keyring",
        "puts keys into the kernel's keyrings and reads them",
    )
    .confined(FILTER)
    .none(Reached("")),
    Attack::program("kernel_modules", "loads and unloads kernel modules")
        .confined("no capabilities; the filter of system calls")
        .none(NotTried),
    Attack::program(
        "machine",
        "restarts and renames the machine, turns off its swap (with arguments that do nothing)",
    )
    .confined(CAPABILITIES)
    .none(NotTried),
    Attack::program("kernel_log", "reads the kernel's log")
        .confined(FILTER)
        .none(Depends(KERNEL)),
    Attack::program("bpf", "loads BPF")
        .confined(FILTER)
        .none(ReachedByRoot),
    Attack::program("perf", "counts events of the kernel (`perf_event_open`)")
        .confined(FILTER)
        .none(Depends(KERNEL)),
    Attack::program("userfaultfd", "handles page faults itself (`userfaultfd`)")
        .confined(FILTER)
        .none(Depends(KERNEL)),
    Attack::program("io_uring", "sets up `io_uring`")
        .confined(FILTER)
        .none(Depends(KERNEL)),
    Attack::program(
        "other_abi",
        "makes its system calls as 32-bit programs do, past filters",
    )
    .confined("the filter of system calls knows those too")
    .none(Depends("the kernel having them")),
    Attack::program("raw_sockets", "opens raw and packet sockets")
        .confined(CAPABILITIES)
        .none(ReachedByRoot),
    Attack::program(
        "odd_sockets",
        "opens sockets of VSOCK, ALG, CAN, TIPC, Bluetooth, KCM, RDS, X.25",
    )
    .bubblewrap(Stopped(FILTER))
    .firejail(Stopped("`--protocol=`"))
    .none(Depends("what the kernel has")),
    Attack::program(
        "terminal",
        "types into the terminal of who started the server (`TIOCSTI`)",
    )
    .everywhere("it has no terminal"),
];
