// What is switched, picked, typed or sorted on a view that compares: it is done in the page, without a word to the server,
// and stands in the address. What is shown is made up, and stays as it is.
import { drawn, expect, test } from './site.js';
import { stillServer } from './still.js';

test.describe.configure({ mode: 'parallel' });

/** What is picked where not any value will do: one that leaves some rows. */
const PICKED = { 'pick-Label': 'measured', 'pick-Asked by': 'campaign' };
/** What is typed. */
const TYPED = { find: 'model-', keep: 'energy_j > 0', price: '2', in: '5', out: '7', until: '1' };
/** Each view, and what is picked before anything else there: it takes other choices back. */
const VIEWS = {
  leaderboard: [],
  kinds: [],
  'trade-offs': [],
  runtime: ['pick-Idealized on (reference stack)', 'pick-Model'],
  estimates: [],
  carbon: [],
};

/**
 * The next switch that nobody has touched, the last of the page first: those above decide what stands below. Of a row of
 * buttons the first one comes first, so that the last one stays pressed. Runs in the page.
 */
function untouched({ touched, first }) {
  const switches = [...document.querySelectorAll('#main :is(button, select, input)[id]')].filter(
    (each) =>
      each.checkVisibility() &&
      !each.disabled &&
      !touched.includes(each.id) &&
      each.getAttribute('aria-pressed') !== 'true' &&
      each.options?.length !== 1 &&
      // Files, formulas and replays are no switches; one row is as good as another, and so is one list.
      !each.closest('.download, .formula, [id^=replay-], #own-run, tr:not(:first-child) .opens, .ground ~ .ground :is(.board, .pager)'),
  );
  const last = switches.find((each) => first.includes(each.id)) ?? switches.at(-1);
  if (!last) return null;
  const row = last.closest('.segmented');
  const next = row ? switches.find((each) => row.contains(each)) : last;
  const beside = row ? [...row.querySelectorAll('[aria-pressed=true]')].map(({ id }) => id) : [];
  const { id, type, value } = next;
  return { id, type, beside, others: [...(next.options ?? [])].map((option) => option.value).filter((other) => other !== value) };
}

/** Uses a switch for something that it does not say yet. */
async function turn(page, { id, type, others }) {
  const it = page.locator(`[id="${id}"]`);
  if (type === 'select-one') return it.selectOption(others.includes(PICKED[id]) ? PICKED[id] : others.at(-1));
  if (type === 'button' || type === 'submit' || type === 'checkbox') return it.click();
  expect(TYPED, `what is typed into ${id} stands above`).toHaveProperty(id);
  await it.fill(TYPED[id]);
  return it.press('Enter');
}

/** All that a view shows and how its switches stand; runs in the page. */
function shown() {
  const main = document.getElementById('main');
  const switches = [...main.querySelectorAll('input, select, [aria-pressed], [aria-sort], [aria-expanded]')];
  return [
    main.textContent,
    ...switches.map((each) => [each.id, each.value, each.checked, each.ariaPressed, each.ariaSort, each.ariaExpanded].join(' ')),
  ];
}

for (const [view, first] of Object.entries(VIEWS)) {
  test(`${view}: no switch asks the server, each stands in the address, and the address shows the same again`, async ({ page, baseURL }) => {
    await stillServer(page, baseURL, 200);
    await page.goto(`/${view}`);
    await drawn(page);
    const own = page.locator('#own-columns > summary');
    if (await own.isVisible()) await own.click();

    const asked = [];
    page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    const touched = [];
    for (;;) {
      const next = await page.evaluate(untouched, { touched, first });
      if (!next) break;
      touched.push(next.id, ...next.beside);
      const before = page.url();
      await turn(page, next);
      await expect(page, `${next.id} stands in the address`).not.toHaveURL(before);
    }
    expect(touched.length, 'there are switches').toBeGreaterThan(1);
    // Requests come in order: when this one has come, all before it have.
    const counted = page.waitForRequest('**/counted');
    await page.evaluate(() => fetch('/counted'));
    await counted;
    // Chromium looks for the page's icon under each new address.
    expect(asked.filter((path) => !path.startsWith('/assets/icon.')), 'what the switches asked for').toEqual(['/counted']);

    const before = await page.evaluate(shown);
    await page.reload();
    await drawn(page);
    await expect.poll(() => page.evaluate(shown), { message: 'the address shows the same again' }).toEqual(before);
  });
}
