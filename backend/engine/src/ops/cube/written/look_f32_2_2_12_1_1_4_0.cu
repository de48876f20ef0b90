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
float scalars_f32[2];uint32_t static_meta[8];
};
extern "C" __global__ void __launch_bounds__(256)  look_c_f32_ad7e6123(float const* const __restrict__ v1, float const* const __restrict__ v5, float const* const __restrict__ v9, int32_t const* const __restrict__ v13, int32_t const* const __restrict__ v17, float const* const __restrict__ v21, float * const __restrict__ v25, float * const __restrict__ v29, __grid_constant__ info_st const info_v802) {
extern __shared__ __align__(4) char v815[];uint32_t const v3 = 0;
uint32_t const v803 = info_v802.scalars_usize[0];
float const v805 = info_v802.scalars_f32[0];
uint32_t const v37 = threadIdx.x;
uint32_t const v38 = uint32_t(v37);
uint32_t const v39 = threadIdx.y;
uint32_t const v40 = uint32_t(v39);
uint32_t const v41 = blockIdx.x;
uint32_t const v42 = uint32_t(v41);
uint32_t const v43 = 1;
uint32_t const v45 = blockIdx.y;
uint32_t const v46 = uint32_t(v45);
uint32_t const v51 = blockIdx.z;
uint32_t const v52 = uint32_t(v51);
array<float, 1> v820_store = {};
array<float, 1> * v820 = &v820_store;array<float, 1> v821_store = {};
array<float, 1> * v821 = &v821_store;array<float, 1> v822_store = {};
array<float, 1> * v822 = &v822_store;array<float, 1> v823_store = {};
array<float, 1> * v823 = &v823_store;array<uint32_t, 1> v824_store = {};
array<uint32_t, 1> * v824 = &v824_store;bool const v75 = v42 < v803;
uint32_t v825_store;
uint32_t * v825 = &v825_store;if(v75) {
*v825 = v42;
}
 else {
uint32_t const v78 = v803 - v43;
*v825 = v78;
}
uint32_t const v81 = *v825;
int32_t const* const v83 = &v13[v81];
int32_t const v84 = *v83;
uint32_t const v85 = uint32_t(v84);
uint32_t * const v90 = &(*v824)[v3];
*v90 = v85;
float * const v95 = &(*v822)[v3];
float const v96 = -1.000000020e+30;
*v95 = v96;
float * const v101 = &(*v823)[v3];
float const v102 = 0;
*v101 = v102;
uint32_t const v104 = 2;
uint32_t const v105 = v81 * v104;
uint32_t const v106 = v105 + v46;
uint32_t const v109 = 12;
uint32_t const v110 = v106 * v109;
float v826_store;
float * v826 = &v826_store;*v826 = v102;
bool const v117 = v38 < v109;
if(v117) {
uint32_t const v118 = v110 + v38;
float const* const v122 = &v1[v118];
float const v123 = *v122;
float const v124 = v123 * v805;
*v826 = v124;
}
float * const v129 = &(*v820)[v3];
float const v130 = *v826;
*v129 = v130;
float * const v135 = &(*v821)[v3];
*v135 = v102;
int32_t const* const v140 = &v17[v42];
int32_t const v141 = *v140;
uint32_t const v142 = uint32_t(v141);
int32_t const* const v146 = &v13[v42];
int32_t const v147 = *v146;
uint32_t const v148 = uint32_t(v147);
uint32_t const v149 = v142 - v148;
uint32_t const v155 = *v90;
uint32_t const v157 = v155 + v43;
uint32_t const v163 = 4;
uint32_t const v164 = v157 + v163;
uint32_t const v166 = v164 - v43;
uint32_t const v168 = v166 / v163;
uint32_t const v169 = v52 * v168;
uint32_t const v172 = v169 + v168;
uint32_t v828_store;
uint32_t * v828 = &v828_store;*v828 = v172;
uint32_t const v174 = *v828;
bool const v175 = v174 > v157;
if(v175) {
*v828 = v157;
}
uint32_t const v176 = v169 + v40;
uint32_t v829_store;
uint32_t * v829 = &v829_store;*v829 = v176;
while([&]{
uint32_t const v178 = *v829;
uint32_t const v179 = *v828;
bool const v180 = v178 < v179;
return v180;
}()) {
uint32_t const v182 = *v829;
uint32_t const v183 = v149 + v182;
uint32_t const v184 = 24;
uint32_t const v185 = v183 * v184;
uint32_t const v187 = v46 * v109;
uint32_t const v188 = v185 + v187;
array<float, 1> v831_store = {};
array<float, 1> * v831 = &v831_store;array<float, 1> v832_store = {};
array<float, 1> * v832 = &v832_store;float v833_store;
float * v833 = &v833_store;*v833 = v102;
float v834_store;
float * v834 = &v834_store;*v834 = v102;
if(v117) {
uint32_t const v207 = v188 + v38;
float const* const v211 = &v5[v207];
float const v212 = *v211;
*v833 = v212;
float const* const v217 = &v9[v207];
float const v218 = *v217;
*v834 = v218;
}
float * const v223 = &(*v831)[v3];
float const v224 = *v833;
*v223 = v224;
float * const v229 = &(*v832)[v3];
float const v230 = *v834;
*v229 = v230;
uint32_t const v236 = *v90;
uint32_t const v237 = *v829;
bool const v238 = v237 <= v236;
if(v238) {
float const v249 = *v129;
float const v255 = *v223;
float const v919 = fma(v249, v255, v102);
uint32_t const v837 = warpSize;
uint32_t const v864 = 256;
uint32_t const v839 = min(v837, v864);
float v861_store;
float * v861 = &v861_store;*v861 = v919;
uint32_t const v841 = 1;
uint32_t v862_store;
uint32_t * v862 = &v862_store;*v862 = v841;
while([&]{
uint32_t const v844 = *v862;
bool const v845 = v844 < v839;
return v845;
}()) {
float const v847 = *v861;
uint32_t const v848 = *v862;
float const v849 = __shfl_xor_sync(__activemask(), v847, v848);
float const v851 = v847 + v849;
*v861 = v851;
uint32_t const v853 = 2;
uint32_t const v854 = v848 * v853;
*v862 = v854;
}
float const v855 = *v861;
float const v266 = *v95;
float const v268 = max(v266, v855);
float const v275 = v266 - v268;
float const v276 = exp(v275);float const v278 = v855 - v268;
float const v279 = exp(v278);*v95 = v268;
float const v290 = *v101;
float const v920 = fma(v290, v276, v279);
*v101 = v920;
float const v303 = *v135;
float const v310 = *v229;
float const v311 = v279 * v310;
float const v921 = fma(v303, v276, v311);
*v135 = v921;
}
uint32_t const v318 = *v829;
uint32_t const v319 = 8;
uint32_t const v320 = v318 + v319;
*v829 = v320;
}
array<float, 8> * const v816 = reinterpret_cast<array<float, 8> *>(&v815[0]);
array<float, 8> * const v818 = reinterpret_cast<array<float, 8> *>(&v815[32]);
array<float, 96> * const v817 = reinterpret_cast<array<float, 96> *>(&v815[64]);
bool const v334 = v38 == v3;
if(v334) {
float const v340 = *v95;
float * const v344 = &(*v816)[v40];
*v344 = v340;
float const v350 = *v101;
float * const v354 = &(*v818)[v40];
*v354 = v350;
}
if(v117) {
float const v364 = *v135;
uint32_t const v366 = v40 * v109;
uint32_t const v367 = v366 + v38;
float * const v371 = &(*v817)[v367];
*v371 = v364;
}
__syncthreads();
float v856_store;
float * v856 = &v856_store;*v856 = v96;
float * const v379 = &(*v816)[v3];
float const v380 = *v379;
float const v381 = *v856;
float const v382 = max(v381, v380);
*v856 = v382;
float * const v387 = &(*v816)[v43];
float const v388 = *v387;
float const v389 = *v856;
float const v390 = max(v389, v388);
*v856 = v390;
float * const v395 = &(*v816)[v104];
float const v396 = *v395;
float const v397 = *v856;
float const v398 = max(v397, v396);
*v856 = v398;
uint32_t const v401 = 3;
float * const v403 = &(*v816)[v401];
float const v404 = *v403;
float const v405 = *v856;
float const v406 = max(v405, v404);
*v856 = v406;
float * const v411 = &(*v816)[v163];
float const v412 = *v411;
float const v413 = *v856;
float const v414 = max(v413, v412);
*v856 = v414;
uint32_t const v417 = 5;
float * const v419 = &(*v816)[v417];
float const v420 = *v419;
float const v421 = *v856;
float const v422 = max(v421, v420);
*v856 = v422;
uint32_t const v425 = 6;
float * const v427 = &(*v816)[v425];
float const v428 = *v427;
float const v429 = *v856;
float const v430 = max(v429, v428);
*v856 = v430;
uint32_t const v433 = 7;
float * const v435 = &(*v816)[v433];
float const v436 = *v435;
float const v437 = *v856;
float const v438 = max(v437, v436);
*v856 = v438;
float v857_store;
float * v857 = &v857_store;*v857 = v102;
float * const v446 = &(*v818)[v3];
float const v447 = *v446;
float const v453 = *v379;
float const v454 = *v856;
float const v455 = v453 - v454;
float const v456 = exp(v455);float const v458 = *v857;
float const v922 = fma(v447, v456, v458);
*v857 = v922;
float * const v464 = &(*v818)[v43];
float const v465 = *v464;
float const v471 = *v387;
float const v473 = v471 - v454;
float const v474 = exp(v473);float const v476 = *v857;
float const v923 = fma(v465, v474, v476);
*v857 = v923;
float * const v482 = &(*v818)[v104];
float const v483 = *v482;
float const v489 = *v395;
float const v491 = v489 - v454;
float const v492 = exp(v491);float const v494 = *v857;
float const v924 = fma(v483, v492, v494);
*v857 = v924;
float * const v500 = &(*v818)[v401];
float const v501 = *v500;
float const v507 = *v403;
float const v509 = v507 - v454;
float const v510 = exp(v509);float const v512 = *v857;
float const v925 = fma(v501, v510, v512);
*v857 = v925;
float * const v518 = &(*v818)[v163];
float const v519 = *v518;
float const v525 = *v411;
float const v527 = v525 - v454;
float const v528 = exp(v527);float const v530 = *v857;
float const v926 = fma(v519, v528, v530);
*v857 = v926;
float * const v536 = &(*v818)[v417];
float const v537 = *v536;
float const v543 = *v419;
float const v545 = v543 - v454;
float const v546 = exp(v545);float const v548 = *v857;
float const v927 = fma(v537, v546, v548);
*v857 = v927;
float * const v554 = &(*v818)[v425];
float const v555 = *v554;
float const v561 = *v427;
float const v563 = v561 - v454;
float const v564 = exp(v563);float const v566 = *v857;
float const v928 = fma(v555, v564, v566);
*v857 = v928;
float * const v572 = &(*v818)[v433];
float const v573 = *v572;
float const v579 = *v435;
float const v581 = v579 - v454;
float const v582 = exp(v581);float const v584 = *v857;
float const v929 = fma(v573, v582, v584);
*v857 = v929;
if(v75) {
uint32_t const v589 = v52 * v803;
uint32_t const v590 = v589 + v42;
uint32_t const v594 = v590 * v104;
uint32_t const v595 = v594 + v46;
uint32_t const v598 = 32;
uint32_t const v599 = v40 * v598;
uint32_t const v600 = v599 + v38;
uint32_t v858_store;
uint32_t * v858 = &v858_store;*v858 = v600;
while([&]{
uint32_t const v602 = *v858;
bool const v604 = v602 < v109;
return v604;
}()) {
uint32_t const v610 = *v858;
float * const v615 = &(*v817)[v610];
float const v616 = *v615;
float const v622 = *v379;
float const v623 = *v856;
float const v624 = v622 - v623;
float const v625 = exp(v624);float const v930 = fma(v616, v625, v102);
uint32_t const v631 = v109 + v610;
float * const v635 = &(*v817)[v631];
float const v636 = *v635;
float const v642 = *v387;
float const v644 = v642 - v623;
float const v645 = exp(v644);float const v931 = fma(v636, v645, v930);
uint32_t const v649 = 24;
uint32_t const v651 = v649 + v610;
float * const v655 = &(*v817)[v651];
float const v656 = *v655;
float const v662 = *v395;
float const v664 = v662 - v623;
float const v665 = exp(v664);float const v932 = fma(v656, v665, v931);
uint32_t const v669 = 36;
uint32_t const v671 = v669 + v610;
float * const v675 = &(*v817)[v671];
float const v676 = *v675;
float const v682 = *v403;
float const v684 = v682 - v623;
float const v685 = exp(v684);float const v933 = fma(v676, v685, v932);
uint32_t const v689 = 48;
uint32_t const v691 = v689 + v610;
float * const v695 = &(*v817)[v691];
float const v696 = *v695;
float const v702 = *v411;
float const v704 = v702 - v623;
float const v705 = exp(v704);float const v934 = fma(v696, v705, v933);
uint32_t const v709 = 60;
uint32_t const v711 = v709 + v610;
float * const v715 = &(*v817)[v711];
float const v716 = *v715;
float const v722 = *v419;
float const v724 = v722 - v623;
float const v725 = exp(v724);float const v935 = fma(v716, v725, v934);
uint32_t const v729 = 72;
uint32_t const v731 = v729 + v610;
float * const v735 = &(*v817)[v731];
float const v736 = *v735;
float const v742 = *v427;
float const v744 = v742 - v623;
float const v745 = exp(v744);float const v936 = fma(v736, v745, v935);
uint32_t const v749 = 84;
uint32_t const v751 = v749 + v610;
float * const v755 = &(*v817)[v751];
float const v756 = *v755;
float const v762 = *v435;
float const v764 = v762 - v623;
float const v765 = exp(v764);float const v937 = fma(v756, v765, v936);
uint32_t const v770 = v595 * v109;
uint32_t const v772 = v770 + v610;
float * const v776 = &v25[v772];
*v776 = v937;
uint32_t const v779 = 256;
uint32_t const v780 = v610 + v779;
*v858 = v780;
}
bool const v782 = v40 == v3;
bool const v785 = v782 && v334;
if(v785) {
uint32_t const v787 = v595 * v104;
float * const v791 = &v29[v787];
float const v792 = *v856;
*v791 = v792;
uint32_t const v796 = v787 + v43;
float * const v800 = &v29[v796];
float const v801 = *v857;
*v800 = v801;
}
}
__syncthreads();
return;
}
