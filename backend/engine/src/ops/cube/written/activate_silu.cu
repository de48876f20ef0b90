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
extern "C" __global__ void __launch_bounds__(256)  activate_969f4485(float const* const __restrict__ v1, float * const __restrict__ v5, __grid_constant__ info_st const info_v31) {
bool inv_return_flag_v36_store = true;
bool * inv_return_flag_v36 = &inv_return_flag_v36_store;uint32_t const v33 = info_v31.scalars_usize[1];
uint32_t const v37 = blockIdx.z;
uint32_t const v38 = uint32_t(v37);
uint32_t const v39 = gridDim.y;
uint32_t const v40 = uint32_t(v39);
uint32_t const v41 = v38 * v40;
uint32_t const v42 = gridDim.x;
uint32_t const v43 = uint32_t(v42);
uint32_t const v44 = v41 * v43;
uint32_t const v45 = blockIdx.y;
uint32_t const v46 = uint32_t(v45);
uint32_t const v49 = v46 * v43;
uint32_t const v50 = v44 + v49;
uint32_t const v51 = blockIdx.x;
uint32_t const v52 = uint32_t(v51);
uint32_t const v53 = v50 + v52;
uint32_t const v160 = 256;
uint32_t const v56 = v53 * v160;
uint32_t const v107 = threadIdx.x;
uint32_t const v58 = uint32_t(v107);
uint32_t const v59 = v56 + v58;
bool const v12 = v59 >= v33;
if(v12) {
bool const v13 = false;
*inv_return_flag_v36 = v13;
}
bool const v14 = *inv_return_flag_v36;
if(v14) {
float const* const v19 = &v1[v59];
float const v20 = *v19;
float const v21 = -v20;
float const v22 = exp(v21);float const v23 = 1;
float const v24 = v23 + v22;
float const v25 = v20 / v24;
float * const v30 = &v5[v59];
*v30 = v25;
}
return;
}
