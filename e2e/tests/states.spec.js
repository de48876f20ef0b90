// What the page says when there is nothing to show, when something failed, and when nobody answers: the
// server's answers are replaced on their way.
import { PATIENCE, emptied, expect, json, measured, offered, submit, test } from './site.js';

/** Lets the real answer through, changed. */
async function changed(page, pattern, change) {
  await page.route(pattern, async (route) => {
    const response = await route.fetch();
    await route.fulfill(json(change(await response.json())));
  });
}

let ids;

test.beforeAll(async ({ baseURL }) => {
  const [model] = await offered(baseURL);
  ids = await submit(baseURL, 'What is 3 plus 4?', model.id);
  await measured(baseURL, ids.run);
});

// The page may ask again while a test ends; an answer on its way then is nobody's fault.
test.afterEach(async ({ page }) => page.unrouteAll({ behavior: 'ignoreErrors' }));

/** Asks one more question, of which every page that is open hears. */
async function happen(server) {
  const [model] = await offered(server);
  const { run } = await submit(server, 'What is 5 plus 6?', model.id);
  await measured(server, run);
}

test('a machines page that stays open shows what no event tells, and its ages go on', async ({ page }) => {
  await page.route('**/api/v1/events*', (route) => route.abort());
  const last_seen_at = new Date(Date.now() - 20_000).toISOString();
  let measured_runs = 41;
  await changed(page, '**/api/v1/machines', (all) => ({ ...all, machines: all.machines.map((each) => ({ ...each, last_seen_at, measured_runs })) }));
  await page.goto('/machines');
  const card = page.locator('.machine-card').first();
  await expect(card.locator('.facts')).toContainText('41');
  const heard = card.locator('p.quiet').first();
  const before = await heard.textContent();
  expect(before).toMatch(/Heard of .* ago/);
  await expect(heard).not.toHaveText(before);
  measured_runs = 42;
  await expect(card.locator('.facts')).toContainText('42');
});

test('an answer that a later one has overtaken changes nothing', async ({ page }) => {
  let asked = 0;
  let overtake;
  const isOvertaken = new Promise((resolve) => (overtake = resolve));
  await page.route('**/api/v1/machines', async (route) => {
    const queued_runs = asked++ === 0 ? 71 : 72;
    const response = await route.fetch();
    if (queued_runs === 71) await isOvertaken;
    await route.fulfill(json({ ...(await response.json()), queued_runs }));
  });
  const first = page.waitForRequest('**/api/v1/machines');
  await page.goto('/machines');
  // The page asks again as soon as events come.
  await expect(page.locator('main')).toContainText('72');
  overtake();
  await (await (await first).response()).finished();
  await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
  await expect(page.locator('main')).not.toContainText('71');
});

test('a leaderboard that is open gets its row when something was measured', async ({ page, baseURL }) => {
  let isEmpty = true;
  await changed(page, '**/api/v1/leaderboard', (board) => (isEmpty ? emptied(board) : board));
  await page.goto('/leaderboard');
  await expect(page.locator('main .empty')).toBeVisible();
  isEmpty = false;
  await happen(baseURL);
  await expect(page.getByTestId('leaderboard-row').first()).toBeVisible({ timeout: PATIENCE });
});

test('models that come and go leave what was typed and ticked', async ({ page, baseURL }) => {
  let named = 'as it is';
  await changed(page, '**/api/v1/models', ({ models }) => ({
    models: models.concat({ ...models[0], id: 'newcomer@r1:f32', name: named }),
  }));
  await page.goto('/');
  const newcomer = page.getByRole('group', { name: 'as it is' });
  await newcomer.getByRole('checkbox').check();
  await page.getByTestId('prompt-text').fill('What is 8 plus 9?');
  named = 'another by now';
  await happen(baseURL);
  await expect(page.getByRole('group', { name: named }).getByRole('checkbox')).toBeChecked({ timeout: PATIENCE });
  await expect(page.getByTestId('prompt-text')).toHaveValue('What is 8 plus 9?');
});

