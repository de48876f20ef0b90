// A worker that dies loses nothing: its lease runs out, the next machine measures, and once only. With a
// server and a database of its own, so that no other worker interferes.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { call, expect, measured, offered, runWhen, submit, test } from './site.js';

const LEASE_SECONDS = '3';
const children = [];
let folder;
let server;

function start(program, args, env = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: 'ignore' });
  children.push(child);
  return child;
}

/** Runs one of the server's commands and returns the last line it printed. */
function lastLine(args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.env.E2E_SERVER, args, { env: { ...process.env, ...env } });
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (err += data));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(out.trim().split('\n').at(-1)) : reject(new Error(`${args.join(' ')}: ${err}`)),
    );
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const listener = net.createServer();
    listener.on('error', reject);
    listener.listen(0, '127.0.0.1', () => {
      const { port } = listener.address();
      listener.close(() => resolve(port));
    });
  });
}

/** Enrols a machine and starts its worker, which takes its time before it measures or does not. */
async function worker(name, minCoolDown, warmUp) {
  const token = await lastLine(['machine', 'add', name, '--zone', 'FR', '--replace', '--embodied-kg', '181',
    '--embodied-source', 'a test'], {
    DATABASE_URL: process.env.E2E_RECOVERY_DATABASE,
  });
  const file = path.join(folder, `${name}.token`);
  writeFileSync(file, token, { mode: 0o600 });
  const [model] = process.env.E2E_MODELS.split('\n');
  return start(process.env.E2E_WORKER, [
    'run', '--server', server, '--token-file', file, '--model', model,
    '--min-cool-down-s', String(minCoolDown), '--calm-timeout-s', String(minCoolDown + 1),
    '--baseline-s', '0.2', '--warm-up', String(warmUp), '--max-warm-up', String(warmUp),
  ]);
}

async function until(isTrue, what) {
  await expect.poll(isTrue, { message: what, timeout: 60_000, intervals: [50] }).toBe(true);
}

test.beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'jouleboard-recovery-'));
  const port = await freePort();
  server = `http://127.0.0.1:${port}`;
  start(
    process.env.E2E_SERVER,
    ['serve', '--bind', '127.0.0.1', '--port', String(port), '--dist', process.env.E2E_DIST,
      '--lease-seconds', LEASE_SECONDS],
    { DATABASE_URL: process.env.E2E_RECOVERY_DATABASE },
  );
  await until(() => call(server, 'GET', '/health').then(() => true, () => false), 'the server is well');
});

test.afterAll(async () => {
  await Promise.all(
    children
      .filter((child) => child.exitCode === null && child.signalCode === null)
      .map((child) => new Promise((resolve) => child.once('close', resolve) && child.kill('SIGKILL'))),
  );
  rmSync(folder, { recursive: true, force: true });
});

test('a run whose worker is killed is measured by the next one, exactly once', async ({ page }) => {
  test.setTimeout(120_000);
  const doomed = await worker('doomed', 30, 100);
  await until(async () => (await offered(server)).length > 0, 'the doomed worker has announced its model');
  const [model] = await offered(server);
  const { run, prompt } = await submit(server, 'What is 20 plus 22?', model.id);

  const leased = await runWhen(server, run, ({ state }) => state === 'leased', 'leased');
  expect(leased).toMatchObject({ attempts: 1, machine: 'doomed', measurement: null });
  doomed.kill('SIGKILL');

  await worker('heir', 0, 1);
  const done = await measured(server, run, 60_000);
  expect(done.attempts).toBe(2);
  expect(done.measurement.machine.name).toBe('heir');

  const { machines, queued_runs, leased_runs } = await call(server, 'GET', '/machines');
  const counts = Object.fromEntries(machines.map(({ name, measured_runs }) => [name, measured_runs]));
  expect(counts, 'measured once, by the second').toEqual({ doomed: 0, heir: 1 });
  expect(queued_runs + leased_runs, 'nothing is left over').toBe(0);

  await page.goto(`${server}/p/${prompt}`);
  await expect(page.getByTestId('run-card')).toHaveAttribute('data-state', 'measured');
  await expect(page.getByTestId('energy-figure').first()).toHaveText(/\d/);
});
