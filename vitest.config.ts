import { defineConfig } from 'vitest/config';

/** A minute of steady load, and kills at chosen moments: what else runs beside them would be part of the measurement. */
const ALONE = ['test/e2e/reload.test.ts', 'test/store/kill.test.ts'];

export default defineConfig({
  test: {
    globalSetup: ['test/build-once.ts'],
    setupFiles: ['test/laws-setup.ts', 'test/protocol-evidence.ts'],
    reporters: ['default', ['json', { outputFile: 'test-results.json' }]],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 60_000,
    projects: [
      {
        extends: true,
        // The default leaves one core of two idle.
        test: {
          name: 'rest',
          include: ['test/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
      { extends: true, test: { name: 'alone', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
});
