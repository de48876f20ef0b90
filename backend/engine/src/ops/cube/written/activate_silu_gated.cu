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
extern "C" __global__ void __launch_bounds__(256)  activate_4ba96326(float const* const __restrict__ v1, float * const __restrict__ v5, __grid_constant__ info_st const info_v45) {
bool inv_return_flag_v50_store = true;
bool * inv_return_flag_v50 = &inv_return_flag_v50_store;uint32_t const v46 = info_v45.scalars_usize[0];
uint32_t const v47 = info_v45.scalars_usize[1];
uint32_t const v51 = blockIdx.z;
uint32_t const v52 = uint32_t(v51);
uint32_t const v53 = gridDim.y;
uint32_t const v54 = uint32_t(v53);
uint32_t const v55 = v52 * v54;
uint32_t const v56 = gridDim.x;
uint32_t const v57 = uint32_t(v56);
uint32_t const v58 = v55 * v57;
uint32_t const v59 = blockIdx.y;
uint32_t const v60 = uint32_t(v59);
uint32_t const v63 = v60 * v57;
uint32_t const v64 = v58 + v63;
uint32_t const v65 = blockIdx.x;
uint32_t const v66 = uint32_t(v65);
uint32_t const v67 = v64 + v66;
uint32_t const v214 = 256;
uint32_t const v70 = v67 * v214;
uint32_t const v144 = threadIdx.x;
uint32_t const v72 = uint32_t(v144);
uint32_t const v73 = v70 + v72;
bool const v12 = v73 >= v47;
if(v12) {
bool const v13 = false;
*inv_return_flag_v50 = v13;
}
bool const v14 = *inv_return_flag_v50;
if(v14) {
uint32_t const v16 = v73 / v46;
uint32_t const v17 = v16 * v46;
uint32_t const v18 = 2;
uint32_t const v19 = v17 * v18;
uint32_t const v21 = v73 % v46;
uint32_t const v22 = v19 + v21;
float const* const v26 = &v1[v22];
float const v27 = *v26;
float const v28 = -v27;
float const v29 = exp(v28);float const v30 = 1;
float const v31 = v30 + v29;
float const v32 = v27 / v31;
uint32_t const v33 = v22 + v46;
float const* const v37 = &v1[v33];
float const v38 = *v37;
float const v39 = v32 * v38;
float * const v44 = &v5[v73];
*v44 = v39;
}
return;
}
