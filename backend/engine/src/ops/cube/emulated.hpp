// Runs CUDA C++ as cubecl writes it on the host: each unit of a cube is a coroutine, cubes follow each other. A barrier or a
// shuffle waits for every unit that it concerns and says so where one can never come. Shared memory starts as no numbers.
#pragma once
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ucontext.h>
#include <vector>

#define __global__
#define __device__
#define __shared__
#define __align__(n) __attribute__((aligned(n)))
#define __launch_bounds__(...)
#define __cluster_dims__(...)
#define __grid_constant__

// Rounded to the nearest, ties to even, as the hardware does.
struct __nv_bfloat16 {
    unsigned short bits = 0;
    __nv_bfloat16() = default;
    template <class T> explicit __nv_bfloat16(T number) {
        float wide = static_cast<float>(number);
        unsigned all;
        memcpy(&all, &wide, 4);
        bits = static_cast<unsigned short>((all + 0x7fff + ((all >> 16) & 1)) >> 16);
    }
    operator float() const {
        unsigned all = static_cast<unsigned>(bits) << 16;
        float wide;
        memcpy(&wide, &all, 4);
        return wide;
    }
};

struct __half {
    unsigned short bits = 0;
    __half() = default;
    template <class T> explicit __half(T number) {
        float wide = static_cast<float>(number);
        unsigned sign = std::signbit(wide) ? 0x8000 : 0;
        wide = std::fabs(wide);
        int power;
        std::frexp(wide, &power);
        // Steps of the last of eleven bits, or of the smallest number that there is.
        int step = power - 11 < -24 ? -24 : power - 11;
        double steps = std::nearbyint(std::ldexp(static_cast<double>(wide), -step));
        unsigned whole = static_cast<unsigned>(steps);
        unsigned rest = step == -24 ? whole : whole + (static_cast<unsigned>(step + 24) << 10);
        if (whole == 0) rest = 0;
        if (wide >= 65520.0f) rest = 0x7c00;
        bits = static_cast<unsigned short>(sign | rest);
    }
    operator float() const {
        int power = (bits >> 10) & 31;
        int rest = bits & 1023;
        float wide = power == 0 ? std::ldexp(static_cast<float>(rest), -24)
                                : std::ldexp(static_cast<float>(rest + 1024), power - 25);
        return bits & 0x8000 ? -wide : wide;
    }
};

struct Place {
    unsigned x = 0, y = 0, z = 0;
};
static Place threadIdx, blockIdx, blockDim, gridDim;
static const int warpSize = 32;

namespace emulated {
enum class Wait { No, Cube, Plane, Over };
struct Unit {
    ucontext_t context;
    std::vector<char> stack = std::vector<char>(1 << 18);
    Wait wait = Wait::No;
    Place place;
    unsigned char sent[8];
};
static std::vector<Unit> units;
static unsigned current;
static ucontext_t home;
static void (*body)();

[[noreturn]] static void fail(const char *what) {
    fprintf(stderr, "cube %u %u %u: %s\n", blockIdx.x, blockIdx.y, blockIdx.z, what);
    exit(3);
}
static void wait(Wait how) {
    units[current].wait = how;
    swapcontext(&units[current].context, &home);
}
static void start() {
    body();
    wait(Wait::Over);
}
template <class T> T shuffled(T value, unsigned from) {
    unsigned own = current, first = own / 32 * 32;
    static_assert(sizeof(T) <= 8);
    memcpy(units[own].sent, &value, sizeof(T));
    wait(Wait::Plane);
    if (from >= 32 || first + from >= units.size()) fail("a shuffle reads from outside its plane");
    memcpy(&value, units[first + from].sent, sizeof(T));
    wait(Wait::Plane);
    return value;
}
static void cube() {
    for (unsigned n = 0; n < units.size(); n++) {
        Unit &unit = units[n];
        unit.wait = Wait::No;
        unit.place = {n % blockDim.x, n / blockDim.x % blockDim.y, n / blockDim.x / blockDim.y};
        getcontext(&unit.context);
        unit.context.uc_stack.ss_sp = unit.stack.data();
        unit.context.uc_stack.ss_size = unit.stack.size();
        unit.context.uc_link = nullptr;
        makecontext(&unit.context, start, 0);
    }
    for (;;) {
        for (current = 0; current < units.size(); current++) {
            if (units[current].wait != Wait::No) continue;
            threadIdx = units[current].place;
            swapcontext(&home, &units[current].context);
        }
        unsigned over = 0, at_cube = 0, moved = 0;
        for (Unit &unit : units) {
            over += unit.wait == Wait::Over;
            at_cube += unit.wait == Wait::Cube;
        }
        if (over == units.size()) return;
        // A barrier of the cube concerns whoever has not ended.
        if (at_cube + over == units.size()) {
            for (Unit &unit : units)
                if (unit.wait == Wait::Cube) unit.wait = Wait::No, moved++;
        }
        for (unsigned first = 0; first < units.size(); first += 32) {
            unsigned last = std::min<unsigned>(first + 32, units.size()), here = 0;
            for (unsigned n = first; n < last; n++) here += units[n].wait == Wait::Plane;
            // A shuffle concerns the whole plane: one that has ended can send nothing.
            if (here != last - first) continue;
            for (unsigned n = first; n < last; n++) units[n].wait = Wait::No, moved++;
        }
        if (moved == 0) fail("units wait for others that never come");
    }
}
} // namespace emulated

static void __syncthreads() { emulated::wait(emulated::Wait::Cube); }
static unsigned __activemask() { return 0xffffffffu; }
template <class T> T __shfl_sync(unsigned, T value, unsigned from) { return emulated::shuffled(value, from); }
template <class T> T __shfl_xor_sync(unsigned, T value, unsigned with) {
    return emulated::shuffled(value, (emulated::current % 32) ^ with);
}
template <class T> T __shfl_down_sync(unsigned, T value, unsigned by) {
    unsigned lane = emulated::current % 32;
    return emulated::shuffled(value, lane + by < 32 ? lane + by : lane);
}
template <class T> T __shfl_up_sync(unsigned, T value, unsigned by) {
    unsigned lane = emulated::current % 32;
    return emulated::shuffled(value, lane >= by ? lane - by : lane);
}
using std::max;
using std::min;
