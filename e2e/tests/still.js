// A server that stands still, for tests of what a page does by itself: many rows that are made up and never change. Nobody
// measured any of them.
import { board } from '../bench/board.js';
import { call, json } from './site.js';

/**
 * Before a page is opened: it is told these rows, and nothing happens to it but what its visitor does. No event comes, and
 * it asks for nothing anew. Runtimes and machines are those of the server at `server`.
 */
export async function stillServer(page, server, rows) {
  const ranking = board(rows);
  // Two origins, so that both can be picked, and a later version of the engine, so that one row has a history.
  ranking.cells.forEach((cell, at) => (cell.origin = Math.floor(at / 20) % 2 ? 'campaign' : 'interactive'));
  ranking.cells.push({ ...ranking.cells[0], engine_version: 'generated later' });
  const answers = {
    leaderboard: ranking,
    'leaderboard/profiles': await call(server, 'GET', '/leaderboard/profiles'),
    machines: await call(server, 'GET', '/machines'),
    'carbon/hours': { sources: [], hours: ranking.zones.slice(0, 2).flatMap(day) },
    battles: { votes: votes(ranking.models.map(({ id }) => id)) },
  };
  for (const [route, answer] of Object.entries(answers)) {
    await page.route(`**/api/v1/${route}`, (asked) => asked.fulfill(json(answer)));
  }
  await page.addInitScript(() => {
    window.EventSource = class extends EventTarget {
      readyState = 0;
      close() {}
    };
    window.setInterval = () => 0;
  });
}

/** What a live source said of a grid, hour by hour. */
const day = (zone) =>
  Array.from({ length: 24 }, (_, hour) => {
    const at = new Date(Date.UTC(2026, 10, 20, hour)).toISOString();
    return { ...zone, quality: 'measured', year: null, at, span_s: 3600, retrieved_at: at, intensity_g_per_kwh: 40 + hour };
  });

/** Each model once against the next one. */
const votes = (models) =>
  models.slice(1).map((model, at) => ({
    models: [models[at], model],
    vote: at % 2 ? 'first' : 'second',
    worth: null,
    energies: [1, 2].map((energy_j) => ({
      label: 'measured', boundary: 'accelerator', energy_j, energy_off_j: 0.1, latency_s: 1, output_tokens: 20,
    })),
  }));
