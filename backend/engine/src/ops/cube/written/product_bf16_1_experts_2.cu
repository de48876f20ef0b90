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
#include <cuda_bf16.h>
struct alignas(16) __nv_bfloat16_8 { __nv_bfloat16 i_0; __nv_bfloat16 i_1; __nv_bfloat16 i_2; __nv_bfloat16 i_3; __nv_bfloat16 i_4; __nv_bfloat16 i_5; __nv_bfloat16 i_6; __nv_bfloat16 i_7; };
struct alignas(32) float_8 { float i_0; float i_1; float i_2; float i_3; float i_4; float i_5; float i_6; float i_7; };

struct info_st {
    uint32_t scalars_usize[4];uint32_t static_meta[6];
};
extern "C" __global__ void __launch_bounds__(256)  product_w_bf16_n_8_0e46554d(float_8 const* const __restrict__ v1, __nv_bfloat16_8 const* const __restrict__ v5, __half const* const __restrict__ v9, float const* const __restrict__ v13, int32_t const* const __restrict__ v17, float * const __restrict__ v21, __grid_constant__ info_st const info_v162) {
bool inv_return_flag_v172_store = true;
bool * inv_return_flag_v172 = &inv_return_flag_v172_store;uint32_t const v3 = 0;
uint32_t const v163 = info_v162.scalars_usize[0];
uint32_t const v164 = info_v162.scalars_usize[1];
uint32_t const v165 = info_v162.scalars_usize[2];
uint32_t const v28 = blockIdx.x;
uint32_t const v29 = uint32_t(v28);
uint32_t const v271 = 8;
uint32_t const v32 = v29 * v271;
uint32_t const v33 = threadIdx.y;
uint32_t const v34 = uint32_t(v33);
uint32_t const v35 = v32 + v34;
bool const v36 = v35 >= v164;
if(v36) {
bool const v37 = false;
*inv_return_flag_v172 = v37;
}
bool const v38 = *inv_return_flag_v172;
if(v38) {
uint32_t const v39 = blockIdx.y;
uint32_t const v40 = uint32_t(v39);
uint32_t v173_store;
uint32_t * v173 = &v173_store;*v173 = v35;
int32_t const* const v47 = &v17[v40];
int32_t const v48 = *v47;
uint32_t const v49 = uint32_t(v48);
uint32_t const v50 = v49 * v164;
uint32_t const v51 = *v173;
uint32_t const v52 = v51 + v50;
*v173 = v52;
array<float_8, 1> v174_store = {};
array<float_8, 1> * v174 = &v174_store;float const v57 = 0;
float_8 const v58 = float_8{v57, v57, v57, v57, v57, v57, v57, v57};
float_8 * const v63 = &(*v174)[v3];
*v63 = v58;
uint32_t const v64 = threadIdx.x;
uint32_t const v65 = uint32_t(v64);
uint32_t v175_store;
uint32_t * v175 = &v175_store;*v175 = v65;
while([&]{
uint32_t const v67 = *v175;
bool const v68 = v67 < v163;
return v68;
}()) {
uint32_t const v70 = *v173;
uint32_t const v71 = v70 * v163;
uint32_t const v72 = *v175;
uint32_t const v73 = v71 + v72;
__nv_bfloat16_8 const* const v77 = &v5[v73];
__nv_bfloat16_8 const v78 = *v77;
__nv_bfloat16 const v202 = v78.i_0;
float const v203 = float(v202);
__nv_bfloat16 const v204 = v78.i_1;
float const v205 = float(v204);
__nv_bfloat16 const v206 = v78.i_2;
float const v207 = float(v206);
__nv_bfloat16 const v208 = v78.i_3;
float const v209 = float(v208);
__nv_bfloat16 const v210 = v78.i_4;
float const v211 = float(v210);
__nv_bfloat16 const v212 = v78.i_5;
float const v213 = float(v212);
__nv_bfloat16 const v214 = v78.i_6;
float const v215 = float(v214);
__nv_bfloat16 const v216 = v78.i_7;
float const v217 = float(v216);
float_8 const v86 = *v63;
uint32_t const v90 = 2;
uint32_t const v91 = v40 / v90;
uint32_t const v93 = v91 * v163;
uint32_t const v95 = v93 + v72;
float_8 const* const v99 = &v1[v95];
float_8 const v100 = *v99;
float const v220 = v100.i_0;
float const v221 = v203 * v220;
float const v223 = v100.i_1;
float const v224 = v205 * v223;
float const v226 = v100.i_2;
float const v227 = v207 * v226;
float const v229 = v100.i_3;
float const v230 = v209 * v229;
float const v232 = v100.i_4;
float const v233 = v211 * v232;
float const v235 = v100.i_5;
float const v236 = v213 * v235;
float const v238 = v100.i_6;
float const v239 = v215 * v238;
float const v241 = v100.i_7;
float const v242 = v217 * v241;
float const v244 = v86.i_0;
float const v246 = v244 + v221;
float const v247 = v86.i_1;
float const v249 = v247 + v224;
float const v250 = v86.i_2;
float const v252 = v250 + v227;
float const v253 = v86.i_3;
float const v255 = v253 + v230;
float const v256 = v86.i_4;
float const v258 = v256 + v233;
float const v259 = v86.i_5;
float const v261 = v259 + v236;
float const v262 = v86.i_6;
float const v264 = v262 + v239;
float const v265 = v86.i_7;
float const v267 = v265 + v242;
float_8 const v268 = float_8{v246, v249, v252, v255, v258, v261, v264, v267};
*v63 = v268;
uint32_t const v110 = 32;
uint32_t const v111 = v72 + v110;
*v175 = v111;
}
float_8 const v117 = *v63;
float const v121 = v117.i_0;
float const v124 = v117.i_1;
float const v126 = v121 + v124;
float const v127 = v117.i_2;
float const v129 = v126 + v127;
float const v130 = v117.i_3;
float const v132 = v129 + v130;
float const v133 = v117.i_4;
float const v135 = v132 + v133;
float const v136 = v117.i_5;
float const v138 = v135 + v136;
float const v139 = v117.i_6;
float const v141 = v138 + v139;
float const v142 = v117.i_7;
float const v144 = v141 + v142;
uint32_t const v180 = warpSize;
uint32_t const v270 = 256;
uint32_t const v182 = min(v180, v270);
float v199_store;
float * v199 = &v199_store;*v199 = v144;
uint32_t const v184 = 1;
uint32_t v200_store;
uint32_t * v200 = &v200_store;*v200 = v184;
while([&]{
uint32_t const v187 = *v200;
bool const v188 = v187 < v182;
return v188;
}()) {
float const v190 = *v199;
uint32_t const v191 = *v200;
float const v192 = __shfl_xor_sync(__activemask(), v190, v191);
float const v194 = v190 + v192;
*v199 = v194;
uint32_t const v196 = 2;
uint32_t const v197 = v191 * v196;
*v200 = v197;
}
float const v198 = *v199;
uint32_t const v148 = 0;
bool const v149 = v64 == v148;
bool const v152 = v40 < v165;
bool const v153 = v149 && v152;
if(v153) {
uint32_t const v156 = v40 * v164;
uint32_t const v157 = v156 + v35;
float * const v161 = &v21[v157];
*v161 = v198;
}
}
return;
}
