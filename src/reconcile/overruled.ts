// Owns what is told where this process has another value of a secret than somebody else has stored since. Never tells a value.

import { compareText, qualifiedName } from '../model/address.ts';
import { authenticatesWithMac } from '../model/settings.ts';
import type { State } from '../model/state.ts';
import type { Held } from './secrets.ts';

/** How many owners are named. */
const MOST = 5;

/** `state` is the one that is served. */
export function speakOverruled(overruled: readonly Pick<Held, 'address' | 'slot'>[], state: State | undefined): string {
  const owners = unique(overruled.map(({ address }) => qualifiedName(address)));
  const variables = unique(overruled.flatMap(({ slot }) => (slot.startsWith('env:') ? [slot.slice(4)] : [])));
  const files = unique(overruled.flatMap(({ slot }) => (slot.startsWith('file:') ? [slot.slice(5)] : [])));
  const signing = overruled.flatMap(({ address }) => {
    const entity = state?.get(address);
    return entity?.kind === 'application' && authenticatesWithMac(entity) ? [qualifiedName(address)] : [];
  });
  const sentences = [
    `Another process stored new secrets of ${listed(owners)}, and they count: this one has other values.`,
    variables.length === 0
      ? []
      : `Its environment is older (${listed(variables)}): set the new values there before it is started again, as a start brings in what it finds.`,
    files.length === 0 ? [] : `It reads something else in ${listed(files)}, which counts again once it changes.`,
    signing.length === 0
      ? []
      : `What ${listed(unique(signing))} signs can only be checked with the new value itself: restart this server with it.`,
  ];
  return sentences.flat().join(' ');
}

function unique(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort(compareText);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST).join(', ');
  return names.length > MOST ? `${shown} and ${names.length - MOST} more` : shown;
}
