// Owns where random laws begin: at the same place in every run, so that a check that fails is about the change that is checked.
// `LAWS_SEED=random` begins anywhere, `LAWS_SEED=7` there; a failure prints the seed and the smallest input that was found.

import fc from 'fast-check';

const { LAWS_SEED } = process.env;

if (LAWS_SEED !== 'random') fc.configureGlobal({ seed: Number(LAWS_SEED ?? 1) });
