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
struct alignas(8) int8_t_8 { int8_t i_0; int8_t i_1; int8_t i_2; int8_t i_3; int8_t i_4; int8_t i_5; int8_t i_6; int8_t i_7; };
struct alignas(32) float_8 { float i_0; float i_1; float i_2; float i_3; float i_4; float i_5; float i_6; float i_7; };

struct info_st {
    uint32_t scalars_usize[4];uint32_t static_meta[6];
};
extern "C" __global__ void __launch_bounds__(256)  product_w_i8_n_8_09444970(float_8 const* const __restrict__ v1, int8_t_8 const* const __restrict__ v5, __half const* const __restrict__ v9, float const* const __restrict__ v13, int32_t const* const __restrict__ v17, float * const __restrict__ v21, __grid_constant__ info_st const info_v169) {
bool inv_return_flag_v179_store = true;
bool * inv_return_flag_v179 = &inv_return_flag_v179_store;uint32_t const v3 = 0;
uint32_t const v170 = info_v169.scalars_usize[0];
uint32_t const v171 = info_v169.scalars_usize[1];
uint32_t const v172 = info_v169.scalars_usize[2];
uint32_t const v28 = blockIdx.x;
uint32_t const v29 = uint32_t(v28);
uint32_t const v303 = 8;
uint32_t const v32 = v29 * v303;
uint32_t const v33 = threadIdx.y;
uint32_t const v34 = uint32_t(v33);
uint32_t const v35 = v32 + v34;
bool const v36 = v35 >= v171;
if(v36) {
bool const v37 = false;
*inv_return_flag_v179 = v37;
}
bool const v38 = *inv_return_flag_v179;
if(v38) {
uint32_t const v39 = blockIdx.y;
uint32_t const v40 = uint32_t(v39);
uint32_t const v41 = 1;
uint32_t v180_store;
uint32_t * v180 = &v180_store;*v180 = v35;
array<float_8, 1> v181_store = {};
array<float_8, 1> * v181 = &v181_store;float const v48 = 0;
float_8 const v49 = float_8{v48, v48, v48, v48, v48, v48, v48, v48};
float_8 * const v54 = &(*v181)[v3];
*v54 = v49;
uint32_t const v55 = threadIdx.x;
uint32_t const v56 = uint32_t(v55);
uint32_t v182_store;
uint32_t * v182 = &v182_store;*v182 = v56;
while([&]{
uint32_t const v58 = *v182;
bool const v59 = v58 < v170;
return v59;
}()) {
uint32_t const v61 = *v180;
uint32_t const v62 = v61 * v170;
uint32_t const v63 = *v182;
uint32_t const v64 = v62 + v63;
int8_t_8 const* const v68 = &v5[v64];
int8_t_8 const v69 = *v68;
int8_t const v209 = v69.i_0;
float const v210 = float(v209);
int8_t const v211 = v69.i_1;
float const v212 = float(v211);
int8_t const v213 = v69.i_2;
float const v214 = float(v213);
int8_t const v215 = v69.i_3;
float const v216 = float(v215);
int8_t const v217 = v69.i_4;
float const v218 = float(v217);
int8_t const v219 = v69.i_5;
float const v220 = float(v219);
int8_t const v221 = v69.i_6;
float const v222 = float(v221);
int8_t const v223 = v69.i_7;
float const v224 = float(v223);
uint32_t const v76 = 4;
uint32_t const v77 = v64 / v76;
__half const* const v81 = &v9[v77];
__half const v82 = *v81;
float const v83 = float(v82);
float const v228 = v210 * v83;
float const v231 = v212 * v83;
float const v234 = v214 * v83;
float const v237 = v216 * v83;
float const v240 = v218 * v83;
float const v243 = v220 * v83;
float const v246 = v222 * v83;
float const v249 = v224 * v83;
float_8 const v92 = *v54;
uint32_t v185_store;
uint32_t * v185 = &v185_store;*v185 = v40;
bool const v96 = v40 >= v172;
if(v96) {
uint32_t const v98 = v172 - v41;
*v185 = v98;
}
uint32_t const v99 = *v185;
uint32_t const v100 = v99 * v170;
uint32_t const v101 = *v182;
uint32_t const v102 = v100 + v101;
float_8 const* const v106 = &v1[v102];
float_8 const v107 = *v106;
float const v252 = v107.i_0;
float const v253 = v228 * v252;
float const v255 = v107.i_1;
float const v256 = v231 * v255;
float const v258 = v107.i_2;
float const v259 = v234 * v258;
float const v261 = v107.i_3;
float const v262 = v237 * v261;
float const v264 = v107.i_4;
float const v265 = v240 * v264;
float const v267 = v107.i_5;
float const v268 = v243 * v267;
float const v270 = v107.i_6;
float const v271 = v246 * v270;
float const v273 = v107.i_7;
float const v274 = v249 * v273;
float const v276 = v92.i_0;
float const v278 = v276 + v253;
float const v279 = v92.i_1;
float const v281 = v279 + v256;
float const v282 = v92.i_2;
float const v284 = v282 + v259;
float const v285 = v92.i_3;
float const v287 = v285 + v262;
float const v288 = v92.i_4;
float const v290 = v288 + v265;
float const v291 = v92.i_5;
float const v293 = v291 + v268;
float const v294 = v92.i_6;
float const v296 = v294 + v271;
float const v297 = v92.i_7;
float const v299 = v297 + v274;
float_8 const v300 = float_8{v278, v281, v284, v287, v290, v293, v296, v299};
*v54 = v300;
uint32_t const v117 = 32;
uint32_t const v118 = v101 + v117;
*v182 = v118;
}
float_8 const v124 = *v54;
float const v128 = v124.i_0;
float const v131 = v124.i_1;
float const v133 = v128 + v131;
float const v134 = v124.i_2;
float const v136 = v133 + v134;
float const v137 = v124.i_3;
float const v139 = v136 + v137;
float const v140 = v124.i_4;
float const v142 = v139 + v140;
float const v143 = v124.i_5;
float const v145 = v142 + v143;
float const v146 = v124.i_6;
float const v148 = v145 + v146;
float const v149 = v124.i_7;
float const v151 = v148 + v149;
uint32_t const v187 = warpSize;
uint32_t const v302 = 256;
uint32_t const v189 = min(v187, v302);
float v206_store;
float * v206 = &v206_store;*v206 = v151;
uint32_t const v191 = 1;
uint32_t v207_store;
uint32_t * v207 = &v207_store;*v207 = v191;
while([&]{
uint32_t const v194 = *v207;
bool const v195 = v194 < v189;
return v195;
}()) {
float const v197 = *v206;
uint32_t const v198 = *v207;
float const v199 = __shfl_xor_sync(__activemask(), v197, v198);
float const v201 = v197 + v199;
*v206 = v201;
uint32_t const v203 = 2;
uint32_t const v204 = v198 * v203;
*v207 = v204;
}
float const v205 = *v206;
uint32_t const v155 = 0;
bool const v156 = v55 == v155;
bool const v159 = v40 < v172;
bool const v160 = v156 && v159;
if(v160) {
uint32_t const v163 = v40 * v171;
uint32_t const v164 = v163 + v35;
float * const v168 = &v21[v164];
*v168 = v205;
}
}
return;
}
