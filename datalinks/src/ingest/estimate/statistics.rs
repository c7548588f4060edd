//! The range of a cost per row, from the costs of several disjoint samples.

/// The cost of one sample.
#[derive(Clone, Copy, Debug)]
pub(super) struct SampleCost {
    pub(super) rows: usize,
    pub(super) amount: f64,
}

/// A cost per row with its range.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct CostPerRow {
    pub(super) estimate: f64,
    /// The range, or `None` if there are fewer than three samples.
    pub(super) range: Option<(f64, f64)>,
}

/// Quantiles of Student's t for 99 % (two-sided), by the number of samples from 3 on.
const T: [f64; 8] = [9.925, 5.841, 4.604, 4.032, 3.707, 3.499, 3.355, 3.250];

/// Maximum number of samples.
pub(super) const MOST_SAMPLES: usize = T.len() + 2;

/// Returns the cost per row of these samples, or `None` without rows.
///
/// A model costs little for most rows and much for a few, so the mean of a sample is skewed. A plain range of 95 % by
/// Student's t misses up to a quarter of such cases. This range therefore uses the quantile for 99 %, on the logarithm, and
/// its upper end is raised by the skew of the samples (the correction of Johnson). In the tests, at least 95 of 100 cases are
/// within it.
pub(super) fn cost_per_row(samples: &[SampleCost]) -> Option<CostPerRow> {
    let rows: usize = samples.iter().map(|sample| sample.rows).sum();
    if rows == 0 {
        return None;
    }
    let estimate = samples.iter().map(|sample| sample.amount).sum::<f64>() / rows as f64;
    let means: Vec<f64> = samples
        .iter()
        .filter(|sample| sample.rows > 0)
        .map(|sample| sample.amount / sample.rows as f64)
        .collect();
    let count = means.len() as f64;
    let Some(t) = means.len().checked_sub(3).map(|index| T[index.min(T.len() - 1)]) else {
        return Some(CostPerRow { estimate, range: None });
    };
    let mean = means.iter().sum::<f64>() / count;
    let variance = means.iter().map(|one| (one - mean).powi(2)).sum::<f64>() / (count - 1.0);
    if variance <= 0.0 || estimate <= 0.0 {
        return Some(CostPerRow { estimate, range: Some((estimate, estimate)) });
    }
    let skew = means.iter().map(|one| (one - mean).powi(3)).sum::<f64>() / count / variance;
    let width = t * (variance / count).sqrt() / mean;
    let range = (estimate * (-width).exp(), estimate * width.exp() + skew.max(0.0));
    // A range that spans more than this says nothing.
    let range = Some(range).filter(|(_, high)| *high <= estimate * 1e3);
    Some(CostPerRow { estimate, range })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: usize = 2_000;
    const SAMPLED: usize = 100;

    /// The costs of rows, of one shape and seed.
    fn costs(shape: &str, rng: &mut fastrand::Rng) -> Vec<f64> {
        let mut normal = || {
            // The sum of twelve uniform numbers is nearly normal.
            (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0
        };
        let mut uniform: Box<dyn FnMut() -> f64> = match shape {
            "constant" => Box::new(|| 40.0),
            "log-normal, sigma 1" => Box::new(move || (3.0 + normal()).exp()),
            "log-normal, sigma 1.5" => Box::new(move || (3.0 + 1.5 * normal()).exp()),
            "uniform" => Box::new(move || 1.0 + 99.0 * rng.f64()),
            "exponential" => Box::new(move || -50.0 * (1.0 - rng.f64()).ln()),
            "Pareto, alpha 2.1" => Box::new(move || (1.0 - rng.f64()).powf(-1.0 / 2.1)),
            "one row in twenty costs fiftyfold" => {
                Box::new(move || if rng.f64() < 0.05 { 50.0 } else { 1.0 })
            }
            other => panic!("{other}"),
        };
        (0..ROWS).map(|_| uniform()).collect()
    }

    /// Returns `true` if the total is in the range, and the upper end in terms of the estimate.
    fn case(shape: &str, seed: u64) -> (bool, f64) {
        let mut rng = fastrand::Rng::with_seed(seed);
        let mut rows = costs(shape, &mut rng);
        let total: f64 = rows.iter().sum();
        rng.shuffle(&mut rows);
        let samples: Vec<SampleCost> = rows[..SAMPLED]
            .chunks(SAMPLED / MOST_SAMPLES)
            .map(|part| SampleCost { rows: part.len(), amount: part.iter().sum() })
            .collect();
        let cost = cost_per_row(&samples).unwrap();
        let (low, high) = cost.range.unwrap();
        let total = total / ROWS as f64;
        // The sum of equal floats differs in its last digits.
        (low <= total * (1.0 + 1e-9) && total <= high * (1.0 + 1e-9), high / cost.estimate)
    }

    #[test]
    fn total_is_in_the_range_in_95_of_100_cases() {
        for shape in [
            "constant",
            "uniform",
            "exponential",
            "log-normal, sigma 1",
            "log-normal, sigma 1.5",
            "Pareto, alpha 2.1",
            "one row in twenty costs fiftyfold",
        ] {
            let cases: Vec<(bool, f64)> = (0..100).map(|seed| case(shape, seed)).collect();
            let hits = cases.iter().filter(|(hit, _)| *hit).count();
            let width = cases.iter().map(|(_, width)| width).sum::<f64>() / 100.0;
            println!("{shape}: {hits} of 100, upper end {width:.2} of the estimate on average");
            assert!(hits >= 95, "{shape}: {hits}");
            // A range that contains everything would pass the test above.
            assert!(width < 4.0, "{shape}: {width}");
        }
    }

    #[test]
    fn range_needs_three_samples() {
        let of = |amounts: &[f64]| {
            let samples: Vec<_> =
                amounts.iter().map(|amount| SampleCost { rows: 2, amount: *amount }).collect();
            cost_per_row(&samples)
        };
        assert_eq!(of(&[]), None);
        assert_eq!(of(&[4.0, 8.0]), Some(CostPerRow { estimate: 3.0, range: None }));
        assert_eq!(of(&[4.0, 4.0, 4.0]), Some(CostPerRow { estimate: 2.0, range: Some((2.0, 2.0)) }));
        let (low, high) = of(&[4.0, 4.0, 5.0]).unwrap().range.unwrap();
        assert!(0.0 < low && low < 13.0 / 6.0 && high > 2.5, "{low} {high}");
        assert_eq!(of(&[0.0, 0.0, 900.0]).unwrap().range, None, "a range without an end");
    }
}
