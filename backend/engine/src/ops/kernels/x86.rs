//! Dot products on AVX-512 and AVX2: load, widen to single precision, multiply and add.
//!
//! Must not: be called without asking the processor first (`Level::best` does).
#![expect(unsafe_code, reason = "vector loads take pointers; each is made from an array of the loaded size")]

macro_rules! kernels {
    ($level:ident, $feature:literal, $lanes:literal, $numbers:ident; $($dense:ident($stored:ty, $load:ident, $wide:ident)),*) => {
        pub(super) mod $level {
            use super::$numbers as n;

            const LANES: usize = $lanes;
            const BLOCK: usize = 32;

            $(
                /// A row of one dense format.
                #[target_feature(enable = $feature)]
                pub(crate) fn $dense(w: &[$stored], x: &[f32]) -> f32 {
                    let mut sums = [n::zero(); 4];
                    let (w_steps, w_rest) = w.as_chunks::<{ 4 * LANES }>();
                    let (x_steps, x_rest) = x.as_chunks::<{ 4 * LANES }>();
                    for (w, x) in w_steps.iter().zip(x_steps) {
                        let (w, x) = (w.as_chunks::<LANES>().0, x.as_chunks::<LANES>().0);
                        for part in 0..4 {
                            sums[part] = n::fused(n::$load(&w[part]), n::load(&x[part]), sums[part]);
                        }
                    }
                    let (w_steps, w_rest) = w_rest.as_chunks::<LANES>();
                    let (x_steps, x_rest) = x_rest.as_chunks::<LANES>();
                    for (w, x) in w_steps.iter().zip(x_steps) {
                        sums[0] = n::fused(n::$load(w), n::load(x), sums[0]);
                    }
                    let mut sum = n::total(n::add(n::add(sums[0], sums[1]), n::add(sums[2], sums[3])));
                    for (&w, &x) in w_rest.iter().zip(x_rest) {
                        sum += super::super::plain::$wide(w) * x;
                    }
                    sum
                }
            )*

            /// `out + x · factor`.
            #[target_feature(enable = $feature)]
            pub(crate) fn add_scaled(out: &mut [f32], x: &[f32], factor: f32) {
                let factors = n::splat(factor);
                let (out_steps, out_rest) = out.as_chunks_mut::<LANES>();
                let (x_steps, x_rest) = x.as_chunks::<LANES>();
                for (out, x) in out_steps.iter_mut().zip(x_steps) {
                    n::store(out, n::fused(n::load(x), factors, n::load(out)));
                }
                for (out, &x) in out_rest.iter_mut().zip(x_rest) {
                    *out += x * factor;
                }
            }

            /// Blocks of 32 bytes with a scale each.
            #[target_feature(enable = $feature)]
            pub(crate) fn int8(w: &[i8], scales: &[u16], x: &[f32]) -> f32 {
                let mut sums = [n::zero(); 2];
                let (w, x) = (w.as_chunks::<BLOCK>().0, x.as_chunks::<BLOCK>().0);
                for (block, ((w, x), &scale)) in w.iter().zip(x).zip(scales).enumerate() {
                    let (w, x) = (w.as_chunks::<LANES>().0, x.as_chunks::<LANES>().0);
                    let mut product = n::zero();
                    for part in 0..BLOCK / LANES {
                        product = n::fused(n::load_i8(&w[part]), n::load(&x[part]), product);
                    }
                    sums[block % 2] = n::fused(product, n::scale(scale), sums[block % 2]);
                }
                n::total(n::add(sums[0], sums[1]))
            }

            /// Blocks of 16 bytes with two numbers each.
            #[target_feature(enable = $feature)]
            pub(crate) fn int4(w: &[u8], scales: &[u16], x: &[f32]) -> f32 {
                let mut sums = [n::zero(); 2];
                let (w, x) = (w.as_chunks::<16>().0, x.as_chunks::<BLOCK>().0);
                for (block, ((w, x), &scale)) in w.iter().zip(x).zip(scales).enumerate() {
                    let (low, high) = x.split_at(16);
                    let (low, high) = (low.as_chunks::<LANES>().0, high.as_chunks::<LANES>().0);
                    let w = w.as_chunks::<LANES>().0;
                    let mut product = n::zero();
                    for part in 0..16 / LANES {
                        let (first, second) = n::load_i4(&w[part]);
                        product = n::fused(first, n::load(&low[part]), product);
                        product = n::fused(second, n::load(&high[part]), product);
                    }
                    sums[block % 2] = n::fused(product, n::scale(scale), sums[block % 2]);
                }
                n::total(n::add(sums[0], sums[1]))
            }
        }
    };
}

