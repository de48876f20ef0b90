//! Sixteen numbers in four registers: NEON with integer dot products.
//!
//! Must not: be called without asking the processor first (`Level::best` does).
#![expect(
    unsafe_code,
    reason = "vector loads take pointers, and the dot product is an instruction of its own"
)]

use std::arch::aarch64::{
    float32x4_t, int8x16_t, int32x4_t, uint8x16_t, uint16x4_t, vabsq_f32, vaddq_s32, vaddvq_f32, vaddvq_s32,
    vandq_u8, vandq_u32, vcombine_s8, vcombine_s16, vcvtnq_s32_f32, vcvtq_f32_s32, vdupq_n_f32, vdupq_n_s32,
    vdupq_n_u8, vdupq_n_u32, veorq_u8, vfmaq_f32, vld1_u16, vld1q_f32, vld1q_u8, vmaxq_f32, vmaxvq_f32,
    vmovl_u16, vmulq_f32, vorrq_u32, vqmovn_s16, vqmovn_s32, vreinterpretq_f32_u32, vreinterpretq_s8_s32,
    vreinterpretq_s8_u8, vreinterpretq_u32_f32, vshlq_n_u32, vshrq_n_u8, vst1q_f32, vst1q_s8,
};

/// What a product with stored bytes counts too much for each number that they meet: nothing, because the dot
/// product is of signed bytes and the 128 that they are stored above their value come off first.
pub(super) const BYTE_OFFSET: i32 = 0;

type Numbers = [float32x4_t; 4];
type Whole = [int32x4_t; 4];
type Bytes = [int8x16_t; 4];

