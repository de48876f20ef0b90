//! Kernels run on the host as the CUDA C++ that they become, so that their arithmetic is tested where no GPU is.
//!
//! A compiler for C++ builds each kernel with `emulated.hpp`, in which units are coroutines. Speed, memory traffic and
//! what hardware does in parallel are not tested by that. Must not: be part of the engine.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::tests::Kernel;

/// A launch.
pub(super) struct Launch {
    pub(super) kernel: Kernel,
    pub(super) cubes: (usize, usize, usize),
    /// In the order of the kernel's arguments.
    pub(super) buffers: Vec<Vec<u8>>,
    pub(super) whole: Vec<usize>,
    pub(super) single: Vec<f32>,
}

/// Whether there is a compiler for C++; says so where there is none.
pub(super) fn is_possible() -> bool {
    let is_there = Command::new("c++").arg("--version").output().is_ok_and(|output| output.status.success());
    if !is_there {
        println!("no kernel was run: there is no compiler `c++` on this machine");
    }
    is_there
}

/// The bytes of numbers.
pub(super) fn bytes<T: Copy, const N: usize>(numbers: &[T], to: fn(T) -> [u8; N]) -> Vec<u8> {
    numbers.iter().flat_map(|&number| to(number)).collect()
}

/// The numbers of bytes.
pub(super) fn singles(bytes: &[u8]) -> Vec<f32> {
    bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect()
}

impl Launch {
    /// Runs it: the buffers afterwards.
    pub(super) fn run(&self) -> Vec<Vec<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| folder.path().join(name);
        std::fs::write(file("emulated.hpp"), include_str!("emulated.hpp")).unwrap();
        let source = self.kernel.source();
        std::fs::write(file("kernel.cpp"), self.program(&source)).unwrap();
        let (from, to) = (file("kernel.cpp"), file("kernel"));
        let built = Command::new("c++")
            .args(["-std=c++17", "-O1", "-fpermissive", "-w", "-o"])
            .args([&to, &from])
            .output()
            .unwrap();
        assert!(built.status.success(), "{}\n{}", String::from_utf8_lossy(&built.stderr), source);
        self.play(&to)
    }

    fn play(&self, program: &Path) -> Vec<Vec<u8>> {
        let mut child = Command::new(program).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&self.buffers.concat()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "the kernel failed: {}", output.status);
        let mut rest = output.stdout.as_slice();
        let parts = self.buffers.iter().map(|buffer| {
            let (own, others) = rest.split_at(buffer.len());
            rest = others;
            own.to_vec()
        });
        parts.collect()
    }

    /// The kernel with a program around it that reads buffers, launches and writes them.
    fn program(&self, source: &str) -> String {
        let source = source.lines().filter(|line| !line.starts_with("#include"));
        let source = source.collect::<Vec<_>>().join("\n");
        let name = source.split("__launch_bounds__").nth(1).unwrap();
        let name = name.split_once(')').unwrap().1.split_once('(').unwrap().0.trim();
        let shared: Vec<&str> = source
            .split("extern __shared__")
            .skip(1)
            .map(|after| after.split_once("char ").unwrap().1.split_once('[').unwrap().0)
            .collect();
        let shared_memory: String =
            shared.iter().map(|name| format!("alignas(128) char {name}[1 << 17];\n")).collect();
        let fresh: String =
            shared.iter().map(|name| format!("memset(kernel::{name}, 255, 1 << 17);\n")).collect();
        let lengths: Vec<String> = self.buffers.iter().map(|buffer| buffer.len().to_string()).collect();
        let mut scalars = String::new();
        for (at, number) in self.whole.iter().enumerate() {
            scalars += &format!("info.scalars_usize[{at}] = {number};\n");
        }
        for (at, number) in self.single.iter().enumerate() {
            let bits = number.to_bits();
            scalars += &format!("bits = {bits}u; memcpy(&info.scalars_f32[{at}], &bits, 4);\n");
        }
        let pointers: Vec<String> =
            (0..self.buffers.len()).map(|at| format!("Any{{buffers[{at}].data() + MARGIN}}")).collect();
        let (cubes, units) = (self.cubes, self.kernel.units());
        let info = if self.whole.is_empty() && self.single.is_empty() { "" } else { ", info" };
        format!(
            r#"#include "emulated.hpp"
namespace kernel {{
{source}
{shared_memory}
}}
struct Any {{
    void *pointer;
    template <class T> operator T *() const {{ return static_cast<T *>(pointer); }}
}};
static const size_t MARGIN = 1024;
static const char MARK = 0x5a;
static std::vector<std::vector<char>> buffers;
static kernel::info_st info;
static void body() {{ kernel::{name}({arguments}{info}); }}
int main() {{
    for (size_t length : {{{lengths}}}) {{
        buffers.emplace_back(length + 2 * MARGIN, MARK);
        if (fread(buffers.back().data() + MARGIN, 1, length, stdin) != length) return 2;
    }}
    unsigned bits = 0;
    (void)bits;
    {scalars}
    gridDim = {{{}, {}, {}}};
    blockDim = {{{}, {}, 1}};
    emulated::body = body;
    emulated::units = std::vector<emulated::Unit>(blockDim.x * blockDim.y);
    for (unsigned z = 0; z < gridDim.z; z++)
        for (unsigned y = 0; y < gridDim.y; y++)
            for (unsigned x = 0; x < gridDim.x; x++) {{
                blockIdx = {{x, y, z}};
                {fresh}
                emulated::cube();
            }}
    for (auto &buffer : buffers) {{
        size_t length = buffer.size() - 2 * MARGIN;
        for (size_t at = 0; at < MARGIN; at++)
            if (buffer[at] != MARK || buffer[MARGIN + length + at] != MARK)
                emulated::fail("something was written beside a buffer");
        fwrite(buffer.data() + MARGIN, 1, length, stdout);
    }}
}}
"#,
            cubes.0,
            cubes.1,
            cubes.2,
            units.0,
            units.1,
            arguments = pointers.join(", "),
            lengths = lengths.join(", "),
        )
    }
}
