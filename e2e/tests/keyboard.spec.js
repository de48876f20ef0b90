// Every view by keyboard alone: the tab key reaches all that can be used, in the order of the page, and shows where it is.
// And for whoever asks for less motion nothing moves.
import { drawn, expect, test } from './site.js';
import { stillServer } from './still.js';

test.describe.configure({ mode: 'parallel' });

const VIEWS = ['/', '/battle', '/leaderboard', '/kinds', '/trade-offs', '/runtime', '/estimates', '/carbon', '/runs', '/machines', '/method'];

/** Notes each element that gets the focus, and whether that is seen; returns how many can have it. Runs in the page. */
function watch() {
  const usable = 'a[href], button, input, select, textarea, summary, [tabindex="0"]';
  // What a list offers may come later than the list.
  const name = (element) => `${element.localName} ${element.id || element.textContent.slice(0, 30)}`;
  const isRinged = (element) => {
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2;
  };
  window.met = [];
  document.addEventListener('focusin', ({ target }) => {
    // A box that is ticked may be small: then what it stands in shows the ring.
    window.met.push({ name: name(target), isRinged: isRinged(target) || isRinged(target.parentElement) });
  });
  const all = [...document.querySelectorAll(usable)].filter((each) => each.checkVisibility() && !each.disabled && each.tabIndex >= 0);
  return all.map(name);
}

for (const path of VIEWS) {
  test(`the tab key walks through ${path} in order, and is seen where it is`, async ({ page, baseURL }) => {
    await stillServer(page, baseURL, 12);
    await page.goto(path);
    await drawn(page);
    const all = await page.evaluate(watch);
    for (let pressed = 0; pressed < all.length; pressed += 1) await page.keyboard.press('Tab');
    const met = await page.evaluate(() => window.met);
    expect(met.map(({ name }) => name)).toEqual(all);
    expect(met.filter(({ isRinged }) => !isRinged).map(({ name }) => name), 'these show no ring').toEqual([]);
  });
}

test('what moves while a page loads stands still for whoever asks for less motion', async ({ page }) => {
  await page.route('**/api/v1/**', () => {});
  await page.goto('/leaderboard');
  await expect(page.locator('.skeleton')).toBeVisible();
  const moving = () => page.evaluate(() => document.getAnimations().length);
  expect(await moving(), 'there is something to stop').toBeGreaterThan(0);
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await expect.poll(moving).toBe(0);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
});
