// A battle: hidden answers, a vote, then what each took, then the names; and the ranking that votes give.
import { PATIENCE, call, expect, test } from './site.js';

test.describe.configure({ mode: 'serial' });

test('two hidden answers, a vote, their energies, and the names at last', async ({ page }) => {
  const told = [];
  page.on('response', async (response) => {
    if (/\/api\/v1\/battles\/[0-9a-f-]+$/.test(response.url())) told.push(await response.text().catch(() => ''));
  });
  await page.goto('/battle');
  await page.getByTestId('battle-text').fill('What is 12 plus 30?');
  await page.getByTestId('battle-start').click();
  await expect(page).toHaveURL(/\/b\/[0-9a-f-]+/);
  await expect(page.getByRole('heading', { name: 'Which answer is better?' })).toBeVisible({ timeout: PATIENCE });
  expect(told.length).toBeGreaterThan(0);
  for (const body of told) expect(body, 'nothing names a model before the vote').not.toMatch(/demo-|run_id|energy_j/);
  await expect(page.getByTestId('battle-energy')).toHaveCount(0);

  await page.locator('#vote-first').click();
  await expect(page.getByTestId('battle-energy')).toHaveCount(2);
  await expect(page.locator('.battle-ask')).toContainText(/used .* the energy of|cannot be compared/);
  const worth = page.locator('#worth-yes');
  if (await worth.isVisible()) {
    await expect(page.locator('.battle-name'), 'the names wait for the second answer').toHaveCount(0);
    await worth.click();
  }
  await expect(page.locator('.battle-name')).toHaveCount(2);
  await page.reload();
  await expect(page.locator('.battle-name'), 'the link shows the same battle').toHaveCount(2);
  await expect(page.locator('#vote-first')).toHaveCount(0);
});

test('while answers come, each side says where it is, and the words come before the record', async ({ page }) => {
  const heard = [];
  await page.exposeFunction('heard', (text) => heard.push(text));
  // What the page hears and shows is noted as it comes: some of it is there for a moment only.
  await page.addInitScript(() => {
    const Source = window.EventSource;
    window.EventSource = class extends Source {
      constructor(url) {
        super(url);
        this.addEventListener('message', (message) => window.heard(message.data));
      }
    };
    window.shown = { waiting: 0, words: '' };
    const note = () => {
      const sides = [...document.querySelectorAll('.battle-side')];
      const waiting = sides.filter((side) => side.textContent.includes('Waiting for the other answer'));
      window.shown.waiting = Math.max(window.shown.waiting, waiting.length);
      window.shown.words ||= document.querySelector('.battle-side .answer-live')?.textContent ?? '';
    };
    new MutationObserver(note).observe(document, { childList: true, characterData: true, subtree: true });
  });
  await page.goto('/battle');
  await page.getByTestId('battle-text').fill('Count from one to ten.');
  await page.getByTestId('battle-start').click();
  await expect(page.getByRole('heading', { name: 'Which answer is better?' })).toBeVisible({ timeout: PATIENCE });
  const shown = await page.evaluate(() => window.shown);
  expect(shown.waiting, 'one side waits while the other is made').toBe(1);
  expect(shown.words, 'words are shown as they come').not.toBe('');
  const events = heard.map((text) => JSON.parse(text));
  expect(new Set(events.filter((event) => event.event === 'words').map((event) => event.side))).toEqual(new Set([0, 1]));
  for (const text of heard) expect(text, 'nothing names a model, a run or an instant').not.toMatch(/demo-|_id|at_s|samples/);
});

test('whoever asked can have a battle forgotten, here or by a link, and nobody else', async ({ page, baseURL, context }) => {
  const { battle_id: id, secret } = await call(baseURL, 'POST', '/battles', { text: 'What is 7 plus 8?' });
  await page.goto(`/b/${id}`);
  await expect(page.locator('blockquote')).toHaveText('What is 7 plus 8?');
  await expect(page.locator('#forgetting'), 'a visitor without the secret is not offered it').toHaveCount(0);
  const mine = await context.newPage();
  await mine.goto(`/b/${id}#${secret}`);
  await mine.locator('#forgetting summary').click();
  await mine.locator('#forget').click();
  await expect(mine.getByRole('heading', { level: 1 })).toHaveText('It was removed');
  await page.reload();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('It was removed');
});

test('votes become a ranking that can be taken along', async ({ page }) => {
  await page.goto('/battle');
  const rows = page.locator('#battle-ranking tbody tr');
  await expect(rows.first()).toBeVisible();
  expect(await rows.count()).toBeGreaterThanOrEqual(2);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'CSV' }).click()]);
  expect(download.suggestedFilename()).toBe('jouleboard-battles.csv');
});

test('without two models there is no battle, and the page says so', async ({ page }) => {
  await page.route('**/api/v1/models', (route) =>
    route.fulfill({ status: 200, contentType: 'application/json', body: JSON.stringify({ models: [] }) }),
  );
  await page.goto('/battle');
  await expect(page.locator('main')).toContainText('No two models are here now');
  await expect(page.getByTestId('battle-start')).toHaveCount(0);
  await page.goto('/b/00000000-0000-4000-8000-000000000000');
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(/no such battle/i);
});
