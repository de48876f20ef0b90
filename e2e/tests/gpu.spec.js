// The way of a prompt on a machine with two GPUs and a meter at its socket, all of them simulated: the library that
// stands in for NVIDIA's, and a plug of a hundred lines less. Nothing of it may ever be called measured.
import http from 'node:http';
import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { PATIENCE, call, expect, offered, test } from './site.js';
import { Stack, until } from './stack.js';

const GPU_WATTS = 200;
const SOCKET_WATTS = 480;
let stack;
let plug;

/** A plug as Shelly makes them: 480 W, counted since it was switched on. */
function shelly() {
  const started = Date.now();
  const server = http.createServer((request, response) => {
    if (!request.url.startsWith('/rpc/Switch.GetStatus')) return response.writeHead(404).end();
    const total = 1000 + (SOCKET_WATTS * (Date.now() - started)) / 3.6e6;
    response.end(JSON.stringify({ id: 0, output: true, apower: SOCKET_WATTS, aenergy: { total: Number(total.toFixed(3)) } }));
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

test.beforeAll(async () => {
  plug = await shelly();
  stack = new Stack(process.env.E2E_GPU_DATABASE);
  await stack.serve();
  const token = await stack.enrol('two-gpus');
  // A value a second, as such plugs have it, beside boards that update every 20 ms: the server tells the worker, whose
  // windows are long enough for the plug.
  const said = await stack.command('machine', 'meter', 'add', 'two-gpus', '--simulated', 'shelly', `http://127.0.0.1:${plug.address().port}`);
  expect(said, 'the meter is asked before it is enrolled').toContain(`${SOCKET_WATTS}.0 W now`);
  stack.work(
    token,
    ['--min-cool-down-s', '0', '--calm-timeout-s', '0.5', '--baseline-s', '1', '--max-warm-up', '1',
      '--nvml-lib', process.env.E2E_NVML_LIB, '--powercap-root', '/nonexistent'],
    { JOULEBOARD_FAKE_NVML: `gpus=2,period_ms=20,averaging_ms=20,watts=${GPU_WATTS}:1` },
  );
  await until(async () => (await offered(stack.server)).length > 0, 'the worker has announced its model');
  await until(async () => {
    const { machines } = await call(stack.server, 'GET', '/machines');
    return machines[0].wall_meters[0]?.last != null;
  }, 'the server reads the meter at the socket');
});

test.afterAll(async () => {
  await stack.stop();
  plug.close();
});

test('two GPUs and a meter at the socket become one figure with its parts, and all of it is simulated', async ({ page }, info) => {
  const { server } = stack;
  const shot = async (name) => {
    for (const [size, viewport] of [['desk', { width: 1280, height: 900 }], ['phone', { width: 360, height: 740 }]]) {
      await page.setViewportSize(viewport);
      const kept = process.env.E2E_SCREENSHOTS;
      const file = kept ? path.join(kept, `other/gpu-${name}-${size}.png`) : info.outputPath(`${name}-${size}.png`);
      await page.screenshot({ path: file, fullPage: true });
    }
    await page.setViewportSize({ width: 1280, height: 900 });
  };
  await page.goto(server);
  const model = page.getByTestId('model-option').first();
  await expect(model).toBeVisible();
  if (!(await model.isChecked())) await model.check();
  await page.getByTestId('prompt-text').fill('What is 3 plus 4?');
  await page.getByTestId('submit').click();
  const card = page.getByTestId('run-card').first();
  await expect(card).toHaveAttribute('data-state', 'measured', { timeout: PATIENCE });
  const run = await card.getAttribute('data-run-id');

  await expect(card.getByTestId('label-badge').first()).toHaveText(/simulated/i);
  await expect(card.locator('.boundary')).toContainText('whole machine');
  await expect(card.getByTestId('energy-figure').first()).toHaveText(/\d.*J\b/);

  const { measurement } = await call(server, 'GET', `/runs/${run}`);
  const { facts } = measurement;
  const [{ readings, window }] = facts.repetitions;
  expect(readings.map(({ domain }) => domain).sort()).toEqual(['gpu_0', 'gpu_1', 'machine']);
  for (const { domain, label, energy_j } of readings) {
    expect(label, domain).toBe('simulated');
    const watts = energy_j / window.length_s;
    const truth = domain === 'machine' ? SOCKET_WATTS : GPU_WATTS;
    expect(Math.abs(watts - truth) / truth, `${domain} draws ${watts} W`).toBeLessThan(0.1);
  }
  expect(facts.meters.map(({ label }) => label)).toEqual(['simulated', 'simulated', 'simulated']);

  await page.goto(`${server}/r/${run}`);
  for (const part of ['whole machine', 'accelerator 0', 'accelerator 1']) {
    await expect(page.getByText(part).first()).toBeVisible();
  }
  await expect(page.getByTestId('parts')).toContainText('accelerators');
  await shot('result');
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`)).toEqual([]);

  await page.goto(`${server}/machines`);
  const socket = page.getByTestId('wall-meter');
  await expect(socket).toContainText('480');
  await expect(socket.getByTestId('label-badge').first()).toHaveText(/simulated/i);
  await shot('machines');

  await page.goto(`${server}/leaderboard`);
  const row = page.getByTestId('leaderboard-row').first();
  await expect(row).toBeVisible();
  await expect(page.locator('.ground-head').first()).toContainText(/simulated.*whole machine/i);
  await expect(page.locator('.badge-measured')).toHaveCount(0);
  await shot('leaderboard');
  const { cells } = await call(server, 'GET', '/leaderboard');
  expect(cells.map(({ label, boundary }) => [label, boundary])).toEqual([['simulated', 'machine']]);
});

test('a meter that goes away is told on the machines page, with what to do', async ({ page }) => {
  plug.close();
  plug.closeAllConnections();
  await page.goto(`${stack.server}/machines`);
  await expect(page.getByTestId('wall-meter')).toContainText('cannot be reached', { timeout: PATIENCE });
});
