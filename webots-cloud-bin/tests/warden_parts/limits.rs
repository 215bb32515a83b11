//! Limits of memory, processes and processor time, watched by the warden.

use std::time::Duration;

use webots_cloud_core::limits::Limits;

use super::limited::{is_ended, is_left_alone, is_left_alone_in, where_it_is_seen};

const MIB: u64 = 1 << 20;
const NONE: Limits = Limits {
    memory: None,
    processes: None,
    open_files: None,
    cpu: None,
    disk: None,
    files: None,
};

#[tokio::test]
async fn memory_of_one_process() {
    let limits = Limits {
        memory: Some(128 * MIB),
        ..NONE
    };
    let script = "held = []
while True:
    held.append(bytearray(4 << 20))
    time.sleep(0.005)";
    is_ended(script, limits, "it used more than its 128 MiB of memory").await;
}

#[tokio::test]
async fn memory_of_all_processes_together() {
    let limits = Limits {
        memory: Some(256 * MIB),
        ..NONE
    };
    let script = "for child in range(4):
    if os.fork() == 0:
        held = bytearray(100 << 20)
        stay()
stay()";
    is_ended(script, limits, "it used more than its 256 MiB of memory").await;
}

#[tokio::test]
async fn memory_that_is_shared_by_name_of_no_file() {
    let limits = Limits {
        memory: Some(128 * MIB),
        ..NONE
    };
    let script = "import mmap
held = mmap.mmap(-1, 200 << 20)
for at in range(0, 200 << 20, 4096): held[at] = 1
stay()";
    is_ended(script, limits, "it used more than its 128 MiB of memory").await;
}

/// What a fork leaves in common counts once: six processes with 100 MiB are 100 MiB.
#[tokio::test]
async fn shared_memory_counts_once() {
    let limits = Limits {
        memory: Some(320 * MIB),
        ..NONE
    };
    let script = "held = bytearray(100 << 20)
for at in range(0, 100 << 20, 4096): held[at] = 1
for child in range(5):
    if os.fork() == 0:
        time.sleep(2)
        os._exit(0)
for child in range(5): os.wait()";
    for kind in where_it_is_seen() {
        is_left_alone_in(kind, script, limits).await;
    }
}

#[tokio::test]
async fn threads_are_processes() {
    let limits = Limits {
        processes: Some(64),
        ..NONE
    };
    let script = "for thread in range(100):
    threading.Thread(target=time.sleep, args=(50,), daemon=True).start()
stay()";
    let words = "it had more than its 64 processes and threads";
    is_ended(script, limits, words).await;
}

#[tokio::test]
async fn processor_time_of_several_processes() {
    let limits = Limits {
        cpu: Some(Duration::from_secs(2)),
        ..NONE
    };
    let script = "for child in range(4):
    if os.fork() == 0:
        burn(1)
        stay()
stay()";
    let words = "it used more than its 2 s of processor time";
    is_ended(script, limits, words).await;
}

#[tokio::test]
async fn processor_time_of_those_that_ended() {
    let limits = Limits {
        cpu: Some(Duration::from_millis(1500)),
        ..NONE
    };
    let words = "it used more than its 1.5 s of processor time";
    let script = "while True:
    child = os.fork()
    if child == 0:
        burn(0.3)
        os._exit(0)
    os.waitpid(child, 0)";
    is_ended(script, limits, words).await;
    // Nobody waits for these, so the kernel counts them nowhere.
    let script = "signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    if os.fork() == 0:
        burn(0.6)
        os._exit(0)
    time.sleep(0.7)";
    is_ended(script, limits, words).await;
}

#[tokio::test]
async fn within_the_limits_nothing_happens() {
    let limits = Limits {
        memory: Some(512 * MIB),
        processes: Some(40),
        open_files: Some(256),
        cpu: Some(Duration::from_secs(30)),
        disk: Some(16 * MIB),
        files: Some(400),
    };
    let script = "held = bytearray(50 << 20)
for child in range(5):
    if os.fork() == 0:
        time.sleep(3)
        os._exit(0)
for number in range(100):
    with open(f'{number}', 'wb') as file: file.write(bytes(10000))
burn(0.3)
for child in range(5): os.wait()
print('done')";
    is_left_alone(script, limits).await;
}
