//! Which system calls instances may not make.
//!
//! A list of what is refused and not of what is allowed: Webots, its plugins, GPU drivers and
//! controllers in any language are too many to know what they need, and a call that is missing from
//! a list of allowed ones breaks a lesson. What is refused here has no use in a simulation and either
//! changes the machine, looks into other processes, or opens parts of the kernel with a long history
//! of holes. Docker's default profile and firejail's list were read for what belongs here.

use std::collections::BTreeMap;
use std::io;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule,
};

/// A system call of the 32-bit pointer form of x86-64 has this bit; the architecture is the same.
const X32: i64 = 0x4000_0000;

/// Refused with `EPERM`, whatever the arguments.
const REFUSED: &[i64] = &[
    // File systems and their roots.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_open_by_handle_at,
    libc::SYS_quotactl,
    libc::SYS_fanotify_init,
    // Other namespaces; making new ones is below.
    libc::SYS_setns,
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_pidfd_getfd,
    libc::SYS_kcmp,
    // Keys, which are not of any namespace.
    libc::SYS_add_key,
    libc::SYS_request_key,
    libc::SYS_keyctl,
    // The machine itself.
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_kexec_file_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_syslog,
    libc::SYS_vhangup,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    // Programs that run in the kernel, and its counters.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
];

/// Only x86-64 has these.
#[cfg(target_arch = "x86_64")]
const REFUSED_HERE: &[i64] = &[libc::SYS_iopl, libc::SYS_ioperm, libc::SYS_modify_ldt];
#[cfg(not(target_arch = "x86_64"))]
const REFUSED_HERE: &[i64] = &[];

/// Refused with `ENOSYS`: programs then do without, as on an older kernel. The flags of `clone3` are
/// behind a pointer, where no filter can look.
const UNKNOWN: &[i64] = &[
    libc::SYS_clone3,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
];

/// Flags that make namespaces.
const NAMESPACES: [i32; 8] = [
    libc::CLONE_NEWNS,
    libc::CLONE_NEWCGROUP,
    libc::CLONE_NEWUTS,
    libc::CLONE_NEWIPC,
    libc::CLONE_NEWUSER,
    libc::CLONE_NEWPID,
    libc::CLONE_NEWNET,
    // CLONE_NEWTIME, which only `unshare` knows: for `clone` these bits are the exit signal's.
    0x80,
];

/// The only socket families that there are; the others get `EAFNOSUPPORT`.
const FAMILIES: [i32; 4] = [
    libc::AF_UNIX,
    libc::AF_INET,
    libc::AF_INET6,
    libc::AF_NETLINK,
];

/// Put a character into the input of a terminal, as if it had been typed.
const TERMINAL: [u64; 2] = [libc::TIOCSTI, libc::TIOCLINUX];

/// Executions of other kinds of programs: only the usual one, its 32-bit form, without address space
/// randomisation (debuggers), and the question which one it is.
const PERSONALITIES: [u64; 5] = [0, 0x0008, 0x0002_0000, 0x0004_0000, 0xffff_ffff];

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn compare(argument: u8, how: SeccompCmpOp, value: u64) -> io::Result<SeccompCondition> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, how, value).map_err(io::Error::other)
}

fn rule(conditions: Vec<SeccompCondition>) -> io::Result<SeccompRule> {
    SeccompRule::new(conditions).map_err(io::Error::other)
}

/// One rule for each flag in `flags`.
fn any_of(argument: u8, flags: &[i32]) -> io::Result<Vec<SeccompRule>> {
    let one = |flag: &i32| {
        let flag = u64::from(flag.cast_unsigned());
        rule(vec![compare(argument, SeccompCmpOp::MaskedEq(flag), flag)?])
    };
    flags.iter().map(one).collect()
}

/// One rule that holds if the argument is none of `values`.
fn none_of(argument: u8, values: impl Iterator<Item = u64>) -> io::Result<Vec<SeccompRule>> {
    let conditions: io::Result<_> = values
        .map(|value| compare(argument, SeccompCmpOp::Ne, value))
        .collect();
    Ok(vec![rule(conditions?)?])
}

fn whatever(calls: &[i64]) -> impl Iterator<Item = (i64, Vec<SeccompRule>)> {
    calls.iter().map(|call| (*call, Vec::new()))
}

fn not_permitted() -> io::Result<Rules> {
    let mut rules: Rules = whatever(REFUSED).chain(whatever(REFUSED_HERE)).collect();
    rules.insert(libc::SYS_unshare, any_of(0, &NAMESPACES)?);
    rules.insert(libc::SYS_clone, any_of(0, &NAMESPACES[..7])?);
    let typed = TERMINAL.map(|call| rule(vec![compare(1, SeccompCmpOp::Eq, call)?]));
    rules.insert(
        libc::SYS_ioctl,
        typed.into_iter().collect::<io::Result<_>>()?,
    );
    rules.insert(
        libc::SYS_personality,
        none_of(0, PERSONALITIES.into_iter())?,
    );
    Ok(rules)
}

