//! Linux: `/proc`, cgroups, descriptors, identities of processes, signals, and a few system calls.

pub(crate) mod calls;
pub(crate) mod cgroup2;
pub(crate) mod descriptors;
pub(crate) mod fork;
pub(crate) mod identity;
pub(crate) mod memory;
pub(crate) mod mounts;
pub(crate) mod procfs;
pub(crate) mod signals;
pub(crate) mod sock_diag;