test('a run that waits shows how the queue before it moves', async ({ page, baseURL }) => {
  let queue_position = 3;
  await changed(page, `**/api/v1/runs/${ids.run}`, (run) => ({ ...run, state: 'queued', queue_position, ended_at: null, measurement: null }));
  await page.goto(`/r/${ids.run}`);
  const card = page.getByTestId('run-card');
  await expect(card).toContainText('3 runs before this one');
  queue_position = 1;
  await happen(baseURL);
  await expect(card).toContainText('One run before this one', { timeout: PATIENCE });
});

test('without a machine nothing can be asked, and the page says so', async ({ page }) => {
  await page.route('**/api/v1/models', (route) => route.fulfill(json({ models: [] })));
  await page.goto('/');
  await expect(page.locator('main')).toContainText(/no machine/i);
  await expect(page.getByTestId('submit')).toHaveCount(0);
});

test('an empty leaderboard says how it fills', async ({ page }) => {
  await changed(page, '**/api/v1/leaderboard', emptied);
  await page.goto('/leaderboard');
  await expect(page.locator('main .empty')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Ask a model' }), 'and leads there').toHaveAttribute('href', '/');
  await expect(page.getByTestId('leaderboard-row')).toHaveCount(0);
});

test('a server in trouble is told, and trying again helps', async ({ page }) => {
  // The page hears of nothing, so that only the visitor asks again.
  await page.route('**/api/v1/events*', (route) => route.abort());
  await page.route('**/api/v1/leaderboard', (route) =>
    route.fulfill(json({ code: 'internal', message: 'Something broke; try again later.' }, 500)),
  );
  await page.goto('/leaderboard');
  await expect(page.getByRole('alert')).toContainText('Something broke');
  await page.unroute('**/api/v1/leaderboard');
  await page.getByRole('button', { name: 'Try again' }).click();
  await expect(page.getByTestId('leaderboard-row').first()).toBeVisible();
});

test('a server that cannot be reached is told apart from one that refuses', async ({ page }) => {
  await page.route('**/api/v1/machines', (route) => route.abort('connectionrefused'));
  await page.goto('/machines');
  await expect(page.getByRole('alert')).toContainText(/cannot be reached/i);
});

test('a failed run shows its reason and no figure', async ({ page }) => {
  await changed(page, `**/api/v1/runs/${ids.run}`, (run) => ({
    ...run,
    state: 'failed',
    failure: { code: 'attempts_exhausted', message: 'Three machines in a row were lost on the way.' },
    measurement: null,
  }));
  await page.goto(`/r/${ids.run}`);
  const card = page.getByTestId('run-card');
  await expect(card).toHaveAttribute('data-state', 'failed');
  await expect(card).toContainText('Three machines in a row were lost on the way.');
  await expect(card.getByTestId('energy-figure')).toHaveCount(0);
});

test('a run that cools down says how warm it is and how long that takes, beside the places of answer and power', async ({ page }) => {
  await changed(page, `**/api/v1/runs/${ids.run}`, (run) => ({
    ...run,
    state: 'leased',
    ended_at: null,
    measurement: null,
    step: { step: 'cooling', expected_s: 8, temperature_c: 61 },
  }));
  await page.goto(`/r/${ids.run}`);
  const card = page.getByTestId('run-card');
  await expect(card).toContainText(/61.°C.*8.0.s to go/);
  await expect(card).toContainText('The answer appears here');
  await expect(card).toContainText('Its power appears here');
});

test('a waiting run shows its place in the queue', async ({ page }) => {
  await changed(page, `**/api/v1/runs/${ids.run}`, (run) => ({
    ...run,
    state: 'queued',
    queue_position: 3,
    ended_at: null,
    measurement: null,
  }));
  await page.goto(`/r/${ids.run}`);
  const card = page.getByTestId('run-card');
  await expect(card).toHaveAttribute('data-state', 'queued');
  await expect(card).toContainText('3 runs before this one');
});

test('a link to nothing says so', async ({ page }) => {
  await page.goto('/r/00000000-0000-4000-8000-000000000000');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/no such run/i);
  await page.goto('/no-such-page');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/no such page/i);
});

