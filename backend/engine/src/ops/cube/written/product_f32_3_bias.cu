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
struct alignas(16) float_4 { float i_0; float i_1; float i_2; float i_3; };

struct info_st {
    uint32_t scalars_usize[4];uint32_t static_meta[6];
};
extern "C" __global__ void __launch_bounds__(256)  product_w_f32_n_4_6096fd10(float_4 const* const __restrict__ v1, float_4 const* const __restrict__ v5, __half const* const __restrict__ v9, float const* const __restrict__ v13, int32_t const* const __restrict__ v17, float * const __restrict__ v21, __grid_constant__ info_st const info_v307) {
bool inv_return_flag_v317_store = true;
bool * inv_return_flag_v317 = &inv_return_flag_v317_store;uint32_t const v3 = 0;
uint32_t const v308 = info_v307.scalars_usize[0];
uint32_t const v309 = info_v307.scalars_usize[1];
uint32_t const v310 = info_v307.scalars_usize[2];
uint32_t const v28 = blockIdx.x;
uint32_t const v29 = uint32_t(v28);
uint32_t const v477 = 8;
uint32_t const v32 = v29 * v477;
uint32_t const v33 = threadIdx.y;
uint32_t const v34 = uint32_t(v33);
uint32_t const v35 = v32 + v34;
bool const v36 = v35 >= v309;
if(v36) {
bool const v37 = false;
*inv_return_flag_v317 = v37;
}
bool const v38 = *inv_return_flag_v317;
if(v38) {
uint32_t const v39 = blockIdx.y;
uint32_t const v40 = uint32_t(v39);
uint32_t const v41 = 3;
uint32_t const v42 = v40 * v41;
uint32_t v318_store;
uint32_t * v318 = &v318_store;*v318 = v35;
array<float_4, 3> v319_store = {};
array<float_4, 3> * v319 = &v319_store;float const v48 = 0;
float_4 const v49 = float_4{v48, v48, v48, v48};
float_4 * const v54 = &(*v319)[v3];
*v54 = v49;
uint32_t const v59 = 1;
float_4 * const v61 = &(*v319)[v59];
*v61 = v49;
uint32_t const v66 = 2;
float_4 * const v68 = &(*v319)[v66];
*v68 = v49;
uint32_t const v69 = threadIdx.x;
uint32_t const v70 = uint32_t(v69);
uint32_t v320_store;
uint32_t * v320 = &v320_store;*v320 = v70;
while([&]{
uint32_t const v72 = *v320;
bool const v73 = v72 < v308;
return v73;
}()) {
uint32_t const v75 = *v318;
uint32_t const v76 = v75 * v308;
uint32_t const v77 = *v320;
uint32_t const v78 = v76 + v77;
float_4 const* const v82 = &v5[v78];
float_4 const v83 = *v82;
float_4 const v90 = *v54;
uint32_t v323_store;
uint32_t * v323 = &v323_store;*v323 = v42;
bool const v94 = v42 >= v310;
if(v94) {
uint32_t const v96 = v310 - v59;
*v323 = v96;
}
uint32_t const v97 = *v323;
uint32_t const v98 = v97 * v308;
uint32_t const v99 = *v320;
uint32_t const v100 = v98 + v99;
float_4 const* const v104 = &v1[v100];
float_4 const v105 = *v104;
float const v395 = v83.i_0;
float const v396 = v105.i_0;
float const v397 = v395 * v396;
float const v398 = v83.i_1;
float const v399 = v105.i_1;
float const v400 = v398 * v399;
float const v401 = v83.i_2;
float const v402 = v105.i_2;
float const v403 = v401 * v402;
float const v404 = v83.i_3;
float const v405 = v105.i_3;
float const v406 = v404 * v405;
float const v408 = v90.i_0;
float const v410 = v408 + v397;
float const v411 = v90.i_1;
float const v413 = v411 + v400;
float const v414 = v90.i_2;
float const v416 = v414 + v403;
float const v417 = v90.i_3;
float const v419 = v417 + v406;
float_4 const v420 = float_4{v410, v413, v416, v419};
*v54 = v420;
float_4 const v119 = *v61;
uint32_t const v121 = v42 + v59;
uint32_t v324_store;
uint32_t * v324 = &v324_store;*v324 = v121;
bool const v123 = v121 >= v310;
if(v123) {
uint32_t const v125 = v310 - v59;
*v324 = v125;
}
uint32_t const v126 = *v324;
uint32_t const v127 = v126 * v308;
uint32_t const v128 = *v320;
uint32_t const v129 = v127 + v128;
float_4 const* const v133 = &v1[v129];
float_4 const v134 = *v133;
float const v422 = v134.i_0;
float const v423 = v395 * v422;
float const v425 = v134.i_1;
float const v426 = v398 * v425;
float const v428 = v134.i_2;
float const v429 = v401 * v428;
float const v431 = v134.i_3;
float const v432 = v404 * v431;
float const v434 = v119.i_0;
float const v436 = v434 + v423;
float const v437 = v119.i_1;
float const v439 = v437 + v426;
float const v440 = v119.i_2;
float const v442 = v440 + v429;
float const v443 = v119.i_3;
float const v445 = v443 + v432;
float_4 const v446 = float_4{v436, v439, v442, v445};
*v61 = v446;
float_4 const v148 = *v68;
uint32_t const v150 = v42 + v66;
uint32_t v325_store;
uint32_t * v325 = &v325_store;*v325 = v150;
bool const v152 = v150 >= v310;
if(v152) {
uint32_t const v154 = v310 - v59;
*v325 = v154;
}
uint32_t const v155 = *v325;
uint32_t const v156 = v155 * v308;
uint32_t const v157 = *v320;
uint32_t const v158 = v156 + v157;
float_4 const* const v162 = &v1[v158];
float_4 const v163 = *v162;
float const v448 = v163.i_0;
float const v449 = v395 * v448;
float const v451 = v163.i_1;
float const v452 = v398 * v451;
float const v454 = v163.i_2;
float const v455 = v401 * v454;
float const v457 = v163.i_3;
float const v458 = v404 * v457;
float const v460 = v148.i_0;
float const v462 = v460 + v449;
float const v463 = v148.i_1;
float const v465 = v463 + v452;
float const v466 = v148.i_2;
float const v468 = v466 + v455;
float const v469 = v148.i_3;
float const v471 = v469 + v458;
float_4 const v472 = float_4{v462, v465, v468, v471};
*v68 = v472;
uint32_t const v173 = 32;
uint32_t const v174 = v157 + v173;
*v320 = v174;
}
float_4 const v180 = *v54;
float const v184 = v180.i_0;
float const v187 = v180.i_1;
float const v189 = v184 + v187;
float const v190 = v180.i_2;
float const v192 = v189 + v190;
float const v193 = v180.i_3;
float const v195 = v192 + v193;
uint32_t const v327 = warpSize;
uint32_t const v474 = 256;
uint32_t const v329 = min(v327, v474);
float v386_store;
float * v386 = &v386_store;*v386 = v195;
uint32_t const v331 = 1;
uint32_t v387_store;
uint32_t * v387 = &v387_store;*v387 = v331;
while([&]{
uint32_t const v334 = *v387;
bool const v335 = v334 < v329;
return v335;
}()) {
float const v337 = *v386;
uint32_t const v338 = *v387;
float const v339 = __shfl_xor_sync(__activemask(), v337, v338);
float const v341 = v337 + v339;
*v386 = v341;
uint32_t const v343 = 2;
uint32_t const v344 = v338 * v343;
*v387 = v344;
}
float const v345 = *v386;
uint32_t const v199 = 0;
bool const v200 = v69 == v199;
bool const v203 = v42 < v310;
bool const v204 = v200 && v203;
if(v204) {
uint32_t const v207 = v42 * v309;
uint32_t const v208 = v207 + v35;
float const* const v212 = &v13[v35];
float const v213 = *v212;
float const v214 = v345 + v213;
float * const v218 = &v21[v208];
*v218 = v214;
}
float_4 const v224 = *v61;
float const v228 = v224.i_0;
float const v231 = v224.i_1;
float const v233 = v228 + v231;
float const v234 = v224.i_2;
float const v236 = v233 + v234;
float const v237 = v224.i_3;
float const v239 = v236 + v237;
float v389_store;
float * v389 = &v389_store;*v389 = v239;
uint32_t v390_store;
uint32_t * v390 = &v390_store;*v390 = v331;
while([&]{
uint32_t const v354 = *v390;
bool const v355 = v354 < v329;
return v355;
}()) {
float const v357 = *v389;
uint32_t const v358 = *v390;
float const v359 = __shfl_xor_sync(__activemask(), v357, v358);
float const v361 = v357 + v359;
*v389 = v361;
uint32_t const v363 = 2;
uint32_t const v364 = v358 * v363;
*v390 = v364;
}
float const v365 = *v389;
uint32_t const v246 = v42 + v59;
bool const v247 = v246 < v310;
bool const v248 = v200 && v247;
if(v248) {
uint32_t const v251 = v246 * v309;
uint32_t const v252 = v251 + v35;
float const* const v256 = &v13[v35];
float const v257 = *v256;
float const v258 = v365 + v257;
float * const v262 = &v21[v252];
*v262 = v258;
}
float_4 const v268 = *v68;
float const v272 = v268.i_0;
float const v275 = v268.i_1;
float const v277 = v272 + v275;
float const v278 = v268.i_2;
float const v280 = v277 + v278;
float const v281 = v268.i_3;
float const v283 = v280 + v281;
float v392_store;
float * v392 = &v392_store;*v392 = v283;
uint32_t v393_store;
uint32_t * v393 = &v393_store;*v393 = v331;
while([&]{
uint32_t const v374 = *v393;
bool const v375 = v374 < v329;
return v375;
}()) {
float const v377 = *v392;
uint32_t const v378 = *v393;
float const v379 = __shfl_xor_sync(__activemask(), v377, v378);
float const v381 = v377 + v379;
*v392 = v381;
uint32_t const v383 = 2;
uint32_t const v384 = v378 * v383;
*v393 = v384;
}
float const v385 = *v392;
uint32_t const v290 = v42 + v66;
bool const v291 = v290 < v310;
bool const v292 = v200 && v291;
if(v292) {
uint32_t const v295 = v290 * v309;
uint32_t const v296 = v295 + v35;
float const* const v300 = &v13[v35];
float const v301 = *v300;
float const v302 = v385 + v301;
float * const v306 = &v21[v296];
*v306 = v302;
}
}
return;
}
