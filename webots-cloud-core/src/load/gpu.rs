//! The GPUs of a machine.

use std::collections::BTreeMap;

/// At most so many GPUs are looked at; no machine has more.
pub const MOST_GPUS: usize = 64;

/// What is known of a machine's GPUs.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Gpus {
    /// There is no driver that could tell, which is a normal state.
    #[default]
    Absent,
    /// There is a driver and it does not tell: why.
    Failing(String),
    /// What the driver tells: at most [`MOST_GPUS`], in its order, and none if it has none.
    Present(Vec<Gpu>),
}

/// At most so many processes of a GPU are told of.
pub const MOST_GPU_PROCESSES: usize = 1024;

/// One GPU. A figure that its driver does not tell is `None`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gpu {
    /// Its name, for people.
    pub name: String,
    /// Compute units in use, percent.
    pub compute: Option<f64>,
    /// Memory bandwidth in use, percent.
    pub memory_load: Option<f64>,
    /// Its memory.
    pub memory: Option<GpuMemory>,
    /// The processes that use it: [`MOST_GPU_PROCESSES`] at most, each once.
    pub processes: Option<Vec<GpuProcess>>,
    /// Why nothing is known of it, while it fails and others work.
    pub trouble: Option<String>,
}

/// The memory of a GPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GpuMemory {
    /// Bytes in use.
    pub used: u64,
    /// Bytes in all.
    pub total: u64,
}

/// A process that uses a GPU.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GpuProcess {
    /// Its number, as the machine counts processes.
    pub process: u32,
    /// Bytes of the GPU's memory that it uses.
    pub memory: u64,
}

impl GpuMemory {
    /// The memory in use, 0 to 100.
    #[expect(clippy::cast_precision_loss, reason = "percents need no 53 bits")]
    pub fn percent(self) -> f64 {
        if self.total == 0 {
            0.0
        } else {
            (self.used as f64 / self.total as f64 * 100.0).min(100.0)
        }
    }
}

impl Gpus {
    /// The GPUs that the driver tells of.
    pub fn devices(&self) -> &[Gpu] {
        match self {
            Self::Absent | Self::Failing(_) => &[],
            Self::Present(devices) => devices,
        }
    }

    /// Compute units in use, percent, of the busiest; 0 if none is known.
    pub fn compute(&self) -> f64 {
        self.greatest(|gpu| gpu.compute)
    }

    /// Memory bandwidth in use, percent, of the busiest; 0 if none is known.
    pub fn memory_load(&self) -> f64 {
        self.greatest(|gpu| gpu.memory_load)
    }

    /// Memory in use, percent, of the fullest; 0 if none is known.
    pub fn memory(&self) -> f64 {
        self.greatest(|gpu| gpu.memory.map(GpuMemory::percent))
    }

    /// Memory that each process uses on all GPUs together, bytes; `None` if no GPU tells.
    pub fn memory_of_processes(&self) -> Option<BTreeMap<u32, u64>> {
        let mut telling = self
            .devices()
            .iter()
            .filter_map(|gpu| gpu.processes.as_ref())
            .peekable();
        telling.peek()?;
        let mut sums = BTreeMap::<u32, u64>::new();
        for one in telling.flatten() {
            let sum = sums.entry(one.process).or_default();
            *sum = sum.saturating_add(one.memory);
        }
        Some(sums)
    }

    fn greatest(&self, figure: impl Fn(&Gpu) -> Option<f64>) -> f64 {
        self.devices().iter().filter_map(figure).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_figure_is_that_of_the_gpu_that_has_most_of_it() {
        let gpu = |compute, memory_load, used| Gpu {
            compute,
            memory_load,
            memory: Some(GpuMemory { used, total: 1000 }),
            ..Gpu::default()
        };
        let gpus = Gpus::Present(vec![
            gpu(Some(10.0), Some(70.0), 900),
            gpu(Some(60.0), None, 100),
            Gpu::default(),
        ]);
        assert_eq!(
            (gpus.compute(), gpus.memory_load(), gpus.memory()),
            (60.0, 70.0, 90.0)
        );
        for none in [
            Gpus::Absent,
            Gpus::Failing("gone".to_owned()),
            Gpus::Present(Vec::new()),
        ] {
            assert_eq!(
                (none.compute(), none.memory_load(), none.memory()),
                (0.0, 0.0, 0.0)
            );
        }
    }

    #[test]
    fn the_memory_of_a_process_is_that_on_all_gpus() {
        let with = |processes: &[(u32, u64)]| Gpu {
            processes: Some(
                processes
                    .iter()
                    .map(|&(process, memory)| GpuProcess { process, memory })
                    .collect(),
            ),
            ..Gpu::default()
        };
        let mute = Gpus::Present(vec![Gpu::default()]);
        assert_eq!(mute.memory_of_processes(), None);
        let gpus = Gpus::Present(vec![
            with(&[(7, 5), (8, 1)]),
            Gpu::default(),
            with(&[(7, 3)]),
        ]);
        let sums = BTreeMap::from([(7, 8), (8, 1)]);
        assert_eq!(gpus.memory_of_processes(), Some(sums));
    }

    #[test]
    fn memory_in_percent() {
        let percent = |used, total| GpuMemory { used, total }.percent();
        assert_eq!(percent(1, 4), 25.0);
        assert_eq!(percent(5, 4), 100.0);
        assert_eq!(percent(5, 0), 0.0);
    }
}
