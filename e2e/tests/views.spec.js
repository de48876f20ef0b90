// Every view as people see it: at a desk and on a phone, in light and in dark, without an error, without
// an obstacle for assistive technology, with a picture kept.
import path from 'node:path';
import AxeBuilder from '@axe-core/playwright';
import { battle, expect, measured, offered, submit, test } from './site.js';

const SIZES = { desk: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } };
const VIEWS = {
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
  machine: '/machines/e2e',
  method: '/method',
};

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

let ids;

test.beforeAll(async ({ baseURL }) => {
  const [model] = await offered(baseURL);
  ids = await submit(baseURL, 'Translate to German: the red house', model.id);
  await measured(baseURL, ids.run);
  ids.battle = await battle(baseURL, 'What is 12 plus 30?');
});

for (const [view, route] of Object.entries(VIEWS)) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const scheme of ['light', 'dark']) {
      test(`${view} is well at ${size} size in ${scheme}`, async ({ page }, info) => {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.goto(route.replace('{prompt}', ids.prompt).replace('{run}', ids.run).replace('{battle}', ids.battle));
        await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
        await expect(page.locator('.skeleton')).toHaveCount(0);
        if (view === 'answer' || view === 'result') await expect(page.getByTestId('energy-figure').first()).toBeVisible();
        if (view === 'leaderboard') await expect(page.getByTestId('leaderboard-row').first()).toBeVisible();

        expect(await page.evaluate(wide), 'the page does not scroll sideways; wider than it are').toEqual([]);

        const { violations } = await new AxeBuilder({ page }).analyze();
        const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.target} ${node.failureSummary}`).join('; ')}`);
        expect(told).toEqual([]);

        const picture = await page.screenshot({ path: info.outputPath(`${view}-${size}-${scheme}.png`) });
        await info.attach('view', { body: picture, contentType: 'image/png' });
        const kept = process.env.E2E_SCREENSHOTS;
        if (kept) {
          const name = size === 'desk' && scheme === 'light' ? `${view}.png` : `other/${view}-${size}-${scheme}.png`;
          await page.screenshot({ path: path.join(kept, name) });
        }
      });
    }
  }
}
