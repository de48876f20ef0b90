//! Sixteen numbers in one register: AVX-512 with integer dot products (VNNI).
//!
//! Must not: be called without asking the processor first (`Level::best` does).
#![expect(unsafe_code, reason = "vector loads take pointers; each is made from an array of the loaded size")]

use std::arch::x86_64::{
    __m512, __m512i, _mm_storeu_si128, _mm256_loadu_si256, _mm512_abs_ps, _mm512_and_si512,
    _mm512_castsi512_ps, _mm512_cvtepi32_epi8, _mm512_cvtepi32_ps, _mm512_cvtepu16_epi32, _mm512_cvtph_ps,
    _mm512_cvtps_epi32, _mm512_dpbusd_epi32, _mm512_fmadd_ps, _mm512_loadu_ps, _mm512_loadu_si512,
    _mm512_max_ps, _mm512_mul_ps, _mm512_reduce_add_epi32, _mm512_reduce_add_ps, _mm512_reduce_max_ps,
    _mm512_set1_epi8, _mm512_set1_epi32, _mm512_set1_ps, _mm512_setzero_ps, _mm512_slli_epi32,
    _mm512_srli_epi16, _mm512_storeu_ps,
};

/// See [`super::avx2::BYTE_OFFSET`].
pub(super) const BYTE_OFFSET: i32 = 128;

macro_rules! feature {
    ($($item:item)*) => {
        $(
            #[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c")]
            #[inline]
            $item
        )*
    };
}

feature! {
    pub(super) fn zero() -> __m512 { _mm512_setzero_ps() }
    pub(super) fn splat(x: f32) -> __m512 { _mm512_set1_ps(x) }
    pub(super) fn times(a: __m512, b: __m512) -> __m512 { _mm512_mul_ps(a, b) }
    pub(super) fn fused(a: __m512, b: __m512, c: __m512) -> __m512 { _mm512_fmadd_ps(a, b, c) }
    pub(super) fn total(a: __m512) -> f32 { _mm512_reduce_add_ps(a) }
    pub(super) fn load(x: &[f32; 16]) -> __m512 {
        // SAFETY: the array has the size of the load.
        unsafe { _mm512_loadu_ps(x.as_ptr()) }
    }
    pub(super) fn store(out: &mut [f32; 16], x: __m512) {
        // SAFETY: the array has the size of the store.
        unsafe { _mm512_storeu_ps(out.as_mut_ptr(), x) }
    }
    pub(super) fn load_f16(w: &[u16; 16]) -> __m512 {
        // SAFETY: the array has the size of the load.
        _mm512_cvtph_ps(unsafe { _mm256_loadu_si256(w.as_ptr().cast()) })
    }
    pub(super) fn load_bf16(w: &[u16; 16]) -> __m512 {
        // SAFETY: the array has the size of the load.
        let bits = _mm512_cvtepu16_epi32(unsafe { _mm256_loadu_si256(w.as_ptr().cast()) });
        _mm512_castsi512_ps(_mm512_slli_epi32::<16>(bits))
    }
    pub(super) fn peak(a: __m512, b: __m512) -> f32 {
        _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(a), _mm512_abs_ps(b)))
    }
    pub(super) fn rounded(x: __m512) -> ([u8; 16], i32) {
        let whole = _mm512_cvtps_epi32(x);
        let mut bytes = [0u8; 16];
        // SAFETY: the array has the size of the store.
        unsafe { _mm_storeu_si128(bytes.as_mut_ptr().cast(), _mm512_cvtepi32_epi8(whole)) };
        (bytes, _mm512_reduce_add_epi32(whole))
    }
    pub(super) fn splat_i32(x: i32) -> __m512i { _mm512_set1_epi32(x) }
    pub(super) fn float(x: __m512i) -> __m512 { _mm512_cvtepi32_ps(x) }
    pub(super) fn bytes(x: &[u8; 64]) -> __m512i {
        // SAFETY: the array has the size of the load.
        unsafe { _mm512_loadu_si512(x.as_ptr().cast()) }
    }
    pub(super) fn nibbles(x: &[u8; 64]) -> (__m512i, __m512i) {
        let (both, mask) = (bytes(x), _mm512_set1_epi8(15));
        (_mm512_and_si512(both, mask), _mm512_and_si512(_mm512_srli_epi16::<4>(both), mask))
    }
    pub(super) fn dot_bytes(sum: __m512i, bytes: __m512i, x: i32) -> __m512i {
        _mm512_dpbusd_epi32(sum, bytes, _mm512_set1_epi32(x))
    }
    pub(super) fn dot_nibbles(sum: __m512i, bytes: __m512i, x: i32) -> __m512i {
        _mm512_dpbusd_epi32(sum, bytes, _mm512_set1_epi32(x))
    }
}
