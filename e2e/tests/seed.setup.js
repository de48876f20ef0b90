// One measured prompt and the little campaign, so that no view is empty when it is looked at.
import { test as setup, expect } from '@playwright/test';
import { call, measured, offered, submit } from './site.js';

setup('a prompt and a campaign are measured', async ({ baseURL }) => {
  setup.setTimeout(600_000);
  const models = await offered(baseURL);
  expect(models.length, 'the worker offers a model').toBeGreaterThan(0);
  const { run } = await submit(baseURL, 'What is 12 plus 30?', models[0].id);
  await measured(baseURL, run);
  await expect
    .poll(
      async () => {
        const { queued_runs, leased_runs } = await call(baseURL, 'GET', '/machines');
        return queued_runs + leased_runs;
      },
      { message: 'the campaign is measured', timeout: 540_000, intervals: [500] },
    )
    .toBe(0);
});
