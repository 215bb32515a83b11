//! System calls that rustix has not, for the probe of sandboxes: each leaves the machine as it was
//! where it is allowed.

use std::ffi::{c_char, c_int, c_long, c_uint, c_void};

use rustix::io::Errno;

unsafe extern "C" {
    fn syscall(number: c_long, ...) -> c_long;
    fn ptrace(request: c_uint, ...) -> c_long;
    fn klogctl(action: c_int, buffer: *mut c_char, length: c_int) -> c_int;
    fn adjtimex(buffer: *mut c_void) -> c_int;
}

/// `PTRACE_SEIZE`: unlike attaching, it does not stop the process.
const SEIZE: c_uint = 0x4206;
/// `SYSLOG_ACTION_SIZE_BUFFER`.
const SIZE_OF_LOG: c_int = 10;
/// `KEY_SPEC_PROCESS_KEYRING`: ends with the process.
const OWN_KEYRING: c_int = -2;
/// `ADJ_FREQUENCY`.
const FREQUENCY: u32 = 2;

const ADD_KEY: c_long = if cfg!(target_arch = "x86_64") {
    248
} else {
    // That of all architectures that came after the first few.
    217
};

fn answered(value: c_long) -> Result<(), Errno> {
    if value >= 0 {
        return Ok(());
    }
    let errno = std::io::Error::last_os_error().raw_os_error();
    Err(Errno::from_raw_os_error(errno.unwrap_or_default()))
}

/// Becomes the tracer of a process.
pub(crate) fn trace(pid: i32) -> Result<(), Errno> {
    let none = std::ptr::null_mut::<c_void>();
    // SAFETY: this request takes no pointers and changes no memory of either process.
    answered(unsafe { ptrace(SEIZE, pid, none, none) })
}

/// Adds a key to the process' own keyring.
pub(crate) fn add_key() -> Result<(), Errno> {
    let (kind, name, payload) = (c"user", c"webots-cloud-probe", c"payload");
    // SAFETY: two strings that end with 0, and a buffer with its length.
    answered(unsafe {
        syscall(
            ADD_KEY,
            kind.as_ptr(),
            name.as_ptr(),
            payload.as_ptr(),
            payload.count_bytes(),
            OWN_KEYRING,
        )
    })
}

/// Asks how large the kernel's log is, which only those may who may read it.
pub(crate) fn kernel_log() -> Result<(), Errno> {
    // SAFETY: this action takes no buffer.
    let value = unsafe { klogctl(SIZE_OF_LOG, std::ptr::null_mut(), 0) };
    answered(value.into())
}

/// Sets the clock's frequency to what it is.
pub(crate) fn set_clock() -> Result<(), Errno> {
    // `struct timex` is 208 bytes and begins with `modes`, an unsigned int.
    let mut timex = [0_u64; 64];
    let buffer = timex.as_mut_ptr();
    // SAFETY: the buffer is larger than what is written, and aligned; with modes 0 it is only read.
    answered(unsafe { adjtimex(buffer.cast()) }.into())?;
    // SAFETY: the first four bytes of a buffer of ours.
    unsafe { buffer.cast::<u32>().write(FREQUENCY) };
    // SAFETY: as above; the frequency is the one that was just read.
    answered(unsafe { adjtimex(buffer.cast()) }.into())
}
