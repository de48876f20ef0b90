// How the tests run: against the service that `cargo xtask e2e` started, in the Chromium that is installed.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: 'tests',
  outputDir: 'test-results',
  // One after the other inside a file; two files at once, for the two cores of a small machine.
  workers: 2,
  forbidOnly: true,
  retries: 0,
  // Patience for a machine that does something else as well; a test that passes does not use it.
  timeout: 240_000,
  expect: { timeout: 30_000 },
  reporter: [['list']],
  use: {
    baseURL: process.env.BASE_URL,
    locale: 'en-GB',
    timezoneId: 'UTC',
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    // Something must have been measured before the views can be looked at.
    { name: 'seed', testMatch: 'seed.setup.js' },
    { name: 'site', testMatch: '*.spec.js', dependencies: ['seed'] },
  ],
});
