// A worker that dies loses nothing: its lease runs out, the next machine measures, and once only. With a
// server and a database of its own, so that no other worker interferes.
import { call, expect, measured, offered, runWhen, submit, test } from './site.js';
import { Stack, until } from './stack.js';

// Long enough for a worker that is slow, and short enough to wait for one that is dead.
const LEASE_SECONDS = '8';
let stack;

/** Enrols a machine and starts its worker, which takes its time before it measures or does not. */
async function worker(name, minCoolDown, warmUp) {
  return stack.work(await stack.enrol(name), [
    '--min-cool-down-s', String(minCoolDown), '--calm-timeout-s', String(minCoolDown + 1),
    '--baseline-s', '0.2', '--warm-up', String(warmUp), '--max-warm-up', String(warmUp),
  ]);
}

test.beforeAll(async () => {
  stack = new Stack(process.env.E2E_RECOVERY_DATABASE);
  await stack.serve('--lease-seconds', LEASE_SECONDS);
});

test.afterAll(() => stack.stop());

test('a run whose worker is killed is measured by the next one, exactly once', async ({ page }) => {
  const { server } = stack;
  const doomed = await worker('doomed', 30, 100);
  await until(async () => (await offered(server)).length > 0, 'the doomed worker has announced its model');
  const [model] = await offered(server);
  const { run, prompt } = await submit(server, 'What is 20 plus 22?', model.id);

  const leased = await runWhen(server, run, ({ state }) => state === 'leased', 'leased');
  expect(leased).toMatchObject({ attempts: 1, machine: 'doomed', measurement: null });
  await stack.kill(doomed);

  await worker('heir', 0, 1);
  const done = await measured(server, run);
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
