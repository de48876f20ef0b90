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

struct info_st {
    uint32_t scalars_usize[2];uint32_t static_meta[4];
};
extern "C" __global__ void __launch_bounds__(256)  widen_w_i8_0d0f497f(int8_t const* const __restrict__ v1, __half const* const __restrict__ v5, __half * const __restrict__ v9, __grid_constant__ info_st const info_v41) {
bool inv_return_flag_v46_store = true;
bool * inv_return_flag_v46 = &inv_return_flag_v46_store;uint32_t const v42 = info_v41.scalars_usize[0];
uint32_t const v47 = blockIdx.z;
uint32_t const v48 = uint32_t(v47);
uint32_t const v49 = gridDim.y;
uint32_t const v50 = uint32_t(v49);
uint32_t const v51 = v48 * v50;
uint32_t const v52 = gridDim.x;
uint32_t const v53 = uint32_t(v52);
uint32_t const v54 = v51 * v53;
uint32_t const v55 = blockIdx.y;
uint32_t const v56 = uint32_t(v55);
uint32_t const v59 = v56 * v53;
uint32_t const v60 = v54 + v59;
uint32_t const v61 = blockIdx.x;
uint32_t const v62 = uint32_t(v61);
uint32_t const v63 = v60 + v62;
uint32_t const v210 = 256;
uint32_t const v66 = v63 * v210;
uint32_t const v140 = threadIdx.x;
uint32_t const v68 = uint32_t(v140);
uint32_t const v69 = v66 + v68;
bool const v15 = v69 >= v42;
if(v15) {
bool const v16 = false;
*inv_return_flag_v46 = v16;
}
bool const v17 = *inv_return_flag_v46;
if(v17) {
uint32_t const v19 = 32;
uint32_t const v20 = v69 / v19;
__half const* const v24 = &v5[v20];
__half const v25 = *v24;
float const v26 = float(v25);
int8_t const* const v31 = &v1[v69];
int8_t const v32 = *v31;
float const v33 = float(v32);
float const v34 = v33 * v26;
__half const v35 = __half(v34);
__half * const v40 = &v9[v69];
*v40 = v35;
}
return;
}