test('runs are filtered by the address, and a filter that nothing fits says so', async ({ page }) => {
  await page.goto('/runs');
  const rows = page.getByTestId('run-row');
  await expect(rows.first()).toBeVisible();
  await page.getByLabel('State').selectOption('measured');
  await expect(page).toHaveURL(/state=measured/);
  await expect(rows.first()).toHaveAttribute('data-state', 'measured');
  await page.goto('/runs?state=failed&campaign=nobody');
  await expect(page.locator('main .empty')).toContainText(/no run fits/i);
  await rows.first().waitFor({ state: 'detached' });
});

test('more runs are shown when they are asked for, none twice', async ({ page, request }) => {
  const first = await (await request.get('/api/v1/runs?limit=2')).json();
  await page.route(/\/api\/v1\/runs\?after=/, (route) =>
    route.fulfill(json({ runs: [{ ...first.runs[1], text: 'The last one' }], next: null })),
  );
  await page.route(/\/api\/v1\/runs$/, (route) => route.fulfill(json({ ...first, runs: first.runs.slice(0, 1) })));
  await page.goto('/runs');
  await expect(page.getByTestId('run-row')).toHaveCount(1);
  await page.getByRole('button', { name: 'Show more' }).click();
  await expect(page.getByTestId('run-row')).toHaveCount(2);
  await expect(page.getByTestId('run-row').last()).toContainText('The last one');
  await expect(page.locator('.pager')).toContainText('all there are');
});

test('a list of runs that cannot be fetched says so, and so does a machine that is not enrolled', async ({ page }) => {
  await page.route('**/api/v1/runs*', (route) => route.abort('connectionrefused'));
  await page.goto('/runs');
  await expect(page.getByRole('alert')).toContainText(/cannot be reached/i);
  await page.unroute('**/api/v1/runs*');
  await page.goto('/machines/nowhere');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('nowhere');
  await expect(page.locator('main')).toContainText(/not enrolled/i);
});

test('a run whose machine is gone says which and since when, and what it waits for', async ({ page }) => {
  await changed(page, `**/api/v1/runs/${ids.run}`, (run) => ({
    ...run,
    state: 'queued',
    queue_position: 0,
    attempts: 1,
    ended_at: null,
    measurement: null,
    machine: null,
    needs: { accelerator: true, measured: false, memory_bytes: 0 },
    gone: { machine: 'doomed', since: '2026-11-21T10:00:00Z' },
    not_before: '2999-01-01T00:00:00Z',
    failure: { code: 'lease_expired', message: 'The machine doomed was not heard of in time.' },
  }));
  await page.goto(`/r/${ids.run}`);
  const card = page.getByTestId('run-card');
  await expect(card.getByTestId('gone')).toContainText('doomed that had this run is gone since 21');
  await expect(card).toContainText('It asks for a machine with an accelerator.');
  await expect(card).toContainText(/tried again in/);
});

test('without any machine for long there is only browsing', async ({ page }) => {
  await changed(page, '**/api/v1/health', (health) => ({ ...health, is_browse_only: true }));
  await page.goto('/');
  await expect(page.getByTestId('browse-only')).toContainText(/nothing can be asked/i);
  await page.getByTestId('prompt-text').fill('What is 1 plus 1?');
  await expect(page.getByTestId('submit')).toBeDisabled();
});

test('what no machine could serve is refused with its reason, and a prompt can be had forgotten', async ({ page }) => {
  await page.goto('/');
  await page.getByTestId('prompt-text').fill('What is 1 plus 1?');
  await page.locator('details.settings summary').click();
  await page.getByLabel('Memory of the machine').fill('900000');
  await page.getByTestId('submit').click();
  await expect(page.getByRole('alert')).toContainText(/no enrolled machine/i);
  await page.getByLabel('Memory of the machine').fill('0');
  await page.getByLabel('Everybody may see it').check();
  await page.getByTestId('submit').click();
  await expect(page).toHaveURL(/\/p\//);
  await expect(page.getByTestId('run-card').first()).toHaveAttribute('data-state', 'measured', { timeout: PATIENCE });
  await page.getByText('Have this prompt forgotten').click();
  await page.getByRole('button', { name: 'Remove it for good' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('It was removed');
});
