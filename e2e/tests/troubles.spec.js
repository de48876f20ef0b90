// Every view while it has nothing to show, while the server is in trouble, while it is out of reach, and while it does not
// answer: at a desk in light and on a phone in dark, drawn, with a way to go on.
import { SIZES, VIEWS, drawn, emptied, expect, json, test, well } from './site.js';

test.describe.configure({ mode: 'parallel' });

const NOBODY = '00000000-0000-4000-8000-000000000000';
/** The views that show something the server knows, of things that it has not. */
const ASKING = Object.fromEntries(Object.entries(VIEWS).map(([view, route]) => [view, route.replace(/\{\w+\}/, NOBODY)]));
/** Those that stay as they are whatever becomes of the server. */
const STILL = { method: '/method', 'no such page': '/no-such-page' };
const API = '**/api/v1/**';
const LOOKS = [[SIZES.desk, 'light'], [SIZES.phone, 'dark']];

const STATES = {
  empty: {
    answer: async (route) => {
      const response = await route.fetch();
      return route.fulfill(response.ok() ? json(emptied(await response.json())) : { response });
    },
    stands: async (main) => {
      const nothing = main.locator('.empty, .lead:has(a)');
      await expect(nothing.first()).toBeVisible();
      for (const each of await nothing.all()) {
        await expect(each.getByRole('heading').first()).toBeVisible();
        await expect(each.locator('p').first()).not.toBeEmpty();
      }
      await expect(nothing.locator('a, code').first(), 'a way to go on').toBeVisible();
    },
  },
  'in trouble': {
    answer: (route) => route.fulfill(json({ code: 'internal', message: 'Something broke; try again later.' }, 500)),
    stands: failed,
  },
  'out of reach': { answer: (route) => route.abort('connectionrefused'), stands: failed },
  'not answering': {
    answer: () => {},
    stands: async (main) => {
      await expect(main.getByRole('status').first()).toContainText(/loading/i);
      await expect(main.getByRole('alert')).toHaveCount(0);
    },
  },
};

/** The cause is told once, with what to do about it. */
async function failed(main) {
  const told = main.getByRole('alert').filter({ visible: true });
  await expect(told).toHaveCount(1);
  await expect(told.getByRole('heading')).toBeVisible();
  await expect(told.locator('p')).not.toBeEmpty();
  await expect(told.getByRole('button', { name: 'Try again' })).toBeEnabled();
}

/** When the server is there again, trying again helps: with all that the page shows, one after the other. */
async function mended(page, answer) {
  await page.unroute(API, answer);
  const again = page.getByRole('button', { name: 'Try again' }).filter({ visible: true });
  while ((await again.count()) > 0) {
    await again.click();
    await drawn(page);
  }
}

// The page may ask again while a test ends; an answer on its way then is nobody's fault.
test.afterEach(async ({ page }) => page.unrouteAll({ behavior: 'ignoreErrors' }));

for (const [state, { answer, stands }] of Object.entries(STATES)) {
  for (const [view, path] of Object.entries(state === 'out of reach' ? { ...ASKING, ...STILL } : ASKING)) {
    test(`${view} is drawn while the server is ${state}`, async ({ page }) => {
      await page.route(API, answer);
      await page.route('**/api/v1/events*', (route) => route.abort());
      await page.goto(path);
      const main = page.locator('#main');
      await expect(main.getByRole('heading', { level: 1 })).toBeAttached();
      if (view in ASKING) await stands(main);
      for (const [size, colorScheme] of LOOKS) {
        await page.setViewportSize(size);
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
        await well(page);
      }
      if (stands === failed && view in ASKING) await mended(page, answer);
    });
  }
}
