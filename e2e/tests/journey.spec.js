// The whole way of a prompt through the page: asked, answered, counted, shared, ranked.
import { PATIENCE, expect, test } from './site.js';

test('a prompt becomes an answer with joules, a permalink and a row in the leaderboard', async ({ page }) => {
  await page.goto('/');
  const model = page.getByTestId('model-option').first();
  await expect(model).toBeVisible();

  const submit = page.getByTestId('submit');
  await expect(submit, 'nothing is asked yet').toBeDisabled();
  await page.getByTestId('prompt-text').fill('What is 17 plus 25?');
  if (!(await model.isChecked())) await model.check();
  await expect(submit).toBeEnabled();
  await submit.click();
  await expect(page).toHaveURL(/\/p\/[0-9a-f-]+/);

  const card = page.getByTestId('run-card').first();
  await expect(card).toHaveAttribute('data-state', 'measured', { timeout: PATIENCE });
  const runId = await card.getAttribute('data-run-id');
  const answer = (await card.getByTestId('answer').innerText()).trim();
  expect(answer).not.toBe('');

  const energy = card.getByTestId('energy-figure').first();
  const toggle = page.getByTestId('unit-toggle').first();
  await expect(energy).toHaveText(/\d.*\bm?J\b/);
  const joules = await energy.innerText();
  await expect(card.getByTestId('label-badge').first()).toHaveText(/measured|modelled|simulated/i);
  await expect(card.getByTestId('verdict').first()).not.toBeEmpty();

  await toggle.getByRole('button', { name: 'Wh', exact: true }).click();
  await expect(energy).toHaveText(/\d.*Wh\b/);
  await expect(page).toHaveURL(/unit=/);
  await toggle.getByRole('button', { name: 'W', exact: true }).click();
  await expect(energy).toHaveText(/\d.*W\b/);
  await toggle.getByRole('button', { name: 'J', exact: true }).click();
  await expect(energy).toHaveText(joules);

  await card.getByTestId('permalink').click();
  await expect(page).toHaveURL(new RegExp(`/r/${runId}`));
  const shared = page.getByTestId('run-card').first();
  await expect(shared).toHaveAttribute('data-run-id', runId);
  await expect(shared.getByTestId('answer')).toHaveText(answer);
  await expect(shared.getByTestId('energy-figure').first()).toHaveText(joules);

  await page.reload();
  await expect(shared.getByTestId('answer'), 'the link opens the same result anew').toHaveText(answer);
  await expect(shared.getByTestId('energy-figure').first()).toHaveText(joules);

  const { model: asked } = await (await page.request.get(`/api/v1/runs/${runId}`)).json();
  await page.goto('/leaderboard');
  await expect(page.locator(`[data-testid="leaderboard-row"][data-model="${asked.id}"]`).first()).toBeVisible();
});

test('the page refuses what the server would refuse', async ({ page }) => {
  await page.goto('/');
  const submit = page.getByTestId('submit');
  const text = page.getByTestId('prompt-text');
  await expect(page.getByTestId('model-option').first()).toBeVisible();
  await text.fill('   ');
  await expect(submit).toBeDisabled();
  await text.fill('a'.repeat(8_001));
  await expect(submit).toBeDisabled();
  const response = await page.request.post('/api/v1/prompts', {
    data: { text: 'a'.repeat(8_001), models: ['nobody/nothing:f32'] },
  });
  expect(response.status()).toBe(422);
  expect(await response.json()).toMatchObject({ code: expect.any(String), message: expect.any(String) });
});

test('a view is its address: the toggles of a link survive a reload', async ({ page }) => {
  await page.goto('/leaderboard');
  const toggle = page.getByTestId('unit-toggle').first();
  await toggle.getByRole('button', { name: 'Wh', exact: true }).click();
  await expect(page).toHaveURL(/unit=/);
  await page.reload();
  await expect(toggle.getByRole('button', { name: 'Wh', exact: true })).toHaveAttribute('aria-pressed', 'true');
});
