//! Running the blind relay from the command line, and saving it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use himaya_core::sync::{HubAddress, HubClient};
use himaya_hub::{Hub, HubConfig, HubError, TlsFiles};

use crate::args::Global;
use crate::output::{Failure, Out, print};

/// The file that makes a folder a hub's.
pub const DATABASE: &str = "hub.sqlite";

/// The blind relay.
#[derive(Debug, clap::Args)]
pub struct HubArgs {
    #[command(subcommand)]
    command: HubCommand,
}

#[derive(Debug, Subcommand)]
enum HubCommand {
    /// Set up a folder for a hub under an authority, whose certificate it pins
    Init {
        /// The authority's certificate, carried by hand
        #[arg(long, value_name = "FILE")]
        authority: PathBuf,
    },
    /// Run the hub until it is told to stop (Ctrl-C or SIGTERM); prints one line when it answers
    Run(RunArgs),
    /// Copy the hub into one new file, running or not
    Backup {
        /// The new file
        file: PathBuf,
    },
    /// Set up a new folder from a backup; devices notice and offer what the backup had not seen
    Restore {
        /// The backup
        file: PathBuf,
    },
    /// Ask a running hub whether it is well
    Status {
        /// Its address
        url: String,
        /// PEM file with the only root that is trusted
        #[arg(long, value_name = "FILE")]
        root: Option<PathBuf>,
    },
}

#[derive(Debug, clap::Args)]
struct RunArgs {
    /// Address and port; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:8480")]
    listen: SocketAddr,
    /// PEM certificate chain for TLS
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// PEM private key for TLS
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// Without TLS on any address: only behind a proxy that ends TLS
    #[arg(long)]
    insecure: bool,
    /// Set the folder up at the first start with this certificate, and compare it at each later one
    #[arg(long, value_name = "FILE")]
    authority: Option<PathBuf>,
    /// Stop when standard input ends, for a program that runs the hub
    #[arg(long, hide = true)]
    with_parent: bool,
}

/// Runs a hub command.
pub fn run(global: &Global, out: &Out, args: &HubArgs) -> Result<(), Failure> {
    let dir = || {
        global
            .dir
            .clone()
            .ok_or_else(|| Failure::usage("dir-missing", "which hub?").advice("Give --dir FOLDER, or set HIMAYA_DIR."))
    };
    match &args.command {
        HubCommand::Init { authority } => {
            let certificate =
                std::fs::read(authority).map_err(|error| Failure::io("authority's certificate", &error))?;
            Hub::init(&dir()?, &certificate).map_err(|error| from_hub(&error))?;
            done(out, "The hub is set up. Run it: himaya hub run")
        }
        HubCommand::Run(args) => {
            let dir = dir()?;
            // With a certificate, a first start sets the folder up.
            if args.authority.is_none() {
                there(&dir)?;
            }
            serve(out, dir, args)
        }
        HubCommand::Backup { file } => {
            let dir = dir()?;
            there(&dir)?;
            himaya_hub::backup(&dir, file).map_err(|error| from_hub(&error))?;
            done(out, "Backed up. Nothing in the file can be opened with what is in it; keep it private all the same.")
        }
        HubCommand::Restore { file } => {
            himaya_hub::restore(file, &dir()?).map_err(|error| from_hub(&error))?;
            done(out, "Restored under a new history: every device compares, and offers what the backup had not seen.")
        }
        HubCommand::Status { url, root } => status(out, url, root.as_deref()),
    }
}

fn there(dir: &Path) -> Result<(), Failure> {
    if dir.join(DATABASE).is_file() {
        return Ok(());
    }
    Err(Failure::missing("hub", "there is no hub in this folder")
        .advice("Set one up with `himaya hub init`, or look at --dir."))
}

fn done(out: &Out, text: &str) -> Result<(), Failure> {
    out.show(&serde_json::json!({ "done": true }), |page| page.done(text))
}

fn from_hub(error: &HubError) -> Failure {
    let (key, advice) = match error {
        HubError::Authority(_) => ("hub-authority", "Take the certificate from the ministry by hand."),
        HubError::OtherAuthority => ("hub-other-authority", "Use the certificate that this hub was set up with."),
        HubError::Running => ("hub-running", "Stop the other process, or use another folder."),
        HubError::Plain => ("hub-plain", "Give --tls-cert and --tls-key, or --insecure behind a proxy that ends TLS."),
        HubError::Tls => ("hub-tls", "Look at both PEM files: a chain, the hub's own first, and its key."),
        HubError::Listen(_) => ("hub-listen", "Another program may use the port; choose another with --listen."),
        HubError::InTheWay => ("hub-in-the-way", "Name a new file or an empty folder."),
        HubError::File(error) => return Failure::io("hub's file", error),
        HubError::Store(_) => {
            ("hub-store", "Set a folder up with `himaya hub init`; see `himaya doctor` for one that was.")
        }
        _ => ("hub", "See `himaya doctor`."),
    };
    Failure::failed(key, error.to_string()).advice(advice)
}

fn serve(out: &Out, dir: PathBuf, args: &RunArgs) -> Result<(), Failure> {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env().unwrap_or_else(|_| "info".into());
    // Logs carry no name; they go to standard error, the one line of readiness to standard output.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).try_init();
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Some(TlsFiles { certificate: certificate.clone(), key: key.clone() }),
        _ => None,
    };
    let scheme = if tls.is_some() { "https" } else { "http" };
    let config = HubConfig {
        listen: args.listen,
        tls,
        insecure: args.insecure,
        authority: args.authority.clone(),
        ..HubConfig::on_loopback(dir)
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::io("threads", &error))?;
    runtime.block_on(async {
        let hub = Hub::start(config).await.map_err(|error| from_hub(&error))?;
        let ready = if out.json() {
            format!("{{\"listening\":\"{scheme}://{}\"}}\n", hub.addr)
        } else {
            format!("listening on {scheme}://{}\n", hub.addr)
        };
        print(ready.as_bytes())?;
        wait_for_stop(args.with_parent).await;
        hub.stop().await;
        Ok(())
    })
}

async fn wait_for_stop(with_parent: bool) {
    let parent = async {
        if !with_parent {
            return std::future::pending().await;
        }
        let (gone, told) = tokio::sync::oneshot::channel();
        // A thread of its own: reading standard input blocks until the parent closes it.
        std::thread::spawn(move || {
            // Its end, or an error of it, both say that the parent is gone.
            let _ = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
            let _ = gone.send(());
        });
        let _ = told.await;
    };
    #[cfg(unix)]
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => {
                signal.recv().await;
            }
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminated = std::future::pending::<()>();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
        () = parent => {}
    }
}

fn status(out: &Out, url: &str, root: Option<&Path>) -> Result<(), Failure> {
    let root_pem = root.map(std::fs::read_to_string).transpose();
    let root_pem = root_pem.map_err(|error| Failure::io("root certificate", &error))?;
    let address = HubAddress { url: url.to_owned(), root_pem };
    let hub = HubClient::new(&address).map_err(|error| crate::field::from_app(error.into()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::io("network", &error))?;
    runtime.block_on(hub.health()).map_err(|_| {
        Failure::new(crate::output::Exit::Offline, "hub-silent", "the hub does not answer, or says that it is not well")
            .advice("Look at its log and its disk; devices keep everything meanwhile.")
    })?;
    done(out, "The hub answers and can read its store.")
}
