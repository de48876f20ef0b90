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
    uint32_t scalars_usize[2];uint32_t static_meta[2];
};
extern "C" __global__ void __launch_bounds__(256)  activate_8a09645a(float const* const __restrict__ v1, float * const __restrict__ v5, __grid_constant__ info_st const info_v28) {
bool inv_return_flag_v33_store = true;
bool * inv_return_flag_v33 = &inv_return_flag_v33_store;uint32_t const v30 = info_v28.scalars_usize[1];
uint32_t const v34 = blockIdx.z;
uint32_t const v35 = uint32_t(v34);
uint32_t const v36 = gridDim.y;
uint32_t const v37 = uint32_t(v36);
uint32_t const v38 = v35 * v37;
uint32_t const v39 = gridDim.x;
uint32_t const v40 = uint32_t(v39);
uint32_t const v41 = v38 * v40;
uint32_t const v42 = blockIdx.y;
uint32_t const v43 = uint32_t(v42);
uint32_t const v46 = v43 * v40;
uint32_t const v47 = v41 + v46;
uint32_t const v48 = blockIdx.x;
uint32_t const v49 = uint32_t(v48);
uint32_t const v50 = v47 + v49;
uint32_t const v157 = 256;
uint32_t const v53 = v50 * v157;
uint32_t const v104 = threadIdx.x;
uint32_t const v55 = uint32_t(v104);
uint32_t const v56 = v53 + v55;
bool const v12 = v56 >= v30;
if(v12) {
bool const v13 = false;
*inv_return_flag_v33 = v13;
}
bool const v14 = *inv_return_flag_v33;
if(v14) {
float const* const v19 = &v1[v56];
float const v20 = *v19;
float const v21 = 0;
float const v22 = max(v20, v21);
float * const v27 = &v5[v56];
*v27 = v22;
}
return;
}
