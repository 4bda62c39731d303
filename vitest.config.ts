import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/build-once.ts'],
    reporters: ['default', ['json', { outputFile: 'test-results.json' }]],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // The default leaves one core of two idle; what waits for a minute or for a process leaves its core to another file.
    maxWorkers: 2,
  },
});
