//! This build and another one: reads and posts of both in short alternating turns, so that what else the machine does
//! meets both alike.

use std::time::Duration;

use crate::clinic::Clinic;
use crate::load::{Load, Numbers};
use crate::{posting, reading};

/// Rounds of a comparison: more than of the other figures, because what is looked for is a tenth.
const ROUNDS: usize = 25;
/// How many clients post at once.
const POSTING: [usize; 2] = [1, 64];

/// One kind of work by both, by round.
pub struct Against {
    pub work: String,
    /// This build.
    pub here: Vec<Load>,
    /// The other one.
    pub other: Vec<Load>,
}

impl Against {
    fn new(work: String) -> Self {
        Self { work, here: Vec::new(), other: Vec::new() }
    }
}

/// Measures both in turns, each turn a quarter as long as those of the other figures.
///
/// # Errors
/// If an answer is not the expected one.
pub async fn measured(clinic: &Clinic, other: &Clinic, turn: Duration) -> anyhow::Result<Vec<Against>> {
    let turn = turn / 4;
    let (own_requests, other_requests) = (reading::requests(clinic), reading::requests(other));
    let own_read = || reading::one_turn(&own_requests, clinic.address, &clinic.server, turn);
    let other_read = || reading::one_turn(&other_requests, other.address, &other.server, turn);
    let mut reads = Against::new(format!("newest 50 messages, {} connections", reading::CLIENTS));
    own_read().await?;
    other_read().await?;
    for _ in 0..ROUNDS {
        reads.here.push(own_read().await?);
        reads.other.push(other_read().await?);
    }
    let mut works = vec![reads];
    let (mut numbers, mut other_numbers) = (Numbers::default(), Numbers::default());
    for count in POSTING {
        let mut posts = Against::new(format!("post a message, {count} at once"));
        posting::one_turn(clinic, count, &mut numbers, turn).await?;
        posting::one_turn(other, count, &mut other_numbers, turn).await?;
        for _ in 0..ROUNDS {
            posts.here.push(posting::one_turn(clinic, count, &mut numbers, turn).await?);
            posts.other.push(posting::one_turn(other, count, &mut other_numbers, turn).await?);
        }
        works.push(posts);
    }
    Ok(works)
}
