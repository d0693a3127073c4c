//! A hub that may lie: an honest relay in memory behind a few lines of HTTP, whose answers a test alters.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use himaya_hub::relay::Relay;
use himaya_hub::testing::NOW_MILLIS;
use himaya_wire::{Answer, SignedRequest, Trouble, TroubleBody};

/// What goes back over the wire.
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    /// An answer, as a hub gives it.
    pub fn answer(answer: &Answer) -> Self {
        Self { status: 200, body: answer.to_bytes().unwrap() }
    }

    /// A refusal of the whole request.
    pub fn trouble(trouble: Trouble) -> Self {
        Self { status: 400, body: TroubleBody { trouble, retry_after_s: None }.to_bytes().unwrap() }
    }
}

/// A request that came in.
pub struct Asked<'a> {
    /// What was asked.
    pub request: SignedRequest,
    /// The same, as it came.
    pub bytes: Vec<u8>,
    /// The honest relay.
    pub relay: &'a Relay,
}

impl Asked<'_> {
    /// The honest answer, to be altered.
    pub fn honest(&self) -> Result<Answer, Trouble> {
        self.relay.handle(&self.bytes, NOW_MILLIS).map(|handled| handled.answer)
    }

    /// The honest reply.
    pub fn honestly(&self) -> Reply {
        match self.honest() {
            Ok(answer) => Reply::answer(&answer),
            Err(trouble) => Reply::trouble(trouble),
        }
    }
}

type Lie = Box<dyn FnMut(&Asked<'_>) -> Reply + Send>;

/// The listening half.
pub struct Liar {
    /// The honest relay behind it.
    pub relay: Arc<Relay>,
    /// Where it listens.
    pub port: u16,
    lie: Arc<Mutex<Lie>>,
    asked: Arc<AtomicU32>,
    stopped: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Liar {
    /// Listens, honest at first.
    pub fn start(relay: Arc<Relay>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let lie: Arc<Mutex<Lie>> = Arc::new(Mutex::new(Box::new(|asked: &Asked<'_>| asked.honestly())));
        let (asked, stopped) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicBool::new(false)));
        let thread = std::thread::spawn({
            let (relay, lie, asked, stopped) = (relay.clone(), lie.clone(), asked.clone(), stopped.clone());
            move || {
                for stream in listener.incoming() {
                    if stopped.load(Ordering::SeqCst) {
                        return;
                    }
                    if let Ok(stream) = stream {
                        // A client that hangs up is its own affair.
                        let _ = serve(stream, &relay, &lie, &asked);
                    }
                }
            }
        });
        Self { relay, port, lie, asked, stopped, thread: Some(thread) }
    }

    /// From now on replies are made by `lie`.
    pub fn lie(&self, lie: impl FnMut(&Asked<'_>) -> Reply + Send + 'static) {
        *self.lie.lock().unwrap() = Box::new(lie);
    }

    /// From now on answers are altered by `alter`; refusals are left.
    pub fn alter(&self, mut alter: impl FnMut(&SignedRequest, &mut Answer) + Send + 'static) {
        self.lie(move |asked| match asked.honest() {
            Ok(mut answer) => {
                alter(&asked.request, &mut answer);
                Reply::answer(&answer)
            }
            Err(trouble) => Reply::trouble(trouble),
        });
    }

    /// Honest again.
    pub fn repent(&self) {
        self.lie(|asked: &Asked<'_>| asked.honestly());
    }

    /// How many requests were made so far.
    pub fn asked(&self) -> u32 {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for Liar {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(("127.0.0.1", self.port));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(stream: TcpStream, relay: &Relay, lie: &Mutex<Lie>, asked: &AtomicU32) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let (mut line, mut length) = (String::new(), 0);
    loop {
        line.clear();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().unwrap_or(0);
        }
        if line.trim().is_empty() {
            break;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    asked.fetch_add(1, Ordering::SeqCst);
    let reply = match SignedRequest::parse(&body) {
        Ok(request) => (lie.lock().unwrap())(&Asked { request, bytes: body, relay }),
        Err(_) => Reply::trouble(Trouble::Malformed),
    };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {} X\r\ncontent-type: application/cbor\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        reply.status,
        reply.body.len()
    )?;
    stream.write_all(&reply.body)
}
