//! The GPUs of a machine.

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
    fn memory_in_percent() {
        let percent = |used, total| GpuMemory { used, total }.percent();
        assert_eq!(percent(1, 4), 25.0);
        assert_eq!(percent(5, 4), 100.0);
        assert_eq!(percent(5, 0), 0.0);
    }
}
