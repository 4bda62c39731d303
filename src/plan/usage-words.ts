// Owns how it reads what of a client or a user is in use. Never counts any (the store does).

import { count } from '../model/count.ts';
import type { Usage } from './port.ts';

/** What may be refreshed, or at least whose it is where none may; empty where nothing was granted. */
export function speakGranted({ families, users }: Pick<Usage, 'families' | 'users'>): string {
  const of = users === 0 ? '' : ` of ${count(users, 'user')}`;
  if (families > 0) return `${count(families, 'refresh family')}${of}`;
  return users === 0 ? '' : `grants${of}`;
}
