//! A bad network: a relay between a device and its hub that cuts, drops, doubles, delays and garbles.

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// What happens to each new connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Cut after this many bytes from the device; the hub gets no more.
    CutUp(usize),
    /// Cut after this many bytes from the hub; with 0, the answer is lost after the hub has acted.
    CutDown(usize),
    /// One bit of the byte at this place from the device is turned.
    GarbleUp(usize),
    /// One bit of the byte at this place from the hub is turned.
    GarbleDown(usize),
    /// The hub hears everything a second time, on a connection of its own.
    Double,
    /// The first answer is kept back and given to the second request, the second's to the third, and so on.
    Late,
    /// Nothing moves for a while after this many bytes from the hub.
    Stall(usize, Duration),
}

#[derive(Default)]
struct Shared {
    fault: Option<Fault>,
    late: VecDeque<Vec<u8>>,
    sizes: (Vec<usize>, Vec<usize>),
}

/// The relay. It runs until the process ends.
pub struct Proxy {
    /// Where devices find it.
    pub port: u16,
    shared: Arc<Mutex<Shared>>,
}

impl Proxy {
    /// Starts a relay to a hub's port.
    pub fn start(hub_port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Mutex::new(Shared::default()));
        let mine = Arc::clone(&shared);
        let hub = SocketAddr::from(([127, 0, 0, 1], hub_port));
        thread::spawn(move || {
            for device in listener.incoming().flatten() {
                let shared = Arc::clone(&mine);
                thread::spawn(move || relay(device, hub, &shared));
            }
        });
        Self { port, shared }
    }

    /// What happens to connections made from now on.
    pub fn set(&self, fault: Fault) {
        let mut shared = lock(&self.shared);
        shared.fault = Some(fault);
        shared.late.clear();
        shared.sizes = (Vec::new(), Vec::new());
    }

    /// How many bytes each piece had since the last [`Proxy::set`]: from the device, from the hub.
    pub fn sizes(&self) -> (Vec<usize>, Vec<usize>) {
        lock(&self.shared).sizes.clone()
    }
}

fn lock(shared: &Mutex<Shared>) -> std::sync::MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn close(one: &TcpStream, other: &TcpStream) {
    let _ = one.shutdown(Shutdown::Both);
    let _ = other.shutdown(Shutdown::Both);
}

fn relay(device: TcpStream, hub: SocketAddr, shared: &Arc<Mutex<Shared>>) {
    let fault = lock(shared).fault.unwrap_or(Fault::None);
    let Ok(to_hub) = TcpStream::connect(hub) else {
        let _ = device.shutdown(Shutdown::Both);
        return;
    };
    let heard = Arc::new(Mutex::new(Vec::new()));
    let up = {
        let (from, to) = (device.try_clone().unwrap(), to_hub.try_clone().unwrap());
        let (shared, heard) = (Arc::clone(shared), Arc::clone(&heard));
        thread::spawn(move || upward(from, to, fault, &shared, &heard))
    };
    downward(to_hub, device, hub, fault, shared, &heard);
    let _ = up.join();
}

fn upward(mut from: TcpStream, mut to: TcpStream, fault: Fault, shared: &Mutex<Shared>, heard: &Mutex<Vec<u8>>) {
    let mut passed = 0;
    let mut piece = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut piece) {
        if length == 0 {
            break;
        }
        lock(shared).sizes.0.push(length);
        let bytes = &mut piece[..length];
        match fault {
            Fault::CutUp(after) if passed + length > after => {
                let _ = to.write_all(&bytes[..after - passed]);
                close(&from, &to);
                return;
            }
            Fault::GarbleUp(at) if (passed..passed + length).contains(&at) => bytes[at - passed] ^= 1,
            _ => {}
        }
        heard.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        passed += length;
        if to.write_all(bytes).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

fn downward(
    mut from: TcpStream,
    mut to: TcpStream,
    hub: SocketAddr,
    fault: Fault,
    shared: &Mutex<Shared>,
    heard: &Mutex<Vec<u8>>,
) {
    let mut passed = 0;
    let mut answer = Vec::new();
    let mut piece = vec![0; 64 * 1024];
    while let Ok(length) = from.read(&mut piece) {
        if length == 0 {
            break;
        }
        lock(shared).sizes.1.push(length);
        let bytes = &mut piece[..length];
        match fault {
            Fault::CutDown(after) if passed + length > after => {
                let _ = to.write_all(&bytes[..after - passed]);
                close(&from, &to);
                return;
            }
            Fault::GarbleDown(at) if (passed..passed + length).contains(&at) => bytes[at - passed] ^= 1,
            Fault::Stall(after, pause) if (passed..passed + length).contains(&after) => {
                let _ = to.write_all(&bytes[..after - passed]);
                thread::sleep(pause);
                let rest = &bytes[after - passed..];
                passed += length;
                if to.write_all(rest).is_err() {
                    break;
                }
                continue;
            }
            Fault::Double if passed == 0 => {
                let heard = heard.lock().unwrap_or_else(PoisonError::into_inner).clone();
                again(hub, &heard);
            }
            Fault::Late => {
                answer.extend_from_slice(bytes);
                passed += length;
                if whole(&answer) {
                    let mut shared = lock(shared);
                    let earlier = shared.late.pop_front();
                    shared.late.push_back(std::mem::take(&mut answer));
                    if let Some(earlier) = earlier {
                        let _ = to.write_all(&earlier);
                    }
                    close(&from, &to);
                    return;
                }
                continue;
            }
            _ => {}
        }
        passed += length;
        if to.write_all(bytes).is_err() {
            break;
        }
    }
    close(&from, &to);
}

/// Says a request once more, and waits for its answer.
fn again(hub: SocketAddr, request: &[u8]) {
    let Ok(mut stream) = TcpStream::connect(hub) else { return };
    let _ = stream.set_read_timeout(Some(Duration::from_secs(5)));
    if stream.write_all(request).is_err() {
        return;
    }
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    while let Ok(length) = stream.read(&mut piece) {
        answer.extend_from_slice(&piece[..length]);
        if length == 0 || whole(&answer) {
            return;
        }
    }
}

/// Whether an HTTP answer has come to its end.
fn whole(answer: &[u8]) -> bool {
    let Some(end) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&answer[..end]).to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
    length.is_none_or(|length| answer.len() >= end + 4 + length)
}
