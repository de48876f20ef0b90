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
extern "C" __global__ void __launch_bounds__(256)  activate_7063d5c4(float const* const __restrict__ v1, float * const __restrict__ v5, __grid_constant__ info_st const info_v53) {
bool inv_return_flag_v58_store = true;
bool * inv_return_flag_v58 = &inv_return_flag_v58_store;uint32_t const v54 = info_v53.scalars_usize[0];
uint32_t const v55 = info_v53.scalars_usize[1];
uint32_t const v59 = blockIdx.z;
uint32_t const v60 = uint32_t(v59);
uint32_t const v61 = gridDim.y;
uint32_t const v62 = uint32_t(v61);
uint32_t const v63 = v60 * v62;
uint32_t const v64 = gridDim.x;
uint32_t const v65 = uint32_t(v64);
uint32_t const v66 = v63 * v65;
uint32_t const v67 = blockIdx.y;
uint32_t const v68 = uint32_t(v67);
uint32_t const v71 = v68 * v65;
uint32_t const v72 = v66 + v71;
uint32_t const v73 = blockIdx.x;
uint32_t const v74 = uint32_t(v73);
uint32_t const v75 = v72 + v74;
uint32_t const v222 = 256;
uint32_t const v78 = v75 * v222;
uint32_t const v152 = threadIdx.x;
uint32_t const v80 = uint32_t(v152);
uint32_t const v81 = v78 + v80;
bool const v12 = v81 >= v55;
if(v12) {
bool const v13 = false;
*inv_return_flag_v58 = v13;
}
bool const v14 = *inv_return_flag_v58;
if(v14) {
uint32_t const v16 = v81 / v54;
uint32_t const v17 = v16 * v54;
uint32_t const v18 = 2;
uint32_t const v19 = v17 * v18;
uint32_t const v21 = v81 % v54;
uint32_t const v22 = v19 + v21;
float const* const v26 = &v1[v22];
float const v27 = *v26;
float const v28 = 0.0447149985;
float const v29 = v28 * v27;
float const v30 = v29 * v27;
float const v235 = fma(v30, v27, v27);
float const v33 = 0.797884583;
float const v34 = v33 * v235;
float const v35 = 0.5;
float const v36 = v35 * v27;
float const v37 = tanh(v34);float const v38 = 1;
float const v39 = v38 + v37;
float const v40 = v36 * v39;
uint32_t const v41 = v22 + v54;
float const* const v45 = &v1[v41];
float const v46 = *v45;
float const v47 = v40 * v46;
float * const v52 = &v5[v81];
*v52 = v47;
}
return;
}
