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
extern "C" __global__ void __launch_bounds__(256)  product_w_f32_n_4_1138b76a(float_4 const* const __restrict__ v1, float_4 const* const __restrict__ v5, __half const* const __restrict__ v9, float const* const __restrict__ v13, int32_t const* const __restrict__ v17, float * const __restrict__ v21, __grid_constant__ info_st const info_v141) {
bool inv_return_flag_v151_store = true;
bool * inv_return_flag_v151 = &inv_return_flag_v151_store;uint32_t const v3 = 0;
uint32_t const v142 = info_v141.scalars_usize[0];
uint32_t const v143 = info_v141.scalars_usize[1];
uint32_t const v144 = info_v141.scalars_usize[2];
uint32_t const v28 = blockIdx.x;
uint32_t const v29 = uint32_t(v28);
uint32_t const v209 = 8;
uint32_t const v32 = v29 * v209;
uint32_t const v33 = threadIdx.y;
uint32_t const v34 = uint32_t(v33);
uint32_t const v35 = v32 + v34;
bool const v36 = v35 >= v143;
if(v36) {
bool const v37 = false;
*inv_return_flag_v151 = v37;
}
bool const v38 = *inv_return_flag_v151;
if(v38) {
uint32_t const v39 = blockIdx.y;
uint32_t const v40 = uint32_t(v39);
uint32_t const v41 = 1;
uint32_t v152_store;
uint32_t * v152 = &v152_store;*v152 = v35;
array<float_4, 1> v153_store = {};
array<float_4, 1> * v153 = &v153_store;float const v48 = 0;
float_4 const v49 = float_4{v48, v48, v48, v48};
float_4 * const v54 = &(*v153)[v3];
*v54 = v49;
uint32_t const v55 = threadIdx.x;
uint32_t const v56 = uint32_t(v55);
uint32_t v154_store;
uint32_t * v154 = &v154_store;*v154 = v56;
while([&]{
uint32_t const v58 = *v154;
bool const v59 = v58 < v142;
return v59;
}()) {
uint32_t const v61 = *v152;
uint32_t const v62 = v61 * v142;
uint32_t const v63 = *v154;
uint32_t const v64 = v62 + v63;
float_4 const* const v68 = &v5[v64];
float_4 const v69 = *v68;
float_4 const v76 = *v54;
uint32_t v157_store;
uint32_t * v157 = &v157_store;*v157 = v40;
bool const v80 = v40 >= v144;
if(v80) {
uint32_t const v82 = v144 - v41;
*v157 = v82;
}
uint32_t const v83 = *v157;
uint32_t const v84 = v83 * v142;
uint32_t const v85 = *v154;
uint32_t const v86 = v84 + v85;
float_4 const* const v90 = &v1[v86];
float_4 const v91 = *v90;
float const v181 = v69.i_0;
float const v182 = v91.i_0;
float const v183 = v181 * v182;
float const v184 = v69.i_1;
float const v185 = v91.i_1;
float const v186 = v184 * v185;
float const v187 = v69.i_2;
float const v188 = v91.i_2;
float const v189 = v187 * v188;
float const v190 = v69.i_3;
float const v191 = v91.i_3;
float const v192 = v190 * v191;
float const v194 = v76.i_0;
float const v196 = v194 + v183;
float const v197 = v76.i_1;
float const v199 = v197 + v186;
float const v200 = v76.i_2;
float const v202 = v200 + v189;
float const v203 = v76.i_3;
float const v205 = v203 + v192;
float_4 const v206 = float_4{v196, v199, v202, v205};
*v54 = v206;
uint32_t const v101 = 32;
uint32_t const v102 = v85 + v101;
*v154 = v102;
}
float_4 const v108 = *v54;
float const v112 = v108.i_0;
float const v115 = v108.i_1;
float const v117 = v112 + v115;
float const v118 = v108.i_2;
float const v120 = v117 + v118;
float const v121 = v108.i_3;
float const v123 = v120 + v121;
uint32_t const v159 = warpSize;
uint32_t const v208 = 256;
uint32_t const v161 = min(v159, v208);
float v178_store;
float * v178 = &v178_store;*v178 = v123;
uint32_t const v163 = 1;
uint32_t v179_store;
uint32_t * v179 = &v179_store;*v179 = v163;
while([&]{
uint32_t const v166 = *v179;
bool const v167 = v166 < v161;
return v167;
}()) {
float const v169 = *v178;
uint32_t const v170 = *v179;
float const v171 = __shfl_xor_sync(__activemask(), v169, v170);
float const v173 = v169 + v171;
*v178 = v173;
uint32_t const v175 = 2;
uint32_t const v176 = v170 * v175;
*v179 = v176;
}
float const v177 = *v178;
uint32_t const v127 = 0;
bool const v128 = v55 == v127;
bool const v131 = v40 < v144;
bool const v132 = v128 && v131;
if(v132) {
uint32_t const v135 = v40 * v143;
uint32_t const v136 = v135 + v35;
float * const v140 = &v21[v136];
*v140 = v177;
}
}
return;
}
