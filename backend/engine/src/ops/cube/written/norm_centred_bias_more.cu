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

struct info_st {
    uint32_t scalars_usize[2];
float scalars_f32[2];uint32_t static_meta[6];
};
extern "C" __global__ void __launch_bounds__(256)  norm_09cb15d6(float const* const __restrict__ v1, float const* const __restrict__ v5, float const* const __restrict__ v9, float const* const __restrict__ v13, float * const __restrict__ v17, float * const __restrict__ v21, __grid_constant__ info_st const info_v337) {
extern __shared__ __align__(4) char v347[];uint32_t const v3 = 0;
uint32_t const v338 = info_v337.scalars_usize[0];
uint32_t const v339 = info_v337.scalars_usize[1];
float const v340 = info_v337.scalars_f32[0];
uint32_t const v28 = blockIdx.x;
uint32_t const v29 = uint32_t(v28);
uint32_t const v30 = v29 * v338;
float const v31 = 0;
float v351_store;
float * v351 = &v351_store;*v351 = v31;
float v352_store;
float * v352 = &v352_store;*v352 = v31;
uint32_t const v37 = threadIdx.x;
uint32_t const v38 = uint32_t(v37);
uint32_t v353_store;
uint32_t * v353 = &v353_store;*v353 = v38;
while([&]{
uint32_t const v40 = *v353;
bool const v41 = v40 < v338;
return v41;
}()) {
uint32_t const v43 = *v353;
uint32_t const v44 = v30 + v43;
float const* const v48 = &v1[v44];
float const v49 = *v48;
float const* const v54 = &v5[v44];
float const v55 = *v54;
float const v57 = v49 + v55;
float const v58 = *v352;
float const v60 = v58 + v57;
*v352 = v60;
uint32_t const v62 = 256;
uint32_t const v63 = v43 + v62;
*v353 = v63;
}
array<float, 8> * const v349 = reinterpret_cast<array<float, 8> *>(&v347[0]);
float const v68 = *v352;
uint32_t const v356 = warpSize;
uint32_t const v409 = 256;
uint32_t const v358 = min(v356, v409);
float v403_store;
float * v403 = &v403_store;*v403 = v68;
uint32_t const v360 = 1;
uint32_t v404_store;
uint32_t * v404 = &v404_store;*v404 = v360;
while([&]{
uint32_t const v363 = *v404;
bool const v364 = v363 < v358;
return v364;
}()) {
float const v366 = *v403;
uint32_t const v367 = *v404;
float const v368 = __shfl_xor_sync(__activemask(), v366, v367);
float const v370 = v366 + v368;
*v403 = v370;
uint32_t const v372 = 2;
uint32_t const v373 = v367 * v372;
*v404 = v373;
}
float const v374 = *v403;
uint32_t const v72 = 32;
uint32_t const v73 = v38 % v72;
bool const v75 = v73 == v3;
if(v75) {
uint32_t const v79 = v38 / v72;
float * const v83 = &(*v349)[v79];
*v83 = v374;
}
__syncthreads();
float * const v91 = &(*v349)[v3];
float const v92 = *v91;
uint32_t const v97 = 1;
float * const v99 = &(*v349)[v97];
float const v100 = *v99;
float const v102 = v92 + v100;
uint32_t const v105 = 2;
float * const v107 = &(*v349)[v105];
float const v108 = *v107;
float const v110 = v102 + v108;
uint32_t const v113 = 3;
float * const v115 = &(*v349)[v113];
float const v116 = *v115;
float const v118 = v110 + v116;
uint32_t const v121 = 4;
float * const v123 = &(*v349)[v121];
float const v124 = *v123;
float const v126 = v118 + v124;
uint32_t const v129 = 5;
float * const v131 = &(*v349)[v129];
float const v132 = *v131;
float const v134 = v126 + v132;
uint32_t const v137 = 6;
float * const v139 = &(*v349)[v137];
float const v140 = *v139;
float const v142 = v134 + v140;
uint32_t const v145 = 7;
float * const v147 = &(*v349)[v145];
float const v148 = *v147;
float const v150 = v142 + v148;
__syncthreads();
float const v151 = float(v338);
float const v153 = v150 / v151;
*v351 = v153;
float v376_store;
float * v376 = &v376_store;*v376 = v31;
uint32_t v377_store;
uint32_t * v377 = &v377_store;*v377 = v38;
while([&]{
uint32_t const v160 = *v377;
bool const v161 = v160 < v338;
return v161;
}()) {
uint32_t const v163 = *v377;
uint32_t const v164 = v30 + v163;
float const* const v168 = &v1[v164];
float const v169 = *v168;
float const* const v174 = &v5[v164];
float const v175 = *v174;
float const v177 = v169 + v175;
float const v179 = *v351;
float const v180 = v177 - v179;
float const v182 = *v376;
float const v427 = fma(v180, v180, v182);
*v376 = v427;
uint32_t const v185 = 256;
uint32_t const v186 = v163 + v185;
*v377 = v186;
}
array<float, 8> * const v348 = reinterpret_cast<array<float, 8> *>(&v347[32]);
float const v191 = *v376;
float v406_store;
float * v406 = &v406_store;*v406 = v191;
uint32_t v407_store;
uint32_t * v407 = &v407_store;*v407 = v360;
while([&]{
uint32_t const v387 = *v407;
bool const v388 = v387 < v358;
return v388;
}()) {
float const v390 = *v406;
uint32_t const v391 = *v407;
float const v392 = __shfl_xor_sync(__activemask(), v390, v391);
float const v394 = v390 + v392;
*v406 = v394;
uint32_t const v396 = 2;
uint32_t const v397 = v391 * v396;
*v407 = v397;
}
float const v398 = *v406;
if(v75) {
uint32_t const v202 = v38 / v72;
float * const v206 = &(*v348)[v202];
*v206 = v398;
}
__syncthreads();
float * const v214 = &(*v348)[v3];
float const v215 = *v214;
float * const v222 = &(*v348)[v97];
float const v223 = *v222;
float const v225 = v215 + v223;
float * const v230 = &(*v348)[v105];
float const v231 = *v230;
float const v233 = v225 + v231;
float * const v238 = &(*v348)[v113];
float const v239 = *v238;
float const v241 = v233 + v239;
float * const v246 = &(*v348)[v121];
float const v247 = *v246;
float const v249 = v241 + v247;
float * const v254 = &(*v348)[v129];
float const v255 = *v254;
float const v257 = v249 + v255;
float * const v262 = &(*v348)[v137];
float const v263 = *v262;
float const v265 = v257 + v263;
float * const v270 = &(*v348)[v145];
float const v271 = *v270;
float const v273 = v265 + v271;
__syncthreads();
float const v276 = v273 / v151;
float const v277 = v276 + v340;
float const v278 = sqrt(v277);float const v279 = 1;
float const v280 = v279 / v278;
uint32_t v400_store;
uint32_t * v400 = &v400_store;*v400 = v38;
while([&]{
uint32_t const v284 = *v400;
bool const v285 = v284 < v338;
return v285;
}()) {
uint32_t const v287 = *v400;
uint32_t const v288 = v30 + v287;
uint32_t const v289 = v288 % v339;
float const* const v295 = &v1[v288];
float const v296 = *v295;
float const* const v301 = &v5[v288];
float const v302 = *v301;
float const v304 = v296 + v302;
float * const v310 = &v21[v288];
*v310 = v304;
float const v313 = *v351;
float const v314 = v304 - v313;
float const v315 = v314 * v280;
float const* const v319 = &v9[v289];
float const v320 = *v319;
float const* const v325 = &v13[v289];
float const v326 = *v325;
float const v428 = fma(v315, v320, v326);
float * const v333 = &v17[v288];
*v333 = v428;
uint32_t const v335 = 256;
uint32_t const v336 = v287 + v335;
*v400 = v336;
}
return;
}
