// What the analysis views promise: formulas with their errors in place, everything in the URL, tables behind charts.
import { PATIENCE, call, drawn, expect, test } from './site.js';

/** Opens a view and waits until it is drawn. */
async function open(page, path) {
  await page.goto(path);
  await drawn(page);
}

test('a formula becomes a column, is sorted by, and stands in the link', async ({ page }) => {
  await open(page, '/leaderboard');
  await page.locator('#own-columns > summary').click();
  await page.locator('#formula').fill('Cost: energy_j * laten');
  await expect(page.locator('#formula-says')).toContainText('there is no column laten');
  await expect(page.locator('#formula')).toHaveAttribute('aria-invalid', 'true');
  await page.getByRole('button', { name: 'latency_s', exact: true }).click();
  await expect(page.locator('#formula-says')).toContainText('Understood');
  await page.locator('#formula-add').click();
  const head = page.locator('button.sort', { hasText: 'Cost' }).first();
  await expect(head).toBeVisible();
  await head.click();
  await expect(page.locator('th[aria-sort=ascending]').first()).toContainText('Cost');
  const shared = page.url();
  expect(shared).toContain('f=');
  await open(page, shared);
  await expect(page.locator('th[aria-sort=ascending]').first()).toContainText('Cost');
});

test('a broken formula in a link says what is wrong and can be removed', async ({ page }) => {
  await open(page, '/leaderboard?f=energy_j%20*%20*');
  await expect(page.locator('.written')).toContainText('stands where a number, a column or');
  await page.locator('.written button', { hasText: 'Remove' }).click();
  await expect(page.locator('.written')).toHaveCount(0);
  expect(page.url()).not.toContain('f=');
});

test('a condition keeps the rows that meet it', async ({ page }) => {
  await open(page, '/leaderboard');
  const rows = page.getByTestId('leaderboard-row');
  await expect(rows.first()).toBeVisible();
  await page.locator('#keep').fill('energy_j < 0');
  await page.locator('#keep').press('Enter');
  await expect(rows).toHaveCount(0);
  await page.locator('#keep').fill('energy_j >');
  await page.locator('#keep').press('Enter');
  await expect(page.locator('#keep-says')).toBeVisible();
  await expect(rows.first()).toBeVisible();
});

test('a condition may be about a column that the visitor wrote', async ({ page }) => {
  await open(page, '/leaderboard?f=worth%3A%201%20%2F%20energy_j&keep=worth%20%3E%200');
  await expect(page.getByTestId('leaderboard-row').first()).toBeVisible();
  await expect(page.locator('#keep-says')).toHaveCount(0);
  await page.locator('#keep').fill('worth < 0');
  await page.locator('#keep').press('Enter');
  await expect(page.getByTestId('leaderboard-row')).toHaveCount(0);
});

test("fixed questions come first, and visitors' prompts are a list of their own", async ({ page }) => {
  await open(page, '/leaderboard');
  const heads = page.locator('.ground-head h2');
  await expect(heads.first()).toContainText('fixed questions of campaigns, one answer at a time');
  const visitors = page.locator('section.ground', { hasText: "visitors' prompts" });
  await expect(visitors.first()).toContainText('No ranking of models');
  await expect(visitors.first().getByTestId('leaderboard-row').first()).toBeVisible();
});

test('a row opens to every figure, the day of its first run, and its runs', async ({ page }) => {
  await open(page, '/leaderboard?origin=campaign');
  await page.getByTestId('leaderboard-row').first().locator('button.opens').click();
  const detail = page.locator('.detail-in').first();
  for (const name of ['Throughput', 'ITL p50', 'ITL p95', 'ITL p99', 'Per input token', 'Tokens per joule', 'Right', 'Clean', 'CO₂e', 'SCI', 'Per correct answer'])
    await expect(detail.locator('.facts dt', { hasText: name }).first()).toBeVisible();
  await expect(detail.locator('.list', { hasText: 'Stands on' })).toContainText(/First measured.*\d{4}/);
  await detail.getByRole('link', { name: 'Its runs, one by one' }).click();
  await expect(page).toHaveURL(/\/runs\?.*model=/);
  await expect(page.locator('main table tbody tr').first()).toBeVisible();
});

test('a formula is an axis of the trade-offs, whose front is also a table', async ({ page }) => {
  await open(page, '/trade-offs?f=Worth%3A%20energy_j%20*%20latency_s&y=Worth%3A%20energy_j%20*%20latency_s');
  await expect(page.locator('.chart').first()).toContainText('Worth');
  await expect(page.locator('main table', { hasText: 'Dominated by' }).first()).toContainText('on the front');
  await page.getByLabel('layers').check();
  expect(page.url()).toContain('layers=shown');
});

test('runtimes are predicted for lengths that the link keeps, with what the fit is worth', async ({ page }) => {
  await open(page, '/runtime');
  await expect(page.getByRole('heading', { name: 'What the fits are worth' })).toBeVisible();
  await page.locator('#out').fill('7');
  await expect(page.getByRole('heading', { level: 2 }).first()).toContainText('7 tokens');
  expect(page.url()).toContain('out=7');
  await expect(page.locator('.chart figcaption').first()).toContainText(/measured, prompts of \d+/);
  await page.locator('#own-run').fill('nonsense');
  await page.locator('#own-run').press('Enter');
  await expect(page.locator('main')).toContainText('This is no id of a run');
});

