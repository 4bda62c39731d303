// Owns specs for the tests of pictures: large ones made by rule, and States of one text. Never reads a file.

import type { AccessIndex } from '../../src/access/access-index.ts';
import { indexState } from '../../src/access/access-index.ts';
import type { Declared } from '../../src/reconcile/load.ts';
import { compile } from '../../src/spec/compile.ts';

export const NOW = Date.parse('2026-11-22T12:00:00Z');

const SERVER = {
  server: { issuer: 'http://localhost:8080' },
  methods: { service: { type: 'client_credentials' }, pin: { type: 'password' } },
  scopes: { refund: { descriptions: [{ key: 'en', value: 'Give money back' }] } },
};

/** Compiles site documents beside a server with the methods `service` and `pin` and the scope `refund`. */
export function declare(...sites: readonly object[]): Declared & { readonly index: AccessIndex } {
  const files = [SERVER, ...sites].map((site, number) => ({ path: `${number}.yaml`, text: JSON.stringify(site) }));
  const compiled = compile(files);
  if (!compiled.ok) {
    const errors = compiled.diagnostics.filter(({ severity }) => severity === 'error');
    throw new Error(errors.map(({ code, detail }) => `${code}: ${detail}`).join('\n'));
  }
  return { ...compiled.value, index: indexState(compiled.value.state) };
}

/**
 * Sites of teams. Each has services that are open to one group each; jobs that act as a user of their own, are open to the team's
 * group of jobs, and ask for a service of their team and one of the next; and people in a few groups.
 */
export function teams(sites: number, services: number, jobs: number, people: number): readonly object[] {
  return Array.from({ length: sites }, (_, team) => {
    const previous = `Team${(team + sites - 1) % sites}`;
    const numbers = (length: number) => Array.from({ length }, (_, number) => number);
    return {
      site: `Team${team}`,
      methods: ['service', 'pin'],
      applications: {
        ...Object.fromEntries(
          numbers(services).map((number) => [
            `service${number}`,
            {
              client_id: `t${team}-service${number}`,
              methods: ['service'],
              allowed_to: [`callers${number}`],
              secret: secret(`S${team}_${number}`),
            },
          ]),
        ),
        ...Object.fromEntries(
          numbers(jobs).map((number) => [
            `job${number}`,
            {
              client_id: `t${team}-job${number}`,
              methods: ['service'],
              allowed_to: ['jobs'],
              impersonates: `robot${number}`,
              secret: secret(`J${team}_${number}`),
              metadata: {
                grant_types: ['client_credentials'],
                scope: `t${team}-service${number % services} t${(team + 1) % sites}-service${number % services}`,
              },
            },
          ]),
        ),
      },
      groups: {
        jobs: { members: numbers(jobs).map((number) => `robot${number}`) },
        staff: { members: numbers(people).map((number) => `person${number}`) },
        ...Object.fromEntries(
          numbers(services).map((service) => [
            `callers${service}`,
            {
              members: numbers(jobs)
                .filter((number) => number % services === service)
                .flatMap((number) => [`robot${number}`, ...(sites > 1 ? [`${previous}/robot${number}`] : [])]),
            },
          ]),
        ),
      },
      users: {
        ...Object.fromEntries(numbers(jobs).map((number) => [`robot${number}`, { methods: ['service'] }])),
        ...Object.fromEntries(numbers(people).map((number) => [`person${number}`, { methods: ['pin'] }])),
      },
    };
  });
}

function secret(name: string): object {
  return { env: name };
}
