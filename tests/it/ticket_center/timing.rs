//! The time of a refusal tells nothing about how much of a signature was right.

use std::time::Instant;

use serde_json::json;

use crate::support::{PREFIX, TestApp, count, full_counts, merged, signing};

/// Welch's t of two samples, without the slowest twentieth, which belongs to the machine.
fn welch(first: &[f64], second: &[f64]) -> f64 {
    let mut all: Vec<f64> = first.iter().chain(second).copied().collect();
    all.sort_by(f64::total_cmp);
    let limit = all[all.len() * 19 / 20];
    let of = |sample: &[f64]| {
        let kept: Vec<f64> = sample.iter().copied().filter(|time| *time <= limit).collect();
        let number = kept.len() as f64;
        let mean = kept.iter().sum::<f64>() / number;
        let variance = kept.iter().map(|time| (time - mean).powi(2)).sum::<f64>() / (number - 1.0);
        (mean, variance / number)
    };
    let ((first, first_error), (second, second_error)) = (of(first), of(second));
    (first - second) / (first_error + second_error).sqrt()
}

#[test]
fn the_statistic_finds_a_difference_and_does_not_invent_one() {
    let mut random = crate::support::random::Random::new(3);
    let mut sample =
        |mean: f64| -> Vec<f64> { (0..5_000).map(|_| mean + random.below(1_000) as f64).collect() };
    let (one, same, slower) = (sample(0.0), sample(0.0), sample(200.0));
    assert!(welch(&one, &same).abs() < 4.5);
    assert!(welch(&one, &slower).abs() > 4.5);
}

both_engines!(the_first_wrong_digit_takes_as_long_as_the_last,);

async fn the_first_wrong_digit_takes_as_long_as_the_last(app: TestApp) {
    let helpdesk = app.helpdesk("Acme").await;
    let contact = app.contact(&helpdesk, "user@example.com");
    contact.verify().await;
    let right = signing::sign(&helpdesk.secret, &contact.email);
    let changed = |at: usize| {
        let digit = if &right[at..=at] == "0" { "1" } else { "0" };
        let signature = format!("{}{digit}{}", &right[..at], &right[at + 1..]);
        merged(contact.credentials(), &json!({"signature": signature}))
    };
    let bodies = [changed(0), changed(63)];
    let address = format!("{PREFIX}/verify");
    let mut times = [Vec::new(), Vec::new()];
    let mut random = crate::support::random::Random::new(11);
    let mut answers = std::collections::BTreeSet::new();
    for _ in 0..count(300, 100_000) * 2 {
        // In random order, so that nothing periodic in the machine falls on one of them.
        let which = random.below(2);
        app.advance(100);
        let start = Instant::now();
        let answer = app.post_now(&address, &bodies[which], &[]).await;
        times[which].push(start.elapsed().as_secs_f64());
        answer.refused(401, "verification_failed");
        answers.insert(answer.text());
    }
    assert_eq!(answers.len(), 1, "one answer for both");
    let t = welch(&times[0], &times[1]);
    if full_counts() {
        let line = format!(
            "timing on {:?}: 2 x {}, Welch t = {t:.2}\n",
            app.engine,
            count(300, 100_000)
        );
        std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes()).unwrap();
        assert!(t.abs() < 4.5, "t = {t:.2}");
    }
}