test('a run leads to its time beside the idealized one', async ({ page, baseURL }) => {
  const { runs } = await call(baseURL, 'GET', '/runs?state=measured&origin=campaign&limit=1');
  await open(page, `/r/${runs[0].id}`);
  await page.getByRole('link', { name: 'Its time beside the idealized one' }).click();
  await expect(page).toHaveURL(/\/runtime\?.*run=/);
  const own = page.locator('section', { hasText: 'Your own run beside its idealized time' });
  await expect(own.locator('.facts')).toContainText('Raw over idealized');
  await expect(own).toContainText('×');
  await expect(own, 'the model of the run is the one that is fitted').not.toContainText('The ratio compares the two models');
});

test('a measured row stands beside its estimate with a factor and reasons', async ({ page }) => {
  await open(page, '/estimates');
  await expect(page.getByTestId('factor')).toContainText('×');
  await expect(page.locator('.reasons li').first()).toBeVisible();
  const factor = await page.getByTestId('factor').textContent();
  await page.getByLabel('Batch that the estimate assumes').selectOption('512');
  expect(page.url()).toContain('assume=512');
  await expect(page.getByTestId('factor')).not.toBeEmpty();
  await expect(page.getByTestId('factor'), 'a small factor is still one').not.toContainText(' 0.00×');
  await expect(page.locator('.beside')).toContainText(/With a share of the server around them it says|Of it .* for the accelerators/);
  expect(factor).not.toBeNull();
});

test('the carbon view says where running and making the machine weigh the same', async ({ page }) => {
  await open(page, '/carbon');
  await expect(page.getByRole('heading', { name: 'Running it or making it' })).toBeVisible();
});

test('a third figure is told by size or colour, in the legend, the table and the link', async ({ page }) => {
  await open(page, '/trade-offs');
  await page.locator('#pick-Third').selectOption('latency');
  await expect(page).toHaveURL(/z=latency/);
  await expect(page.locator('.chart figcaption').first()).toContainText(/Latency.*by size/);
  await expect(page.locator('.key-size').first()).toBeVisible();
  await page.getByRole('button', { name: 'by colour' }).click();
  await expect(page).toHaveURL(/by=colour/);
  await expect(page.locator('.chart figcaption').first()).toContainText(/Latency.*by colour/);
  await expect(page.locator('main table', { hasText: 'Dominated by' }).first().locator('thead')).toContainText('Latency');
});

test('a row tells its history and lets one of its runs be asked again, placed in its interval', async ({ page }) => {
  await open(page, '/leaderboard?origin=campaign');
  await page.getByTestId('leaderboard-row').first().locator('button.opens').click();
  await expect(page.locator('.history')).toContainText(/Only one version|version, oldest first/);
  await page.getByRole('button', { name: 'Replay one of its runs' }).click();
  await expect(page).toHaveURL(/\/r\/[0-9a-f-]+\?against=/);
  const first = page.url();
  await expect(page.getByTestId('replayed')).toContainText(/lies (inside|below|above)|One run tells no spread/);
  await page.getByRole('button', { name: 'Ask the same again' }).click();
  await expect(page).not.toHaveURL(first);
  await expect(page.getByTestId('replayed')).toContainText(/lies (inside|below|above)|One run tells no spread/, { timeout: PATIENCE });
});

test('a chart is one stop of the tab key, and arrow keys go from point to point', async ({ page }) => {
  // No question that is asked meanwhile belongs to a campaign: the points stay as they are.
  await open(page, '/trade-offs?origin=campaign');
  await page.locator('.chart svg').first().focus();
  const here = page.locator('.point:focus');
  await page.keyboard.press('ArrowRight');
  await expect(here).toHaveCount(1);
  const first = await here.getAttribute('aria-label');
  await page.keyboard.press('ArrowRight');
  await expect(here).not.toHaveAttribute('aria-label', first);
  await page.keyboard.press('Home');
  await expect(here).toHaveAttribute('aria-label', first);
  await page.keyboard.press('Tab');
  await expect(here, 'the tab key leaves the chart, however many points it has').toHaveCount(0);
});

test('arrow keys go from cell to cell of the heat map', async ({ page }) => {
  await open(page, '/kinds');
  const cells = page.locator('.heat').first().locator('tbody tr').first().locator('td');
  const isIn = (number) => expect.poll(() => cells.nth(number).evaluate((cell) => cell.contains(document.activeElement))).toBe(true);
  await page.locator('.scroll:has(> .heat)').first().focus();
  await page.keyboard.press('ArrowDown');
  await isIn(0);
  await page.keyboard.press('ArrowRight');
  await isIn(1);
  await page.keyboard.press('ArrowLeft');
  await isIn(0);
});

test('a cell of the heat map opens to the row that it is of', async ({ page }) => {
  await open(page, '/kinds');
  await page.locator('.heat td a').first().click();
  await expect(page).toHaveURL(/\/leaderboard\?.*kind=.*open=/);
  await expect(page.locator('tr.detail')).toContainText('Stands on');
});

test('what is chosen for a prompt stands in the address, its text only where it is shared', async ({ page }) => {
  await open(page, '/');
  await page.locator('.settings > summary').click();
  await page.getByLabel('Seed').fill('7');
  await expect(page).toHaveURL(/seed=7/);
  await page.getByTestId('prompt-text').fill('Only mine?');
  expect(page.url()).not.toContain('mine');
  await page.getByRole('link', { name: 'Link to this question' }).click();
  await expect(page).toHaveURL(/text=Only/);
  await open(page, page.url());
  await expect(page.getByTestId('prompt-text')).toHaveValue('Only mine?');
  await expect(page.locator('.settings > summary')).toBeVisible();
  await page.locator('.settings > summary').click();
  await expect(page.getByLabel('Seed')).toHaveValue('7');
});

test('the first stop of the tab key skips to the content', async ({ page }) => {
  await open(page, '/leaderboard');
  await page.keyboard.press('Tab');
  await expect(page.locator('.skip')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.locator('#main')).toBeFocused();
});
