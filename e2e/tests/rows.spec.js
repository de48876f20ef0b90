// What comes to a row from elsewhere: later versions of the engine, and scores that the operator's evaluator found. With a
// service of its own. The later versions are made up from a real record; nothing but their names and figures is.
import { spawn } from 'node:child_process';
import { writeFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { call, expect, measured, offered, submit, test } from './site.js';
import { Stack, until } from './stack.js';

const TEXT = 'What is 12 plus 30?';
/** Each takes this share of the first one's energy. */
const VERSIONS = { 'engine 9.1, made up': 0.8, 'engine 9.2, made up': 0.55, 'engine 9.3, made up': 0.61 };
let stack;
let model;

/** Calls the service as the machine with this token. */
async function asMachine(token, method, route, body) {
  const response = await fetch(`${stack.server}/api/v1${route}`, {
    method,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${route} answered ${response.status}: ${await response.text()}`);
  return response.status === 204 ? null : response.json();
}

/** The same record under another version, with this share of its energy. */
function under(facts, engine_version, share) {
  const scaled = (value) => (value === null ? null : value * share);
  const reading = (each) => ({
    ...each,
    energy_j: scaled(each.energy_j),
    trace: each.trace.map((sample) => ({ ...sample, power_w: sample.power_w * share })),
  });
  return {
    ...facts,
    software: { ...facts.software, engine_version },
    started_at: new Date().toISOString(),
    repetitions: facts.repetitions.map((each) => ({ ...each, readings: each.readings.map(reading) })),
    baselines: facts.baselines.map((each) => ({ ...each, before_w: scaled(each.before_w), after_w: scaled(each.after_w) })),
  };
}

test.beforeAll(async () => {
  stack = new Stack(process.env.E2E_ROWS_DATABASE);
  await stack.serve();
  const file = await stack.enrol('upgraded');
  const worker = stack.work(file, ['--min-cool-down-s', '0', '--calm-timeout-s', '0.5', '--baseline-s', '0.2', '--max-warm-up', '1']);
  await until(async () => (await offered(stack.server)).length > 0, 'the worker has announced its model');
  [model] = await offered(stack.server);
  const records = [];
  for (let number = 0; number < 3; number += 1) {
    const { run } = await submit(stack.server, TEXT, model.id, { seed: number, temperature: 0.5 });
    records.push((await measured(stack.server, run)).measurement.facts);
  }
  // Of a worker that is about to die, the server might still take the next run for taken.
  await stack.kill(worker);
  const token = readFileSync(file, 'utf8').trim();
  for (const [version, share] of Object.entries(VERSIONS)) {
    // Links keep dates to the second.
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    for (const facts of records) {
      const { run } = await submit(stack.server, TEXT, model.id);
      const lease = await asMachine(token, 'POST', '/leases', { wait_s: 5 });
      expect(lease.run_id).toBe(run);
      await asMachine(token, 'PUT', `/leases/${lease.id}/report`, { outcome: 'measured', facts: under(facts, version, share) });
    }
  }
});

test.afterAll(() => stack.stop());

test('a row is drawn over the versions of its engine, each against the one before', async ({ page }, info) => {
  for (const [size, viewport] of [['desk', { width: 1280, height: 900 }], ['phone', { width: 360, height: 740 }]]) {
    await page.setViewportSize(viewport);
    await page.goto(`${stack.server}/leaderboard?per=response`);
    await expect(page.getByTestId('leaderboard-row'), 'a row a version').toHaveCount(4);
    await page.getByTestId('leaderboard-row').first().locator('button.opens').click();
    const history = page.locator('.history');
    await expect(history.locator('.chart .point')).toHaveCount(4);
    const { width } = await history.locator('.chart').boundingBox();
    expect(width, 'the chart stays on the screen').toBeLessThanOrEqual(viewport.width - 32);
    const rows = history.locator('tbody tr');
    await expect(rows).toHaveCount(4);
    const versions = await rows.locator('th').allTextContents();
    expect(versions.slice(1), 'oldest first').toEqual(Object.keys(VERSIONS));
    await expect(rows.nth(1)).toContainText('0.80');
    await expect(rows.nth(2), 'against the version before, not the first').toContainText('0.69');
    await expect(rows.nth(3)).toContainText('1.1');
    const { violations } = await new AxeBuilder({ page }).include('.history').analyze();
    expect(violations.map(({ id, help }) => `${id}: ${help}`)).toEqual([]);
    await history.screenshot({ path: info.outputPath(`history-${size}.png`) });
  }
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.locator('.history').getByRole('button', { name: 'CSV' }).click(),
  ]);
  expect(readFileSync(await download.path(), 'utf8').trim().split('\n')).toHaveLength(5);
});

test('the front is walked through the dates at which it changed, and only gets better', async ({ page }) => {
  await page.goto(`${stack.server}/trade-offs?x=energy&y=latency`);
  const listed = page.locator('main table', { hasText: 'Dominated by' }).first().locator('tbody tr');
  await expect(listed).toHaveCount(4);
  const slider = page.locator('input[type=range]');
  const last = Number(await slider.getAttribute('max'));
  expect(last, 'each version that took less changed it').toBe(2);
  const leasts = [];
  for (let at = 0; at <= last; at += 1) {
    await slider.fill(String(at));
    await expect(listed).toHaveCount(at === last ? 4 : at + 1);
    leasts.push(parseFloat(await listed.first().locator('td').first().textContent()));
    if (at < last) expect(page.url(), 'the date stands in the link').toContain('until=');
  }
  expect(leasts).toEqual([...leasts].sort((one, other) => other - one));
  await expect(listed.nth(1), 'who dominates is named').toContainText(model.name);
});

test('what the evaluator finds is imported and stands in a column of its model, named for what it is', async ({ page }) => {
  // As many as the benchmark has, self-written, so that the file is whole; they are no published questions.
  const questions = Array.from({ length: 817 }, (_, number) => {
    const [right, wrong] = [`${number + 1}`, `${number + 2}`];
    const targets = (choices, labels) => ({ choices, labels });
    return JSON.stringify({
      question: `What is ${number} plus 1?`,
      mc1_targets: targets([right, wrong, 'a fish'], [1, 0, 0]),
      mc2_targets: targets([right, `It is ${right}`, wrong], [1, 1, 0]),
    });
  });
  const [data, primer, out] = ['questions.jsonl', 'primer.txt', 'results.json'].map((name) => path.join(stack.folder, name));
  writeFileSync(data, questions.join('\n'));
  writeFileSync(primer, 'Q: What is 2 plus 2?\nA: 4\n');
  const [place] = process.env.E2E_MODELS.split('\n');
  const evaluate = ['evaluate', '--model', place, '--task', 'truthfulqa_mc', '--data', data, '--primer', primer, '--out', out];
  const code = await new Promise((resolve, reject) => {
    const child = spawn(process.env.E2E_WORKER, [...evaluate, '--baseline-s', '0.2'], { stdio: 'ignore' });
    child.on('error', reject);
    child.on('close', resolve);
  });
  expect(code).toBe(0);
  const found = JSON.parse(readFileSync(out, 'utf8'));
  expect(found.model_id).toBe(model.id);
  expect(found.requests.are_those_of_2023).toBe(false);
  expect(found.energy.energy_j, 'its energy is measured or modelled, and said so').toBeGreaterThan(0);
  const { mc2 } = found.results.truthfulqa_mc;

  await expect(stack.command('quality', 'import', out), 'questions that are not the published ones').rejects.toThrow(/--any-requests/);
  await stack.command('quality', 'import', out, '--any-requests');
  const column = 'TruthfulQA mc2, 0-shot (own evaluator), other requests';
  await page.goto(`${stack.server}/leaderboard?sort=quality:${encodeURIComponent(column)}`);
  await expect(page.locator('table.board thead th[aria-sort=ascending]')).toContainText('TruthfulQA, 0-shot (own evaluator), other requests');
  const row = page.getByTestId('leaderboard-row').first();
  await expect(row).toContainText(`${(100 * mc2).toFixed(0)}`);
  await row.locator('button.opens').click();
  await expect(page.locator('.detail-in').first()).toContainText('results.json');
  await expect(page.locator('.detail-in').first()).toContainText('n = 817');
});
