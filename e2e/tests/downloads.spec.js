// Every table that can be taken along: the file holds what the page shows, row by row, under the names of its columns.
import { readFileSync } from 'node:fs';
import { call, drawn, expect, test } from './site.js';
import { stillServer } from './still.js';

test.describe.configure({ mode: 'parallel' });

/** The rows of the page that a file holds, by the file's name. A long list shows a page of them, and says how many it has. */
const ROWS = {
  'jouleboard-leaderboard': async (page) =>
    (await page.locator('table.board').evaluateAll((lists) => lists.map((list) => list.ariaRowCount - 1))).reduce((sum, rows) => sum + rows),
  'jouleboard-history': '.history tbody tr',
  'jouleboard-kinds': '.heat tbody td:not(.whole)',
  'jouleboard-trade-offs': '[id^=front-] tbody tr',
  'jouleboard-runtime': '#stacks tbody tr',
  // A stack that could not be fitted tells why in place of its figures.
  'jouleboard-phases': '#phases tbody tr:not(:has([colspan]))',
  'jouleboard-profile': '#profile tbody tr',
  'jouleboard-fits': '#fits tbody tr',
  'jouleboard-estimates': '[id^=estimates-] tbody tr',
  'jouleboard-published': '#published tbody tr',
  'jouleboard-carbon': '#zones tbody tr',
  'jouleboard-carbon-hours': '#hours tbody tr',
  'jouleboard-battles': '#battle-ranking tbody tr',
  'jouleboard-runs': '#runs tbody tr',
  'jouleboard-campaigns': '#campaigns tbody tr',
  'jouleboard-streaming-cost': '#streaming-cost tbody tr',
  'jouleboard-parts': '#parts tbody tr',
  'jouleboard-overhead': '#overhead tbody tr',
  'jouleboard-readings': '#readings tbody tr',
  // The file holds each gap, the page how many lie in each class.
  'jouleboard-gaps': async (page) =>
    (await page.locator('#gaps tbody td:last-child').allTextContents()).reduce((sum, count) => sum + Number(count), 0),
  // No page lists each reading.
  'power-trace': null,
};
/** Each view with what is taken along there. */
const VIEWS = {
  '/leaderboard': ['jouleboard-leaderboard'],
  '/leaderboard?find=model-0&machine=machine-0&task=plain': ['jouleboard-leaderboard', 'jouleboard-history'],
  '/kinds': ['jouleboard-kinds'],
  '/trade-offs': ['jouleboard-trade-offs'],
  '/runtime': ['jouleboard-runtime', 'jouleboard-phases', 'jouleboard-profile', 'jouleboard-fits'],
  '/estimates': ['jouleboard-estimates', 'jouleboard-published'],
  '/carbon': ['jouleboard-carbon', 'jouleboard-carbon-hours'],
  '/battle': ['jouleboard-battles'],
  '/runs?campaign=e2e': ['jouleboard-runs'],
  '/machines': ['jouleboard-campaigns'],
  '/method': ['jouleboard-streaming-cost'],
  '/r/{run}': ['power-trace', 'jouleboard-gaps', 'jouleboard-parts', 'jouleboard-overhead', 'jouleboard-readings'],
};

/** The fields of each line of a file by RFC 4180. */
function fields(csv) {
  const lines = [[]];
  for (const [, field, end] of csv.matchAll(/("(?:[^"]|"")*"|[^",\r\n]*)(,|\r\n|$)/g)) {
    lines.at(-1).push(field);
    if (end === '\r\n') lines.push([]);
  }
  // What follows the last line's end is no line.
  expect(lines.pop().join('')).toBe('');
  return lines;
}

/** The columns and the number of rows of a file; of a Parquet file only that it is one. */
function read(ending, bytes) {
  if (ending === 'parquet') {
    expect([bytes.subarray(0, 4), bytes.subarray(-4)].map(String)).toEqual(['PAR1', 'PAR1']);
    return {};
  }
  if (ending === 'json') {
    const rows = JSON.parse(bytes.toString());
    return { columns: rows.length > 0 ? Object.keys(rows[0]) : undefined, rows: rows.length };
  }
  const [head, ...rows] = fields(bytes.toString());
  for (const row of rows) expect(row, 'as many fields as columns').toHaveLength(head.length);
  return { columns: head, rows: rows.length };
}

/** How many rows a list of the page has. */
async function shown(page, name) {
  expect(ROWS, 'what the file holds is known').toHaveProperty([name]);
  const rows = ROWS[name];
  return typeof rows === 'string' ? page.locator(rows).count() : rows?.(page);
}

/** Downloads of one page after which Chromium asks its user. */
const AT_ONCE = 10;

/** What stands behind a disclosure can be taken along too. */
async function unfold(page) {
  const closed = page.locator('main details:not([open]) > summary');
  while ((await closed.count()) > 0) await closed.first().click();
}

for (const [path, names] of Object.entries(VIEWS)) {
  test(`what ${path} shows can be taken along as it is shown`, async ({ page, baseURL }) => {
    await stillServer(page, baseURL, 40);
    const { runs } = await call(baseURL, 'GET', '/runs?state=measured&origin=campaign&limit=1');
    await page.goto(path.replace('{run}', runs[0].id));
    await drawn(page);
    if (names.includes('jouleboard-history')) await page.getByTestId('leaderboard-row').first().locator('button.opens').click();
    const more = page.getByRole('button', { name: 'Show more' });
    while (await more.isVisible()) {
      const rows = await page.locator('#runs tbody tr').count();
      await more.click();
      await expect(page.locator('#runs tbody tr')).not.toHaveCount(rows);
    }

    await unfold(page);
    const found = {};
    for (const [at, button] of (await page.locator('.download :is(button, a)').all()).entries()) {
      if (at === AT_ONCE) {
        await page.reload();
        await drawn(page);
        await unfold(page);
      }
      const [download] = await Promise.all([page.waitForEvent('download'), button.click()]);
      const [, name, ending] = download.suggestedFilename().match(/^(.*)\.(csv|json|parquet)$/);
      found[name] ??= {};
      found[name][ending] = read(ending, readFileSync(await download.path()));
    }
    expect(Object.keys(found).sort(), 'each table has its files').toEqual(names.toSorted());
    for (const [name, { csv, json }] of Object.entries(found)) {
      const rows = (await shown(page, name)) ?? csv.rows;
      expect(csv.rows, `rows of ${name}`).toBe(rows);
      expect(json.rows, `rows of ${name}`).toBe(rows);
      expect(csv.columns.filter((column) => column !== ''), 'every column has a name').toEqual([...new Set(csv.columns)]);
      if (json.columns) expect(json.columns.toSorted(), `columns of ${name}`).toEqual(csv.columns.toSorted());
    }
  });
}
