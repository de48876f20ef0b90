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
    uint32_t scalars_usize[4];uint32_t static_meta[4];
};
extern "C" __global__ void __launch_bounds__(32)  best_9247582d(float const* const __restrict__ v1, int32_t * const __restrict__ v5, float * const __restrict__ v9, __grid_constant__ info_st const info_v128) {
bool inv_return_flag_v135_store = true;
bool * inv_return_flag_v135 = &inv_return_flag_v135_store;uint32_t const v3 = 0;
uint32_t const v129 = info_v128.scalars_usize[0];
uint32_t const v130 = info_v128.scalars_usize[1];
uint32_t const v131 = info_v128.scalars_usize[2];
uint32_t const v147 = blockIdx.z;
uint32_t const v148 = uint32_t(v147);
uint32_t const v149 = gridDim.y;
uint32_t const v150 = uint32_t(v149);
uint32_t const v151 = v148 * v150;
uint32_t const v152 = gridDim.x;
uint32_t const v153 = uint32_t(v152);
uint32_t const v154 = v151 * v153;
uint32_t const v155 = blockIdx.y;
uint32_t const v156 = uint32_t(v155);
uint32_t const v159 = v156 * v153;
uint32_t const v160 = v154 + v159;
uint32_t const v161 = blockIdx.x;
uint32_t const v162 = uint32_t(v161);
uint32_t const v163 = v160 + v162;
uint32_t const v270 = 32;
uint32_t const v166 = v163 * v270;
uint32_t const v217 = threadIdx.x;
uint32_t const v168 = uint32_t(v217);
uint32_t const v169 = v166 + v168;
bool const v17 = v169 >= v129;
if(v17) {
bool const v18 = false;
*inv_return_flag_v135 = v18;
}
bool const v19 = *inv_return_flag_v135;
if(v19) {
uint32_t const v21 = v169 * v130;
uint32_t const v23 = v169 * v131;
float const v24 = 3.402823470e+38;
float v136_store;
float * v136 = &v136_store;*v136 = v24;
uint32_t v137_store;
uint32_t * v137 = &v137_store;*v137 = v3;
float const v30 = 0;
float v138_store;
float * v138 = &v138_store;*v138 = v30;
float v139_store;
float * v139 = &v139_store;*v139 = v30;
uint32_t v140_store;
uint32_t * v140 = &v140_store;*v140 = v3;
while([&]{
uint32_t const v39 = *v140;
bool const v40 = v39 < v131;
return v40;
}()) {
float const v42 = -3.402823470e+38;
float v142_store;
float * v142 = &v142_store;*v142 = v42;
uint32_t v143_store;
uint32_t * v143 = &v143_store;*v143 = v3;
uint32_t v144_store;
uint32_t * v144 = &v144_store;*v144 = v3;
while([&]{
uint32_t const v51 = *v144;
bool const v52 = v51 < v130;
return v52;
}()) {
uint32_t const v54 = *v144;
uint32_t const v55 = v21 + v54;
float const* const v59 = &v1[v55];
float const v60 = *v59;
float const v61 = *v136;
bool const v62 = v60 < v61;
bool const v64 = v60 == v61;
uint32_t const v66 = *v137;
bool const v67 = v54 > v66;
bool const v68 = v64 && v67;
bool const v69 = v62 || v68;
float const v70 = *v142;
bool const v71 = v60 > v70;
bool const v72 = v69 && v71;
if(v72) {
*v142 = v60;
*v143 = v54;
}
uint32_t const v75 = 1;
uint32_t const v76 = v54 + v75;
*v144 = v76;
}
uint32_t const v77 = *v140;
bool const v79 = v77 == v3;
if(v79) {
float const v80 = *v142;
*v138 = v80;
}
float const v81 = *v142;
float const v82 = *v138;
float const v83 = v81 - v82;
float const v84 = exp(v83);uint32_t const v85 = *v143;
int32_t const v86 = int32_t(v85);
uint32_t const v88 = v23 + v77;
int32_t * const v92 = &v5[v88];
*v92 = v86;
float * const v98 = &v9[v88];
*v98 = v84;
float const v99 = *v139;
float const v100 = v99 + v84;
*v139 = v100;
*v136 = v81;
*v137 = v85;
uint32_t const v104 = 1;
uint32_t const v105 = v77 + v104;
*v140 = v105;
}
*v140 = v3;
while([&]{
uint32_t const v107 = *v140;
bool const v108 = v107 < v131;
return v108;
}()) {
uint32_t const v110 = *v140;
uint32_t const v111 = v23 + v110;
float * const v115 = &v9[v111];
float const v116 = *v115;
float const v117 = *v139;
float const v118 = v116 / v117;
*v115 = v118;
uint32_t const v126 = 1;
uint32_t const v127 = v110 + v126;
*v140 = v127;
}
}
return;
}
