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
extern "C" __global__ void __launch_bounds__(256)  product_w_f16_n_8_0c55c354(float_8 const* const __restrict__ v1, __half_8 const* const __restrict__ v5, __half const* const __restrict__ v9, float const* const __restrict__ v13, int32_t const* const __restrict__ v17, float * const __restrict__ v21, __grid_constant__ info_st const info_v344) {
bool inv_return_flag_v354_store = true;
bool * inv_return_flag_v354 = &inv_return_flag_v354_store;uint32_t const v3 = 0;
uint32_t const v345 = info_v344.scalars_usize[0];
uint32_t const v346 = info_v344.scalars_usize[1];
uint32_t const v347 = info_v344.scalars_usize[2];
uint32_t const v28 = blockIdx.x;
uint32_t const v29 = uint32_t(v28);
uint32_t const v603 = 8;
uint32_t const v32 = v29 * v603;
uint32_t const v33 = threadIdx.y;
uint32_t const v34 = uint32_t(v33);
uint32_t const v35 = v32 + v34;
bool const v36 = v35 >= v346;
if(v36) {
bool const v37 = false;
*inv_return_flag_v354 = v37;
}
bool const v38 = *inv_return_flag_v354;
if(v38) {
uint32_t const v39 = blockIdx.y;
uint32_t const v40 = uint32_t(v39);
uint32_t const v41 = 3;
uint32_t const v42 = v40 * v41;
uint32_t v355_store;
uint32_t * v355 = &v355_store;*v355 = v35;
array<float_8, 3> v356_store = {};
array<float_8, 3> * v356 = &v356_store;float const v48 = 0;
float_8 const v49 = float_8{v48, v48, v48, v48, v48, v48, v48, v48};
float_8 * const v54 = &(*v356)[v3];
*v54 = v49;
uint32_t const v59 = 1;
float_8 * const v61 = &(*v356)[v59];
*v61 = v49;
uint32_t const v66 = 2;
float_8 * const v68 = &(*v356)[v66];
*v68 = v49;
uint32_t const v69 = threadIdx.x;
uint32_t const v70 = uint32_t(v69);
uint32_t v357_store;
uint32_t * v357 = &v357_store;*v357 = v70;
while([&]{
uint32_t const v72 = *v357;
bool const v73 = v72 < v345;
return v73;
}()) {
uint32_t const v75 = *v355;
uint32_t const v76 = v75 * v345;
uint32_t const v77 = *v357;
uint32_t const v78 = v76 + v77;
__half_8 const* const v82 = &v5[v78];
__half_8 const v83 = *v82;
__half const v432 = v83.i_0;
float const v433 = float(v432);
__half const v434 = v83.i_1;
float const v435 = float(v434);
__half const v436 = v83.i_2;
float const v437 = float(v436);
__half const v438 = v83.i_3;
float const v439 = float(v438);
__half const v440 = v83.i_4;
float const v441 = float(v440);
__half const v442 = v83.i_5;
float const v443 = float(v442);
__half const v444 = v83.i_6;
float const v445 = float(v444);
__half const v446 = v83.i_7;
float const v447 = float(v446);
float_8 const v91 = *v54;
uint32_t v360_store;
uint32_t * v360 = &v360_store;*v360 = v42;
bool const v95 = v42 >= v347;
if(v95) {
uint32_t const v97 = v347 - v59;
*v360 = v97;
}
uint32_t const v98 = *v360;
uint32_t const v99 = v98 * v345;
uint32_t const v100 = *v357;
uint32_t const v101 = v99 + v100;
float_8 const* const v105 = &v1[v101];
float_8 const v106 = *v105;
float const v450 = v106.i_0;
float const v451 = v433 * v450;
float const v453 = v106.i_1;
float const v454 = v435 * v453;
float const v456 = v106.i_2;
float const v457 = v437 * v456;
float const v459 = v106.i_3;
float const v460 = v439 * v459;
float const v462 = v106.i_4;
float const v463 = v441 * v462;
float const v465 = v106.i_5;
float const v466 = v443 * v465;
float const v468 = v106.i_6;
float const v469 = v445 * v468;
float const v471 = v106.i_7;
float const v472 = v447 * v471;
float const v474 = v91.i_0;
float const v476 = v474 + v451;
float const v477 = v91.i_1;
float const v479 = v477 + v454;
float const v480 = v91.i_2;
float const v482 = v480 + v457;
float const v483 = v91.i_3;
float const v485 = v483 + v460;
float const v486 = v91.i_4;
float const v488 = v486 + v463;
float const v489 = v91.i_5;
float const v491 = v489 + v466;
float const v492 = v91.i_6;
float const v494 = v492 + v469;
float const v495 = v91.i_7;
float const v497 = v495 + v472;
float_8 const v498 = float_8{v476, v479, v482, v485, v488, v491, v494, v497};
*v54 = v498;
float_8 const v120 = *v61;
uint32_t const v122 = v42 + v59;
uint32_t v361_store;
uint32_t * v361 = &v361_store;*v361 = v122;
bool const v124 = v122 >= v347;
if(v124) {
uint32_t const v126 = v347 - v59;
*v361 = v126;
}
uint32_t const v127 = *v361;
uint32_t const v128 = v127 * v345;
uint32_t const v129 = *v357;
uint32_t const v130 = v128 + v129;
float_8 const* const v134 = &v1[v130];
float_8 const v135 = *v134;
float const v500 = v135.i_0;
float const v501 = v433 * v500;
float const v503 = v135.i_1;
float const v504 = v435 * v503;
float const v506 = v135.i_2;
float const v507 = v437 * v506;
float const v509 = v135.i_3;
float const v510 = v439 * v509;
float const v512 = v135.i_4;
float const v513 = v441 * v512;
float const v515 = v135.i_5;
float const v516 = v443 * v515;
float const v518 = v135.i_6;
float const v519 = v445 * v518;
float const v521 = v135.i_7;
float const v522 = v447 * v521;
float const v524 = v120.i_0;
float const v526 = v524 + v501;
float const v527 = v120.i_1;
float const v529 = v527 + v504;
float const v530 = v120.i_2;
float const v532 = v530 + v507;
float const v533 = v120.i_3;
float const v535 = v533 + v510;
float const v536 = v120.i_4;
float const v538 = v536 + v513;
float const v539 = v120.i_5;
float const v541 = v539 + v516;
float const v542 = v120.i_6;
float const v544 = v542 + v519;
float const v545 = v120.i_7;
float const v547 = v545 + v522;
float_8 const v548 = float_8{v526, v529, v532, v535, v538, v541, v544, v547};
*v61 = v548;
float_8 const v149 = *v68;
uint32_t const v151 = v42 + v66;
uint32_t v362_store;
uint32_t * v362 = &v362_store;*v362 = v151;
bool const v153 = v151 >= v347;
if(v153) {
uint32_t const v155 = v347 - v59;
*v362 = v155;
}
uint32_t const v156 = *v362;
uint32_t const v157 = v156 * v345;
uint32_t const v158 = *v357;
uint32_t const v159 = v157 + v158;
float_8 const* const v163 = &v1[v159];
float_8 const v164 = *v163;
float const v550 = v164.i_0;
float const v551 = v433 * v550;
float const v553 = v164.i_1;
float const v554 = v435 * v553;
float const v556 = v164.i_2;
float const v557 = v437 * v556;
float const v559 = v164.i_3;
float const v560 = v439 * v559;
float const v562 = v164.i_4;
float const v563 = v441 * v562;
float const v565 = v164.i_5;
float const v566 = v443 * v565;
float const v568 = v164.i_6;
float const v569 = v445 * v568;
float const v571 = v164.i_7;
float const v572 = v447 * v571;
float const v574 = v149.i_0;
float const v576 = v574 + v551;
float const v577 = v149.i_1;
float const v579 = v577 + v554;
float const v580 = v149.i_2;
float const v582 = v580 + v557;
float const v583 = v149.i_3;
float const v585 = v583 + v560;
float const v586 = v149.i_4;
float const v588 = v586 + v563;
float const v589 = v149.i_5;
float const v591 = v589 + v566;
float const v592 = v149.i_6;
float const v594 = v592 + v569;
float const v595 = v149.i_7;
float const v597 = v595 + v572;
float_8 const v598 = float_8{v576, v579, v582, v585, v588, v591, v594, v597};
*v68 = v598;
uint32_t const v174 = 32;
uint32_t const v175 = v158 + v174;
*v357 = v175;
}
float_8 const v181 = *v54;
float const v185 = v181.i_0;
float const v188 = v181.i_1;
float const v190 = v185 + v188;
float const v191 = v181.i_2;
float const v193 = v190 + v191;
float const v194 = v181.i_3;
float const v196 = v193 + v194;
float const v197 = v181.i_4;
float const v199 = v196 + v197;
float const v200 = v181.i_5;
float const v202 = v199 + v200;
float const v203 = v181.i_6;
float const v205 = v202 + v203;
float const v206 = v181.i_7;
float const v208 = v205 + v206;
uint32_t const v364 = warpSize;
uint32_t const v600 = 256;
uint32_t const v366 = min(v364, v600);
float v423_store;
float * v423 = &v423_store;*v423 = v208;
uint32_t const v368 = 1;
uint32_t v424_store;
uint32_t * v424 = &v424_store;*v424 = v368;
while([&]{
uint32_t const v371 = *v424;
bool const v372 = v371 < v366;
return v372;
}()) {
float const v374 = *v423;
uint32_t const v375 = *v424;
float const v376 = __shfl_xor_sync(__activemask(), v374, v375);
float const v378 = v374 + v376;
*v423 = v378;
uint32_t const v380 = 2;
uint32_t const v381 = v375 * v380;
*v424 = v381;
}
float const v382 = *v423;
uint32_t const v212 = 0;
bool const v213 = v69 == v212;
bool const v216 = v42 < v347;
bool const v217 = v213 && v216;
if(v217) {
uint32_t const v220 = v42 * v346;
uint32_t const v221 = v220 + v35;
float const* const v225 = &v13[v35];
float const v226 = *v225;
float const v227 = v382 + v226;
float * const v231 = &v21[v221];
*v231 = v227;
}
float_8 const v237 = *v61;
float const v241 = v237.i_0;
float const v244 = v237.i_1;
float const v246 = v241 + v244;
float const v247 = v237.i_2;
float const v249 = v246 + v247;
float const v250 = v237.i_3;
float const v252 = v249 + v250;
float const v253 = v237.i_4;
float const v255 = v252 + v253;
float const v256 = v237.i_5;
float const v258 = v255 + v256;
float const v259 = v237.i_6;
float const v261 = v258 + v259;
float const v262 = v237.i_7;
float const v264 = v261 + v262;
float v426_store;
float * v426 = &v426_store;*v426 = v264;
uint32_t v427_store;
uint32_t * v427 = &v427_store;*v427 = v368;
while([&]{
uint32_t const v391 = *v427;
bool const v392 = v391 < v366;
return v392;
}()) {
float const v394 = *v426;
uint32_t const v395 = *v427;
float const v396 = __shfl_xor_sync(__activemask(), v394, v395);
float const v398 = v394 + v396;
*v426 = v398;
uint32_t const v400 = 2;
uint32_t const v401 = v395 * v400;
*v427 = v401;
}
float const v402 = *v426;
uint32_t const v271 = v42 + v59;
bool const v272 = v271 < v347;
bool const v273 = v213 && v272;
if(v273) {
uint32_t const v276 = v271 * v346;
uint32_t const v277 = v276 + v35;
float const* const v281 = &v13[v35];
float const v282 = *v281;
float const v283 = v402 + v282;
float * const v287 = &v21[v277];
*v287 = v283;
}
float_8 const v293 = *v68;
float const v297 = v293.i_0;
float const v300 = v293.i_1;
float const v302 = v297 + v300;
float const v303 = v293.i_2;
float const v305 = v302 + v303;
float const v306 = v293.i_3;
float const v308 = v305 + v306;
float const v309 = v293.i_4;
float const v311 = v308 + v309;
float const v312 = v293.i_5;
float const v314 = v311 + v312;
float const v315 = v293.i_6;
float const v317 = v314 + v315;
float const v318 = v293.i_7;
float const v320 = v317 + v318;
float v429_store;
float * v429 = &v429_store;*v429 = v320;
uint32_t v430_store;
uint32_t * v430 = &v430_store;*v430 = v368;
while([&]{
uint32_t const v411 = *v430;
bool const v412 = v411 < v366;
return v412;
}()) {
float const v414 = *v429;
uint32_t const v415 = *v430;
float const v416 = __shfl_xor_sync(__activemask(), v414, v415);
float const v418 = v414 + v416;
*v429 = v418;
uint32_t const v420 = 2;
uint32_t const v421 = v415 * v420;
*v430 = v421;
}
float const v422 = *v429;
uint32_t const v327 = v42 + v66;
bool const v328 = v327 < v347;
bool const v329 = v213 && v328;
if(v329) {
uint32_t const v332 = v327 * v346;
uint32_t const v333 = v332 + v35;
float const* const v337 = &v13[v35];
float const v338 = *v337;
float const v339 = v422 + v338;
float * const v343 = &v21[v333];
*v343 = v339;
}
}
return;
}
