use super::super::attack::Outcome::{NotTried, Reached, ReachedByRoot};
use super::super::attack::{Attack, Then};

const NOT_THERE: &str = "no process but its own is there";
const WARDEN: &str = "the wardens end all of its tree";

pub(crate) const ATTACKS: &[Attack] = &[
    Attack::outside("kill_everyone", "`kill -9 -1`")
        .then(Then::Ends)
        .confined("no process but its own is there; only its own session ends")
        .none(NotTried),
    Attack::outside(
        "kill_simulator",
        "kills the simulator that it is a child of",
    )
    .then(Then::Ends)
    .everywhere("only its own session ends"),
    Attack::outside(
        "stop_wardens",
        "stops (SIGSTOP) all processes that it sees, its warden first",
    )
    .confined("the warden outside is not there, and kills what does not end")
    .none(NotTried),
    Attack::program("signal_server", "signals the server")
        .confined(NOT_THERE)
        .none(Reached("")),
    Attack::program(
        "trace_sibling",
        "traces (ptrace) the processes of its neighbour",
    )
    .confined(NOT_THERE)
    .none(ReachedByRoot),
    Attack::program(
        "trace_simulator",
        "traces the simulator, to speak with its voice",
    )
    .confined("the filter of system calls")
    .none(ReachedByRoot),
    Attack::program("server_memory", "reads the server's memory")
        .confined(NOT_THERE)
        .none(ReachedByRoot),
    Attack::program(
        "environments",
        "reads the environments of the server and its neighbour in `/proc`",
    )
    .confined(NOT_THERE)
    .none(Reached("")),
    Attack::program(
        "other_roots",
        "goes through `/proc/PID/root` and `cwd` to the keys and its neighbour's files",
    )
    .confined("no process but its own is there, and those see what it sees")
    .none(Reached("")),
    Attack::program(
        "inherited",
        "looks for descriptors that it was given by mistake",
    )
    .everywhere("it has the three standard ones and no other"),
    Attack::program(
        "take_descriptors",
        "takes the server's descriptors out of it, its end of the lifeline too (`pidfd_getfd`)",
    )
    .confined(NOT_THERE)
    .none(ReachedByRoot),
    Attack::program(
        "write_descriptors",
        "opens the descriptors of all processes in `/proc/PID/fd`, for writing",
    )
    .confined("none leads out of its workspace")
    .none(NotTried),
    Attack::outside(
        "ignore_term",
        "ignores all signals, with a child in a session of its own",
    )
    .everywhere(WARDEN),
    Attack::outside(
        "daemon",
        "forks twice, leaves its session, closes all, empties its environment, and stays",
    )
    .everywhere(WARDEN),
    Attack::outside(
        "hold_output",
        "closes its output, and holds the simulator's open in a daemon",
    )
    .everywhere(WARDEN),
    Attack::outside(
        "fork_race",
        "processes that live for 30 ms and leave another, for ever",
    )
    .everywhere("the wardens look again until nothing is left"),
    Attack::program("another_user", "becomes another user, and stays")
        .confined("there is no other user")
        .none(ReachedByRoot),
    Attack::program(
        "neighbours_memory",
        "opens its neighbour's System V shared memory, and a file in the machine's `/dev/shm`",
    )
    .confined("it has an IPC namespace and a `/dev/shm` of its own")
    .none(Reached("")),
];
