// What the page says when there is nothing to show, when something failed, and when nobody answers: the
// server's answers are replaced on their way.
import { expect, measured, offered, submit, test } from './site.js';

const json = (body, status = 200) => ({ status, contentType: 'application/json', body: JSON.stringify(body) });

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
  await measured(baseURL, ids.run, 120_000);
});

// The page may ask again while a test ends; an answer on its way then is nobody's fault.
test.afterEach(async ({ page }) => page.unrouteAll({ behavior: 'ignoreErrors' }));

test('without a machine nothing can be asked, and the page says so', async ({ page }) => {
  await page.route('**/api/v1/models', (route) => route.fulfill(json({ models: [] })));
  await page.goto('/');
  await expect(page.locator('main')).toContainText(/no machine/i);
  await expect(page.getByTestId('submit')).toHaveCount(0);
});

test('an empty leaderboard says how it fills', async ({ page }) => {
  await changed(page, '**/api/v1/leaderboard', (board) =>
    Object.fromEntries(Object.entries(board).map(([key, value]) => [key, Array.isArray(value) ? [] : value])),
  );
  await page.goto('/leaderboard');
  await expect(page.locator('main .empty')).toBeVisible();
  await expect(page.getByTestId('leaderboard-row')).toHaveCount(0);
});

test('a server in trouble is told, and trying again helps', async ({ page }) => {
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
