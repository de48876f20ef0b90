// A leaderboard of as many rows as wanted, drawn from a seed: figures that nobody measured, for timing the page only.

/** A small generator of even numbers in [0, 1), so that every bench sees the same board (mulberry32). */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

const FORMATS = { f32: 32, f16: 16, bf16: 16, int8: 8.5, int4: 4.5 };
const TASKS = ['plain', 'chat', 'chat-concise', 'instruct', 'instruct-concise'];
const ZONES = { FR: ['France', 44], DE: ['Germany', 334], PL: ['Poland', 620], SE: ['Sweden', 36] };
const MACHINES = ['H200', 'A100', 'L4', 'RTX 4090'];

/** A leaderboard with this many rows, one cell each. */
export function board(rows) {
  const random = generator(7);
  const between = (low, high) => low + (high - low) * random();
  const models = Array.from({ length: Math.ceil(rows / (TASKS.length * MACHINES.length)) }, (_, index) => {
    const [dtype, bits] = Object.entries(FORMATS)[index % 5];
    const parameters = Math.round(10 ** between(7, 10.5));
    return {
      id: `model-${index}@r1:${dtype}`, name: `model-${index}`, family: 'llama', parameters, dtype, bits_per_weight: bits,
      weight_bytes: Math.round((parameters * bits) / 8), revision: 'r1', weights_sha256: '', weights: 'trained', context_length: 4096,
      quality: [{ benchmark: 'arc_challenge 25-shot', score: between(0.3, 0.7), n: 1172, source: 'generated' }],
    };
  });
  const zones = Object.entries(ZONES).map(([zone, [zone_name, intensity_g_per_kwh]]) => ({
    zone, zone_name, intensity_g_per_kwh, quality: 'static_country_year', source: 'generated', year: 2024, factor_type: 'lifecycle', at: null,
  }));
  const machines = MACHINES.map((name, index) => ({
    id: `00000000-0000-4000-8000-00000000000${index}`, name: `machine-${index}`, zone: zones[index].zone, pue: 1.2,
    embodied: { total_g: 1.2e6, lifetime_s: 1.26e8, source: 'generated' },
    hardware: { cpu: 'a processor', cores: 32, memory_bytes: 2 ** 37, accelerators: [name], system: 'a system' },
  }));
  const cells = [];
  for (const model of models) {
    for (const machine of machines) {
      for (const task of TASKS) {
        const n = 2 + Math.floor(random() * 40);
        const moments = (mean) => ({ n, mean, m2: (mean * 0.2) ** 2 * (n - 1) });
        const [energy, latency, length] = [(model.parameters / 1e9) * between(20, 80) + 2, between(0.5, 9), between(20, 400)];
        cells.push({
          model_id: model.id, machine_id: machine.id, task, kind: 'math', origin: 'campaign', label: 'measured', boundary: 'accelerator',
          batch: 1, engine_version: 'generated', method_version: 1, runs: n, flagged_runs: 0, excluded_runs: 0,
          energy_j: moments(energy), net_energy_j: moments(energy * 0.8), accelerator_energy_j: moments(energy), cpu_energy_j: { n: 0, mean: 0, m2: 0 },
          latency_s: moments(latency), ttft_s: moments(latency * 0.1), tpot_s: moments(latency / length), itl_p50_s: moments(latency / length),
          itl_p90_s: moments(latency / length), itl_p99_s: moments(latency / length), prefill_energy_j: moments(energy * 0.1),
          first_measured_at: new Date(Date.UTC(2026, 0, 1 + Math.floor(random() * 300))).toISOString(),
          prompt_tokens: moments(between(10, 200)), output_tokens: moments(length), correct: moments(0.6),
        });
      }
    }
  }
  return { cells: cells.slice(0, rows), models, machines, zones };
}
