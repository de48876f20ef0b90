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
extern "C" __global__ void __launch_bounds__(256)  norm_de58aae6(float const* const __restrict__ v1, float const* const __restrict__ v5, float const* const __restrict__ v9, float const* const __restrict__ v13, float * const __restrict__ v17, float const* const __restrict__ v21, __grid_constant__ info_st const info_v309) {
extern __shared__ __align__(4) char v319[];uint32_t const v3 = 0;
uint32_t const v310 = info_v309.scalars_usize[0];
uint32_t const v311 = info_v309.scalars_usize[1];
float const v312 = info_v309.scalars_f32[0];
uint32_t const v28 = blockIdx.x;
uint32_t const v29 = uint32_t(v28);
uint32_t const v30 = v29 * v310;
float const v31 = 0;
float v323_store;
float * v323 = &v323_store;*v323 = v31;
float v324_store;
float * v324 = &v324_store;*v324 = v31;
uint32_t const v37 = threadIdx.x;
uint32_t const v38 = uint32_t(v37);
uint32_t v325_store;
uint32_t * v325 = &v325_store;*v325 = v38;
while([&]{
uint32_t const v40 = *v325;
bool const v41 = v40 < v310;
return v41;
}()) {
uint32_t const v43 = *v325;
uint32_t const v44 = v30 + v43;
float const* const v48 = &v1[v44];
float const v49 = *v48;
float const v51 = *v324;
float const v53 = v51 + v49;
*v324 = v53;
uint32_t const v55 = 256;
uint32_t const v56 = v43 + v55;
*v325 = v56;
}
array<float, 8> * const v320 = reinterpret_cast<array<float, 8> *>(&v319[0]);
float const v61 = *v324;
uint32_t const v328 = warpSize;
uint32_t const v381 = 256;
uint32_t const v330 = min(v328, v381);
float v375_store;
float * v375 = &v375_store;*v375 = v61;
uint32_t const v332 = 1;
uint32_t v376_store;
uint32_t * v376 = &v376_store;*v376 = v332;
while([&]{
uint32_t const v335 = *v376;
bool const v336 = v335 < v330;
return v336;
}()) {
float const v338 = *v375;
uint32_t const v339 = *v376;
float const v340 = __shfl_xor_sync(__activemask(), v338, v339);
float const v342 = v338 + v340;
*v375 = v342;
uint32_t const v344 = 2;
uint32_t const v345 = v339 * v344;
*v376 = v345;
}
float const v346 = *v375;
uint32_t const v65 = 32;
uint32_t const v66 = v38 % v65;
bool const v68 = v66 == v3;
if(v68) {
uint32_t const v72 = v38 / v65;
float * const v76 = &(*v320)[v72];
*v76 = v346;
}
__syncthreads();
float * const v84 = &(*v320)[v3];
float const v85 = *v84;
uint32_t const v90 = 1;
float * const v92 = &(*v320)[v90];
float const v93 = *v92;
float const v95 = v85 + v93;
uint32_t const v98 = 2;
float * const v100 = &(*v320)[v98];
float const v101 = *v100;
float const v103 = v95 + v101;
uint32_t const v106 = 3;
float * const v108 = &(*v320)[v106];
float const v109 = *v108;
float const v111 = v103 + v109;
uint32_t const v114 = 4;
float * const v116 = &(*v320)[v114];
float const v117 = *v116;
float const v119 = v111 + v117;
uint32_t const v122 = 5;
float * const v124 = &(*v320)[v122];
float const v125 = *v124;
float const v127 = v119 + v125;
uint32_t const v130 = 6;
float * const v132 = &(*v320)[v130];
float const v133 = *v132;
float const v135 = v127 + v133;
uint32_t const v138 = 7;
float * const v140 = &(*v320)[v138];
float const v141 = *v140;
float const v143 = v135 + v141;
__syncthreads();
float const v144 = float(v310);
float const v146 = v143 / v144;
*v323 = v146;
float v348_store;
float * v348 = &v348_store;*v348 = v31;
uint32_t v349_store;
uint32_t * v349 = &v349_store;*v349 = v38;
while([&]{
uint32_t const v153 = *v349;
bool const v154 = v153 < v310;
return v154;
}()) {
uint32_t const v156 = *v349;
uint32_t const v157 = v30 + v156;
float const* const v161 = &v1[v157];
float const v162 = *v161;
float const v165 = *v323;
float const v166 = v162 - v165;
float const v168 = *v348;
float const v399 = fma(v166, v166, v168);
*v348 = v399;
uint32_t const v171 = 256;
uint32_t const v172 = v156 + v171;
*v349 = v172;
}
array<float, 8> * const v321 = reinterpret_cast<array<float, 8> *>(&v319[32]);
float const v177 = *v348;
float v378_store;
float * v378 = &v378_store;*v378 = v177;
uint32_t v379_store;
uint32_t * v379 = &v379_store;*v379 = v332;
while([&]{
uint32_t const v359 = *v379;
bool const v360 = v359 < v330;
return v360;
}()) {
float const v362 = *v378;
uint32_t const v363 = *v379;
float const v364 = __shfl_xor_sync(__activemask(), v362, v363);
float const v366 = v362 + v364;
*v378 = v366;
uint32_t const v368 = 2;
uint32_t const v369 = v363 * v368;
*v379 = v369;
}
float const v370 = *v378;
if(v68) {
uint32_t const v188 = v38 / v65;
float * const v192 = &(*v321)[v188];
*v192 = v370;
}
__syncthreads();
float * const v200 = &(*v321)[v3];
float const v201 = *v200;
float * const v208 = &(*v321)[v90];
float const v209 = *v208;
float const v211 = v201 + v209;
float * const v216 = &(*v321)[v98];
float const v217 = *v216;
float const v219 = v211 + v217;
float * const v224 = &(*v321)[v106];
float const v225 = *v224;
float const v227 = v219 + v225;
float * const v232 = &(*v321)[v114];
float const v233 = *v232;
float const v235 = v227 + v233;
float * const v240 = &(*v321)[v122];
float const v241 = *v240;
float const v243 = v235 + v241;
float * const v248 = &(*v321)[v130];
float const v249 = *v248;
float const v251 = v243 + v249;
float * const v256 = &(*v321)[v138];
float const v257 = *v256;
float const v259 = v251 + v257;
__syncthreads();
float const v262 = v259 / v144;
float const v263 = v262 + v312;
float const v264 = sqrt(v263);float const v265 = 1;
float const v266 = v265 / v264;
uint32_t v372_store;
uint32_t * v372 = &v372_store;*v372 = v38;
while([&]{
uint32_t const v270 = *v372;
bool const v271 = v270 < v310;
return v271;
}()) {
uint32_t const v273 = *v372;
uint32_t const v274 = v30 + v273;
uint32_t const v275 = v274 % v311;
float const* const v281 = &v1[v274];
float const v282 = *v281;
float const v285 = *v323;
float const v286 = v282 - v285;
float const v287 = v286 * v266;
float const* const v291 = &v9[v275];
float const v292 = *v291;
float const* const v297 = &v13[v275];
float const v298 = *v297;
float const v400 = fma(v287, v292, v298);
float * const v305 = &v17[v274];
*v305 = v400;
uint32_t const v307 = 256;
uint32_t const v308 = v273 + v307;
*v372 = v308;
}
return;
}
