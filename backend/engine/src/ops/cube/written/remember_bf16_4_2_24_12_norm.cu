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
extern "C" __global__ void __launch_bounds__(32)  remember_c_bf16_524acaf2(float const* const __restrict__ v1, float const* const __restrict__ v5, float const* const __restrict__ v9, float const* const __restrict__ v13, float const* const __restrict__ v17, float const* const __restrict__ v21, float const* const __restrict__ v25, int32_t const* const __restrict__ v29, int32_t const* const __restrict__ v33, float * const __restrict__ v37, __nv_bfloat16 * const __restrict__ v41, __nv_bfloat16 * const __restrict__ v45, __grid_constant__ info_st const info_v312) {
extern __shared__ __align__(4) char v329[];bool inv_return_flag_v331_store = true;
bool * inv_return_flag_v331 = &inv_return_flag_v331_store;uint32_t const v313 = info_v312.scalars_usize[0];
uint32_t const v314 = info_v312.scalars_usize[1];
float const v315 = info_v312.scalars_f32[0];
float const v316 = info_v312.scalars_f32[1];
uint32_t const v53 = blockIdx.x;
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
uint32_t v332_store;
uint32_t * v332 = &v332_store;*v332 = v58;
while([&]{
uint32_t const v80 = *v332;
bool const v82 = v80 < v62;
return v82;
}()) {
uint32_t const v84 = *v332;
uint32_t const v85 = v63 + v84;
float const* const v89 = &v1[v85];
float const v90 = *v89;
__nv_bfloat16 const v91 = __nv_bfloat16(v90);
uint32_t const v93 = v78 + v84;
__nv_bfloat16 * const v97 = &v45[v93];
*v97 = v91;
uint32_t const v99 = 32;
uint32_t const v100 = v84 + v99;
*v332 = v100;
}
bool const v101 = false;
*inv_return_flag_v331 = v101;
}
bool const v102 = *inv_return_flag_v331;
if(v102) {
uint32_t const v103 = 4;
bool const v104 = v56 < v103;
array<float, 24> * const v330 = reinterpret_cast<array<float, 24> *>(&v329[0]);
float const v109 = 0;
float v334_store;
float * v334 = &v334_store;*v334 = v109;
float v335_store;
float * v335 = &v335_store;*v335 = v109;
uint32_t v336_store;
uint32_t * v336 = &v336_store;*v336 = v58;
while([&]{
uint32_t const v116 = *v336;
bool const v118 = v116 < v62;
return v118;
}()) {
uint32_t const v120 = *v336;
uint32_t const v121 = v63 + v120;
float const* const v125 = &v1[v121];
float const v126 = *v125;
float const v127 = *v334;
float const v128 = v126 - v127;
float const v130 = *v335;
float const v370 = fma(v128, v128, v130);
*v335 = v370;
uint32_t const v133 = 32;
uint32_t const v134 = v120 + v133;
*v336 = v134;
}
float v338_store;
float * v338 = &v338_store;*v338 = v316;
if(v104) {
*v338 = v315;
}
float const v136 = *v335;
uint32_t const v339 = warpSize;
uint32_t const v368 = 32;
uint32_t const v341 = min(v339, v368);
float v365_store;
float * v365 = &v365_store;*v365 = v136;
uint32_t const v343 = 1;
uint32_t v366_store;
uint32_t * v366 = &v366_store;*v366 = v343;
while([&]{
uint32_t const v346 = *v366;
bool const v347 = v346 < v341;
return v347;
}()) {
float const v349 = *v365;
uint32_t const v350 = *v366;
float const v351 = __shfl_xor_sync(__activemask(), v349, v350);
float const v353 = v349 + v351;
*v365 = v353;
uint32_t const v355 = 2;
uint32_t const v356 = v350 * v355;
*v366 = v356;
}
float const v357 = *v365;
float const v369 = 24;
float const v140 = v357 / v369;
float const v141 = *v338;
float const v142 = v140 + v141;
float const v143 = sqrt(v142);float const v144 = 1;
float const v145 = v144 / v143;
uint32_t v358_store;
uint32_t * v358 = &v358_store;*v358 = v58;
while([&]{
uint32_t const v147 = *v358;
bool const v149 = v147 < v62;
return v149;
}()) {
uint32_t const v151 = *v358;
uint32_t const v152 = v63 + v151;
float const* const v156 = &v1[v152];
float const v157 = *v156;
float const v158 = *v334;
float const v159 = v157 - v158;
float const v160 = v159 * v145;
if(v104) {
uint32_t const v162 = v56 * v62;
uint32_t const v164 = v162 + v151;
uint32_t const v165 = v164 % v313;
float const* const v169 = &v13[v165];
float const v170 = *v169;
float const v171 = v160 * v170;
float * const v177 = &(*v330)[v151];
*v177 = v171;
}
 else {
uint32_t const v180 = v56 - v103;
uint32_t const v182 = v180 * v62;
uint32_t const v184 = v182 + v151;
uint32_t const v185 = v184 % v314;
float const* const v189 = &v21[v185];
float const v190 = *v189;
float const v191 = v160 * v190;
float * const v197 = &(*v330)[v151];
*v197 = v191;
}
uint32_t const v200 = 32;
uint32_t const v201 = v151 + v200;
*v358 = v201;
}
__syncthreads();
int32_t const* const v205 = &v29[v54];
int32_t const v206 = *v205;
uint32_t const v207 = uint32_t(v206);
uint32_t const v208 = 12;
uint32_t const v209 = v207 * v208;
uint32_t v362_store;
uint32_t * v362 = &v362_store;*v362 = v58;
while([&]{
uint32_t const v211 = *v362;
bool const v213 = v211 < v62;
return v213;
}()) {
uint32_t const v217 = *v362;
float * const v219 = &(*v330)[v217];
float const v220 = *v219;
float v364_store;
float * v364 = &v364_store;*v364 = v220;
uint32_t const v222 = *v362;
bool const v224 = v222 < v208;
if(v224) {
uint32_t const v226 = v209 + v222;
float const* const v230 = &v5[v226];
float const v231 = *v230;
float const v232 = *v364;
uint32_t const v236 = v222 + v208;
float * const v240 = &(*v330)[v236];
float const v241 = *v240;
float const* const v247 = &v9[v226];
float const v248 = *v247;
float const v249 = v241 * v248;
float const v371 = -v249;
float const v372 = fma(v232, v231, v371);
*v364 = v372;
}
 else {
bool const v253 = v222 < v62;
if(v253) {
uint32_t const v255 = v209 + v222;
uint32_t const v257 = v255 - v208;
float const* const v261 = &v5[v257];
float const v262 = *v261;
float const v263 = *v364;
uint32_t const v267 = v222 - v208;
float * const v271 = &(*v330)[v267];
float const v272 = *v271;
float const* const v280 = &v9[v257];
float const v281 = *v280;
float const v282 = v272 * v281;
float const v373 = fma(v263, v262, v282);
*v364 = v373;
}
}
if(v104) {
uint32_t const v285 = v54 * v103;
uint32_t const v286 = v285 + v56;
uint32_t const v288 = v286 * v62;
uint32_t const v290 = v288 + v222;
float * const v294 = &v37[v290];
float const v295 = *v364;
*v294 = v295;
}
 else {
float const v296 = *v364;
__nv_bfloat16 const v297 = __nv_bfloat16(v296);
uint32_t const v299 = v56 - v103;
uint32_t const v301 = v299 * v62;
uint32_t const v302 = v71 + v301;
uint32_t const v304 = v302 + v222;
__nv_bfloat16 * const v308 = &v41[v304];
*v308 = v297;
}
uint32_t const v310 = 32;
uint32_t const v311 = v222 + v310;
*v362 = v311;
}
}
return;
}
