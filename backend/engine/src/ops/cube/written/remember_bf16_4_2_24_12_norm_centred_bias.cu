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
extern "C" __global__ void __launch_bounds__(32)  remember_c_bf16_905c1b2b(float const* const __restrict__ v1, float const* const __restrict__ v5, float const* const __restrict__ v9, float const* const __restrict__ v13, float const* const __restrict__ v17, float const* const __restrict__ v21, float const* const __restrict__ v25, int32_t const* const __restrict__ v29, int32_t const* const __restrict__ v33, float * const __restrict__ v37, __nv_bfloat16 * const __restrict__ v41, __nv_bfloat16 * const __restrict__ v45, __grid_constant__ info_st const info_v351) {
extern __shared__ __align__(4) char v368[];bool inv_return_flag_v370_store = true;
bool * inv_return_flag_v370 = &inv_return_flag_v370_store;uint32_t const v352 = info_v351.scalars_usize[0];
uint32_t const v353 = info_v351.scalars_usize[1];
float const v354 = info_v351.scalars_f32[0];
float const v355 = info_v351.scalars_f32[1];
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
uint32_t v371_store;
uint32_t * v371 = &v371_store;*v371 = v58;
while([&]{
uint32_t const v80 = *v371;
bool const v82 = v80 < v62;
return v82;
}()) {
uint32_t const v84 = *v371;
uint32_t const v85 = v63 + v84;
float const* const v89 = &v1[v85];
float const v90 = *v89;
__nv_bfloat16 const v91 = __nv_bfloat16(v90);
uint32_t const v93 = v78 + v84;
__nv_bfloat16 * const v97 = &v45[v93];
*v97 = v91;
uint32_t const v99 = 32;
uint32_t const v100 = v84 + v99;
*v371 = v100;
}
bool const v101 = false;
*inv_return_flag_v370 = v101;
}
bool const v102 = *inv_return_flag_v370;
if(v102) {
uint32_t const v103 = 4;
bool const v104 = v56 < v103;
array<float, 24> * const v369 = reinterpret_cast<array<float, 24> *>(&v368[0]);
float const v109 = 0;
float v373_store;
float * v373 = &v373_store;*v373 = v109;
float v374_store;
float * v374 = &v374_store;*v374 = v109;
uint32_t v375_store;
uint32_t * v375 = &v375_store;*v375 = v58;
while([&]{
uint32_t const v116 = *v375;
bool const v118 = v116 < v62;
return v118;
}()) {
uint32_t const v120 = *v375;
uint32_t const v121 = v63 + v120;
float const* const v125 = &v1[v121];
float const v126 = *v125;
float const v127 = *v374;
float const v128 = v127 + v126;
*v374 = v128;
uint32_t const v130 = 32;
uint32_t const v131 = v120 + v130;
*v375 = v131;
}
float const v132 = *v374;
uint32_t const v377 = warpSize;
uint32_t const v432 = 32;
uint32_t const v379 = min(v377, v432);
float v426_store;
float * v426 = &v426_store;*v426 = v132;
uint32_t const v381 = 1;
uint32_t v427_store;
uint32_t * v427 = &v427_store;*v427 = v381;
while([&]{
uint32_t const v384 = *v427;
bool const v385 = v384 < v379;
return v385;
}()) {
float const v387 = *v426;
uint32_t const v388 = *v427;
float const v389 = __shfl_xor_sync(__activemask(), v387, v388);
float const v391 = v387 + v389;
*v426 = v391;
uint32_t const v393 = 2;
uint32_t const v394 = v388 * v393;
*v427 = v394;
}
float const v395 = *v426;
float const v435 = 24;
float const v136 = v395 / v435;
*v373 = v136;
float v396_store;
float * v396 = &v396_store;*v396 = v109;
uint32_t v397_store;
uint32_t * v397 = &v397_store;*v397 = v58;
while([&]{
uint32_t const v141 = *v397;
bool const v143 = v141 < v62;
return v143;
}()) {
uint32_t const v145 = *v397;
uint32_t const v146 = v63 + v145;
float const* const v150 = &v1[v146];
float const v151 = *v150;
float const v152 = *v373;
float const v153 = v151 - v152;
float const v155 = *v396;
float const v436 = fma(v153, v153, v155);
*v396 = v436;
uint32_t const v158 = 32;
uint32_t const v159 = v145 + v158;
*v397 = v159;
}
float v399_store;
float * v399 = &v399_store;*v399 = v355;
if(v104) {
*v399 = v354;
}
float const v161 = *v396;
float v429_store;
float * v429 = &v429_store;*v429 = v161;
uint32_t v430_store;
uint32_t * v430 = &v430_store;*v430 = v381;
while([&]{
uint32_t const v407 = *v430;
bool const v408 = v407 < v379;
return v408;
}()) {
float const v410 = *v429;
uint32_t const v411 = *v430;
float const v412 = __shfl_xor_sync(__activemask(), v410, v411);
float const v414 = v410 + v412;
*v429 = v414;
uint32_t const v416 = 2;
uint32_t const v417 = v411 * v416;
*v430 = v417;
}
float const v418 = *v429;
float const v165 = v418 / v435;
float const v166 = *v399;
float const v167 = v165 + v166;
float const v168 = sqrt(v167);float const v169 = 1;
float const v170 = v169 / v168;
uint32_t v419_store;
uint32_t * v419 = &v419_store;*v419 = v58;
while([&]{
uint32_t const v172 = *v419;
bool const v174 = v172 < v62;
return v174;
}()) {
uint32_t const v176 = *v419;
uint32_t const v177 = v63 + v176;
float const* const v181 = &v1[v177];
float const v182 = *v181;
float const v183 = *v373;
float const v184 = v182 - v183;
float const v185 = v184 * v170;
if(v104) {
uint32_t const v187 = v56 * v62;
uint32_t const v189 = v187 + v176;
uint32_t const v190 = v189 % v352;
float const* const v194 = &v13[v190];
float const v195 = *v194;
float const v196 = v185 * v195;
float const* const v201 = &v17[v190];
float const v202 = *v201;
float const v204 = v196 + v202;
float * const v209 = &(*v369)[v176];
*v209 = v204;
}
 else {
uint32_t const v212 = v56 - v103;
uint32_t const v214 = v212 * v62;
uint32_t const v216 = v214 + v176;
uint32_t const v217 = v216 % v353;
float const* const v221 = &v21[v217];
float const v222 = *v221;
float const v223 = v185 * v222;
float const* const v228 = &v25[v217];
float const v229 = *v228;
float const v231 = v223 + v229;
float * const v236 = &(*v369)[v176];
*v236 = v231;
}
uint32_t const v239 = 32;
uint32_t const v240 = v176 + v239;
*v419 = v240;
}
__syncthreads();
int32_t const* const v244 = &v29[v54];
int32_t const v245 = *v244;
uint32_t const v246 = uint32_t(v245);
uint32_t const v247 = 12;
uint32_t const v248 = v246 * v247;
uint32_t v423_store;
uint32_t * v423 = &v423_store;*v423 = v58;
while([&]{
uint32_t const v250 = *v423;
bool const v252 = v250 < v62;
return v252;
}()) {
uint32_t const v256 = *v423;
float * const v258 = &(*v369)[v256];
float const v259 = *v258;
float v425_store;
float * v425 = &v425_store;*v425 = v259;
uint32_t const v261 = *v423;
bool const v263 = v261 < v247;
if(v263) {
uint32_t const v265 = v248 + v261;
float const* const v269 = &v5[v265];
float const v270 = *v269;
float const v271 = *v425;
uint32_t const v275 = v261 + v247;
float * const v279 = &(*v369)[v275];
float const v280 = *v279;
float const* const v286 = &v9[v265];
float const v287 = *v286;
float const v288 = v280 * v287;
float const v437 = -v288;
float const v438 = fma(v271, v270, v437);
*v425 = v438;
}
 else {
bool const v292 = v261 < v62;
if(v292) {
uint32_t const v294 = v248 + v261;
uint32_t const v296 = v294 - v247;
float const* const v300 = &v5[v296];
float const v301 = *v300;
float const v302 = *v425;
uint32_t const v306 = v261 - v247;
float * const v310 = &(*v369)[v306];
float const v311 = *v310;
float const* const v319 = &v9[v296];
float const v320 = *v319;
float const v321 = v311 * v320;
float const v439 = fma(v302, v301, v321);
*v425 = v439;
}
}
if(v104) {
uint32_t const v324 = v54 * v103;
uint32_t const v325 = v324 + v56;
uint32_t const v327 = v325 * v62;
uint32_t const v329 = v327 + v261;
float * const v333 = &v37[v329];
float const v334 = *v425;
*v333 = v334;
}
 else {
float const v335 = *v425;
__nv_bfloat16 const v336 = __nv_bfloat16(v335);
uint32_t const v338 = v56 - v103;
uint32_t const v340 = v338 * v62;
uint32_t const v341 = v71 + v340;
uint32_t const v343 = v341 + v261;
__nv_bfloat16 * const v347 = &v41[v343];
*v347 = v336;
}
uint32_t const v349 = 32;
uint32_t const v350 = v261 + v349;
*v423 = v350;
}
}
return;
}