kernels!(avx512, "avx512f,avx512bw,avx512vl,avx512dq,fma,f16c", 16, wide; f32(f32, load, wide_f32), f16(u16, load_f16, wide_f16), bf16(u16, load_bf16, wide_bf16));
kernels!(avx2, "avx2,fma,f16c", 8, narrow; f32(f32, load, wide_f32), f16(u16, load_f16, wide_f16), bf16(u16, load_bf16, wide_bf16));

/// Sixteen numbers at a time.
mod wide {
    use std::arch::x86_64::{
        __m512, _mm_cvtph_ps, _mm_cvtsi32_si128, _mm_loadu_si128, _mm256_loadu_si256, _mm512_add_ps,
        _mm512_broadcastss_ps, _mm512_castsi512_ps, _mm512_cvtepi8_epi32, _mm512_cvtepi32_ps,
        _mm512_cvtepu8_epi32, _mm512_cvtepu16_epi32, _mm512_cvtph_ps, _mm512_fmadd_ps, _mm512_loadu_ps,
        _mm512_permutexvar_ps, _mm512_reduce_add_ps, _mm512_set_ps, _mm512_set1_ps, _mm512_setzero_ps,
        _mm512_slli_epi32, _mm512_srli_epi32, _mm512_storeu_ps,
    };

    macro_rules! feature {
        ($($item:item)*) => { $(#[target_feature(enable = "avx512f,avx512bw,avx512vl,avx512dq,fma,f16c")] #[inline] $item)* };
    }
    feature! {
        pub(super) fn zero() -> __m512 { _mm512_setzero_ps() }
        pub(super) fn add(a: __m512, b: __m512) -> __m512 { _mm512_add_ps(a, b) }
        pub(super) fn fused(a: __m512, b: __m512, c: __m512) -> __m512 { _mm512_fmadd_ps(a, b, c) }
        pub(super) fn total(a: __m512) -> f32 { _mm512_reduce_add_ps(a) }
        pub(super) fn load(x: &[f32; 16]) -> __m512 {
            // SAFETY: the array has the size of the load.
            unsafe { _mm512_loadu_ps(x.as_ptr()) }
        }
        pub(super) fn splat(x: f32) -> __m512 { _mm512_set1_ps(x) }
        pub(super) fn store(out: &mut [f32; 16], x: __m512) {
            // SAFETY: the array has the size of the store.
            unsafe { _mm512_storeu_ps(out.as_mut_ptr(), x) }
        }
        pub(super) fn load_bf16(w: &[u16; 16]) -> __m512 {
            // SAFETY: the array has the size of the load.
            let bits = _mm512_cvtepu16_epi32(unsafe { _mm256_loadu_si256(w.as_ptr().cast()) });
            _mm512_castsi512_ps(_mm512_slli_epi32::<16>(bits))
        }
        pub(super) fn load_f16(w: &[u16; 16]) -> __m512 {
            // SAFETY: the array has the size of the load.
            _mm512_cvtph_ps(unsafe { _mm256_loadu_si256(w.as_ptr().cast()) })
        }
        pub(super) fn load_i8(w: &[i8; 16]) -> __m512 {
            // SAFETY: the array has the size of the load.
            _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(unsafe { _mm_loadu_si128(w.as_ptr().cast()) }))
        }
        pub(super) fn load_i4(w: &[u8; 16]) -> (__m512, __m512) {
            // SAFETY: the array has the size of the load.
            let bytes = _mm512_cvtepu8_epi32(unsafe { _mm_loadu_si128(w.as_ptr().cast()) });
            let values = _mm512_set_ps(7.0, 6.0, 5.0, 4.0, 3.0, 2.0, 1.0, 0.0, -1.0, -2.0, -3.0, -4.0, -5.0, -6.0, -7.0, -8.0);
            // The look-up reads the lowest four bits of each index.
            (_mm512_permutexvar_ps(bytes, values), _mm512_permutexvar_ps(_mm512_srli_epi32::<4>(bytes), values))
        }
        pub(super) fn scale(bits: u16) -> __m512 {
            _mm512_broadcastss_ps(_mm_cvtph_ps(_mm_cvtsi32_si128(i32::from(bits))))
        }
    }
}

/// Eight numbers at a time.
mod narrow {
    use std::arch::x86_64::{
        __m256, _mm_add_ps, _mm_and_si128, _mm_cvtph_ps, _mm_cvtsi32_si128, _mm_cvtss_f32, _mm_hadd_ps,
        _mm_loadl_epi64, _mm_loadu_si128, _mm_set1_epi8, _mm_srli_epi16, _mm_sub_epi8, _mm256_add_ps,
        _mm256_broadcastss_ps, _mm256_castps256_ps128, _mm256_castsi256_ps, _mm256_cvtepi8_epi32,
        _mm256_cvtepi32_ps, _mm256_cvtepu16_epi32, _mm256_cvtph_ps, _mm256_extractf128_ps, _mm256_fmadd_ps,
        _mm256_loadu_ps, _mm256_set1_ps, _mm256_setzero_ps, _mm256_slli_epi32, _mm256_storeu_ps,
    };

