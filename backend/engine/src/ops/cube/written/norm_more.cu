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
extern "C" __global__ void __launch_bounds__(256)  norm_40c41b48(float const* const __restrict__ v1, float const* const __restrict__ v5, float const* const __restrict__ v9, float const* const __restrict__ v13, float * const __restrict__ v17, float * const __restrict__ v21, __grid_constant__ info_st const info_v211) {
extern __shared__ __align__(4) char v221[];uint32_t const v3 = 0;
uint32_t const v212 = info_v211.scalars_usize[0];
uint32_t const v213 = info_v211.scalars_usize[1];
float const v214 = info_v211.scalars_f32[0];
uint32_t const v28 = blockIdx.x;
uint32_t const v29 = uint32_t(v28);
uint32_t const v30 = v29 * v212;
float const v31 = 0;
float v224_store;
float * v224 = &v224_store;*v224 = v31;
float v225_store;
float * v225 = &v225_store;*v225 = v31;
uint32_t const v37 = threadIdx.x;
uint32_t const v38 = uint32_t(v37);
uint32_t v226_store;
uint32_t * v226 = &v226_store;*v226 = v38;
while([&]{
uint32_t const v40 = *v226;
bool const v41 = v40 < v212;
return v41;
}()) {
uint32_t const v43 = *v226;
uint32_t const v44 = v30 + v43;
float const* const v48 = &v1[v44];
float const v49 = *v48;
float const* const v54 = &v5[v44];
float const v55 = *v54;
float const v57 = v49 + v55;
float const v59 = *v224;
float const v60 = v57 - v59;
float const v62 = *v225;
float const v264 = fma(v60, v60, v62);
*v225 = v264;
uint32_t const v65 = 256;
uint32_t const v66 = v43 + v65;
*v226 = v66;
}
array<float, 8> * const v222 = reinterpret_cast<array<float, 8> *>(&v221[0]);
float const v71 = *v225;
uint32_t const v229 = warpSize;
uint32_t const v255 = 256;
uint32_t const v231 = min(v229, v255);
float v252_store;
float * v252 = &v252_store;*v252 = v71;
uint32_t const v233 = 1;
uint32_t v253_store;
uint32_t * v253 = &v253_store;*v253 = v233;
while([&]{
uint32_t const v236 = *v253;
bool const v237 = v236 < v231;
return v237;
}()) {
float const v239 = *v252;
uint32_t const v240 = *v253;
float const v241 = __shfl_xor_sync(__activemask(), v239, v240);
float const v243 = v239 + v241;
*v252 = v243;
uint32_t const v245 = 2;
uint32_t const v246 = v240 * v245;
*v253 = v246;
}
float const v247 = *v252;
uint32_t const v75 = 32;
uint32_t const v76 = v38 % v75;
bool const v78 = v76 == v3;
if(v78) {
uint32_t const v82 = v38 / v75;
float * const v86 = &(*v222)[v82];
*v86 = v247;
}
__syncthreads();
float * const v94 = &(*v222)[v3];
float const v95 = *v94;
uint32_t const v100 = 1;
float * const v102 = &(*v222)[v100];
float const v103 = *v102;
float const v105 = v95 + v103;
uint32_t const v108 = 2;
float * const v110 = &(*v222)[v108];
float const v111 = *v110;
float const v113 = v105 + v111;
uint32_t const v116 = 3;
float * const v118 = &(*v222)[v116];
float const v119 = *v118;
float const v121 = v113 + v119;
uint32_t const v124 = 4;
float * const v126 = &(*v222)[v124];
float const v127 = *v126;
float const v129 = v121 + v127;
uint32_t const v132 = 5;
float * const v134 = &(*v222)[v132];
float const v135 = *v134;
float const v137 = v129 + v135;
uint32_t const v140 = 6;
float * const v142 = &(*v222)[v140];
float const v143 = *v142;
float const v145 = v137 + v143;
uint32_t const v148 = 7;
float * const v150 = &(*v222)[v148];
float const v151 = *v150;
float const v153 = v145 + v151;
__syncthreads();
float const v154 = float(v212);
float const v156 = v153 / v154;
float const v157 = v156 + v214;
float const v158 = sqrt(v157);float const v159 = 1;
float const v160 = v159 / v158;
uint32_t v249_store;
uint32_t * v249 = &v249_store;*v249 = v38;
while([&]{
uint32_t const v164 = *v249;
bool const v165 = v164 < v212;
return v165;
}()) {
uint32_t const v167 = *v249;
uint32_t const v168 = v30 + v167;
uint32_t const v169 = v168 % v213;
float const* const v175 = &v1[v168];
float const v176 = *v175;
float const* const v181 = &v5[v168];
float const v182 = *v181;
float const v184 = v176 + v182;
float * const v190 = &v21[v168];
*v190 = v184;
float const v193 = *v224;
float const v194 = v184 - v193;
float const v195 = v194 * v160;
float const* const v199 = &v9[v169];
float const v200 = *v199;
float const v201 = v195 * v200;
float * const v207 = &v17[v168];
*v207 = v201;
uint32_t const v209 = 256;
uint32_t const v210 = v167 + v209;
*v249 = v210;
}
return;
}
