/// At most so many processes of an instance are told.
pub const MOST_PROCESSES: usize = 256;

/// What an instance uses.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct InstanceUsage {
    /// Processor time since it was asked for last, percent of *one* processor.
    pub cpu: f64,
    /// Bytes of memory.
    pub memory: u64,
    /// The numbers of its processes, as the machine counts them, so that what a GPU's driver tells
    /// of processes can be told of instances; [`MOST_PROCESSES`] at most.
    pub processes: Vec<u32>,
}
