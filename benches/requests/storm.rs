//! A storm: many writers at once, while a backup is taken again and again and long readers run. Every
//! write must be answered with 200, which the client insists on.

use super::client::{self, Load};
use super::server::Server;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const WRITES: usize = 24_000;
const CONNECTIONS: usize = 64;

pub(super) async fn run(server: &Server) {
    let stop = Arc::new(AtomicBool::new(false));
    let (copies, checks) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let copying = {
        let (again, stop, copies) = (server.copier(), Arc::clone(&stop), Arc::clone(&copies));
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                again.copy();
                copies.fetch_add(1, Ordering::Relaxed);
            }
        })
    };
    let checking = {
        let (again, stop, checks) = (server.copier(), Arc::clone(&stop), Arc::clone(&checks));
        std::thread::spawn(move || {
            while !stop.load(Ordering::Relaxed) {
                again.read_everything();
                checks.fetch_add(1, Ordering::Relaxed);
            }
        })
    };
    let caller = server.caller();
    let load = Load::new(server.address(), CONNECTIONS, WRITES, move |n| {
        let contact = caller.contact(&format!("storm{}@example.com", n % 2_000));
        let message = format!(r#","message":"Storm {n}","idempotencyKey":"storm-{n}""#);
        caller.call("message", &contact.signed(&message))
    });
    let (cpu, began) = (client::cpu_ms(server.process()), std::time::Instant::now());
    let latencies = client::fill(load).await;
    let (elapsed, cpu) = (began.elapsed(), client::cpu_ms(server.process()) - cpu);
    stop.store(true, Ordering::Relaxed);
    copying.join().unwrap();
    checking.join().unwrap();
    println!(
        "\nstorm: {WRITES} durable writes from {CONNECTIONS} connections, every one answered with 200, during {} backups and {} full reads: \
         {:.0} a second, p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms, {:.3} CPU-ms each (backups and reads included)",
        copies.load(Ordering::Relaxed),
        checks.load(Ordering::Relaxed),
        WRITES as f64 / elapsed.as_secs_f64(),
        latencies[WRITES / 2].as_secs_f64() * 1e3,
        latencies[WRITES * 99 / 100].as_secs_f64() * 1e3,
        latencies[WRITES - 1].as_secs_f64() * 1e3,
        cpu / WRITES as f64,
    );
}