fn no_such_family() -> io::Result<Rules> {
    let families = || FAMILIES.map(|family| u64::from(family.cast_unsigned()));
    let calls = [libc::SYS_socket, libc::SYS_socketpair];
    let rules = calls.map(|call| Ok((call, none_of(0, families().into_iter())?)));
    rules.into_iter().collect()
}

/// The program for the kernel that answers these calls with `errno` and lets all others pass.
/// System calls of another architecture, as those of 32-bit programs, end the process.
fn compiled(mut rules: Rules, errno: i32) -> io::Result<BpfProgram> {
    if cfg!(target_arch = "x86_64") {
        let twins: Rules = rules
            .iter()
            .map(|(call, rules)| (call | X32, rules.clone()))
            .collect();
        rules.extend(twins);
    }
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(errno.cast_unsigned()),
        std::env::consts::ARCH
            .try_into()
            .map_err(io::Error::other)?,
    );
    filter.and_then(TryInto::try_into).map_err(io::Error::other)
}

/// Puts this process, and all that it will start, under the filter, for good.
pub(super) fn install() -> io::Result<()> {
    for (rules, errno) in [
        (no_such_family()?, libc::EAFNOSUPPORT),
        (whatever(UNKNOWN).collect(), libc::ENOSYS),
        (not_permitted()?, libc::EPERM),
    ] {
        seccompiler::apply_filter(&compiled(rules, errno)?).map_err(io::Error::other)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In a thread of its own, for which alone the filter holds.
    fn under_the_filter<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
        let thread = std::thread::spawn(|| {
            install().expect("a filter");
            work()
        });
        thread.join().expect("no panic")
    }

    fn errno(made: i64) -> Option<i32> {
        (made == -1).then(|| io::Error::last_os_error().raw_os_error())?
    }

    #[test]
    fn what_changes_the_machine_or_looks_elsewhere_is_refused() {
        // SAFETY: with null pointers and invalid numbers these calls do nothing even without a filter,
        // where they would answer otherwise than `EPERM` or `ENOSYS`.
        let answers = under_the_filter(|| unsafe {
            [
                (
                    "keyctl",
                    errno(libc::syscall(libc::SYS_keyctl, 999_999, 0, 0, 0, 0)),
                ),
                (
                    "ptrace",
                    errno(libc::syscall(libc::SYS_ptrace, 999_999, 0, 0, 0)),
                ),
                (
                    "unshare",
                    errno(libc::syscall(libc::SYS_unshare, libc::CLONE_NEWUSER | 1)),
                ),
                ("setns", errno(libc::syscall(libc::SYS_setns, -1, 0))),
                (
                    "tty",
                    errno(libc::syscall(libc::SYS_ioctl, -1, libc::TIOCSTI, 0)),
                ),
                (
                    "personality",
                    errno(libc::syscall(libc::SYS_personality, 0x0040_0001)),
                ),
                (
                    "x32",
                    errno(libc::syscall(libc::SYS_keyctl | X32, 999_999, 0, 0, 0, 0)),
                ),
            ]
        });
        for (call, errno) in answers {
            assert_eq!(errno, Some(libc::EPERM), "{call}");
        }
        // SAFETY: as above.
        let unknown = under_the_filter(|| unsafe {
            [
                errno(libc::syscall(libc::SYS_clone3, 0, 0)),
                errno(libc::syscall(libc::SYS_io_uring_setup, 0, 0)),
            ]
        });
        assert_eq!(unknown, [Some(libc::ENOSYS); 2]);
    }

    #[test]
    fn odd_sockets_are_not_there() {
        let made = under_the_filter(|| {
            [libc::AF_VSOCK, libc::AF_ALG, libc::AF_PACKET, libc::AF_KEY].map(|family| {
                // SAFETY: no pointers; a descriptor that is made all the same ends with the test.
                errno(i64::from(unsafe {
                    libc::socket(family, libc::SOCK_STREAM, 0)
                }))
            })
        });
        assert_eq!(made, [Some(libc::EAFNOSUPPORT); 4]);
    }

    #[test]
    fn what_programs_do_goes_on() {
        let answer = under_the_filter(|| {
            std::net::TcpListener::bind("127.0.0.1:0")?;
            std::os::unix::net::UnixStream::pair()?;
            std::thread::spawn(|| ())
                .join()
                .map_err(|_| io::Error::other("thread"))?;
            let echo = std::process::Command::new("/bin/echo")
                .arg("hello")
                .output()?;
            Ok::<_, io::Error>(echo.stdout)
        });
        assert_eq!(answer.expect("all works"), b"hello\n");
    }
}
