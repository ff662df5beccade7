/// A stream of random numbers that depends on the seed alone, on every machine and in every release: a seed in a bug
/// report has to mean the same run for ever.
///
/// SplitMix64, after Steele, Lea and Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
#[derive(Clone, Debug)]
pub(crate) struct Dice(u64);

/// The purpose of a stream. The streams of one seed are independent, so that one more number for the program does not
/// change the schedule.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    Schedule = 1,
    Inline = 2,
    Timers = 3,
    Program = 4,
    Faults = 5,
    Net = 6,
}

impl Dice {
    pub(crate) fn new(seed: u64, purpose: Purpose) -> Dice {
        let mut start = Dice(seed);
        Dice(start.next().wrapping_add(mix(purpose as u64)))
    }

    /// Derives the stream of one part of the purpose, such as one task.
    pub(crate) fn part(self, number: u64) -> Dice {
        Dice(self.0.wrapping_add(mix(number.wrapping_add(1))))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        mix(self.0)
    }

    /// Draws a number below `bound`, which is at least one.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        // The high half of a product; the bias is below 2^-32 for every bound that there is.
        ((u128::from(self.next()) * bound as u128) >> 64) as usize
    }

    /// Draws true, once in `times` on average.
    pub(crate) fn once_in(&mut self, times: u32) -> bool {
        times > 0 && self.below(times as usize) == 0
    }
}

fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_published_generator() {
        // Vigna's reference implementation, splitmix64.c, with the state 1234567.
        let mut dice = Dice(1_234_567);
        let numbers: [u64; 5] = std::array::from_fn(|_| dice.next());
        let published = [
            6_457_827_717_110_365_317,
            3_203_168_211_198_807_973,
            9_817_491_932_198_370_423,
            4_593_380_528_125_082_431,
            16_408_922_859_458_223_821,
        ];
        assert_eq!(numbers, published);
    }

    #[test]
    fn every_number_below_the_bound_comes_about_as_often() {
        let mut dice = Dice::new(7, Purpose::Schedule);
        let mut counts = [0_u32; 6];
        for _ in 0..6_000 {
            counts[dice.below(6)] += 1;
        }
        // Five standard deviations of a binomial distribution of 6000 throws at 1/6: about 144.
        assert!(counts.iter().all(|count| count.abs_diff(1_000) < 144), "{counts:?}");
    }
}
