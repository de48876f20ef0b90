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
extern "C" __global__ void __launch_bounds__(256)  product_w_i8_n_8_6fac5d4c(float_8 const* const __restrict__ v1, int8_t_8 const* const __restrict__ v5, __half const* const __restrict__ v9, float const* const __restrict__ v13, int32_t const* const __restrict__ v17, float * const __restrict__ v21, __grid_constant__ info_st const info_v341) {
bool inv_return_flag_v351_store = true;
bool * inv_return_flag_v351 = &inv_return_flag_v351_store;uint32_t const v3 = 0;
uint32_t const v342 = info_v341.scalars_usize[0];
uint32_t const v343 = info_v341.scalars_usize[1];
uint32_t const v344 = info_v341.scalars_usize[2];
uint32_t const v28 = blockIdx.x;
uint32_t const v29 = uint32_t(v28);
uint32_t const v625 = 8;
uint32_t const v32 = v29 * v625;
uint32_t const v33 = threadIdx.y;
uint32_t const v34 = uint32_t(v33);
uint32_t const v35 = v32 + v34;
bool const v36 = v35 >= v343;
if(v36) {
bool const v37 = false;
*inv_return_flag_v351 = v37;
}
bool const v38 = *inv_return_flag_v351;
if(v38) {
uint32_t const v39 = blockIdx.y;
uint32_t const v40 = uint32_t(v39);
uint32_t const v41 = 3;
uint32_t const v42 = v40 * v41;
uint32_t v352_store;
uint32_t * v352 = &v352_store;*v352 = v35;
array<float_8, 3> v353_store = {};
array<float_8, 3> * v353 = &v353_store;float const v48 = 0;
float_8 const v49 = float_8{v48, v48, v48, v48, v48, v48, v48, v48};
float_8 * const v54 = &(*v353)[v3];
*v54 = v49;
uint32_t const v59 = 1;
float_8 * const v61 = &(*v353)[v59];
*v61 = v49;
uint32_t const v66 = 2;
float_8 * const v68 = &(*v353)[v66];
*v68 = v49;
uint32_t const v69 = threadIdx.x;
uint32_t const v70 = uint32_t(v69);
uint32_t v354_store;
uint32_t * v354 = &v354_store;*v354 = v70;
while([&]{
uint32_t const v72 = *v354;
bool const v73 = v72 < v342;
return v73;
}()) {
uint32_t const v75 = *v352;
uint32_t const v76 = v75 * v342;
uint32_t const v77 = *v354;
uint32_t const v78 = v76 + v77;
int8_t_8 const* const v82 = &v5[v78];
int8_t_8 const v83 = *v82;
int8_t const v429 = v83.i_0;
float const v430 = float(v429);
int8_t const v431 = v83.i_1;
float const v432 = float(v431);
int8_t const v433 = v83.i_2;
float const v434 = float(v433);
int8_t const v435 = v83.i_3;
float const v436 = float(v435);
int8_t const v437 = v83.i_4;
float const v438 = float(v437);
int8_t const v439 = v83.i_5;
float const v440 = float(v439);
int8_t const v441 = v83.i_6;
float const v442 = float(v441);
int8_t const v443 = v83.i_7;
float const v444 = float(v443);
uint32_t const v90 = 4;
uint32_t const v91 = v78 / v90;
__half const* const v95 = &v9[v91];
__half const v96 = *v95;
float const v97 = float(v96);
float const v448 = v430 * v97;
float const v451 = v432 * v97;
float const v454 = v434 * v97;
float const v457 = v436 * v97;
float const v460 = v438 * v97;
float const v463 = v440 * v97;
float const v466 = v442 * v97;
float const v469 = v444 * v97;
float_8 const v106 = *v54;
uint32_t v357_store;
uint32_t * v357 = &v357_store;*v357 = v42;
bool const v110 = v42 >= v344;
if(v110) {
uint32_t const v112 = v344 - v59;
*v357 = v112;
}
uint32_t const v113 = *v357;
uint32_t const v114 = v113 * v342;
uint32_t const v115 = *v354;
uint32_t const v116 = v114 + v115;
float_8 const* const v120 = &v1[v116];
float_8 const v121 = *v120;
float const v472 = v121.i_0;
float const v473 = v448 * v472;
float const v475 = v121.i_1;
float const v476 = v451 * v475;
float const v478 = v121.i_2;
float const v479 = v454 * v478;
float const v481 = v121.i_3;
float const v482 = v457 * v481;
float const v484 = v121.i_4;
float const v485 = v460 * v484;
float const v487 = v121.i_5;
float const v488 = v463 * v487;
float const v490 = v121.i_6;
float const v491 = v466 * v490;
float const v493 = v121.i_7;
float const v494 = v469 * v493;
float const v496 = v106.i_0;
float const v498 = v496 + v473;
float const v499 = v106.i_1;
float const v501 = v499 + v476;
float const v502 = v106.i_2;
float const v504 = v502 + v479;
float const v505 = v106.i_3;
float const v507 = v505 + v482;
float const v508 = v106.i_4;
float const v510 = v508 + v485;
float const v511 = v106.i_5;
float const v513 = v511 + v488;
float const v514 = v106.i_6;
float const v516 = v514 + v491;
float const v517 = v106.i_7;
float const v519 = v517 + v494;
float_8 const v520 = float_8{v498, v501, v504, v507, v510, v513, v516, v519};
*v54 = v520;
float_8 const v135 = *v61;
uint32_t const v137 = v42 + v59;
uint32_t v358_store;
uint32_t * v358 = &v358_store;*v358 = v137;
bool const v139 = v137 >= v344;
if(v139) {
uint32_t const v141 = v344 - v59;
*v358 = v141;
}
uint32_t const v142 = *v358;
uint32_t const v143 = v142 * v342;
uint32_t const v144 = *v354;
uint32_t const v145 = v143 + v144;
float_8 const* const v149 = &v1[v145];
float_8 const v150 = *v149;
float const v522 = v150.i_0;
float const v523 = v448 * v522;
float const v525 = v150.i_1;
float const v526 = v451 * v525;
float const v528 = v150.i_2;
float const v529 = v454 * v528;
float const v531 = v150.i_3;
float const v532 = v457 * v531;
float const v534 = v150.i_4;
float const v535 = v460 * v534;
float const v537 = v150.i_5;
float const v538 = v463 * v537;
float const v540 = v150.i_6;
float const v541 = v466 * v540;
float const v543 = v150.i_7;
float const v544 = v469 * v543;
float const v546 = v135.i_0;
float const v548 = v546 + v523;
float const v549 = v135.i_1;
float const v551 = v549 + v526;
float const v552 = v135.i_2;
float const v554 = v552 + v529;
float const v555 = v135.i_3;
float const v557 = v555 + v532;
float const v558 = v135.i_4;
float const v560 = v558 + v535;
float const v561 = v135.i_5;
float const v563 = v561 + v538;
float const v564 = v135.i_6;
float const v566 = v564 + v541;
float const v567 = v135.i_7;
float const v569 = v567 + v544;
float_8 const v570 = float_8{v548, v551, v554, v557, v560, v563, v566, v569};
*v61 = v570;
float_8 const v164 = *v68;
uint32_t const v166 = v42 + v66;
uint32_t v359_store;
uint32_t * v359 = &v359_store;*v359 = v166;
bool const v168 = v166 >= v344;
if(v168) {
uint32_t const v170 = v344 - v59;
*v359 = v170;
}
uint32_t const v171 = *v359;
uint32_t const v172 = v171 * v342;
uint32_t const v173 = *v354;
uint32_t const v174 = v172 + v173;
float_8 const* const v178 = &v1[v174];
float_8 const v179 = *v178;
float const v572 = v179.i_0;
float const v573 = v448 * v572;
float const v575 = v179.i_1;
float const v576 = v451 * v575;
float const v578 = v179.i_2;
float const v579 = v454 * v578;
float const v581 = v179.i_3;
float const v582 = v457 * v581;
float const v584 = v179.i_4;
float const v585 = v460 * v584;
float const v587 = v179.i_5;
float const v588 = v463 * v587;
float const v590 = v179.i_6;
float const v591 = v466 * v590;
float const v593 = v179.i_7;
float const v594 = v469 * v593;
float const v596 = v164.i_0;
float const v598 = v596 + v573;
float const v599 = v164.i_1;
float const v601 = v599 + v576;
float const v602 = v164.i_2;
float const v604 = v602 + v579;
float const v605 = v164.i_3;
float const v607 = v605 + v582;
float const v608 = v164.i_4;
float const v610 = v608 + v585;
float const v611 = v164.i_5;
float const v613 = v611 + v588;
float const v614 = v164.i_6;
float const v616 = v614 + v591;
float const v617 = v164.i_7;
float const v619 = v617 + v594;
float_8 const v620 = float_8{v598, v601, v604, v607, v610, v613, v616, v619};
*v68 = v620;
uint32_t const v189 = 32;
uint32_t const v190 = v173 + v189;
*v354 = v190;
}
float_8 const v196 = *v54;
float const v200 = v196.i_0;
float const v203 = v196.i_1;
float const v205 = v200 + v203;
float const v206 = v196.i_2;
float const v208 = v205 + v206;
float const v209 = v196.i_3;
float const v211 = v208 + v209;
float const v212 = v196.i_4;
float const v214 = v211 + v212;
float const v215 = v196.i_5;
float const v217 = v214 + v215;
float const v218 = v196.i_6;
float const v220 = v217 + v218;
float const v221 = v196.i_7;
float const v223 = v220 + v221;
uint32_t const v361 = warpSize;
uint32_t const v622 = 256;
uint32_t const v363 = min(v361, v622);
float v420_store;
float * v420 = &v420_store;*v420 = v223;
uint32_t const v365 = 1;
uint32_t v421_store;
uint32_t * v421 = &v421_store;*v421 = v365;
while([&]{
uint32_t const v368 = *v421;
bool const v369 = v368 < v363;
return v369;
}()) {
float const v371 = *v420;
uint32_t const v372 = *v421;
float const v373 = __shfl_xor_sync(__activemask(), v371, v372);
float const v375 = v371 + v373;
*v420 = v375;
uint32_t const v377 = 2;
uint32_t const v378 = v372 * v377;
*v421 = v378;
}
float const v379 = *v420;
uint32_t const v227 = 0;
bool const v228 = v69 == v227;
bool const v231 = v42 < v344;
bool const v232 = v228 && v231;
if(v232) {
uint32_t const v235 = v42 * v343;
uint32_t const v236 = v235 + v35;
float * const v240 = &v21[v236];
*v240 = v379;
}
float_8 const v246 = *v61;
float const v250 = v246.i_0;
float const v253 = v246.i_1;
float const v255 = v250 + v253;
float const v256 = v246.i_2;
float const v258 = v255 + v256;
float const v259 = v246.i_3;
float const v261 = v258 + v259;
float const v262 = v246.i_4;
float const v264 = v261 + v262;
float const v265 = v246.i_5;
float const v267 = v264 + v265;
float const v268 = v246.i_6;
float const v270 = v267 + v268;
float const v271 = v246.i_7;
float const v273 = v270 + v271;
float v423_store;
float * v423 = &v423_store;*v423 = v273;
uint32_t v424_store;
uint32_t * v424 = &v424_store;*v424 = v365;
while([&]{
uint32_t const v388 = *v424;
bool const v389 = v388 < v363;
return v389;
}()) {
float const v391 = *v423;
uint32_t const v392 = *v424;
float const v393 = __shfl_xor_sync(__activemask(), v391, v392);
float const v395 = v391 + v393;
*v423 = v395;
uint32_t const v397 = 2;
uint32_t const v398 = v392 * v397;
*v424 = v398;
}
float const v399 = *v423;
uint32_t const v280 = v42 + v59;
bool const v281 = v280 < v344;
bool const v282 = v228 && v281;
if(v282) {
uint32_t const v285 = v280 * v343;
uint32_t const v286 = v285 + v35;
float * const v290 = &v21[v286];
*v290 = v399;
}
float_8 const v296 = *v68;
float const v300 = v296.i_0;
float const v303 = v296.i_1;
float const v305 = v300 + v303;
float const v306 = v296.i_2;
float const v308 = v305 + v306;
float const v309 = v296.i_3;
float const v311 = v308 + v309;
float const v312 = v296.i_4;
float const v314 = v311 + v312;
float const v315 = v296.i_5;
float const v317 = v314 + v315;
float const v318 = v296.i_6;
float const v320 = v317 + v318;
float const v321 = v296.i_7;
float const v323 = v320 + v321;
float v426_store;
float * v426 = &v426_store;*v426 = v323;
uint32_t v427_store;
uint32_t * v427 = &v427_store;*v427 = v365;
while([&]{
uint32_t const v408 = *v427;
bool const v409 = v408 < v363;
return v409;
}()) {
float const v411 = *v426;
uint32_t const v412 = *v427;
float const v413 = __shfl_xor_sync(__activemask(), v411, v412);
float const v415 = v411 + v413;
*v426 = v415;
uint32_t const v417 = 2;
uint32_t const v418 = v412 * v417;
*v427 = v418;
}
float const v419 = *v426;
uint32_t const v330 = v42 + v66;
bool const v331 = v330 < v344;
bool const v332 = v228 && v331;
if(v332) {
uint32_t const v335 = v330 * v343;
uint32_t const v336 = v335 + v35;
float * const v340 = &v21[v336];
*v340 = v419;
}
}
return;
}
