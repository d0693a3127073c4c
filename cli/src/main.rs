//! The `himaya` binary.
mod bench;

fn main() {
    let figures = bench::run(bench::Size::QUICK, &|what| eprintln!("… {what}"));
    match figures {
        Ok(figures) => {
            for figure in figures {
                println!("{:<75} {:<40} {}", figure.what, figure.value, figure.goal);
            }
        }
        Err(error) => eprintln!("{error}"),
    }
}
