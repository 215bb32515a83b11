//! The load of a simulation server, from 0 (idle) to 100 (full) and beyond (overloaded).

mod gpu;

use std::collections::VecDeque;
use std::fmt;

pub use gpu::{Gpu, GpuMemory, GpuProcess, Gpus, MOST_GPU_PROCESSES, MOST_GPUS};

/// The load of a machine in percent: a finite number from 0 up.
///
/// Above 100 is possible: servers of other makes report what they like (wire reference W2.14), and
/// a larger number only means that they are less willing.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Load(f64);

impl Load {
    /// Nothing to do.
    pub const IDLE: Self = Self(0.0);
    /// Nothing left.
    pub const FULL: Self = Self(100.0);

    /// `percent` as a load, or `None` if it is not a finite number from 0 up.
    pub fn from_percent(percent: f64) -> Option<Self> {
        // `+ 0.0` turns a negative zero, which would print as "-0", into zero.
        (percent.is_finite() && percent >= 0.0).then_some(Self(percent + 0.0))
    }

    /// The number in percent.
    pub const fn percent(self) -> f64 {
        self.0
    }

    /// The larger of the two.
    #[must_use]
    pub fn max(self, other: Self) -> Self {
        if other.0 > self.0 { other } else { self }
    }
}

impl fmt::Display for Load {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// One measurement of a machine's load.
#[derive(Clone, Debug, PartialEq)]
pub struct LoadSample {
    /// The load.
    pub load: Load,
    /// How many instances the machine can run at most, if it says so.
    pub slots: Option<u32>,
    /// What the load was made of, if the probe sees the machine from inside.
    pub parts: Option<LoadParts>,
    /// The machine's GPUs, one by one, if the probe sees the machine from inside.
    pub gpus: Gpus,
}

impl LoadSample {
    /// A sample of which only the load is known.
    pub const fn of(load: Load) -> Self {
        Self {
            load,
            slots: None,
            parts: None,
            gpus: Gpus::Absent,
        }
    }
}

/// What a probe on the machine itself measured: the columns of `monitor.csv` (W2.15).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LoadParts {
    /// Processor time in use over all cores, percent.
    pub cpu: f64,
    /// Memory in use, percent.
    pub memory: f64,
    /// Swap space in use, percent.
    pub swap: f64,
    /// Space in use on the file system of the instances, percent.
    pub disk: f64,
    /// GPU compute units in use, percent, the busiest GPU.
    pub gpu_compute: f64,
    /// GPU memory bandwidth in use, percent, the busiest GPU.
    pub gpu_memory_load: f64,
    /// GPU memory in use, percent, the fullest GPU.
    pub gpu_memory: f64,
    /// Sent over the network, MB/s (10^6 bytes).
    pub network_sent: f64,
    /// Received over the network, MB/s (10^6 bytes).
    pub network_received: f64,
    /// The busier direction of the network in percent of its capacity.
    pub network: f64,
}

/// The parts that count: [`LoadParts::counted`].
const COUNTED: usize = 5;

impl LoadParts {
    /// The parts that make the load: processor, memory, GPU compute, GPU memory and network
    /// (contract, section 4). Swap and disk are shown but do not count: a full disk would make a
    /// server unavailable for ever (W5, 33). A part that is no load is idle.
    fn counted(&self) -> [Load; COUNTED] {
        [
            self.cpu,
            self.memory,
            self.gpu_compute,
            self.gpu_memory,
            self.network,
        ]
        .map(|part| Load::from_percent(part).unwrap_or(Load::IDLE))
    }

    /// The load that these parts make: the greatest of processor, memory, GPU compute, GPU memory
    /// and network.
    pub fn load(&self) -> Load {
        greatest(self.counted())
    }
}

/// The last few samples, so that one busy second does not turn clients away.
#[derive(Clone, Debug)]
pub struct LoadWindow {
    length: usize,
    last: VecDeque<[Load; COUNTED]>,
}

impl LoadWindow {
    /// A window over the last `length` samples, at least one.
    pub fn new(length: usize) -> Self {
        let length = length.max(1);
        Self {
            length,
            last: VecDeque::with_capacity(length),
        }
    }

