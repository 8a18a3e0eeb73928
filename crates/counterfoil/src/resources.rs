//! What this process has used: processor time and the most memory at once. Linux tells; elsewhere nothing is said.

use model::Decimal;
use serde::Serialize;
use serde_json::value::RawValue;

/// The kernel counts processor time in hundredths of a second for every program (`USER_HZ`).
const TICKS_SCALE: u32 = 2;

/// What was used so far.
#[derive(Serialize)]
pub(crate) struct Resources {
    /// Processor time, own and the kernel's for us, in seconds.
    cpu_seconds: Box<RawValue>,
    /// The most memory at once, in KiB.
    peak_memory_kib: u64,
}

/// What was used so far.
pub(crate) fn used() -> Option<Resources> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    // The program's name stands in parentheses and may hold anything; the numbers are counted from behind it.
    let numbers: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = numbers.get(11)?.parse::<i64>().ok()? + numbers.get(12)?.parse::<i64>().ok()?;
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(Resources {
        cpu_seconds: RawValue::from_string(Decimal::new(ticks, TICKS_SCALE).to_string()).ok()?,
        peak_memory_kib: peak.trim().trim_end_matches(" kB").parse().ok()?,
    })
}
