//! Boards with the chip MCP39F511N at a serial port of the server: active power of one of two channels, in steps of
//! 10 mW by the chip's default, a new value each 40 ms (two cycles of the line).
//!
//! 115200 bauds, 8N1. A question is `A5 length command… sum`, an answer `06 length data… sum`; the sum is that of all
//! bytes before it. Its energy counter is not read: its unit depends on range registers whose meaning could not be checked
//! without a board. Must not: write a register, or believe a frame whose sum is wrong.

use std::fs::File;
use std::io::{ErrorKind, Read, Write};
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use common::units::Power;
use rustix::fs::{Mode, OFlags};
use rustix::termios::{self, OptionalActions};
use serde::{Deserialize, Serialize};

use super::error::WallError;
use super::{AT_SOCKET, Look, Traits};
use crate::clock;

const START: u8 = 0xA5;
const SET_ADDRESS: u8 = 0x41;
const READ: u8 = 0x4E;
const ACKNOWLEDGED: u8 = 0x06;
/// Active power of the first channel; the second follows.
const ACTIVE_POWER: u16 = 0x0016;
const POWER_BYTES: u8 = 4;
const WATTS_A_STEP: f64 = 0.01;
const BAUDS: u32 = 115_200;
/// Time between two looks at whether more bytes have come.
const STEP: Duration = Duration::from_millis(2);

/// Which board.
#[derive(Debug, Clone, PartialEq, Args, Serialize, Deserialize)]
pub struct Mcp39f511n {
    /// The serial port, such as /dev/ttyACM0.
    pub port: PathBuf,
    /// Which of its two channels.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
    pub channel: u8,
}

impl Mcp39f511n {
    pub(super) fn traits(&self) -> Traits {
        Traits {
            name: "mcp39f511n",
            boundary: AT_SOCKET,
            period: Duration::from_millis(200),
            power_step: Some(Power::from_watts(WATTS_A_STEP)),
            energy_step: None,
            class: 0.01,
        }
    }

    pub(super) fn look(&self, limit: Duration) -> Result<Look, WallError> {
        let mut port = self.open()?;
        let started = clock::instant();
        let late = || started.elapsed() > limit;
        let power = ask(&mut port, self.channel, late).map_err(|trouble| self.explain(trouble, limit))?;
        Ok(Look { power: Some(power), energy: None })
    }

    /// Opens the port for raw bytes; neither opening nor reading waits for a line that is dead.
    fn open(&self) -> Result<File, WallError> {
        let address = self.port.display().to_string();
        let refuse = |error: rustix::io::Errno| WallError::Unreachable {
            address: address.clone(),
            reason: error.to_string(),
        };
        let flags = OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let port = rustix::fs::open(&self.port, flags, Mode::empty()).map_err(refuse)?;
        let mut settings = termios::tcgetattr(&port).map_err(refuse)?;
        settings.make_raw();
        settings.set_speed(BAUDS).map_err(refuse)?;
        termios::tcsetattr(&port, OptionalActions::Flush, &settings).map_err(refuse)?;
        Ok(File::from(port))
    }

