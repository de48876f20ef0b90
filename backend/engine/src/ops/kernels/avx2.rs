//! Sixteen numbers in two registers: AVX2 with fused products.
//!
//! Must not: be called without asking the processor first (`Level::best` does).
#![expect(unsafe_code, reason = "vector loads take pointers; each is made from an array of the loaded size")]

use std::arch::x86_64::{
    __m128i, __m256, __m256i, _mm_add_epi32, _mm_add_ps, _mm_cvtsi128_si32, _mm_cvtss_f32, _mm_hadd_epi32,
    _mm_hadd_ps, _mm_loadu_si128, _mm_max_ps, _mm_max_ss, _mm_movehdup_ps, _mm_movehl_ps, _mm_packs_epi16,
    _mm_packs_epi32, _mm_storeu_si128, _mm256_abs_epi8, _mm256_add_epi32, _mm256_add_ps, _mm256_and_si256,
    _mm256_andnot_ps, _mm256_castps256_ps128, _mm256_castsi256_ps, _mm256_castsi256_si128,
    _mm256_cvtepi32_ps, _mm256_cvtepu16_epi32, _mm256_cvtph_ps, _mm256_cvtps_epi32, _mm256_extractf128_ps,
    _mm256_extracti128_si256, _mm256_fmadd_ps, _mm256_loadu_ps, _mm256_loadu_si256, _mm256_madd_epi16,
    _mm256_maddubs_epi16, _mm256_max_ps, _mm256_mul_ps, _mm256_set1_epi8, _mm256_set1_epi16,
    _mm256_set1_epi32, _mm256_set1_ps, _mm256_setzero_ps, _mm256_sign_epi8, _mm256_slli_epi32,
    _mm256_srli_epi16, _mm256_storeu_ps, _mm256_xor_si256,
};

/// What a product with stored bytes counts too much for each number that they meet: stored bytes lie
/// 128 above their value, and a level either multiplies them so or takes the 128 off first. The sums
/// of pairs would overflow sixteen bits here, so this level takes it off.
pub(super) const BYTE_OFFSET: i32 = 0;

type Numbers = [__m256; 2];
type Whole = [__m256i; 2];

