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
    uint32_t scalars_usize[2];uint32_t static_meta[4];
};
extern "C" __global__ void __launch_bounds__(256)  join_222f8f18(float const* const __restrict__ v1, float const* const __restrict__ v5, float * const __restrict__ v9, __grid_constant__ info_st const info_v145) {
bool inv_return_flag_v151_store = true;
bool * inv_return_flag_v151 = &inv_return_flag_v151_store;uint32_t const v146 = info_v145.scalars_usize[0];
uint32_t const v147 = info_v145.scalars_usize[1];
uint32_t const v155 = blockIdx.z;
uint32_t const v156 = uint32_t(v155);
uint32_t const v157 = gridDim.y;
uint32_t const v158 = uint32_t(v157);
uint32_t const v159 = v156 * v158;
uint32_t const v160 = gridDim.x;
uint32_t const v161 = uint32_t(v160);
uint32_t const v162 = v159 * v161;
uint32_t const v163 = blockIdx.y;
uint32_t const v164 = uint32_t(v163);
uint32_t const v167 = v164 * v161;
uint32_t const v168 = v162 + v167;
uint32_t const v169 = blockIdx.x;
uint32_t const v170 = uint32_t(v169);
uint32_t const v171 = v168 + v170;
uint32_t const v358 = 256;
uint32_t const v174 = v171 * v358;
uint32_t const v271 = threadIdx.x;
uint32_t const v176 = uint32_t(v271);
uint32_t const v177 = v174 + v176;
uint32_t const v16 = v146 * v147;
bool const v17 = v177 >= v16;
if(v17) {
bool const v18 = false;
*inv_return_flag_v151 = v18;
}
bool const v19 = *inv_return_flag_v151;
if(v19) {
uint32_t const v21 = v177 / v147;
float const v22 = -1.000000020e+30;
uint32_t const v28 = 2;
uint32_t const v29 = v21 * v28;
float const* const v33 = &v5[v29];
float const v34 = *v33;
float const v36 = max(v22, v34);
uint32_t const v37 = 1;
uint32_t const v39 = v146 + v21;
uint32_t const v41 = v39 * v28;
float const* const v45 = &v5[v41];
float const v46 = *v45;
float const v48 = max(v36, v46);
float const v49 = 0;
float const v66 = v34 - v48;
float const v67 = exp(v66);float const* const v76 = &v1[v177];
float const v77 = *v76;
float const v380 = fma(v77, v67, v49);
uint32_t const v87 = v29 + v37;
float const* const v91 = &v5[v87];
float const v92 = *v91;
float const v381 = fma(v92, v67, v49);
float const v107 = v46 - v48;
float const v108 = exp(v107);uint32_t const v113 = v16 + v177;
float const* const v117 = &v1[v113];
float const v118 = *v117;
float const v382 = fma(v118, v108, v380);
uint32_t const v128 = v41 + v37;
float const* const v132 = &v5[v128];
float const v133 = *v132;
float const v383 = fma(v133, v108, v381);
float const v139 = v382 / v383;
float * const v144 = &v9[v177];
*v144 = v139;
}
return;
}
