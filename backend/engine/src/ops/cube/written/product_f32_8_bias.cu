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
struct alignas(16) float_4 { float i_0; float i_1; float i_2; float i_3; };

struct info_st {
    uint32_t scalars_usize[4];uint32_t static_meta[6];
};
extern "C" __global__ void __launch_bounds__(256)  product_w_f32_n_4_0b275caf(float_4 const* const __restrict__ v1, float_4 const* const __restrict__ v5, __half const* const __restrict__ v9, float const* const __restrict__ v13, int32_t const* const __restrict__ v17, float * const __restrict__ v21, __grid_constant__ info_st const info_v707) {
bool inv_return_flag_v717_store = true;
bool * inv_return_flag_v717 = &inv_return_flag_v717_store;uint32_t const v3 = 0;
uint32_t const v708 = info_v707.scalars_usize[0];
uint32_t const v709 = info_v707.scalars_usize[1];
uint32_t const v710 = info_v707.scalars_usize[2];
uint32_t const v28 = blockIdx.x;
uint32_t const v29 = uint32_t(v28);
uint32_t const v1132 = 8;
uint32_t const v32 = v29 * v1132;
uint32_t const v33 = threadIdx.y;
uint32_t const v34 = uint32_t(v33);
uint32_t const v35 = v32 + v34;
bool const v36 = v35 >= v709;
if(v36) {
bool const v37 = false;
*inv_return_flag_v717 = v37;
}
bool const v38 = *inv_return_flag_v717;
if(v38) {
uint32_t const v39 = blockIdx.y;
uint32_t const v40 = uint32_t(v39);
uint32_t const v42 = v40 * v1132;
uint32_t v718_store;
uint32_t * v718 = &v718_store;*v718 = v35;
array<float_4, 8> v719_store = {};
array<float_4, 8> * v719 = &v719_store;float const v48 = 0;
float_4 const v49 = float_4{v48, v48, v48, v48};
float_4 * const v54 = &(*v719)[v3];
*v54 = v49;
uint32_t const v59 = 1;
float_4 * const v61 = &(*v719)[v59];
*v61 = v49;
uint32_t const v66 = 2;
float_4 * const v68 = &(*v719)[v66];
*v68 = v49;
uint32_t const v73 = 3;
float_4 * const v75 = &(*v719)[v73];
*v75 = v49;
uint32_t const v80 = 4;
float_4 * const v82 = &(*v719)[v80];
*v82 = v49;
uint32_t const v87 = 5;
float_4 * const v89 = &(*v719)[v87];
*v89 = v49;
uint32_t const v94 = 6;
float_4 * const v96 = &(*v719)[v94];
*v96 = v49;
uint32_t const v101 = 7;
float_4 * const v103 = &(*v719)[v101];
*v103 = v49;
uint32_t const v104 = threadIdx.x;
uint32_t const v105 = uint32_t(v104);
uint32_t v720_store;
uint32_t * v720 = &v720_store;*v720 = v105;
while([&]{
uint32_t const v107 = *v720;
bool const v108 = v107 < v708;
return v108;
}()) {
uint32_t const v110 = *v718;
uint32_t const v111 = v110 * v708;
uint32_t const v112 = *v720;
uint32_t const v113 = v111 + v112;
float_4 const* const v117 = &v5[v113];
float_4 const v118 = *v117;
float_4 const v125 = *v54;
uint32_t v723_store;
uint32_t * v723 = &v723_store;*v723 = v42;
bool const v129 = v42 >= v710;
if(v129) {
uint32_t const v131 = v710 - v59;
*v723 = v131;
}
uint32_t const v132 = *v723;
uint32_t const v133 = v132 * v708;
uint32_t const v134 = *v720;
uint32_t const v135 = v133 + v134;
float_4 const* const v139 = &v1[v135];
float_4 const v140 = *v139;
float const v915 = v118.i_0;
float const v916 = v140.i_0;
float const v917 = v915 * v916;
float const v918 = v118.i_1;
float const v919 = v140.i_1;
float const v920 = v918 * v919;
float const v921 = v118.i_2;
float const v922 = v140.i_2;
float const v923 = v921 * v922;
float const v924 = v118.i_3;
float const v925 = v140.i_3;
float const v926 = v924 * v925;
float const v928 = v125.i_0;
float const v930 = v928 + v917;
float const v931 = v125.i_1;
float const v933 = v931 + v920;
float const v934 = v125.i_2;
float const v936 = v934 + v923;
float const v937 = v125.i_3;
float const v939 = v937 + v926;
float_4 const v940 = float_4{v930, v933, v936, v939};
*v54 = v940;
float_4 const v154 = *v61;
uint32_t const v156 = v42 + v59;
uint32_t v724_store;
uint32_t * v724 = &v724_store;*v724 = v156;
bool const v158 = v156 >= v710;
if(v158) {
uint32_t const v160 = v710 - v59;
*v724 = v160;
}
uint32_t const v161 = *v724;
uint32_t const v162 = v161 * v708;
uint32_t const v163 = *v720;
uint32_t const v164 = v162 + v163;
float_4 const* const v168 = &v1[v164];
float_4 const v169 = *v168;
float const v942 = v169.i_0;
float const v943 = v915 * v942;
float const v945 = v169.i_1;
float const v946 = v918 * v945;
float const v948 = v169.i_2;
float const v949 = v921 * v948;
float const v951 = v169.i_3;
float const v952 = v924 * v951;
float const v954 = v154.i_0;
float const v956 = v954 + v943;
float const v957 = v154.i_1;
float const v959 = v957 + v946;
float const v960 = v154.i_2;
float const v962 = v960 + v949;
float const v963 = v154.i_3;
float const v965 = v963 + v952;
float_4 const v966 = float_4{v956, v959, v962, v965};
*v61 = v966;
float_4 const v183 = *v68;
uint32_t const v185 = v42 + v66;
uint32_t v725_store;
uint32_t * v725 = &v725_store;*v725 = v185;
bool const v187 = v185 >= v710;
if(v187) {
uint32_t const v189 = v710 - v59;
*v725 = v189;
}
uint32_t const v190 = *v725;
uint32_t const v191 = v190 * v708;
uint32_t const v192 = *v720;
uint32_t const v193 = v191 + v192;
float_4 const* const v197 = &v1[v193];
float_4 const v198 = *v197;
float const v968 = v198.i_0;
float const v969 = v915 * v968;
float const v971 = v198.i_1;
float const v972 = v918 * v971;
float const v974 = v198.i_2;
float const v975 = v921 * v974;
float const v977 = v198.i_3;
float const v978 = v924 * v977;
float const v980 = v183.i_0;
float const v982 = v980 + v969;
float const v983 = v183.i_1;
float const v985 = v983 + v972;
float const v986 = v183.i_2;
float const v988 = v986 + v975;
float const v989 = v183.i_3;
float const v991 = v989 + v978;
float_4 const v992 = float_4{v982, v985, v988, v991};
*v68 = v992;
float_4 const v212 = *v75;
uint32_t const v214 = v42 + v73;
uint32_t v726_store;
uint32_t * v726 = &v726_store;*v726 = v214;
bool const v216 = v214 >= v710;
if(v216) {
uint32_t const v218 = v710 - v59;
*v726 = v218;
}
uint32_t const v219 = *v726;
uint32_t const v220 = v219 * v708;
uint32_t const v221 = *v720;
uint32_t const v222 = v220 + v221;
float_4 const* const v226 = &v1[v222];
float_4 const v227 = *v226;
float const v994 = v227.i_0;
float const v995 = v915 * v994;
float const v997 = v227.i_1;
float const v998 = v918 * v997;
float const v1000 = v227.i_2;
float const v1001 = v921 * v1000;
float const v1003 = v227.i_3;
float const v1004 = v924 * v1003;
float const v1006 = v212.i_0;
float const v1008 = v1006 + v995;
float const v1009 = v212.i_1;
float const v1011 = v1009 + v998;
float const v1012 = v212.i_2;
float const v1014 = v1012 + v1001;
float const v1015 = v212.i_3;
float const v1017 = v1015 + v1004;
float_4 const v1018 = float_4{v1008, v1011, v1014, v1017};
*v75 = v1018;
float_4 const v241 = *v82;
uint32_t const v243 = v42 + v80;
uint32_t v727_store;
uint32_t * v727 = &v727_store;*v727 = v243;
bool const v245 = v243 >= v710;
if(v245) {
uint32_t const v247 = v710 - v59;
*v727 = v247;
}
uint32_t const v248 = *v727;
uint32_t const v249 = v248 * v708;
uint32_t const v250 = *v720;
uint32_t const v251 = v249 + v250;
float_4 const* const v255 = &v1[v251];
float_4 const v256 = *v255;
float const v1020 = v256.i_0;
float const v1021 = v915 * v1020;
float const v1023 = v256.i_1;
float const v1024 = v918 * v1023;
float const v1026 = v256.i_2;
float const v1027 = v921 * v1026;
float const v1029 = v256.i_3;
float const v1030 = v924 * v1029;
float const v1032 = v241.i_0;
float const v1034 = v1032 + v1021;
float const v1035 = v241.i_1;
float const v1037 = v1035 + v1024;
float const v1038 = v241.i_2;
float const v1040 = v1038 + v1027;
float const v1041 = v241.i_3;
float const v1043 = v1041 + v1030;
float_4 const v1044 = float_4{v1034, v1037, v1040, v1043};
*v82 = v1044;
float_4 const v270 = *v89;
uint32_t const v272 = v42 + v87;
uint32_t v728_store;
uint32_t * v728 = &v728_store;*v728 = v272;
bool const v274 = v272 >= v710;
if(v274) {
uint32_t const v276 = v710 - v59;
*v728 = v276;
}
uint32_t const v277 = *v728;
uint32_t const v278 = v277 * v708;
uint32_t const v279 = *v720;
uint32_t const v280 = v278 + v279;
float_4 const* const v284 = &v1[v280];
float_4 const v285 = *v284;
float const v1046 = v285.i_0;
float const v1047 = v915 * v1046;
float const v1049 = v285.i_1;
float const v1050 = v918 * v1049;
float const v1052 = v285.i_2;
float const v1053 = v921 * v1052;
float const v1055 = v285.i_3;
float const v1056 = v924 * v1055;
float const v1058 = v270.i_0;
float const v1060 = v1058 + v1047;
float const v1061 = v270.i_1;
float const v1063 = v1061 + v1050;
float const v1064 = v270.i_2;
float const v1066 = v1064 + v1053;
float const v1067 = v270.i_3;
float const v1069 = v1067 + v1056;
float_4 const v1070 = float_4{v1060, v1063, v1066, v1069};
*v89 = v1070;
float_4 const v299 = *v96;
uint32_t const v301 = v42 + v94;
uint32_t v729_store;
uint32_t * v729 = &v729_store;*v729 = v301;
bool const v303 = v301 >= v710;
if(v303) {
uint32_t const v305 = v710 - v59;
*v729 = v305;
}
uint32_t const v306 = *v729;
uint32_t const v307 = v306 * v708;
uint32_t const v308 = *v720;
uint32_t const v309 = v307 + v308;
float_4 const* const v313 = &v1[v309];
float_4 const v314 = *v313;
float const v1072 = v314.i_0;
float const v1073 = v915 * v1072;
float const v1075 = v314.i_1;
float const v1076 = v918 * v1075;
float const v1078 = v314.i_2;
float const v1079 = v921 * v1078;
float const v1081 = v314.i_3;
float const v1082 = v924 * v1081;
float const v1084 = v299.i_0;
float const v1086 = v1084 + v1073;
float const v1087 = v299.i_1;
float const v1089 = v1087 + v1076;
float const v1090 = v299.i_2;
float const v1092 = v1090 + v1079;
float const v1093 = v299.i_3;
float const v1095 = v1093 + v1082;
float_4 const v1096 = float_4{v1086, v1089, v1092, v1095};
*v96 = v1096;
float_4 const v328 = *v103;
uint32_t const v330 = v42 + v101;
uint32_t v730_store;
uint32_t * v730 = &v730_store;*v730 = v330;
bool const v332 = v330 >= v710;
if(v332) {
uint32_t const v334 = v710 - v59;
*v730 = v334;
}
uint32_t const v335 = *v730;
uint32_t const v336 = v335 * v708;
uint32_t const v337 = *v720;
uint32_t const v338 = v336 + v337;
float_4 const* const v342 = &v1[v338];
float_4 const v343 = *v342;
float const v1098 = v343.i_0;
float const v1099 = v915 * v1098;
float const v1101 = v343.i_1;
float const v1102 = v918 * v1101;
float const v1104 = v343.i_2;
float const v1105 = v921 * v1104;
float const v1107 = v343.i_3;
float const v1108 = v924 * v1107;
float const v1110 = v328.i_0;
float const v1112 = v1110 + v1099;
float const v1113 = v328.i_1;
float const v1115 = v1113 + v1102;
float const v1116 = v328.i_2;
float const v1118 = v1116 + v1105;
float const v1119 = v328.i_3;
float const v1121 = v1119 + v1108;
float_4 const v1122 = float_4{v1112, v1115, v1118, v1121};
*v103 = v1122;
uint32_t const v353 = 32;
uint32_t const v354 = v337 + v353;
*v720 = v354;
}
float_4 const v360 = *v54;
float const v364 = v360.i_0;
float const v367 = v360.i_1;
float const v369 = v364 + v367;
float const v370 = v360.i_2;
float const v372 = v369 + v370;
float const v373 = v360.i_3;
float const v375 = v372 + v373;
uint32_t const v732 = warpSize;
uint32_t const v1124 = 256;
uint32_t const v734 = min(v732, v1124);
float v891_store;
float * v891 = &v891_store;*v891 = v375;
uint32_t const v736 = 1;
uint32_t v892_store;
uint32_t * v892 = &v892_store;*v892 = v736;
while([&]{
uint32_t const v739 = *v892;
bool const v740 = v739 < v734;
return v740;
}()) {
float const v742 = *v891;
uint32_t const v743 = *v892;
float const v744 = __shfl_xor_sync(__activemask(), v742, v743);
float const v746 = v742 + v744;
*v891 = v746;
uint32_t const v748 = 2;
uint32_t const v749 = v743 * v748;
*v892 = v749;
}
float const v750 = *v891;
uint32_t const v379 = 0;
bool const v380 = v104 == v379;
bool const v383 = v42 < v710;
bool const v384 = v380 && v383;
if(v384) {
uint32_t const v387 = v42 * v709;
uint32_t const v388 = v387 + v35;
float const* const v392 = &v13[v35];
float const v393 = *v392;
float const v394 = v750 + v393;
float * const v398 = &v21[v388];
*v398 = v394;
}
float_4 const v404 = *v61;
float const v408 = v404.i_0;
float const v411 = v404.i_1;
float const v413 = v408 + v411;
float const v414 = v404.i_2;
float const v416 = v413 + v414;
float const v417 = v404.i_3;
float const v419 = v416 + v417;
float v894_store;
float * v894 = &v894_store;*v894 = v419;
uint32_t v895_store;
uint32_t * v895 = &v895_store;*v895 = v736;
while([&]{
uint32_t const v759 = *v895;
bool const v760 = v759 < v734;
return v760;
}()) {
float const v762 = *v894;
uint32_t const v763 = *v895;
float const v764 = __shfl_xor_sync(__activemask(), v762, v763);
float const v766 = v762 + v764;
*v894 = v766;
uint32_t const v768 = 2;
uint32_t const v769 = v763 * v768;
*v895 = v769;
}
float const v770 = *v894;
uint32_t const v426 = v42 + v59;
bool const v427 = v426 < v710;
bool const v428 = v380 && v427;
if(v428) {
uint32_t const v431 = v426 * v709;
uint32_t const v432 = v431 + v35;
float const* const v436 = &v13[v35];
float const v437 = *v436;
float const v438 = v770 + v437;
float * const v442 = &v21[v432];
*v442 = v438;
}
float_4 const v448 = *v68;
float const v452 = v448.i_0;
float const v455 = v448.i_1;
float const v457 = v452 + v455;
float const v458 = v448.i_2;
float const v460 = v457 + v458;
float const v461 = v448.i_3;
float const v463 = v460 + v461;
float v897_store;
float * v897 = &v897_store;*v897 = v463;
uint32_t v898_store;
uint32_t * v898 = &v898_store;*v898 = v736;
while([&]{
uint32_t const v779 = *v898;
bool const v780 = v779 < v734;
return v780;
}()) {
float const v782 = *v897;
uint32_t const v783 = *v898;
float const v784 = __shfl_xor_sync(__activemask(), v782, v783);
float const v786 = v782 + v784;
*v897 = v786;
uint32_t const v788 = 2;
uint32_t const v789 = v783 * v788;
*v898 = v789;
}
float const v790 = *v897;
uint32_t const v470 = v42 + v66;
bool const v471 = v470 < v710;
bool const v472 = v380 && v471;
if(v472) {
uint32_t const v475 = v470 * v709;
uint32_t const v476 = v475 + v35;
float const* const v480 = &v13[v35];
float const v481 = *v480;
float const v482 = v790 + v481;
float * const v486 = &v21[v476];
*v486 = v482;
}
float_4 const v492 = *v75;
float const v496 = v492.i_0;
float const v499 = v492.i_1;
float const v501 = v496 + v499;
float const v502 = v492.i_2;
float const v504 = v501 + v502;
float const v505 = v492.i_3;
float const v507 = v504 + v505;
float v900_store;
float * v900 = &v900_store;*v900 = v507;
uint32_t v901_store;
uint32_t * v901 = &v901_store;*v901 = v736;
while([&]{
uint32_t const v799 = *v901;
bool const v800 = v799 < v734;
return v800;
}()) {
float const v802 = *v900;
uint32_t const v803 = *v901;
float const v804 = __shfl_xor_sync(__activemask(), v802, v803);
float const v806 = v802 + v804;
*v900 = v806;
uint32_t const v808 = 2;
uint32_t const v809 = v803 * v808;
*v901 = v809;
}
float const v810 = *v900;
uint32_t const v514 = v42 + v73;
bool const v515 = v514 < v710;
bool const v516 = v380 && v515;
if(v516) {
uint32_t const v519 = v514 * v709;
uint32_t const v520 = v519 + v35;
float const* const v524 = &v13[v35];
float const v525 = *v524;
float const v526 = v810 + v525;
float * const v530 = &v21[v520];
*v530 = v526;
}
float_4 const v536 = *v82;
float const v540 = v536.i_0;
float const v543 = v536.i_1;
float const v545 = v540 + v543;
float const v546 = v536.i_2;
float const v548 = v545 + v546;
float const v549 = v536.i_3;
float const v551 = v548 + v549;
float v903_store;
float * v903 = &v903_store;*v903 = v551;
uint32_t v904_store;
uint32_t * v904 = &v904_store;*v904 = v736;
while([&]{
uint32_t const v819 = *v904;
bool const v820 = v819 < v734;
return v820;
}()) {
float const v822 = *v903;
uint32_t const v823 = *v904;
float const v824 = __shfl_xor_sync(__activemask(), v822, v823);
float const v826 = v822 + v824;
*v903 = v826;
uint32_t const v828 = 2;
uint32_t const v829 = v823 * v828;
*v904 = v829;
}
float const v830 = *v903;
uint32_t const v558 = v42 + v80;
bool const v559 = v558 < v710;
bool const v560 = v380 && v559;
if(v560) {
uint32_t const v563 = v558 * v709;
uint32_t const v564 = v563 + v35;
float const* const v568 = &v13[v35];
float const v569 = *v568;
float const v570 = v830 + v569;
float * const v574 = &v21[v564];
*v574 = v570;
}
float_4 const v580 = *v89;
float const v584 = v580.i_0;
float const v587 = v580.i_1;
float const v589 = v584 + v587;
float const v590 = v580.i_2;
float const v592 = v589 + v590;
float const v593 = v580.i_3;
float const v595 = v592 + v593;
float v906_store;
float * v906 = &v906_store;*v906 = v595;
uint32_t v907_store;
uint32_t * v907 = &v907_store;*v907 = v736;
while([&]{
uint32_t const v839 = *v907;
bool const v840 = v839 < v734;
return v840;
}()) {
float const v842 = *v906;
uint32_t const v843 = *v907;
float const v844 = __shfl_xor_sync(__activemask(), v842, v843);
float const v846 = v842 + v844;
*v906 = v846;
uint32_t const v848 = 2;
uint32_t const v849 = v843 * v848;
*v907 = v849;
}
float const v850 = *v906;
uint32_t const v602 = v42 + v87;
bool const v603 = v602 < v710;
bool const v604 = v380 && v603;
if(v604) {
uint32_t const v607 = v602 * v709;
uint32_t const v608 = v607 + v35;
float const* const v612 = &v13[v35];
float const v613 = *v612;
float const v614 = v850 + v613;
float * const v618 = &v21[v608];
*v618 = v614;
}
float_4 const v624 = *v96;
float const v628 = v624.i_0;
float const v631 = v624.i_1;
float const v633 = v628 + v631;
float const v634 = v624.i_2;
float const v636 = v633 + v634;
float const v637 = v624.i_3;
float const v639 = v636 + v637;
float v909_store;
float * v909 = &v909_store;*v909 = v639;
uint32_t v910_store;
uint32_t * v910 = &v910_store;*v910 = v736;
while([&]{
uint32_t const v859 = *v910;
bool const v860 = v859 < v734;
return v860;
}()) {
float const v862 = *v909;
uint32_t const v863 = *v910;
float const v864 = __shfl_xor_sync(__activemask(), v862, v863);
float const v866 = v862 + v864;
*v909 = v866;
uint32_t const v868 = 2;
uint32_t const v869 = v863 * v868;
*v910 = v869;
}
float const v870 = *v909;
uint32_t const v646 = v42 + v94;
bool const v647 = v646 < v710;
bool const v648 = v380 && v647;
if(v648) {
uint32_t const v651 = v646 * v709;
uint32_t const v652 = v651 + v35;
float const* const v656 = &v13[v35];
float const v657 = *v656;
float const v658 = v870 + v657;
float * const v662 = &v21[v652];
*v662 = v658;
}
float_4 const v668 = *v103;
float const v672 = v668.i_0;
float const v675 = v668.i_1;
float const v677 = v672 + v675;
float const v678 = v668.i_2;
float const v680 = v677 + v678;
float const v681 = v668.i_3;
float const v683 = v680 + v681;
float v912_store;
float * v912 = &v912_store;*v912 = v683;
uint32_t v913_store;
uint32_t * v913 = &v913_store;*v913 = v736;
while([&]{
uint32_t const v879 = *v913;
bool const v880 = v879 < v734;
return v880;
}()) {
float const v882 = *v912;
uint32_t const v883 = *v913;
float const v884 = __shfl_xor_sync(__activemask(), v882, v883);
float const v886 = v882 + v884;
*v912 = v886;
uint32_t const v888 = 2;
uint32_t const v889 = v883 * v888;
*v913 = v889;
}
float const v890 = *v912;
uint32_t const v690 = v42 + v101;
bool const v691 = v690 < v710;
bool const v692 = v380 && v691;
if(v692) {
uint32_t const v695 = v690 * v709;
uint32_t const v696 = v695 + v35;
float const* const v700 = &v13[v35];
float const v701 = *v700;
float const v702 = v890 + v701;
float * const v706 = &v21[v696];
*v706 = v702;
}
}
return;
}
