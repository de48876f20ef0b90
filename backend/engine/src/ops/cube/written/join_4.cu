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
extern "C" __global__ void __launch_bounds__(256)  join_96d0c7c7(float const* const __restrict__ v1, float const* const __restrict__ v5, float * const __restrict__ v9, __grid_constant__ info_st const info_v251) {
bool inv_return_flag_v257_store = true;
bool * inv_return_flag_v257 = &inv_return_flag_v257_store;uint32_t const v252 = info_v251.scalars_usize[0];
uint32_t const v253 = info_v251.scalars_usize[1];
uint32_t const v261 = blockIdx.z;
uint32_t const v262 = uint32_t(v261);
uint32_t const v263 = gridDim.y;
uint32_t const v264 = uint32_t(v263);
uint32_t const v265 = v262 * v264;
uint32_t const v266 = gridDim.x;
uint32_t const v267 = uint32_t(v266);
uint32_t const v268 = v265 * v267;
uint32_t const v269 = blockIdx.y;
uint32_t const v270 = uint32_t(v269);
uint32_t const v273 = v270 * v267;
uint32_t const v274 = v268 + v273;
uint32_t const v275 = blockIdx.x;
uint32_t const v276 = uint32_t(v275);
uint32_t const v277 = v274 + v276;
uint32_t const v544 = 256;
uint32_t const v280 = v277 * v544;
uint32_t const v423 = threadIdx.x;
uint32_t const v282 = uint32_t(v423);
uint32_t const v283 = v280 + v282;
uint32_t const v16 = v252 * v253;
bool const v17 = v283 >= v16;
if(v17) {
bool const v18 = false;
*inv_return_flag_v257 = v18;
}
bool const v19 = *inv_return_flag_v257;
if(v19) {
uint32_t const v21 = v283 / v253;
float const v22 = -1.000000020e+30;
uint32_t const v28 = 2;
uint32_t const v29 = v21 * v28;
float const* const v33 = &v5[v29];
float const v34 = *v33;
float const v36 = max(v22, v34);
uint32_t const v37 = 1;
uint32_t const v39 = v252 + v21;
uint32_t const v41 = v39 * v28;
float const* const v45 = &v5[v41];
float const v46 = *v45;
float const v48 = max(v36, v46);
uint32_t const v50 = v28 * v252;
uint32_t const v51 = v50 + v21;
uint32_t const v53 = v51 * v28;
float const* const v57 = &v5[v53];
float const v58 = *v57;
float const v60 = max(v48, v58);
uint32_t const v61 = 3;
uint32_t const v62 = v61 * v252;
uint32_t const v63 = v62 + v21;
uint32_t const v65 = v63 * v28;
float const* const v69 = &v5[v65];
float const v70 = *v69;
float const v72 = max(v60, v70);
float const v73 = 0;
float const v90 = v34 - v72;
float const v91 = exp(v90);float const* const v100 = &v1[v283];
float const v101 = *v100;
float const v574 = fma(v101, v91, v73);
uint32_t const v111 = v29 + v37;
float const* const v115 = &v5[v111];
float const v116 = *v115;
float const v575 = fma(v116, v91, v73);
float const v131 = v46 - v72;
float const v132 = exp(v131);uint32_t const v137 = v16 + v283;
float const* const v141 = &v1[v137];
float const v142 = *v141;
float const v576 = fma(v142, v132, v574);
uint32_t const v152 = v41 + v37;
float const* const v156 = &v5[v152];
float const v157 = *v156;
float const v577 = fma(v157, v132, v575);
float const v172 = v58 - v72;
float const v173 = exp(v172);uint32_t const v176 = v50 * v253;
uint32_t const v178 = v176 + v283;
float const* const v182 = &v1[v178];
float const v183 = *v182;
float const v578 = fma(v183, v173, v576);
uint32_t const v193 = v53 + v37;
float const* const v197 = &v5[v193];
float const v198 = *v197;
float const v579 = fma(v198, v173, v577);
float const v213 = v70 - v72;
float const v214 = exp(v213);uint32_t const v217 = v62 * v253;
uint32_t const v219 = v217 + v283;
float const* const v223 = &v1[v219];
float const v224 = *v223;
float const v580 = fma(v224, v214, v578);
uint32_t const v234 = v65 + v37;
float const* const v238 = &v5[v234];
float const v239 = *v238;
float const v581 = fma(v239, v214, v579);
float const v245 = v580 / v581;
float * const v250 = &v9[v283];
*v250 = v245;
}
return;
}