macro_rules! feature {
    ($($item:item)*) => { $(#[target_feature(enable = "neon,dotprod")] #[inline] $item)* };
}

feature! {
    fn four<T: Copy, U>(from: [T; 4], of: impl Fn(T) -> U) -> [U; 4] {
        let [a, b, c, d] = from;
        [of(a), of(b), of(c), of(d)]
    }
    pub(super) fn zero() -> Numbers { [vdupq_n_f32(0.0); 4] }
    pub(super) fn splat(x: f32) -> Numbers { [vdupq_n_f32(x); 4] }
    pub(super) fn times(a: Numbers, b: Numbers) -> Numbers {
        [vmulq_f32(a[0], b[0]), vmulq_f32(a[1], b[1]), vmulq_f32(a[2], b[2]), vmulq_f32(a[3], b[3])]
    }
    pub(super) fn fused(a: Numbers, b: Numbers, c: Numbers) -> Numbers {
        [
            vfmaq_f32(c[0], a[0], b[0]),
            vfmaq_f32(c[1], a[1], b[1]),
            vfmaq_f32(c[2], a[2], b[2]),
            vfmaq_f32(c[3], a[3], b[3]),
        ]
    }
    pub(super) fn total(a: Numbers) -> f32 { four(a, |a| vaddvq_f32(a)).iter().sum() }
    pub(super) fn load(x: &[f32; 16]) -> Numbers {
        let x = x.as_chunks::<4>().0;
        // SAFETY: each array has the size of its load.
        four([0, 1, 2, 3], |at: usize| unsafe { vld1q_f32(x[at].as_ptr()) })
    }
    pub(super) fn store(out: &mut [f32; 16], x: Numbers) {
        for (out, x) in out.as_chunks_mut::<4>().0.iter_mut().zip(x) {
            // SAFETY: the array has the size of the store.
            unsafe { vst1q_f32(out.as_mut_ptr(), x) };
        }
    }
    fn sixteen_bits(w: &[u16; 16]) -> [uint16x4_t; 4] {
        let w = w.as_chunks::<4>().0;
        // SAFETY: each array has the size of its load.
        four([0, 1, 2, 3], |at: usize| unsafe { vld1_u16(w[at].as_ptr()) })
    }
    /// Exact for every finite half, as the plain kernels widen them; weights and scales are no others.
    pub(super) fn load_f16(w: &[u16; 16]) -> Numbers {
        let scale = vdupq_n_f32(f32::from_bits(0x7780_0000));
        four(sixteen_bits(w), |bits| {
            let bits = vmovl_u16(bits);
            let size = vshlq_n_u32::<13>(vandq_u32(bits, vdupq_n_u32(0x7fff)));
            let size = vreinterpretq_u32_f32(vmulq_f32(vreinterpretq_f32_u32(size), scale));
            let sign = vshlq_n_u32::<16>(vandq_u32(bits, vdupq_n_u32(0x8000)));
            vreinterpretq_f32_u32(vorrq_u32(size, sign))
        })
    }
    pub(super) fn load_bf16(w: &[u16; 16]) -> Numbers {
        four(sixteen_bits(w), |bits| vreinterpretq_f32_u32(vshlq_n_u32::<16>(vmovl_u16(bits))))
    }
    pub(super) fn peak(a: Numbers, b: Numbers) -> f32 {
        let most = |x: Numbers| {
            let [a, b, c, d] = four(x, |x| vabsq_f32(x));
            vmaxq_f32(vmaxq_f32(a, b), vmaxq_f32(c, d))
        };
        vmaxvq_f32(vmaxq_f32(most(a), most(b)))
    }
    pub(super) fn rounded(x: Numbers) -> ([u8; 16], i32) {
        let whole = four(x, |x| vcvtnq_s32_f32(x));
        let low = vqmovn_s16(vcombine_s16(vqmovn_s32(whole[0]), vqmovn_s32(whole[1])));
        let high = vqmovn_s16(vcombine_s16(vqmovn_s32(whole[2]), vqmovn_s32(whole[3])));
        let mut bytes = [0u8; 16];
        // SAFETY: the array has the size of the store.
        unsafe { vst1q_s8(bytes.as_mut_ptr().cast(), vcombine_s8(low, high)) };
        let sum = vaddq_s32(vaddq_s32(whole[0], whole[1]), vaddq_s32(whole[2], whole[3]));
        (bytes, vaddvq_s32(sum))
    }
    pub(super) fn splat_i32(x: i32) -> Whole { [vdupq_n_s32(x); 4] }
    pub(super) fn float(x: Whole) -> Numbers { four(x, |x| vcvtq_f32_s32(x)) }
    fn stored(x: &[u8; 64]) -> [uint8x16_t; 4] {
        let x = x.as_chunks::<16>().0;
        // SAFETY: each array has the size of its load.
        four([0, 1, 2, 3], |at: usize| unsafe { vld1q_u8(x[at].as_ptr()) })
    }
    pub(super) fn bytes(x: &[u8; 64]) -> Bytes {
        four(stored(x), |x| vreinterpretq_s8_u8(veorq_u8(x, vdupq_n_u8(128))))
    }
    pub(super) fn nibbles(x: &[u8; 64]) -> (Bytes, Bytes) {
        let both = stored(x);
        (
            four(both, |x| vreinterpretq_s8_u8(vandq_u8(x, vdupq_n_u8(15)))),
            four(both, |x| vreinterpretq_s8_u8(vshrq_n_u8::<4>(x))),
        )
    }
    /// Adds to each of four sums the products of four signed bytes.
    fn dot(mut sum: int32x4_t, a: int8x16_t, b: int8x16_t) -> int32x4_t {
        // SAFETY: the instruction reads and writes these registers only; the processor was asked for it.
        unsafe {
            std::arch::asm!(
                "sdot {sum:v}.4s, {a:v}.16b, {b:v}.16b",
                sum = inout(vreg) sum,
                a = in(vreg) a,
                b = in(vreg) b,
                options(pure, nomem, nostack, preserves_flags)
            );
        }
        sum
    }
    pub(super) fn dot_bytes(sum: Whole, bytes: Bytes, x: i32) -> Whole {
        let x = vreinterpretq_s8_s32(vdupq_n_s32(x));
        [
            dot(sum[0], bytes[0], x),
            dot(sum[1], bytes[1], x),
            dot(sum[2], bytes[2], x),
            dot(sum[3], bytes[3], x),
        ]
    }
    pub(super) fn dot_nibbles(sum: Whole, bytes: Bytes, x: i32) -> Whole { dot_bytes(sum, bytes, x) }
}
