//! Random lives of many conversations beside a reference model: who writes, reads, cancels and sends
//! at once; events that are followed late; relays that take, refuse, delay and break off; workers that
//! die; two nodes. What is claimed must be what the reference expects, neither more nor less.

mod lane;
mod reference;
mod world;

use crate::support::Engine;
use crate::support::count;
use crate::support::random::Random;
use std::io::Write as _;
use world::World;

const LANES: usize = 50;
const ROUNDS: usize = 14;

fn run(engine: Engine, schedules: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let seed = std::env::var("NOTIFICATIONS_SEED").ok();
        let mut random = Random::new(seed.and_then(|seed| seed.parse().ok()).unwrap_or(20_260));
        let mut world = World::open(engine).await;
        let begun = std::time::Instant::now();
        for _ in 0..schedules.div_ceil(LANES) {
            world.begin(LANES).await;
            for _ in 0..ROUNDS {
                world.round(&mut random).await;
            }
            world.drain(&mut random).await;
        }
        let line = format!(
            "notifications on {engine:?}: {} schedules in {} s, {:?}\n",
            schedules.div_ceil(LANES) * LANES,
            begun.elapsed().as_secs(),
            world.told
        );
        std::io::stdout().write_all(line.as_bytes()).unwrap();
        assert!(world.told.all_happened(schedules), "{line}");
    });
}

mod mails_are_what_the_reference_says {
    #[test]
    fn sqlite() {
        super::run(crate::support::Engine::Sqlite, super::count(1_200, 80_000));
    }

    #[test]
    fn postgres() {
        super::run(crate::support::Engine::Postgres, super::count(300, 20_000));
    }
}
