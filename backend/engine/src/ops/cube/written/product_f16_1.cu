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
#include <cuda_fp16.h>
struct alignas(16) __half_8 { __half i_0; __half i_1; __half i_2; __half i_3; __half i_4; __half i_5; __half i_6; __half i_7; };
struct alignas(32) float_8 { float i_0; float i_1; float i_2; float i_3; float i_4; float i_5; float i_6; float i_7; };

struct info_st {
    uint32_t scalars_usize[4];uint32_t static_meta[6];
};
extern "C" __global__ void __launch_bounds__(256)  product_w_f16_n_8_40f0efa6(float_8 const* const __restrict__ v1, __half_8 const* const __restrict__ v5, __half const* const __restrict__ v9, float const* const __restrict__ v13, int32_t const* const __restrict__ v17, float * const __restrict__ v21, __grid_constant__ info_st const info_v154) {
bool inv_return_flag_v164_store = true;
bool * inv_return_flag_v164 = &inv_return_flag_v164_store;uint32_t const v3 = 0;
uint32_t const v155 = info_v154.scalars_usize[0];
uint32_t const v156 = info_v154.scalars_usize[1];
uint32_t const v157 = info_v154.scalars_usize[2];
uint32_t const v28 = blockIdx.x;
uint32_t const v29 = uint32_t(v28);
uint32_t const v263 = 8;
uint32_t const v32 = v29 * v263;
uint32_t const v33 = threadIdx.y;
uint32_t const v34 = uint32_t(v33);
uint32_t const v35 = v32 + v34;
bool const v36 = v35 >= v156;
if(v36) {
bool const v37 = false;
*inv_return_flag_v164 = v37;
}
bool const v38 = *inv_return_flag_v164;
if(v38) {
uint32_t const v39 = blockIdx.y;
uint32_t const v40 = uint32_t(v39);
uint32_t const v41 = 1;
uint32_t v165_store;
uint32_t * v165 = &v165_store;*v165 = v35;
array<float_8, 1> v166_store = {};
array<float_8, 1> * v166 = &v166_store;float const v48 = 0;
float_8 const v49 = float_8{v48, v48, v48, v48, v48, v48, v48, v48};
float_8 * const v54 = &(*v166)[v3];
*v54 = v49;
uint32_t const v55 = threadIdx.x;
uint32_t const v56 = uint32_t(v55);
uint32_t v167_store;
uint32_t * v167 = &v167_store;*v167 = v56;
while([&]{
uint32_t const v58 = *v167;
bool const v59 = v58 < v155;
return v59;
}()) {
uint32_t const v61 = *v165;
uint32_t const v62 = v61 * v155;
uint32_t const v63 = *v167;
uint32_t const v64 = v62 + v63;
__half_8 const* const v68 = &v5[v64];
__half_8 const v69 = *v68;
__half const v194 = v69.i_0;
float const v195 = float(v194);
__half const v196 = v69.i_1;
float const v197 = float(v196);
__half const v198 = v69.i_2;
float const v199 = float(v198);
__half const v200 = v69.i_3;
float const v201 = float(v200);
__half const v202 = v69.i_4;
float const v203 = float(v202);
__half const v204 = v69.i_5;
float const v205 = float(v204);
__half const v206 = v69.i_6;
float const v207 = float(v206);
__half const v208 = v69.i_7;
float const v209 = float(v208);
float_8 const v77 = *v54;
uint32_t v170_store;
uint32_t * v170 = &v170_store;*v170 = v40;
bool const v81 = v40 >= v157;
if(v81) {
uint32_t const v83 = v157 - v41;
*v170 = v83;
}
uint32_t const v84 = *v170;
uint32_t const v85 = v84 * v155;
uint32_t const v86 = *v167;
uint32_t const v87 = v85 + v86;
float_8 const* const v91 = &v1[v87];
float_8 const v92 = *v91;
float const v212 = v92.i_0;
float const v213 = v195 * v212;
float const v215 = v92.i_1;
float const v216 = v197 * v215;
float const v218 = v92.i_2;
float const v219 = v199 * v218;
float const v221 = v92.i_3;
float const v222 = v201 * v221;
float const v224 = v92.i_4;
float const v225 = v203 * v224;
float const v227 = v92.i_5;
float const v228 = v205 * v227;
float const v230 = v92.i_6;
float const v231 = v207 * v230;
float const v233 = v92.i_7;
float const v234 = v209 * v233;
float const v236 = v77.i_0;
float const v238 = v236 + v213;
float const v239 = v77.i_1;
float const v241 = v239 + v216;
float const v242 = v77.i_2;
float const v244 = v242 + v219;
float const v245 = v77.i_3;
float const v247 = v245 + v222;
float const v248 = v77.i_4;
float const v250 = v248 + v225;
float const v251 = v77.i_5;
float const v253 = v251 + v228;
float const v254 = v77.i_6;
float const v256 = v254 + v231;
float const v257 = v77.i_7;
float const v259 = v257 + v234;
float_8 const v260 = float_8{v238, v241, v244, v247, v250, v253, v256, v259};
*v54 = v260;
uint32_t const v102 = 32;
uint32_t const v103 = v86 + v102;
*v167 = v103;
}
float_8 const v109 = *v54;
float const v113 = v109.i_0;
float const v116 = v109.i_1;
float const v118 = v113 + v116;
float const v119 = v109.i_2;
float const v121 = v118 + v119;
float const v122 = v109.i_3;
float const v124 = v121 + v122;
float const v125 = v109.i_4;
float const v127 = v124 + v125;
float const v128 = v109.i_5;
float const v130 = v127 + v128;
float const v131 = v109.i_6;
float const v133 = v130 + v131;
float const v134 = v109.i_7;
float const v136 = v133 + v134;
uint32_t const v172 = warpSize;
uint32_t const v262 = 256;
uint32_t const v174 = min(v172, v262);
float v191_store;
float * v191 = &v191_store;*v191 = v136;
uint32_t const v176 = 1;
uint32_t v192_store;
uint32_t * v192 = &v192_store;*v192 = v176;
while([&]{
uint32_t const v179 = *v192;
bool const v180 = v179 < v174;
return v180;
}()) {
float const v182 = *v191;
uint32_t const v183 = *v192;
float const v184 = __shfl_xor_sync(__activemask(), v182, v183);
float const v186 = v182 + v184;
*v191 = v186;
uint32_t const v188 = 2;
uint32_t const v189 = v183 * v188;
*v192 = v189;
}
float const v190 = *v191;
uint32_t const v140 = 0;
bool const v141 = v55 == v140;
bool const v144 = v40 < v157;
bool const v145 = v141 && v144;
if(v145) {
uint32_t const v148 = v40 * v156;
uint32_t const v149 = v148 + v35;
float * const v153 = &v21[v149];
*v153 = v190;
}
}
return;
}
