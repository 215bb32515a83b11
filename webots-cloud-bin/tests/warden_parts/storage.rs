//! Limits of what an instance stores.

use webots_cloud_core::limits::Limits;

use super::confined::Kind;
use super::limited::{is_ended, is_ended_in, is_ended_where_it_is_seen, is_left_alone};

const DISK: &str = "it used more than its 16 MiB of disk";

fn limits(disk: Option<u64>, files: Option<u64>) -> Limits {
    Limits {
        disk,
        files,
        ..Limits::default()
    }
}

const fn disk() -> Option<u64> {
    Some(16 << 20)
}

#[tokio::test]
async fn one_large_file() {
    let script = "with open('large', 'wb') as file: file.write(bytes(40 << 20))
stay()";
    is_ended(script, limits(disk(), None), DISK).await;
}

#[tokio::test]
async fn many_files_together() {
    let script = "os.makedirs('a/b/c')
for number in range(40):
    with open(f'a/b/c/{number}', 'wb') as file: file.write(bytes(1 << 20))
stay()";
    is_ended(script, limits(disk(), None), DISK).await;
}

#[tokio::test]
async fn files_by_their_number() {
    let script = "for number in range(300): open(f'{number}', 'w').close()
os.mkdir('folder')
stay()";
    let words = "it made more than its 300 files and folders";
    is_ended(script, limits(None, Some(300)), words).await;
}

#[tokio::test]
async fn a_removed_file_that_is_still_open() {
    let script = "file = open('large', 'w+b')
os.remove('large')
file.write(bytes(40 << 20)); file.flush()
stay()";
    is_ended_where_it_is_seen(script, limits(disk(), None), DISK).await;
}

#[tokio::test]
async fn memory_as_a_file_without_a_name() {
    let script = "file = os.memfd_create('x')
for number in range(40): os.write(file, bytes(1 << 20))
stay()";
    is_ended_where_it_is_seen(script, limits(disk(), None), DISK).await;
}

/// It is in memory that is the sandbox's own.
#[tokio::test]
async fn the_temporary_folder_of_a_sandbox() {
    for place in ["/tmp", "/dev/shm"] {
        let script = format!(
            "with open('{place}/large', 'wb') as file: file.write(bytes(40 << 20))
stay()"
        );
        let limits = limits(disk(), None);
        is_ended_in(Some(Kind::Bubblewrap), &script, limits, DISK).await;
        // firejail's other places are the machine's, and an ordinary user may not look at it.
        if place == "/tmp" && rustix::process::geteuid().is_root() {
            is_ended_in(Some(Kind::Firejail), &script, limits, DISK).await;
        }
    }
}

#[tokio::test]
async fn folders_in_folders_without_an_end() {
    let script = "for depth in range(200):
    os.mkdir('d')
    os.chdir('d')
stay()";
    let words = "it made folders more than 128 deep";
    is_ended(script, limits(disk(), None), words).await;
}

/// What counts is what is taken from the disk.
#[tokio::test]
async fn holes_and_second_names_cost_nothing() {
    let script = "with open('sparse', 'wb') as file: file.truncate(1 << 40)
with open('large', 'wb') as file: file.write(bytes(10 << 20))
for number in range(5): os.link('large', f'again{number}')
os.symlink('/usr', 'link')
time.sleep(3)";
    is_left_alone(script, limits(disk(), Some(100))).await;
}

/// Files that come and go while they are looked at are no error.
#[tokio::test]
async fn a_workspace_that_never_rests() {
    let script = "end = time.monotonic() + 3
while time.monotonic() < end:
    os.makedirs('a/b/c')
    for number in range(20): open(f'a/b/c/{number}', 'w').close()
    os.rename('a', 'moved')
    for number in range(20): os.remove(f'moved/b/c/{number}')
    for folder in ['moved/b/c', 'moved/b', 'moved']: os.rmdir(folder)";
    is_left_alone(script, limits(disk(), Some(100))).await;
}
