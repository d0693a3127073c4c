//! A TCP relay on loopback that counts what passes: real bytes, HTTP heads too, TLS left out.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

/// Counts of one relay.
#[derive(Default)]
pub struct Counts {
    /// Bytes to the hub.
    pub out: AtomicU64,
    /// Bytes from the hub.
    pub back: AtomicU64,
}

impl Counts {
    /// Gives the counts and starts from zero.
    pub fn take(&self) -> (u64, u64) {
        (self.out.swap(0, Ordering::SeqCst), self.back.swap(0, Ordering::SeqCst))
    }
}

/// Starts a relay to `hub`. It ends with the process.
pub fn count_to(hub: SocketAddr) -> std::io::Result<(SocketAddr, Arc<Counts>)> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let addr = listener.local_addr()?;
    let counts = Arc::new(Counts::default());
    let shared = Arc::clone(&counts);
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let Ok(server) = TcpStream::connect(hub) else { continue };
            let (Ok(client_read), Ok(server_read)) = (client.try_clone(), server.try_clone()) else { continue };
            let counts = Arc::clone(&shared);
            thread::spawn(move || {
                pass(client_read, server, |n| {
                    counts.out.fetch_add(n, Ordering::SeqCst);
                });
            });
            let counts = Arc::clone(&shared);
            thread::spawn(move || {
                pass(server_read, client, |n| {
                    counts.back.fetch_add(n, Ordering::SeqCst);
                });
            });
        }
    });
    Ok((addr, counts))
}

fn pass(mut from: TcpStream, mut to: TcpStream, count: impl Fn(u64)) {
    let mut buffer = [0_u8; 16 * 1024];
    while let Ok(n) = from.read(&mut buffer) {
        if n == 0 {
            break;
        }
        count(n as u64);
        if to.write_all(&buffer[..n]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(std::net::Shutdown::Write);
}
