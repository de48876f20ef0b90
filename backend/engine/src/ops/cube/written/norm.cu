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
    uint32_t scalars_usize[2];
float scalars_f32[2];uint32_t static_meta[6];
};
extern "C" __global__ void __launch_bounds__(256)  norm_4cdacf37(float const* const __restrict__ v1, float const* const __restrict__ v5, float const* const __restrict__ v9, float const* const __restrict__ v13, float * const __restrict__ v17, float const* const __restrict__ v21, __grid_constant__ info_st const info_v190) {
extern __shared__ __align__(4) char v200[];uint32_t const v3 = 0;
uint32_t const v191 = info_v190.scalars_usize[0];
uint32_t const v192 = info_v190.scalars_usize[1];
float const v193 = info_v190.scalars_f32[0];
uint32_t const v28 = blockIdx.x;
uint32_t const v29 = uint32_t(v28);
uint32_t const v30 = v29 * v191;
float const v31 = 0;
float v203_store;
float * v203 = &v203_store;*v203 = v31;
float v204_store;
float * v204 = &v204_store;*v204 = v31;
uint32_t const v37 = threadIdx.x;
uint32_t const v38 = uint32_t(v37);
uint32_t v205_store;
uint32_t * v205 = &v205_store;*v205 = v38;
while([&]{
uint32_t const v40 = *v205;
bool const v41 = v40 < v191;
return v41;
}()) {
uint32_t const v43 = *v205;
uint32_t const v44 = v30 + v43;
float const* const v48 = &v1[v44];
float const v49 = *v48;
float const v52 = *v203;
float const v53 = v49 - v52;
float const v55 = *v204;
float const v243 = fma(v53, v53, v55);
*v204 = v243;
uint32_t const v58 = 256;
uint32_t const v59 = v43 + v58;
*v205 = v59;
}
array<float, 8> * const v201 = reinterpret_cast<array<float, 8> *>(&v200[0]);
float const v64 = *v204;
uint32_t const v208 = warpSize;
uint32_t const v234 = 256;
uint32_t const v210 = min(v208, v234);
float v231_store;
float * v231 = &v231_store;*v231 = v64;
uint32_t const v212 = 1;
uint32_t v232_store;
uint32_t * v232 = &v232_store;*v232 = v212;
while([&]{
uint32_t const v215 = *v232;
bool const v216 = v215 < v210;
return v216;
}()) {
float const v218 = *v231;
uint32_t const v219 = *v232;
float const v220 = __shfl_xor_sync(__activemask(), v218, v219);
float const v222 = v218 + v220;
*v231 = v222;
uint32_t const v224 = 2;
uint32_t const v225 = v219 * v224;
*v232 = v225;
}
float const v226 = *v231;
uint32_t const v68 = 32;
uint32_t const v69 = v38 % v68;
bool const v71 = v69 == v3;
if(v71) {
uint32_t const v75 = v38 / v68;
float * const v79 = &(*v201)[v75];
*v79 = v226;
}
__syncthreads();
float * const v87 = &(*v201)[v3];
float const v88 = *v87;
uint32_t const v93 = 1;
float * const v95 = &(*v201)[v93];
float const v96 = *v95;
float const v98 = v88 + v96;
uint32_t const v101 = 2;
float * const v103 = &(*v201)[v101];
float const v104 = *v103;
float const v106 = v98 + v104;
uint32_t const v109 = 3;
float * const v111 = &(*v201)[v109];
float const v112 = *v111;
float const v114 = v106 + v112;
uint32_t const v117 = 4;
float * const v119 = &(*v201)[v117];
float const v120 = *v119;
float const v122 = v114 + v120;
uint32_t const v125 = 5;
float * const v127 = &(*v201)[v125];
float const v128 = *v127;
float const v130 = v122 + v128;
uint32_t const v133 = 6;
float * const v135 = &(*v201)[v133];
float const v136 = *v135;
float const v138 = v130 + v136;
uint32_t const v141 = 7;
float * const v143 = &(*v201)[v141];
float const v144 = *v143;
float const v146 = v138 + v144;
__syncthreads();
float const v147 = float(v191);
float const v149 = v146 / v147;
float const v150 = v149 + v193;
float const v151 = sqrt(v150);float const v152 = 1;
float const v153 = v152 / v151;
uint32_t v228_store;
uint32_t * v228 = &v228_store;*v228 = v38;
while([&]{
uint32_t const v157 = *v228;
bool const v158 = v157 < v191;
return v158;
}()) {
uint32_t const v160 = *v228;
uint32_t const v161 = v30 + v160;
uint32_t const v162 = v161 % v192;
float const* const v168 = &v1[v161];
float const v169 = *v168;
float const v172 = *v203;
float const v173 = v169 - v172;
float const v174 = v173 * v153;
float const* const v178 = &v9[v162];
float const v179 = *v178;
float const v180 = v174 * v179;
float * const v186 = &v17[v161];
*v186 = v180;
uint32_t const v188 = 256;
uint32_t const v189 = v160 + v188;
*v228 = v189;
}
return;
}
