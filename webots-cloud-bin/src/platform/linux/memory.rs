//! What `/proc` tells about the memory of processes.

use std::fs;

/// Memory that is there for this process and would not be without it, in bytes: anonymous pages,
/// those in swap, and shared ones that are no file's. What it shares with others is counted in full
/// for each of them: the sum over a tree is never too little, and may be too much. Cheap.
///
/// Pages of files are left out: the kernel takes them back when it needs them.
pub(crate) fn at_most(pid: i32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    Some(sum(&text, &["RssAnon:", "RssShmem:", "VmSwap:"]))
}

/// The same with each process' share of what it shares, so that the sum over a tree is right. The
/// kernel walks all pages for it: milliseconds for each gibibyte. `None` where it may not be asked.
pub(crate) fn share(pid: i32) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    text.contains("Pss_Anon:")
        .then(|| sum(&text, &["Pss_Anon:", "Pss_Shmem:", "SwapPss:"]))
}

fn sum(text: &str, names: &[&str]) -> u64 {
    let of_line = |line: &str| {
        let mut words = line.split_ascii_whitespace();
        let known = names.contains(&words.next()?);
        let kibibytes: u64 = words.next().filter(|_| known)?.parse().ok()?;
        Some(kibibytes.saturating_mul(1024))
    };
    text.lines().filter_map(of_line).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_asked_for_is_summed_up() {
        let status = "Name:\tx\nVmRSS:\t 900 kB\nRssAnon:\t 7 kB\nRssFile:\t 800 kB\n\
                      RssShmem:\t 2 kB\nVmSwap:\t 1 kB\n";
        assert_eq!(sum(status, &["RssAnon:", "RssShmem:", "VmSwap:"]), 10 << 10);
        assert_eq!(sum("", &["RssAnon:"]), 0);
    }

    #[test]
    fn what_this_process_takes_is_seen_both_ways() {
        let own = i32::try_from(std::process::id()).expect("pids are small");
        let size = 128 << 20;
        let (before, share_before) = (at_most(own).expect("/proc"), share(own));
        let held = std::hint::black_box(vec![1_u8; size]);
        let more = at_most(own).expect("/proc").saturating_sub(before);
        assert!(more >= (size as u64) / 2, "{more}");
        if let Some(before) = share_before {
            let more = share(own).expect("as before").saturating_sub(before);
            assert!(more >= (size as u64) / 2, "{more}");
        }
        drop(held);
    }
}