    macro_rules! feature {
        ($($item:item)*) => { $(#[target_feature(enable = "avx2,fma,f16c")] #[inline] $item)* };
    }
    feature! {
        pub(super) fn zero() -> __m256 { _mm256_setzero_ps() }
        pub(super) fn add(a: __m256, b: __m256) -> __m256 { _mm256_add_ps(a, b) }
        pub(super) fn fused(a: __m256, b: __m256, c: __m256) -> __m256 { _mm256_fmadd_ps(a, b, c) }
        pub(super) fn total(a: __m256) -> f32 {
            let half = _mm_add_ps(_mm256_castps256_ps128(a), _mm256_extractf128_ps::<1>(a));
            let quarter = _mm_hadd_ps(half, half);
            _mm_cvtss_f32(_mm_hadd_ps(quarter, quarter))
        }
        pub(super) fn load(x: &[f32; 8]) -> __m256 {
            // SAFETY: the array has the size of the load.
            unsafe { _mm256_loadu_ps(x.as_ptr()) }
        }
        pub(super) fn splat(x: f32) -> __m256 { _mm256_set1_ps(x) }
        pub(super) fn store(out: &mut [f32; 8], x: __m256) {
            // SAFETY: the array has the size of the store.
            unsafe { _mm256_storeu_ps(out.as_mut_ptr(), x) }
        }
        pub(super) fn load_bf16(w: &[u16; 8]) -> __m256 {
            // SAFETY: the array has the size of the load.
            let bits = _mm256_cvtepu16_epi32(unsafe { _mm_loadu_si128(w.as_ptr().cast()) });
            _mm256_castsi256_ps(_mm256_slli_epi32::<16>(bits))
        }
        pub(super) fn load_f16(w: &[u16; 8]) -> __m256 {
            // SAFETY: the array has the size of the load.
            _mm256_cvtph_ps(unsafe { _mm_loadu_si128(w.as_ptr().cast()) })
        }
        pub(super) fn load_i8(w: &[i8; 8]) -> __m256 {
            // SAFETY: the array has the size of the load.
            _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(unsafe { _mm_loadl_epi64(w.as_ptr().cast()) }))
        }
        pub(super) fn load_i4(w: &[u8; 8]) -> (__m256, __m256) {
            // SAFETY: the array has the size of the load.
            let bytes = unsafe { _mm_loadl_epi64(w.as_ptr().cast()) };
            let (mask, eight) = (_mm_set1_epi8(15), _mm_set1_epi8(8));
            let low = _mm_sub_epi8(_mm_and_si128(bytes, mask), eight);
            let high = _mm_sub_epi8(_mm_and_si128(_mm_srli_epi16::<4>(bytes), mask), eight);
            (_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(low)), _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(high)))
        }
        pub(super) fn scale(bits: u16) -> __m256 {
            _mm256_broadcastss_ps(_mm_cvtph_ps(_mm_cvtsi32_si128(i32::from(bits))))
        }
    }
}
