// What every test shares: a page that may not throw, what is asked of every page, and calls of the API from outside of it.
import AxeBuilder from '@axe-core/playwright';
import { test as base, expect } from '@playwright/test';

export { expect };

const API = '/api/v1';
/** How long an answer may take where others are asked for at the same time, on a slow machine. */
export const PATIENCE = 150_000;

/** What pages are looked at on. */
export const SIZES = { desk: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };

/** Every view that shows something the server knows; `{…}` is one of its things. */
export const VIEWS = {
  prompt: '/',
  answer: '/p/{prompt}',
  result: '/r/{run}',
  battle: '/battle',
  bout: '/b/{battle}',
  leaderboard: '/leaderboard',
  kinds: '/kinds',
  'trade-offs': '/trade-offs',
  runtime: '/runtime',
  estimates: '/estimates',
  carbon: '/carbon',
  runs: '/runs',
  machines: '/machines',
  machine: '/machines/{machine}',
};

/** Every test fails when the page throws: that is how a broken bundle shows. */
export const test = base.extend({
  page: async ({ page }, use) => {
    const errors = [];
    page.on('pageerror', (error) => errors.push(`${error.name}: ${error.message}`));
    page.on('console', (message) => {
      // A refused policy or a panic is told on the console only. A failed call that a test made up is not meant.
      const text = message.text();
      if (message.type() === 'error' && !text.startsWith('Failed to load resource')) errors.push(text);
    });
    await use(page);
    expect(errors, 'the page threw or complained').toEqual([]);
  },
});

/** An answer that is made up. */
export const json = (body, status = 200) => ({ status, contentType: 'application/json', body: JSON.stringify(body) });

/** The same answer of a new server: nothing is in its lists but the grids, which it knows from a table. */
export const emptied = (answer) =>
  Object.fromEntries(Object.entries(answer).map(([key, value]) => [key, Array.isArray(value) && key !== 'zones' ? [] : value]));

/** Waits until a page is drawn with what it asked for. */
export async function drawn(page) {
  await expect(page.getByRole('heading', { level: 1 })).toBeAttached();
  await expect(page.locator('.skeleton')).toHaveCount(0);
}

/** What makes the page scroll sideways, by its place in the document; runs in the page. */
function wide() {
  const root = document.documentElement;
  if (root.scrollWidth <= root.clientWidth) return [];
  const isCut = (element) => {
    for (let above = element.parentElement; above; above = above.parentElement) {
      if (getComputedStyle(above).overflowX !== 'visible') return true;
    }
    return false;
  };
  return [...document.querySelectorAll('body *')]
    .filter((element) => element.getBoundingClientRect().right > root.clientWidth && !isCut(element))
    .map((element) => `${element.tagName.toLowerCase()}.${element.getAttribute('class')} to ${element.getBoundingClientRect().right}`)
    .concat(`in all ${root.scrollWidth} of ${root.clientWidth}`);
}

/** The page, which has no frames, does not scroll sideways, and nothing in it is in the way of assistive technology. */
export async function well(page) {
  expect(await page.evaluate(wide), 'the page does not scroll sideways; wider than it are').toEqual([]);
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`);
  expect(told).toEqual([]);
}

/** Calls the API of a server and insists on success. */
export async function call(server, method, path, body) {
  const response = await fetch(`${server}${API}${path}`, {
    method,
    headers: { 'content-type': 'application/json' },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** Queues a prompt on one model and returns the id of the run and of the prompt. */
export async function submit(server, text, model, decoding = {}) {
  const answer = await call(server, 'POST', '/prompts', {
    text,
    models: [model],
    decoding: { max_output_tokens: 24, temperature: 0, top_p: 1, seed: 0, ...decoding },
  });
  return { run: answer.run_ids[0], prompt: answer.prompt_id };
}

/** The models on offer, by name and dtype. */
export async function offered(server) {
  return (await call(server, 'GET', '/models')).models;
}

/** Waits until a run is as wanted and returns it. */
export async function runWhen(server, id, isWanted, what, patience = PATIENCE) {
  const until = Date.now() + patience;
  for (;;) {
    const run = await call(server, 'GET', `/runs/${id}`);
    if (isWanted(run)) return run;
    if (Date.now() > until) throw new Error(`run ${id} is ${run.state} after ${patience} ms, not ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export const measured = (server, id, patience) =>
  runWhen(
    server,
    id,
    (run) => {
      if (run.state === 'failed') throw new Error(`run ${id} failed: ${JSON.stringify(run.failure)}`);
      return run.state === 'measured';
    },
    'measured',
    patience,
  );

/** Starts a battle, waits for both answers and votes for the first; returns its id. */
export async function battle(server, text, patience = PATIENCE) {
  const { battle_id } = await call(server, 'POST', '/battles', { text });
  const until = Date.now() + patience;
  for (;;) {
    const { sides } = await call(server, 'GET', `/battles/${battle_id}`);
    if (sides.every((side) => side.state === 'measured')) break;
    if (Date.now() > until) throw new Error(`the battle ${battle_id} has no two answers after ${patience} ms`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  await call(server, 'POST', `/battles/${battle_id}/vote`, { vote: 'first' });
  return battle_id;
}
