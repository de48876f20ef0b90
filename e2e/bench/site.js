// How long a toggle takes on a long leaderboard, and how much a first visit fetches, in the installed Chromium: the page
// is served from a folder, the API is made up here. `cargo xtask bench site` starts it: node site.js DIST ROWS
import fs from 'node:fs';
import path from 'node:path';
import { chromium } from '@playwright/test';
import { board } from './board.js';

const [dist, rows] = [process.argv[2], Number(process.argv[3])];
const REPEATS = 31;
const TYPES = { '.html': 'text/html', '.js': 'text/javascript', '.wasm': 'application/wasm', '.css': 'text/css', '.svg': 'image/svg+xml' };
const BASE = 'http://jouleboard.test';

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
const fetched = new Map();
const errors = [];
page.on('pageerror', (error) => errors.push(error.message));

const answers = { leaderboard: board(rows), machines: { machines: [], queued_runs: 0, leased_runs: 0 } };
await page.route('**/*', async (route) => {
  const { pathname } = new URL(route.request().url());
  // A stream that ends, and is not asked for again while this runs.
  if (pathname === '/api/v1/events') return route.fulfill({ contentType: 'text/event-stream', body: 'retry: 3600000\n\n' });
  if (pathname.startsWith('/api/')) {
    const body = answers[pathname.split('/').pop()];
    return route.fulfill({ status: body ? 200 : 404, contentType: 'application/json', body: JSON.stringify(body ?? {}) });
  }
  let file = path.join(dist, pathname);
  if (!fs.existsSync(file) || fs.statSync(file).isDirectory()) file = path.join(dist, 'index.html');
  // What the server sends to a browser that takes brotli.
  fetched.set(path.relative(dist, file), fs.statSync(`${file}.br`).size);
  return route.fulfill({ contentType: TYPES[path.extname(file)] ?? 'text/plain', body: fs.readFileSync(file) });
});

const started = performance.now();
await page.goto(`${BASE}/leaderboard`);
await page.getByTestId('leaderboard-row').first().waitFor({ timeout: 120_000 });
const first_rows_ms = performance.now() - started;

/** Presses buttons in turn; the time of each until its event is handled, and until the frame is painted. */
async function toggles(ids) {
  return page.evaluate(async ([ids, repeats]) => {
    const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
    const [handled, painted] = [[], []];
    for (let turn = 0; turn < repeats; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 120));
      const button = document.getElementById(ids[turn % ids.length]);
      // From the start of a frame, as a hand's click is handled.
      await new Promise((resolve) => requestAnimationFrame(resolve));
      const start = performance.now();
      button.click();
      await new Promise((resolve) => queueMicrotask(resolve));
      handled.push(performance.now() - start);
      // Reading a size makes the browser lay out what was drawn.
      document.body.getBoundingClientRect();
      painted.push(performance.now() - start);
    }
    return { handled_ms: median(handled), laid_out_ms: median(painted), least_ms: Math.min(...painted), worst_ms: Math.max(...painted), n: repeats };
  }, [ids, REPEATS]);
}

const sorts = await page.evaluate(() => [...document.querySelectorAll('button.sort')].slice(0, 6).map((button) => button.id));
const result = {
  rows,
  drawn_rows: await page.getByTestId('leaderboard-row').count(),
  first_visit_brotli_bytes: [...fetched.values()].reduce((sum, size) => sum + size, 0),
  files: Object.fromEntries(fetched),
  first_rows_ms,
  unit: await toggles(['unit-list-w', 'unit-list-j', 'unit-list-wh']),
  per: await toggles(['Per-token', 'Per-response']),
  sort: await toggles(sorts),
  errors,
};
await browser.close();
process.stdout.write(`${JSON.stringify(result)}\n`);
