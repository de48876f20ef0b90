typedef unsigned int uint32_t;
typedef unsigned char uint8_t;
typedef unsigned short uint16_t;
typedef unsigned long long int uint64_t;
typedef signed char int8_t;
typedef signed short int16_t;
typedef signed int int32_t;
typedef signed long long int int64_t;

template <typename T, size_t N>
struct array {
    T data[N];
    __device__ T& operator[](size_t i) { return data[i]; }
    __device__ const T& operator[](size_t i) const { return data[i]; }
};


typedef struct CUtensorMap_st {
alignas(128) unsigned long long int opaque[16];
} CUtensorMap;
#include <cuda_bf16.h>

struct info_st {
    uint32_t scalars_usize[2];
float scalars_f32[2];uint32_t static_meta[12];
};
extern "C" __global__ void __launch_bounds__(32)  remember_c_bf16_fea2b0c9(float const* const __restrict__ v1, float const* const __restrict__ v5, float const* const __restrict__ v9, float const* const __restrict__ v13, float const* const __restrict__ v17, float const* const __restrict__ v21, float const* const __restrict__ v25, int32_t const* const __restrict__ v29, int32_t const* const __restrict__ v33, float * const __restrict__ v37, __nv_bfloat16 * const __restrict__ v41, __nv_bfloat16 * const __restrict__ v45, __grid_constant__ info_st const info_v239) {
extern __shared__ __align__(4) char v256[];bool inv_return_flag_v258_store = true;
bool * inv_return_flag_v258 = &inv_return_flag_v258_store;uint32_t const v53 = blockIdx.x;
uint32_t const v54 = uint32_t(v53);
uint32_t const v55 = blockIdx.y;
uint32_t const v56 = uint32_t(v55);
uint32_t const v57 = threadIdx.x;
uint32_t const v58 = uint32_t(v57);
uint32_t const v59 = 8;
uint32_t const v60 = v54 * v59;
uint32_t const v61 = v60 + v56;
uint32_t const v62 = 24;
uint32_t const v63 = v61 * v62;
int32_t const* const v67 = &v33[v54];
int32_t const v68 = *v67;
uint32_t const v69 = uint32_t(v68);
uint32_t const v70 = 48;
uint32_t const v71 = v69 * v70;
uint32_t const v72 = 6;
bool const v73 = v56 >= v72;
if(v73) {
uint32_t const v75 = v56 - v72;
uint32_t const v77 = v75 * v62;
uint32_t const v78 = v71 + v77;
uint32_t v259_store;
uint32_t * v259 = &v259_store;*v259 = v58;
while([&]{
uint32_t const v80 = *v259;
bool const v82 = v80 < v62;
return v82;
}()) {
uint32_t const v84 = *v259;
uint32_t const v85 = v63 + v84;
float const* const v89 = &v1[v85];
float const v90 = *v89;
__nv_bfloat16 const v91 = __nv_bfloat16(v90);
uint32_t const v93 = v78 + v84;
__nv_bfloat16 * const v97 = &v45[v93];
*v97 = v91;
uint32_t const v99 = 32;
uint32_t const v100 = v84 + v99;
*v259 = v100;
}
bool const v101 = false;
*inv_return_flag_v258 = v101;
}
bool const v102 = *inv_return_flag_v258;
if(v102) {
uint32_t const v103 = 4;
bool const v104 = v56 < v103;
array<float, 24> * const v257 = reinterpret_cast<array<float, 24> *>(&v256[0]);
uint32_t v261_store;
uint32_t * v261 = &v261_store;*v261 = v58;
while([&]{
uint32_t const v110 = *v261;
bool const v112 = v110 < v62;
return v112;
}()) {
uint32_t const v114 = *v261;
uint32_t const v115 = v63 + v114;
float const* const v119 = &v1[v115];
float const v120 = *v119;
float * const v125 = &(*v257)[v114];
*v125 = v120;
uint32_t const v127 = 32;
uint32_t const v128 = v114 + v127;
*v261 = v128;
}
__syncthreads();
int32_t const* const v132 = &v29[v54];
int32_t const v133 = *v132;
uint32_t const v134 = uint32_t(v133);
uint32_t const v135 = 5;
uint32_t const v136 = v134 * v135;
uint32_t v263_store;
uint32_t * v263 = &v263_store;*v263 = v58;
while([&]{
uint32_t const v138 = *v263;
bool const v140 = v138 < v62;
return v140;
}()) {
uint32_t const v144 = *v263;
float * const v146 = &(*v257)[v144];
float const v147 = *v146;
float v265_store;
float * v265 = &v265_store;*v265 = v147;
uint32_t const v149 = *v263;
bool const v151 = v149 < v135;
if(v151) {
uint32_t const v153 = v136 + v149;
float const* const v157 = &v5[v153];
float const v158 = *v157;
float const v159 = *v265;
uint32_t const v163 = v149 + v135;
float * const v167 = &(*v257)[v163];
float const v168 = *v167;
float const* const v174 = &v9[v153];
float const v175 = *v174;
float const v176 = v168 * v175;
float const v266 = -v176;
float const v267 = fma(v159, v158, v266);
*v265 = v267;
}
 else {
uint32_t const v179 = 10;
bool const v180 = v149 < v179;
if(v180) {
uint32_t const v182 = v136 + v149;
uint32_t const v184 = v182 - v135;
float const* const v188 = &v5[v184];
float const v189 = *v188;
float const v190 = *v265;
uint32_t const v194 = v149 - v135;
float * const v198 = &(*v257)[v194];
float const v199 = *v198;
float const* const v207 = &v9[v184];
float const v208 = *v207;
float const v209 = v199 * v208;
float const v268 = fma(v190, v189, v209);
*v265 = v268;
}
}
if(v104) {
uint32_t const v212 = v54 * v103;
uint32_t const v213 = v212 + v56;
uint32_t const v215 = v213 * v62;
uint32_t const v217 = v215 + v149;
float * const v221 = &v37[v217];
float const v222 = *v265;
*v221 = v222;
}
 else {
float const v223 = *v265;
__nv_bfloat16 const v224 = __nv_bfloat16(v223);
uint32_t const v226 = v56 - v103;
uint32_t const v228 = v226 * v62;
uint32_t const v229 = v71 + v228;
uint32_t const v231 = v229 + v149;
__nv_bfloat16 * const v235 = &v41[v231];
*v235 = v224;
}
uint32_t const v237 = 32;
uint32_t const v238 = v149 + v237;
*v263 = v238;
}
}
return;
}
