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
extern "C" __global__ void __launch_bounds__(256)  activate_4ec9c97d(float const* const __restrict__ v1, float * const __restrict__ v5, __grid_constant__ info_st const info_v42) {
bool inv_return_flag_v47_store = true;
bool * inv_return_flag_v47 = &inv_return_flag_v47_store;uint32_t const v43 = info_v42.scalars_usize[0];
uint32_t const v44 = info_v42.scalars_usize[1];
uint32_t const v48 = blockIdx.z;
uint32_t const v49 = uint32_t(v48);
uint32_t const v50 = gridDim.y;
uint32_t const v51 = uint32_t(v50);
uint32_t const v52 = v49 * v51;
uint32_t const v53 = gridDim.x;
uint32_t const v54 = uint32_t(v53);
uint32_t const v55 = v52 * v54;
uint32_t const v56 = blockIdx.y;
uint32_t const v57 = uint32_t(v56);
uint32_t const v60 = v57 * v54;
uint32_t const v61 = v55 + v60;
uint32_t const v62 = blockIdx.x;
uint32_t const v63 = uint32_t(v62);
uint32_t const v64 = v61 + v63;
uint32_t const v211 = 256;
uint32_t const v67 = v64 * v211;
uint32_t const v141 = threadIdx.x;
uint32_t const v69 = uint32_t(v141);
uint32_t const v70 = v67 + v69;
bool const v12 = v70 >= v44;
if(v12) {
bool const v13 = false;
*inv_return_flag_v47 = v13;
}
bool const v14 = *inv_return_flag_v47;
if(v14) {
uint32_t const v16 = v70 / v43;
uint32_t const v17 = v16 * v43;
uint32_t const v18 = 2;
uint32_t const v19 = v17 * v18;
uint32_t const v21 = v70 % v43;
uint32_t const v22 = v19 + v21;
float const* const v26 = &v1[v22];
float const v27 = *v26;
float const v28 = 0;
float const v29 = max(v27, v28);
uint32_t const v30 = v22 + v43;
float const* const v34 = &v1[v30];
float const v35 = *v34;
float const v36 = v29 * v35;
float * const v41 = &v5[v70];
*v41 = v36;
}
return;
}
