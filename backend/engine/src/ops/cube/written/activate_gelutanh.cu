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
extern "C" __global__ void __launch_bounds__(256)  activate_b94a6c34(float const* const __restrict__ v1, float * const __restrict__ v5, __grid_constant__ info_st const info_v39) {
bool inv_return_flag_v44_store = true;
bool * inv_return_flag_v44 = &inv_return_flag_v44_store;uint32_t const v41 = info_v39.scalars_usize[1];
uint32_t const v45 = blockIdx.z;
uint32_t const v46 = uint32_t(v45);
uint32_t const v47 = gridDim.y;
uint32_t const v48 = uint32_t(v47);
uint32_t const v49 = v46 * v48;
uint32_t const v50 = gridDim.x;
uint32_t const v51 = uint32_t(v50);
uint32_t const v52 = v49 * v51;
uint32_t const v53 = blockIdx.y;
uint32_t const v54 = uint32_t(v53);
uint32_t const v57 = v54 * v51;
uint32_t const v58 = v52 + v57;
uint32_t const v59 = blockIdx.x;
uint32_t const v60 = uint32_t(v59);
uint32_t const v61 = v58 + v60;
uint32_t const v168 = 256;
uint32_t const v64 = v61 * v168;
uint32_t const v115 = threadIdx.x;
uint32_t const v66 = uint32_t(v115);
uint32_t const v67 = v64 + v66;
bool const v12 = v67 >= v41;
if(v12) {
bool const v13 = false;
*inv_return_flag_v44 = v13;
}
bool const v14 = *inv_return_flag_v44;
if(v14) {
float const* const v19 = &v1[v67];
float const v20 = *v19;
float const v21 = 0.0447149985;
float const v22 = v21 * v20;
float const v23 = v22 * v20;
float const v177 = fma(v23, v20, v20);
float const v26 = 0.797884583;
float const v27 = v26 * v177;
float const v28 = 0.5;
float const v29 = v28 * v20;
float const v30 = tanh(v27);float const v31 = 1;
float const v32 = v31 + v30;
float const v33 = v29 * v32;
float * const v38 = &v5[v67];
*v38 = v33;
}
return;
}