    /// Adds the newest sample and forgets the oldest.
    pub fn push(&mut self, sample: &LoadSample) {
        if self.last.len() == self.length {
            self.last.pop_front();
        }
        // Without parts, each could be the one that made the load.
        let whole = [sample.load; COUNTED];
        let parts = sample.parts.as_ref();
        self.last.push_back(parts.map_or(whole, LoadParts::counted));
    }

    /// The greatest part, each averaged over the samples: two short peaks of different parts do not
    /// add up. `None` before the first sample.
    pub fn load(&self) -> Option<Load> {
        if self.last.is_empty() {
            return None;
        }
        let mean_of = |part: usize| {
            mean(
                self.last
                    .iter()
                    .filter_map(|sample| sample.get(part))
                    .copied(),
            )
        };
        Some(greatest((0..COUNTED).filter_map(mean_of)))
    }
}

fn greatest(loads: impl IntoIterator<Item = Load>) -> Load {
    loads.into_iter().fold(Load::IDLE, Load::max)
}

/// The mean of some loads, `None` of none.
pub fn mean(loads: impl IntoIterator<Item = Load>) -> Option<Load> {
    // Incremental, so that not even the largest loads sum to infinity.
    let mut count = 0.0;
    let mut mean = 0.0;
    for load in loads {
        count += 1.0;
        mean += (load.0 - mean) / count;
    }
    if count > 0.0 {
        Load::from_percent(mean)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_load_is_a_finite_number_from_zero_up() {
        for wrong in [-1.0, -0.001, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(Load::from_percent(wrong), None, "{wrong}");
        }
        assert_eq!(Load::from_percent(1e9).map(Load::percent), Some(1e9));
        assert_eq!(Load::from_percent(-0.0).expect("zero").to_string(), "0");
    }

    #[test]
    fn the_window_is_the_mean_of_the_last_samples_only() {
        let mut window = LoadWindow::new(2);
        assert_eq!(window.load(), None);
        for percent in [90.0, 10.0, 20.0] {
            window.push(&LoadSample::of(Load(percent)));
        }
        assert_eq!(window.load(), Some(Load(15.0)));
    }

    fn sample(parts: LoadParts) -> LoadSample {
        LoadSample {
            parts: Some(parts),
            ..LoadSample::of(parts.load())
        }
    }

    #[test]
    fn each_part_is_averaged_and_the_greatest_mean_counts() {
        let mut window = LoadWindow::new(5);
        let (cpu, network) = (100.0, 60.0);
        for parts in [
            LoadParts {
                cpu,
                ..LoadParts::default()
            },
            LoadParts {
                network,
                ..LoadParts::default()
            },
            LoadParts {
                network,
                ..LoadParts::default()
            },
            LoadParts::default(),
        ] {
            window.push(&sample(parts));
        }
        assert_eq!(window.load(), Some(Load(30.0)), "the network's mean");
    }

    #[test]
    fn the_mean_of_the_largest_loads_is_finite() {
        let huge = Load::from_percent(f64::MAX).expect("finite");
        assert_eq!(mean([huge, huge, huge]).map(Load::percent), Some(f64::MAX));
    }

    #[test]
    fn the_load_is_the_greatest_part_and_neither_swap_disk_nor_bandwidths() {
        let others = LoadParts {
            cpu: 1.0,
            memory: 2.0,
            gpu_compute: 3.0,
            gpu_memory: 4.0,
            network: 5.0,
            swap: 99.0,
            disk: 99.0,
            gpu_memory_load: 99.0,
            network_sent: 99.0,
            network_received: 99.0,
        };
        assert_eq!(others.load(), Load(5.0));
        let greatest: [fn(&mut LoadParts) -> &mut f64; COUNTED] = [
            |parts| &mut parts.cpu,
            |parts| &mut parts.memory,
            |parts| &mut parts.gpu_compute,
            |parts| &mut parts.gpu_memory,
            |parts| &mut parts.network,
        ];
        for (index, part) in greatest.into_iter().enumerate() {
            let mut parts = others;
            *part(&mut parts) = 77.0;
            assert_eq!(parts.load(), Load(77.0), "part {index}");
            *part(&mut parts) = f64::NAN;
            assert!(parts.load() <= Load(5.0), "part {index}");
        }
    }
}