macro_rules! feature {
    ($($item:item)*) => { $(#[target_feature(enable = "avx2,fma,f16c")] #[inline] $item)* };
}

feature! {
    pub(super) fn zero() -> Numbers { [_mm256_setzero_ps(); 2] }
    pub(super) fn splat(x: f32) -> Numbers { [_mm256_set1_ps(x); 2] }
    pub(super) fn times(a: Numbers, b: Numbers) -> Numbers { [_mm256_mul_ps(a[0], b[0]), _mm256_mul_ps(a[1], b[1])] }
    pub(super) fn fused(a: Numbers, b: Numbers, c: Numbers) -> Numbers {
        [_mm256_fmadd_ps(a[0], b[0], c[0]), _mm256_fmadd_ps(a[1], b[1], c[1])]
    }
    pub(super) fn total(a: Numbers) -> f32 {
        let sum = _mm256_add_ps(a[0], a[1]);
        let half = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps::<1>(sum));
        let quarter = _mm_hadd_ps(half, half);
        _mm_cvtss_f32(_mm_hadd_ps(quarter, quarter))
    }
    pub(super) fn load(x: &[f32; 16]) -> Numbers {
        let x = x.as_chunks::<8>().0;
        // SAFETY: each array has the size of its load.
        unsafe { [_mm256_loadu_ps(x[0].as_ptr()), _mm256_loadu_ps(x[1].as_ptr())] }
    }
    pub(super) fn store(out: &mut [f32; 16], x: Numbers) {
        let out = out.as_chunks_mut::<8>().0;
        // SAFETY: each array has the size of its store.
        unsafe {
            _mm256_storeu_ps(out[0].as_mut_ptr(), x[0]);
            _mm256_storeu_ps(out[1].as_mut_ptr(), x[1]);
        }
    }
    fn sixteen_bits(w: &[u16; 16]) -> [__m128i; 2] {
        let w = w.as_chunks::<8>().0;
        // SAFETY: each array has the size of its load.
        unsafe { [_mm_loadu_si128(w[0].as_ptr().cast()), _mm_loadu_si128(w[1].as_ptr().cast())] }
    }
    pub(super) fn load_f16(w: &[u16; 16]) -> Numbers {
        let [a, b] = sixteen_bits(w);
        [_mm256_cvtph_ps(a), _mm256_cvtph_ps(b)]
    }
    fn widened(bits: __m128i) -> __m256 {
        _mm256_castsi256_ps(_mm256_slli_epi32::<16>(_mm256_cvtepu16_epi32(bits)))
    }
    pub(super) fn load_bf16(w: &[u16; 16]) -> Numbers {
        let [a, b] = sixteen_bits(w);
        [widened(a), widened(b)]
    }
    pub(super) fn peak(a: Numbers, b: Numbers) -> f32 {
        let sign = _mm256_set1_ps(-0.0);
        let size = |x| _mm256_andnot_ps(sign, x);
        let most = _mm256_max_ps(_mm256_max_ps(size(a[0]), size(a[1])), _mm256_max_ps(size(b[0]), size(b[1])));
        let half = _mm_max_ps(_mm256_castps256_ps128(most), _mm256_extractf128_ps::<1>(most));
        let quarter = _mm_max_ps(half, _mm_movehl_ps(half, half));
        _mm_cvtss_f32(_mm_max_ss(quarter, _mm_movehdup_ps(quarter)))
    }
    pub(super) fn rounded(x: Numbers) -> ([u8; 16], i32) {
        let whole = [_mm256_cvtps_epi32(x[0]), _mm256_cvtps_epi32(x[1])];
        let halves = |x| _mm_packs_epi32(_mm256_castsi256_si128(x), _mm256_extracti128_si256::<1>(x));
        let packed = _mm_packs_epi16(halves(whole[0]), halves(whole[1]));
        let mut bytes = [0u8; 16];
        // SAFETY: the array has the size of the store.
        unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), packed) };
        let sum = _mm256_add_epi32(whole[0], whole[1]);
        let half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256::<1>(sum));
        let quarter = _mm_hadd_epi32(half, half);
        (bytes, _mm_cvtsi128_si32(_mm_hadd_epi32(quarter, quarter)))
    }
    pub(super) fn splat_i32(x: i32) -> Whole { [_mm256_set1_epi32(x); 2] }
    pub(super) fn float(x: Whole) -> Numbers { [_mm256_cvtepi32_ps(x[0]), _mm256_cvtepi32_ps(x[1])] }
    fn stored(x: &[u8; 64]) -> Whole {
        let x = x.as_chunks::<32>().0;
        // SAFETY: each array has the size of its load.
        unsafe { [_mm256_loadu_si256(x[0].as_ptr().cast()), _mm256_loadu_si256(x[1].as_ptr().cast())] }
    }
    pub(super) fn bytes(x: &[u8; 64]) -> Whole {
        let ([a, b], top) = (stored(x), _mm256_set1_epi8(-128));
        [_mm256_xor_si256(a, top), _mm256_xor_si256(b, top)]
    }
    pub(super) fn nibbles(x: &[u8; 64]) -> (Whole, Whole) {
        let ([a, b], mask) = (stored(x), _mm256_set1_epi8(15));
        let high = |half| _mm256_and_si256(_mm256_srli_epi16::<4>(half), mask);
        ([_mm256_and_si256(a, mask), _mm256_and_si256(b, mask)], [high(a), high(b)])
    }
    fn pairs(sum: __m256i, unsigned: __m256i, signed: __m256i) -> __m256i {
        let pairs = _mm256_maddubs_epi16(unsigned, signed);
        _mm256_add_epi32(sum, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)))
    }
    /// A sign moves from the weight to the number it meets, so that the weight is unsigned.
    fn signed_pairs(sum: __m256i, weights: __m256i, x: __m256i) -> __m256i {
        pairs(sum, _mm256_abs_epi8(weights), _mm256_sign_epi8(x, weights))
    }
    pub(super) fn dot_bytes(sum: Whole, bytes: Whole, x: i32) -> Whole {
        let x = _mm256_set1_epi32(x);
        [signed_pairs(sum[0], bytes[0], x), signed_pairs(sum[1], bytes[1], x)]
    }
    pub(super) fn dot_nibbles(sum: Whole, bytes: Whole, x: i32) -> Whole {
        let x = _mm256_set1_epi32(x);
        [pairs(sum[0], bytes[0], x), pairs(sum[1], bytes[1], x)]
    }
}
