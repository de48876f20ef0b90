// Every view as people see it: at a desk and on a phone, in light and in dark, without an error, without
// an obstacle for assistive technology, with a picture kept.
import path from 'node:path';
import { SIZES, VIEWS, battle, drawn, expect, measured, offered, submit, test, well } from './site.js';

let ids;

test.beforeAll(async ({ baseURL }) => {
  const [model] = await offered(baseURL);
  ids = await submit(baseURL, 'Translate to German: the red house', model.id);
  await measured(baseURL, ids.run);
  ids.machine = 'e2e';
  ids.battle = await battle(baseURL, 'What is 12 plus 30?');
});

for (const [view, route] of Object.entries({ ...VIEWS, method: '/method' })) {
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const scheme of ['light', 'dark']) {
      test(`${view} is well at ${size} size in ${scheme}`, async ({ page }, info) => {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
        await page.goto(route.replace(/\{(\w+)\}/, (_, thing) => ids[thing]));
        await drawn(page);
        if (view === 'answer' || view === 'result') await expect(page.getByTestId('energy-figure').first()).toBeVisible();
        if (view === 'leaderboard') await expect(page.getByTestId('leaderboard-row').first()).toBeVisible();

        await well(page);

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
