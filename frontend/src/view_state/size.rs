//! Models by size, coarsely enough to pick from: decades, and halves of them where most open models lie.
//!
//! Must not: write a number for people.

/// A range of sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SizeClass {
    /// Its name in links.
    pub name: &'static str,
    /// The fewest parameters.
    pub from: u64,
    /// More than the most; the last class has no end.
    pub to: u64,
}

impl SizeClass {
    /// Every class, the smallest first: each begins where the one before ends.
    pub const ALL: [Self; 9] = [
        Self { name: "under-1m", from: 0, to: 1_000_000 },
        Self { name: "1m-10m", from: 1_000_000, to: 10_000_000 },
        Self { name: "10m-100m", from: 10_000_000, to: 100_000_000 },
        Self { name: "100m-1b", from: 100_000_000, to: 1_000_000_000 },
        Self { name: "1b-3b", from: 1_000_000_000, to: 3_000_000_000 },
        Self { name: "3b-10b", from: 3_000_000_000, to: 10_000_000_000 },
        Self { name: "10b-30b", from: 10_000_000_000, to: 30_000_000_000 },
        Self { name: "30b-100b", from: 30_000_000_000, to: 100_000_000_000 },
        Self { name: "from-100b", from: 100_000_000_000, to: u64::MAX },
    ];

    /// Whether a model with so many parameters is of it.
    pub const fn holds(self, parameters: u64) -> bool {
        self.from <= parameters && parameters < self.to
    }

    /// The class of this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_model_is_of_one_class_and_names_are_read_back() {
        let of = |parameters: u64| {
            let names: Vec<&str> = SizeClass::ALL
                .into_iter()
                .filter(|class| class.holds(parameters))
                .map(|class| class.name)
                .collect();
            assert_eq!(names.len(), 1, "{parameters}: {names:?}");
            names[0]
        };
        assert_eq!((of(0), of(999_999), of(1_000_000)), ("under-1m", "under-1m", "1m-10m"));
        assert_eq!((of(135_000_000), of(1_100_000_000), of(6_740_000_000)), ("100m-1b", "1b-3b", "3b-10b"));
        assert_eq!((of(30_000_000_000), of(405_000_000_000)), ("30b-100b", "from-100b"));
        for class in SizeClass::ALL {
            assert_eq!(SizeClass::named(class.name), Some(class));
        }
        assert_eq!(SizeClass::named("7b"), None);
    }
}