    fn explain(&self, trouble: Trouble, limit: Duration) -> WallError {
        let address = self.port.display().to_string();
        match trouble {
            Trouble::Silent => WallError::Late { address, limit },
            Trouble::Io(reason) => WallError::Unreachable { address, reason },
            Trouble::Nonsense(what) => WallError::Nonsense { address, what },
        }
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Trouble {
    Silent,
    Io(String),
    Nonsense(String),
}

/// One question and its answer.
fn ask(port: &mut (impl Read + Write), channel: u8, late: impl Fn() -> bool) -> Result<Power, Trouble> {
    let register = ACTIVE_POWER + u16::from(POWER_BYTES) * u16::from(channel.saturating_sub(1));
    let [high, low] = register.to_be_bytes();
    let question = frame(START, &[SET_ADDRESS, high, low, READ, POWER_BYTES]);
    port.write_all(&question).map_err(|error| Trouble::Io(error.to_string()))?;
    let mut bytes = [0_u8; 3 + 4];
    let mut read = 0;
    while read < bytes.len() {
        let count = match port.read(&mut bytes[read..]) {
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            other => other.map_err(|error| Trouble::Io(error.to_string()))?,
        };
        read += count;
        if read > 0 && bytes[0] != ACKNOWLEDGED {
            return Err(Trouble::Nonsense(format!("it refuses the question ({:#04x})", bytes[0])));
        }
        if count == 0 {
            if late() {
                return Err(Trouble::Silent);
            }
            std::thread::sleep(STEP);
        }
    }
    let [_, length, a, b, c, d, _] = bytes;
    if bytes[..] != frame(ACKNOWLEDGED, &[a, b, c, d])[..] {
        return Err(Trouble::Nonsense(format!("a frame of {length} bytes has a wrong length or sum")));
    }
    Ok(Power::from_watts(f64::from(u32::from_le_bytes([a, b, c, d])) * WATTS_A_STEP))
}

fn frame(first: u8, data: &[u8]) -> Vec<u8> {
    let length = u8::try_from(data.len() + 3).unwrap_or(u8::MAX);
    let mut bytes = vec![first, length];
    bytes.extend(data);
    bytes.push(bytes.iter().fold(0, |sum: u8, byte| sum.wrapping_add(*byte)));
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A board that answers as told, a few bytes at a time.
    struct Board {
        heard: Vec<u8>,
        says: Vec<u8>,
    }

    impl Read for Board {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let count = self.says.len().min(buffer.len()).min(3);
            buffer[..count].copy_from_slice(&self.says[..count]);
            self.says.drain(..count);
            Ok(count)
        }
    }

    impl Write for Board {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.heard.extend(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn asked(channel: u8, says: Vec<u8>) -> (Result<Power, Trouble>, Vec<u8>) {
        let mut board = Board { heard: Vec::new(), says };
        (ask(&mut board, channel, || true), board.heard)
    }

    #[test]
    fn the_power_of_a_channel_is_asked_for_and_read_in_steps_of_ten_milliwatts() {
        let answer = frame(ACKNOWLEDGED, &23_456_u32.to_le_bytes());
        let (power, heard) = asked(1, answer.clone());
        assert!((power.unwrap().watts() - 234.56).abs() < 1e-9);
        assert_eq!(heard, [0xA5, 0x08, 0x41, 0x00, 0x16, 0x4E, 0x04, 0x56]);
        assert_eq!(asked(2, answer).1[4], 0x1A);
    }

    #[test]
    fn silence_refusal_and_a_wrong_sum_are_told_apart() {
        assert_eq!(asked(1, vec![]).0, Err(Trouble::Silent));
        assert!(matches!(asked(1, vec![0x15]).0, Err(Trouble::Nonsense(what)) if what.contains("0x15")));
        let mut wrong = frame(ACKNOWLEDGED, &[1, 2, 3, 4]);
        wrong[6] ^= 1;
        assert!(matches!(asked(1, wrong).0, Err(Trouble::Nonsense(what)) if what.contains("sum")));
    }

    /// A serial port with a board behind it, played by a thread: the terminal's other end and what it was asked.
    fn behind_a_port(
        says: impl Fn(usize) -> Vec<u8> + Send + 'static,
    ) -> (PathBuf, std::thread::JoinHandle<Vec<u8>>) {
        use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
        let board = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&board).unwrap();
        unlockpt(&board).unwrap();
        let port = ptsname(&board, Vec::new()).unwrap().into_string().unwrap().into();
        let playing = std::thread::spawn(move || {
            let mut board = File::from(board);
            let mut heard = vec![0; 8];
            board.read_exact(&mut heard).unwrap();
            // A byte at a time, as a slow line brings them; the port stays open until all was read.
            for (index, byte) in says(heard.len()).into_iter().enumerate() {
                std::thread::sleep(Duration::from_millis(u64::from(index % 2 == 0)));
                board.write_all(&[byte]).unwrap();
            }
            std::thread::sleep(Duration::from_millis(300));
            heard
        });
        (port, playing)
    }

    #[test]
    fn a_board_at_a_terminal_is_asked_and_read_through_the_port_itself() {
        // Its bytes hold what a terminal would else take for ends of lines and of the file.
        let steps = 0x0004_0D0A_u32;
        let (port, playing) = behind_a_port(move |_| frame(ACKNOWLEDGED, &steps.to_le_bytes()));
        let found = Mcp39f511n { port, channel: 2 }.look(Duration::from_secs(5)).unwrap();
        assert!((found.power.unwrap().watts() - f64::from(steps) * WATTS_A_STEP).abs() < 1e-9, "{found:?}");
        assert_eq!(found.energy, None);
        assert_eq!(playing.join().unwrap(), [0xA5, 0x08, 0x41, 0x00, 0x1A, 0x4E, 0x04, 0x5A]);
    }

    #[test]
    fn a_board_that_says_half_a_frame_is_late_and_one_with_a_wrong_sum_is_nonsense() {
        let (port, playing) = behind_a_port(|_| frame(ACKNOWLEDGED, &[1, 2, 3, 4])[..5].to_vec());
        let late = Mcp39f511n { port, channel: 1 }.look(Duration::from_millis(100));
        assert!(matches!(late, Err(WallError::Late { .. })), "{late:?}");
        playing.join().unwrap();
        let (port, playing) = behind_a_port(|_| {
            let mut wrong = frame(ACKNOWLEDGED, &[1, 2, 3, 4]);
            wrong[6] ^= 1;
            wrong
        });
        let nonsense = Mcp39f511n { port, channel: 1 }.look(Duration::from_secs(5));
        assert!(matches!(nonsense, Err(WallError::Nonsense { .. })), "{nonsense:?}");
        playing.join().unwrap();
    }

    #[test]
    fn a_port_that_is_not_there_and_a_file_that_is_no_port_are_unreachable() {
        for path in ["/nonexistent/tty", "/dev/null"] {
            let board = Mcp39f511n { port: path.into(), channel: 1 };
            assert!(
                matches!(board.look(Duration::from_millis(10)), Err(WallError::Unreachable { .. })),
                "{path}"
            );
        }
    }
}
