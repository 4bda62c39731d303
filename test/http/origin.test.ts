import { expect, it } from 'vitest';
import { originOf } from '../../src/http/origin.ts';

it.each([
  [{}, undefined],
  [{ origin: 'https://app.test' }, 'https://app.test'],
  [{ origin: 'https://app.test', 'sec-fetch-site': 'same-origin' }, 'https://app.test'],
  [{ origin: 'null' }, 'null'],
  [{ origin: 'null', 'sec-fetch-site': 'cross-site' }, 'null'],
  [{ origin: 'null', 'sec-fetch-site': 'same-site' }, 'null'],
  [{ origin: 'null', 'sec-fetch-site': 'none' }, 'null'],
  [{ origin: 'null', 'sec-fetch-site': 'same-origin' }, undefined],
  [{ 'sec-fetch-site': 'same-origin' }, undefined],
] as const)('the origin of a request with %j is %j', (headers, origin) => {
  expect(originOf(headers)).toBe(origin);
});
