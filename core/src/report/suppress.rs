//! Small counts: a number below the threshold could tell of one child.

use std::fmt;

/// Counts below this are hidden, unless a setting says otherwise.
pub const DEFAULT_THRESHOLD: u64 = 5;

/// A count that may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    /// None at all: tells of nobody.
    Zero,
    /// Some, fewer than the threshold.
    Below(u64),
    /// As many.
    Exact(u64),
}

/// Hides a count below the threshold. Totals need a second cell hidden beside: not done here.
pub const fn suppress(count: u64, threshold: u64) -> Count {
    match count {
        0 => Count::Zero,
        count if count < threshold => Count::Below(threshold),
        count => Count::Exact(count),
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zero => write!(f, "0"),
            Self::Below(threshold) => write!(f, "<{threshold}"),
            Self::Exact(count) => write!(f, "{count}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_below_five_is_not_told() {
        let told: Vec<String> = [0, 1, 4, 5, 12].map(|count| suppress(count, DEFAULT_THRESHOLD).to_string()).to_vec();
        assert_eq!(told, ["0", "<5", "<5", "5", "12"]);
    }
}
