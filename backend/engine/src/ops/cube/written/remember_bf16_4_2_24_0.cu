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
extern "C" __global__ void __launch_bounds__(32)  remember_c_bf16_ce609fc1(float const* const __restrict__ v1, float const* const __restrict__ v5, float const* const __restrict__ v9, float const* const __restrict__ v13, float const* const __restrict__ v17, float const* const __restrict__ v21, float const* const __restrict__ v25, int32_t const* const __restrict__ v29, int32_t const* const __restrict__ v33, float * const __restrict__ v37, __nv_bfloat16 * const __restrict__ v41, __nv_bfloat16 * const __restrict__ v45, __grid_constant__ info_st const info_v177) {
extern __shared__ __align__(4) char v194[];bool inv_return_flag_v196_store = true;
bool * inv_return_flag_v196 = &inv_return_flag_v196_store;uint32_t const v53 = blockIdx.x;
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
uint32_t v197_store;
uint32_t * v197 = &v197_store;*v197 = v58;
while([&]{
uint32_t const v80 = *v197;
bool const v82 = v80 < v62;
return v82;
}()) {
uint32_t const v84 = *v197;
uint32_t const v85 = v63 + v84;
float const* const v89 = &v1[v85];
float const v90 = *v89;
__nv_bfloat16 const v91 = __nv_bfloat16(v90);
uint32_t const v93 = v78 + v84;
__nv_bfloat16 * const v97 = &v45[v93];
*v97 = v91;
uint32_t const v99 = 32;
uint32_t const v100 = v84 + v99;
*v197 = v100;
}
bool const v101 = false;
*inv_return_flag_v196 = v101;
}
bool const v102 = *inv_return_flag_v196;
if(v102) {
uint32_t const v103 = 4;
bool const v104 = v56 < v103;
array<float, 24> * const v195 = reinterpret_cast<array<float, 24> *>(&v194[0]);
uint32_t v199_store;
uint32_t * v199 = &v199_store;*v199 = v58;
while([&]{
uint32_t const v110 = *v199;
bool const v112 = v110 < v62;
return v112;
}()) {
uint32_t const v114 = *v199;
uint32_t const v115 = v63 + v114;
float const* const v119 = &v1[v115];
float const v120 = *v119;
float * const v125 = &(*v195)[v114];
*v125 = v120;
uint32_t const v127 = 32;
uint32_t const v128 = v114 + v127;
*v199 = v128;
}
__syncthreads();
uint32_t v201_store;
uint32_t * v201 = &v201_store;*v201 = v58;
while([&]{
uint32_t const v138 = *v201;
bool const v140 = v138 < v62;
return v140;
}()) {
uint32_t const v144 = *v201;
float * const v146 = &(*v195)[v144];
float const v147 = *v146;
float v203_store;
float * v203 = &v203_store;*v203 = v147;
if(v104) {
uint32_t const v150 = v54 * v103;
uint32_t const v151 = v150 + v56;
uint32_t const v153 = v151 * v62;
uint32_t const v154 = *v201;
uint32_t const v155 = v153 + v154;
float * const v159 = &v37[v155];
float const v160 = *v203;
*v159 = v160;
}
 else {
float const v161 = *v203;
__nv_bfloat16 const v162 = __nv_bfloat16(v161);
uint32_t const v164 = v56 - v103;
uint32_t const v166 = v164 * v62;
uint32_t const v167 = v71 + v166;
uint32_t const v168 = *v201;
uint32_t const v169 = v167 + v168;
__nv_bfloat16 * const v173 = &v41[v169];
*v173 = v162;
}
uint32_t const v174 = *v201;
uint32_t const v175 = 32;
uint32_t const v176 = v174 + v175;
*v201 = v176;
}
}
return;
}
